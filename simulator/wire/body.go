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

var errChunk = lang.Errorf("un trozo (chunk) está mal formado", "malformed chunk")

// readBody reads the final answer's body and reports whether it came to its
// end as announced. What is wrong with it becomes a note.
func (r *reader) readBody(out *Outcome, f *framing, bodiless bool) (whole bool) {
	var err error
	switch {
	case bodiless:
		return true
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
	case errors.Is(err, errChunk):
		out.note(NoteBodyMalformed)
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
		got, err := r.br.Discard(int(min(n, maxStatusLine)))
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
		line, taken, err := r.readLine(maxStatusLine)
		switch {
		case errors.Is(err, errLineTooLong):
			return errChunk
		case err != nil:
			return err
		}
		if framing -= taken; framing < 0 {
			return errChunk
		}
		size, ok := parseChunkSize(line)
		switch {
		case !ok:
			return errChunk
		case size == 0:
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
	budget := maxHeader
	for lines := 0; ; lines++ {
		line, taken, err := r.readLine(budget)
		budget -= taken
		switch {
		case errors.Is(err, errLineTooLong), lines > maxHeaderLines:
			return errChunk
		case err != nil:
			return err
		case len(line) == 0:
			return nil
		}
	}
}

func parseChunkSize(line []byte) (size int64, ok bool) {
	digits, _, _ := bytes.Cut(line, []byte{';'})
	digits = bytes.Trim(digits, " \t")
	if len(digits) == 0 {
		return 0, false
	}
	for _, c := range digits {
		if !isHex(c) {
			return 0, false
		}
		if size >= 1<<58 {
			return 0, false // would not fit
		}
		switch {
		case c <= '9':
			c -= '0'
		default:
			c = c | 0x20 - 'a' + 10
		}
		size = size<<4 | int64(c)
	}
	return size, true
}
