package shop

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// Write is one write through the API: what it leaves in the shop, and the event
// that tells of it. A nil was of its methods creates. Objects that they give are
// new; was and fields are only read. A field that cannot be is a *RefusedError.
type Write struct {
	w      *World
	at     int64
	serial int
}

// Write begins a write at a second; two with different serials share no id.
func (w *World) Write(at time.Time, serial int) Write { return Write{w, at.Unix(), serial} }

// RefusedError lists what is wrong with the fields of a write.
type RefusedError struct{ Fields []Field }

// Field is a field that was refused: its path, such as "skus[0].price", and why.
type Field struct {
	Path string
	What lang.Text
}

// Error implements error.
func (e *RefusedError) Error() string { return e.In(lang.English) }

// In implements lang.Bilingual.
func (e *RefusedError) In(tag lang.Tag) string {
	texts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		texts[i] = f.What.In(tag)
		if f.Path != "" {
			texts[i] = f.Path + ": " + texts[i]
		}
	}
	return strings.Join(texts, "; ")
}

// most is how many elements a list of a write may have: each takes an id or more
// of those that a write has.
const most = 250

// pen writes one object.
type pen struct {
	w       *World
	at      int64
	mint    mint
	ordinal int
	refused []Field
}

func (wr Write) key() Key { return Key{Name: "written", Index: wr.serial} }

func (wr Write) pen() *pen {
	return &pen{w: wr.w, at: wr.at, mint: newMint(wr.w.ids, "written", wr.key())}
}

func (p *pen) id(prefix string) string {
	p.ordinal++
	return p.mint.cuid(prefix, p.at, p.ordinal)
}

// permalink is a text as it stands in an address, and nobody else's.
func (p *pen) permalink(of string) string {
	return strings.TrimLeft(slug(of)+"-"+p.mint.unique(), "-")
}

func (p *pen) refuse(path, es, en string, args ...any) {
	p.refused = append(p.refused, Field{path, lang.Textf(es, en, args...)})
}

// take sets the fields of a write that may be written. What else the object has
// is passed over, so that it may be read, changed and written back; what it does
// not have is refused, because nothing would come of it.
func (p *pen) take(into *jsontree.Object, objectType string, fields *jsontree.Object, path string, writable, apart []string) {
	for _, m := range fields.Members {
		switch {
		case slices.Contains(writable, m.Name):
			if _, fits := wholeOf(m.Value); !fits {
				if _, isNumber := m.Value.(json.Number); isNumber {
					p.refuse(join(path, m.Name), "se espera un número entero de 64 bits", "expected a whole number of 64 bits")
					continue
				}
			}
			into.Set(m.Name, jsontree.Clone(m.Value))
		case slices.Contains(apart, m.Name):
		default:
			members, _ := p.w.catalogue.Members(objectType)
			known := append(slices.Clone(writable), apart...)
			for _, k := range members {
				known = append(known, k.Name)
			}
			if !slices.Contains(known, m.Name) {
				near := lang.DidYouMean(schemas.Suggest(m.Name, known))
				p.refuse(join(path, m.Name), "campo desconocido%s", "unknown field%s", near)
			}
		}
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return jsontree.JoinName(path, name)
}

// require refuses an object without a text.
func (p *pen) require(o *jsontree.Object, names ...string) {
	for _, name := range names {
		if v, _ := o.Lookup(name); v == nil || v == "" {
			p.refuse(name, "falta", "is required")
		}
	}
}

// done gives the object when nothing is wrong with it.
func (p *pen) done(objectType string, o *jsontree.Object) (*jsontree.Object, error) {
	if len(p.refused) == 0 {
		err := p.w.catalogue.ValidateObject(objectType, o)
		var invalid *schemas.InvalidError
		switch {
		case errors.As(err, &invalid):
			for _, v := range invalid.Violations {
				p.refused = append(p.refused, Field{v.Path, v.What})
			}
		case err != nil:
			return nil, err
		}
	}
	if len(p.refused) > 0 {
		return nil, &RefusedError{p.refused[:min(len(p.refused), most)]}
	}
	return o, nil
}

// objects gives the elements of a list that are objects; every other is refused.
func (p *pen) objects(v any, path string) (all []*jsontree.Object) {
	list, ok := v.([]any)
	if !ok && v != nil {
		p.refuse(path, "se espera una lista", "expected a list")
	}
	if len(list) > most {
		p.refuse(path, "a lo más %d elementos", "at most %d elements", most)
		return nil
	}
	for i, e := range list {
		if o, ok := e.(*jsontree.Object); ok {
			all = append(all, o)
		} else {
			p.refuse(jsontree.JoinIndex(path, i), "se espera un objeto", "expected an object")
		}
	}
	return all
}

// Deleted gives the object as it is told when it is deleted.
func (wr Write) Deleted(was *jsontree.Object) *jsontree.Object {
	o := jsontree.Clone(was).(*jsontree.Object)
	o.Set("updated_at", number(wr.at))
	return o
}

// Event makes the event that tells of the write. It is nil without an error
// when the catalogue has no kind for it. An event that its schema refuses is an
// *InvalidPayloadError, or the mistake of the user's own schema file.
func (wr Write) Event(action schemas.Action, object *jsontree.Object) (*Event, error) {
	w, at, key := wr.w, wr.at, wr.key()
	objectType := object.Text("object")
	name := objectType + "." + map[schemas.Action]string{schemas.Create: "created", schemas.Update: "updated", schemas.Delete: "deleted"}[action]
	kind, known := w.kinds[name]
	if !known || kind.Object != objectType {
		return nil, nil
	}
	object = jsontree.Clone(object).(*jsontree.Object)
	if err := apply(kind.Set, object); err != nil {
		return nil, err
	}
	m := newMint(w.ids, "event "+name, key)
	e := &Event{
		ID: m.cuid("evn", at, 0), Kind: name, ObjectType: objectType, ObjectID: object.Text("id"), At: time.Unix(at, 0).UTC(),
		Gone: kind.Deletes(), told: snapshot{gone: kind.Deletes()},
	}
	e.Tree = jsontree.OfStruct(&objects.Event{
		ID: e.ID, Object: objects.TypeEvent, Kind: name, Data: objects.EventData{Object: object}, PendingWebhooks: w.pending, CreatedAt: at, UpdatedAt: at,
	})
	e.Identities = w.Identities(e.Tree)
	if err := w.catalogue.Validate(name, e.Tree); err != nil {
		return nil, w.refused(key, e, err)
	}
	return e, nil
}

// Collection creates a collection or changes one.
func (wr Write) Collection(was, fields *jsontree.Object) (*jsontree.Object, error) {
	p := wr.pen()
	if was == nil {
		title := fields.Text("title")
		was = jsontree.OfStruct(&objects.Collection{
			ID: p.id("col"), Object: objects.TypeCollection, Permalink: p.permalink(title), MetaTitle: title, SortingRule: "manual",
			IsVisible: true, VisibleAt: p.at, CreatedAt: p.at, Rules: []objects.CollectionRule{},
		})
		p.require(fields, "title", "kind")
	}
	o := jsontree.Clone(was).(*jsontree.Object)
	p.take(o, objects.TypeCollection, fields, "", []string{
		"title", "description", "meta_title", "meta_description", "image_url", "kind", "sorting_rule", "is_visible", "visible_at",
	}, nil)
	o.Set("updated_at", number(p.at))
	return p.done(objects.TypeCollection, o)
}

// Customer creates a customer or changes one.
func (wr Write) Customer(was, fields *jsontree.Object) (*jsontree.Object, error) {
	p := wr.pen()
	if was == nil {
		was = jsontree.OfStruct(&objects.Customer{
			ID: p.id("cus"), Object: objects.TypeCustomer, IsActive: true, Tags: []any{}, Addresses: []objects.CustomerAddress{}, CreatedAt: p.at,
		})
		p.require(fields, "email")
	}
	o := jsontree.Clone(was).(*jsontree.Object)
	p.take(o, objects.TypeCustomer, fields, "", []string{
		"first_name", "last_name", "email", "is_newsletterable", "is_active", "notes", "tags",
	}, nil)
	o.Set("name", strings.TrimSpace(o.Text("first_name")+" "+o.Text("last_name")))
	o.Set("updated_at", number(p.at))
	return p.done(objects.TypeCustomer, o)
}

// whole is a field that is a whole number.
func whole(o *jsontree.Object, name string) (int64, bool) {
	v, _ := o.Lookup(name)
	return wholeOf(v)
}

func wholeOf(v any) (int64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, err := n.Int64()
	return i, err == nil
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// findIn is the object of that id in a list; nil when there is none.
func findIn(all []*jsontree.Object, id string) *jsontree.Object {
	for _, o := range all {
		if o.Text("id") == id {
			return o
		}
	}
	return nil
}

// listOf makes a list of objects a value.
func listOf(all []*jsontree.Object) []any {
	out := make([]any, len(all))
	for i, o := range all {
		out[i] = o
	}
	return out
}

func fieldOf(path string, i int, name string) string { return fmt.Sprintf("%s[%d].%s", path, i, name) }
