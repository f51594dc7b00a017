package state

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

const (
	lastFile = "last.json"
	maxLast  = 1 << 30
)

// Last is the last send, kept for --again. Secrets are not: header values never,
// and the target only when it holds none.
type Last struct {
	Version int         `json:"version"`
	Target  string      `json:"target,omitempty"`
	Headers []string    `json:"headers,omitempty"` // names only
	Seed    uint64      `json:"seed"`
	IDs     string      `json:"ids"`
	Start   time.Time   `json:"start"`
	Events  []LastEvent `json:"events"`
}

// LastEvent is one event of a send, byte for byte.
type LastEvent struct {
	ID   string    `json:"id"`
	Kind string    `json:"kind"`
	Due  time.Time `json:"due"`
	Body []byte    `json:"body"` // base64
}

// Remember keeps a send.
func (f Folder) Remember(l Last) error {
	l.Version = 1
	data, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return f.keep(lastFile, data)
}

// Recall gives back what was kept; read reads a file of bounded size.
func (f Folder) Recall(read func(path string, limit int64) ([]byte, error)) (*Last, error) {
	data, err := read(filepath.Join(f.root, lastFile), maxLast)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, lang.Errorf("--again: en esta carpeta aún no se ha enviado nada", "--again: nothing has been sent from this folder yet")
	}
	if err != nil {
		return nil, err
	}
	var l Last
	if err := json.Unmarshal(data, &l); err != nil || l.Version != 1 || len(l.Events) == 0 {
		return nil, lang.Errorf("--again: %s está dañado; envíe un evento nuevo", "--again: %s is damaged; send a new event", filepath.Join(Dir, lastFile))
	}
	return &l, nil
}
