package language

import (
	"fmt"
	"path"
	"slices"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

// diagnosisConditions ask why an event was not acknowledged, and whether it could
// have been.
func diagnosisConditions() []Condition {
	return []Condition{
		&condition[[]string]{
			key: "diagnosis", editor: "Codes of the last attempt's diagnosis; csrf.* will do (kometia-sim list diagnoses).",
			means: lang.Text{
				ES: "códigos del diagnóstico del último intento; vale `csrf.*` (`kometia-sim list diagnoses`)",
				EN: "codes of the last attempt's diagnosis; `csrf.*` will do (`kometia-sim list diagnoses`)",
			},
			check: checkDiagnoses,
			holds: func(want []string, e *Evidence) bool {
				return e.Diagnosis != nil && slices.ContainsFunc(want, func(p string) bool { return matches(p, e.Diagnosis.Code) })
			},
		},
		&condition[[]string]{
			key: "certainty", editor: "How certain the diagnosis is.",
			means: lang.Text{ES: "qué tan seguro es el diagnóstico: `certain`, `likely`, `possible`", EN: "how certain the diagnosis is: `certain`, `likely`, `possible`"},
			among: []string{string(diagnose.Certain), string(diagnose.Likely), string(diagnose.Possible)},
			holds: func(want []string, e *Evidence) bool {
				return e.Diagnosis != nil && slices.Contains(want, string(e.Diagnosis.Certainty))
			},
		},
		&condition[*bool]{
			key: "declared", editor: "The user declared the kind as subscribed.",
			means: lang.Text{ES: "si el usuario declaró el tipo como suscrito", EN: "whether the user declared the kind as subscribed"},
			holds: func(want *bool, e *Evidence) bool { return is(want, e.Declared) },
		},
		&condition[*bool]{
			key: "elsewhere", editor: "Another case was acknowledged.",
			means: lang.Text{ES: "si otro caso se aceptó", EN: "whether another case was acknowledged"},
			holds: func(want *bool, e *Evidence) bool { return is(want, e.Elsewhere) },
		},
	}
}

func checkDiagnoses(f *strictyaml.File, at string, want []string, in place) {
	for i, d := range want {
		at := fmt.Sprintf("%s[%d]", at, i)
		if _, err := path.Match(d, ""); err != nil {
			f.Fail(at, "diagnóstico %q: %s", "diagnosis %q: %s", d, err)
		} else if in.known != nil && !slices.ContainsFunc(in.known.codes, func(code string) bool { return matches(d, code) }) {
			f.Fail(at, "ningún diagnóstico se llama %q%s (kometia-sim list diagnoses los muestra)", "no diagnosis is named %q%s (kometia-sim list diagnoses shows them)", d, didYouMean(d, in.known.codes))
		}
	}
}

func matches(pattern, name string) bool {
	ok, _ := path.Match(pattern, name)
	return ok
}
