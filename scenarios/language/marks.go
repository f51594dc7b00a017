package language

import (
	"fmt"
	"regexp"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

func (l *Leaks) validate(m *mistakes, at string) {
	m.oneOf(at+".then", string(l.Then), string(verdict.Fail), string(verdict.Warn), string(verdict.Info))
	if len(l.Marks) == 0 {
		m.add(at+".marks", "none: without a mark nothing leaks")
	}
	for i := range l.Marks {
		mark, at := &l.Marks[i], fmt.Sprintf("%s.marks[%d]", at, i)
		if mark.What.IsZero() {
			m.add(at+".what", "missing: give es or en")
		}
		var err error
		if mark.pattern, err = regexp.Compile(mark.Pattern); err != nil {
			m.add(at+".pattern", "%w", err)
		} else if mark.pattern.MatchString("") {
			m.add(at+".pattern", "%q fits even an empty answer", mark.Pattern)
		}
	}
}

// fits reports whether an answer holds what the mark is known by.
func (m *Mark) Fits(said string) bool { return m.pattern.MatchString(said) }
