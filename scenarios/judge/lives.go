package judge

import (
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// mostAlike is how many events of a kind tell one life from another: what is kept
// of the first need not be changed by the second, and a third is like the second.
const mostAlike = 2

// WithKind adds a kind to those of the events of a life, as far as that makes another
// life of it.
func WithKind(kinds []string, kind string) []string {
	n := 0
	for _, k := range kinds {
		if k == kind {
			n++
		}
	}
	if n < mostAlike {
		kinds = append(kinds, kind)
	}
	return kinds
}

// LifeKey tells which kinds of events an object has had, in whatever order.
func LifeKey(kinds []string) string {
	var had []string
	for _, kind := range slices.Sorted(slices.Values(kinds)) {
		had = WithKind(had, kind)
	}
	return strings.Join(had, " ")
}

// LifeKey tells which kinds of events were taken of an object.
func (h *History) LifeKey() string {
	var kinds []string
	for _, v := range h.Versions {
		if v.Taken {
			kinds = append(kinds, v.Kind)
		}
	}
	return LifeKey(kinds)
}

// orphaned words that an event which came too early was acknowledged and dropped.
func (f *Finding) orphaned() {
	f.fault = lang.Text{
		ES: "Acepta y descarta un evento que llega antes que aquello de lo que depende",
		EN: "Acknowledges and drops an event that arrives before what it depends on",
	}
	f.matters = lang.Text{
		ES: "Kometia no repite lo que se recibió con 2xx: el envío o el pago que llegó antes que su pedido se pierde para siempre.",
		EN: "Kometia does not retry what got a 2xx: the shipment or payment that arrived before its order is lost for good.",
	}
	f.fix = lang.Text{
		ES: "Responda 409 o 503 mientras falte aquello de lo que depende, para que Kometia lo repita en una hora; o guárdelo y actúe cuando llegue lo que falta.",
		EN: "Answer 409 or 503 while what it depends on is missing, so that Kometia retries it in an hour; or store it and act when that arrives.",
	}
	f.cause = "orphans"
}
