package observe

import (
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxTallied bounds the ids that are kept: a run has thousands, so more than
// this comes from a pattern that matches everything of a busy receiver.
const maxTallied = 1 << 20

// tally counts traces (a line of a log, a call) by the ids that they carry.
//
// A trace that carries event ids counts for these events only; one without
// counts for its objects. So "pedido pagado ord_1 evn_2" is no effect of the
// earlier event about the same order.
type tally struct {
	events  map[string]int
	objects map[string]int
	full    bool
}

func newTally() *tally { return &tally{events: map[string]int{}, objects: map[string]int{}} }

// add counts one trace by all the ids that it carries.
func (t *tally) add(ids map[string]struct{}) {
	to, ofEvents := t.objects, false
	for id := range ids {
		if isEvent(id) {
			to, ofEvents = t.events, true
		}
	}
	for id := range ids {
		if isEvent(id) != ofEvents {
			continue
		}
		if len(t.events)+len(t.objects) >= maxTallied && to[id] == 0 {
			t.full = true
			continue
		}
		to[id]++
	}
}

func isEvent(id string) bool { return strings.HasPrefix(id, "evn_") }

// count is what a subject has.
func (t *tally) count(s Subject) int {
	n := t.events[s.EventID]
	if s.ObjectID != "" && s.ObjectID != s.EventID {
		n += t.objects[s.ObjectID]
	}
	return n
}

// readings counts all subjects.
func (t *tally) readings(what string, subjects []Subject) ([]Reading, error) {
	if t.full {
		return nil, &Error{
			What: what, Kind: Overflow,
			Text: lang.Textf("hay más de %d ids distintos: haga más preciso lo que se observa", "there are more than %d different ids: make what is observed more precise", maxTallied),
		}
	}
	out := make([]Reading, len(subjects))
	for i, s := range subjects {
		out[i].Effects = t.count(s)
	}
	return out, nil
}

// maxID is longer than any id: three letters, "_" and a cuid of 25 characters.
const maxID = 64

// findIDs adds the ids in text to found: three lower-case letters, "_", and
// lower-case letters and digits, as Kometia writes them. Every "_" is looked
// at, because ids stand inside of longer words ("pedido_evn_c...", "ord_c..._v2").
// None of these characters is ever escaped, not in JSON, not in a URL, not in a
// form.
func findIDs(found map[string]struct{}, text []byte) {
	for i := 3; i < len(text); i++ {
		if text[i] != '_' || !isLower(text[i-3]) || !isLower(text[i-2]) || !isLower(text[i-1]) {
			continue
		}
		end := i + 1
		for end < len(text) && (isLower(text[end]) || isDigit(text[end])) {
			end++
		}
		if end == i+1 || end-i > maxID || end < len(text) && text[end] >= 'A' && text[end] <= 'Z' {
			continue
		}
		found[string(text[i-3:end])] = struct{}{}
	}
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
