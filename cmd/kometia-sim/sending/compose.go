package sending

import (
	"errors"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Composer makes messages.
type Composer struct {
	Catalogue *schemas.Catalogue
	Shop      shop.Config // but for the catalogue
	Style     jsontree.Style
	Envelope  delivery.Envelope
	// Objects keeps what the simulated API answers beside the events.
	Objects bool
	// Warn tells what a person should know of a message that is made all the same.
	Warn func(es, en string, args ...any)
}

// Compose has the shop tell count stories of those kinds, and changes their
// events. Its error is the user's to fix, unless it is a
// [shop.InvalidPayloadError]: then the shop is wrong.
func (c *Composer) Compose(kinds []string, count int, edits []Edit) ([]Message, error) {
	var errs []error
	for _, kind := range kinds {
		_, err := c.Catalogue.Kind(kind)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	c.Shop.Catalogue = c.Catalogue
	world, err := shop.New(c.Shop)
	if err != nil {
		return nil, err
	}
	var out []Message
	for i := range count {
		events, err := world.Tell(shop.Story{Key: shop.Key{Name: strings.Join(kinds, "+"), Index: i}, Kinds: kinds})
		if err == nil && i == 0 {
			err = tryEdits(edits, events)
		}
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			m, err := c.message(e, edits)
			if err != nil {
				return nil, err
			}
			if c.Objects {
				for _, o := range world.Objects(e) {
					if id, _ := o.Lookup("id"); id != e.ObjectID {
						m.objects = append(m.objects, o)
					}
				}
			}
			out = append(out, m)
		}
	}
	return out, nil
}

// message makes one event into bytes. A schema that cannot judge what was made of
// the event is an error: nothing is sent on its word.
func (c *Composer) message(e *shop.Event, edits []Edit) (Message, error) {
	tree := e.Tree
	if len(edits) > 0 {
		tree, _ = jsontree.Clone(e.Tree).(*jsontree.Object)
		for _, ed := range edits {
			_ = ed.apply(tree) // tried before; what one kind lacks another has
		}
		err := c.Catalogue.Validate(e.Kind, tree)
		if _, judged := errors.AsType[*schemas.InvalidError](err); err != nil && !judged {
			return Message{}, err
		}
		if err != nil {
			c.Warn("el evento cambiado ya no cumple su esquema: %s", "the changed event no longer keeps to its schema: %s", err)
		}
	}
	body := delivery.Body(tree, c.Envelope, c.Style)
	changed := *e
	changed.Tree = tree
	return Message{About: describe(tree, len(body)), Due: e.At, Body: body, Event: &changed}, nil
}

// Raw takes bytes as they are.
func (c *Composer) Raw(data []byte, due time.Time) (Message, error) {
	m := Message{About: view.SendEvent{Bytes: len(data)}, Due: due, Body: data}
	if err := schemas.EventBound().Check(data); err != nil {
		c.Warn("los datos no se revisan (%s), se envían como están", "the data is not checked (%s), it is sent as it is", err)
		return m, nil
	}
	doc, err := jsontree.Parse(data)
	if err == nil {
		m.About = describe(doc.Root, len(data))
		_, err = c.Catalogue.ValidateBytes(data)
	}
	if err != nil {
		if _, judged := errors.AsType[*schemas.InvalidError](err); !judged && doc != nil {
			return Message{}, err
		}
		c.Warn("los datos no son un evento válido, se envían como están: %s", "the data is no valid event, it is sent as it is: %s", err)
	}
	return m, nil
}

// Edit is one --set or --unset.
type Edit struct {
	flag, path string
	value      any
	unset      bool
}

// ReadEdits reads the values of --set and --unset.
func ReadEdits(set, unset []string) ([]Edit, error) {
	var edits []Edit
	var errs []error
	for _, value := range set {
		path, text, found := strings.Cut(value, "=")
		if !found || path == "" {
			errs = append(errs, lang.Errorf("--set %q: escriba ruta=valor, como data.object.total_price=100", "--set %q: write path=value, such as data.object.total_price=100", value))
			continue
		}
		edits = append(edits, Edit{flag: "--set", path: path, value: jsontree.ParseValue(text)})
	}
	for _, path := range unset {
		edits = append(edits, Edit{flag: "--unset", path: path, unset: true})
	}
	return edits, errors.Join(errs...)
}

func (e Edit) apply(tree any) error {
	if e.unset {
		return jsontree.DeletePath(tree, e.path)
	}
	return jsontree.SetPath(tree, e.path, jsontree.Clone(e.value))
}

// tryEdits finds the paths that no event of the story has. They are tried one
// after the other, because one may remove what the next would change.
func tryEdits(edits []Edit, events []*shop.Event) error {
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
