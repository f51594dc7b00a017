package judge

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// VerdictOn judges a plain check, which wants a 2xx, on one outcome.
func VerdictOn(o *wire.Outcome) verdict.Verdict { return VerdictAfter("", o) }

// VerdictAfter does so after something was done to the receiver's process; "" is nothing.
func VerdictAfter(verb string, o *wire.Outcome) verdict.Verdict {
	check := new(language.Check)
	if err := strictyaml.Read("", []byte(`{evidence: [wire], judge: [{answers: ["2xx"], then: pass}, {then: fail}]}`), check).Err(); err != nil {
		panic(err)
	}
	e := &Exchange{Name: "delivery", Result: delivery.Result{
		State: delivery.Failed, Attempts: []delivery.Attempt{{Number: 1, Outcome: o}},
	}}
	c := Case{Spec: &language.Case{Steps: []language.Step{{Deliver: &language.Deliver{}}}}, Exchanges: []*Exchange{e}}
	if verb != "" {
		c.NoteProcess(verb)
	}
	return new(Judge).Judge(check, []Case{c}).Verdict
}

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

// One is a delivery of a run, for CauseOf: its event, the object that this made, or made
// known, its time and that of its arrival in seconds, and whether anything was done for
// it, or twice.
type One struct {
	Event, Kind, Object string
	At, Came            int
	Done, Twice         bool
}

// CauseOf is the cause of a failure at the last of a run's events; "" for the check's.
func CauseOf(all ...One) string {
	c := &Judge{}
	for i, one := range all {
		x := &Exchange{Event: cmp.Or(one.Event, fmt.Sprint(i)), Kind: one.Kind, Seen: &Effects{D0: 1, Measured: true}, Subject: shop.Subject{ObjectID: one.Object}}
		if one.Done {
			x.Seen.Count = 1
		}
		if one.Twice {
			x.Seen.Count = 2
		}
		x.Version = &Version{Kind: one.Kind, At: time.Unix(int64(one.At), 0), Taken: true, made: true}
		x.History = &History{object: one.Object, Kind: strings.Split(one.Kind, ".")[0], Versions: []*Version{x.Version}}
		x.Result = delivery.Result{State: delivery.Delivered, Attempts: []delivery.Attempt{{Number: 1, Outcome: &wire.Outcome{
			Status: 200, Started: time.Unix(int64(one.Came), 0), Latency: time.Millisecond,
		}}}}
		c.Heard = append(c.Heard, x)
	}
	last := c.Heard[len(c.Heard)-1]
	f := Finding{Verdict: verdict.Fail}
	if violations := model.Hold(last.Line(nil)); len(violations) > 0 {
		f.breach = violations[0].Breach
	}
	c.recognise(&f, last)
	return f.cause
}

// AskAfter asks about an object that one event made and another changed, both taken, and
// that was seen so before and after the second.
func AskAfter(question string, made, changed, before, after map[string]any) (known, yes bool) {
	h, paths := toldIn([]map[string]any{made, changed})
	h.Versions[0].made = true
	h.States = []State{{State: before, Newest: h.Versions[0]}, {State: after, Newest: h.Versions[1]}}
	r := (&Exchange{History: h, Version: h.Versions[1], Since: 1}).ruling(question, paths)
	return r.known, r.yes
}

// FixedTexts lists the sentences that are always the same.
func FixedTexts() (texts []lang.Text) {
	for t := range fixedTexts {
		texts = append(texts, t.both())
	}
	return texts
}
