// Package files reads and writes the files that a user names. What is read is
// bounded, whatever stands behind the name, and what is written goes where it
// was told: a regular file is replaced whole or not at all, a device, a pipe or
// a file that cannot be replaced is written through.
package files

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Read reads a regular file of at most limit bytes. Anything else is refused: a
// pipe without a writer never begins, and a device may never end.
func Read(path string, limit int64) ([]byte, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, lang.Errorf("%s: no es un archivo normal", "%s: not a regular file", path)
	}
	return ReadAny(path, limit)
}

// ReadAny reads at most limit bytes of whatever stands behind a path, which may
// make it wait: a pipe, a device.
func ReadAny(path string, limit int64) ([]byte, error) {
	f, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	first := int64(chunk)
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		if first = info.Size() + 1; first > limit+1 {
			return nil, lang.Errorf("%s: %s", "%s: %s", path, tooLarge(limit))
		}
	}
	data, err := readAll(f, limit, first)
	if err != nil {
		return nil, lang.Errorf("%s: %s", "%s: %s", path, PlainCause(err))
	}
	return data, nil
}

// chunk is how much ReadAll reads at once, in bytes.
const chunk = 256 << 10

// ReadAll reads r to its end and refuses more than limit bytes. It keeps the
// pieces as they are until their sum is known: one slice that grows would leave
// several times the limit behind.
func ReadAll(r io.Reader, limit int64) ([]byte, error) { return readAll(r, limit, chunk) }

// readAll is ReadAll with a first piece of so many bytes: all of it where the size is
// known, and one more to see that it ends there.
func readAll(r io.Reader, limit, first int64) ([]byte, error) {
	var pieces [][]byte
	var size int64
	piece := make([]byte, 0, min(first, limit+1))
	for {
		n, err := r.Read(piece[len(piece):cap(piece)])
		piece, size = piece[:len(piece)+n], size+int64(n)
		switch {
		case size > limit:
			return nil, tooLarge(limit)
		case errors.Is(err, io.EOF) && pieces == nil:
			return piece, nil
		case errors.Is(err, io.EOF):
			return bytes.Join(append(pieces, piece), nil), nil
		case err != nil:
			return nil, err
		case len(piece) == cap(piece):
			pieces, piece = append(pieces, piece), make([]byte, 0, min(chunk, limit+1-size))
		}
	}
}

func tooLarge(limit int64) error {
	size, unit := limit>>10, "KiB"
	if limit >= 1<<20 {
		size, unit = limit>>20, "MiB"
	}
	return lang.Errorf("más de %d %s", "more than %d %s", size, unit)
}

// PlainCause drops the path, which the caller names itself.
func PlainCause(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	return err
}

// Text is what a text file holds, in UTF-8: without the byte order mark that
// editors and shells on Windows write, and decoded where that mark says UTF-16.
func Text(data []byte) []byte {
	decoded, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	if err != nil {
		return data
	}
	return decoded
}
