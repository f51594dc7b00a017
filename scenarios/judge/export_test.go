package judge

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
	e := &Exchange{Name: "delivery", Result: delivery.Result{
		State: delivery.Failed, Attempts: []delivery.Attempt{{Number: 1, Outcome: o}},
	}}
	c := Case{Spec: &language.Case{Steps: []language.Step{{Deliver: &language.Deliver{}}}}, Exchanges: []*Exchange{e}}
	return new(Judge).Judge(check, []Case{c}).Verdict
}

// Damage lets tests ask what became of a text; "" when it says nothing or is
// whole.
func Damage(said, seen string) string { return keeps(said, seen).text().EN }

// toldIn makes the history of an object that was told in these versions, all of
// them taken, and the state_map of their fields.
func toldIn(versions []map[string]any) (h *History, paths map[string]string) {
	h, paths = &History{}, map[string]string{}
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
		h.insert(&Version{name: string(rune('a' + i)), At: time.Unix(int64(i), 0), Tree: tree, Taken: true})
	}
	return h, paths
}

// AskState asks about an object that was told in these versions, of which the
// one of that index came last, and seen before and after it.
func AskState(question string, versions []map[string]any, late int, before, after map[string]any) (known, yes bool) {
	h, paths := toldIn(versions)
	h.States = []State{{State: before, Newest: h.Newest()}, {State: after, Newest: h.Newest()}}
	e := &Exchange{History: h, Version: h.Versions[late], Since: 1}
	r := e.ruling(question, paths)
	return r.known, r.yes
}

// AskOrder asks whether an object ended as that of the round in order did.
func AskOrder(question string, first, mine []map[string]any, model, seen map[string]any) (known, yes bool) {
	a, paths := toldIn(first)
	b, _ := toldIn(mine)
	a.States, b.States, b.first = []State{{State: model}}, []State{{State: seen}}, a
	r := (&Exchange{History: b}).ruling(question, paths)
	return r.known, r.yes
}

// FixedTexts lists the sentences that are always the same.
func FixedTexts() (texts []lang.Text) {
	for t := range fixedTexts {
		texts = append(texts, t.both())
	}
	return texts
}
