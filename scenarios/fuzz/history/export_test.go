package history

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Minimal makes a history small that fails, when the delivery at an index showed
// it.
func Minimal(h *History, at int, fails func(*History) bool) *History {
	everything := func(_, _ []Delivery) bool { return true }
	return minimal(h.clone(), at, everything, func(list []*History) int { return slices.IndexFunc(list, fails) })
}

// Fresh says of each planned delivery whether its first attempt connects anew.
func Fresh(h *History) []bool {
	planned, _ := h.planned(func([]byte) *wire.Request { return &wire.Request{} })
	fresh := make([]bool, len(planned))
	for i := range planned {
		fresh[i] = planned[i].Request.Fresh
	}
	return fresh
}
