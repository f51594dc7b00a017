package receiver

import (
	"encoding/json"
	"math/big"
	"slices"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// Relation is how a field of a receiver's state repeats a field of the event.
type Relation struct {
	Path string
	// Hundredth says that the receiver keeps pesos where the event has cents.
	Hundredth bool
}

// Holds reports whether what the receiver keeps is what the event said.
func (r Relation) Holds(got, want any) bool {
	if r.Hundredth {
		g, ok1 := Number(got)
		w, ok2 := Number(want)
		return ok1 && ok2 && g.Mul(g, big.NewRat(100, 1)).Cmp(w) == 0
	}
	return Same(want, got)
}

// Whole is what the receiver keeps in the unit of the event: cents where it has pesos.
func (r Relation) Whole(got any) any {
	if n, ok := Number(got); ok && r.Hundredth {
		return json.Number(n.Mul(n, big.NewRat(100, 1)).FloatString(2))
	}
	return got
}

// Learner finds out from normal events which fields of the state repeat which
// fields of the event.
type Learner struct {
	declared bool
	events   int
	fields   map[string]*lesson
}

type lesson struct {
	path             string
	exact, hundredth int // how often it held
	strange          bool
	values           []string // different ones that were seen
}

// NewLearner makes a learner. The map names the path in the event that each field
// comes from; when it is empty, a field and the field of the object of the same
// name are compared.
func NewLearner(stateMap map[string]string) *Learner {
	l := &Learner{declared: len(stateMap) > 0, fields: map[string]*lesson{}}
	for field, path := range stateMap {
		l.fields[field] = &lesson{path: path}
	}
	return l
}

// Learn takes one normal event and the state that came of it.
func (l *Learner) Learn(tree *jsontree.Object, state map[string]any) {
	if !l.declared {
		for field, v := range state {
			if _, known := l.fields[field]; known || !scalar(v) {
				continue
			}
			path := jsontree.JoinName("data.object", field)
			if want, err := jsontree.Get(tree, path); err == nil && scalar(want) {
				l.fields[field] = &lesson{path: path}
			}
		}
	}
	l.events++
	for field, at := range l.fields {
		got, told := state[field]
		want, err := jsontree.Get(tree, at.path)
		if err != nil || !told || !scalar(got) || !scalar(want) {
			at.strange = true
			continue
		}
		if (Relation{Path: at.path}).Holds(got, want) {
			at.exact++
		}
		if (Relation{Path: at.path, Hundredth: true}).Holds(got, want) {
			at.hundredth++
		}
		if text := string(jsontree.Encode(want, jsontree.Plain)); !slices.Contains(at.values, text) {
			at.values = append(at.values, text)
		}
	}
}

// Relations are those that held: for all events but one at the most, which may
// be the very fault that is looked for. What the user declared needs to have held
// once. What was not declared has to have held for different values: a column
// that is always 0 agrees with every field that happens to be 0.
func (l *Learner) Relations() map[string]Relation {
	out := map[string]Relation{}
	need := max(l.events-1, 1)
	if l.declared {
		need = 1
	}
	for field, at := range l.fields {
		if at.strange || len(at.values) < 2 && !l.declared {
			continue
		}
		switch {
		case at.exact >= need && at.exact >= at.hundredth:
			out[field] = Relation{Path: at.path}
		case at.hundredth >= need:
			out[field] = Relation{Path: at.path, Hundredth: true}
		}
	}
	return out
}

func scalar(v any) bool {
	switch v.(type) {
	case []any, map[string]any, *jsontree.Object:
		return false
	}
	return true
}
