package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/state"
	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// state is the folder that keeps what was sent from the working folder.
func (s *session) state() state.Folder { return state.Of(s.Dir) }

// record begins the record of a run.
func (s *session) record(set *settings) *state.Record {
	return s.state().Record(state.Run{IDs: set.ids, Seed: set.seed, Start: set.start, Target: set.target.word})
}

// closeRecord ends a record and says when it is not whole.
func (s *session) closeRecord(r *state.Record) {
	if err := r.Close(); err != nil {
		s.Warn("no se pudo anotar lo que se creó, para kometia-sim ids: %s", "what was made could not be recorded, for kometia-sim ids: %s", err)
	}
}

// recordSend records the events of a send that the shop made.
func (s *session) recordSend(set *settings, letters []letter) {
	var r *state.Record
	for _, l := range letters {
		if l.event == nil {
			continue
		}
		if r == nil {
			r = s.record(set)
		}
		r.Event(l.event)
	}
	if r != nil {
		s.closeRecord(r)
	}
}

func (s *session) idsCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "ids", ArgsUsage: s.T("[CORRIDA]", "[RUN]"),
		Usage: s.T("lista los ids, números y correos que creó una corrida, para limpiar", "lists the ids, numbers and emails that a run made, for cleaning up"),
		UsageText: `kometia-sim ids
kometia-sim ids 4k2p`,
		Description: s.T("CORRIDA son los 4 caracteres que la corrida llama ids. Sin ella, lista las corridas de esta carpeta.",
			"RUN are the 4 characters that the run calls ids. Without it, the runs of this folder are listed."),
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Usage: s.T("una lista JSON", "a JSON array")}},
	}, s.ids)
}

func (s *session) ids(context.Context) error {
	args := s.flags.Args().Slice()
	if len(args) > 1 {
		return terminal.Usage(lang.Errorf("ids: una corrida a la vez", "ids: one run at a time"))
	}
	if len(args) == 0 {
		return s.listRuns()
	}
	ids, err := shop.ParseIDs(args[0])
	if err != nil {
		return terminal.Usage(lang.Errorf("ids %q: una corrida se nombra con 4 caracteres de a-z y 0-9", "ids %q: a run is named by 4 characters of a-z and 0-9", args[0]))
	}
	_, made, err := s.state().Made(ids)
	if errors.Is(err, fs.ErrNotExist) {
		return terminal.Usage(lang.Errorf("no hay ninguna corrida %s en esta carpeta (kometia-sim ids las lista)", "there is no run %s in this folder (kometia-sim ids lists them)", ids))
	}
	if err != nil {
		return terminal.Usage(err)
	}
	if s.flags.Bool("json") {
		return s.PrintJSON(made)
	}
	var b bytes.Buffer
	for _, i := range made {
		fmt.Fprintf(&b, "%s\t%s\n", report.Safe(i.What), report.Safe(i.Value))
	}
	_, err = s.Stdout.Write(b.Bytes())
	return err
}

// listRuns lists the runs of this folder.
func (s *session) listRuns() error {
	recorded, err := s.state().Recorded()
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
		runs, made, err := s.state().Made(ids)
		if err != nil || len(runs) == 0 {
			continue
		}
		r := runs[len(runs)-1]
		items = append(items, item{ids, r.Seed, r.Start, r.Target, len(made)})
		rows = append(rows, [2]string{ids, fmt.Sprintf("%s  %s  %d", r.Start.Format(time.RFC3339), report.Safe(r.Target), len(made))})
	}
	if s.flags.Bool("json") {
		return s.PrintJSON(items)
	}
	if len(rows) == 0 {
		s.Note("en esta carpeta aún no hay corridas", "there are no runs in this folder yet")
		return nil
	}
	var b bytes.Buffer
	for _, row := range rows {
		fmt.Fprintf(&b, "%s  %s\n", row[0], row[1])
	}
	_, err = s.Stdout.Write(b.Bytes())
	return err
}
