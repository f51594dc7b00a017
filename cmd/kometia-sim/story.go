package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// maxCount bounds --count: send is for looking at events, not for load.
const maxCount = 10_000

// letter is one event ready to be sent.
type letter struct {
	about report.Event
	due   time.Time // virtual
	body  []byte
	event *shop.Event // nil for bytes that the shop did not make
	// objects are what the simulated API answers beside the event; only filled
	// when that answers.
	objects []*jsontree.Object
}

// letters has the shop tell count stories of those kinds and changes their
// events as --set and --unset want it.
func (s *session) letters(set *settings, kinds []string, count int) ([]letter, error) {
	edits, err := s.edits()
	errs := []error{err}
	for _, kind := range kinds {
		_, err := set.catalogue.Kind(kind)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, terminal.Usage(err)
	}
	if !set.startSet {
		// The last event of a story happens now, so that none is dated in the
		// receiver's future.
		set.start = set.start.Add(-time.Duration(len(kinds)-1) * shop.DefaultGap)
	}
	world, err := shop.New(shop.Config{Seed: set.seed, IDs: set.ids, Start: set.start, Catalogue: set.catalogue})
	if err != nil {
		return nil, terminal.Usage(err)
	}
	var out []letter
	for i := range count {
		events, err := world.Tell(shop.Story{Key: shop.Key{Name: strings.Join(kinds, "+"), Index: i}, Kinds: kinds})
		if err != nil {
			if ours, ok := errors.AsType[*shop.InvalidPayloadError](err); ok {
				return nil, ours
			}
			return nil, terminal.Usage(err)
		}
		if i == 0 {
			if err := tryEdits(edits, events); err != nil {
				return nil, terminal.Usage(err)
			}
		}
		for _, e := range events {
			l, err := s.letter(set, e, edits)
			if err != nil {
				return nil, terminal.Usage(err)
			}
			if set.api.listen != "" {
				l.answer(world.Objects(e))
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// letter makes one event into bytes. A schema that cannot judge what was made of
// the event is an error: nothing is sent on its word.
func (s *session) letter(set *settings, e *shop.Event, edits []edit) (letter, error) {
	tree := e.Tree
	if len(edits) > 0 {
		tree, _ = jsontree.Clone(e.Tree).(*jsontree.Object)
		for _, ed := range edits {
			_ = ed.apply(tree) // tried before; what one kind lacks another has
		}
		err := set.catalogue.Validate(e.Kind, tree)
		if _, judged := errors.AsType[*schemas.InvalidError](err); err != nil && !judged {
			return letter{}, err
		}
		if err != nil {
			s.Warn("el evento cambiado ya no cumple su esquema: %s", "the changed event no longer keeps to its schema: %s", err)
		}
	}
	body := delivery.Body(tree, set.envelope, set.style)
	changed := *e
	changed.Tree = tree
	return letter{about: describe(tree, len(body)), due: e.At, body: body, event: &changed}, nil
}

// answer gives the letter what the simulated API answers for it. The event's
// own object is left to the event: there it is as --set has changed it.
func (l *letter) answer(objects []*jsontree.Object) {
	for _, o := range objects {
		if id, _ := o.Lookup("id"); id != l.event.ObjectID {
			l.objects = append(l.objects, o)
		}
	}
}

// edit is one --set or --unset.
type edit struct {
	flag, path string
	value      any
	unset      bool
}

func (e edit) apply(tree any) error {
	if e.unset {
		return jsontree.DeletePath(tree, e.path)
	}
	return jsontree.SetPath(tree, e.path, jsontree.Clone(e.value))
}

// edits reads --set and --unset.
func (s *session) edits() ([]edit, error) {
	var edits []edit
	var errs []error
	for _, value := range s.flags.StringSlice("set") {
		path, text, found := strings.Cut(value, "=")
		if !found || path == "" {
			errs = append(errs, lang.Errorf("--set %q: escriba ruta=valor, como data.object.total_price=100", "--set %q: write path=value, such as data.object.total_price=100", value))
			continue
		}
		edits = append(edits, edit{flag: "--set", path: path, value: jsontree.ParseValue(text)})
	}
	for _, path := range s.flags.StringSlice("unset") {
		edits = append(edits, edit{flag: "--unset", path: path, unset: true})
	}
	return edits, errors.Join(errs...)
}

// tryEdits finds the paths that no event of the story has. They are tried one
// after the other, because one may remove what the next would change.
func tryEdits(edits []edit, events []*shop.Event) error {
	trees := make([]any, len(events))
	for i, e := range events {
		trees[i] = jsontree.Clone(e.Tree)
	}
	var errs []error
	for _, ed := range edits {
		var first error
		hit := false
		for _, tree := range trees {
			err := ed.apply(tree)
			hit = hit || err == nil
			if first == nil {
				first = err
			}
		}
		if !hit {
			errs = append(errs, lang.Errorf("%s: %s", "%s: %s", ed.flag, first))
		}
	}
	return errors.Join(errs...)
}

// raw takes the bytes of --data, as they are.
func (s *session) raw(set *settings, data []byte) (letter, error) {
	l := letter{about: report.Event{Bytes: len(data)}, due: set.start, body: data}
	doc, err := jsontree.Parse(data)
	if err == nil {
		l.about = describe(doc.Root, len(data))
		_, err = set.catalogue.ValidateBytes(data)
	}
	if err != nil {
		if _, judged := errors.AsType[*schemas.InvalidError](err); !judged && doc != nil {
			return letter{}, terminal.Usage(err)
		}
		s.Warn("los datos no son un evento válido, se envían como están: %s", "the data is no valid event, it is sent as it is: %s", err)
	}
	return l, nil
}

// describe says in one line what is in the bytes of an event, whoever made it.
func describe(root any, bytes int) report.Event {
	at := func(path string) any {
		v, _ := jsontree.Get(root, path)
		return v
	}
	word := func(path string) string {
		v, _ := at(path).(string)
		return v
	}
	e := report.Event{ID: word("id"), Kind: word("kind"), Bytes: bytes}
	if word("data.object.object") == "order" {
		e.Number = word("data.object.number")
		if cents, err := strconv.ParseInt(fmt.Sprint(at("data.object.total_price")), 10, 64); err == nil {
			e.Total, e.Currency = cents, word("data.object.currency")
		}
		e.Test, _ = at("data.object.is_test").(bool)
	}
	return e
}
