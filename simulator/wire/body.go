package wire

import (
	"bytes"
	"errors"
	"io"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxFraming bounds what a chunked body may spend beside its content: about
// what one-byte chunks need for maxDrained, and no room for endless
// extensions.
const maxFraming = 8 << 20

var (
	errChunk   = lang.Errorf("un trozo (chunk) está mal formado", "a chunk is malformed")
	errTrailer = lang.Errorf("una línea tras el último trozo no es válida", "a line after the last chunk is invalid")
)

// readBody reads the final answer's body and reports whether it came to its
// end as announced. What is wrong with it becomes a note.
func (r *reader) readBody(out *Outcome, f *framing, bodiless bool) (whole bool) {
	var err error
	switch {
	case bodiless:
		return true
	case !f.impossible.IsZero():
		out.note(NoteBodyMalformed)
		r.refuse(malformed(out.Status, "%s", "%s", f.impossible))
		return false
	case f.chunked:
		err = r.readChunked(out)
	case f.coded:
		err = r.readToEnd(out)
	case f.lengths > 0:
		err = r.take(out, f.length)
	default:
		err = r.readToEnd(out)
	}
	switch {
	case errors.Is(err, errEndless):
		out.note(NoteBodyEndless)
	case errors.Is(err, errChunk), errors.Is(err, errTrailer):
		out.note(NoteBodyMalformed)
		r.refuse(malformed(out.Status, "%s", "%s", err))
	case err != nil && isTimeout(err):
		out.note(NoteBodySlow)
	case err != nil:
		out.note(NoteBodyCut)
	}
	if f.conflict && !f.coded {
		out.note(NoteBodyMalformed)
		return false
	}
	return err == nil
}

var errEndless = lang.Errorf("el cuerpo pasa del límite", "body over the limit")

// take reads n bytes of body: the first maxKept of a body are kept, at most
// maxDrained are read.
func (r *reader) take(out *Outcome, n int64) error {
	over := n > maxDrained-out.BodyBytes
	if over {
		n = maxDrained - out.BodyBytes
	}
	if keep := min(n, int64(maxKept-len(out.Body))); keep > 0 {
		got, err := r.keep(out, int(keep))
		out.BodyBytes += int64(got)
		if err != nil {
			return err
		}
		n -= keep
	}
	for n > 0 {
		got, err := r.br.Discard(int(min(n, bufferSize)))
		out.BodyBytes += int64(got)
		n -= int64(got)
		if err != nil {
			return err
		}
	}
	if over {
		return errEndless
	}
	return nil
}

// keep appends n bytes to out.Body. The room grows with what comes, not with
// what is announced.
func (r *reader) keep(out *Outcome, n int) (got int, err error) {
	for got < n {
		if _, err := r.br.Peek(1); err != nil {
			return got, err
		}
		b, _ := r.br.Peek(min(n-got, r.br.Buffered()))
		out.Body = append(out.Body, b...)
		got += len(b)
		_, _ = r.br.Discard(len(b))
	}
	return got, nil
}

// readToEnd reads a body that ends with the connection.
func (r *reader) readToEnd(out *Outcome) error {
	switch err := r.take(out, maxDrained); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	switch _, err := r.br.Peek(1); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errEndless
}

// readChunked is RFC 9112, 7.1; extensions and trailers are read and dropped.
func (r *reader) readChunked(out *Outcome) error {
	framing := maxFraming
	for {
		line, taken, err := r.readLine(maxLine)
		if framing -= taken; framing < 0 || errors.Is(err, errLineTooLong) {
			return errChunk
		}
		size, rest, ok := parseChunkSize(line)
		switch {
		case !ok && (err == nil || len(line) > 0 && line[0] != '\r'):
			return errChunk // also of a size that was cut off
		case err != nil:
			return err
		case len(rest) > 0 && rest[0] != ';':
			out.note(NoteBodyMalformed) // curl looks at the number only
		}
		if size == 0 {
			return r.skipTrailers()
		}
		if err := r.take(out, size); err != nil {
			return err
		}
		line, taken, err = r.readLine(2)
		switch {
		case errors.Is(err, errLineTooLong), err == nil && len(line) > 0:
			return errChunk
		case err != nil && len(line) > 0 && line[0] != '\r':
			return errChunk
		case err != nil:
			return err
		}
		framing -= taken
	}
}

func (r *reader) skipTrailers() error {
	for budget := maxHeader; ; {
		line, taken, err := r.readLine(min(budget, maxLine))
		budget -= taken
		switch {
		case errors.Is(err, errLineTooLong):
			return errTrailer
		case err != nil:
			return err
		case len(line) == 0:
			return nil
		case unbearable(line, false):
			return errTrailer
		}
	}
}

// parseChunkSize reads the digits at the beginning. More than 16, and more than
// an int64 holds, is no size.
func parseChunkSize(line []byte) (size int64, rest []byte, ok bool) {
	digits := 0
	for ; digits < len(line) && isHex(line[digits]); digits++ {
		c := line[digits]
		switch {
		case c <= '9':
			c -= '0'
		default:
			c = c | 0x20 - 'a' + 10
		}
		if digits == 16 || size >= 1<<59 {
			return 0, line, false
		}
		size = size<<4 | int64(c)
	}
	return size, bytes.TrimLeft(line[digits:], " \t"), digits > 0
}
