package wire

import (
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// AppendHead appends the head of r exactly as Do sends it, with the empty line
// at its end. Host, Authorization (from the target's user and password) and
// Content-Length are written only when r.Header has no field of that name;
// Content-Length is also left out beside a Transfer-Encoding, and of a bodiless
// GET, HEAD, OPTIONS, TRACE or DELETE.
//
// r must be valid; see [Request.Check].
func AppendHead(dst []byte, r *Request) []byte {
	var host, authorization, length bool
	for i := range r.Header {
		switch name := r.Header[i].Name; len(name) {
		case len("Host"):
			host = host || strings.EqualFold(name, "Host")
		case len("Authorization"):
			authorization = authorization || strings.EqualFold(name, "Authorization")
		case len("Content-Length"):
			length = length || strings.EqualFold(name, "Content-Length")
		case len("Transfer-Encoding"):
			length = length || strings.EqualFold(name, "Transfer-Encoding")
		}
	}
	dst = append(dst, r.method()...)
	dst = append(dst, ' ')
	dst = append(dst, r.Target.uri...)
	dst = append(dst, " HTTP/1.1\r\n"...)
	if !host {
		dst = appendField(dst, "Host", r.Target.header)
	}
	if !authorization && r.Target.basic != "" {
		dst = appendField(dst, "Authorization", r.Target.basic)
	}
	for i := range r.Header {
		dst = appendField(dst, r.Header[i].Name, r.Header[i].Value)
	}
	if r.ExpectContinue {
		dst = appendField(dst, "Expect", "100-continue")
	}
	if !length && (len(r.Body) > 0 || !r.bodiless()) {
		dst = append(dst, "Content-Length: "...)
		dst = strconv.AppendInt(dst, int64(len(r.Body)), 10)
		dst = append(dst, "\r\n"...)
	}
	return append(dst, "\r\n"...)
}

func appendField(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, value...)
	return append(dst, "\r\n"...)
}

func (r *Request) method() string {
	if r.Method == "" {
		return "POST"
	}
	return r.Method
}

// bodiless reports whether the method is one that usually carries no body.
func (r *Request) bodiless() bool {
	switch r.Method {
	case "GET", "HEAD", "OPTIONS", "TRACE", "DELETE":
		return true
	}
	return false
}

// unframed reports whether the caller's own fields leave it open what the
// server does with the connection afterwards: it asked for it to be closed, or
// framed the body itself.
func (r *Request) unframed() bool {
	for i := range r.Header {
		f := &r.Header[i]
		switch len(f.Name) {
		case len("Connection"):
			if strings.EqualFold(f.Name, "Connection") && !strings.EqualFold(f.Value, "keep-alive") {
				return true
			}
		case len("Content-Length"):
			if strings.EqualFold(f.Name, "Content-Length") && f.Value != strconv.Itoa(len(r.Body)) {
				return true
			}
		case len("Transfer-Encoding"):
			if strings.EqualFold(f.Name, "Transfer-Encoding") {
				return true
			}
		}
	}
	return false
}

// Check reports why r cannot be sent: no target, a method or header field
// that would break out of its line, or a script that cannot be played. Do refuses such a request with ErrRequest.
func (r *Request) Check() error {
	if r.Target == nil || r.Target.address == "" {
		return lang.Errorf("la petición no tiene destino", "request without a target")
	}
	if r.Method != "" && !isToken(r.Method) {
		return lang.Errorf("método %q no válido: use una palabra como POST", "bad method %q: use a word such as POST", r.Method)
	}
	for i := range r.Header {
		if err := r.Header[i].Check(); err != nil {
			return err
		}
	}
	switch {
	case r.Script == nil:
		return nil
	case r.ExpectContinue:
		return lang.Errorf("una petición que pregunta primero no puede tener un guion",
			"a request that asks first cannot have a script")
	}
	return r.Script.check()
}

// Cuts reports whether part of the request is never sent.
func (r *Request) Cuts() bool {
	if r.Script == nil || len(r.Script.Steps) == 0 {
		return false
	}
	reach, length := 0, len(AppendHead(nil, r))+len(r.Body)
	for _, step := range r.Script.Steps {
		if step.To < 0 {
			return false
		}
		reach = max(reach, step.To)
	}
	return reach < length
}

// whole reports whether the request goes out whole and at once.
func (r *Request) whole() bool { return r.Script == nil && !r.ExpectContinue }

// Check reports why the field cannot stand in a head: a name that is no token
// (RFC 9110, 5.1), or a CR, LF or NUL in the value. The error does not show the
// value.
func (f Field) Check() error {
	if f.Name == "" {
		return lang.Errorf("cabecera sin nombre: use 'Nombre: valor'", "header without a name: use 'Name: value'")
	}
	if !isToken(f.Name) {
		return lang.Errorf("nombre de cabecera %q no válido: use letras, números y guiones",
			"bad header name %q: use letters, digits and hyphens", f.Name)
	}
	for i := 0; i < len(f.Value); i++ {
		if c := f.Value[i]; c == '\r' || c == '\n' || c == 0 {
			return lang.Errorf("cabecera %q: su valor tiene el carácter de control %q en la posición %d",
				"header %q: its value has the control character %q at position %d", f.Name, c, i+1)
		}
	}
	return nil
}

// Misframes reports whether the field says otherwise than the client where a body
// of so many bytes ends, or how the connection goes on: two readers of such a
// request may disagree on it. Some readers take "_" for "-".
func (f Field) Misframes(body int) bool {
	switch strings.ToLower(strings.ReplaceAll(f.Name, "_", "-")) {
	case "content-length":
		return f.Value != strconv.Itoa(body)
	case "transfer-encoding", "upgrade", "trailer", "te", "http2-settings":
		return true
	case "connection":
		return !strings.EqualFold(f.Value, "close") && !strings.EqualFold(f.Value, "keep-alive")
	default:
		return false
	}
}

// ParseField reads "Name: value" as given on a command line. The value may be
// empty; spaces around it are dropped.
func ParseField(s string) (Field, error) {
	name, value, found := strings.Cut(s, ":")
	if !found {
		// Not shown whole: it may be the value alone, and a secret.
		return Field{}, lang.Errorf("cabecera sin dos puntos: use 'Nombre: valor'", "header without a colon: use 'Name: value'")
	}
	f := Field{Name: name, Value: strings.Trim(value, " \t")}
	if err := f.Check(); err != nil {
		return Field{}, err
	}
	return f, nil
}

// Override gives base with the fields of over in place of those of the same
// name: where the first such field stood, else at the end. Neither argument is
// changed.
func Override(base, over []Field) []Field {
	out := make([]Field, 0, len(base)+len(over))
	placed := make([]bool, len(over))
	place := func(name string) bool {
		found := false
		for i, f := range over {
			if strings.EqualFold(f.Name, name) {
				found = true
				if !placed[i] {
					placed[i] = true
					out = append(out, f)
				}
			}
		}
		return found
	}
	for _, f := range base {
		if !place(f.Name) {
			out = append(out, f)
		}
	}
	for i, f := range over {
		if !placed[i] {
			out = append(out, f)
		}
	}
	return out
}

// isToken is RFC 9110, 5.6.2.
func isToken(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isAlnum(c) && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return true
}
