package platform

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Filter is which deliveries are wanted, the newest first. The zero Filter wants
// the newest 50 of all.
type Filter struct {
	Subscription int64
	State        string // of States; "" wants all
	Kind         string
	Event        string // id of an event
	// Before is the id of the last delivery of the page before; zero begins.
	Before int64
	// Limit is how many at most, up to 500; zero means 50.
	Limit int
}

// Delivery is an event on its way to a subscription.
type Delivery struct {
	ID           int64
	Subscription int64
	URL          string // as it may be shown: without passwords and tokens
	Event, Kind  string
	ObjectID     string
	State        string
	// Attempts is how many were made, Of how many the policy makes at most.
	Attempts, Of int
	// First is when the first was due, Next when the next is, Expires when the last
	// one is; Next is zero once nothing follows.
	First, Next, Expires time.Time
	// Status is that of the last response, Error why there was none; both are empty
	// before the first attempt.
	Status int
	Error  lang.Text
	// Runs are its attempts; only Delivery reads all that is kept of them.
	Runs []Run
	// Body is what is sent, At when the event happened and Identities what is unique
	// in it; with Delivery alone.
	Body       []byte
	At         time.Time
	ObjectType string
	Identities []shop.Identity
}

// Run is attempts in a row that are equal.
type Run struct {
	Number, Count int
	// First and Last are when they were due, Step is how far they are apart.
	First, Last time.Time
	Step        time.Duration
	// Wall is when the last one began, by the computer's clock.
	Wall    time.Time
	Verdict delivery.Verdict
	Status  int
	Error   lang.Text
	Fault   string // as fault.Parse reads it
	// Fastest and Slowest are how long the receiver took.
	Fastest, Slowest time.Duration
	// Extra was asked for beside the schedule; Interrupted means that kometia-sim
	// was ended meanwhile: nobody knows what came of it.
	Extra, Interrupted bool
	// Request and Response are those of the first one, LastResponse that of the last
	// where it differs; nil when there is none, or none is kept any more.
	Request                *wire.Request
	Response, LastResponse *wire.Outcome
	// Diagnosis is why it was no receipt; nil when there is nothing to say.
	Diagnosis *diagnose.Diagnosis
}

// archive is what a Platform reads in its file: deliveries, events and calls. It
// writes nothing.
type archive struct {
	store     *store
	policy    retryclock.Policy
	receivers Receivers
	world     *shop.World
	diagnoses *diagnose.Table
}

// Deliveries lists deliveries, and whether there are more.
func (a *archive) Deliveries(ctx context.Context, f Filter) (found []Delivery, more bool, err error) {
	where, args := []string{"1"}, []any{}
	add := func(condition string, arg any) { where, args = append(where, condition), append(args, arg) }
	if f.Subscription != 0 {
		add("d.subscription = ?", f.Subscription)
	}
	if f.State != "" {
		i := slices.Index(States(), f.State)
		if i < 0 {
			return nil, false, invalid("no existe el estado %q: elija %s", "there is no state %q: choose %s", f.State, strings.Join(States(), ", "))
		}
		add("d.state = ?", i)
	}
	if f.Kind != "" {
		add("d.kind = ?", f.Kind)
	}
	if f.Event != "" {
		add("d.event = (SELECT seq FROM events WHERE id = ?)", f.Event)
	}
	if f.Before != 0 {
		add("d.id < ?", f.Before)
	}
	limit := pageSize(f.Limit)
	err = a.store.read(ctx, func(r reader) error {
		found, err = a.deliveries(r, strings.Join(where, " AND ")+" ORDER BY d.id DESC LIMIT ?", append(args, limit+1)...)
		return err
	})
	if len(found) > limit {
		return found[:limit], true, err
	}
	return found, false, err
}

func (a *archive) deliveries(r reader, where string, args ...any) (found []Delivery, err error) {
	rows, err := r.query(`SELECT d.id, d.subscription, s.url, e.id, d.kind, e.object_id, d.state, d.attempts, d.first, d.due, d.runs
		FROM deliveries d JOIN events e ON e.seq = d.event JOIN subscriptions s ON s.id = d.subscription WHERE `+where, args...)
	err = each(rows, err, func(scan func(...any) error) error {
		var d Delivery
		var state State
		var firstDue, due int64
		var data []byte
		if err := scan(&d.ID, &d.Subscription, &d.URL, &d.Event, &d.Kind, &d.ObjectID, &state, &d.Attempts, &firstDue, &due, &data); err != nil {
			return err
		}
		d.URL, d.State, d.Of, d.First = safeURL(d.URL), state.String(), a.policy.Attempts(), instant(firstDue)
		d.Expires = d.First.Add(a.policy.Offset(d.Of))
		if state == pending {
			d.Next = instant(due)
		}
		runs, err := parseRuns(data)
		for i := range runs {
			d.Runs = append(d.Runs, runs[i].shown())
		}
		if n := len(runs); n > 0 {
			d.Status, d.Error = runs[n-1].Status, lang.Text{ES: runs[n-1].ES, EN: runs[n-1].EN}
		}
		found = append(found, d)
		return err
	})
	return found, err
}

// shown is a run without what has to be read for it.
func (r *run) shown() Run {
	return Run{
		Number: r.Number, Count: r.Count, First: instant(r.First), Last: instant(r.last()), Step: time.Duration(r.Step) * time.Millisecond,
		Wall: instant(r.Wall), Verdict: r.Verdict, Status: r.Status, Error: lang.Text{ES: r.ES, EN: r.EN}, Fault: r.Fault,
		Fastest: time.Duration(r.Fastest) * time.Microsecond, Slowest: time.Duration(r.Slowest) * time.Microsecond,
		Extra: r.Extra, Interrupted: r.Broken,
	}
}

// Delivery is one of them with all that is kept of its attempts.
func (a *archive) Delivery(ctx context.Context, id int64) (d Delivery, err error) {
	err = a.store.read(ctx, func(r reader) error {
		found, err := a.deliveries(r, "d.id = ?", id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return missing("no hay una entrega %d", "there is no delivery %d", id)
		}
		d = found[0]
		var url string
		var body, data []byte
		var pendingAt, counter int
		var at int64
		rows, err := r.query(`SELECT s.url, e.body, e.pending_at, e.at, e.object_type, d.counter, d.runs FROM deliveries d
			JOIN events e ON e.seq = d.event JOIN subscriptions s ON s.id = d.subscription WHERE d.id = ?`, id)
		if _, err := first(rows, err, &url, &body, &pendingAt, &at, &d.ObjectType, &counter, &data); err != nil {
			return err
		}
		d.Body, d.At = counted(body, pendingAt, max(counter, 1)), instant(at)
		d.Identities = a.world.Identities(treeOf(d.Body))
		var request *wire.Request
		if way, err := a.receivers.Receiver(ctx, url, false); err == nil {
			request = way.Request(d.Body)
		}
		runs, err := parseRuns(data)
		if err != nil {
			return err
		}
		for i := range runs {
			if err := a.explain(r, &runs[i], &d.Runs[i], request); err != nil {
				return err
			}
		}
		return nil
	})
	return d, err
}

// explain reads the responses of a run, and says what they mean.
func (a *archive) explain(r reader, from *run, to *Run, request *wire.Request) error {
	to.Request = request
	for id, outcome := range map[int64]**wire.Outcome{from.Response: &to.Response, from.LastResponse: &to.LastResponse} {
		if id == 0 {
			continue
		}
		var head, body []byte
		rows, err := r.query("SELECT head, body FROM responses WHERE id = ?", id)
		found, err := first(rows, err, &head, &body)
		if err != nil {
			return err
		}
		if found {
			*outcome = from.outcome(head, body)
		}
	}
	if from.Verdict == "" || from.Fault != "" || from.Broken {
		return nil // that was us
	}
	shown := to.LastResponse
	if shown == nil {
		shown = to.Response
	}
	if shown == nil {
		shown = from.outcome(nil, nil)
	}
	to.Diagnosis = a.diagnoses.Diagnose(request, shown)
	return nil
}

// Events lists what has happened, the newest first, before a Seq (zero: the
// newest), limit at most, and whether there is more.
func (a *archive) Events(ctx context.Context, before int64, limit int) (found []Event, more bool, err error) {
	limit = pageSize(limit)
	err = a.store.read(ctx, func(r reader) error {
		rows, err := r.query(`SELECT e.seq, e.id, e.kind, e.object_type, e.object_id, e.at, e.cause, e.depth,
			(SELECT count(*) FROM deliveries d WHERE d.event = e.seq), (SELECT count(*) FROM deliveries d WHERE d.event = e.seq AND +d.state = 0)
			FROM events e WHERE ? = 0 OR e.seq < ? ORDER BY e.seq DESC LIMIT ?`, before, before, limit+1)
		return each(rows, err, func(scan func(...any) error) error {
			var e Event
			var at int64
			err := scan(&e.Seq, &e.ID, &e.Kind, &e.ObjectType, &e.ObjectID, &at, &e.Cause.Event, &e.Cause.Depth, &e.Deliveries, &e.Pending)
			e.At = instant(at)
			if e.Cause.Event != "" {
				e.Cause.Depth-- // the file has the event's own
			} else {
				e.Cause.Depth = 0
			}
			found = append(found, e)
			return err
		})
	})
	if len(found) > limit {
		return found[:limit], true, err
	}
	return found, false, err
}

// Expiring lists the deliveries that wait for a retry, those first that expire
// first.
func (a *archive) Expiring(ctx context.Context, limit int) (found []Delivery, err error) {
	err = a.store.read(ctx, func(r reader) error {
		found, err = a.deliveries(r, "d.state = 0 ORDER BY d.first, d.id LIMIT ?", pageSize(limit))
		return err
	})
	return found, err
}

// Counts is how many deliveries are in each state, by its name.
func (a *archive) Counts(ctx context.Context) (counts map[string]int, err error) {
	counts = map[string]int{}
	for _, name := range States() {
		counts[name] = 0
	}
	err = a.store.read(ctx, func(r reader) error {
		rows, err := r.query("SELECT state, count(*) FROM deliveries GROUP BY state")
		return each(rows, err, func(scan func(...any) error) error {
			var state State
			var n int
			err := scan(&state, &n)
			counts[state.String()] = n
			return err
		})
	})
	return counts, err
}

// waiting counts the deliveries that are not done.
func (a *archive) waiting(ctx context.Context) (n int, err error) {
	err = a.store.read(ctx, func(r reader) error {
		rows, err := r.query("SELECT count(*) FROM deliveries WHERE state = ?", pending)
		_, err = first(rows, err, &n)
		return err
	})
	return n, err
}

// safeURL is a URL as it may be shown.
func safeURL(url string) string { return wire.Redact(strings.TrimSpace(url)) }
