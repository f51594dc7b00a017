package platform

import (
	"cmp"
	"context"
	"io"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/simulator/api"
)

// Key is a key of the API.
type Key struct {
	Name   string // "secret" or "public"
	Value  string // "sk_test_..." or "pk_test_..."
	Public bool   // it reads only what everybody may see
}

func newKey(random io.Reader, public bool) (string, error) {
	if public {
		return api.NewPublicKey(random)
	}
	return api.NewKey(random)
}

// recallKeys are the keys of the file, but for a secret one that the user has.
func recallKeys(t *tx, secret string) (keys []Key, err error) {
	for _, k := range []Key{{Name: "secret"}, {Name: "public", Public: true}} {
		if k.Value, err = meta(t, "key "+k.Name); err != nil {
			return nil, err
		}
		if !k.Public && secret != "" {
			k.Value = secret // the user's own, which no file of ours keeps
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// Keys are the keys of the API; they never change.
func (p *Platform) Keys() []Key { return append([]Key(nil), p.keys...) }

// API is what api.New makes the API of this shop of.
func (p *Platform) API() api.Options {
	return api.Options{
		Keys: p.apiKeys, Calls: p.Note, Now: p.cfg.Wall.Now, Today: p.clock.Now, Shop: p.world, Catalogue: p.catalogue,
	}
}

func (p *Platform) apiKeys() []api.Key {
	var keys []api.Key
	for _, k := range p.keys {
		key := api.Key{Value: k.Value, Name: k.Name, Public: k.Public, Store: shopStore{p}}
		if !k.Public {
			key.Writer = writer{p}
		}
		keys = append(keys, key)
	}
	return keys
}

// Call is a call of the API as it was noted.
type Call struct {
	ID int64
	api.Call
	// Virtual is when it came, by the shop's time.
	Virtual time.Time
}

// keptCalls is how many calls are kept: the newest.
const keptCalls = 10_000

// Note keeps a call of the API; it is the Calls of api.Options.
func (p *Platform) Note(c api.Call) {
	at := c.At
	if at.IsZero() {
		at = p.cfg.Wall.Now()
	}
	// A call that cannot be noted is answered all the same: that the disk is full is
	// said by the next write.
	_ = p.store.writeAnyway(func(t *tx) error {
		id, err := t.insert("INSERT INTO calls (at, virtual, key, method, path, query, status, events, cause, depth) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
			at.UnixMilli(), p.clock.Now().UnixMilli(), c.Key, shortened(c.Method), shortened(c.Path), shortened(c.Query), c.Status,
			strings.Join(c.Events, " "), c.Cause.Event, c.Cause.Depth)
		if err != nil || id%100 != 0 {
			return err
		}
		return t.exec("DELETE FROM calls WHERE id <= ?", id-keptCalls)
	})
	p.watchers.tell(Change{Calls: true, Events: len(c.Events) > 0})
}

// shortened keeps what anyone may send from filling the disk.
func shortened(text string) string {
	const most = 500
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strings.ToValidUTF8(text, "\uFFFD")
}

// Calls are those before an id (zero: the newest), the newest first, limit at
// most; of those about an event or an object alone when about is its id.
func (a *archive) Calls(ctx context.Context, before int64, limit int, about string) (calls []Call, err error) {
	err = a.store.read(ctx, func(r reader) error {
		rows, err := r.query(`SELECT id, at, virtual, key, method, path, query, status, events, cause, depth FROM calls
			WHERE (? = 0 OR id < ?) AND (? = '' OR instr(path || '/', '/' || ? || '/') > 0) ORDER BY id DESC LIMIT ?`,
			before, before, about, about, pageSize(limit))
		return each(rows, err, func(scan func(...any) error) error {
			var c Call
			var at, virtual int64
			var events string
			err := scan(&c.ID, &at, &virtual, &c.Key, &c.Method, &c.Path, &c.Query, &c.Status, &events, &c.Cause.Event, &c.Cause.Depth)
			c.At, c.Virtual, c.Events = instant(at), instant(virtual), strings.Fields(events)
			calls = append(calls, c)
			return err
		})
	})
	return calls, err
}

// pageSize is how long a page of a list is.
func pageSize(limit int) int { return min(cmp.Or(max(limit, 0), 50), 500) }
