package language

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// maxPermuted is how many events a step may permute: four already have 24 orders.
const maxPermuted = 5

// validatePermute checks a step that delivers several events.
func (d *Deliver) validatePermute(f *strictyaml.File, at string, events []string, times int) {
	if len(d.Permute) == 0 {
		return
	}
	at += ".permute"
	if !validateEvents(f, at, d.Permute, events) {
		return
	}
	if most := factorial(len(d.Permute)); times > most {
		f.Fail(at, "%d rondas de %d eventos: solo hay %d órdenes", "%d rounds of %d events: there are only %d orders", times, len(d.Permute), most)
	}
	if d.Event != "" || d.Resume != "" || d.Parallel > 0 || d.KillAfter > 0 || d.Times > 1 || len(d.Faults) > 0 || d.Copies > 0 {
		f.Fail(at, "permute nombra sus eventos y manda cada uno según la política: solo va con as, at, attempts, connection y header", "permute names its events and sends each by the policy: it goes with as, at, attempts, connection and header only")
	}
}

// validateTogether checks a step whose events arrive at the same instant.
func (d *Deliver) validateTogether(f *strictyaml.File, at string, events []string) {
	if len(d.Together) == 0 {
		return
	}
	at += ".together"
	if d.As != "" || d.Event != "" || d.Resume != "" || d.Parallel > 0 || d.KillAfter > 0 || d.Times > 1 || d.Copies > 0 || len(d.Permute) > 0 || len(d.Faults) > 0 {
		f.Fail(at, "together nombra sus eventos y sus envíos se llaman como ellos: solo va con at, attempts y header", "together names its events, and its exchanges are named as they are: it goes with at, attempts and header only")
		return
	}
	validateEvents(f, at, d.Together, events)
}

// validateEvents checks the names of several events of a step; false for a number
// of them that cannot be.
func validateEvents(f *strictyaml.File, at string, names, emitted []string) bool {
	if n := len(names); n < 2 || n > maxPermuted {
		f.Fail(at, "%d eventos: dé de 2 a %d", "%d events: give 2 to %d", n, maxPermuted)
		return false
	}
	for i, name := range names {
		switch {
		case !slices.Contains(emitted, name):
			f.Fail(at, "el evento %q no se emitió antes en este caso%s", "event %q was not emitted before in this case%s", name, didYouMean(name, emitted))
		case slices.Contains(names[:i], name):
			f.Fail(at, "el evento %q está dos veces", "event %q stands twice", name)
		}
	}
	return true
}

// Exchanges are the names of the exchanges that the step begins.
func (d *Deliver) Exchanges() []string {
	if len(d.Together) > 0 {
		return d.Together
	}
	return []string{d.Name()}
}

// Events are the names of the events that the step delivers.
func (d *Deliver) Events() []string {
	switch {
	case len(d.Permute) > 0:
		return d.Permute
	case len(d.Together) > 0:
		return d.Together
	}
	return []string{d.EventName()}
}

func factorial(n int) int {
	if n < 2 {
		return 1
	}
	return n * factorial(n-1)
}

// Permutation is the n-th order of names; that of zero is as they stand.
func Permutation(names []string, n int) []string {
	rest, out := slices.Clone(names), make([]string, 0, len(names))
	for len(rest) > 0 {
		block := factorial(len(rest) - 1)
		i := n / block % len(rest)
		out = append(out, rest[i])
		rest, n = slices.Delete(rest, i, i+1), n%block
	}
	return out
}

// Begins is when the step's first delivery is due, after the case's start: as soon
// as the last of its events has happened.
func (d *Deliver) Begins(c *Case) (at time.Duration) {
	for _, name := range d.Events() {
		at = max(at, c.Emits(name).After+d.At)
	}
	return at + time.Duration(len(d.Permute))*PermuteApart
}

// PermuteApart is the virtual time between the deliveries of a permuted step.
const PermuteApart = time.Second
