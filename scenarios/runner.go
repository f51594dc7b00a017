package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	report   verdict.Report

	planner     *planner
	observation *observation
	player      *player
	sweeper     *sweeper
	lockstep    *lockstep
	sentinels   *sentinels
	probes      *probes
	gatekeeper  *gatekeeper
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
		cfg: cfg, suite: suite, receiver: rec,
		gate: gate{base: cfg.Start, kind: cfg.Tried()[0], refused: map[string]string{}, sent: map[string]*emit.Emitted{}, silent: map[string]bool{}},
	}
	r.judge = judge.Judge{
		Timeout: rec.Timeout(), Confirmed: map[string]bool{}, Follows: judge.Follows{}, Alone: judge.Alone{},
		Means: judge.Means{
			Observer: rec.Effects() != nil, Stateless: !observe.ShowsState(rec.Observing()), Paths: rec.StateMap(),
			Hooks: rec.Process().Hooks(), Drains: rec.Drains(), API: cfg.API, Auth: cfg.Auth,
		},
	}
	for _, a := range cfg.Confirmed {
		r.judge.Confirmed[a] = true
	}
	maker := emit.NewMaker(&r.cfg.Settings, suite, world, rec, func() time.Time {
		return rec.Clock().Now().Add(r.gate.skew).UTC().Truncate(time.Second)
	})
	r.planner = &planner{cfg: &r.cfg, suite: suite, receiver: rec, judge: &r.judge, gate: &r.gate, maker: maker}
	r.observation = &observation{suite: suite, receiver: rec, judge: &r.judge, gate: &r.gate, report: &r.report, own: map[string]observe.Reading{}, collapse: &r.collapse}
	dl := &deliverer{
		cfg: &r.cfg, world: world, receiver: rec, sender: rec.Sender(receiver.Sending{}), judge: &r.judge, gate: &r.gate,
		observation: r.observation, report: &r.report, patience: patience,
	}
	r.sweeper = &sweeper{cfg: &r.cfg, receiver: rec, judge: &r.judge, gate: &r.gate, maker: maker, deliverer: dl, observation: r.observation}
	r.player = &player{
		cfg: &r.cfg, receiver: rec, judge: &r.judge, gate: &r.gate, collapse: &r.collapse, report: &r.report,
		planner: r.planner, maker: maker, deliverer: dl, observation: r.observation, sweeper: r.sweeper,
	}
	r.lockstep = &lockstep{receiver: rec, observation: r.observation, report: &r.report}
	r.sentinels = &sentinels{
		receiver: rec, judge: &r.judge, gate: &r.gate, collapse: &r.collapse,
		maker: maker, deliverer: dl, observation: r.observation,
	}
	r.probes = &probes{
		cfg: &r.cfg, receiver: rec, judge: &r.judge, gate: &r.gate, report: &r.report,
		planner: r.planner, maker: maker, deliverer: dl, observation: r.observation,
	}
	r.gatekeeper = &gatekeeper{
		cfg: &r.cfg, suite: suite, receiver: rec, gate: &r.gate, report: &r.report,
		planner: r.planner, maker: maker, player: r.player, deliverer: dl,
	}
	r.report.Run = verdict.Run{
		Tool: cfg.Tool, Seed: cfg.Seed, IDs: cfg.IDs, Start: cfg.Start, Target: rec.Target().String(), Name: rec.Name(),
		Lang: cfg.Lang, Timeout: rec.Timeout(), Plan: r.Plan(),
	}
	r.report.Profile.Observer = rec.Observing()
	if err := errors.Join(maker.Rehearse(r.gate.base, r.gate.kind), r.planner.checkVolume()); err != nil {
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
	r.report.Interrupted = stopped(ctx, r.receiver)
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

// stopped reports whether a run goes no further.
func stopped(ctx context.Context, rec *receiver.Receiver) bool {
	return rec.Stopped() || ctx.Err() != nil
}

// passGate plays the gate and learns what the receiver is like. It returns the
// check that keeps everything behind it from being judged; "" lets all through.
func (r *Runner) passGate(ctx context.Context, s *language.Scenario) (blocked string) {
	began := r.receiver.Clock().Now()
	cases := r.gatekeeper.play(ctx, s)
	elapsed := r.receiver.Clock().Now().Sub(began) / time.Duration(len(s.Checks))
	acknowledged := r.gatekeeper.learn(cases)
	r.observation.calibrate(ctx, cases)
	stuck := r.sentinels.atGate(ctx, cases)
	if acknowledged && !stuck.dead {
		r.probes.liveOrders(ctx, cases)
		r.probes.lives(ctx)
		r.probes.inStories(ctx, cases)
	}
	if r.cfg.OnReceiver != nil {
		r.cfg.OnReceiver(r.report.Profile)
	}
	if !r.gate.reachable && !stopped(ctx, r.receiver) {
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
		if c := &s.Checks[i]; r.suite.Wants(c.ID) || c.ID == blocked && r.gate.failure == nil && !stopped(ctx, r.receiver) {
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
	r.collapse.blame(p, results)
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
