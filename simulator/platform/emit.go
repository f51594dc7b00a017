package platform

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Emission is what is to happen in the shop.
type Emission struct {
	// Kinds is a story: one event for each, all about the same objects, a second
	// apart, the last of them now. Nil when there are payloads.
	Kinds []string
	// Count is how many such stories, each of its own; zero means 1.
	Count int
	// Payloads are events as someone has edited them (see Draft), in place of
	// Kinds. Each is held against its schema.
	Payloads [][]byte
	// Anyway sends payloads that their schema refuses, as long as they are events
	// at all.
	Anyway bool
}

// Event is one that has happened.
type Event struct {
	Seq        int64
	ID, Kind   string
	ObjectType string
	ObjectID   string
	At         time.Time
	// Deliveries is how many subscriptions it goes to, Pending how many of them have
	// not been notified yet.
	Deliveries, Pending int
	// Cause is the event that a write through the API answered with this one.
	Cause api.Cause
}

const (
	mostStories = 10_000
	mostKinds   = 20
	mostPayload = 1 << 20
)

// Kinds are the event kinds that there are.
func (p *Platform) Kinds() []schemas.Kind { return p.catalogue.Kinds() }

// Draft tells a story without having it happen, so that its payloads can be
// edited. Its identities are not used again.
func (p *Platform) Draft(ctx context.Context, kinds []string) (payloads [][]byte, err error) {
	if err := checkKinds(p.catalogue, kinds); err != nil {
		return nil, err
	}
	err = p.store.write(ctx, func(t *tx) error {
		told, err := tell(t, p.world, kinds, p.clock.Now())
		for _, e := range told {
			payloads = append(payloads, e.Body(jsontree.Pretty))
		}
		return err
	})
	return payloads, err
}

// Emit has something happen. When it returns, the events are on the disk and on
// their way to every subscription that wants them.
func (p *Platform) Emit(ctx context.Context, in Emission) ([]Event, error) {
	var given []*shop.Event
	switch {
	case len(in.Payloads) > 0 && len(in.Kinds) > 0:
		return nil, invalid("dé tipos o cuerpos de eventos, no los dos", "give kinds or payloads of events, not both")
	case len(in.Payloads) > 0:
		for i, payload := range in.Payloads {
			e, err := parse(p.catalogue, payload, in.Anyway)
			if err != nil {
				return nil, &Invalid{lang.Errorf("evento %d: %s", "event %d: %s", i+1, err)}
			}
			given = append(given, e)
		}
	default:
		if err := checkKinds(p.catalogue, in.Kinds); err != nil {
			return nil, err
		}
		if in.Count < 0 || in.Count > mostStories {
			return nil, invalid("%d historias: se esperan de 1 a %d", "%d stories: want 1 to %d", in.Count, mostStories)
		}
	}
	p.life.RLock()
	defer p.life.RUnlock()
	release := p.clock.Hold()
	defer release()
	var events []Event
	var tickets []delivery.Ticket
	err := p.store.write(ctx, func(t *tx) error {
		now := p.clock.Now()
		events, tickets = nil, nil
		happen := func(e *shop.Event, beside []*jsontree.Object) error {
			made, due, err := p.happen(t, e, beside, api.Cause{}, now)
			events, tickets = append(events, made), append(tickets, due...)
			return err
		}
		for _, e := range given {
			if err := happen(e, nil); err != nil {
				return err
			}
		}
		for range storiesOf(in) {
			told, err := tell(t, p.world, in.Kinds, now)
			if err != nil {
				return err
			}
			for _, e := range told {
				if err := happen(e, p.world.Own(e)); err != nil {
					return err
				}
			}
		}
		return p.clock.keep(t)
	})
	if err != nil {
		return nil, err
	}
	p.add(tickets)
	p.watchers.tell(Change{Events: true, Deliveries: true})
	return events, nil
}

func storiesOf(in Emission) int {
	if len(in.Payloads) > 0 {
		return 0
	}
	return max(in.Count, 1)
}

func checkKinds(catalogue *schemas.Catalogue, kinds []string) error {
	var errs []error
	if len(kinds) == 0 {
		errs = append(errs, lang.Errorf("elija un tipo de evento", "choose an event kind"))
	}
	if len(kinds) > mostKinds {
		errs = append(errs, lang.Errorf("una historia tiene a lo más %d eventos", "a story has %d events at most", mostKinds))
	}
	for _, kind := range kinds {
		_, err := catalogue.Kind(kind)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return &Invalid{err}
	}
	return nil
}

// tell has the shop tell a story that ends now and that nobody has heard.
func tell(t *tx, world *shop.World, kinds []string, now time.Time) ([]*shop.Event, error) {
	index, err := serial(t, "stories")
	if err != nil {
		return nil, err
	}
	at := now.Add(-time.Duration(len(kinds)-1) * shop.DefaultGap)
	return world.Tell(shop.Story{Key: shop.Key{Name: strings.Join(kinds, "+"), Index: index}, Kinds: kinds, At: at})
}

// serial counts something on.
func serial(t *tx, name string) (int, error) {
	n, err := metaInt(t, name)
	if err != nil {
		return 0, err
	}
	return int(n) + 1, t.setMetaInt(name, n+1)
}

// parse makes an event of a payload that someone has edited.
func parse(catalogue *schemas.Catalogue, payload []byte, anyway bool) (*shop.Event, error) {
	if len(payload) > mostPayload {
		return nil, lang.Errorf("tiene %d bytes; el máximo es %d", "it has %d bytes; the most is %d", len(payload), mostPayload)
	}
	if err := schemas.EventBound().Check(payload); err != nil {
		return nil, err
	}
	if _, err := catalogue.ValidateBytes(payload); err != nil {
		if _, judged := errors.AsType[*schemas.InvalidError](err); !judged || !anyway {
			return nil, err
		}
	}
	e := api.EventIn(payload)
	if e == nil || e.ObjectType == "" {
		return nil, lang.Errorf("no es un evento: necesita id, kind y data.object con id y object", "this is no event: it needs id, kind, and data.object with id and object")
	}
	return e, nil
}

// happen keeps an event with the state of its objects, and a delivery for each
// subscription that wants it.
func (p *Platform) happen(t *tx, e *shop.Event, beside []*jsontree.Object, cause api.Cause, now time.Time) (made Event, due []delivery.Ticket, err error) {
	depth := 1
	if cause.Event != "" {
		depth = cause.Depth + 1
	}
	made = Event{ID: e.ID, Kind: e.Kind, ObjectType: e.ObjectType, ObjectID: e.ObjectID, At: e.At.UTC(), Cause: cause}
	body, pendingAt := p.cfg.body(e.Tree)
	rows, err := t.query("SELECT 1 FROM events WHERE id = ?", e.ID)
	if known, err := first(rows, err, new(int)); err != nil || known {
		if known {
			err = conflict("ya hay un evento con el id %s: cada evento tiene el suyo", "there is an event with the id %s already: every event has its own", e.ID)
		}
		return made, nil, err
	}
	made.Seq, err = t.insert("INSERT INTO events (id, kind, object_type, object_id, at, body, pending_at, about, cause, depth) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		e.ID, e.Kind, e.ObjectType, e.ObjectID, e.At.UnixMilli(), body, pendingAt, about(e), cause.Event, depth)
	if err != nil {
		return made, nil, err
	}
	kind, _ := p.catalogue.Kind(e.Kind)
	if err := keepObjects(t, e, kind.Deletes(), beside); err != nil {
		return made, nil, err
	}
	for _, s := range p.Subscriptions() {
		if !s.wants(e.Kind) {
			continue
		}
		id, err := t.insert("INSERT INTO deliveries (event, subscription, kind, state, first, due, next, counter, attempts, runs) VALUES (?, ?, ?, ?, ?, ?, 1, 0, 0, '')",
			made.Seq, s.ID, e.Kind, pending, now.UnixMilli(), now.UnixMilli())
		if err != nil {
			return made, nil, err
		}
		due = append(due, delivery.Ticket{ID: id, Lane: s.ID, Due: instant(now.UnixMilli()), Number: 1})
	}
	made.Deliveries, made.Pending = len(due), len(due)
	return made, due, nil
}

// body is an event as it is delivered, and where in it the number of
// pending_webhooks stands, one digit; -1 when there is none.
func (c *Config) body(tree *jsontree.Object) (body []byte, pendingAt int) {
	counted, _ := jsontree.Clone(tree).(*jsontree.Object)
	write := func(n int) []byte {
		counted.Set("pending_webhooks", jsontree.Of(n))
		return delivery.Body(counted, c.Envelope, c.Style)
	}
	if _, there := tree.Lookup("pending_webhooks"); !there {
		return delivery.Body(tree, c.Envelope, c.Style), -1
	}
	one, two := write(1), write(2)
	for i := range one {
		if one[i] != two[i] {
			return one, i
		}
	}
	return one, -1
}

// counted is a body that says how many webhooks are pending.
func counted(body []byte, pendingAt, n int) []byte {
	if pendingAt < 0 {
		return body
	}
	return bytes.Join([][]byte{body[:pendingAt], body[pendingAt+1:]}, []byte(strconv.Itoa(n)))
}

// about is as much of an event as tells what it is about; see api.Causes.
func about(e *shop.Event) []byte {
	small := &jsontree.Object{}
	if v, err := jsontree.Get(e.Tree, "data.object"); err == nil {
		if o, ok := v.(*jsontree.Object); ok {
			for _, name := range []string{"order_id", "product_id", "customer_id"} {
				if id, ok := o.Lookup(name); ok {
					small.Set(name, id)
				}
			}
		}
	}
	data, root := &jsontree.Object{}, &jsontree.Object{}
	data.Set("object", small)
	root.Set("data", data)
	return jsontree.Encode(root, jsontree.Plain)
}

// add puts tickets into the stream that runs.
func (p *Platform) add(tickets []delivery.Ticket) {
	p.mu.Lock()
	stream := p.stream
	p.mu.Unlock()
	if stream != nil { // or a reset could not write, and the next start does it
		stream.Add(tickets...)
	}
}
