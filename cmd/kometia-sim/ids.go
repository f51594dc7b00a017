package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

func idsCommand() command {
	return command{
		name: "ids", args: lang.Text{ES: "[CORRIDA]", EN: "[RUN]"},
		usage: lang.Text{ES: "lista los ids, números y correos que creó una corrida, para limpiar", EN: "lists the ids, numbers and emails that a run created, for cleaning up"},
		examples: same(`kometia-sim ids
kometia-sim ids 4k2p`),
		about: lang.Text{
			ES: "CORRIDA son los 4 caracteres que la corrida llama ids. Sin ella, lista las corridas de esta carpeta.",
			EN: "RUN are the 4 characters that the run calls ids. Without it, the runs of this folder are listed.",
		},
		act: listIDs,
	}
}

// listIDs lists what a run made, or the runs.
func listIDs(_ context.Context, c *call) error {
	if len(c.args) > 1 {
		return console.Usage(lang.Errorf("ids: una corrida a la vez", "ids: one run at a time"))
	}
	if len(c.args) == 0 {
		return listRuns(c)
	}
	ids, err := shop.ParseIDs(c.args[0])
	if err != nil {
		return console.Usage(lang.Errorf("ids %q: una corrida se nombra con 4 caracteres de a-z y 0-9", "ids %q: a run is named by 4 characters of a-z and 0-9", c.args[0]))
	}
	_, made, err := c.state().Made(ids)
	if errors.Is(err, fs.ErrNotExist) {
		return console.Usage(lang.Errorf("no hay ninguna corrida %s en esta carpeta (kometia-sim ids las lista)", "there is no run %s in this folder (kometia-sim ids lists them)", ids))
	}
	if err != nil {
		return console.Usage(err)
	}
	if c.given.On("json") {
		return c.PrintJSON(made)
	}
	var b strings.Builder
	for _, i := range made {
		fmt.Fprintf(&b, "%s\t%s\n", view.Safe(i.What), view.Safe(i.Value))
	}
	return c.Print(b.String())
}

// listRuns lists the runs of this folder.
func listRuns(c *call) error {
	recorded, err := c.state().Recorded()
	if err != nil {
		return err
	}
	type item struct {
		ID     string    `json:"id"`
		Seed   uint64    `json:"seed"`
		Start  time.Time `json:"start"`
		Target string    `json:"target"`
		Made   int       `json:"made"`
	}
	items := []item{}
	var rows [][2]string
	for _, ids := range recorded {
		runs, made, err := c.state().Made(ids)
		if err != nil || len(runs) == 0 {
			continue
		}
		r := runs[len(runs)-1]
		items = append(items, item{ids, r.Seed, r.Start, r.Target, len(made)})
		rows = append(rows, [2]string{ids, fmt.Sprintf("%s  %s  %d", r.Start.Format(time.RFC3339), view.Safe(r.Target), len(made))})
	}
	if c.given.On("json") {
		return c.PrintJSON(items)
	}
	if len(rows) == 0 {
		c.Note("en esta carpeta aún no hay corridas", "there are no runs in this folder yet")
		return nil
	}
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&b, "%s  %s\n", row[0], row[1])
	}
	return c.Print(b.String())
}
