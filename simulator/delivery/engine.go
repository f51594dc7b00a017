package delivery

import (
	"context"
	"errors"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Config is how an Engine delivers.
type Config struct {
	// Clock tells the instants at which attempts are due; required.
	Clock retryclock.Clock
	// Policy is when to try again; the zero policy never does.
	Policy retryclock.Policy
	// Sender makes the attempts; required.
	Sender Sender
	// Concurrency is how many attempts may be under way at once; zero means 1.
	// Copies that go together count as one.
	Concurrency int
	// OnAttempt is told of every attempt as it ends, OnStart before it goes out,
	// with its number and the virtual time at which it was due; one at a time.
	// Either may be nil.
	OnAttempt func(Attempt)
	OnStart   func(d *Delivery, number int, due time.Time)
	// Latency is how long the receiver takes to answer, for faults that go by
	// it; zero where nobody has measured it.
	Latency time.Duration
	// Seed decides what a fault leaves to chance.
	Seed uint64
	// Idle waits until the receiver is done with an attempt on which we hung up;
	// no other attempt of that delivery is made before, and time stands still.
	// Nil means that nobody waits.
	Idle func(ctx context.Context, a Attempt)
	// Stop, once closed, keeps new attempts from being made; those under way
	// still end. Nil means never.
	Stop <-chan struct{}
}

// Engine plays deliveries. Make one with New.
type Engine struct{ cfg Config }

// New returns an engine, or all that is wrong with its configuration.
func New(cfg Config) (*Engine, error) {
	var errs []error
	if cfg.Clock == nil {
		errs = append(errs, lang.Errorf("delivery: falta el reloj", "delivery: no clock"))
	}
	if cfg.Sender == nil {
		errs = append(errs, lang.Errorf("delivery: falta quién envía", "delivery: no sender"))
	}
	if cfg.Concurrency < 0 {
		errs = append(errs, lang.Errorf("delivery: concurrency %d es negativo", "delivery: concurrency %d is negative", cfg.Concurrency))
	}
	errs = append(errs, cfg.Policy.Validate())
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	cfg.Concurrency = max(cfg.Concurrency, 1)
	return &Engine{cfg: cfg}, nil
}

// Run plays the deliveries to their ends and returns their results in the
// order in which they were given. It returns early, with what was done and no
// error, when Stop is closed, and with the context's error when that ends.
func (e *Engine) Run(ctx context.Context, deliveries []Delivery) ([]Result, error) {
	r := &run{
		Engine: e, results: make([]Result, len(deliveries)),
		started: make(chan started), ended: make(chan ended),
		attempter: attempter{sender: e.cfg.Sender, latency: e.cfg.Latency, seed: e.cfg.Seed, idle: e.cfg.Idle},
	}
	defer close(r.started)
	for i := range deliveries {
		r.results[i] = Result{Delivery: &deliveries[i], State: Interrupted}
		r.queue.Push(deliveries[i].Due, pending{index: i, attempt: deliveries[i].first()})
	}
	return r.results, r.play(ctx)
}

// run is one call of Run. Only the goroutine that plays it touches it.
type run struct {
	*Engine
	attempter attempter
	queue     retryclock.Queue[pending]
	results   []Result
	underway  int
	copies    int // that have to start now, because others of theirs have
	workers   int
	started   chan started
	ended     chan ended
	stopped   bool
}

type pending struct{ index, attempt int }

type started struct {
	pending
	due     time.Time
	release func()
}

type ended struct {
	pending
	Attempt
	release func() // of the clock, which stands still until the attempt is booked
}

func (r *run) play(ctx context.Context) error {
	// Waits end with Stop, attempts only with the context.
	waits, cancel := context.WithCancel(ctx)
	defer cancel()
	if r.cfg.Stop != nil {
		go func() {
			select {
			case <-r.cfg.Stop:
				cancel()
			case <-waits.Done():
			}
		}()
	}
	for {
		r.startDue(ctx)
		if r.underway == 0 && (r.stopped || r.queue.Len() == 0) {
			return ctx.Err()
		}
		release, err := r.await(waits)
		if err != nil {
			r.stopped = true
		}
		release()
	}
}

// startDue starts all that is due and fits.
func (r *run) startDue(ctx context.Context) {
	select {
	case <-r.cfg.Stop:
		r.stopped = true
	case <-ctx.Done():
		r.stopped = true
	default:
	}
	for !r.stopped && (r.underway < r.cfg.Concurrency || r.copies > 0) {
		due, ok := r.queue.Peek()
		if !ok || due.After(r.cfg.Clock.Now()) {
			return
		}
		_, next := r.queue.Pop()
		r.count(next)
		if r.underway == r.workers {
			r.workers++
			go r.worker(ctx)
		}
		r.underway++
		if r.cfg.OnStart != nil {
			r.cfg.OnStart(r.results[next.index].Delivery, next.attempt, due)
		}
		r.started <- started{pending: next, due: due, release: r.cfg.Clock.Hold()}
	}
}

// count keeps the account of copies: they stand next to each other in the
// queue, and start together however many that are.
func (r *run) count(p pending) {
	b := r.results[p.index].Delivery.together
	switch {
	case b == nil || p.attempt > 1:
	case r.copies == 0:
		r.copies = b.size - 1
	default:
		r.copies--
	}
}

// worker makes one attempt after the other. It lives as long as the run: a
// goroutine for each attempt would grow its stack anew each time.
func (r *run) worker(ctx context.Context) {
	for s := range r.started {
		d := r.results[s.index].Delivery
		r.ended <- ended{pending: s.pending, Attempt: r.attempter.attempt(ctx, d, s.attempt, s.due), release: s.release}
	}
}

// await returns when something has happened: an attempt ended, the next one is
// due, or the run is to stop. Its caller releases the clock: were it released
// while the waiter for a later instant still stands, the clock could jump over
// the retry that was just booked.
func (r *run) await(ctx context.Context) (release func(), err error) {
	next, waiting := r.queue.Peek()
	waiting = waiting && !r.stopped && r.underway < r.cfg.Concurrency
	if r.underway == 0 {
		// Nothing else can happen, so there is nothing to choose from.
		return func() {}, r.cfg.Clock.WaitUntil(ctx, next)
	}
	var (
		due    chan struct{}
		dueErr error
	)
	if waiting {
		until, cancel := context.WithCancel(ctx)
		due = make(chan struct{})
		go func() {
			defer close(due)
			dueErr = r.cfg.Clock.WaitUntil(until, next)
		}()
		defer func() {
			cancel()
			<-due
		}()
	}
	select {
	case e := <-r.ended:
		r.underway--
		r.settle(e)
		return e.release, nil
	case <-due:
		return func() {}, dueErr
	}
}

// judge is Kometia's rule: any 2xx is a receipt, everything else is none
// (guide, "Respondiendo a los Webhooks").
func judge(o *wire.Outcome) Verdict {
	switch {
	case o.Acknowledged():
		return Acknowledged
	case o.Status != 0:
		return Rejected
	default:
		return NoResponse
	}
}

// settle books an attempt and queues the next one, if there is to be one.
func (r *run) settle(e ended) {
	res := &r.results[e.index]
	res.Attempts = append(res.Attempts, e.Attempt)
	if r.cfg.OnAttempt != nil {
		r.cfg.OnAttempt(e.Attempt)
	}
	limit := res.Delivery.MaxAttempts
	made := e.attempt - res.Delivery.first() + 1
	next, state := after(r.cfg.Policy, e.Attempt, limit == 0 || made < limit)
	if res.State = state; state == "" {
		res.State = Interrupted // unless another attempt says otherwise
		r.queue.Push(next, pending{index: e.index, attempt: e.attempt + 1})
	}
}
