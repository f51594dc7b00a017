package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

const (
	// stateDir is where a working folder keeps what was sent from it.
	stateDir = ".kometia-sim"
	lastFile = "last.json"
	maxLast  = 1 << 30
)

// last is the last send, kept for --again. Secrets are not: header values never,
// and the target only when it holds none.
type last struct {
	Version int         `json:"version"`
	Target  string      `json:"target,omitempty"`
	Headers []string    `json:"headers,omitempty"` // names only
	Seed    uint64      `json:"seed"`
	IDs     string      `json:"ids"`
	Start   time.Time   `json:"start"`
	Events  []lastEvent `json:"events"`
}

type lastEvent struct {
	ID   string    `json:"id"`
	Kind string    `json:"kind"`
	Due  time.Time `json:"due"`
	Body []byte    `json:"body"` // base64
}

// remember keeps what is about to be sent. That it cannot be kept (a read-only
// folder) is no reason not to send it.
func (s *session) remember(set *settings, letters []letter) {
	l := last{Version: 1, Seed: set.seed, IDs: set.ids, Start: set.start}
	if set.target.kept() {
		l.Target = set.target.word
	}
	for _, value := range s.flags.StringSlice("header") {
		if field, err := wire.ParseField(value); err == nil {
			l.Headers = append(l.Headers, field.Name)
		}
	}
	for _, letter := range letters {
		l.Events = append(l.Events, lastEvent{ID: letter.about.ID, Kind: letter.about.Kind, Due: letter.due, Body: letter.body})
	}
	data, err := json.Marshal(l)
	if err == nil {
		err = s.keep(lastFile, data)
	}
	if err != nil {
		s.warn("no se pudo guardar para --again: %s", "could not be kept for --again: %s", err)
	}
}

// recall reads the last send. Its seed, ids and start become those of this one.
func (s *session) recall() (*last, error) {
	data, err := s.readFile(s.path(filepath.Join(stateDir, lastFile)), maxLast)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage(say("--again: en esta carpeta aún no se ha enviado nada", "--again: nothing has been sent from this folder yet"))
	}
	if err != nil {
		return nil, usage(err)
	}
	var l last
	if err := json.Unmarshal(data, &l); err != nil || l.Version != 1 || len(l.Events) == 0 {
		return nil, usage(say("--again: %s está dañado; envíe un evento nuevo", "--again: %s is damaged; send a new event", filepath.Join(stateDir, lastFile)))
	}
	return &l, nil
}

// letters are the events of the last send, byte for byte.
func (l *last) letters() []letter {
	var out []letter
	for _, e := range l.Events {
		about := report.Event{ID: e.ID, Kind: e.Kind, Bytes: len(e.Body)}
		if doc, err := jsontree.Parse(e.Body); err == nil {
			about = describe(doc.Root, len(e.Body))
		}
		out = append(out, letter{about: about, due: e.Due, body: e.Body})
	}
	return out
}

// keep writes a file of the state folder, whole or not at all, and readable by
// its owner only. The folder keeps itself out of the user's repository.
func (s *session) keep(name string, data []byte) error {
	dir, err := s.state("")
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(dir, name), data, 0o600)
}

// state makes the state folder, or a folder in it, and gives its path.
func (s *session) state(sub string) (string, error) {
	root := s.path(stateDir)
	dir := filepath.Join(root, sub)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	ignore := filepath.Join(root, ".gitignore")
	if _, err := os.Stat(ignore); errors.Is(err, fs.ErrNotExist) {
		if err := writeWhole(ignore, []byte("*\n"), 0o600); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// writeWhole writes a file so that nobody ever sees half of it.
func writeWhole(path string, data []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
