package platform

import (
	"context"
	"encoding/json"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// apiKeeps is how long the API knows of an event (about 30 days, as Kometia's).
const apiKeeps = 30 * 24 * time.Hour

// keepObjects keeps the state of the objects that an event tells of: those beside
// it, and its own as it stands in the event, or that it is gone.
func keepObjects(t *tx, e *shop.Event, deletes bool, beside []*jsontree.Object) error {
	own := false
	for _, o := range beside {
		own = own || o.Text("id") == e.ObjectID
		if err := put(t, o, e.At); err != nil {
			return err
		}
	}
	if own || e.ObjectID == "" {
		return nil
	}
	if e.Gone || deletes {
		return bury(t, api.Ref{Type: e.ObjectType, ID: e.ObjectID}, e.At)
	}
	if v, err := jsontree.Get(e.Tree, "data.object"); err == nil {
		if o, ok := v.(*jsontree.Object); ok {
			return put(t, o, e.At)
		}
	}
	return nil
}

// put keeps the state of an object as it was at a time; a later one stays. The
// skus of a product are found by themselves.
func put(t *tx, o *jsontree.Object, at time.Time) error {
	ref := api.Ref{Type: o.Text("object"), ID: o.Text("id")}
	if ref.ID == "" || ref.Type == "" || ref.Type == "event" {
		return nil // a shipping rate, say: it has no address in the API
	}
	changed, err := set(t, ref, jsontree.Encode(o, jsontree.Plain), created(o), at, "")
	if err != nil || !changed || ref.Type != "product" {
		return err
	}
	if err := t.exec("UPDATE objects SET gone = 1 WHERE type = 'sku' AND parent = ?", ref.ID); err != nil {
		return err
	}
	skus, _ := o.Lookup("skus")
	list, _ := skus.([]any)
	for _, v := range list {
		sku, _ := v.(*jsontree.Object)
		if id := sku.Text("id"); id != "" {
			if _, err := set(t, api.Ref{Type: "sku", ID: id}, jsontree.Encode(sku, jsontree.Plain), created(sku), at, ref.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// set keeps a row unless a later one is there.
func set(t *tx, ref api.Ref, body []byte, made int64, at time.Time, parent string) (changed bool, err error) {
	n, err := t.changed(`INSERT INTO objects (type, id, body, made, at, seq, parent) VALUES (?, ?, ?, ?, ?, (SELECT coalesce(max(seq), 0) + 1 FROM objects WHERE type = ?), ?)
		ON CONFLICT (type, id) DO UPDATE SET body = excluded.body, made = excluded.made, at = excluded.at, parent = excluded.parent, gone = 0
		WHERE excluded.at >= objects.at`, ref.Type, ref.ID, body, made, at.UnixMilli(), ref.Type, parent)
	return n > 0, err
}

// bury says that an object is no more.
func bury(t *tx, ref api.Ref, at time.Time) error {
	_, err := set(t, ref, []byte{}, 0, at, "")
	if err == nil {
		err = t.exec("UPDATE objects SET gone = 1, at = ? WHERE (type = ? AND id = ? OR parent = ? AND ? = 'product')", at.UnixMilli(), ref.Type, ref.ID, ref.ID, ref.Type)
	}
	return err
}

// shopStore is the shop's state as the API reads it.
type shopStore struct{ p *Platform }

// Find implements api.Store.
func (s shopStore) Find(ctx context.Context, objectType, id string) (o *jsontree.Object, err error) {
	err = s.p.store.read(ctx, func(r reader) error {
		o, err = inside{s.p, r}.Find(ctx, objectType, id)
		return err
	})
	return o, err
}

// List implements api.Store.
func (s shopStore) List(ctx context.Context, objectType string, q api.Query) (found []*jsontree.Object, total int, err error) {
	err = s.p.store.read(ctx, func(r reader) error {
		found, total, err = inside{s.p, r}.List(ctx, objectType, q)
		return err
	})
	return found, total, err
}

// inside is the shop's state as one transaction sees it.
type inside struct {
	p *Platform
	r reader
}

// Find implements api.Store.
func (in inside) Find(_ context.Context, objectType, id string) (*jsontree.Object, error) {
	if objectType == "event" {
		found, _, err := in.events("e.id = ? AND e.at >= ?", 1, 0, id, in.since())
		if len(found) == 0 {
			return nil, err
		}
		return found[0], err
	}
	var body []byte
	rows, err := in.r.query("SELECT body FROM objects WHERE type = ? AND id = ? AND gone = 0", objectType, id)
	if found, err := first(rows, err, &body); err != nil || !found {
		return nil, err
	}
	return treeOf(body), nil
}

// since is when the oldest event happened that the API knows of.
func (in inside) since() int64 { return in.p.clock.Now().Add(-apiKeeps).UnixMilli() }

// List implements api.Store.
func (in inside) List(_ context.Context, objectType string, q api.Query) ([]*jsontree.Object, int, error) {
	if objectType == "event" {
		limit, skip := q.Limit, q.Skip
		if q.Keep != nil || q.Compare != nil {
			limit, skip = 0, 0
		}
		found, total, err := in.events("e.at >= ?", limit, skip, in.since())
		if q.Keep != nil || q.Compare != nil {
			found, total = api.Select(found, q)
		}
		return found, total, err
	}
	if q.Keep != nil || q.Compare != nil {
		all, err := in.objects(objectType, -1, 0)
		found, total := api.Select(all, q)
		return found, total, err
	}
	var total int
	rows, err := in.r.query("SELECT count(*) FROM objects WHERE type = ? AND gone = 0", objectType)
	if _, err := first(rows, err, &total); err != nil {
		return nil, 0, err
	}
	limit := q.Limit
	if limit == 0 {
		limit = -1
	}
	found, err := in.objects(objectType, limit, q.Skip)
	return found, total, err
}

func (in inside) objects(objectType string, limit, skip int) (found []*jsontree.Object, err error) {
	rows, err := in.r.query("SELECT body FROM objects WHERE type = ? AND gone = 0 ORDER BY made DESC, seq DESC LIMIT ? OFFSET ?", objectType, limit, skip)
	err = each(rows, err, func(scan func(...any) error) error {
		var body []byte
		err := scan(&body)
		found = append(found, treeOf(body))
		return err
	})
	return found, err
}

// events reads events, the newest first; limit 0 reads all. Their pending_webhooks
// is that of now.
func (in inside) events(where string, limit, skip int, args ...any) (found []*jsontree.Object, total int, err error) {
	if limit == 0 {
		limit = -1
	}
	rows, err := in.r.query("SELECT count(*) FROM events e WHERE "+where, args...)
	if _, err := first(rows, err, &total); err != nil {
		return nil, 0, err
	}
	rows, err = in.r.query(`SELECT e.body, e.pending_at, (SELECT count(*) FROM deliveries d WHERE d.event = e.seq AND +d.state = 0)
		FROM events e WHERE `+where+" ORDER BY e.at DESC, e.seq DESC LIMIT ? OFFSET ?", append(args, limit, skip)...)
	err = each(rows, err, func(scan func(...any) error) error {
		var body []byte
		var pendingAt, left int
		if err := scan(&body, &pendingAt, &left); err != nil {
			return err
		}
		tree := treeOf(counted(body, pendingAt, left))
		if in.p.cfg.Envelope == delivery.Data {
			if inner, ok := tree.Lookup("data"); ok {
				tree, _ = inner.(*jsontree.Object)
			}
		}
		found = append(found, tree)
		return nil
	})
	return found, total, err
}

// writer takes what is written through the API.
type writer struct{ p *Platform }

// Write implements api.Writer.
func (w writer) Write(ctx context.Context, in api.Intent, decide func(api.Store, api.Moment) (api.Change, error)) error {
	p := w.p
	p.life.RLock()
	defer p.life.RUnlock()
	release := p.clock.Hold()
	defer release()
	var tickets []delivery.Ticket
	err := p.store.write(ctx, func(t *tx) error {
		tickets = nil
		now := p.clock.Now()
		serial, err := serial(t, "writes")
		if err != nil {
			return err
		}
		m := api.Moment{At: now.UTC(), Serial: serial, Cause: p.causes.Of(in.About, p.cfg.Wall.Now())}
		change, err := decide(inside{p, t}, m)
		if err != nil {
			return err
		}
		for _, o := range change.Objects {
			if err := put(t, o, now); err != nil {
				return err
			}
		}
		for _, ref := range change.Gone {
			if err := bury(t, ref, now); err != nil {
				return err
			}
		}
		for _, e := range change.Events {
			_, due, err := p.happen(t, e, nil, m.Cause, now)
			if err != nil {
				return err
			}
			tickets = append(tickets, due...)
		}
		return p.clock.keep(t)
	})
	if err != nil {
		return err
	}
	p.add(tickets)
	p.watchers.tell(Change{Events: true, Deliveries: true})
	return nil
}

// created is created_at, in Unix seconds; zero without one.
func created(o *jsontree.Object) int64 {
	v, _ := o.Lookup("created_at")
	number, _ := v.(json.Number)
	n, _ := number.Int64()
	return n
}
