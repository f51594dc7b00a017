package fuzz

import (
	"math/big"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// relation is how a field of a receiver's state tells a member of the event.
type relation struct {
	path string
	// hundredth: the receiver keeps pesos where the event has cents.
	hundredth bool
}

// holds reports whether a field still tells the member.
func (r relation) holds(got, want any) bool {
	if r.hundredth {
		g, ok1 := receiver.Number(got)
		w, ok2 := receiver.Number(want)
		return ok1 && ok2 && g.Mul(g, big.NewRat(100, 1)).Cmp(w) == 0
	}
	return receiver.Same(want, got)
}

// learner finds out from plain events which fields tell which members.
type learner struct {
	declared bool
	events   int
	fields   map[string]*lesson
}

type lesson struct {
	relation
	exact, hundredth int // how often it held
	strange          bool
	values           []string // different ones that were seen
}

func newLearner(stateMap map[string]string) *learner {
	l := &learner{declared: len(stateMap) > 0, fields: map[string]*lesson{}}
	for field, path := range stateMap {
		l.fields[field] = &lesson{relation: relation{path: path}}
	}
	return l
}

// learn takes one plain event and what the receiver tells of it.
func (l *learner) learn(tree *jsontree.Object, state map[string]any) {
	if !l.declared {
		for field, v := range state {
			if _, known := l.fields[field]; known || !scalar(v) {
				continue
			}
			path := jsontree.JoinName("data.object", field)
			if want, err := jsontree.Get(tree, path); err == nil && scalar(want) {
				l.fields[field] = &lesson{relation: relation{path: path}}
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
		if (relation{path: at.path}).holds(got, want) {
			at.exact++
		}
		if (relation{path: at.path, hundredth: true}).holds(got, want) {
			at.hundredth++
		}
		if text := payload.Shown(want); !slices.Contains(at.values, text) {
			at.values = append(at.values, text)
		}
	}
}

// relations are those that held: for all events but one at the most, which may
// be the very fault that is looked for. What the user declared needs to have held
// once. What was not declared has to have held for different values: a column
// that is always 0 agrees with every member that happens to be 0.
func (l *learner) relations() map[string]relation {
	out := map[string]relation{}
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
			out[field] = relation{path: at.path}
		case at.hundredth >= need:
			out[field] = relation{path: at.path, hundredth: true}
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

func effectsOf(kind string, m observe.Calibration) verdict.KindEffects {
	return verdict.KindEffects{Kind: kind, Count: m.D0, Within: m.Took}
}
