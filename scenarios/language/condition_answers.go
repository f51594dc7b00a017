package language

import (
	"fmt"
	"slices"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// answerConditions ask where an exchange belongs and how it was answered.
func answerConditions() []Condition {
	return []Condition{
		&condition[[]string]{
			key: "cases", editor: "Only in these cases.",
			means: lang.Text{ES: "solo en estos casos", EN: "only in these cases"},
			check: func(f *strictyaml.File, at string, want []string, in place) {
				var cases []string
				for i := range in.scenario.Cases {
					cases = append(cases, in.scenario.Cases[i].Name)
				}
				for i, name := range want {
					oneOf(f, fmt.Sprintf("%s[%d]", at, i), name, cases...)
				}
			},
			holds: func(want []string, e *Evidence) bool { return slices.Contains(want, e.Case) },
		},
		&condition[Answers]{
			key: "answers",
			means: lang.Text{
				ES: "patrones para los intentos que llegaron al receptor, en orden: `2xx`, `409`, `none`, `any`, `409|503`, `!2xx`, y `...` para el resto; un solo patrón se prueba en el último intento",
				EN: "patterns for the attempts that reached the receiver, in order: `2xx`, `409`, `none`, `any`, `409|503`, `!2xx`, and `...` for the rest; a single pattern is tried on the last attempt",
			},
			check: func(f *strictyaml.File, at string, want Answers, _ place) { f.Check(at, want.validate()) },
			holds: func(want Answers, e *Evidence) bool { return want.Match(statuses(e.Outcomes)) },
		},
	}
}
