package delivery

import (
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Header is what Kometia's requests carry besides Host and Content-Length:
// Content-Type and User-Agent, and nothing that a browser or a signature would
// add (none is documented). A field of extra replaces one of ours that has the
// same name, in any case; the others follow.
func Header(userAgent string, extra []wire.Field) []wire.Field {
	return wire.Override([]wire.Field{
		{Name: "Content-Type", Value: "application/json"},
		{Name: "User-Agent", Value: userAgent},
	}, extra)
}
