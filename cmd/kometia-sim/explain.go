package main

import (
	"context"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/report/columns"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

func explainCommand() command {
	return command{
		name: "explain", args: same("ID"), offers: explainable,
		usage: lang.Text{ES: "explica una prueba, un diagnóstico, un tipo de evento o los supuestos", EN: "explains a check, a diagnosis, an event kind or the assumptions"},
		examples: lang.Text{ES: `kometia-sim explain KOM-RTY-002
kometia-sim explain csrf.laravel
kometia-sim explain supuestos`, EN: `kometia-sim explain KOM-RTY-002
kometia-sim explain csrf.laravel
kometia-sim explain assumptions`},
		act: explain,
	}
}

func explain(_ context.Context, c *call) error {
	if len(c.args) != 1 {
		return console.Usage(lang.Errorf("diga qué explicar: el id de una prueba o de un diagnóstico, un tipo de evento, o supuestos",
			"say what to explain: the id of a check or of a diagnosis, an event kind, or assumptions"))
	}
	catalogue, err := catalogueOf(c)
	if err != nil {
		return err
	}
	p := &page{Page: c.Page(), c: c}
	if known, err := p.explain(c.args[0], catalogue); err != nil {
		return err
	} else if !known {
		ids := explainable()
		for _, k := range catalogue.Kinds() {
			ids = append(ids, k.Name)
		}
		for _, f := range practice.Flaws() {
			ids = append(ids, f.Name)
		}
		slices.Sort(ids)
		return console.Usage(lang.Errorf("nada se llama %q%s (kometia-sim list lo muestra todo)", "nothing is named %q%s (kometia-sim list shows everything)",
			c.args[0], lang.DidYouMean(schemas.Suggest(c.args[0], slices.Compact(ids)))))
	}
	return c.Print(p.String())
}

// explainable are the ids that completion proposes.
func explainable() []string {
	var codes []string
	for _, e := range diagnose.Builtin().Entries() {
		codes = append(codes, e.Code)
	}
	return slices.Concat(settings.Checks(), codes, settings.Kinds(), settings.Oracles(), []string{"supuestos", "assumptions"})
}

// page is a page about one id, in the reader's language.
type page struct {
	console.Page
	c *call
}

// explain writes the page of an id; false when nothing bears it. Checks come
// last, because their catalogue is the longest to read.
func (p *page) explain(id string, catalogue *schemas.Catalogue) (known bool, err error) {
	if id == "supuestos" || id == "assumptions" {
		p.assumptions()
		return true, nil
	}
	if p.status(id) {
		return true, nil
	}
	if e, ok := diagnose.Builtin().Entry(strings.ToLower(id)); ok {
		p.diagnosis(&e)
		return true, nil
	}
	if k, err := catalogue.Kind(id); err == nil {
		p.kind(k)
		return true, nil
	}
	if o, ok := oracle.Lookup(id); ok {
		p.oracle(o)
		return true, nil
	}
	for _, f := range practice.Flaws() {
		if f.Name == id {
			p.flaw(f)
			return true, nil
		}
	}
	suite, err := language.Builtin()
	if err != nil {
		return false, err
	}
	for _, check := range suite.Checks() {
		if strings.EqualFold(check.ID, id) {
			p.check(check)
			return true, nil
		}
	}
	return false, nil
}

// text writes a paragraph under a label that both languages have.
func (p *page) text(es, en string, of lang.Text) { p.Paragraph(p.c.T(es, en), of.In(p.c.Lang)) }

func (p *page) words(es, en, text string) { p.Paragraph(p.c.T(es, en), text) }

func (p *page) check(check *language.Check) {
	p.Title(check.ID, check.Title.In(p.c.Lang))
	p.Paragraph(levelName(p.c, check.Level), check.Requirement.In(p.c.Lang))
	p.text("Por qué importa", "Why it matters", check.Why)
	p.text("Cómo se prueba", "How it is tested", check.Provoked)
	p.text("Qué pasa y qué no", "What passes and what does not", check.Passes)
	p.text("Corrección", "Fix", check.Fix)
	p.text("Fuente", "Source", check.Source)
	p.words("Se juzga por", "Judged by", p.evidence(check.Evidence))
	p.words("Probarla sola", "Run it alone", "kometia-sim run "+check.ID)
}

// evidence says what a check has to see, and which lines of a config show it.
func (p *page) evidence(names []string) string {
	means := map[string]string{
		"wire":    p.c.T("la respuesta HTTP", "the HTTP response"),
		"effects": p.c.T("los efectos (observe:)", "effects (observe:)"),
		"state":   p.c.T("el estado guardado (observe: con state_map:)", "the stored state (observe: with state_map:)"),
		"process": p.c.T("el proceso, que se detiene y se arranca (kill:, start:, down:, up:, reconcile:)", "the process, which is stopped and started (kill:, start:, down:, up:, reconcile:)"),
		"api":     p.c.T("lo que pregunta a la API (api:)", "what it asks the API (api:)"),
	}
	var said []string
	for _, name := range names {
		var either []string
		for one := range strings.SplitSeq(name, "|") {
			either = append(either, means[one])
		}
		said = append(said, strings.Join(either, p.c.T(" o ", " or ")))
	}
	return strings.Join(said, "; ")
}

// diagnosis has all the fixes; a report shows the first two.
func (p *page) diagnosis(e *diagnose.Entry) {
	p.Title(e.Code, e.Title.In(p.c.Lang))
	p.text("Causa", "Cause", e.Cause)
	p.text("Para estar seguro", "To be sure", e.Check)
	for i, f := range e.FixesFor("") {
		if i == 0 {
			p.Label(p.c.T("Correcciones", "Fixes"))
		} else {
			p.Blank()
		}
		p.Line(2, 4, p.Say(columns.Bold, f.For.In(p.c.Lang)))
		p.Text(4, f.Text.In(p.c.Lang))
		if f.Code != "" {
			p.Code(6, f.Code)
		}
	}
}

// oracle is what fuzz holds against a receiver.
func (p *page) oracle(o oracle.Oracle) {
	p.Title(o.Name, o.Title.In(p.c.Lang))
	p.Paragraph(levelName(p.c, o.Level), o.Requirement.In(p.c.Lang))
	p.text("Por qué importa", "Why it matters", o.Why)
	p.text("Corrección", "Fix", o.Fix)
	if o.Observed {
		p.words("Se juzga por", "Judged by", p.evidence([]string{"effects"}))
	}
	p.words("Probarlo solo", "Run it alone", "kometia-sim fuzz --oracles "+o.Name)
}

func (p *page) kind(k schemas.Kind) {
	p.Title(k.Name, k.Title.In(p.c.Lang))
	p.words("Lleva", "Carries", k.Object)
	p.words("Procedencia", "Provenance", p.provenance(k.Provenance))
	p.words("Verlo", "Look at it", "kometia-sim send "+k.Name+" --dry-run --style pretty\nkometia-sim schema "+k.Name)
}

func (p *page) flaw(f practice.Flaw) {
	p.Title(f.Name, f.Title.In(p.c.Lang))
	fails := strings.Join(f.Fails, ", ")
	if f.Good {
		fails = p.c.T("nada: es distinto, pero correcto", "nothing: it is different, but right")
	}
	p.words("Lo detecta", "Detected by", fails)
	p.words("A veces también", "Sometimes also by", strings.Join(f.Perhaps, ", "))
	p.words("Le avisa", "Warned of by", strings.Join(f.Warns, ", "))
	p.words("Probarlo", "Try it", "kometia-sim run --target practice:"+f.Name)
}

// assumptions lists what was decided where the documents are silent.
func (p *page) assumptions() {
	p.Title(p.c.T("Supuestos", "Assumptions"), p.c.T("lo que los documentos de Kometia no dicen y aquí se decidió", "what Kometia's documents do not say and was decided here"))
	for _, a := range schemas.Assumptions() {
		text := a.Decision.In(p.c.Lang)
		if a.Knob != "" {
			text += "\n" + p.c.T("Se cambia con: ", "Changed by: ") + a.Knob
		}
		p.Paragraph(a.ID+": "+a.Point.In(p.c.Lang)+" ("+p.provenance(a.Provenance)+")", text)
	}
}

func (p *page) provenance(of schemas.Provenance) string {
	switch of {
	case schemas.Documented:
		return p.c.T("documentado", "documented")
	case schemas.Sample:
		return p.c.T("visto en un ejemplo", "seen in a sample")
	case schemas.Inferred:
		return p.c.T("inferido", "inferred")
	case schemas.Assumed:
		return p.c.T("supuesto", "assumed")
	default:
		return string(of)
	}
}
