package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

func (s *session) explainCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "explain", ArgsUsage: "ID",
		Usage: s.t("explica una prueba, un diagnóstico, un tipo de evento o los supuestos", "explains a check, a diagnosis, an event kind or the assumptions"),
		UsageText: s.t(`kometia-sim explain KOM-RTY-002
kometia-sim explain csrf.laravel
kometia-sim explain supuestos`, `kometia-sim explain KOM-RTY-002
kometia-sim explain csrf.laravel
kometia-sim explain assumptions`),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "schemas", Usage: s.t("agrega los tipos de evento de la `CARPETA`", "add the event kinds of the folder `DIR`")},
		},
	}, s.explain)
}

func (s *session) explain(context.Context) error {
	if s.flags.NArg() != 1 {
		return usage(say("diga qué explicar: el id de una prueba o de un diagnóstico, un tipo de evento, o supuestos",
			"say what to explain: the id of a check or of a diagnosis, an event kind, or assumptions"))
	}
	cfg, err := s.loadConfig()
	if err != nil {
		return err
	}
	catalogue, err := s.catalogueOf(cfg)
	if err != nil {
		return usage(err)
	}
	id := s.flags.Args().First()
	p := &sheet{s: s}
	if !s.explainInto(p, id, catalogue) {
		// Last, because the catalogue of checks is the longest to read.
		suite, err := scenarios.Builtin()
		if err != nil {
			return err
		}
		if !p.checkNamed(id, suite) {
			return usage(say("nada se llama %q%s (kometia-sim list lo muestra todo)", "nothing is named %q%s (kometia-sim list shows everything)",
				id, meant(schemas.Suggest(id, allIDs(catalogue, suite)))))
		}
	}
	_, err = s.Stdout.Write(p.Bytes())
	return err
}

// checkNamed writes the page of a check; false when there is none of that id.
func (p *sheet) checkNamed(id string, suite *scenarios.Suite) bool {
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
		for _, line := range wrap(paragraph, sheetWidth) {
			fmt.Fprintf(p, "  %s\n", line)
		}
	}
}

func (p *sheet) check(c *scenarios.Check) {
	s := p.s
	p.title(c.ID, c.Title.In(s.lang))
	p.para(s.level(string(c.Level)), c.Requirement.In(s.lang))
	p.para(s.t("Importa", "Matters"), c.Why.In(s.lang))
	p.para(s.t("Se provoca", "Provoked by"), c.Provoked.In(s.lang))
	p.para(s.t("Pasa y no pasa", "Passes and does not"), c.Passes.In(s.lang))
	p.para(s.t("Arreglo", "Fix"), c.Fix.In(s.lang))
	p.para(s.t("Fuente", "Source"), c.Source.In(s.lang))
	p.para(s.t("Evidencia", "Evidence"), strings.Join(c.Evidence, ", "))
	p.para(s.t("Probarla sola", "Play it alone"), "kometia-sim run "+c.ID)
}

// diagnosis has all the fixes; a report shows the first two.
func (p *sheet) diagnosis(e *diagnose.Entry) {
	s := p.s
	p.title(e.Code, e.Title.In(s.lang))
	p.para(s.t("Causa", "Cause"), e.Cause.In(s.lang))
	p.para(s.t("Para estar seguro", "To be sure"), e.Check.In(s.lang))
	fixes := e.FixesFor("")
	if len(fixes) == 0 {
		return
	}
	fmt.Fprintf(p, "\n%s\n", s.t("Arreglos", "Fixes"))
	for i, f := range fixes {
		if i > 0 {
			fmt.Fprintln(p)
		}
		if label := f.For.In(s.lang); label != "" {
			fmt.Fprintf(p, "  %s\n", label)
		}
		if text := f.Text.In(s.lang); text != "" {
			for _, line := range wrap(text, sheetWidth) {
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
	p.title(o.Name, o.Title.In(s.lang))
	p.para(s.level(string(o.Level)), o.Requirement.In(s.lang))
	p.para(s.t("Importa", "Matters"), o.Why.In(s.lang))
	p.para(s.t("Arreglo", "Fix"), o.Fix.In(s.lang))
	if o.Observed {
		p.para(s.t("Evidencia", "Evidence"), "effects")
	}
	p.para(s.t("Probarlo solo", "Try it alone"), "kometia-sim fuzz --oracles "+o.Name)
}

func (p *sheet) kind(k schemas.Kind) {
	s := p.s
	p.title(k.Name, k.Title.In(s.lang))
	p.para(s.t("Lleva", "Carries"), k.Object)
	p.para(s.t("Procedencia", "Provenance"), s.provenance(k.Provenance))
	p.para(s.t("Verlo", "Look at it"), "kometia-sim send "+k.Name+" --dry-run --style pretty\nkometia-sim schema "+k.Name)
}

func (p *sheet) flaw(f practice.Flaw) {
	s := p.s
	p.title(f.Name, f.Title.In(s.lang))
	fails := strings.Join(f.Fails, ", ")
	if f.Good {
		fails = s.t("nada: es distinto, pero correcto", "nothing: it is different, but right")
	}
	p.para(s.t("Lo nota", "Noticed by"), fails)
	p.para(s.t("A veces también", "Sometimes also by"), strings.Join(f.Perhaps, ", "))
	p.para(s.t("Le avisa", "Warned of by"), strings.Join(f.Warns, ", "))
	p.para(s.t("Probarlo", "Try it"), "kometia-sim run --target practice:"+f.Name)
}

// assumptions lists what was decided where the documents are silent.
func (p *sheet) assumptions() {
	s := p.s
	p.title(s.t("Supuestos", "Assumptions"), s.t("lo que los documentos de Kometia no dicen y aquí se decidió", "what Kometia's documents do not say and was decided here"))
	for _, a := range schemas.Assumptions() {
		text := a.Decision.In(s.lang)
		if a.Knob != "" {
			text += "\n" + s.t("Se cambia con: ", "Changed by: ") + a.Knob
		}
		p.para(a.ID+": "+a.Point.In(s.lang)+" ("+s.provenance(a.Provenance)+")", text)
	}
}

func (s *session) provenance(p schemas.Provenance) string {
	switch p {
	case schemas.Documented:
		return s.t("documentado", "documented")
	case schemas.Sample:
		return s.t("visto en un ejemplo", "seen in a sample")
	case schemas.Inferred:
		return s.t("inferido", "inferred")
	case schemas.Assumed:
		return s.t("supuesto", "assumed")
	default:
		return string(p)
	}
}
