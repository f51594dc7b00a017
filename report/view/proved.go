package view

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// stepsShown is how many steps the sentence on what was proved names; the
// groups have them all.
const stepsShown = 3

// proved says how many MUSTs were proved, which line of config would prove how
// many more, what weighs most of all that was not, and in which time.
func (v *Report) proved(r *verdict.Report) string {
	w := v.Words
	said := fmt.Sprintf(w.Proved, v.Summary.MustObserved, v.Summary.MustTotal)
	shown := 0
	for _, s := range v.Steps {
		names := s.names()
		if len(names) == 0 {
			continue
		}
		if shown++; shown > stepsShown {
			break
		}
		form := w.WouldProve
		if shown > 1 {
			form = w.WouldProveToo
		}
		said += "; " + fmt.Sprintf(form, w.and(names), s.To)
	}
	said += "."
	if v.Foremost != nil {
		said += " " + fmt.Sprintf(w.Foremost, v.Foremost.ID, lowerFirst(v.Foremost.Title))
	}
	if r.Virtual > 0 {
		simulated := w.Simulated
		if r.Moved {
			simulated = w.SimulatedMoved
		}
		said += " " + fmt.Sprintf(simulated, Span(r.Virtual.Round(time.Second)), Elapsed(r.Elapsed))
	}
	return said
}

// lowerFirst goes on with a sentence; a word in capitals keeps them.
func lowerFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[size:]); !unicode.IsUpper(r) || unicode.IsUpper(next) {
		return s
	}
	return string(unicode.ToLower(r)) + s[size:]
}

// UpperFirst begins a sentence.
func UpperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if !unicode.IsLower(r) {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}
