package scenarios

import (
	"maps"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
)

// forgery is an event that is not as the API says.
type forgery struct {
	way           string           // see language.Emit
	said, genuine *jsontree.Object // what it says, and what the API says; nil where that says nothing
}

// otherKind is one that no receiver knows, nor takes for one that it knows.
const otherKind = "store.noted"

// forge settles what the API says of an event with that body: what the event
// itself says, as long as it is a whole one, unless it is forged.
func (m *maker) forge(s *language.Scenario, c *language.Case, e *language.Emit, out *emitted, tree *jsontree.Object, kind string, round int, start time.Time) error {
	out.unknown = e.Truncate > 0 || e.Body != "" || s.Consent == consent.Malformed && e.Outside != ""
	told := *out.event
	var err error
	switch e.Forged {
	case language.ForgedUnknown:
		out.unknown = true
	case language.ForgedID:
		out.unknown = true
		var twin *emitted
		if twin, err = m.emit(s, c, c.Emits(e.Twin), kind, round, start); err == nil {
			out.event.ObjectID, out.event.ObjectType, out.event.Number = twin.event.ObjectID, twin.event.ObjectType, twin.event.Number
			err = jsontree.SetPath(tree, "data.object", objectOf(twin.event.Tree))
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
	out.told = &told
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

// forgery is what an exchange has to know of a forged event; nil of any other.
func (e *emitted) forgery() *forgery {
	if e.forged == "" {
		return nil
	}
	f := &forgery{way: e.forged, said: e.event.Tree}
	if e.told != nil && !e.unknown {
		f.genuine = e.told.Tree
	}
	return f
}

// tell has the API know of an event that is about to be sent what it is to know.
func (dl *deliverer) tell(e *emitted) {
	if dl.cfg.API == nil || e.unknown {
		return
	}
	event := e.event
	if e.told != nil {
		event = e.told
	}
	add := dl.cfg.API.Add
	if e.forged == language.ForgedForeign {
		add = dl.cfg.API.AddOther
	}
	add(event, dl.world.Objects(event)...)
}

// answer has the API fail about an event and its object, or answer rightly again.
func (dl *deliverer) answer(step *language.APIStep, e *emitted) {
	if dl.cfg.API == nil || e == nil || e.event == nil {
		return
	}
	for _, id := range []string{e.event.ID, e.event.ObjectID} {
		if step.Heals() {
			dl.cfg.API.Heal(id)
		} else {
			dl.cfg.API.Fail(id, api.Trouble(step.Answer), step.Times)
		}
	}
}

// verifies is how the receiver is seen, and said, to make sure of events.
func (c *judge) verifies() language.Verifies {
	v := language.Verifies{Declared: c.auth}
	if c.api == nil {
		return v
	}
	c.asked = c.asked || slices.ContainsFunc(c.heard, func(e *exchange) bool {
		return e.event != "" && c.api.Asked(e.event)+c.api.Asked(e.subject.ObjectID) > 0
	})
	keys := c.api.Keys()
	v.Asked, v.OtherKey = c.asked, keys.Right == 0 && keys.Other+keys.None > 0
	return v
}

// unasked judges a check of receivers that verify where no API is there to be
// asked: it is no concern of one that nobody says it of.
func (c *judge) unasked(check *language.Check, r *verdict.Result) {
	r.Verdict, r.Reason, r.Enable = verdict.NotObserved, textNeedsAPI(), textEnableAPI()
	if keys := c.lacks(check); len(keys) > 0 {
		lines := []lang.Text{textEnableAPI(), textEnableHooks(keys)}
		if !c.observer {
			lines = append(lines, textEnableObserver.both())
		}
		r.Reason, r.Enable = textNeedsHooks(keys), joined(lines, lang.Same("\n"))
	}
	if check.Level == verdict.Must && c.auth != language.AuthAPI {
		r.Verdict, r.Reason, r.Enable = verdict.NotApplicable, textNotSaidToVerify(), lang.Text{}
	}
}

// otherKeys tells that the receiver asks the API with another key than ours, by
// which it is refused everything.
func (c *judge) otherKeys() []lang.Text {
	if c.api == nil {
		return nil
	}
	return c.api.Keys().Refused()
}

// meanwhile is how many effects there were when the exchange had settled first;
// nil when that cannot be told.
func (e *exchange) meanwhile() *int {
	if s := e.seen; s == nil || s.err != nil || s.d0 == 0 || s.shared {
		return nil
	}
	if e.before != nil {
		return e.before
	}
	return e.effects
}

// sharesObject reports whether other events of its object were made.
func (e *exchange) sharesObject() bool {
	return e.history != nil && len(e.history.versions) > 1 || e.forged != nil && e.forged.way == language.ForgedID
}

// isForged asks whether some field has what only a forged event says.
func (e *exchange) isForged(paths map[string]string) ruling {
	if e.forged == nil || e.forged.genuine == nil {
		return unknown(textNoObject.both())
	}
	l := e.history.last()
	if r := l.sees(); !r.known {
		return r
	}
	if l.absent() {
		return ruling{known: true, found: textAbsent.both()}
	}
	var proof []string
	for _, field := range slices.Sorted(maps.Keys(paths)) {
		said, genuine := valueAt(e.forged.said, paths[field]), valueAt(e.forged.genuine, paths[field])
		have := l.state[field]
		switch {
		case receiver.Same(said, genuine):
		case receiver.Same(have, said):
			return ruling{known: true, yes: true, found: textForged(field, have, genuine)}
		case receiver.Same(have, genuine):
			proof = append(proof, field)
		}
	}
	if len(proof) == 0 {
		return e.history.nothingDiffers(paths)
	}
	return ruling{known: true, found: textHeld(proof)}
}

// valueAt is what a tree says at a path; nil when it says nothing there.
func valueAt(tree *jsontree.Object, path string) any {
	v, err := jsontree.Get(tree, path)
	if err != nil {
		return nil
	}
	return v
}

func textNeedsAPI() lang.Text {
	return lang.Text{
		ES: "no hay API simulada a la que el servidor pueda preguntar por un evento",
		EN: "there is no simulated API that the server could ask about an event",
	}
}

func textEnableAPI() lang.Text {
	return lang.Text{
		ES: "api: {listen: 127.0.0.1:8091, key: su-llave}   # y que su servidor pregunte ahí, con esa llave",
		EN: "api: {listen: 127.0.0.1:8091, key: your-key}   # and have your server ask there, with that key",
	}
}

func textNotSaidToVerify() lang.Text {
	return lang.Text{
		ES: "es para servidores que verifican los eventos con la API, y la configuración no dice que este lo haga (api: y auth: api)",
		EN: "is for servers that verify events through the API, and the config does not say that this one does (api: and auth: api)",
	}
}

func textForged(field string, have, genuine any) lang.Text {
	return lang.Textf("%s es %s, del cuerpo falso, y la API dice %s", "%s is %s, of the forged body, and the API says %s",
		field, model.Shown(have), model.Shown(genuine))
}
