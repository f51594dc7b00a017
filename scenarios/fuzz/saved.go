package fuzz

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Saved is a finding as it stands on disk: all that it takes to play it again
// without the generator that made it.
type Saved struct {
	Version int    `json:"version"`
	ID      string `json:"id"`
	Tool    string `json:"tool"`
	// Target is the receiver that it was found on, as its user called it; "" when
	// whoever kept it did not say.
	Target string        `json:"target,omitempty"`
	Oracle string        `json:"oracle"`
	Level  verdict.Level `json:"level"`
	Kind   string        `json:"kind"`
	Class  payload.Class `json:"class"`
	Phase  payload.Phase `json:"phase"`
	Seed   uint64        `json:"seed"`
	Index  uint64        `json:"index"`
	// What says in words what is out of the ordinary, as it was generated.
	What string `json:"what"`
	// Changes is how the shrunk payload differs from a normal event.
	Changes []payload.Change `json:"changes,omitempty"`
	// Code is the status of the answer, or why there was none.
	Code  string    `json:"code"`
	Found lang.Text `json:"found"`
	// Flaky says that it did not come back when it was played again.
	Flaky bool `json:"flaky,omitempty"`
	// Limit is what counted as no answer for no-hang, in milliseconds.
	Limit int64 `json:"limit_ms,omitempty"`
	// Steps are the deliveries. The last one is judged; in a history all are.
	Steps []Step `json:"steps"`
	// Restarts are the virtual instants of a history at which the receiver is
	// restarted, Shape is the history without what does not matter about it.
	Restarts []time.Time `json:"restarts,omitempty"`
	Shape    string      `json:"shape,omitempty"`
}

// Step is one delivery of a case.
type Step struct {
	Kind  string `json:"kind"`
	Event string `json:"event"`
	// At is the virtual time of the delivery.
	At time.Time `json:"at"`
	// Headers are lines "Name: value", each in base64. The user's own are not
	// kept: they may be secrets.
	Headers []string `json:"headers"`
	// Body is in base64, in lines.
	Body       []string       `json:"body"`
	Identities []payload.Span `json:"identities,omitempty"`
	// Faults break the attempts of a history's delivery, in their order, as
	// fault.Parse reads them. Copies arrive at the same instant; nothing is sent
	// behind the faults of what is withheld. Happened is when the event was, Story
	// which deliveries are about the same objects, and Twin the story, counted from
	// one, whose content this one repeats.
	Faults   []string  `json:"faults,omitempty"`
	Copies   int       `json:"copies,omitempty"`
	Withheld bool      `json:"withheld,omitempty"`
	Happened time.Time `json:"happened,omitzero"`
	Story    int       `json:"story,omitempty"`
	Twin     int       `json:"twin,omitempty"`
	// Subject is what effects are asked about.
	Object     string `json:"object,omitempty"`
	ObjectType string `json:"object_type,omitempty"`
	Number     string `json:"number,omitempty"`
}

const (
	savedVersion = 1
	// lineLength is that of base64 lines.
	lineLength = 96
	// maxCopies is how many copies of an event may arrive at the same instant.
	maxCopies = 64
)

func encodeLines(data []byte) []string {
	text := base64.StdEncoding.EncodeToString(data)
	lines := []string{}
	for chunk := range slices.Chunk([]byte(text), lineLength) {
		lines = append(lines, string(chunk))
	}
	return lines
}

// Bytes is the body of a step.
func (s *Step) Bytes() ([]byte, error) {
	return base64.StdEncoding.DecodeString(strings.Join(s.Body, ""))
}

// Fields are the header fields of a step.
func (s *Step) Fields() ([]wire.Field, error) {
	var list []wire.Field
	for _, line := range s.Headers {
		text, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return nil, err
		}
		f, err := wire.ParseField(string(text))
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	return list, nil
}

// identify gives a case the name of its bucket, so that the same finding of
// another run is the same file.
func (s *Saved) identify() {
	h := sha256.New()
	fmt.Fprintln(h, s.bucket())
	if s.Target != "" { // what one receiver does is no news of another
		fmt.Fprintln(h, s.Target)
	}
	s.ID = hex.EncodeToString(h.Sum(nil)[:5])
}

// Of reports whether a case belongs to a receiver, as its user calls it: what
// does not say whose it is belongs to each.
func (s *Saved) Of(target string) bool { return s.Target == "" || s.Target == target }

// bucket is what makes two failures one finding.
func (s *Saved) bucket() string {
	code := s.Code
	if len(code) == 3 && code[0] >= '0' && code[0] <= '9' {
		code = code[:1] + "xx"
	}
	var shape []string
	for _, c := range s.Changes {
		shape = append(shape, anyIndex(c.Path)+"="+form(c.Plain)+">"+form(c.Here))
	}
	if len(shape) == 0 {
		shape = append(shape, s.What)
	}
	slices.Sort(shape)
	if s.Phase == payload.Histories {
		// Whatever the events are about, one shape is one fault.
		return strings.Join([]string{s.Oracle, code, s.Shape}, "|")
	}
	return strings.Join([]string{s.Oracle, s.Kind, code, strings.Join(shape, " ")}, "|")
}

// anyIndex makes places in any element of an array the same.
func anyIndex(path string) string {
	var b strings.Builder
	inside := false
	for _, r := range path {
		if r == '[' {
			inside = true
			b.WriteString("[*")
		}
		if r == ']' {
			inside = false
		}
		if !inside {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// form is the kind of a value, without the value.
func form(encoded string) string {
	doc, err := jsontree.Parse([]byte(encoded))
	switch {
	case encoded == "":
		return "missing"
	case err != nil:
		return "long"
	}
	switch v := doc.Root.(type) {
	case string:
		return "text of " + magnitude(len([]rune(v)))
	case []any:
		return "list of " + magnitude(len(v))
	case json.Number:
		if n, err := v.Int64(); err == nil && n == 0 {
			return "0"
		}
		return "number of " + magnitude(len(v))
	case *jsontree.Object:
		return "object"
	default:
		return encoded
	}
}

func magnitude(n int) string {
	switch {
	case n == 0:
		return "0"
	case n <= 9:
		return "few"
	case n <= 99:
		return "tens"
	default:
		return "many"
	}
}

// Store keeps cases in a folder, one file each.
type Store struct{ dir string }

// NewStore keeps cases in dir, which is made when the first one is written.
func NewStore(dir string) *Store { return &Store{dir: dir} }

// Path is the file of a case.
func (s *Store) Path(id string) string { return filepath.Join(s.dir, id+".json") }

// Write keeps a case: whole or not at all, and on the disk before it returns, so
// that nothing that was found is lost with the process.
func (s *Store) Write(c *Saved) error {
	data, err := c.marshal()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	return files.Keep(s.Path(c.ID), data)
}

func (s *Saved) marshal() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	err := enc.Encode(s)
	return b.Bytes(), err
}

// Remove deletes a case; one that is not there is no error.
func (s *Store) Remove(id string) error {
	err := os.Remove(s.Path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// All reads the cases of the folder by id; none when there is no folder. A file
// that is no case is an error that names it.
func (s *Store) All() ([]*Saved, error) {
	files, err := filepath.Glob(filepath.Join(s.dir, "*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var list []*Saved
	var errs []error
	for _, file := range files {
		c, err := ReadCase(file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, c)
	}
	return list, errors.Join(errs...)
}
