package language

import (
	"fmt"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// maxCopies is how many may race: each takes a connection of its own.
const maxCopies = 64

// validateFaults checks what breaks the attempts of a delivery.
func (d *Deliver) validateFaults(m *mistakes, at string, class consent.Class) {
	for i, s := range d.Faults {
		at := fmt.Sprintf("%s.faults[%d]", at, i)
		f, err := fault.Parse(s)
		switch {
		case err != nil:
			m.add(at, "%w", err)
		case f.Cuts() && class != consent.Malformed:
			m.add(at, "%s sends a malformed body: give the scenario `consent: malformed`, so that another machine gets it only when its owner allows it", f.Kind)
		case d.Connection == "kept" && breaks(f):
			m.add(at, "%s takes a connection of its own: leave out connection: kept", f.Kind)
		case d.ExpectContinue && breaks(f):
			m.add(at, "%s and expect_continue both say how the request goes out: give one of them", f.Kind)
		case d.Copies > 0 && i == 0 && breaks(f):
			m.add(at, `the first attempts of copies end together and cannot be broken: begin with "" or lose-answer`)
		}
	}
	switch attempts := max(d.Attempts, 1); {
	case len(d.Faults) > attempts:
		m.add(at+".faults", "%d faults for %d attempts: raise attempts", len(d.Faults), attempts)
	case len(d.Faults) == attempts && !slices.ContainsFunc(d.Faults, func(s string) bool { return s != string(fault.Refuse) }):
		m.add(at+".faults", "none of its %d attempts leaves: raise attempts, so that one gets through", attempts)
	}
}

// breaks reports whether the fault changes how a request goes out, or whether
// it does.
func breaks(f fault.Fault) bool { return f.Kind != fault.None && f.Kind != fault.LoseAnswer }

// validateCopies checks what else says how a request goes out.
func (d *Deliver) validateCopies(m *mistakes, at string) {
	m.whole(at+".copies", d.Copies, maxCopies)
	switch kept := d.Connection == "kept"; {
	case d.Copies == 1:
		m.add(at+".copies", "one copy races with nobody: give at least 2, or leave copies out")
	case d.Copies > 0 && (d.Parallel > 0 || d.KillAfter > 0):
		m.add(at+".copies", "copies race by themselves: give them without parallel and kill_after")
	case d.Copies > 0 && d.ExpectContinue:
		m.add(at+".copies", "copies and expect_continue both say when the body goes out: give one of them")
	case d.Copies > 0 && kept:
		m.add(at+".copies", "every copy takes a connection of its own: leave out connection: kept")
	case d.ExpectContinue && kept:
		m.add(at+".expect_continue", "it takes a connection of its own: leave out connection: kept")
	}
}

// faults are the faults of a delivery that has been validated.
func (d *Deliver) ParsedFaults() (out []fault.Fault) {
	for _, s := range d.Faults {
		f, err := fault.Parse(s)
		if err != nil {
			panic(err)
		}
		out = append(out, f)
	}
	return out
}

// hangsUp reports whether the case ends a connection before its answer.
func (c *Case) hangsUp() bool {
	return slices.ContainsFunc(c.Steps, func(st Step) bool {
		return st.Deliver != nil && slices.ContainsFunc(st.Deliver.Faults, func(s string) bool {
			f, err := fault.Parse(s)
			return err == nil && f.Abandons()
		})
	})
}
