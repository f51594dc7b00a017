package scenarios

import (
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// VerdictOn judges a plain check, which wants a 2xx, on one outcome.
func VerdictOn(o *wire.Outcome) verdict.Verdict {
	check := new(language.Check)
	if err := strictyaml.Read("", []byte(`{evidence: [wire], judge: [{answers: ["2xx"], then: pass}, {then: fail}]}`), check).Err(); err != nil {
		panic(err)
	}
	e := &exchange{name: "delivery", result: delivery.Result{
		State: delivery.Failed, Attempts: []delivery.Attempt{{Number: 1, Outcome: o}},
	}}
	c := playedCase{spec: &language.Case{Steps: []language.Step{{Deliver: &language.Deliver{}}}}, exchanges: []*exchange{e}}
	return new(judge).judge(check, []playedCase{c}).Verdict
}

// Bisect searches the rungs for a limit with that many tries; taken tells of a
// size whether it is taken and how large what was sent for it really was.
func Bisect(rungs []int, tries int, send func(size int) (sent int, taken bool)) (taken, refused, made int) {
	b := bisection{rungs: rungs, left: tries}
	for {
		size, more := b.next()
		if !more {
			return b.taken, b.refused, made
		}
		sent, ok := send(size)
		if sent <= b.taken {
			return b.taken, b.refused, made
		}
		made++
		b.learn(sent, ok)
	}
}

// Damage lets tests ask what became of a text; "" when it says nothing or is
// whole.
func Damage(said, seen string) string { return keeps(said, seen).text().EN }

// toldIn makes the history of an object that was told in these versions, all of
// them taken, and the state_map of their fields.
func toldIn(versions []map[string]any) (h *history, paths map[string]string) {
	h, paths = &history{}, map[string]string{}
	for i, fields := range versions {
		object := &jsontree.Object{}
		for field, v := range fields {
			paths[field] = "data.object." + field
			object.Set(field, v)
		}
		data := &jsontree.Object{}
		data.Set("object", object)
		tree := &jsontree.Object{}
		tree.Set("data", data)
		h.insert(&version{name: string(rune('a' + i)), at: time.Unix(int64(i), 0), tree: tree, taken: true})
	}
	return h, paths
}

// AskState asks about an object that was told in these versions, of which the
// one of that index came last, and seen before and after it.
func AskState(question string, versions []map[string]any, late int, before, after map[string]any) (known, yes bool) {
	h, paths := toldIn(versions)
	h.states = []objectState{{state: before, newest: h.newest()}, {state: after, newest: h.newest()}}
	e := &exchange{history: h, version: h.versions[late], since: 1}
	r := e.ruling(question, paths)
	return r.known, r.yes
}

// AskOrder asks whether an object ended as that of the round in order did.
func AskOrder(question string, first, mine []map[string]any, model, seen map[string]any) (known, yes bool) {
	a, paths := toldIn(first)
	b, _ := toldIn(mine)
	a.states, b.states, b.first = []objectState{{state: model}}, []objectState{{state: seen}}, a
	r := (&exchange{history: b}).ruling(question, paths)
	return r.known, r.yes
}

// FixedTexts lists the sentences that are always the same.
func FixedTexts() (texts []lang.Text) {
	for t := range fixedTexts {
		texts = append(texts, t.both())
	}
	return texts
}
