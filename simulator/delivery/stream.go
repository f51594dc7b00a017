package delivery

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// StreamConfig is how a Stream delivers.
type StreamConfig struct {
	// Clock tells when attempts are due; required.
	Clock *retryclock.Steered
	// Policy is when to try again; the zero policy never does.
	Policy retryclock.Policy
	// Concurrency is how many attempts may be under way at once, PerLane how many
	// of one lane; zero means 64 and 8.
	Concurrency, PerLane int
	// Seed decides what a fault leaves to chance.
	Seed uint64
	// Book is told, together and in one call, which attempts have ended and which
	// are about to begin, and says what the latter send. It is called before the
	// first byte of them goes out and before anything follows from the former, so
	// that whoever writes it down in one transaction loses nothing. The starts are
	// as many as the tickets, in their order. Its error ends the stream; required.
	Book func(ctx context.Context, ended []Done, starting []Ticket) ([]Start, error)
}

// Ticket is a delivery whose next attempt waits for its time.
type Ticket struct {
	ID   int64 // the delivery's: one attempt of it is made at a time
	Lane int64 // of its subscription: one that is slow keeps no other one waiting
	Due  time.Time
	// Number is the attempt's; 1 is the first.
	Number int
	// Extra is an attempt that was asked for beside the policy: nothing follows
	// from it but that the delivery may be acknowledged.
	Extra bool
}

// Start is what an attempt sends, and through whom. Without a Delivery it is not
// made: nobody wants it any more.
type Start struct {
	Delivery *Delivery
	Sender   Sender
}

// Done is an attempt that has ended.
type Done struct {
	Ticket
	Attempt Attempt
	// State is how its delivery ended; "" when the next attempt is due at Next. Of
	// an extra attempt it is Delivered or "".
	State State
	Next  time.Time
}

// Stream delivers what is added to it, for as long as it runs. All deliveries of
// all subscriptions are in one stream, so that they share one order of time. Make
// one with NewStream.
type Stream struct {
	cfg StreamConfig

	mu    sync.Mutex
	added []Ticket
	holds []func()      // of the clock, until what was added is in the queue
	wake  chan struct{} // holds one token when something was added
}

// NewStream returns a stream, or all that is wrong with its configuration.
func NewStream(cfg StreamConfig) (*Stream, error) {
	errs := []error{cfg.Policy.Validate()}
	if cfg.Clock == nil {
		errs = append(errs, lang.Errorf("delivery: falta el reloj", "delivery: no clock"))
	}
	if cfg.Book == nil {
		errs = append(errs, lang.Errorf("delivery: falta quién anota", "delivery: nobody to book"))
	}
	if cfg.Concurrency < 0 || cfg.PerLane < 0 {
		errs = append(errs, lang.Errorf("delivery: la concurrencia es negativa", "delivery: concurrency is negative"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if cfg.Concurrency == 0 {
		cfg.Concurrency = 64
	}
	if cfg.PerLane == 0 {
		cfg.PerLane = 8
	}
	return &Stream{cfg: cfg, wake: make(chan struct{}, 1)}, nil
}

// Add puts tickets into the queue; the clock does not pass their time before they
// are there. It may be called before Run and while it runs. With none, it has the
// stream look again whether anything is left to do.
func (s *Stream) Add(tickets ...Ticket) {
	hold := s.cfg.Clock.Hold()
	s.mu.Lock()
	s.added = append(s.added, tickets...)
	s.holds = append(s.holds, hold)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends, which is no error; attempts under way end with it
// and are not booked. Another error is that of Book. It returns with the clock
// held, since time is not to pass while nobody delivers: release is for when
// another stream does.
func (s *Stream) Run(ctx context.Context) (release func(), err error) {
	r := &streaming{Stream: s, lanes: map[int64]*lane{}, busy: map[int64][]Ticket{}, ended: make(chan Done), starts: make(chan begun)}
	ctx, cancel := context.WithCancel(ctx)
	r.release = s.cfg.Clock.Hold()
	err = r.play(ctx)
	cancel()
	close(r.starts)
	for ; r.underway > 0; r.underway-- {
		<-r.ended
	}
	return func() {
		s.Drop()
		r.release()
	}, err
}

// Drop lets go of the clock for tickets that no run will take any more.
func (s *Stream) Drop() {
	s.mu.Lock()
	holds := s.holds
	s.added, s.holds = nil, nil
	s.mu.Unlock()
	for _, release := range holds {
		release()
	}
}

// streaming is one call of Stream.Run; only the goroutine that plays it touches
// it.
type streaming struct {
	*Stream
	lanes    map[int64]*lane
	busy     map[int64][]Ticket // by the delivery under way: what waits for its end
	underway int
	workers  int
	release  func() // of the clock, which is held unless nothing can be done
	starts   chan begun
	ended    chan Done
	done     []Done // that are not booked yet
}

type lane struct {
	queue    retryclock.Queue[Ticket]
	underway int
}

type begun struct {
	Ticket
	Start
}

func (r *streaming) play(ctx context.Context) error {
	for ctx.Err() == nil {
		r.take()
		starting := r.due()
		if len(r.done)+len(starting) > 0 {
			starts, err := r.cfg.Book(ctx, r.done, starting)
			if err != nil {
				r.underway -= len(starting) // they do not begin
				return err
			}
			r.settle()
			r.launch(ctx, starting, starts)
			r.collect()
			continue
		}
		r.await(ctx)
	}
	return nil
}

// take queues what was added.
func (r *streaming) take() {
	r.mu.Lock()
	added, holds := r.added, r.holds
	r.added, r.holds = nil, nil
	r.mu.Unlock()
	for _, t := range added {
		r.push(t)
	}
	for _, release := range holds {
		release()
	}
}

func (r *streaming) push(t Ticket) {
	l := r.lanes[t.Lane]
	if l == nil {
		l = &lane{}
		r.lanes[t.Lane] = l
	}
	l.queue.Push(t.Due, t)
}

// due takes out of the queues what is due and fits.
func (r *streaming) due() (starting []Ticket) {
	now := r.cfg.Clock.Now()
	for r.underway < r.cfg.Concurrency {
		l, at := r.next()
		if l == nil || at.After(now) {
			break
		}
		_, t := l.queue.Pop()
		if waiting, busy := r.busy[t.ID]; busy {
			r.busy[t.ID] = append(waiting, t)
			continue
		}
		r.busy[t.ID] = nil
		l.underway++
		r.underway++
		starting = append(starting, t)
	}
	return starting
}

// next is the lane whose turn it is: what is due first goes first, and among
// equals the lane that has less under way.
func (r *streaming) next() (first *lane, at time.Time) {
	var id int64
	for i, l := range r.lanes {
		due, ok := l.queue.Peek()
		if !ok || l.underway >= r.cfg.PerLane {
			continue
		}
		better := first == nil || due.Before(at)
		if !better && due.Equal(at) {
			better = l.underway < first.underway || l.underway == first.underway && i < id
		}
		if better {
			first, at, id = l, due, i
		}
	}
	return first, at
}

// settle queues what follows from the attempts that were booked.
func (r *streaming) settle() {
	for _, d := range r.done {
		l := r.lanes[d.Lane]
		l.underway--
		if !d.Extra && d.State == "" {
			r.push(Ticket{ID: d.ID, Lane: d.Lane, Due: d.Next, Number: d.Number + 1})
		}
		r.free(d.ID)
		if l.underway == 0 && l.queue.Len() == 0 {
			delete(r.lanes, d.Lane)
		}
	}
	r.done = r.done[:0]
}

// free lets the next attempt of a delivery begin.
func (r *streaming) free(id int64) {
	waiting := r.busy[id]
	delete(r.busy, id)
	for _, t := range waiting {
		r.push(t)
	}
}

// launch begins the attempts that are wanted.
func (r *streaming) launch(ctx context.Context, tickets []Ticket, starts []Start) {
	for i, t := range tickets {
		if starts[i].Delivery == nil {
			r.underway--
			r.lanes[t.Lane].underway--
			r.free(t.ID)
			continue
		}
		if r.workers < r.underway {
			r.workers++
			go r.worker(ctx)
		}
		for sent := false; !sent; {
			select {
			case r.starts <- begun{t, starts[i]}:
				sent = true
			case d := <-r.ended: // or the workers would wait for us as we for them
				r.end(d)
			}
		}
	}
}

// worker makes one attempt after the other.
func (r *streaming) worker(ctx context.Context) {
	for b := range r.starts {
		a := attempter{sender: b.Sender, seed: r.cfg.Seed}.attempt(ctx, b.Delivery, b.Number, b.Due)
		d := Done{Ticket: b.Ticket, Attempt: a}
		d.Next, d.State = after(r.cfg.Policy, a, !b.Extra)
		if b.Extra && d.State != Delivered && d.State != Interrupted {
			d.State = ""
		}
		r.ended <- d
	}
}

// end notes an attempt that has ended; one that we have broken off was not made.
func (r *streaming) end(d Done) {
	r.underway--
	if d.State != Interrupted {
		r.done = append(r.done, d)
	}
}

// collect takes what else has ended already: it is booked together.
func (r *streaming) collect() {
	for {
		select {
		case d := <-r.ended:
			r.end(d)
		default:
			return
		}
	}
}

// await returns when something has happened. With nothing under way it lets go of
// the clock.
func (r *streaming) await(ctx context.Context) {
	var reached <-chan struct{}
	if _, at := r.next(); r.underway < r.cfg.Concurrency && !at.IsZero() {
		next := r.cfg.Clock.Expect(at)
		defer next.End()
		reached = next.Reached()
	} else if r.underway == 0 {
		r.cfg.Clock.Idle()
	}
	if r.underway == 0 {
		r.release()
		defer func() { r.release = r.cfg.Clock.Hold() }()
	}
	select {
	case d := <-r.ended:
		r.end(d)
		r.collect()
	case <-reached:
	case <-r.wake:
	case <-ctx.Done():
	}
}
