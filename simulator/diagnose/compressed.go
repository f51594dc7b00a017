package diagnose

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// decodedLimit is how much of a compressed body is looked at once it is
// decoded: as much as the wire keeps of one that is not.
const decodedLimit = 64 << 10

// zstdMemory is the largest window that a zstd body may ask for, in bytes.
const zstdMemory = 8 << 20

// decoded is the body without the compression that some servers use unasked,
// and whether more came than was kept. What cannot be decoded stays as it came;
// left then names its compression, unless the body can be read all the same.
func decoded(out *wire.Outcome) (body []byte, cut bool, left string) {
	cut = out.BodyBytes > int64(len(out.Body))
	coding := strings.ToLower(strings.TrimSpace(out.Get("Content-Encoding")))
	if len(out.Body) == 0 || coding == "" || coding == "identity" {
		return out.Body, cut, ""
	}
	plain, err := decompress(coding, out.Body)
	if len(plain) == 0 && err != nil {
		if utf8.Valid(out.Body) {
			coding = "" // it is not what it says
		}
		return out.Body, cut, coding
	}
	// A body that was cut ends with an error; what came before it counts.
	return plain, cut || err != nil || len(plain) == decodedLimit, ""
}

// decompress undoes a coding as far as decodedLimit goes, or the error does.
func decompress(coding string, body []byte) ([]byte, error) {
	var r io.Reader
	var err error
	switch coding {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate": // most send zlib, as the RFC has it, and some the bare stream
		if r, err = zlib.NewReader(bytes.NewReader(body)); err != nil {
			r, err = flate.NewReader(bytes.NewReader(body)), nil
		}
	case "br":
		r = brotli.NewReader(bytes.NewReader(body))
	case "zstd":
		var z *zstd.Decoder
		z, err = zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(zstdMemory))
		if err == nil {
			defer z.Close()
			r = z
		}
	default:
		err = errors.ErrUnsupported
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, decodedLimit))
}
