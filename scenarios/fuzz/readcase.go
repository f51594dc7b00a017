package fuzz

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/history"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/files"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// maxSaved is the largest file that is read, in bytes.
const maxSaved = 16 << 20

// savedBound is far more than any case holds.
func savedBound() jsontree.Bound { return jsontree.Bound{Depth: 20, Values: 400_000} }

// ReadCase reads a case from a file.
func ReadCase(file string) (*Saved, error) {
	data, err := files.Read(file, maxSaved)
	if err != nil {
		return nil, err
	}
	return parseCase(file, files.Text(data))
}

// parseCase reads a case. Whatever stands in it was put there by anyone: a case
// is passed on in an issue or a repository. So each of its fields is held against
// what Store writes.
func parseCase(file string, data []byte) (*Saved, error) {
	if err := savedBound().Check(data); err != nil {
		return nil, lang.Errorf("%s: %s", "%s: %s", file, err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var c Saved
	if err := dec.Decode(&c); err != nil {
		return nil, lang.Errorf("%s: no es un caso de kometia-sim: %s", "%s: no case of kometia-sim: %s", file, err)
	}
	var errs []error
	for _, err := range c.mistakes() {
		errs = append(errs, lang.Errorf("%s: %s", "%s: %s", file, err))
	}
	return &c, errors.Join(errs...)
}

// What a case consists of that goes into commands, file names and lines of
// reports.
var (
	savedID     = regexp.MustCompile(`^[0-9a-f]{10}$`)
	savedWord   = regexp.MustCompile(`^[A-Za-z0-9#._-]{0,100}$`)
	savedTarget = regexp.MustCompile(`^[^\p{Cc}\p{Zl}\p{Zp}]*$`)
	savedLine   = regexp.MustCompile(`^[^\p{Cc}\p{Zl}\p{Zp}]{0,200}$`)
)

// mistakesShown is how many mistakes of a file are told: whoever made it by hand
// needs the first ones.
const mistakesShown = 20

func (s *Saved) mistakes() (errs []error) {
	if s.Version != savedVersion {
		return []error{lang.Errorf("versión %d, se espera %d", "version %d, want %d", s.Version, savedVersion)}
	}
	fail := func(es, en string, args ...any) { errs = append(errs, lang.Errorf(es, en, args...)) }
	if _, known := oracle.Lookup(s.Oracle); !known {
		fail("no existe el oráculo %.40q", "unknown oracle %.40q", s.Oracle)
	}
	for _, f := range []struct {
		name, value string
		written     bool
	}{
		{"id", s.ID, savedID.MatchString(s.ID)},
		{"tool", s.Tool, savedLine.MatchString(s.Tool)},
		{"target", s.Target, savedTarget.MatchString(s.Target)},
		{"code", s.Code, savedLine.MatchString(s.Code)},
		{"kind", s.Kind, schemas.IsKind(s.Kind)},
		{"level", string(s.Level), slices.Contains(verdict.Levels(), s.Level)},
		{"phase", string(s.Phase), slices.Contains(payload.Phases(), s.Phase)},
		{"class", string(s.Class), s.Class == "" || slices.Contains(payload.Classes(), s.Class)},
	} {
		if !f.written {
			fail("%s: ningún caso tiene %.40q ahí", "%s: no case has %.40q there", f.name, f.value)
		}
	}
	if len(s.Steps) == 0 {
		fail("sin pasos", "no steps")
	}
	for i := range s.Steps {
		for _, err := range s.Steps[i].mistakes(s.Phase == payload.Histories) {
			fail("paso %d: %s", "step %d: %s", i+1, err)
		}
		if len(errs) >= mistakesShown {
			break
		}
	}
	return errs
}

func (s *Step) mistakes(ofHistory bool) (errs []error) {
	fail := func(es, en string, args ...any) { errs = append(errs, lang.Errorf(es, en, args...)) }
	for _, f := range []struct{ name, value string }{
		{"kind", s.Kind}, {"event", s.Event}, {"object", s.Object}, {"object_type", s.ObjectType}, {"number", s.Number},
	} {
		if !savedWord.MatchString(f.value) || f.name == "kind" && !schemas.IsKind(f.value) {
			fail("%s: ningún caso tiene %.40q ahí", "%s: no case has %.40q there", f.name, f.value)
		}
	}
	body, err := s.Bytes()
	if err != nil {
		fail("body: %s", "body: %s", err)
	}
	if _, err := s.Fields(); err != nil {
		fail("headers: %s", "headers: %s", err)
	}
	for _, text := range s.Faults {
		if _, err := fault.Parse(text); err != nil {
			errs = append(errs, err)
		}
	}
	if s.Copies < 0 || s.Copies > maxCopies {
		fail("%d copias: se esperan de 0 a %d", "%d copies: want 0 to %d", s.Copies, maxCopies)
	}
	if _, err := history.TreeOf(body); err != nil && ofHistory {
		fail("una historia se hace de eventos: %s", "a history is made of events: %s", err)
	}
	for _, span := range s.Identities {
		for _, at := range span.At {
			if at < 0 || at > len(body) || len(span.Value) > len(body)-at || string(body[at:at+len(span.Value)]) != span.Value {
				fail("%s %.40q no está en el byte %d", "%s %.40q does not stand at byte %d", span.What, span.Value, at)
			}
		}
	}
	return errs
}
