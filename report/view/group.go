package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// configFile is named by a phrase that says by itself where to add something.
const configFile = "kometia-sim.yaml"

// Group is checks that were left unjudged for one and the same reason: one
// sentence for forty checks that all wait for the same line of configuration.
type Group struct {
	IDs    []string
	At     []int      // where they stand among the checks
	Must   string     // "(+3 MUST)": how many of them are MUSTs; "" for none
	Reason string     // why they were not judged
	Enable []Addition // what to add so that they are; nil when nothing would do
	must   int
	lines  []line // what to add, line by line
}

// Addition is what to add so that a check can be observed: the lead says where.
type Addition struct {
	Lead, Text string
	Code       bool // to be copied as it stands
}

// collect gathers results by text, in the order of their first appearance.
func collect(rs []verdict.Result, pick func(*verdict.Result) (lang.Text, bool), w *Words) []Group {
	var out []Group
	at := map[lang.Text]int{}
	for i := range rs {
		text, ok := pick(&rs[i])
		if !ok {
			continue
		}
		n, known := at[text]
		if !known {
			n = len(out)
			at[text] = n
			out = append(out, Group{Reason: Safe(text.In(w.Tag))})
		}
		g := &out[n]
		g.IDs, g.At = append(g.IDs, Safe(rs[i].ID)), append(g.At, i)
		if rs[i].Level == verdict.Must {
			g.must++
			g.Must = w.MoreMust.Of(g.must)
		}
	}
	return out
}

// reasonOf picks the results of one verdict that no line of config would
// change, but for those that stand alone.
func reasonOf(v verdict.Verdict) func(*verdict.Result) (lang.Text, bool) {
	return func(r *verdict.Result) (lang.Text, bool) {
		return r.Reason, r.Verdict == v && !standsAlone(r) && (v != verdict.NotObserved || r.Enable.IsZero())
	}
}

// standsAlone reports an inconclusive check with a diagnosis of its own: one
// that waits for another check has that check's, which is told there.
func standsAlone(r *verdict.Result) bool {
	return r.Verdict == verdict.Inconclusive && r.Diagnosis != nil && r.Needs == ""
}

// unlocked gathers the checks that were not observed by what would let them
// be: the lines that prove the most MUSTs first.
func unlocked(rs []verdict.Result, w *Words, has []string) []Group {
	gs := collect(rs, func(r *verdict.Result) (lang.Text, bool) {
		return r.Enable, r.Verdict == verdict.NotObserved && !r.Enable.IsZero()
	}, w)
	for i := range gs {
		text := rs[gs[i].At[0]].Enable.In(w.Tag)
		command, config := additions(text)
		gs[i].Enable = w.enable(text)
		for _, l := range append(config, command...) {
			gs[i].lines = append(gs[i].lines, readLine(l, has))
		}
	}
	slices.SortStableFunc(gs, func(a, b Group) int {
		if a.must != b.must {
			return b.must - a.must
		}
		return len(b.IDs) - len(a.IDs)
	})
	return gs
}

// enable is what to add, and where, so that a check can be observed: flags,
// lines of the config, or a phrase that names its place by itself.
func (w *Words) enable(text string) (out []Addition) {
	if strings.Contains(text, configFile) {
		return []Addition{{Lead: w.ToTest, Text: Prose(text)}}
	}
	command, config := additions(text)
	if len(command) > 0 {
		out = append(out, Addition{w.AddToCommand, strings.Join(command, " "), true})
	}
	if len(config) > 0 {
		out = append(out, Addition{w.AddToConfig, strings.Join(config, "\n"), true})
	}
	return out
}

// additions takes a text apart into what is added: flags to the command, and
// fields of the config, each with all of its lines.
func additions(text string) (command, config []string) {
	for _, l := range Lines(text) {
		switch n := len(config); {
		case strings.HasPrefix(l, "--"):
			command = append(command, l)
		case n > 0 && (strings.HasPrefix(l, " ") || l == ""):
			config[n-1] += "\n" + l
		default:
			config = append(config, l)
		}
	}
	return command, config
}

// Step is what to add, lines of config or flags, to what the steps before it
// add, and how many of the required checks would be tested then.
type Step struct {
	Add  []string
	To   int
	keys []string // what a sentence calls it
}

// steps say how the required checks that nobody could observe come to be tested: at
// each step the keys that bring, each, the most of what is left. What brings none is
// no step.
func steps(unlocked []Group, tested int) []Step {
	left := slices.DeleteFunc(slices.Clone(unlocked), func(g Group) bool { return g.must == 0 })
	var out []Step
	have := map[string]bool{}
	missing := func(g *Group) (keys []string) {
		for _, l := range g.lines {
			for _, key := range l.keys {
				if !have[key] && !slices.Contains(keys, key) {
					keys = append(keys, key)
				}
			}
		}
		return keys
	}
	for len(left) > 0 {
		var s Step
		most, by := 0, 0
		for i := range left {
			keys, n := missing(&left[i]), 0
			for j := range left {
				if !slices.ContainsFunc(missing(&left[j]), func(key string) bool { return !slices.Contains(keys, key) }) {
					n += left[j].must
				}
			}
			if most == 0 || n*len(s.keys) > most*len(keys) {
				s.keys, most, by = keys, n, i
			}
		}
		for _, l := range left[by].lines {
			if slices.ContainsFunc(l.keys, func(key string) bool { return !have[key] }) {
				s.Add = append(s.Add, l.text)
			}
		}
		for _, key := range s.keys {
			have[key] = true
		}
		left = slices.DeleteFunc(left, func(g Group) bool { return len(missing(&g)) == 0 })
		tested += most
		s.To = tested
		if len(s.keys) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// Names are what the additions of a step are called in a sentence: flags by
// themselves, fields of the config by their names.
func (s Step) Names(w *Words) string { return w.and(s.keys) }

// Names are what the additions of a group are called.
func (g *Group) Names(w *Words) string {
	var keys []string
	for _, l := range g.lines {
		for _, key := range l.keys {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	if keys == nil {
		return ""
	}
	return w.and(keys)
}

// and lists names as a sentence does.
func (w *Words) and(names []string) string {
	if len(names) == 0 {
		return "…"
	}
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return fmt.Sprintf(w.And, strings.Join(names[:last], ", "), names[last])
}
