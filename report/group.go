package report

import (
	"fmt"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// group is checks that were left unjudged for one and the same reason.
type group struct {
	text lang.Text
	ids  []string
	at   []int // where they stand among the results
	must int   // how many of them are MUSTs
}

// groups writes what could not be judged, by reason: one sentence for forty
// checks that all wait for the same line of configuration.
func (p *page) groups(rs []verdict.Result, o Options) {
	for i := range rs {
		if r := &rs[i]; standsAlone(r) {
			p.unjudged(r, o)
		}
	}
	p.group("~", p.words.Inconclusive, o, collect(rs, func(r *verdict.Result) (lang.Text, bool) {
		return r.Reason, r.Verdict == verdict.Inconclusive && !standsAlone(r)
	}), false)
	p.group("?", p.words.NotObserved, o, unlocked(rs), true)
	p.group("?", p.words.NotObserved, o, collect(rs, func(r *verdict.Result) (lang.Text, bool) {
		return r.Reason, r.Verdict == verdict.NotObserved && r.Enable.IsZero()
	}), false)
	if o.Verbose {
		p.group("-", p.words.NotApplicable, o, collect(rs, func(r *verdict.Result) (lang.Text, bool) {
			return r.Reason, r.Verdict == verdict.NotApplicable
		}), false)
	}
}

// standsAlone reports an inconclusive check with a diagnosis of its own: one
// that waits for another check has that check's, which is told there.
func standsAlone(r *verdict.Result) bool {
	return r.Verdict == verdict.Inconclusive && r.Diagnosis != nil && r.Needs == ""
}

// unjudged tells an inconclusive check that stands alone.
func (p *page) unjudged(r *verdict.Result, o Options) {
	p.title("~", plain, r)
	var fs []field
	if s := r.Reason.In(p.tag); s != "" {
		fs = append(fs, field{label: p.words.Reason, text: p.quote(plain, s)})
	}
	p.fields(4, append(fs, p.explanation(r, o)...))
	p.blank()
}

// collect gathers results by text, in the order of their first appearance.
func collect(rs []verdict.Result, pick func(*verdict.Result) (lang.Text, bool)) []group {
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
		out[n].ids, out[n].at = append(out[n].ids, rs[i].ID), append(out[n].at, i)
		if rs[i].Level == verdict.Must {
			out[n].must++
		}
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
	who := func(g group) []atom {
		ids := p.ids(g.ids, o)
		if config && g.must > 0 {
			ids = append(ids, after(2, p.unit(dim, fmt.Sprintf(p.words.MoreMust.In(p.tag), g.must)))...)
		}
		return ids
	}
	if len(gs) == 1 {
		head = append(head, who(gs[0])...)
	}
	p.line(0, indent, head)
	for _, g := range gs {
		if len(gs) > 1 {
			p.line(4, 4, who(g))
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

// enabling says what to add, and where, so that checks can be played.
func (p *page) enabling(indent int, text string) {
	for _, a := range p.enable(text) {
		lead, lines := p.say(dim, a.Lead), strings.Split(a.Text, "\n")
		switch {
		case !a.Code:
			p.line(indent, indent+2, append(lead, p.say(plain, a.Text)...))
		case len(lines) == 1:
			p.line(indent, indent+2, append(lead, after(2, p.whole(plain, a.Text))...))
		default:
			p.line(indent, indent, lead)
			for _, l := range lines {
				code := strings.TrimLeft(l, " ")
				in := indent + 2 + len(l) - len(code)
				p.line(in, in, p.whole(plain, code))
			}
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
func (p *page) passed(rs []verdict.Result) {
	wrote := false
	for i := range rs {
		r := &rs[i]
		if r.Verdict != verdict.Pass {
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
func (p *page) whyUnreachable(rs []verdict.Result, o Options) {
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
