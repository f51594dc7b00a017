package platform

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// State is what became of a delivery.
type State int

// The states.
const (
	pending State = iota
	delivered
	expired
	canceled // its subscription was removed
)

// String is how the state is called: pending, delivered, expired, canceled.
func (s State) String() string {
	return [...]string{"pending", "delivered", "expired", "canceled"}[s]
}

// States are the names of all states.
func States() []string { return []string{"pending", "delivered", "expired", "canceled"} }

// stateOf is the state that a delivery is in after an attempt.
func stateOf(end delivery.State) State {
	switch end {
	case delivery.Delivered:
		return delivered
	case delivery.Expired, delivery.Failed:
		return expired
	default:
		return pending
	}
}

// underway is a delivery whose attempt is being made, with all that is needed to
// write down how it went.
type underway struct {
	batch    int64
	state    State
	event    int64
	attempts int
	runs     []run
}

// line is the part of Platform that the stream's Book works with; only the
// goroutine of the stream touches it.
type line struct {
	*Platform
	attempts map[int64]*underway
	batches  map[int64]int // how many of each have not ended
	batch    int64         // the number of the last one
	ways     map[destination]Receiver
	forgot   time.Time // when old ones were forgotten last, by the shop's time
}

// begin makes a stream and gives it all that waits.
func (p *Platform) begin(ctx context.Context) error {
	l := &line{Platform: p, attempts: map[int64]*underway{}, batches: map[int64]int{}, ways: map[destination]Receiver{}}
	stream, err := delivery.NewStream(delivery.StreamConfig{
		Clock: p.clock.Steered, Policy: p.cfg.Policy, Concurrency: p.cfg.Concurrency, PerLane: p.cfg.PerLane, Seed: p.cfg.Shop.Seed, Book: l.book,
	})
	if err != nil {
		return err
	}
	var tickets []delivery.Ticket
	err = p.store.read(ctx, func(r reader) error {
		rows, err := r.query("SELECT id, subscription, first, due, next FROM deliveries WHERE state = ? ORDER BY due, id", pending)
		return each(rows, err, func(scan func(...any) error) error {
			var t delivery.Ticket
			var first, due int64
			err := scan(&t.ID, &t.Lane, &first, &due, &t.Number)
			t.Due = instant(due)
			skip(&t, p.cfg.Policy, p.clock.Now())
			tickets = append(tickets, t)
			return err
		})
	})
	if err == nil {
		err = p.store.read(ctx, func(r reader) error {
			rows, err := r.query("SELECT id, subscription, next, extra FROM deliveries WHERE extra > 0 ORDER BY id")
			return each(rows, err, func(scan func(...any) error) error {
				t := delivery.Ticket{Due: p.clock.Now(), Extra: true}
				times := 0
				err := scan(&t.ID, &t.Lane, &t.Number, &times)
				for range times {
					tickets = append(tickets, t)
				}
				return err
			})
		})
	}
	if err != nil {
		return err
	}
	stream.Add(tickets...)
	p.mu.Lock()
	p.stream = stream
	p.mu.Unlock()
	return nil
}

// skip leaves out what was due, in real time, while nobody was there to do it:
// one attempt is made now, not one for each hour, and it is the last when the time
// is over.
func skip(t *delivery.Ticket, policy retryclock.Policy, now time.Time) {
	for {
		wait, more := policy.Next(t.Number)
		if next := t.Due.Add(wait); !more || next.After(now) {
			return
		}
		t.Due, t.Number = t.Due.Add(wait), t.Number+1
	}
}

// book writes down which attempts have ended and which begin.
func (l *line) book(ctx context.Context, ended []delivery.Done, starting []delivery.Ticket) (starts []delivery.Start, err error) {
	err = l.store.write(context.WithoutCancel(ctx), func(t *tx) error {
		for _, d := range ended {
			if err := l.end(t, d); err != nil {
				return err
			}
		}
		starts, err = l.start(ctx, t, starting)
		return errors.Join(err, l.clock.keep(t), l.forget(t))
	})
	if len(ended) > 0 {
		l.watchers.tell(Change{Deliveries: true, Clock: true})
	}
	return starts, err
}

// forget forgets, once in a day of the shop, what its API does not know any more:
// deliveries that have ended, and events without any other.
func (l *line) forget(t *tx) error {
	now := l.clock.Now()
	if now.Sub(l.forgot) < 24*time.Hour {
		return nil
	}
	l.forgot = now
	before := now.Add(-apiKeeps).UnixMilli()
	gone, err := t.changed("DELETE FROM deliveries WHERE state <> ? AND first < ? AND extra = 0", pending, before)
	if err != nil {
		return err
	}
	if err := t.exec("DELETE FROM events WHERE at < ? AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event = events.seq)", before); err != nil || gone == 0 {
		return err
	}
	return t.exec("DELETE FROM responses WHERE delivery NOT IN (SELECT id FROM deliveries)")
}

// end writes down an attempt that has ended.
func (l *line) end(t *tx, d delivery.Done) error {
	u := l.attempts[d.ID]
	delete(l.attempts, d.ID)
	r := runOf(d)
	if r.Wall == 0 {
		r.Wall = l.cfg.Wall.Now().UnixMilli()
	}
	head, body, hash := responseOf(d.Attempt.Outcome)
	var encoded []byte
	var err error
	if n := len(u.runs); n > 0 && u.runs[n-1].equal(&r) {
		last := u.runs[n-1]
		last.join(&r)
		if hash != 0 && hash != last.Hash && hash != last.LastHash {
			if last.LastResponse, err = l.keepResponse(t, d.ID, last.LastResponse, head, body); err != nil {
				return err
			}
			last.LastHash = hash
		}
		encoded, err = last.encode(u.runs[:n-1])
	} else {
		if hash != 0 {
			if r.Response, err = l.keepResponse(t, d.ID, 0, head, body); err != nil {
				return err
			}
			r.Hash = hash
		}
		encoded, err = r.encode(u.runs)
	}
	if err != nil {
		return err
	}
	state, statement, args := u.state, "UPDATE deliveries SET attempts = ?, runs = ?", []any{u.attempts + 1, encoded}
	switch {
	case d.Extra && d.State == delivery.Delivered && u.state == pending:
		state = delivered
	case !d.Extra:
		state = stateOf(d.State)
		statement, args = statement+", next = ?", append(args, d.Number+1)
		if state == pending {
			statement, args = statement+", due = ?", append(args, d.Next.UnixMilli())
		}
	}
	if state != u.state {
		// A subscription may have been removed meanwhile: then that is the end.
		statement, args = statement+", state = CASE state WHEN 3 THEN 3 ELSE ? END", append(args, state)
	}
	if err := t.exec(statement+" WHERE id = ?", append(args, d.ID)...); err != nil {
		return err
	}
	if l.batches[u.batch]--; l.batches[u.batch] > 0 {
		return nil
	}
	delete(l.batches, u.batch)
	return t.exec("DELETE FROM batches WHERE id = ?", u.batch)
}

// keptResponses is how much room responses take together, in bytes, and
// freed how much of it is freed at once.
const (
	keptResponses  = 64 << 20
	freedResponses = 8 << 20
)

// keepResponse keeps a response in place of another one; id 0 is in place of none.
func (l *line) keepResponse(t *tx, delivery, id int64, head, body []byte) (int64, error) {
	if id != 0 {
		n, err := t.changed("UPDATE responses SET head = ?, body = ? WHERE id = ?", head, body, id)
		if err != nil || n > 0 {
			return id, err
		}
	}
	var total int64
	rows, err := t.query("SELECT total FROM responses ORDER BY id DESC LIMIT 1")
	if _, err := first(rows, err, &total); err != nil {
		return 0, err
	}
	// total counts on over all that were ever kept, so that one row tells how much
	// lies between two.
	total += int64(len(head) + len(body))
	id, err = t.insert("INSERT INTO responses (delivery, head, body, total) VALUES (?, ?, ?, ?)", delivery, head, body, total)
	if err != nil || id%256 != 0 {
		return id, err
	}
	var oldest int64
	rows, err = t.query("SELECT total FROM responses ORDER BY id LIMIT 1")
	if _, err := first(rows, err, &oldest); err != nil || total-oldest < keptResponses {
		return id, err
	}
	return id, t.exec("DELETE FROM responses WHERE total < ?", total-keptResponses+freedResponses)
}

// ticket is what a batch says of an attempt that begins.
type ticket struct {
	ID     int64 `json:"d"`
	Number int   `json:"n"`
	Due    int64 `json:"t"`
	Count  int   `json:"c"` // attempts of the delivery before it
	Extra  bool  `json:"m,omitempty"`
}

// start finds what the attempts send, and writes down that they begin.
func (l *line) start(ctx context.Context, t *tx, tickets []delivery.Ticket) ([]delivery.Start, error) {
	starts := make([]delivery.Start, len(tickets))
	var batch []ticket
	for i, ticketed := range tickets {
		u, err := l.one(ctx, t, ticketed, &starts[i])
		if err != nil {
			return nil, err
		}
		if starts[i].Delivery == nil {
			continue
		}
		u.batch = l.batch + 1
		l.attempts[ticketed.ID] = u
		batch = append(batch, ticket{ID: ticketed.ID, Number: ticketed.Number, Due: ticketed.Due.UnixMilli(), Count: u.attempts, Extra: ticketed.Extra})
	}
	if len(batch) == 0 {
		return starts, nil
	}
	l.batch++
	l.batches[l.batch] = len(batch)
	data, err := json.Marshal(batch)
	if err != nil {
		return nil, err
	}
	return starts, t.exec("INSERT INTO batches (id, tickets) VALUES (?, ?)", l.batch, data)
}

// one finds what one attempt sends; no Delivery when nobody wants it any more.
func (l *line) one(ctx context.Context, t *tx, ticketed delivery.Ticket, s *delivery.Start) (*underway, error) {
	u := &underway{}
	var (
		subscription, at, firstDue     int64
		counter, pendingAt, depth      int
		id, kind, objectType, objectID string
		runs, body, tree               []byte
	)
	rows, err := t.query(`SELECT d.state, d.event, d.attempts, d.runs, d.subscription, d.counter, d.first,
		e.id, e.kind, e.object_type, e.object_id, e.at, e.body, e.pending_at, e.about, e.depth
		FROM deliveries d JOIN events e ON e.seq = d.event WHERE d.id = ?`, ticketed.ID)
	found, err := first(rows, err, &u.state, &u.event, &u.attempts, &runs, &subscription, &counter, &firstDue,
		&id, &kind, &objectType, &objectID, &at, &body, &pendingAt, &tree, &depth)
	wanted := u.state == pending || ticketed.Extra && u.state == delivered
	if err != nil || !found || !wanted {
		return u, err
	}
	if u.runs, err = parseRuns(runs); err != nil {
		return u, err
	}
	if ticketed.Extra {
		if err := t.exec("UPDATE deliveries SET extra = extra - 1 WHERE id = ? AND extra > 0", ticketed.ID); err != nil {
			return u, err
		}
	}
	broken, sub, there := l.attempted(subscription)
	if !there {
		return u, nil
	}
	if broken.Kind != fault.None && sub.Times >= 0 {
		if err := t.exec("UPDATE subscriptions SET times = ?, fault = ? WHERE id = ?", sub.Times, sub.Fault.String(), subscription); err != nil {
			return u, err
		}
	}
	if counter == 0 {
		if counter, err = l.pending(t, u.event); err != nil {
			return u, err
		}
		if err := t.exec("UPDATE deliveries SET counter = ? WHERE id = ?", max(counter, 1), ticketed.ID); err != nil {
			return u, err
		}
	}
	way := l.way(ctx, destination{sub.URL, sub.Elsewhere})
	about := &shop.Event{ID: id, Kind: kind, ObjectType: objectType, ObjectID: objectID, Tree: treeOf(tree)}
	s.Sender = telling{way, l.Platform, about, depth}
	request := way.Request(counted(body, pendingAt, max(counter, 1)))
	request.Fresh = true // what a server says late on a connection is no response to another event
	s.Delivery = &delivery.Delivery{
		Event: id, Kind: kind, Request: request, Origin: instant(firstDue), First: ticketed.Number, Faults: []fault.Fault{broken},
	}
	return u, nil
}

// telling tells the causes of writes what is sent when.
type telling struct {
	Receiver
	p     *Platform
	event *shop.Event
	depth int
}

// Do implements delivery.Sender.
func (t telling) Do(ctx context.Context, r *wire.Request) *wire.Outcome {
	wall, depth := t.p.cfg.Wall, t.depth
	if held := t.p.causes.Hold(t.event, depth, wall.Now()); held != nil {
		for left := held.Left(wall.Now()); left > 0 && ctx.Err() == nil; left = held.Left(wall.Now()) {
			_ = wall.WaitUntil(ctx, wall.Now().Add(left)) // when ctx ends, so does the attempt
		}
		depth = held.End()
	}
	ended := t.p.causes.Sent(t.event, depth, wall.Now())
	out := t.Receiver.Do(ctx, r)
	ended(wall.Now(), out.Status != 0 || out.Connected)
	return out
}

// treeOf parses what we have written ourselves.
func treeOf(data []byte) *jsontree.Object {
	doc, err := jsontree.Parse(data)
	if err != nil {
		return &jsontree.Object{}
	}
	tree, _ := doc.Root.(*jsontree.Object)
	return tree
}

// pending counts the subscriptions that an event has not been notified to.
func (l *line) pending(r reader, event int64) (n int, err error) {
	rows, err := r.query("SELECT count(*) FROM deliveries WHERE event = ? AND +state = ?", event, pending)
	_, err = first(rows, err, &n)
	return n, err
}

// destination is where a subscription is delivered to, and whether that it is
// another machine was confirmed.
type destination struct {
	url       string
	confirmed bool
}

// way is the way to a destination.
func (l *line) way(ctx context.Context, to destination) Receiver {
	if known, ok := l.ways[to]; ok {
		return known
	}
	way, err := l.cfg.Receivers.Receiver(ctx, to.url, to.confirmed)
	if err != nil {
		return nowhere{err} // it was good when it was subscribed to; asked again next time
	}
	l.ways[to] = way
	return way
}

// nowhere is a URL that nothing can be sent to any more.
type nowhere struct{ err error }

func (n nowhere) Request(body []byte) *wire.Request { return &wire.Request{Body: body} }

func (n nowhere) Do(context.Context, *wire.Request) *wire.Outcome {
	return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrRequest, Err: n.err}}
}
