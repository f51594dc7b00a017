package history

import (
	"fmt"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// InWords writes a history as people read it, one instant after the other:
// "order.placed (lose-answer), +1h order.placed again". Times are counted from
// the first instant. Where several stories are about, each has a letter.
func (h *History) InWords(policy retryclock.Policy) string {
	instants := h.Instants(policy)
	return h.join(instants, func(i int) string {
		name := "restart"
		if in := instants[i]; in.Delivery >= 0 {
			name = h.Deliveries[in.Delivery].Kind
		}
		if i > 0 && instants[i].At.Sub(instants[i-1].At) >= time.Minute {
			return "+" + brief(instants[i].At.Sub(instants[0].At)) + " " + name
		}
		return name
	})
}

// Shape is the history in words without kinds and times: events are numbered
// within their story, in the order in which they happened. Two histories of one
// shape show one fault.
func (h *History) Shape(policy retryclock.Policy) string {
	instants := h.Instants(policy)
	return h.join(instants, func(i int) string {
		if instants[i].Delivery < 0 {
			return "restart"
		}
		d, n := &h.Deliveries[instants[i].Delivery], 1
		for k := range h.Deliveries {
			if other := &h.Deliveries[k]; other.Story == d.Story && other.At.Before(d.At) {
				n++
			}
		}
		return fmt.Sprint(n)
	})
}

// join writes instants in a row; name is what the one at an index is called.
func (h *History) join(instants []Instant, name func(i int) string) string {
	letters := map[int]string{}
	for i := range h.Deliveries {
		if s := h.Deliveries[i].Story; letters[s] == "" {
			letters[s] = string(rune('A' + len(letters)%26))
		}
	}
	var parts []string
	for i, in := range instants {
		text := name(i)
		if in.Delivery >= 0 {
			d := &h.Deliveries[in.Delivery]
			if len(letters) > 1 {
				text += " " + letters[d.Story]
			}
			if like := letters[d.Twin-1]; like != "" {
				text += " (like " + like + ")"
			}
			if d.Copies > 1 && !in.Again {
				text += fmt.Sprintf(" x%d", d.Copies)
			}
			if in.Again {
				text += " again"
			}
			if in.Fault.Kind != fault.None {
				text += " (" + in.Fault.String() + ")"
			}
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// brief is a virtual time as people say it: 3h, 20m.
func brief(d time.Duration) string {
	hours := (d + 30*time.Minute) / time.Hour
	if off := (d - hours*time.Hour).Abs(); hours > 0 && off <= 5*time.Minute || hours >= 10 {
		return fmt.Sprintf("%dh", hours)
	}
	return fmt.Sprintf("%dm", d/time.Minute)
}
