package main

import (
	"context"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// listed is one line of a list, and one object of its JSON.
type listed struct {
	ID     string   `json:"id"`
	Object string   `json:"object,omitempty"`
	Level  string   `json:"level,omitempty"`
	Source string   `json:"provenance,omitempty"`
	Good   *bool    `json:"good,omitempty"`
	Needs  []string `json:"evidence,omitempty"`
	Checks []string `json:"checks,omitempty"`
	Fails  []string `json:"fails,omitempty"`
	Title  string   `json:"title"`
}

// lists are what list can list.
func lists() []string { return []string{"events", "checks", "scenarios", "diagnoses", "flaws"} }

func (s *session) listCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "list", ArgsUsage: strings.Join(lists(), "|"),
		Usage: s.T("lista tipos de evento, pruebas, escenarios, diagnósticos o receptores de práctica", "lists event kinds, checks, scenarios, diagnoses or practice receivers"),
		Flags: []cli.Flag{
			&cli.BoolFlag{Name: "json", Usage: s.T("una lista JSON de objetos con id", "a JSON array of objects with an id")},
			&cli.StringFlag{Name: "schemas", Usage: s.T("agrega los tipos de evento de la `CARPETA`", "add the event kinds of the folder `DIR`")},
		},
	}, s.list)
}

func (s *session) list(context.Context) error {
	if s.flags.NArg() != 1 {
		return terminal.Usage(lang.Errorf("diga qué listar: %s", "say what to list: %s", strings.Join(lists(), ", ")))
	}
	what := s.flags.Args().First()
	if err := oneOf(what, lists(), "no hay lista de %q%s: use %s", "there is no list of %q%s: use %s"); err != nil {
		return terminal.Usage(err)
	}
	items, err := s.listOf(what)
	if err != nil {
		return err
	}
	if s.flags.Bool("json") {
		return s.PrintJSON(items)
	}
	return s.printList(items)
}

func (s *session) listOf(what string) ([]listed, error) {
	items := []listed{}
	switch what {
	case "events":
		cfg, err := s.loadConfig()
		if err != nil {
			return nil, err
		}
		catalogue, err := s.catalogueOf(cfg)
		if err != nil {
			return nil, terminal.Usage(err)
		}
		for _, k := range catalogue.Kinds() {
			items = append(items, listed{ID: k.Name, Object: k.Object, Source: string(k.Provenance), Title: k.Title.In(s.Lang)})
		}
	case "checks", "scenarios":
		suite, err := language.Builtin()
		if err != nil {
			return nil, err
		}
		if what == "scenarios" {
			return s.listScenarios(suite), nil
		}
		for _, c := range suite.Checks() {
			items = append(items, listed{ID: c.ID, Level: string(c.Level), Needs: c.Evidence, Title: c.Title.In(s.Lang)})
		}
	case "diagnoses":
		for _, e := range diagnose.Builtin().Entries() {
			items = append(items, listed{ID: e.Code, Title: e.Title.In(s.Lang)})
		}
	case "flaws":
		for _, f := range practice.Flaws() {
			items = append(items, listed{ID: f.Name, Good: &f.Good, Fails: f.Fails, Title: f.Title.In(s.Lang)})
		}
	}
	return items, nil
}

// listScenarios lists the scenarios by what they are called in reproduce lines
// and seeds: their family.
func (s *session) listScenarios(suite *language.Suite) []listed {
	items := []listed{}
	for _, sc := range suite.Scenarios() {
		item := listed{ID: sc.Family, Object: string(sc.Group)}
		var titles []string
		for i := range sc.Checks {
			item.Checks = append(item.Checks, sc.Checks[i].ID)
			titles = append(titles, sc.Checks[i].Title.In(s.Lang))
		}
		item.Title = strings.Join(titles, "; ")
		items = append(items, item)
	}
	return items
}

// printList prints a list for people: id, what it is, title, and of a flaw the
// checks that notice it.
func (s *session) printList(items []listed) error {
	var rows [][]string
	for _, item := range items {
		mark := item.Object
		if item.Level != "" {
			mark = s.level(item.Level)
		}
		if item.Good != nil && *item.Good {
			mark = s.T("bueno", "good")
		}
		title := item.Title
		if len(item.Fails) > 0 {
			title += " (" + strings.Join(item.Fails, ", ") + ")"
		}
		rows = append(rows, []string{item.ID, mark, title})
	}
	return s.Print(terminal.Columns(rows))
}

func (s *session) level(level string) string {
	switch verdict.Level(level) {
	case verdict.Must:
		return s.T("DEBE", "MUST")
	case verdict.Should:
		return s.T("DEBERÍA", "SHOULD")
	default:
		return "INFO"
	}
}

// allIDs are everything that explain knows, for its suggestions.
func allIDs(catalogue *schemas.Catalogue, suite *language.Suite) []string {
	ids := []string{"supuestos", "assumptions"}
	for _, c := range suite.Checks() {
		ids = append(ids, c.ID)
	}
	for _, e := range diagnose.Builtin().Entries() {
		ids = append(ids, e.Code)
	}
	for _, k := range catalogue.Kinds() {
		ids = append(ids, k.Name)
	}
	ids = append(ids, oracleNames()...)
	for _, f := range practice.Flaws() {
		ids = append(ids, f.Name)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
