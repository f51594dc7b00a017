package view

import (
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

const remediesShown = 12 // of a diagnosis

// Diagnosis is why an attempt was refused.
type Diagnosis struct {
	Title, Code, Certainty, Evidence string
	Sure                             bool     // more than possible
	Hint                             []string // the remedy, line by line
}

// Fix is a remedy, or a part of one: what it is for, in words, as code.
type Fix struct{ For, Text, Code string }

// Diagnosis tells a diagnosis; title is the cause in one line of one that has
// none itself, "" for none.
func (w *Words) Diagnosis(d *diagnose.Diagnosis, title string) *Diagnosis {
	if !d.Title.IsZero() {
		title = d.Title.In(w.Tag)
	}
	return &Diagnosis{
		Title: Prose(title), Code: Safe(d.Code), Certainty: w.certainty(d.Certainty), Evidence: Safe(d.Evidence.In(w.Tag)),
		Sure: d.Certainty == diagnose.Certain || d.Certainty == diagnose.Likely,
		Hint: Lines(d.Hint.In(w.Tag)),
	}
}

// speaks reports whether the diagnosis has more to say of what to do than the
// check itself: not where it is general and normal events pass.
func speaks(r *verdict.Result) bool {
	d := r.Diagnosis
	return d != nil && (!d.General || !r.Passes)
}

// leads reports whether its fixes stand before the check's own: not where it is
// only possible.
func leads(r *verdict.Result) bool {
	return speaks(r) && r.Diagnosis.Certainty != diagnose.Possible
}

// remedies are what can be done about a result.
type remedies struct {
	own       []Fix  // of the check itself
	diagnosed []Fix  // of the diagnosis
	hint      string // of the diagnosis
	leads     bool   // the diagnosis knows better
}

func remediesOf(r *verdict.Result, tag lang.Tag) remedies {
	m := remedies{own: mixed(r.Fix.In(tag)), leads: leads(r)}
	if r.Diagnosis != nil {
		m.diagnosed, m.hint = diagnosed(r.Diagnosis, tag), r.Diagnosis.Hint.In(tag)
	}
	return m
}

// all are those of the diagnosis and that of the check itself, the one that knows
// better first.
func (m *remedies) all() []Fix {
	if m.leads {
		return slices.Concat(m.diagnosed, m.own)
	}
	return slices.Concat(m.own, m.diagnosed)
}

// foremost are the fixes that a short report shows: those of the diagnosis for the
// framework that was recognised, else for the likeliest two, or the check's own.
func (m *remedies) foremost() []Fix {
	if len(m.own) == 0 || m.leads && len(m.diagnosed) > 0 {
		return m.diagnosed[:min(len(m.diagnosed), fixesShown)]
	}
	return m.own
}

// line is the first fix in one line, for lists.
func (m *remedies) line() string {
	if len(m.own) == 0 || m.leads && m.hint != "" {
		return Safe(Prose(m.hint))
	}
	return Safe(strings.TrimRight(m.own[0].Text, ":"))
}

// diagnosed are the remedies of a diagnosis.
func diagnosed(d *diagnose.Diagnosis, tag lang.Tag) (diagnosed []Fix) {
	for i := range d.Fixes[:min(len(d.Fixes), remediesShown)] {
		f := &d.Fixes[i]
		v := Fix{For: Prose(f.For.In(tag)), Text: Prose(f.Text.In(tag)), Code: strings.Join(Lines(f.Code), "\n")}
		if v.For == "" {
			v.For = Safe(f.File)
		}
		if v.Text != "" || v.Code != "" {
			diagnosed = append(diagnosed, v)
		}
	}
	if len(diagnosed) == 0 {
		diagnosed = mixed(d.Hint.In(tag))
	}
	return diagnosed
}

// mixed takes a text apart into prose and, where it is indented, code.
func mixed(s string) []Fix {
	var out []Fix
	var text, code []string
	end := func() {
		if len(text)+len(code) > 0 {
			out = append(out, Fix{Text: strings.Join(text, " "), Code: strings.Join(dedent(code), "\n")})
		}
		text, code = nil, nil
	}
	for _, line := range Lines(s) {
		switch {
		case strings.HasPrefix(line, "  "), line == "" && len(code) > 0:
			code = append(code, line)
		case strings.TrimSpace(line) == "":
		default:
			if len(code) > 0 {
				end()
			}
			text = append(text, strings.TrimSpace(line))
		}
	}
	end()
	return out
}
