package language

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// oneOf refuses a name that is none of those known.
func oneOf(f *strictyaml.File, at, got string, among ...string) {
	if !slices.Contains(among, got) {
		f.Fail(at, "%q no es ninguno de %s%s", "%q is none of %s%s", got, strings.Join(among, ", "), didYouMean(got, among))
	}
}

// whole refuses a number below 0 or above most.
func whole(f *strictyaml.File, at string, got, most int) {
	if got < 0 || got > most {
		f.Fail(at, "%d: dé un número de 0 a %d", "%d: give a number from 0 to %d", got, most)
	}
}

// restarts refuses a step that ends the receiver in a scenario without the consent
// for it.
func restarts(f *strictyaml.File, at string, class consent.Class) {
	if class != consent.Restart {
		f.Fail(at, "los hooks matan al receptor o le quitan su base de datos: dé al escenario `consent: restart`, para que otra máquina los reciba solo si su dueño lo permite",
			"hooks end the receiver or take its database away: give the scenario `consent: restart`, so that another machine gets them only when its owner allows it")
	}
}

func didYouMean(got string, among []string) lang.Text {
	return lang.DidYouMean(schemas.Suggest(got, among))
}

// Mistake is what keeps an emit step from being played, with the line of the
// member of it that is wrong; "" is the step itself.
func (s *Scenario) Mistake(c *Case, e *Emit, member string, err error) error {
	for i := range s.Cases {
		for j := range s.Cases[i].Steps {
			if &s.Cases[i] == c && s.Cases[i].Steps[j].Emit == e {
				return s.read.Mistake(fmt.Sprintf("cases[%d].steps[%d].emit%s", i, j, member), "%s", "%s", err)
			}
		}
	}
	return lang.Errorf("%s: %s", "%s: %s", s.File(), err)
}
