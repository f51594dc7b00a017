package wire

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/secret"
)

// Shown is one message for show: bounded and without secrets. Its text is as
// hostile as the message was: control characters and invalid UTF-8 are left in
// it.
type Shown struct {
	// Head is the first line and the header lines, joined by "\n".
	Head string
	// Body is the beginning of the body, Length how many bytes it had: of an
	// answer, as many as were read.
	Body   string
	Length int64
	// Cut says that Body is not all of it, whatever their lengths say: what was
	// hidden or escaped in it has another length.
	Cut bool
}

// Partial reports whether Body is not all of the body.
func (s *Shown) Partial() bool { return s.Cut || int64(len(s.Body)) < s.Length }

// Transcript is what went over the wire in one attempt, for show.
type Transcript struct {
	Request Shown
	Answer  Shown // zero when no answer came
}

// requestShown is how much of a request's body is kept: so much that most can be
// sent again. It is ours, and no server can make it long.
const requestShown = 16 << 10

// Transcribe shows a request and what came of it, with at most that many bytes
// of the answer's body. Passwords, cookies and the values of fields that look like
// secrets become ***, wherever they stand: a debug page likes to repeat the
// request's header. Of the answer's own secrets those are hidden that stand
// behind a name which says what they are. r must be valid, see
// [Request.Check]; o may be nil.
func Transcribe(r *Request, o *Outcome, limit int) *Transcript {
	hide := r.hider()
	t := &Transcript{Request: Shown{Length: int64(len(r.Body))}}
	lines := strings.Split(strings.TrimSuffix(string(AppendHead(nil, r)), "\r\n\r\n"), "\r\n")
	lines[0] = r.method() + " " + Redact(r.Target.uri) + " HTTP/1.1"
	for i, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		lines[i+1] = name + ": " + hide(RedactField(name, value))
	}
	t.Request.Head = strings.Join(lines, "\n")
	t.Request.Body = begin(string(r.Body), requestShown)
	if o == nil || o.Status == 0 {
		return t
	}
	head := []string{strings.TrimRight(fmt.Sprintf("%s %d %s", o.Proto, o.Status, hide(o.Reason)), " ")}
	for _, f := range o.Header {
		head = append(head, f.Name+": "+hide(RedactField(f.Name, f.Value)))
	}
	t.Answer = Shown{
		Head:   strings.Join(head, "\n"),
		Body:   begin(secret.Text(hide(string(o.Body))), limit),
		Length: o.BodyBytes,
	}
	return t
}

// begin is the beginning of a text, without half a character at its end.
func begin(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for cut := limit; cut > max(limit-utf8.UTFMax, 0); cut-- {
		if utf8.RuneStart(s[cut]) {
			return s[:cut]
		}
	}
	return s[:limit]
}

// RedactField gives the value of a header field for show: what is secret in it
// becomes ***.
func RedactField(name, value string) string {
	switch name = strings.ToLower(name); name {
	case "cookie":
		pairs := strings.Split(value, ";")
		for i := range pairs {
			pairs[i] = redactCookie(pairs[i])
		}
		return strings.Join(pairs, ";")
	case "set-cookie":
		pair, attributes, more := strings.Cut(value, ";")
		if more {
			attributes = ";" + attributes
		}
		return redactCookie(pair) + attributes
	case "location", "content-location", "refresh", "referer":
		return Redact(value)
	case "www-authenticate", "proxy-authenticate": // what is asked for, not what is given
		return value
	}
	if !SecretName(name) {
		return secret.Shapes(value)
	}
	if scheme, _, found := strings.Cut(value, " "); found && isToken(scheme) && strings.HasSuffix(name, "authorization") {
		return scheme + " ***"
	}
	return "***"
}

func redactCookie(pair string) string {
	name, _, found := strings.Cut(pair, "=")
	if !found {
		return "***"
	}
	return name + "=***"
}

// shortestSecret is how long a secret is at least for other places to be
// searched for it; to hide each "1" would hide the answer.
const shortestSecret = 4

// hider hides what the request holds of secrets wherever they stand.
func (r *Request) hider() func(string) string {
	known := &secret.Hider{Shortest: shortestSecret}
	if basic, encoded := r.Target.basic, ""; basic != "" {
		_, encoded, _ = strings.Cut(basic, " ")
		known.Add(encoded)
		if plain, err := base64.StdEncoding.DecodeString(encoded); err == nil {
			_, password, _ := strings.Cut(string(plain), ":")
			known.Add(string(plain), password)
		}
	}
	known.Add(secret.OfURL(r.Target.raw)...)
	for _, f := range r.Header {
		known.Add(secret.OfField(f.Name, f.Value)...)
	}
	return known.Hide
}
