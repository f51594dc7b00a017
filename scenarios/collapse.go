package scenarios

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/judge"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

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

// blame gives the results of a scenario their place where the receiver no longer
// works: one of the first such scenario is the red, all others need it.
func (cl *collapse) blame(p *played, results []verdict.Result) {
	if !p.pulse.dead {
		return
	}
	first := cl.id == ""
	if first {
		cl.id = p.culprit(results)
	}
	for i := range results {
		res := &results[i]
		switch {
		case res.Verdict == verdict.NotApplicable, res.Verdict == verdict.NotObserved, res.Verdict == verdict.Error:
		case first && res.ID == cl.id:
			if p.pulse.tell(res); p.scenario.Group == language.GroupMalformed {
				tellMalformed(res)
			}
		default:
			res.Verdict, res.Needs, res.Reason, res.Found, res.Cause = verdict.Inconclusive, cl.id, judge.TextNeeds(cl.id), lang.Text{}, ""
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

// tellMalformed words a collapse behind requests that are no events: the plain one that
// was not done is not what upset the receiver.
func tellMalformed(res *verdict.Result) {
	res.Found = lang.Textf("%s; justo antes llegaron peticiones malformadas", "%s; malformed requests came right before it", res.Found)
	res.Fault = lang.Text{ES: "Deja de funcionar después de peticiones malformadas", EN: "Stops working after malformed requests"}
	res.Fix = lang.Text{
		ES: "Libere lo que tomó para una petición (conexión del pool, candado, transacción) también cuando la rechaza: en finally, defer o ensure. Lea y valide el cuerpo antes de tomar nada, y atrape lo que falle al leerlo.",
		EN: "Release what you took for a request (pool connection, lock, transaction) when you reject it as well: in finally, defer or ensure. Read and validate the body before you take anything, and catch what fails while reading it.",
	}
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
