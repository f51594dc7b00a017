package language

import (
	"maps"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// connectionConditions ask what became of connections, of those that we broke
// above all.
func connectionConditions() []Condition {
	return []Condition{
		&condition[map[string]Answers]{
			key: "when", editor: "The exchanges of these names that delivered the same event were answered thus.",
			means: lang.Text{
				ES: "`{cut: [\"2xx\"]}`: el intercambio de ese nombre que entregó el mismo evento se contestó así",
				EN: "`{cut: [\"2xx\"]}`: the exchange of that name that delivered the same event was answered thus",
			},
			check: func(f *strictyaml.File, at string, want map[string]Answers, in place) {
				for _, name := range slices.Sorted(maps.Keys(want)) {
					if err := want[name].validate(); err != nil {
						f.Fail(at+"."+name, "%s", "%s", err)
					}
					if all := in.scenario.exchanges(); !slices.Contains(all, name) {
						f.Fail(at+"."+name, "ningún paso entrega %q%s", "no step delivers %q%s", name, didYouMean(name, all))
					}
				}
			},
			holds: func(want map[string]Answers, e *Evidence) bool {
				for name, answers := range want {
					same := e.SameEvent[name]
					if len(same) == 0 || slices.ContainsFunc(same, func(o []*wire.Outcome) bool { return !answers.Match(statuses(o)) }) {
						return false
					}
				}
				return true
			},
		},
		&condition[string]{
			key: "hung_up", editor: "Over all cases: we closed the connection before the response at least once, or never.",
			means: lang.Text{
				ES: "`too-late` cuando cada corte nuestro (hang-up, reset y cut) en los casos de la prueba llegó después de la respuesta; `in-time` cuando al menos uno llegó antes",
				EN: "`too-late` when every close, reset and cut in the cases of the check came after the response; `in-time` when at least one came before it",
			},
			among: []string{"in-time", "too-late"},
			check: func(f *strictyaml.File, at string, _ string, in place) {
				if !slices.ContainsFunc(in.scenario.Cases, func(c Case) bool { return c.hangsUp() }) {
					f.Fail(at, "ninguna entrega tiene una falla que cierre la conexión", "no delivery has a fault that closes the connection")
				}
			},
			holds: func(want string, e *Evidence) bool { return (e.InTime > 0) == (want == "in-time") },
		},
		&condition[string]{
			key: "expect", editor: "What became of Expect: 100-continue: 100 came, nothing came in time, or 417.",
			means: lang.Text{
				ES: "qué pasó con `expect_continue`: `continued` (llegó 100), `silent` (nada a tiempo) o `refused` (417)",
				EN: "what became of `expect_continue`: `continued` (100 came), `silent` (nothing in time) or `refused` (417)",
			},
			among: []string{"continued", "silent", "refused"},
			holds: func(want string, e *Evidence) bool { return want == expectation(e.last()) },
		},
		&condition[*bool]{
			key: "closes", editor: "The receiver closed a connection that it was asked to keep.",
			means: lang.Text{ES: "si el receptor cerró una conexión que se le pidió conservar", EN: "whether the receiver closed a connection that it was asked to keep"},
			holds: func(want *bool, e *Evidence) bool { return is(want, e.Kept && closes(e.last())) },
		},
	}
}

// expectation is what became of Expect: 100-continue.
func expectation(o *wire.Outcome) string {
	switch {
	case o == nil:
		return ""
	case o.Noted(wire.NoteRefused):
		return "refused"
	case o.Noted(wire.NoteContinued):
		return "continued"
	case o.Noted(wire.NoteUnanswered):
		return "silent"
	}
	return ""
}

// closes reports whether the receiver closed the connection: it says so, it
// speaks HTTP/1.0 and does not say otherwise, or the connection was found closed.
func closes(o *wire.Outcome) bool {
	if o == nil {
		return false
	}
	says := func(word string) bool {
		return slices.ContainsFunc(o.Values("Connection"), func(v string) bool {
			return slices.ContainsFunc(strings.Split(v, ","), func(w string) bool {
				return strings.EqualFold(strings.TrimSpace(w), word)
			})
		})
	}
	return o.Resent || says("close") || o.Proto == "HTTP/1.0" && !says("keep-alive")
}
