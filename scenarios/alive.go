package scenarios

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// A receiver that no longer works fails everything that comes afterwards, and only
// what broke it is to blame. So a plain event, a sentinel, follows the sends of each
// scenario: it is to be answered and done as at the gate. The first scenario after
// which it is not is the one; what comes later is not judged until a sentinel gets
// through again.

// pulse is what a scenario's sentinels showed.
type pulse struct {
	dead  bool
	after int // events had been sent when it last worked
	last  *judge.Exchange
	first *judge.Exchange // of the events after that, the first that was not done; nil where none is known
}

// collapse is what a run knows of a receiver that no longer works.
type collapse struct {
	dead bool   // by the last sentinel
	id   string // the check that names the cause; "" while none does
	sent int    // sentinels so far, which numbers them
}

// restartPatience is how long a receiver at whose address nobody listens may take to
// be back, in wall time, before it counts as gone.
const restartPatience = 3 * time.Second

// feels reports whether a scenario is followed by a sentinel. Another machine gets
// no event that is not a check's own.
func (pl *planner) feels(s *language.Scenario) bool {
	return !pl.receiver.Safe() && !s.Measures() && s.Group != language.GroupGate
}

// feel sends a plain event, and another one where that is not answered or not done:
// one may be lost by chance, or be refused for its pace. Of a receiver that did not
// work before it asks only once, and does not wait long.
func (r *Runner) feel(ctx context.Context, t *turn) (p pulse) {
	p.dead = true
	tries := 2
	if r.collapse.dead {
		tries = 1
	}
	for try := range tries {
		if r.stopped(ctx) || r.receiver.Process().Dead() {
			return pulse{} // one that we have killed is no wonder
		}
		at := r.base
		if try == tries-1 {
			at = r.newest() // whoever drops what is older than the last event goes on with this one
		}
		x := r.sentinel(ctx, t, at)
		if x == nil || x.Throttled || x.Result.State == "" {
			return pulse{}
		}
		if p.last = x; !x.Acknowledged() {
			if keptOut(x.Last()) || judge.Ours(x).Ours() {
				return pulse{} // and it may well work for others
			}
			if o := x.Last(); try < tries-1 && o != nil && o.Err != nil && o.Err.Kind == wire.ErrConnectRefused {
				// One that reloads itself, or is started again, is back in a moment.
				wall := r.receiver.Clock()
				_ = wall.WaitUntil(ctx, wall.Now().Add(restartPatience)) // its only error is that the run ends, which is seen next
			}
			continue
		}
		if n, acts := r.clean(x.Kind); acts && n > 0 && x.Seen == nil {
			t.settle(ctx, r.observation, []*judge.Exchange{x})
		}
		if lost := model.Done(x.Line(nil)); len(lost) == 0 {
			p.dead = false
			return p
		}
	}
	p.after, p.first = r.worked(p.last.Acknowledged()), r.undone()
	return p
}

// keptOut reports whether a receiver keeps us out, for our pace or for good.
func keptOut(o *wire.Outcome) bool {
	return o != nil && (o.Status == http.StatusForbidden || o.Status == http.StatusTooManyRequests)
}

// undone is the first event since which the receiver has done nothing more; nil
// where the last new one was done, as far as that can be told.
func (r *Runner) undone() (first *judge.Exchange) {
	known := map[string]bool{}
	var fresh []*judge.Exchange
	for _, e := range r.judge.Heard {
		if e.Event != "" && !known[e.Event] && !e.Inert && !e.Meant && !e.Late && e.Barred == "" && len(e.Result.Attempts) > 0 {
			fresh = append(fresh, e)
		}
		known[e.Event] = true
	}
	for _, e := range slices.Backward(fresh) {
		switch seen := e.Counted(); {
		case seen != nil && seen.Count > 0:
			return first
		case !e.Acknowledged() && e.Abandoned():
			// We did not listen to the end.
		case !e.Acknowledged() && (e.Throttled || keptOut(e.Last()) || e.Result.State == delivery.Interrupted):
			// It may well work for others.
		case !e.Acknowledged():
			first = e
		case seen == nil || seen.Plain == 0:
			// It tells nothing.
		default:
			first = e
		}
	}
	return first
}

// mourn looks once more whether the receiver works when a lockstep is over and the
// last of its events were not done: their scenarios had felt its pulse before. The
// scenario in which that began comes first, and answers for the others.
func (r *Runner) mourn(ctx context.Context, out []played) []played {
	if (r.gate.gone || r.undone() != nil && !r.receiver.Safe()) && !r.collapse.dead && !r.stopped(ctx) {
		if p := r.feel(ctx, nil); p.dead {
			r.collapse.dead = true
			if i := owner(out, p.first); i >= 0 {
				out[i].felt, out[i].pulse = true, p
			}
		}
	}
	if !r.collapse.dead || r.collapse.id != "" {
		return out
	}
	i := slices.IndexFunc(out, func(p played) bool { return p.pulse.dead && p.pulse.last != nil })
	if i < 0 {
		return out
	}
	// What was sent after it has nothing to say, whoever's it is.
	p := out[i].pulse
	if began := owner(out, p.first); began >= 0 {
		for k := range out {
			out[k].pulse.dead = out[k].pulse.dead || k != began && out[k].sentAfter(r.judge.Heard, p.first)
		}
		out[began].felt, out[began].pulse = true, p
		out[0], out[began] = out[began], out[0]
	}
	return out
}

// owner is which of the scenarios has sent an exchange; -1 when none has.
func owner(all []played, x *judge.Exchange) int {
	return slices.IndexFunc(all, func(p played) bool {
		return slices.ContainsFunc(p.cases, func(c judge.Case) bool { return slices.Contains(c.Exchanges, x) })
	})
}

// sentAfter reports whether something of a scenario was sent after an exchange.
func (p *played) sentAfter(heard []*judge.Exchange, x *judge.Exchange) bool {
	for _, e := range heard[slices.Index(heard, x)+1:] {
		if slices.ContainsFunc(p.cases, func(c judge.Case) bool { return slices.Contains(c.Exchanges, e) }) {
			return true
		}
	}
	return false
}

// clean is how many effects a plain event of a kind has; false where none are seen.
func (r *Runner) clean(kind string) (n int, seen bool) {
	if r.receiver.Effects() == nil {
		return 0, false
	}
	return r.receiver.Effects().Clean(kind)
}

// worked counts the events that had been sent when the receiver last took a new one;
// done says that it has to have been done, too, where taking them shows nothing.
func (r *Runner) worked(done bool) (n int) {
	events := map[string]bool{}
	for _, e := range r.judge.Heard {
		fresh := !events[e.Event]
		events[e.Event] = true
		if seen := e.Counted(); fresh && !e.Inert && e.Acknowledged() && (!done || seen != nil && seen.Count > 0) {
			n = len(events)
		}
	}
	return n
}

// newest is the second behind the newest event of the run so far.
func (r *Runner) newest() time.Time {
	at := r.base
	for _, e := range r.judge.Heard {
		if e.Version != nil && !e.Inert && !e.Version.At.Before(at) {
			at = e.Version.At.Add(time.Second)
		}
	}
	return at
}

// sentinel sends one plain event by itself; nil when it could not be made.
func (r *Runner) sentinel(ctx context.Context, t *turn, at time.Time) *judge.Exchange {
	kind := r.gate.kind
	story := shop.Story{
		Key: shop.Key{Name: "sentinel/" + kind, Index: r.collapse.sent}, Kinds: []string{kind}, At: at,
	}
	r.collapse.sent++
	events, err := r.maker.Plainly(story)
	if err != nil {
		return nil
	}
	e := events[0]
	e.Summary = "control " + strconv.Itoa(r.collapse.sent) // a word of both languages
	// Whoever takes it at the retry works.
	d, c := &language.Deliver{As: "sentinel", Attempts: 2}, playing{&judge.Case{}, t}
	p := r.deliverer.begin(c, r.deliverer.prepare(d, told{Emitted: e}, 0))
	r.deliverer.send(ctx, c, d, []outgoing{p}, nil)
	return p.Exchange
}

// blame gives the results of a scenario their place where the receiver no longer
// works: one of the first such scenario is the red, all others need it.
func (r *Runner) blame(p *played, results []verdict.Result) {
	if !p.pulse.dead {
		return
	}
	first := r.collapse.id == ""
	if first {
		r.collapse.id = p.culprit(results)
	}
	for i := range results {
		res := &results[i]
		switch {
		case res.Verdict == verdict.NotApplicable, res.Verdict == verdict.NotObserved, res.Verdict == verdict.Error:
		case first && res.ID == r.collapse.id:
			p.pulse.tell(res)
		default:
			res.Verdict, res.Needs, res.Reason, res.Found, res.Cause = verdict.Inconclusive, r.collapse.id, judge.TextNeeds(r.collapse.id), lang.Text{}, ""
		}
	}
}

// culprit is the check of the scenario that names the cause: the first that found
// something, else the first MUST.
func (p *played) culprit(results []verdict.Result) string {
	for _, fits := range []func(verdict.Result) bool{
		func(res verdict.Result) bool { return res.Verdict == verdict.Fail },
		func(res verdict.Result) bool { return res.Verdict == verdict.Warn },
		func(res verdict.Result) bool {
			return res.Level == verdict.Must && res.Verdict != verdict.NotApplicable && res.Verdict != verdict.NotObserved
		},
	} {
		if i := slices.IndexFunc(results, fits); i >= 0 {
			return results[i].ID
		}
	}
	return results[0].ID
}

// tell words a collapse. A check that found something of its own about what upsets
// a receiver says it better.
func (p pulse) tell(res *verdict.Result) {
	found := lang.Textf("dejó de funcionar después de %d eventos; con un evento normal posterior: %s", "it stopped working after %d events; a later normal event got %s", p.after, judge.Describe(p.last))
	if p.last.Acknowledged() {
		found = lang.Textf("%s, sin efecto", "%s, with no effect", found)
	}
	if p.first != nil {
		found = lang.Textf("%s; el primero que ya no atendió: %s", "%s; the first one it did not process: %s", found, p.first.Called())
	}
	res.Found = found
	res.Verdict, res.Reason, res.Needs = verdict.Fail, lang.Text{}, ""
	res.Diagnosis, res.Attempts, res.Cause = p.last.Diagnosis, p.last.Attempts(), "collapse"
	if p.first != nil && p.first != p.last {
		res.Attempts, res.Variant = append(p.first.Attempts(), res.Attempts...), p.first.Kind
	}
	// It is no longer about what the check asks.
	res.Title = lang.Text{ES: "Sigue funcionando después de cada evento", EN: "Keeps working after every event"}
	res.Fault = lang.Text{ES: "Deja de responder a partir de un evento", EN: "Stops responding after an event"}
	if p.last.Acknowledged() {
		res.Fault = lang.Text{ES: "Acepta eventos y deja de procesarlos a partir de uno", EN: "Accepts events but stops processing them after one"}
	}
	res.Expected = lang.Text{ES: "un evento normal posterior se acepta y se procesa", EN: "a later normal event is accepted and processed"}
	res.Why = lang.Text{
		ES: "Con el evento que detiene al servidor se pierden todos los que llegan después, hasta que alguien se da cuenta.",
		EN: "An event that stops the server takes every later event down with it, until somebody notices.",
	}
	res.Fix = lang.Text{
		ES: "Busque en el registro de su servidor qué pasó entonces: el proceso que se cayó, un evento que bloquea la cola, una conexión o un candado que nadie libera, memoria o disco llenos. Aparte el evento que falla y siga con los demás.",
		EN: "Look in your server's log for what happened at that moment: the process crashed, an event blocks the queue, a connection or a lock is never released, memory or disk is full. Set the failing event aside and carry on with the others.",
	}
}

// atGate looks whether the receiver still works when the gate's last events have had
// no effects and earlier ones had: one event may have stopped it, and then it is not
// that it does nothing about the others. The pulse tells from which event on.
func (r *Runner) atGate(ctx context.Context, cases []judge.Case) pulse {
	var idle *judge.Exchange // the first since which nothing was done
	acts := false
	for i := range cases {
		for _, e := range cases[i].Exchanges {
			n, seen := r.clean(e.Kind)
			switch {
			case !seen || !e.Acknowledged() || e.Meant:
			case n > 0:
				idle, acts = nil, true
			case idle == nil:
				idle = e
			}
		}
	}
	if idle == nil || !acts || r.receiver.Safe() {
		return pulse{}
	}
	p := r.feel(ctx, nil)
	if p.dead && p.last.Acknowledged() {
		p.first = idle
		p.after = slices.Index(r.judge.Heard, idle)
	}
	return p
}
