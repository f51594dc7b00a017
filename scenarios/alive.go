package scenarios

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// A receiver that no longer works fails everything that comes afterwards, and only
// what broke it is to blame. So a plain event, a sentinel, follows the sends of each
// scenario: it is to be answered and done as at the gate. The first scenario after
// which it is not is the one; what comes later is not judged until a sentinel gets
// through again.

// sentinels are the normal events that tell whether the receiver still works.
type sentinels struct {
	receiver    *receiver.Receiver
	judge       *judge.Judge
	gate        *gate
	collapse    *collapse
	maker       *emit.Maker
	deliverer   *deliverer
	observation *observation
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
func (se *sentinels) feel(ctx context.Context, t *turn) (p pulse) {
	p.dead = true
	tries := 2
	if se.collapse.dead {
		tries = 1
	}
	for try := range tries {
		if stopped(ctx, se.receiver) || se.receiver.Process().Dead() {
			return pulse{} // one that we have killed is no wonder
		}
		at := se.gate.base
		if try == tries-1 {
			at = se.newest() // whoever drops what is older than the last event goes on with this one
		}
		x := se.send(ctx, t, at)
		if x == nil || x.Throttled || x.Result.State == "" {
			return pulse{}
		}
		if p.last = x; !x.Acknowledged() {
			if keptOut(x.Last()) || judge.Ours(x).Ours() {
				return pulse{} // and it may well work for others
			}
			if o := x.Last(); try < tries-1 && o != nil && o.Err != nil && o.Err.Kind == wire.ErrConnectRefused {
				// One that reloads itself, or is started again, is back in a moment.
				wall := se.receiver.Clock()
				_ = wall.WaitUntil(ctx, wall.Now().Add(restartPatience)) // its only error is that the run ends, which is seen next
			}
			continue
		}
		if n, acts := se.observation.clean(x.Kind); acts && n > 0 && x.Seen == nil {
			t.settle(ctx, se.observation, []*judge.Exchange{x})
		}
		if lost := model.Done(x.Line(nil)); len(lost) == 0 || se.judge.Recognises(x) {
			p.dead = false
			return p
		}
	}
	p.after, p.first = se.worked(p.last.Acknowledged()), se.undone()
	return p
}

// follow looks whether the receiver still works after a scenario. Where it did not
// before, the next lockstep asks again: each question may cost a whole timeout.
func (se *sentinels) follow(ctx context.Context, p *played, t *turn) {
	if p.felt = true; se.collapse.dead {
		p.pulse = pulse{dead: true}
		return
	}
	p.pulse = se.feel(ctx, t)
	se.collapse.dead = p.pulse.dead
}

// askAgain looks, where the receiver did not work before, whether it does again.
func (se *sentinels) askAgain(ctx context.Context, blocked string) {
	if se.collapse.dead && blocked == "" {
		se.collapse.dead = se.feel(ctx, nil).dead
	}
	if !se.collapse.dead {
		se.collapse.id = ""
	}
}

// keptOut reports whether a receiver keeps us out, for our pace or for good.
func keptOut(o *wire.Outcome) bool {
	return o != nil && (o.Status == http.StatusForbidden || o.Status == http.StatusTooManyRequests)
}

// undone is the first event since which the receiver has done nothing more; nil
// where the last new one was done, as far as that can be told.
func (se *sentinels) undone() (first *judge.Exchange) {
	known := map[string]bool{}
	var fresh []*judge.Exchange
	for _, e := range se.judge.Heard {
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
func (se *sentinels) mourn(ctx context.Context, out []played) []played {
	if (se.gate.gone || se.undone() != nil && !se.receiver.Safe()) && !se.collapse.dead && !stopped(ctx, se.receiver) {
		if p := se.feel(ctx, nil); p.dead {
			se.collapse.dead = true
			if i := owner(out, p.first); i >= 0 {
				out[i].felt, out[i].pulse = true, p
			}
		}
	}
	if !se.collapse.dead || se.collapse.id != "" {
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
			out[k].pulse.dead = out[k].pulse.dead || k != began && out[k].sentAfter(se.judge.Heard, p.first)
		}
		out[began].felt, out[began].pulse = true, p
		out[0], out[began] = out[began], out[0]
	}
	return out
}

// worked counts the events that had been sent when the receiver last took a new one;
// done says that it has to have been done, too, where taking them shows nothing.
func (se *sentinels) worked(done bool) (n int) {
	events := map[string]bool{}
	for _, e := range se.judge.Heard {
		fresh := !events[e.Event]
		events[e.Event] = true
		if seen := e.Counted(); fresh && !e.Inert && e.Acknowledged() && (!done || seen != nil && seen.Count > 0) {
			n = len(events)
		}
	}
	return n
}

// newest is the second behind the newest event of the run so far.
func (se *sentinels) newest() time.Time {
	at := se.gate.base
	for _, e := range se.judge.Heard {
		if e.Version != nil && !e.Inert && !e.Version.At.Before(at) {
			at = e.Version.At.Add(time.Second)
		}
	}
	return at
}

// send sends one plain event by itself; nil when it could not be made.
func (se *sentinels) send(ctx context.Context, t *turn, at time.Time) *judge.Exchange {
	kind := se.gate.kind
	story := shop.Story{
		Key: shop.Key{Name: "sentinel/" + kind, Index: se.collapse.sent}, Kinds: []string{kind}, At: at,
	}
	se.collapse.sent++
	events, err := se.maker.Plainly(story)
	if err != nil {
		return nil
	}
	e := events[0]
	e.Summary = "control " + strconv.Itoa(se.collapse.sent) // a word of both languages
	// Whoever takes it at the retry works.
	return se.deliverer.sendOne(ctx, playing{Case: &judge.Case{}, turn: t}, &language.Deliver{As: "sentinel", Attempts: 2}, told{Emitted: e})
}

// atGate looks whether the receiver still works when the gate's last events have had
// no effects and earlier ones had: one event may have stopped it, and then it is not
// that it does nothing about the others. The pulse tells from which event on.
func (se *sentinels) atGate(ctx context.Context, cases []judge.Case) pulse {
	var idle *judge.Exchange // the first since which nothing was done
	acts := false
	for i := range cases {
		for _, e := range cases[i].Exchanges {
			n, seen := se.observation.clean(e.Kind)
			switch {
			case !seen || !e.Acknowledged() || e.Meant:
			case n > 0:
				idle, acts = nil, true
			case idle == nil:
				idle = e
			}
		}
	}
	if idle == nil || !acts || se.receiver.Safe() {
		return pulse{}
	}
	p := se.feel(ctx, nil)
	if p.dead && p.last.Acknowledged() {
		p.first = idle
		p.after = slices.Index(se.judge.Heard, idle)
	}
	return p
}
