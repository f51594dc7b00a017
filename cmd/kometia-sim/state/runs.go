package state

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// keptRuns is how many runs are kept: the newest.
const keptRuns = 200

// maxRecord is more than the longest record, in bytes.
const maxRecord = 64 << 20

// Run is a run as its record begins.
type Run struct {
	Type   string    `json:"type"` // "run"
	IDs    string    `json:"ids"`
	Seed   uint64    `json:"seed"`
	Start  time.Time `json:"start"`
	Target string    `json:"target"` // redacted
}

// Identity is a value that a run made and that is found in the receiver's
// database.
type Identity struct {
	What  string `json:"what"`
	Value string `json:"value"`
}

type eventLine struct {
	Type       string     `json:"type"` // "event"
	Kind       string     `json:"kind"`
	Identities []Identity `json:"identities"`
}

// Record is what one run made: a file of JSON lines, one for the run and one
// for each event, written before the event is sent. So a run that is killed
// still tells what it may have left in the receiver's database.
type Record struct {
	f   *os.File
	err error // the first one; recording is no reason to fail
}

// Record begins a run's record, one file per ids.
func (f Folder) Record(run Run) *Record {
	r := &Record{}
	dir, err := f.open(runs)
	path := filepath.Join(dir, run.IDs+".ndjson")
	if err == nil {
		err = ours(path)
	}
	if err == nil {
		r.f, err = os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	}
	r.err = err
	run.Type = "run"
	r.line(run)
	if r.err == nil {
		r.err = forget(dir, keptRuns)
	}
	return r
}

// Refused is the error of a record that cannot be written because its file is none
// of ours, which is the user's to know before anything is sent.
func (r *Record) Refused() error {
	if refused, ok := errors.AsType[*NotOursError](r.err); ok {
		return refused
	}
	return nil
}

// Event records what one event made.
func (r *Record) Event(e *shop.Event) {
	line := eventLine{Type: "event", Kind: e.Kind}
	for _, i := range e.Identities {
		line.Identities = append(line.Identities, Identity{What: i.What, Value: i.Value})
	}
	r.line(line)
}

// Close ends the record; its error says that the record is not whole.
func (r *Record) Close() error {
	if r.f == nil {
		return r.err
	}
	return errors.Join(r.err, r.f.Close())
}

func (r *Record) line(v any) {
	if r.err != nil {
		return
	}
	data, err := json.Marshal(v)
	if err == nil {
		_, err = r.f.Write(append(data, '\n'))
	}
	r.err = err
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

// Recorded are the ids of the runs that are kept.
func (f Folder) Recorded() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(f.root, runs, "*.ndjson"))
	for i, file := range files {
		files[i] = strings.TrimSuffix(filepath.Base(file), ".ndjson")
	}
	return files, err
}

// Made reads a record: its runs, and what they made, each once. A last line that
// is cut off (the run was killed) is passed over.
func (f Folder) Made(ids string) ([]Run, []Identity, error) {
	data, err := files.Read(filepath.Join(f.root, runs, ids+".ndjson"), maxRecord)
	if err != nil {
		return nil, nil, err
	}
	var all []Run
	made := []Identity{}
	seen := map[Identity]bool{}
	for line := range bytes.Lines(data) {
		var read struct {
			Run
			Identities []Identity `json:"identities"`
		}
		if err := json.Unmarshal(line, &read); err != nil {
			continue
		}
		if read.Type == "run" {
			all = append(all, read.Run)
		}
		for _, i := range read.Identities {
			if !seen[i] {
				seen[i] = true
				made = append(made, i)
			}
		}
	}
	return all, made, nil
}
