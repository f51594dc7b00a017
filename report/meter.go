package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// linesShown is how many lines of config the sentence on what was proved names;
// the blocks below it have them all.
const linesShown = 3

// unlocked gathers the checks that were not observed by what would let them
// be: the lines that prove the most MUSTs first.
func unlocked(rs []verdict.Result) []group {
	gs := collect(rs, func(r *verdict.Result) (lang.Text, bool) {
		return r.Enable, r.Verdict == verdict.NotObserved && !r.Enable.IsZero()
	})
	slices.SortStableFunc(gs, func(a, b group) int {
		if a.must != b.must {
			return b.must - a.must
		}
		return len(b.ids) - len(a.ids)
	})
	return gs
}

// step is a line of config, or a flag, to be added to those of the steps before
// it, and how many MUSTs would be proved then.
type step struct {
	add []string
	to  int
}

// steps say how the MUSTs that nobody could observe come to be proved: at each
// step the lines that prove, each, the most of what is left. What proves no MUST
// is no step.
func steps(rs []verdict.Result, sum Summary, tag lang.Tag) []step {
	left := slices.DeleteFunc(unlocked(rs), func(g group) bool { return g.must == 0 })
	var out []step
	have := map[string]bool{}
	missing := func(g group) []string {
		command, config := additions(g.text.In(tag))
		return slices.DeleteFunc(append(config, command...), func(l string) bool { return have[l] })
	}
	for proved := sum.MustObserved; len(left) > 0; {
		var s step
		most := 0
		for i := range left {
			add := missing(left[i])
			n := 0
			for _, g := range left {
				if !slices.ContainsFunc(missing(g), func(l string) bool { return !slices.Contains(add, l) }) {
					n += g.must
				}
			}
			if most == 0 || n*len(s.add) > most*len(add) {
				s.add, most = add, n
			}
		}
		for _, l := range s.add {
			have[l] = true
		}
		left = slices.DeleteFunc(left, func(g group) bool { return len(missing(g)) == 0 })
		proved += most
		s.to = proved
		out = append(out, s)
	}
	return out
}

// additions takes a text apart into what is added: flags to the command, and
// members of the config, each with all of its lines.
func additions(text string) (command, config []string) {
	for _, l := range safeLines(text) {
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

var member = regexp.MustCompile(`(^|[]}] +)([a-z][a-z_]*:)`)

// handles are what additions are called in a sentence: flags by themselves,
// members of the config by their names.
func handles(add []string) (out []string) {
	for _, a := range add {
		if strings.HasPrefix(a, "--") {
			out = append(out, a)
			continue
		}
		first, _, _ := strings.Cut(a, "\n")
		for _, m := range member.FindAllStringSubmatch(first, -1) {
			out = append(out, m[2])
		}
	}
	return slices.Compact(out)
}

// proved says how many MUSTs were proved, which line of config would prove how
// many more, and what weighs most of all that was not.
func (p *page) proved(r *verdict.Report, sum Summary) string {
	w := &p.words
	said := fmt.Sprintf(w.Proved.In(p.tag), sum.MustObserved, sum.MustTotal)
	shown := 0
	for _, s := range steps(r.Results, sum, p.tag) {
		names := handles(s.add)
		if len(names) == 0 {
			continue
		}
		if shown++; shown > linesShown {
			break
		}
		form := w.WouldProve
		if shown > 1 {
			form = w.WouldProveToo
		}
		said += "; " + fmt.Sprintf(form.In(p.tag), p.and(names), s.to)
	}
	said += "."
	if f := foremost(r.Results); f != nil {
		said += " " + fmt.Sprintf(w.Foremost.In(p.tag), Safe(f.ID), Safe(lowerFirst(f.Title.In(p.tag))))
	}
	return said
}

// simulated says how much time was played, and that the receiver saw none of it
// pass, or only where a check moved its clock.
func (p *page) simulated(r *verdict.Report) string {
	said := p.words.Simulated
	if r.Moved {
		said = p.words.SimulatedMoved
	}
	return fmt.Sprintf(said.In(p.tag), span(r.Virtual.Round(time.Second)), Elapsed(r.Elapsed))
}

// foremost is the check that the catalogue has the reports name while it is
// not observed; nil when there is none.
func foremost(rs []verdict.Result) *verdict.Result {
	for i := range rs {
		if rs[i].Foremost && rs[i].Verdict == verdict.NotObserved {
			return &rs[i]
		}
	}
	return nil
}

// and lists names as a sentence does.
func (p *page) and(names []string) string {
	if len(names) == 0 {
		return "…"
	}
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return fmt.Sprintf(p.words.And.In(p.tag), strings.Join(names[:last], ", "), names[last])
}
