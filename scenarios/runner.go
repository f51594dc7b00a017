package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/shellquote"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Config is what a run is made with, besides its receiver.
type Config struct {
	// Flags are further words of the reproduce lines: how the user changed what
	// is sent, without secrets.
	Flags []string
	// Settings are what fixes the events.
	emit.Settings
	// StartFixed says that the user chose the start, so that it is not moved to a
	// slow receiver's clock.
	StartFixed bool
	// Confirmed names the assumptions that the user has confirmed, such as
	// "timeout".
	Confirmed []string
	Lang      lang.Tag
	Tool      string // "kometia-sim 0.1.0"
	// Known are the failures that are no news; see [Result].
	Known []verdict.Known
	// API is what the receiver may ask about the events; nil without one. Auth is
	// how the receiver is said to know that an event is Kometia's: by asking the
	// API ([language.AuthAPI]), by a secret in its URL ([language.AuthPath]); empty
	// when nobody says.
	API  *api.Simulated
	Auth string
	// OnEvent is told of every event before it is sent, with the objects that
	// belong to it; OnStart of the checks whose events are going to be sent, before
	// the first of them is; OnReceiver of what the gate learned of the receiver;
	// OnResult of every result as it is found; OnProgress of every scenario as it
	// starts. Any may be nil.
	OnEvent    func(*shop.Event, []*jsontree.Object)
	OnStart    func(checks []string)
	OnReceiver func(verdict.Profile)
	OnResult   func(verdict.Result)
	OnProgress func(done, total int, family string)
}

// Runner plays a suite against one receiver. Make one with NewRunner; it plays
// once.
type Runner struct {
	cfg      Config
	suite    *language.Suite
	receiver *receiver.Receiver
	judge    judge.Judge
	gate     gate
	collapse collapse
	base     time.Time // virtual instant at which scenarios end
	report   verdict.Report

	maker       *emit.Maker
	planner     *planner
	deliverer   *deliverer
	observation *observation
}

// gate is what the gate has learned of the receiver, and whether the receiver
// still listens.
type gate struct {
	kind      string                   // the plain kind: acknowledged at the gate
	refused   map[string]string        // kinds that the gate saw refused, and the check that says so
	sent      map[string]*emit.Emitted // the plain event of each kind
	silent    map[string]bool          // of these, the ones that got no answer in time
	gone      bool                     // the receiver has stopped listening
	reachable bool                     // it was connected to at least once
	skew      time.Duration            // how far its clock is from ours, as far as it has one
	failure   *wire.Error              // ours, which kept it from being reached
}

// NewRunner checks the configuration and the suite against each other and
// joins all that is wrong. It makes every event of the suite once, so that a
// scenario which cannot be played is found before the first request.
func NewRunner(rec *receiver.Receiver, cfg Config, suite *language.Suite) (*Runner, error) {
	cfg.SetDefaults(rec.Clock())
	cfg.Lang = cmp.Or(cfg.Lang, lang.Spanish)
	var errs []error
	for _, k := range cfg.Kinds {
		if _, err := cfg.Catalogue.Kind(k); err != nil {
			errs = append(errs, err)
		}
	}
	errs = append(errs, cfg.Policy.Validate())
	world, err := cfg.World(cfg.LiveOrders)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	r := &Runner{
		cfg: cfg, suite: suite, receiver: rec, base: cfg.Start,
		gate: gate{kind: cfg.Tried()[0], refused: map[string]string{}, sent: map[string]*emit.Emitted{}, silent: map[string]bool{}},
	}
	r.judge = judge.Judge{
		Timeout: rec.Timeout(), Confirmed: map[string]bool{}, API: cfg.API, Auth: cfg.Auth, Observer: rec.Effects() != nil, Stateless: !observe.ShowsState(rec.Observing()),
		Hooks: rec.Process().Hooks(), Drains: rec.Drains(), Paths: rec.StateMap(), Follows: judge.Follows{},
	}
	for _, a := range cfg.Confirmed {
		r.judge.Confirmed[a] = true
	}
	r.maker = emit.NewMaker(&r.cfg.Settings, suite, world, rec, func() time.Time {
		return rec.Clock().Now().Add(r.gate.skew).UTC().Truncate(time.Second)
	})
	r.planner = &planner{cfg: &r.cfg, suite: suite, receiver: rec, judge: &r.judge, gate: &r.gate, maker: r.maker}
	r.observation = &observation{suite: suite, receiver: rec, judge: &r.judge, gate: &r.gate, report: &r.report, own: map[string]observe.Reading{}, collapse: &r.collapse}
	r.deliverer = &deliverer{
		cfg: &r.cfg, world: world, receiver: rec, sender: rec.Sender(receiver.Sending{}), judge: &r.judge, gate: &r.gate,
		observation: r.observation, report: &r.report, patience: patience,
	}
	r.report.Run = verdict.Run{
		Tool: cfg.Tool, Seed: cfg.Seed, IDs: cfg.IDs, Start: cfg.Start, Target: rec.Target().String(), Name: rec.Name(),
		Lang: cfg.Lang, Timeout: rec.Timeout(), Plan: r.Plan(),
	}
	r.report.Profile.Observer = rec.Observing()
	if err := errors.Join(r.maker.Rehearse(r.base, r.gate.kind), r.planner.checkVolume()); err != nil {
		return nil, err
	}
	return r, nil
}

// Run plays the suite and returns the report. It ends early, with what was
// done, when Stop is closed or the context ends. An error is the harness's.
func (r *Runner) Run(ctx context.Context) (*verdict.Report, error) {
	began := r.receiver.Clock().Now()
	scenarios := r.suite.Played()
	var blocked string
	for i := 0; i < len(scenarios); {
		s, n := scenarios[i], batch(scenarios[i:])
		if r.cfg.OnProgress != nil {
			r.cfg.OnProgress(i, len(scenarios), s.Family)
		}
		r.begin(scenarios[i : i+n])
		if s.Group == language.GroupGate {
			blocked = r.passGate(ctx, s)
		} else {
			for _, p := range r.playTogether(ctx, scenarios[i:i+n], blocked) {
				r.judgePlayed(&p, blocked)
			}
		}
		i += n
	}
	r.report.Run.Assumed = r.planner.assumed(r.report.Results)
	r.report.Interrupted = r.stopped(ctx)
	r.report.Elapsed = r.receiver.Clock().Now().Sub(began)
	r.report.Notes = append(r.report.Notes, r.judge.OtherKeys()...)
	if n := r.receiver.Waits(); n > 0 {
		r.report.Notes = append(r.report.Notes, textPaced(n))
	}
	return &r.report, nil
}

// Planned are the checks that the run judges, in the order in which it does.
func (r *Runner) Planned() (list []verdict.Planned) {
	for _, s := range r.suite.Played() {
		for i := range s.Checks {
			if c := &s.Checks[i]; r.suite.Wants(c.ID) {
				list = append(list, verdict.Planned{ID: c.ID, Level: c.Level, Title: c.Title})
			}
		}
	}
	return list
}

// begin tells of the checks whose events are sent from here on.
func (r *Runner) begin(batch []*language.Scenario) {
	if r.cfg.OnStart == nil {
		return
	}
	var ids []string
	for _, s := range batch {
		for i := range s.Checks {
			if r.suite.Wants(s.Checks[i].ID) {
				ids = append(ids, s.Checks[i].ID)
			}
		}
	}
	if len(ids) > 0 {
		r.cfg.OnStart(ids)
	}
}

func (r *Runner) stopped(ctx context.Context) bool {
	return r.receiver.Stopped() || ctx.Err() != nil
}

// passGate plays the gate and learns what the receiver is like. It returns the
// check that keeps everything behind it from being judged; "" lets all through.
func (r *Runner) passGate(ctx context.Context, s *language.Scenario) (blocked string) {
	began := r.receiver.Clock().Now()
	cases := r.playGate(ctx, s)
	elapsed := r.receiver.Clock().Now().Sub(began) / time.Duration(len(s.Checks))
	acknowledged := r.learn(cases)
	r.observation.calibrate(ctx, cases)
	stuck := r.atGate(ctx, cases)
	if acknowledged && !stuck.dead {
		r.probeLiveOrders(ctx, cases)
		r.live(ctx)
		r.inStories(ctx, cases)
	}
	if r.cfg.OnReceiver != nil {
		r.cfg.OnReceiver(r.report.Profile)
	}
	if !r.gate.reachable && !r.stopped(ctx) {
		// Where this computer could not send, nobody knows who is there.
		r.gate.failure = r.receiver.Failure()
		r.report.Unreachable = r.gate.failure == nil
	}
	results := map[string]verdict.Result{}
	for i := range s.Checks {
		c := &s.Checks[i]
		res := r.judge.Judge(c, cases)
		switch {
		case r.gate.failure != nil:
			res.Verdict, res.Reason = verdict.Error, r.gate.failure.Text()
		case r.report.Unreachable:
			res.Verdict, res.Reason = verdict.Inconclusive, textUnreachable()
		case stuck.dead && i == 0:
			stuck.tell(&res)
		}
		res.Elapsed = elapsed
		results[c.ID] = res
	}
	if stuck.dead {
		blocked = s.Checks[0].ID
	} else if !acknowledged {
		blocked = barring(s, results)
	}
	for i := range s.Checks {
		// What keeps all others from being judged is told whether it was asked for or
		// not: it has the response, the reason and the fix.
		if c := &s.Checks[i]; r.suite.Wants(c.ID) || c.ID == blocked && r.gate.failure == nil && !r.stopped(ctx) {
			r.deliverResult(c, results[c.ID])
		}
	}
	if first := s.Checks[0].ID; r.gate.gone && acknowledged && results[first].Verdict == verdict.Fail {
		r.collapse.dead, r.collapse.id = true, first // which has told that it went away
	}
	for i := range cases {
		if c := &cases[i]; len(c.Exchanges) > 0 && !c.Exchanges[0].Acknowledged() {
			f := r.judge.JudgeCase(&s.Checks[0], cases, i)
			r.gate.refused[c.Kind] = cmp.Or(f.Because, s.Checks[0].ID)
			r.gate.silent[c.Kind] = c.Exchanges[0].Slowly()
		}
	}
	return blocked
}

// barring is the check of the gate that names why nothing passes: the one that
// fails; without one, the first, which has the reason.
func barring(s *language.Scenario, results map[string]verdict.Result) string {
	for i := range s.Checks {
		if results[s.Checks[i].ID].Verdict == verdict.Fail {
			return s.Checks[i].ID
		}
	}
	return s.Checks[0].ID
}

// learn takes the profile of the receiver from the gate.
func (r *Runner) learn(cases []judge.Case) (acknowledged bool) {
	var took []time.Duration
	p := &r.report.Profile
	p.Asked = len(cases)
	for i := range cases {
		for _, e := range cases[i].Exchanges {
			o := e.Last()
			if o == nil {
				continue
			}
			r.deliverer.plain(e)
			if p.Skew == 0 {
				p.Skew = skew(o)
			}
			if p.RateLimit == 0 {
				p.RateLimit = receiver.RateLimit(o)
			}
			if !e.Acknowledged() {
				continue
			}
			if !acknowledged {
				acknowledged, r.gate.kind, p.Status = true, cases[i].Kind, o.Status
			}
			p.Kinds++
			p.Accepted = append(p.Accepted, cases[i].Kind)
			took = append(took, o.Latency)
		}
	}
	if p.Kinds == p.Asked || r.cfg.Kinds != nil {
		p.Accepted = nil
	}
	if len(took) > 0 {
		slices.Sort(took)
		p.Latency = took[len(took)/2]
	}
	// A server without a clock of its own says 1970, where the shop's past does not go.
	back := p.Skew < -time.Second
	if base := r.base.Add(p.Skew); !back || r.maker.Rehearse(base, r.gate.kind) == nil {
		r.gate.skew = p.Skew
		if back && !r.cfg.StartFixed { // nothing may be dated in the receiver's future
			r.base = base
			r.report.Notes = append(r.report.Notes, textSetBack(base))
		}
	}
	return acknowledged
}

// skew is how far the receiver's clock is from ours; zero when it does not say.
func skew(o *wire.Outcome) time.Duration {
	off, _ := o.Clock()
	return off
}

// judgePlayed judges a scenario behind the gate.
func (r *Runner) judgePlayed(p *played, blocked string) {
	s := p.scenario
	var results []verdict.Result
	var checks []*language.Check
	for i := range s.Checks {
		c := &s.Checks[i]
		if !r.suite.Wants(c.ID) {
			continue
		}
		res := r.judge.Judge(c, p.cases)
		switch {
		case r.gate.failure != nil:
			res.Verdict, res.Reason = verdict.Error, r.gate.failure.Text()
		case r.report.Unreachable:
			res.Verdict, res.Reason = verdict.Inconclusive, textUnreachable()
		case p.refused:
			res.Verdict = verdict.NotObserved
			needs := res.Enable // besides the consent
			res.Reason, res.Enable = s.Consent.Unasked()
			if !needs.IsZero() {
				res.Enable = lang.Text{ES: res.Enable.ES + "\n" + needs.ES, EN: res.Enable.EN + "\n" + needs.EN}
			}
		case r.planner.slowed(s):
			res.Verdict, res.Reason, res.Enable = verdict.NotObserved, textNoBurst(), lang.Text{}
		case blocked != "" && res.Verdict == verdict.Inconclusive:
			res.Reason = judge.TextNeeds(blocked)
			res.Needs = blocked
		case blocked != "" && res.Verdict != verdict.Fail && res.Verdict != verdict.Warn:
			// Quick refusals do not show that work would be quick.
			res.Verdict, res.Reason, res.Needs = verdict.Inconclusive, judge.TextNeeds(blocked), blocked
		}
		res.Elapsed = p.elapsed
		checks, results = append(checks, c), append(results, res)
	}
	r.blame(p, results)
	for i := range results {
		r.deliverResult(checks[i], results[i])
	}
}

func (r *Runner) deliverResult(c *language.Check, res verdict.Result) {
	res.Reproduce, res.Known = r.reproduce(c), verdict.KnownIn(r.cfg.Known, c.ID)
	res.Transcribe()
	r.report.Results = append(r.report.Results, res)
	if r.cfg.OnResult != nil {
		r.cfg.OnResult(res)
	}
}

// reproduce is the command that plays a check again: the same shape of data,
// but new identities, because a receiver that remembers the old ones would
// hide its fault.
func (r *Runner) reproduce(c *language.Check) string {
	what := c.ID
	if c.Scenario().Own() {
		what = shellquote.Word(c.Scenario().File()) + " " + what
	}
	line := fmt.Sprintf("kometia-sim run %s --seed %d --ids new --target %s", what, r.cfg.Seed, shellquote.Word(r.receiver.Name()))
	for _, word := range r.cfg.Flags {
		line += " " + shellquote.Word(word)
	}
	return line
}
