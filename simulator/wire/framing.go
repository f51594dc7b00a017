package wire

import (
	"bytes"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// framing is what the header says of the body and of the connection.
type framing struct {
	chunked, coded     bool // Transfer-Encoding: chunked last, and any at all
	length             int64
	lengths            int       // how many were given; length is then the smallest
	conflict           bool      // several lengths, or no proper number
	impossible         lang.Text // a length or a coding that nobody can take; empty for none
	closing, keepAlive bool
}

// interpret reads from the header what decides about the body's end and the
// connection's future.
func (r *reader) interpret(f *framing) {
	for _, s := range r.spans {
		value := r.text[s.colon:s.end]
		switch name := r.text[s.name:s.colon]; len(name) {
		case len("Connection"):
			if equalFold(name, "connection") {
				f.closing = f.closing || hasWord(value, "close")
				f.keepAlive = f.keepAlive || hasWord(value, "keep-alive")
			}
		case len("Content-Length"):
			if equalFold(name, "content-length") {
				f.addLengths(value)
			}
		case len("Transfer-Encoding"):
			if equalFold(name, "transfer-encoding") {
				f.addCodings(value)
			}
		}
	}
}

// addCodings takes the transfer codings of a list. We ask for none, so that one
// beside chunked is not understood (RFC 9112, 7).
func (f *framing) addCodings(list []byte) {
	for word := range bytes.SplitSeq(list, []byte{','}) {
		switch word = bytes.Trim(word, " \t"); {
		case len(word) == 0, equalFold(word, "identity"):
			continue
		case equalFold(word, "chunked"):
			f.chunked = true
		default:
			f.impossible = lang.Textf("la codificación de transferencia %s no se entiende", "the transfer coding %s is not understood", excerpt(word))
		}
		f.coded = true
	}
}

// addLengths takes "5" and also "5, 5" (RFC 9110, 8.6). Of different lengths
// the smallest counts: nothing is waited for that may never come. Of "5 bytes"
// the number counts, as curl counts it.
func (f *framing) addLengths(value []byte) {
	for part := range bytes.SplitSeq(value, []byte{','}) {
		part = bytes.Trim(part, " \t")
		n, rest, ok := parseLength(bytes.TrimPrefix(part, []byte{'+'}))
		if !ok {
			f.conflict = true
			f.impossible = lang.Textf("Content-Length %s no es un largo", "Content-Length %s is no length", excerpt(value))
			continue
		}
		switch {
		case f.lengths == 0:
			f.length = n
		case n != f.length:
			f.conflict = true
			f.length = min(n, f.length)
		}
		f.conflict = f.conflict || len(rest) > 0 || part[0] == '+'
		f.lengths++
	}
}

// parseLength reads the digits at the beginning; what is too large for an int64
// is as good as its largest.
func parseLength(b []byte) (n int64, rest []byte, ok bool) {
	const most = 1<<63 - 1
	for ; len(b) > 0 && b[0] >= '0' && b[0] <= '9'; b = b[1:] {
		ok = true
		if d := int64(b[0] - '0'); n > (most-d)/10 {
			n = most
		} else {
			n = n*10 + d
		}
	}
	return n, b, ok
}
