package diagnose

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// decodedLimit is how much of a compressed body is looked at once it is
// decoded: as much as the wire keeps of one that is not.
const decodedLimit = 64 << 10

// decoded is the body without the compression that some servers use unasked,
// and whether more came than was kept. What cannot be decoded stays as it came.
func decoded(out *wire.Outcome) (body []byte, cut bool) {
	cut = out.BodyBytes > int64(len(out.Body))
	if len(out.Body) == 0 {
		return out.Body, cut
	}
	var r io.Reader
	var err error
	switch strings.ToLower(strings.TrimSpace(out.Get("Content-Encoding"))) {
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(out.Body))
	case "deflate": // most send zlib, as the RFC has it, and some the bare stream
		if r, err = zlib.NewReader(bytes.NewReader(out.Body)); err != nil {
			r, err = flate.NewReader(bytes.NewReader(out.Body)), nil
		}
	default:
		return out.Body, cut
	}
	if err != nil {
		return out.Body, cut
	}
	// A body that was cut ends with an error; what came before it counts.
	plain, err := io.ReadAll(io.LimitReader(r, decodedLimit))
	if err != nil && len(plain) == 0 {
		return out.Body, cut
	}
	return plain, cut || err != nil || len(plain) == decodedLimit
}
