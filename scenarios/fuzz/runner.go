package fuzz

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// Config is how a receiver is fuzzed.
type Config struct {
	// Generator says what is sent.
	Generator payload.Config
	// Oracles are what is held against it; nil means DefaultOracles.
	Oracles []string
	// Concurrency is how many requests are under way at once; zero means
	// DefaultConcurrency.
	Concurrency int
	// Beside is how many histories are on the way at once; zero is as many as are
	// of use.
	Beside int
	// Time, Requests and Cases end the run, whichever comes first; zero is no
	// limit, and at least one of them has to be one. Cases are payloads; Histories
	// is how many histories are played beside them at the most, zero as many as fit
	// in before the last payload.
	Time                       time.Duration
	Requests, Cases, Histories int64
	// Store keeps the findings; nil keeps none. Old are cases of earlier runs, of
	// which those of this receiver go first.
	Store *Store
	Old   []*Saved
	// Policy is when a delivery of a history is tried again; zero means Kometia's.
	Policy retryclock.Policy
	// OnDelivery is called with every body before it goes out, from several
	// goroutines; nil is not.
	OnDelivery func(body []byte)
	// OnProgress is called a few times a second, OnFinding with every finding once
	// it is confirmed, and with the result that it is for now: a smaller case may
	// still take its place. Either may be nil.
	OnProgress func(Progress)
	OnFinding  func(Finding, verdict.Result)
	Lang       lang.Tag
	Tool       string
}

// The defaults of a run.
const (
	DefaultConcurrency = 4
	DefaultTime        = 60 * time.Second
)

// Progress is how far a run is.
type Progress struct {
	Cases, Histories, Requests int64
	Elapsed, Budget            time.Duration // the budget is zero where the hunt has none
	Findings                   int
	Phase                      payload.Phase
	Covered                    float64 // percent of what the schemas allow
}

// Runner fuzzes one receiver. Make one with NewRunner; it runs once.
type Runner struct {
	cfg       Config
	receiver  *receiver.Receiver
	gen       *payload.Generator
	sender    *sender
	judge     *judge
	observer  *observer // nil when effects are not observed
	histories *histories
	life      *lifetime
	gate      gate
	suspects  *suspects
	findings  *findings

	next   atomic.Uint64
	cases  atomic.Int64
	phase  atomic.Value // payload.Phase
	recent recent

	// calm is held shared by everybody who sends or observes, and alone by whoever
	// restarts the receiver.
	calm sync.RWMutex

	noting sync.Mutex // of report.Notes
	report verdict.Report
}

// NewRunner checks the configuration and joins all that is wrong with it.
func NewRunner(rec *receiver.Receiver, cfg Config) (*Runner, error) {
	var errs []error
	if cfg.Oracles == nil {
		cfg.Oracles = oracle.Defaults()
	}
	if cfg.Concurrency == 0 {
		cfg.Concurrency = DefaultConcurrency
	}
	if cfg.Concurrency < 0 || cfg.Concurrency > 1024 {
		errs = append(errs, lang.Errorf("fuzz: concurrency %d: se espera de 1 a 1024", "fuzz: concurrency %d: want 1 to 1024", cfg.Concurrency))
	}
	if cfg.Time < 0 || cfg.Requests < 0 || cfg.Cases < 0 || cfg.Histories < 0 || cfg.Time == 0 && cfg.Requests == 0 && cfg.Cases == 0 {
		errs = append(errs, lang.Errorf("fuzz: falta un límite de tiempo, de peticiones o de casos", "fuzz: no budget in time, requests or cases"))
	}
	errs = append(errs, timeToSend(rec, &cfg))
	if cfg.Policy == (retryclock.Policy{}) {
		cfg.Policy = retryclock.DefaultPolicy()
	}
	errs = append(errs, cfg.Policy.Validate())
	if cfg.Generator.Start.IsZero() {
		cfg.Generator.Start = rec.Clock().Now().UTC().Truncate(time.Second)
	}
	if cfg.Generator.Catalogue == nil {
		cfg.Generator.Catalogue = schemas.Builtin()
	}
	gen, err := payload.New(cfg.Generator)
	errs = append(errs, err)
	judge, err := newJudge(cfg.Oracles)
	errs = append(errs, err)
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	r := &Runner{
		cfg: cfg, receiver: rec, gen: gen, judge: judge, suspects: newSuspects(),
		gate: gate{refused: map[string]receiver.Response{}, taken: map[string]*payload.Case{}},
	}
	r.life = &lifetime{receiver: rec, quit: make(chan struct{}), spent: func() bool {
		return cfg.Requests > 0 && r.sender.requests.Load() >= cfg.Requests
	}}
	r.findings = &findings{store: cfg.Store, target: rec.Name()}
	if cfg.OnFinding != nil {
		r.findings.onFinding = func(f Finding) { cfg.OnFinding(f, r.result(f)) }
	}
	r.sender = newSender(r)
	r.histories = newHistories(r)
	r.phase.Store(payload.Coverage)
	if rec.Effects() != nil {
		r.observer = newObserver(r)
	}
	return r, nil
}

// Findings are those of the run, the gravest first.
func (r *Runner) Findings() []Finding { return r.findings.all() }

// Planned are the oracles that the run holds against the receiver.
func (r *Runner) Planned() (list []verdict.Planned) {
	for _, o := range oracle.All() {
		if r.judge.wanted[o.Name] {
			list = append(list, verdict.Planned{ID: o.Name, Level: o.Level, Title: o.Title})
		}
	}
	return list
}

// Run fuzzes until a budget is used up, Stop is closed or the receiver is gone,
// and returns the report. An error is the harness's.
func (r *Runner) Run(ctx context.Context) (*verdict.Report, error) {
	defer r.sender.close()
	began := r.receiver.Clock().Now()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var background sync.WaitGroup
	background.Go(func() { r.keepTime(ctx, began) })
	background.Go(func() { r.life.follow(ctx) })
	if r.passGate(ctx) {
		r.playOld(ctx)
		hunting, end := context.WithCancel(ctx)
		background.Go(func() { r.life.giveUp(hunting, end) })
		r.hunt(hunting)
		end()
	}
	r.life.end()
	if err := r.receiver.Process().Restore(context.WithoutCancel(ctx)); err != nil {
		r.note("el receptor no quedó en marcha: %s", "the receiver was not left running: %s", err)
	}
	interrupted := r.receiver.Stopped() || ctx.Err() != nil
	elapsed := r.receiver.Clock().Now().Sub(began)
	cancel()
	background.Wait()
	if r.life.fault != nil {
		return nil, r.life.fault
	}
	if ours := r.receiver.Failure(); ours != nil {
		return nil, ours.Err
	}
	r.report.Interrupted = interrupted
	r.conclude(elapsed)
	return &r.report, nil
}

// Unkept says which cases could not be kept, and why; nil when all were.
func (r *Runner) Unkept() []lang.Text { return r.findings.unkept() }

// hunt sends case after case and has an eye on what comes back; histories are
// played beside them.
func (r *Runner) hunt(ctx context.Context) {
	var looking, watching, sending, playing sync.WaitGroup
	looking.Go(func() { r.investigate(ctx) })
	if r.observer != nil {
		watching.Go(func() { r.observer.run(ctx) })
	}
	payloads := make(chan struct{}) // closed when the last one was sent
	for range r.histories.workers() {
		playing.Go(func() { r.histories.work(ctx, payloads) })
	}
	if r.gen.HasPayloads() {
		for range r.cfg.Concurrency {
			sending.Go(func() {
				for !r.life.over() && ctx.Err() == nil {
					index := r.next.Add(1) - 1
					if r.cfg.Cases > 0 && index >= uint64(r.cfg.Cases) {
						return
					}
					r.one(ctx, index)
				}
			})
		}
		sending.Wait()
		close(payloads)
	}
	playing.Wait()
	if r.observer != nil {
		r.observer.finish()
		watching.Wait()
	}
	close(r.suspects.queue)
	looking.Wait()
}

// keepTime ends the run when its time is up, and reports its progress.
func (r *Runner) keepTime(ctx context.Context, began time.Time) {
	const tick = 250 * time.Millisecond
	for {
		now := r.receiver.Clock().Now()
		if r.cfg.Time > 0 && now.Sub(began) >= r.cfg.Time {
			r.life.end()
		}
		if r.cfg.OnProgress != nil {
			r.cfg.OnProgress(r.progress(now.Sub(began)))
		}
		until := now.Add(tick)
		if r.cfg.Time > 0 && !r.life.ended.Load() && until.After(began.Add(r.cfg.Time)) {
			until = began.Add(r.cfg.Time)
		}
		if r.receiver.Clock().WaitUntil(ctx, until) != nil {
			return
		}
	}
}

func (r *Runner) progress(elapsed time.Duration) Progress {
	phase, _ := r.phase.Load().(payload.Phase)
	return Progress{
		Budget: r.cfg.Time,
		Cases:  r.cases.Load(), Histories: r.histories.played.Load(), Requests: r.sender.requests.Load(), Elapsed: elapsed,
		Findings: r.findings.count(), Phase: phase, Covered: r.gen.Covered(),
	}
}

// one plays one case.
func (r *Runner) one(ctx context.Context, index uint64) {
	c, err := r.gen.Case(index)
	if err != nil {
		r.life.broke(err)
		return
	}
	if _, refused := r.gate.refused[c.Kind]; refused {
		return
	}
	a, alive := r.attempt(ctx, c)
	if a.Ours() || !alive {
		return
	}
	list := r.judge.violations(c.Class, a)
	for _, s := range list {
		r.suspects.add(c, s)
	}
	if len(list) == 0 && r.observer != nil {
		r.observer.accepted(c, a)
	}
}

// attempt sends a case while nobody restarts the receiver, and looks after it
// when it is gone.
func (r *Runner) attempt(ctx context.Context, c *payload.Case) (a receiver.Response, alive bool) {
	r.calm.RLock()
	defer r.calm.RUnlock()
	a = r.deliver(ctx, c)
	if a.Outcome == nil && !a.Throttled {
		return a, true // the budget did not have it
	}
	r.cases.Add(1)
	r.phase.Store(c.Phase)
	if a.Ours() {
		return a, true
	}
	r.recent.add(c.Index)
	if a.Away() {
		r.alive(ctx)
		return a, false
	}
	return a, true
}

// deliver sends a case for the first time: its own bytes.
func (r *Runner) deliver(ctx context.Context, c *payload.Case) receiver.Response {
	if _, needed := r.sender.parents.Load(c.Kind); !needed {
		return r.sender.try(ctx, c.Body)
	}
	b, err := r.gen.Bundle(c, c.Tree, c.Body)
	if err != nil {
		r.life.broke(err)
		return receiver.Response{}
	}
	return r.sender.play(ctx, r.sender.quick, b)
}
