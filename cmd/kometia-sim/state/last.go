package state

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

const (
	lastFile = "last.json"
	// maxLast, in bytes, is more than the largest send that there can be.
	maxLast = 256 << 20
)

// lastBound is its like in values.
func lastBound() jsontree.Bound { return jsontree.Bound{Depth: 4, Values: 1_500_000} }

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
	path := filepath.Join(f.root, lastFile)
	if err := ours(path); err != nil {
		return nil, lang.Errorf("--again: %s", "--again: %s", err)
	}
	data, err := read(path, maxLast)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, lang.Errorf("--again: en esta carpeta aún no se ha enviado nada", "--again: nothing has been sent from this folder yet")
	}
	if err != nil {
		return nil, err
	}
	var l Last
	err = lastBound().Check(data)
	if err == nil {
		err = json.Unmarshal(data, &l)
	}
	if err != nil || !l.written() {
		return nil, lang.Errorf("--again: %s está dañado; envíe un evento nuevo", "--again: %s is damaged; send a new event", filepath.Join(Dir, lastFile))
	}
	return &l, nil
}

// written reports whether Remember may have written this: what stands in the file
// goes into requests, file names and lines for the terminal.
func (l *Last) written() bool {
	ids, err := shop.ParseIDs(l.IDs)
	if err != nil || ids != l.IDs || l.Version != 1 || len(l.Events) == 0 {
		return false
	}
	for _, name := range l.Headers {
		if (wire.Field{Name: name}).Check() != nil {
			return false
		}
	}
	return true
}
