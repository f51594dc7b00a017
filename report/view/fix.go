package view

import (
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
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

// fixes are the remedies of a diagnosis and that of the check itself, the one
// that knows better first.
func (w *Words) fixes(r *verdict.Result) []Fix {
	own, diagnosed := mixed(r.Fix.In(w.Tag)), w.diagnosed(r)
	if leads(r) {
		return append(diagnosed, own...)
	}
	return append(own, diagnosed...)
}

// foremost are the fixes that a short report shows: those of the diagnosis for the
// framework that was recognised, else for the likeliest two, or the check's own.
func (w *Words) foremost(r *verdict.Result) []Fix {
	own, diagnosed := mixed(r.Fix.In(w.Tag)), w.diagnosed(r)
	if len(own) == 0 || leads(r) && len(diagnosed) > 0 {
		return diagnosed[:min(len(diagnosed), fixesShown)]
	}
	return own
}

// diagnosed are the remedies of a diagnosis.
func (w *Words) diagnosed(r *verdict.Result) (diagnosed []Fix) {
	d := r.Diagnosis
	if d == nil {
		return nil
	}
	for i := range d.Fixes[:min(len(d.Fixes), remediesShown)] {
		f := &d.Fixes[i]
		v := Fix{For: Prose(f.For.In(w.Tag)), Text: Prose(f.Text.In(w.Tag)), Code: strings.Join(Lines(f.Code), "\n")}
		if v.For == "" {
			v.For = Safe(f.File)
		}
		if v.Text != "" || v.Code != "" {
			diagnosed = append(diagnosed, v)
		}
	}
	if len(diagnosed) == 0 {
		diagnosed = mixed(d.Hint.In(w.Tag))
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

// remedy is the first fix in one line, for lists.
func (w *Words) remedy(r *verdict.Result) string {
	if leads(r) && !r.Diagnosis.Hint.IsZero() {
		return Safe(Prose(r.Diagnosis.Hint.In(w.Tag)))
	}
	for _, f := range mixed(r.Fix.In(w.Tag)) {
		return Safe(strings.TrimRight(f.Text, ":"))
	}
	if r.Diagnosis != nil {
		return Safe(Prose(r.Diagnosis.Hint.In(w.Tag)))
	}
	return ""
}
