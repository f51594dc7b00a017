package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// The bounds on what is taken of an answer. Those of the header are curl's: what
// goes beyond is refused by the clients that webhooks are sent with.
const (
	bufferSize     = 8 << 10
	maxLine        = 100 << 10
	maxHeader      = 300 << 10 // bytes of a header section, of trailers, of all informational responses
	maxHeaderLines = 5000
	maxKept        = 64 << 10
	maxDrained     = 1 << 20
	maxInformal    = 32
	maxExcerpt     = 60
)

var errLineTooLong = lang.Errorf("la línea es demasiado larga", "line too long")

// reader reads answers from one connection. It is kept for the connection's
// life, its buffers for longer.
type reader struct {
	br    *bufio.Reader
	line  []byte // a line longer than br's buffer
	text  []byte // reason and header, one after another: one string in the end
	spans []span
	// refusal is why real clients do not take the answer, whatever its status; nil
	// while they do.
	refusal *Error
	// continued is closed by the first 100 Continue; nil when nobody waits.
	continued chan struct{}
}

// span is where the name and the value of a field lie in reader.text.
type span struct{ name, colon, end int }

func newReader() *reader {
	return &reader{br: bufio.NewReaderSize(nil, bufferSize)}
}

// reset makes r ready for a connection, or drops that for nil; buffers that a
// hostile answer has blown up are given back.
func (r *reader) reset(src io.Reader) {
	r.br.Reset(src)
	r.continued = nil
	if cap(r.line) > bufferSize {
		r.line = nil
	}
	if cap(r.text) > bufferSize {
		r.text = nil
	}
	if cap(r.spans) > 256 {
		r.spans = nil
	}
}

// readLine takes one line without its end, CRLF or bare LF. It is valid until
// the next read. At most limit bytes are taken.
func (r *reader) readLine(limit int) (line []byte, taken int, err error) {
	line, err = r.br.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		r.line = append(r.line[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) && len(r.line) < limit {
			line, err = r.br.ReadSlice('\n')
			r.line = append(r.line, line...)
		}
		line = r.line
	}
	taken = len(line)
	if taken > limit || errors.Is(err, bufio.ErrBufferFull) {
		return line, taken, errLineTooLong
	}
	if err != nil {
		return line, taken, err
	}
	return trimEOL(line), taken, nil
}

func trimEOL(line []byte) []byte {
	line = bytes.TrimSuffix(line, []byte{'\n'})
	return bytes.TrimSuffix(line, []byte{'\r'})
}

// refuse keeps the first reason why real clients do not take the answer.
func (r *reader) refuse(why *Error) {
	if r.refusal == nil {
		r.refusal = why
	}
}

// malformed is a reason to refuse.
func malformed(status int, es, en string, args ...any) *Error {
	args = append([]any{status}, args...)
	return newError(ErrMalformed, "llegó el estado %d, pero "+es, "status %d came, but "+en, args...)
}

// readStatus reads up to the final status line, past informational responses; 101
// is final, because what follows it is no HTTP any more.
// On success out has Status and Proto, and r.text the reason.
func (r *reader) readStatus(out *Outcome) *Error {
	r.refusal = nil
	budget := maxHeader
	for informal := 0; ; informal++ {
		seen := lang.Text{}
		if informal > 0 {
			seen = onlyInformal(out.Status)
		}
		status, fail := r.readStatusLine(out, seen)
		if fail != nil {
			out.Status = 0
			return fail
		}
		out.Status = status
		if status >= 200 || status == 101 {
			return nil
		}
		if status == 100 && r.continued != nil {
			close(r.continued)
			r.continued = nil
		}
		if informal == maxInformal {
			out.Status = 0
			return newError(ErrEndless1xx, "%d respuestas informativas y ninguna final, la última con estado %d",
				"%d informational responses and no final one, the last with status %d", informal+1, status)
		}
		used, fail := r.skipHeader(budget, status)
		if fail != nil {
			out.Status = 0
			return fail
		}
		budget -= used
	}
}

// readStatusLine reads one status line. Other protocols are told by their
// first byte that does not fit, because they may never send a line.
func (r *reader) readStatusLine(out *Outcome, seen lang.Text) (int, *Error) {
	const want = "http/"
	for n := 1; n <= len(want); n++ {
		b, err := r.br.Peek(n)
		if err != nil {
			if len(b) > 0 {
				seen = only(seen, b)
			}
			return 0, readError(err, seen)
		}
		if !equalFold(b[n-1:], want[n-1:n]) {
			b, _ = r.br.Peek(r.br.Buffered())
			return 0, newError(ErrNotHTTP, "la respuesta no es HTTP/1.1: empieza con %s%s", "the response is not HTTP/1.1 but starts with %s%s", excerpt(b), seen)
		}
	}
	line, _, err := r.readLine(maxLine)
	switch {
	case errors.Is(err, errLineTooLong):
		return 0, newError(ErrNotHTTP, "la línea de estado pasa de %d bytes: %s", "the status line is longer than %d bytes: %s", maxLine, excerpt(line))
	case err != nil:
		return 0, readError(err, only(seen, line))
	}
	proto, status, reason, ok := parseStatusLine(line)
	if !ok {
		return 0, newError(ErrNotHTTP, "línea de estado no válida: %s", "invalid status line %s", excerpt(line))
	}
	if out.Proto = proto; !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		out.note(NoteStatusLine)
	}
	if bytes.IndexByte(line, 0) >= 0 {
		out.note(NoteHeaderBad)
		r.refuse(malformed(status, "la línea de estado lleva un NUL: %s", "the status line has a NUL: %s", excerpt(line)))
	}
	r.text = append(r.text[:0], reason...)
	return status, nil
}

// parseStatusLine is RFC 9112, 4, with its leave to split at several blanks; the
// reason may be missing. Like curl it takes a protocol in lower case, and HTTP/2
// of a program that names in HTTP/1.1 what the proxy before it speaks.
func parseStatusLine(line []byte) (proto string, status int, reason []byte, ok bool) {
	name, rest, _ := bytes.Cut(line, []byte{' '})
	switch {
	case equalFold(name, "http/1.1"), equalFold(name, "http/2"), equalFold(name, "http/2.0"):
		proto = "HTTP/1.1"
	case equalFold(name, "http/1.0"):
		proto = "HTTP/1.0"
	default:
		return "", 0, nil, false
	}
	rest = bytes.TrimLeft(rest, " \t")
	if len(rest) < 3 || len(rest) > 3 && !isBlank(rest[3]) {
		return "", 0, nil, false
	}
	for _, c := range rest[:3] {
		if c < '0' || c > '9' {
			return "", 0, nil, false
		}
		status = status*10 + int(c-'0')
	}
	return proto, status, bytes.Trim(rest[3:], " \t"), status >= 100
}

// skipHeader reads the header of an informational answer.
func (r *reader) skipHeader(budget, status int) (used int, fail *Error) {
	for first := true; ; first = false {
		line, taken, err := r.readLine(min(budget-used, maxLine))
		used += taken
		switch {
		case errors.Is(err, errLineTooLong):
			return used, newError(ErrEndless1xx, "respuestas informativas de más de %d bytes y ninguna final, la última con estado %d",
				"informational responses of more than %d bytes and no final one, the last with status %d", maxHeader, status)
		case err != nil:
			return used, readError(err, onlyInformal(status))
		case len(line) == 0:
			return used, nil
		case unbearable(line, first):
			r.refuse(badLine(status, line))
		}
	}
}

// unbearable reports a header line for which curl, and not only curl, throws the
// whole answer away.
func unbearable(line []byte, first bool) bool {
	if bytes.IndexByte(line, 0) >= 0 {
		return true
	}
	if isBlank(line[0]) {
		return first
	}
	return bytes.IndexByte(line, ':') < 0
}

func badLine(status int, line []byte) *Error {
	return malformed(status, "una línea de la cabecera no es válida: %s", "a header line is invalid: %s", excerpt(line))
}

// readHeader reads the final answer's header into r and reports whether it
// came to its end. What is wrong with it becomes a note, and what no client takes
// a reason to refuse.
func (r *reader) readHeader(out *Outcome, f *framing) (whole bool) {
	r.spans = r.spans[:0]
	budget, bad := maxHeader, false
	for lines := 0; ; lines++ {
		line, taken, err := r.readLine(min(budget, maxLine))
		budget -= taken
		if err != nil || len(line) > 0 && lines == maxHeaderLines {
			r.headerEnds(out, err)
			return false
		}
		switch {
		case len(line) == 0:
			if bad {
				out.note(NoteHeaderBad)
			}
			r.interpret(f)
			return true
		case unbearable(line, lines == 0):
			bad = true
			r.refuse(badLine(out.Status, line))
		case isBlank(line[0]):
			// Obsolete folding (RFC 9112, 5.2): the line goes on with the value before.
			if len(r.spans) == 0 {
				bad = true
				continue
			}
			last := &r.spans[len(r.spans)-1]
			if more := bytes.Trim(line, " \t"); len(more) > 0 {
				if last.end > last.colon {
					r.text = append(r.text, ' ')
				}
				r.text = append(r.text, more...)
				last.end = len(r.text)
			}
			bad = bad || hasControl(line)
		default:
			bad = !r.addField(line) || bad
		}
	}
}

// headerEnds tells why a header did not come to its end. One that the server
// simply closed after is taken by curl as if it had.
func (r *reader) headerEnds(out *Outcome, err error) {
	seen := lang.Textf(", llegó el estado %d y parte de la cabecera", ", status %d and a part of the header came", out.Status)
	switch {
	case err == nil, errors.Is(err, errLineTooLong):
		out.note(NoteHeaderTooLarge)
		r.refuse(malformed(out.Status, "la cabecera pasa de los límites (%d KiB, %d líneas, %d KiB cada una)",
			"the header is over the limits (%d KiB, %d lines, %d KiB each)", maxHeader>>10, maxHeaderLines, maxLine>>10))
	case isTimeout(err):
		out.note(NoteHeaderSlow)
		r.refuse(readError(err, seen))
	default:
		out.note(NoteHeaderCut)
		if !errors.Is(err, io.EOF) {
			r.refuse(readError(err, seen))
		}
	}
}

// addField keeps a header line; false says that it is not a proper one.
func (r *reader) addField(line []byte) bool {
	name, value, found := bytes.Cut(line, []byte{':'})
	if !found || len(name) == 0 {
		return false
	}
	proper := !hasControl(value)
	for _, c := range name {
		if !isAlnum(c) && c != '-' && strings.IndexByte("!#$%&'*+.^_`|~", c) < 0 {
			// "Name : value" and worse: nobody may take it for the field it
			// resembles (request smuggling), so it is not kept.
			return false
		}
	}
	s := span{name: len(r.text)}
	r.text = append(r.text, name...)
	s.colon = len(r.text)
	r.text = append(r.text, bytes.Trim(value, " \t")...)
	s.end = len(r.text)
	r.spans = append(r.spans, s)
	return proper
}

// publish turns the collected text into out's reason and header, as one string.
func (r *reader) publish(out *Outcome) {
	reason := len(r.text)
	if len(r.spans) > 0 {
		reason = r.spans[0].name
	}
	text := string(r.text)
	if out.Reason = text[:reason]; len(r.spans) == 0 {
		return
	}
	out.Header = make([]Field, len(r.spans))
	for i, s := range r.spans {
		out.Header[i] = Field{Name: text[s.name:s.colon], Value: text[s.colon:s.end]}
	}
}

func onlyInformal(status int) lang.Text {
	return lang.Textf(" (solo informativas, la última con estado %d)", " (only informational ones, the last with status %d)", status)
}

// only adds what came instead of a status line.
func only(seen lang.Text, b []byte) lang.Text {
	return lang.Textf("%s, solo %s", "%s, only %s", seen, excerpt(b))
}

// excerpt quotes the beginning of what came, in ASCII and without controls.
func excerpt(b []byte) string {
	if len(b) > maxExcerpt {
		return strconv.QuoteToASCII(string(b[:maxExcerpt])) + "..."
	}
	return strconv.QuoteToASCII(string(b))
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func hasControl(b []byte) bool {
	for _, c := range b {
		if c < 0x20 && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i := range b {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// hasWord reports whether a comma-separated list has the word.
func hasWord(list []byte, lower string) bool {
	for word := range bytes.SplitSeq(list, []byte{','}) {
		if equalFold(bytes.Trim(word, " \t"), lower) {
			return true
		}
	}
	return false
}
