package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

func (s *session) explainCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "explain", ArgsUsage: "ID",
		Usage: s.T("explica una prueba, un diagnóstico, un tipo de evento o los supuestos", "explains a check, a diagnosis, an event kind or the assumptions"),
		UsageText: s.T(`kometia-sim explain KOM-RTY-002
kometia-sim explain csrf.laravel
kometia-sim explain supuestos`, `kometia-sim explain KOM-RTY-002
kometia-sim explain csrf.laravel
kometia-sim explain assumptions`),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "schemas", Usage: s.T("agrega los tipos de evento de la `CARPETA`", "add the event kinds of the folder `DIR`")},
		},
	}, s.explain)
}

func (s *session) explain(context.Context) error {
	if s.flags.NArg() != 1 {
		return terminal.Usage(lang.Errorf("diga qué explicar: el id de una prueba o de un diagnóstico, un tipo de evento, o supuestos",
			"say what to explain: the id of a check or of a diagnosis, an event kind, or assumptions"))
	}
	cfg, err := s.loadConfig()
	if err != nil {
		return err
	}
	catalogue, err := s.catalogueOf(cfg)
	if err != nil {
		return terminal.Usage(err)
	}
	id := s.flags.Args().First()
	p := &sheet{s: s}
	if !s.explainInto(p, id, catalogue) {
		// Last, because the catalogue of checks is the longest to read.
		suite, err := language.Builtin()
		if err != nil {
			return err
		}
		if !p.checkNamed(id, suite) {
			return terminal.Usage(lang.Errorf("nada se llama %q%s (kometia-sim list lo muestra todo)", "nothing is named %q%s (kometia-sim list shows everything)",
				id, lang.DidYouMean(schemas.Suggest(id, allIDs(catalogue, suite)))))
		}
	}
	_, err = s.Stdout.Write(p.Bytes())
	return err
}

// checkNamed writes the page of a check; false when there is none of that id.
func (p *sheet) checkNamed(id string, suite *language.Suite) bool {
	for _, c := range suite.Checks() {
		if strings.EqualFold(c.ID, id) {
			p.check(c)
			return true
		}
	}
	return false
}

// explainInto writes the page of an id that is not a check's; false when
// nothing bears it.
func (s *session) explainInto(p *sheet, id string, catalogue *schemas.Catalogue) bool {
	if id == "supuestos" || id == "assumptions" {
		p.assumptions()
		return true
	}
	if e, ok := diagnose.Builtin().Entry(strings.ToLower(id)); ok {
		p.diagnosis(&e)
		return true
	}
	if k, err := catalogue.Kind(id); err == nil {
		p.kind(k)
		return true
	}
	if o, ok := fuzz.Lookup(id); ok {
		p.oracle(o)
		return true
	}
	for _, f := range practice.Flaws() {
		if f.Name == id {
			p.flaw(f)
			return true
		}
	}
	return false
}

// sheet is a page of explanations: a title and paragraphs with a label.
type sheet struct {
	s *session
	bytes.Buffer
}

// sheetWidth is where paragraphs are wrapped.
const sheetWidth = 88

func (p *sheet) title(id, title string) {
	fmt.Fprintf(p, "%s  %s\n", report.Safe(id), report.Safe(title))
}

// para writes a labelled paragraph; nothing when it is empty.
func (p *sheet) para(label, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	fmt.Fprintf(p, "\n%s\n", label)
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n") {
		for _, line := range terminal.Wrap(paragraph, sheetWidth) {
			fmt.Fprintf(p, "  %s\n", line)
		}
	}
}

func (p *sheet) check(c *language.Check) {
	s := p.s
	p.title(c.ID, c.Title.In(s.Lang))
	p.para(s.level(string(c.Level)), c.Requirement.In(s.Lang))
	p.para(s.T("Importa", "Matters"), c.Why.In(s.Lang))
	p.para(s.T("Se provoca", "Provoked by"), c.Provoked.In(s.Lang))
	p.para(s.T("Pasa y no pasa", "Passes and does not"), c.Passes.In(s.Lang))
	p.para(s.T("Arreglo", "Fix"), c.Fix.In(s.Lang))
	p.para(s.T("Fuente", "Source"), c.Source.In(s.Lang))
	p.para(s.T("Evidencia", "Evidence"), strings.Join(c.Evidence, ", "))
	p.para(s.T("Probarla sola", "Play it alone"), "kometia-sim run "+c.ID)
}

// diagnosis has all the fixes; a report shows the first two.
func (p *sheet) diagnosis(e *diagnose.Entry) {
	s := p.s
	p.title(e.Code, e.Title.In(s.Lang))
	p.para(s.T("Causa", "Cause"), e.Cause.In(s.Lang))
	p.para(s.T("Para estar seguro", "To be sure"), e.Check.In(s.Lang))
	fixes := e.FixesFor("")
	if len(fixes) == 0 {
		return
	}
	fmt.Fprintf(p, "\n%s\n", s.T("Arreglos", "Fixes"))
	for i, f := range fixes {
		if i > 0 {
			fmt.Fprintln(p)
		}
		if label := f.For.In(s.Lang); label != "" {
			fmt.Fprintf(p, "  %s\n", label)
		}
		if text := f.Text.In(s.Lang); text != "" {
			for _, line := range terminal.Wrap(text, sheetWidth) {
				fmt.Fprintf(p, "    %s\n", line)
			}
		}
		if f.Code != "" {
			fmt.Fprintf(p, "      %s\n", strings.ReplaceAll(f.Code, "\n", "\n      "))
		}
	}
}

// oracle is what fuzz holds against a receiver.
func (p *sheet) oracle(o fuzz.Oracle) {
	s := p.s
	p.title(o.Name, o.Title.In(s.Lang))
	p.para(s.level(string(o.Level)), o.Requirement.In(s.Lang))
	p.para(s.T("Importa", "Matters"), o.Why.In(s.Lang))
	p.para(s.T("Arreglo", "Fix"), o.Fix.In(s.Lang))
	if o.Observed {
		p.para(s.T("Evidencia", "Evidence"), "effects")
	}
	p.para(s.T("Probarlo solo", "Try it alone"), "kometia-sim fuzz --oracles "+o.Name)
}

func (p *sheet) kind(k schemas.Kind) {
	s := p.s
	p.title(k.Name, k.Title.In(s.Lang))
	p.para(s.T("Lleva", "Carries"), k.Object)
	p.para(s.T("Procedencia", "Provenance"), s.provenance(k.Provenance))
	p.para(s.T("Verlo", "Look at it"), "kometia-sim send "+k.Name+" --dry-run --style pretty\nkometia-sim schema "+k.Name)
}

func (p *sheet) flaw(f practice.Flaw) {
	s := p.s
	p.title(f.Name, f.Title.In(s.Lang))
	fails := strings.Join(f.Fails, ", ")
	if f.Good {
		fails = s.T("nada: es distinto, pero correcto", "nothing: it is different, but right")
	}
	p.para(s.T("Lo nota", "Noticed by"), fails)
	p.para(s.T("A veces también", "Sometimes also by"), strings.Join(f.Perhaps, ", "))
	p.para(s.T("Le avisa", "Warned of by"), strings.Join(f.Warns, ", "))
	p.para(s.T("Probarlo", "Try it"), "kometia-sim run --target practice:"+f.Name)
}

// assumptions lists what was decided where the documents are silent.
func (p *sheet) assumptions() {
	s := p.s
	p.title(s.T("Supuestos", "Assumptions"), s.T("lo que los documentos de Kometia no dicen y aquí se decidió", "what Kometia's documents do not say and was decided here"))
	for _, a := range schemas.Assumptions() {
		text := a.Decision.In(s.Lang)
		if a.Knob != "" {
			text += "\n" + s.T("Se cambia con: ", "Changed by: ") + a.Knob
		}
		p.para(a.ID+": "+a.Point.In(s.Lang)+" ("+s.provenance(a.Provenance)+")", text)
	}
}

func (s *session) provenance(p schemas.Provenance) string {
	switch p {
	case schemas.Documented:
		return s.T("documentado", "documented")
	case schemas.Sample:
		return s.T("visto en un ejemplo", "seen in a sample")
	case schemas.Inferred:
		return s.T("inferido", "inferred")
	case schemas.Assumed:
		return s.T("supuesto", "assumed")
	default:
		return string(p)
	}
}
