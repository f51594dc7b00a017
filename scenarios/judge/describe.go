package judge

import (
	"strconv"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// why words the reason of a finding that another check explains.
func (f Finding) why() lang.Text {
	if f.Because != "" {
		return TextNeeds(f.Because)
	}
	return f.Reason
}

// Describe words what the receiver answered in an exchange.
func Describe(e *Exchange) lang.Text {
	if e.Expires {
		return lang.Textf("%d intentos sin llegar, y venció", "%d attempts did not get through, and it expired", len(e.Result.Attempts))
	}
	var runs []lang.Text
	var lengths []int
	for _, o := range e.outcomes() {
		said := answered(o)
		if last := len(runs) - 1; last >= 0 && runs[last] == said {
			lengths[last]++
			continue
		}
		runs, lengths = append(runs, said), append(lengths, 1)
	}
	for i, n := range lengths {
		if n > 1 {
			runs[i] = lang.Textf("%s, %d veces", "%s, %d times", runs[i], n)
		}
	}
	return joined(runs, lang.Text{ES: ", luego ", EN: ", then "})
}

// answered words one answer, or why there was none.
func answered(o *wire.Outcome) lang.Text {
	switch {
	case o.Status != 0:
		return lang.Same(strconv.Itoa(o.Status))
	case o.Err.Kind == wire.ErrHungUp:
		return lang.Text{ES: "cerramos la conexión", EN: "we closed the connection"}
	}
	why := o.Err.Kind.Text()
	if why.IsZero() {
		why = lang.Same(string(o.Err.Kind))
	}
	return lang.Textf("sin respuesta (%s)", "no response (%s)", why)
}
