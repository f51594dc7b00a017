package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// keptRuns is how many runs are kept: the newest.
const keptRuns = 200

// runsDir is where the state folder keeps what each run made, one file per ids.
const runsDir = "runs"

// record is what one run made: a file of JSON lines, one for the run and one
// for each event, written before the event is sent. So a run that is killed
// still tells what it may have left in the receiver's database.
type record struct {
	f   *os.File
	err error // the first one; recording is no reason to fail
}

type runLine struct {
	Type   string    `json:"type"` // "run"
	IDs    string    `json:"ids"`
	Seed   uint64    `json:"seed"`
	Start  time.Time `json:"start"`
	Target string    `json:"target"` // redacted
}

type eventLine struct {
	Type       string     `json:"type"` // "event"
	Kind       string     `json:"kind"`
	Identities []identity `json:"identities"`
}

type identity struct {
	What  string `json:"what"`
	Value string `json:"value"`
}

// newRecord begins a run's record.
func (s *session) newRecord(set *settings) *record {
	r := &record{}
	dir, err := s.state(runsDir)
	if err == nil {
		r.f, err = os.OpenFile(filepath.Join(dir, set.ids+".ndjson"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	}
	r.err = err
	r.line(runLine{Type: "run", IDs: set.ids, Seed: set.seed, Start: set.start, Target: set.target.word})
	if r.err == nil {
		r.err = forget(dir, keptRuns)
	}
	return r
}

// forget removes all but the newest records of a folder. One that another run
// removes at the same moment is gone, too.
func forget(dir string, keep int) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	if err != nil || len(files) <= keep {
		return err
	}
	written := map[string]time.Time{}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			written[file] = info.ModTime()
		}
	}
	slices.SortFunc(files, func(a, b string) int {
		return cmp.Or(written[b].Compare(written[a]), strings.Compare(a, b))
	})
	for _, file := range files[keep:] {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (r *record) line(v any) {
	if r.err != nil {
		return
	}
	data, err := json.Marshal(v)
	if err == nil {
		_, err = r.f.Write(append(data, '\n'))
	}
	r.err = err
}

// event records what one event made.
func (r *record) event(e *shop.Event) {
	line := eventLine{Type: "event", Kind: e.Kind}
	for _, i := range e.Identities {
		line.Identities = append(line.Identities, identity{What: i.What, Value: i.Value})
	}
	r.line(line)
}

// close ends the record and says when it is not whole.
func (r *record) close(s *session) {
	err := r.err
	if r.f != nil {
		err = errors.Join(err, r.f.Close())
	}
	if err != nil {
		s.warn("no se pudo anotar lo que se creó, para kometia-sim ids: %s", "what was made could not be recorded, for kometia-sim ids: %s", err)
	}
}

// recordSend records the events of a send that the shop made.
func (s *session) recordSend(set *settings, letters []letter) {
	var r *record
	for _, l := range letters {
		if l.event == nil {
			continue
		}
		if r == nil {
			r = s.newRecord(set)
		}
		r.event(l.event)
	}
	if r != nil {
		r.close(s)
	}
}

func (s *session) idsCommand() *cli.Command {
	return s.command(&cli.Command{
		Name: "ids", ArgsUsage: s.t("[CORRIDA]", "[RUN]"),
		Usage: s.t("lista los ids, números y correos que creó una corrida, para limpiar", "lists the ids, numbers and emails that a run made, for cleaning up"),
		UsageText: `kometia-sim ids
kometia-sim ids 4k2p`,
		Description: s.t("CORRIDA son los 4 caracteres que la corrida llama ids. Sin ella, lista las corridas de esta carpeta.",
			"RUN are the 4 characters that the run calls ids. Without it, the runs of this folder are listed."),
		Flags: []cli.Flag{&cli.BoolFlag{Name: "json", Usage: s.t("una lista JSON", "a JSON array")}},
	}, s.ids)
}

func (s *session) ids(context.Context) error {
	args := s.flags.Args().Slice()
	if len(args) > 1 {
		return usage(say("ids: una corrida a la vez", "ids: one run at a time"))
	}
	if len(args) == 0 {
		return s.listRuns()
	}
	ids, err := shop.ParseIDs(args[0])
	if err != nil {
		return usage(say("ids %q: una corrida se nombra con 4 caracteres de a-z y 0-9", "ids %q: a run is named by 4 characters of a-z and 0-9", args[0]))
	}
	_, made, err := s.readRun(ids)
	if errors.Is(err, fs.ErrNotExist) {
		return usage(say("no hay ninguna corrida %s en esta carpeta (kometia-sim ids las lista)", "there is no run %s in this folder (kometia-sim ids lists them)", ids))
	}
	if err != nil {
		return usage(err)
	}
	if s.flags.Bool("json") {
		return s.printJSON(made)
	}
	var b bytes.Buffer
	for _, i := range made {
		fmt.Fprintf(&b, "%s\t%s\n", report.Safe(i.What), report.Safe(i.Value))
	}
	_, err = s.Stdout.Write(b.Bytes())
	return err
}

// readRun reads a record: its runs, and what they made, each once. A last line
// that is cut off (the run was killed) is passed over.
func (s *session) readRun(ids string) ([]runLine, []identity, error) {
	f, err := os.Open(filepath.Join(s.path(stateDir), runsDir, ids+".ndjson"))
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	var runs []runLine
	made := []identity{}
	seen := map[identity]bool{}
	lines := bufio.NewReader(f)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return runs, made, nil //nolint:nilerr // the end, or half a line
		}
		var read struct {
			runLine
			Identities []identity `json:"identities"`
		}
		if err := json.Unmarshal(line, &read); err != nil {
			continue
		}
		if read.Type == "run" {
			runs = append(runs, read.runLine)
		}
		for _, i := range read.Identities {
			if !seen[i] {
				seen[i] = true
				made = append(made, i)
			}
		}
	}
}

// listRuns lists the runs of this folder.
func (s *session) listRuns() error {
	files, err := filepath.Glob(filepath.Join(s.path(stateDir), runsDir, "*.ndjson"))
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
	for _, file := range files {
		ids := strings.TrimSuffix(filepath.Base(file), ".ndjson")
		runs, made, err := s.readRun(ids)
		if err != nil || len(runs) == 0 {
			continue
		}
		r := runs[len(runs)-1]
		items = append(items, item{ids, r.Seed, r.Start, r.Target, len(made)})
		rows = append(rows, [2]string{ids, fmt.Sprintf("%s  %s  %d", r.Start.Format(time.RFC3339), report.Safe(r.Target), len(made))})
	}
	if s.flags.Bool("json") {
		return s.printJSON(items)
	}
	if len(rows) == 0 {
		s.note("en esta carpeta aún no hay corridas", "there are no runs in this folder yet")
		return nil
	}
	var b bytes.Buffer
	for _, row := range rows {
		fmt.Fprintf(&b, "%s  %s\n", row[0], row[1])
	}
	_, err = s.Stdout.Write(b.Bytes())
	return err
}

// printJSON prints a value as indented JSON, for programs.
func (s *session) printJSON(v any) error {
	enc := json.NewEncoder(s.Stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
