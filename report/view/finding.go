package view

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

const (
	changesShown = 6  // of a finding
	valueShown   = 60 // characters of a value in a sentence
	changeShown  = 90 // in a table
)

// Finding is what fuzz found, as it is told.
type Finding struct {
	ID string // of the case that was kept
	// Breaks is what is out of the ordinary in what was sent, line by line: of a
	// payload its differences from a normal event, of a history what happens in it.
	Breaks []string
	// Alike says how many cases fail alike; "" for one.
	Alike string
	// Notes is how many of the check's notes, the first ones, say the same.
	Notes int
}

// finding makes the view of a finding; nil for none.
func (w *Words) finding(f *verdict.Finding) *Finding {
	if f == nil {
		return nil
	}
	v := &Finding{ID: Safe(f.ID)}
	for i, c := range f.Changes {
		if i == changesShown {
			v.Breaks = append(v.Breaks, fmt.Sprintf(w.MoreChanges, len(f.Changes)-i))
			break
		}
		v.Breaks = append(v.Breaks, w.changed(c))
	}
	switch {
	case len(f.Changes) > 0 || f.What == "":
	case f.What == f.Kind:
		v.Breaks = []string{fmt.Sprintf(w.OneDelivery, Safe(f.What))}
	default:
		v.Breaks = []string{Safe(f.What)}
	}
	if f.Count > 1 {
		v.Alike = fmt.Sprintf(w.FailAlike, f.Count)
	}
	return v
}

// notes are the same as remarks, for formats that have no place of their own.
func (f *Finding) notes(w *Words) (notes []string) {
	notes = append(notes, f.Breaks...)
	if f.Alike != "" {
		notes = append(notes, f.Alike)
	}
	return append(notes, fmt.Sprintf(w.CaseKept, f.ID))
}

// cutValue is a value that was cut where it was taken, with its length.
var cutValue = regexp.MustCompile(`(?s)^(.*)…\((\d+)\)$`)

// value makes a value fit for one line; of a long one it shows the beginning and says
// how long it is.
func (w *Words) value(s string, limit int) string {
	n := utf8.RuneCountInString(s)
	if cut := cutValue.FindStringSubmatch(s); cut != nil {
		s = cut[1] + "…"
		n, _ = strconv.Atoi(cut[2])
	}
	shown := clean(s, limit)
	if strings.HasSuffix(shown, "…") {
		shown += " " + fmt.Sprintf(w.Characters, n)
	}
	return shown
}

// changed words one difference from a normal event.
func (w *Words) changed(c verdict.Change) string {
	normal, here := w.value(c.Normal, valueShown), w.value(c.Here, valueShown)
	switch {
	case c.Here == "":
		return fmt.Sprintf(w.IsMissing, Safe(c.Path))
	case c.Normal == "":
		return fmt.Sprintf(w.IsNew, Safe(c.Path), here)
	default:
		return fmt.Sprintf(w.IsOther, Safe(c.Path), here, normal)
	}
}
