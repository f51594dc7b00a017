package fuzz

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

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
		g, ok1 := rational(got)
		w, ok2 := rational(want)
		return ok1 && ok2 && g.Mul(g, big.NewRat(100, 1)).Cmp(w) == 0
	}
	return agree(got, want)
}

// agree compares as people do: 1 and "1", true and 1, nothing and "", texts
// without the spaces around them and in one Unicode form.
func agree(got, want any) bool {
	if blank(got) || blank(want) {
		return blank(got) && blank(want)
	}
	if g, ok := rational(got); ok {
		if w, ok := rational(want); ok {
			return g.Cmp(w) == 0
		}
	}
	g, ok1 := got.(string)
	w, ok2 := want.(string)
	if ok1 && ok2 {
		return tidy(g) == tidy(w)
	}
	return same(got, want)
}

func tidy(s string) string {
	return strings.ReplaceAll(norm.NFC.String(strings.TrimSpace(s)), "\r\n", "\n")
}

func blank(v any) bool {
	s, isText := v.(string)
	return v == nil || isText && strings.TrimSpace(s) == ""
}

// rational reads a number, a flag or a text of digits as a number.
func rational(v any) (*big.Rat, bool) {
	switch v := v.(type) {
	case json.Number:
		return new(big.Rat).SetString(short(v))
	case bool:
		if v {
			return big.NewRat(1, 1), true
		}
		return new(big.Rat), true
	case string:
		if len(v) == 0 || strings.Trim(v, "0123456789.-") != "" {
			return nil, false
		}
		return new(big.Rat).SetString(short(json.Number(v)))
	}
	return nil, false
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
		if text := shown(want); !slices.Contains(at.values, text) {
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
