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
	var b strings.Builder
	words := []string{"curl -sS -i --globoff --path-as-is --http1.1 --max-time " + strconv.FormatFloat(timeout.Seconds(), 'f', -1, 64)}
	// A URL with a user part is what the user gave; without it the command
	// would not do the same.
	words = append(words, "-X POST "+shellquote.Quote(req.Target.URL()))
	named := map[string]bool{}
	for _, f := range req.Header {
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
	if len(req.Body) <= maxArgument && Pastable(req.Body) {
		words = append(words, "--data-raw "+shellquote.Quote(string(req.Body)))
		b.WriteString(strings.Join(words, " \\\n  "))
		b.WriteString("\n")
		return b.String()
	}
	words = append(words, "--data-binary @-")
	b.WriteString("base64 -d <<'KOMETIA' | " + strings.Join(words, " \\\n  ") + "\n")
	encoded := base64.StdEncoding.EncodeToString(req.Body)
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
