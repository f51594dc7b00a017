package main

import (
	"context"
	"strings"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/report/columns"
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

func listCommand() command {
	return command{
		name: "list", args: same(strings.Join(lists(), "|")), offers: lists,
		usage: lang.Text{ES: "lista tipos de evento, pruebas, escenarios, diagnósticos o receptores de práctica", EN: "lists event kinds, checks, scenarios, diagnoses or practice receivers"},
		act:   list,
	}
}

func list(_ context.Context, c *call) error {
	if len(c.args) != 1 {
		return console.Usage(lang.Errorf("diga qué listar: %s", "say what to list: %s", strings.Join(lists(), ", ")))
	}
	what := c.args[0]
	if err := settings.OneOf(what, lists(), "no hay lista de %q%s: use %s", "there is no list of %q%s: use %s"); err != nil {
		return console.Usage(err)
	}
	var items []listed
	var err error
	switch what {
	case "events":
		items, err = listEvents(c)
	case "checks", "scenarios":
		var suite *language.Suite
		if suite, err = language.Builtin(); err != nil {
			return err
		}
		items = listChecks(c, suite)
		if what == "scenarios" {
			items = listScenarios(c, suite)
		}
	case "diagnoses":
		for _, e := range diagnose.Builtin().Entries() {
			items = append(items, listed{ID: e.Code, Title: e.Title.In(c.Lang)})
		}
	case "flaws":
		for _, f := range practice.Flaws() {
			items = append(items, listed{ID: f.Name, Good: &f.Good, Fails: f.Fails, Title: f.Title.In(c.Lang)})
		}
	}
	if err != nil {
		return err
	}
	if c.given.On("json") {
		return c.PrintJSON(items)
	}
	return printList(c, items)
}

func listEvents(c *call) ([]listed, error) {
	catalogue, err := catalogueOf(c)
	if err != nil {
		return nil, err
	}
	items := []listed{}
	for _, k := range catalogue.Kinds() {
		items = append(items, listed{ID: k.Name, Object: k.Object, Source: string(k.Provenance), Title: k.Title.In(c.Lang)})
	}
	return items, nil
}

func listChecks(c *call, suite *language.Suite) []listed {
	items := []listed{}
	for _, check := range suite.Checks() {
		items = append(items, listed{ID: check.ID, Level: string(check.Level), Needs: check.Evidence, Title: check.Title.In(c.Lang)})
	}
	return items
}

// listScenarios lists the scenarios by what they are called in reproduce lines
// and seeds: their family.
func listScenarios(c *call, suite *language.Suite) []listed {
	items := []listed{}
	for _, sc := range suite.Scenarios() {
		item := listed{ID: sc.Family, Object: string(sc.Group)}
		var titles []string
		for i := range sc.Checks {
			item.Checks = append(item.Checks, sc.Checks[i].ID)
			titles = append(titles, sc.Checks[i].Title.In(c.Lang))
		}
		item.Title = strings.Join(titles, "; ")
		items = append(items, item)
	}
	return items
}

// printList prints a list for people: id, what it is, title, and of a flaw the
// checks that notice it.
func printList(c *call, items []listed) error {
	var rows [][]string
	for _, item := range items {
		mark := item.Object
		if item.Level != "" {
			mark = levelName(c, verdict.Level(item.Level))
		}
		if item.Good != nil && *item.Good {
			mark = c.T("bueno", "good")
		}
		title := item.Title
		if len(item.Fails) > 0 {
			title += " (" + strings.Join(item.Fails, ", ") + ")"
		}
		rows = append(rows, []string{item.ID, mark, title})
	}
	s := c.Sheet(0)
	if err := s.Rows(rows, c.Stdout); err != nil || c.OutWidth == 0 {
		return err
	}
	s.Blank()
	s.Line(0, 0, s.Say(columns.Dim, lang.Textf("%d en total; --json los da a un programa, kometia-sim explain ID dice más de uno", "%d in all; --json gives them to a program, kometia-sim explain ID says more about one", len(items)).In(c.Lang)))
	return s.Flush(c.Stdout)
}

func levelName(c *call, level verdict.Level) string {
	switch level {
	case verdict.Must:
		return c.T("DEBE", "MUST")
	case verdict.Should:
		return c.T("DEBERÍA", "SHOULD")
	default:
		return "INFO"
	}
}

// catalogueOf reads the settings of a command that sends nothing, and gives the
// catalogue of event kinds that they ask for.
func catalogueOf(c *call) (*schemas.Catalogue, error) {
	if err := c.given.Load(); err != nil {
		return nil, err
	}
	catalogue, err := c.given.Catalogue()
	return catalogue, console.Usage(err)
}
