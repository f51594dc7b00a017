package report

import (
	"fmt"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// group is checks that were left unjudged for one and the same reason.
type group struct {
	text lang.Text
	ids  []string
}

// groups writes what could not be judged, by reason: one sentence for forty
// checks that all wait for the same line of configuration.
func (p *page) groups(rs []scenarios.Result, o Options) {
	for i := range rs {
		if r := &rs[i]; standsAlone(r) {
			p.unjudged(r, o)
		}
	}
	p.group("~", p.words.Inconclusive, o, collect(rs, func(r *scenarios.Result) (lang.Text, bool) {
		return r.Reason, r.Verdict == scenarios.Inconclusive && !standsAlone(r)
	}), false)
	p.group("?", p.words.NotObserved, o, collect(rs, func(r *scenarios.Result) (lang.Text, bool) {
		return r.Enable, r.Verdict == scenarios.NotObserved && !r.Enable.IsZero()
	}), true)
	p.group("?", p.words.NotObserved, o, collect(rs, func(r *scenarios.Result) (lang.Text, bool) {
		return r.Reason, r.Verdict == scenarios.NotObserved && r.Enable.IsZero()
	}), false)
	if o.Verbose {
		p.group("-", p.words.NotApplicable, o, collect(rs, func(r *scenarios.Result) (lang.Text, bool) {
			return r.Reason, r.Verdict == scenarios.NotApplicable
		}), false)
	}
}

// standsAlone reports an inconclusive check with a diagnosis of its own: one
// that waits for another check has that check's, which is told there.
func standsAlone(r *scenarios.Result) bool {
	return r.Verdict == scenarios.Inconclusive && r.Diagnosis != nil && r.Needs == ""
}

// unjudged tells an inconclusive check that stands alone.
func (p *page) unjudged(r *scenarios.Result, o Options) {
	p.title("~", plain, r)
	var fs []field
	if s := r.Reason.In(p.tag); s != "" {
		fs = append(fs, field{label: p.words.Reason, text: p.quote(plain, s)})
	}
	p.fields(4, append(fs, p.explanation(r, o)...))
	p.blank()
}

// collect gathers results by text, in the order of their first appearance.
func collect(rs []scenarios.Result, pick func(*scenarios.Result) (lang.Text, bool)) []group {
	var out []group
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
			out = append(out, group{text: text})
		}
		out[n].ids = append(out[n].ids, rs[i].ID)
	}
	return out
}

func (p *page) group(mark string, title lang.Text, o Options, gs []group, config bool) {
	if len(gs) == 0 {
		return
	}
	total := 0
	for _, g := range gs {
		total += len(g.ids)
	}
	head := concat(p.unit(cyan, mark), p.say(plain, fmt.Sprintf(title.In(p.tag), total)))
	indent := 4
	if len(gs) == 1 {
		head = append(head, p.ids(gs[0].ids, o)...)
	}
	p.line(0, indent, head)
	for _, g := range gs {
		if len(gs) > 1 {
			p.line(4, 4, p.ids(g.ids, o))
			indent = 6
		}
		if config {
			p.enabling(indent, g.text.In(p.tag))
		} else {
			p.line(indent, indent, p.quote(dim, g.text.In(p.tag)))
		}
	}
	p.blank()
}

// enabling says what to add, and where, so that checks can be played: lines of
// the config, a flag, or a phrase that names its place by itself.
func (p *page) enabling(indent int, text string) {
	lines := safeLines(text)
	switch {
	case len(lines) == 0:
	case strings.HasPrefix(lines[0], "--"):
		add := p.say(dim, p.words.AddToCommand.In(p.tag))
		p.line(indent, indent+2, append(add, after(2, p.whole(plain, lines[0]))...))
	case strings.Contains(text, "kometia-sim.yaml"):
		add := p.say(dim, p.words.ToTest.In(p.tag))
		p.line(indent, indent+2, append(add, p.say(plain, text)...))
	case len(lines) == 1:
		add := p.say(dim, p.words.AddToConfig.In(p.tag))
		p.line(indent, indent+2, append(add, after(2, p.whole(plain, lines[0]))...))
	default:
		p.line(indent, indent, p.say(dim, p.words.AddToConfig.In(p.tag)))
		for _, l := range lines {
			p.line(indent+2, indent+2, p.whole(plain, l))
		}
	}
}

// ids lists check ids; a short report names the first few.
func (p *page) ids(ids []string, o Options) []atom {
	if o.Verbose || len(ids) <= idsShown+1 {
		return p.comma(plain, ids)
	}
	shown := p.comma(plain, ids[:idsShown])
	return append(shown, p.unit(dim, fmt.Sprintf(p.words.AndMore.In(p.tag), len(ids)-idsShown))...)
}

// passed lists the checks that passed, before all that did not, so that what
// matters stands last.
func (p *page) passed(rs []scenarios.Result) {
	wrote := false
	for i := range rs {
		r := &rs[i]
		if r.Verdict != scenarios.Pass {
			continue
		}
		p.title("✓", green, r)
		for _, n := range r.Notes {
			p.line(4, 4, p.quote(dim, n.In(p.tag)))
		}
		wrote = true
	}
	if wrote {
		p.blank()
	}
}

// whyUnreachable says once why no connection was made: every check of such a
// run has the same thing to say.
func (p *page) whyUnreachable(rs []scenarios.Result, o Options) {
	for i := range rs {
		d := rs[i].Diagnosis
		if d == nil {
			continue
		}
		fs := p.diagnosis(d, o)
		if s := d.Hint.In(p.tag); s != "" {
			fs = append(fs, field{label: p.words.Fix, lines: safeLines(s)})
		}
		p.fields(0, fs)
		p.blank()
		return
	}
}
