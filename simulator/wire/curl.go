package wire

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/shellquote"
)

// maxArgument is the longest body that goes on the command line itself: Linux
// takes no argument of more than 128 KiB.
const maxArgument = 64 << 10

// Curl writes a request as a command that any POSIX shell can be given by copy
// and paste and that sends the same bytes.
func Curl(req *Request, timeout time.Duration) string {
	// A URL with a user part is what the user gave; without it the command
	// would not do the same.
	return curl("POST", req.Target.HTTP(), req.Target.Socket(), req.Header, req.Body, timeout)
}

// Curl writes a message that is kept for show as such a command: what is hidden
// in it stands there as ***. The URL that its target came from, such as
// https://example.com, says the scheme. It is "" for what cannot be written so: a
// message that is no request, or whose body is not kept whole.
func (s Shown) Curl(target string, timeout time.Duration) string {
	lines := strings.Split(s.Head, "\n")
	words := strings.Split(lines[0], " ")
	socket := ""
	if t, err := ParseTarget(target); err == nil {
		target, socket = t.HTTP(), t.socket
	}
	scheme, _, found := strings.Cut(target, "://")
	if !found || len(words) != 3 || !strings.HasPrefix(words[2], "HTTP/") || int64(len(s.Body)) != s.Length {
		return ""
	}
	host := ""
	var fields []Field
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		switch strings.ToLower(name) {
		case "host":
			host = value
		case "content-length": // curl counts by itself
		default:
			fields = append(fields, Field{Name: name, Value: value})
		}
	}
	if host == "" || !Pastable([]byte(s.Head)) {
		return ""
	}
	return curl(words[0], scheme+"://"+host+words[1], socket, fields, []byte(s.Body), timeout)
}

func curl(method, url, socket string, header []Field, body []byte, timeout time.Duration) string {
	var b strings.Builder
	words := []string{"curl -sS -i --globoff --path-as-is --http1.1 --max-time " + strconv.FormatFloat(timeout.Seconds(), 'f', -1, 64)}
	if socket != "" {
		words = append(words, "--unix-socket "+shellquote.Quote(socket))
	}
	words = append(words, "-X "+shellquote.Word(method)+" "+shellquote.Quote(url))
	named := map[string]bool{}
	for _, f := range header {
		named[strings.ToLower(f.Name)] = true
		if f.Value == "" {
			words = append(words, "-H "+shellquote.Quote(f.Name+";")) // how curl spells an empty header
			continue
		}
		words = append(words, "-H "+shellquote.Quote(f.Name+": "+f.Value))
	}
	// What curl would add by itself and we do not send.
	for _, name := range []string{"Accept", "Expect"} {
		if !named[strings.ToLower(name)] {
			words = append(words, "-H "+shellquote.Quote(name+":"))
		}
	}
	if len(body) <= maxArgument && Pastable(body) {
		words = append(words, "--data-raw "+shellquote.Quote(string(body)))
		b.WriteString(strings.Join(words, " \\\n  "))
		b.WriteString("\n")
		return b.String()
	}
	words = append(words, "--data-binary @-")
	b.WriteString("base64 -d <<'KOMETIA' | " + strings.Join(words, " \\\n  ") + "\n")
	encoded := base64.StdEncoding.EncodeToString(body)
	for len(encoded) > 76 {
		b.WriteString(encoded[:76] + "\n")
		encoded = encoded[76:]
	}
	b.WriteString(encoded + "\nKOMETIA\n")
	return b.String()
}

// Pastable reports whether bytes survive a terminal, a clipboard and a shell.
func Pastable(body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	for _, r := range string(body) {
		if r != '\n' && !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}
