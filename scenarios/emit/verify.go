package emit

import (
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// Forgery is an event that is not as the API says.
type Forgery struct {
	Way           string           // see language.Emit
	Said, Genuine *jsontree.Object // what it says, and what the API says; nil where that says nothing
}

// otherKind is one that no receiver knows, nor takes for one that it knows.
const otherKind = "store.noted"

// forge settles what the API says of an event with that body: what the event
// itself says, as long as it is a whole one, unless it is forged.
func (m *Maker) forge(s *language.Scenario, c *language.Case, e *language.Emit, out *Emitted, tree *jsontree.Object, kind string, round int, start time.Time) error {
	out.Unknown = e.Truncate > 0 || e.Body != "" || s.Consent == consent.Malformed && e.Outside != ""
	told := *out.Event
	var err error
	switch e.Forged {
	case language.ForgedUnknown:
		out.Unknown = true
	case language.ForgedID:
		out.Unknown = true
		var twin *Emitted
		if twin, err = m.Emit(s, c, c.Emits(e.Twin), kind, round, start); err == nil {
			out.Event.ObjectID, out.Event.ObjectType, out.Event.Number = twin.Event.ObjectID, twin.Event.ObjectType, twin.Event.Number
			err = jsontree.SetPath(tree, "data.object", objectOf(twin.Event.Tree))
		}
	case language.ForgedKind:
		told.Kind = otherKind
		told.Tree = jsontree.Clone(tree).(*jsontree.Object)
		err = jsontree.SetPath(told.Tree, "kind", otherKind)
	case language.ForgedObject:
		told.ObjectID = anotherID(told.ObjectID)
		told.Tree = jsontree.Clone(told.Tree).(*jsontree.Object)
		err = jsontree.SetPath(told.Tree, "data.object.id", told.ObjectID)
	case language.ForgedContent:
	default:
		return nil
	}
	out.Told = &told
	return err
}

// objectOf is a copy of the object that an event tells.
func objectOf(tree *jsontree.Object) any {
	object, _ := jsontree.Get(tree, "data.object") // which every event of the shop has
	return jsontree.Clone(object)
}

// anotherID is an id of the same form that is nobody's.
func anotherID(id string) string {
	last := "0"
	if id[len(id)-1] == '0' {
		last = "1"
	}
	return id[:len(id)-1] + last
}

// Forgery is what an exchange has to know of a forged event; nil of any other.
func (e *Emitted) Forgery() *Forgery {
	if e.Forged == "" {
		return nil
	}
	f := &Forgery{Way: e.Forged, Said: e.Event.Tree}
	if e.Told != nil && !e.Unknown {
		f.Genuine = e.Told.Tree
	}
	return f
}
