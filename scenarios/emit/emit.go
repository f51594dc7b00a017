package emit

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Emitted is an event of a case, ready to be sent.
type Emitted struct {
	Event   *shop.Event // nil when raw bytes are sent
	Inert   bool        // what is sent is no event that is to have effects
	Kind    string
	Body    []byte
	At      time.Time
	Summary string
	Changed []string    // members that differ from the plain content; see [changed]
	Spelled string      // see [spelling]
	Broken  bool        // what is sent is cut off
	Follows bool        // it goes on with a story, or is another order of a customer
	Forged  string      // see language.Emit
	Told    *shop.Event // what the API says of it, when that is something else
	Unknown bool        // the API says nothing of it
}

// Maker makes the events of a suite. It may be used by several goroutines.
type Maker struct {
	cfg    *Settings
	suite  *language.Suite
	world  *shop.World
	now    func() time.Time // by the receiver's clock
	plain  shop.Key         // the story whose content all events have
	proven *sync.Map        // what the schemas were asked about and took, see once

	payloads func() (*payload.Generator, error) // of the sweeps; made when one is
}

// NewMaker makes the maker of a suite's events for a receiver, whose clock now tells.
func NewMaker(cfg *Settings, suite *language.Suite, world *shop.World, rec *receiver.Receiver, now func() time.Time) *Maker {
	return &Maker{
		cfg: cfg, suite: suite, world: world, now: now, plain: plainContent(world, meantKinds(rec, cfg), rec.Means), proven: &sync.Map{},
		payloads: sync.OnceValues(func() (*payload.Generator, error) {
			return payload.New(payload.Config{
				Seed: cfg.Seed, IDs: cfg.IDs, Start: cfg.Start, Catalogue: cfg.Catalogue, Style: cfg.Style,
				Envelope: cfg.Envelope, LiveOrders: cfg.LiveOrders,
			})
		}),
	}
}

// Emit makes the event of a step. What it makes depends on seed, ids and start
// and on its place in the catalogue, never on what was played before.
func (m *Maker) Emit(s *language.Scenario, c *language.Case, e *language.Emit, kind string, round int, at time.Time) (*Emitted, error) {
	where := func(member string, err error) error {
		return s.Mistake(c, e, member, lang.Errorf("caso %s: emit %s: %s", "case %s: emit %s: %s", c.Name, e.Name(), err))
	}
	if _, err := m.cfg.Catalogue.Kind(e.KindFor(kind)); err != nil {
		return nil, where(".kind", err)
	}
	if e.Ahead > 0 {
		at = m.now().Add(e.Ahead)
	}
	told, which := c.Told(e)
	root := told[0]
	keyOf := func(name string) shop.Key {
		return shop.Key{Name: Key(s, c, name, root.KindFor(kind)), Index: round}
	}
	story := shop.Story{Key: keyOf(root.Name()), At: at.Add(root.After), Lines: root.Lines, Shape: &m.plain}
	for i, t := range told {
		story.Kinds = append(story.Kinds, t.KindFor(kind))
		if i > 0 {
			story.After = append(story.After, t.After-root.After)
		}
	}
	if root.Twin != "" {
		twin := keyOf(root.Twin)
		story.Twin, story.Lines = &twin, c.Emits(root.Twin).Lines
	}
	events, err := m.tell(story)
	if err != nil {
		return nil, where("", err)
	}
	start := at
	again := e.Again != ""
	if again {
		e = c.Emits(e.Again)
	}
	at = at.Add(e.After)
	out := &Emitted{Event: events[which], Kind: events[which].Kind, At: at, Changed: changed(e, story.Lines), Spelled: spelling(e), Broken: e.Truncate > 0 || e.Forged != "" && !e.Tampered(), Forged: e.Forged, Follows: e.Story != "" || e.Twin != "" && e.Forged == "", Inert: e.Forged != "" || e.Outside == language.OutsideSchema || e.Truncate > 0 || e.Body != "" || e.Envelope != ""}
	if e.Raw != nil {
		return &Emitted{Body: []byte(*e.Raw), At: at, Summary: e.Summary()}, nil
	}
	tree := jsontree.Clone(out.Event.Tree).(*jsontree.Object)
	// In order, so that a member and one inside it always end the same.
	for _, path := range slices.Sorted(maps.Keys(e.Set)) {
		if err := jsontree.SetPath(tree, path, jsontree.Of(language.Filled(e.Set[path], kind))); err != nil {
			return nil, where(".set", err)
		}
	}
	for _, path := range e.Unset {
		if err := jsontree.DeletePath(tree, path); err != nil {
			return nil, where(".unset", err)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(e.Add)) {
		if err := addMember(tree, path, jsontree.Of(e.Add[path])); err != nil {
			return nil, where(".add", err)
		}
	}
	if e.Near != "" {
		other, err := m.Emit(s, c, c.Emits(e.Near), kind, round, start)
		if err != nil {
			return nil, err
		}
		out.Event.ID = nearTo(other.Event.ID, out.Event.ID)
		if err := jsontree.SetPath(tree, "id", out.Event.ID); err != nil {
			return nil, where(".near", err)
		}
	}
	if e.OrderOf != "" {
		other, err := m.Emit(s, c, c.Emits(e.OrderOf), kind, round, start)
		if err != nil {
			return nil, err
		}
		if err := sameLines(tree, other.Event.Tree); err != nil {
			return nil, where(".order_of", err)
		}
	}
	if e.NamedAs != "" {
		other, err := m.Emit(s, c, c.Emits(e.NamedAs), kind, round, start)
		if err != nil {
			return nil, err
		}
		sameNames(tree, other.Event.Tree)
	}
	if again {
		laterTold(tree)
	}
	if e.Keys == "reversed" {
		reverseKeys(tree)
	}
	if (e.Changes() || e.OrderOf != "" || e.NamedAs != "") && e.Outside == "" {
		err := m.once(e.Name()+" of "+storyID(story), func() error { return m.cfg.Catalogue.Validate(out.Kind, tree) })
		if err != nil {
			return nil, where("", lang.Errorf("lo que cambia se sale del esquema: márquelo con `outside: schema` si es a propósito: %s",
				"what it changes leaves the schema: mark it `outside: schema` if that is meant: %s", err))
		}
	}
	if err := m.forge(s, c, e, out, tree, kind, round, start); err != nil {
		return nil, where(".forged", err)
	}
	out.Event.Tree = tree
	if k, ok := tree.Lookup("kind"); ok {
		out.Kind, _ = k.(string)
	}
	out.Body = language.Spoil(e.Body, tree, func(t *jsontree.Object) []byte { return m.body(t, e.Spelling, e.Envelope) })
	if e.Truncate > 0 {
		out.Body = out.Body[:int(float64(len(out.Body))*e.Truncate)]
	}
	out.Summary = e.Summary()
	return out, nil
}

// Plainly makes the events of a story with the plain content.
func (m *Maker) Plainly(st shop.Story) (out []*Emitted, err error) {
	st.Shape = &m.plain
	events, err := m.tell(st)
	for _, e := range events {
		out = append(out, &Emitted{Event: e, Kind: e.Kind, At: e.At, Body: m.body(e.Tree, "", "")})
	}
	return out, err
}

// body writes an event in a spelling and an envelope; "" is the run's.
func (m *Maker) body(t *jsontree.Object, spelling, envelope string) []byte {
	return delivery.Body(t, cmp.Or(delivery.Envelope(envelope), m.cfg.Envelope), cmp.Or(jsontree.Style(spelling), m.cfg.Style))
}

// sameLines has one parcel hold the order's lines of another one.
func sameLines(parcel, other *jsontree.Object) error {
	for _, path := range []string{"data.object.items", "data.object.items_count"} {
		said, err := jsontree.Get(other, path)
		if err != nil {
			return err
		}
		if err := jsontree.SetPath(parcel, path, jsontree.Clone(said)); err != nil {
			return err
		}
	}
	return nil
}

// sameNames gives an object what people know another one by: that is unique at any
// moment, and free again when the other one is deleted or renamed.
func sameNames(tree, other *jsontree.Object) {
	for _, path := range []string{"data.object.permalink", "data.object.email", "data.object.skus[0].code"} {
		said, err := jsontree.Get(other, path)
		if err == nil && said != nil {
			_ = jsontree.SetPath(tree, path, jsontree.Clone(said)) // objects of another type have none
		}
	}
}

// nearTo is an id that differs from another one only in its last character, so that a
// column of whatever length cuts it off.
func nearTo(other, own string) string {
	if own == "" || other == "" {
		return own
	}
	last := own[len(own)-1:]
	if strings.HasSuffix(other, last) {
		if last = "0"; strings.HasSuffix(other, last) {
			last = "1"
		}
	}
	return other[:len(other)-1] + last
}

// laterTold moves what an event says of its own delivery on by an hour, in which
// another webhook was notified.
func laterTold(tree *jsontree.Object) {
	for path, by := range map[string]int64{"updated_at": 3600, "pending_webhooks": 1} {
		v, _ := jsontree.Get(tree, path)
		if said, isNumber := v.(json.Number); isNumber {
			n, _ := said.Int64()
			_ = jsontree.SetPath(tree, path, jsontree.Of(n+by)) // which is there
		}
	}
}

// tell makes the events of a story: at the rehearsal and again for each of its
// events. The bytes are the same each time, so only the first time checks them
// against their schemas.
func (m *Maker) tell(st shop.Story) (events []*shop.Event, err error) {
	err = m.once(storyID(st), func() error {
		events, err = m.world.Tell(st)
		return err
	})
	if err == nil && events == nil {
		events, err = m.world.Draft(st)
	}
	return events, err
}

// In makes the same events in another world.
func (m *Maker) In(world *shop.World) *Maker {
	other := *m
	other.world = world
	return &other
}

// once asks whether something is valid until it was.
func (m *Maker) once(id string, valid func() error) error {
	if _, proven := m.proven.Load(id); proven {
		return nil
	}
	err := valid()
	if err == nil {
		m.proven.Store(id, true)
	}
	return err
}

// storyID tells a story of a world from all others of it.
func storyID(st shop.Story) string {
	id := fmt.Sprint(st.Key, st.Kinds, st.At.Unix(), st.After, st.Lines)
	if st.Twin != nil {
		id += st.Twin.String()
	}
	return id
}

// Key is what an event's data is drawn from: its place in the catalogue.
func Key(s *language.Scenario, c *language.Case, name, kind string) string {
	return strings.Join([]string{s.Family, c.Name, name, kind}, "/")
}

// addMember gives an object of the event a member that it does not have.
func addMember(tree *jsontree.Object, path string, v any) error {
	object, name := language.SplitAdded(path)
	at, err := jsontree.Get(tree, object)
	if err != nil {
		return err
	}
	o, ok := at.(*jsontree.Object)
	if !ok {
		return lang.Errorf("add %s: %s no es un objeto", "add %s: %s is no object", path, object)
	}
	if _, has := o.Lookup(name); has {
		return lang.Errorf("add %s: el evento ya tiene ese campo: use set", "add %s: the event has that field already: use set", path)
	}
	o.Set(name, v)
	return nil
}

// reverseKeys turns the order of the members round, at every level.
func reverseKeys(v any) {
	switch v := v.(type) {
	case *jsontree.Object:
		for i, j := 0, len(v.Members)-1; i < j; i, j = i+1, j-1 {
			v.Members[i], v.Members[j] = v.Members[j], v.Members[i]
		}
		for i := range v.Members {
			reverseKeys(v.Members[i].Value)
		}
	case []any:
		for i := range v {
			reverseKeys(v[i])
		}
	}
}
