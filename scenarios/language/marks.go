package language

import (
	"fmt"
	"regexp"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

func (l *Leaks) validate(f *strictyaml.File, at string) {
	oneOf(f, at+".then", string(l.Then), string(verdict.Fail), string(verdict.Warn), string(verdict.Info))
	if len(l.Marks) == 0 {
		f.Fail(at+".marks", "ninguna: sin marca nada se fuga", "none: without a mark nothing leaks")
	}
	for i := range l.Marks {
		mark, at := &l.Marks[i], fmt.Sprintf("%s.marks[%d]", at, i)
		if mark.What.IsZero() {
			f.Fail(at+".what", "falta: dé es o en", "missing: give es or en")
		}
		var err error
		if mark.pattern, err = regexp.Compile(mark.Pattern); err != nil {
			f.Fail(at+".pattern", "%s", "%s", err)
		} else if mark.pattern.MatchString("") {
			f.Fail(at+".pattern", "%q vale hasta para una respuesta vacía", "%q fits even an empty response", mark.Pattern)
		}
	}
}

// Fits reports whether an answer holds what the mark is known by.
func (m *Mark) Fits(said string) bool { return m.pattern.MatchString(said) }
