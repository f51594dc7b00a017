package fuzz

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// player sends.
type player struct {
	target *wire.Target
	header []wire.Field
	clock  retryclock.Clock
	sender *wire.Client
	// patient waits for the whole delivery timeout, sender only as long as an
	// answer may take that is no hang.
	patient *wire.Client

	fresh *payload.Freshener
	// parents are the kinds whose events are accepted only after those before.
	parents sync.Map

	requests  atomic.Int64
	budget    int64 // of requests; zero is no limit
	throttled atomic.Int64
	until     atomic.Int64 // Unix nanoseconds up to which the receiver wants quiet
	over      func() bool
	// onDelivery is told of every body before it goes out; may be nil.
	onDelivery func(body []byte)
}

// maxQuiet is the longest pause that a receiver may ask for.
const maxQuiet = 60 * time.Second

// request is the POST of a body.
func (p *player) request(body []byte) *wire.Request {
	return &wire.Request{Target: p.target, Header: p.header, Body: body}
}

// send makes one attempt.
func (p *player) send(ctx context.Context, client *wire.Client, body []byte) answer {
	return p.do(ctx, client, p.request(body), false, false)
}

// try makes one attempt within the run's budget of requests.
func (p *player) try(ctx context.Context, body []byte) answer {
	return p.do(ctx, p.sender, p.request(body), true, false)
}

// book counts a request; false when the budget does not have it.
func (p *player) book() bool {
	for {
		n := p.requests.Load()
		if p.budget > 0 && n >= p.budget {
			return false
		}
		if p.requests.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// do makes one attempt; tried says that the budget has to have it, else there is
// no outcome. A receiver that limits our pace is waited for: that is another
// matter than what the payload says. What it tells one of several copies in a race
// is none of our pace.
func (p *player) do(ctx context.Context, client *wire.Client, request *wire.Request, tried, racing bool) answer {
	for {
		if until := time.Unix(0, p.until.Load()); until.After(p.clock.Now()) {
			// In short steps, so that the end of the run is not slept through.
			step := p.clock.Now().Add(200 * time.Millisecond)
			if until.Before(step) {
				step = until
			}
			if p.over() || p.clock.WaitUntil(ctx, step) != nil {
				return answer{throttled: true}
			}
			continue
		}
		switch {
		case !tried:
			p.requests.Add(1)
		case !p.book():
			return answer{}
		}
		if p.onDelivery != nil {
			p.onDelivery(request.Body)
		}
		o := client.Do(ctx, request)
		wait, limited := quiet(o, p.clock.Now())
		if !limited || racing {
			return answer{outcome: o}
		}
		p.throttled.Add(1)
		if wait > maxQuiet || p.over() {
			return answer{outcome: o, throttled: true}
		}
		p.until.Store(p.clock.Now().Add(wait).UnixNano())
	}
}

// quiet tells whether an answer only refuses the pace, and for how long.
func quiet(o *wire.Outcome, now time.Time) (time.Duration, bool) {
	value := o.Get("Retry-After")
	if o.Status != http.StatusTooManyRequests && (o.Status != http.StatusServiceUnavailable || value == "") {
		return 0, false
	}
	wait := time.Second
	if s, err := strconv.Atoi(value); err == nil && s >= 0 {
		wait = time.Duration(min(s, 1<<20)) * time.Second
	} else if t, err := http.ParseTime(value); err == nil {
		wait = t.Sub(now)
	}
	return max(wait, 100*time.Millisecond), true
}

// attempts is how often a payload is delivered before its refusal counts: not
// now is legal, never is not.
const attempts = 3

// play delivers a bundle: what comes before only where the kind needs it.
func (p *player) play(ctx context.Context, client *wire.Client, b *payload.Bundle) answer {
	last := b.Last()
	if _, needed := p.parents.Load(last.Kind); needed {
		for i := range b.Messages[:len(b.Messages)-1] {
			p.send(ctx, client, b.Messages[i].Body)
		}
	}
	return p.send(ctx, client, last.Body)
}

// insist plays a bundle as Kometia does, until it is accepted or was refused
// often enough.
func (p *player) insist(ctx context.Context, client *wire.Client, b *payload.Bundle) answer {
	a := p.play(ctx, client, b)
	for n := 1; n < attempts && b.Class.Good() && a.outcome != nil && a.outcome.Status > 0 && !a.outcome.Acknowledged() && !a.throttled; n++ {
		a = p.send(ctx, client, b.Last().Body)
	}
	return a
}

// newPlayer makes a player whose clients wait as long as they may; see settle.
func newPlayer(cfg *Config) (*player, error) {
	client, err := wire.New(cfg.Wire)
	if err != nil {
		return nil, err
	}
	ids := fnv.New64a()
	_, _ = ids.Write([]byte(cfg.Generator.IDs))
	seed := rand.New(rand.NewPCG(cfg.Generator.Seed, ids.Sum64())).Uint64()
	return &player{
		target: cfg.Target, header: delivery.Header(cfg.UserAgent, cfg.Header), clock: cfg.Clock,
		sender: client, patient: client, fresh: payload.NewFreshener(seed), over: func() bool { return false },
		onDelivery: cfg.OnDelivery, budget: cfg.Requests,
	}, nil
}

// impatient makes the player take an answer that is far slower than a plain one
// for none: the limit is 20 times that, at least 2 s, at most the timeout.
func (p *player) impatient(cfg wire.Config, plain time.Duration) (time.Duration, error) {
	limit := max(2*time.Second, 20*plain)
	if limit >= cfg.Timeout {
		return cfg.Timeout, nil
	}
	cfg.Timeout, cfg.FirstByteTimeout = limit, 0
	client, err := wire.New(cfg)
	if err != nil {
		return 0, err
	}
	p.sender = client
	return limit, nil
}

func (p *player) close() {
	p.sender.Close()
	p.patient.Close()
}
