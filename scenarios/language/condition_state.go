package language

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// stateConditions ask what the receiver keeps of an event's object.
func stateConditions() []Condition {
	return []Condition{
		&condition[string]{
			key: "state", editor: "What the receiver keeps of the event's object, by the fields of the state_map; fits nothing where they show nothing.",
			means: lang.Text{
				ES: "qué guarda el receptor del objeto del evento, según los campos del `state_map`: `newest` (cada campo que distingue los eventos del objeto tiene el valor del más nuevo), `updated` (alguno lo tiene), `older` (ninguno), `frozen` (ninguno de dos o más), `stale` (un evento que llegó tarde lo hizo retroceder), `absent` (no hay nada), `in-order` y `out-of-order` (como en la ronda que se simuló primero, o no), `mangled` (un texto perdió letras), `altered` (un campo no tiene lo que dice el evento, aunque en una entrega normal sí lo tenía; solo en un `sweep`), `restyled` (lo mismo, y solo cambian mayúsculas o espacios), `forged` (un campo tiene lo que solo dice el evento falso). No se cumple donde los campos no lo dicen, y entonces nada pasa por ella",
				EN: "what the receiver keeps of the event's object, by the fields of the `state_map`: `newest` (every field that distinguishes the events of the object has the value of the newest), `updated` (some have), `older` (none has), `frozen` (none of two or more has), `stale` (an event that came late made it go back), `absent` (nothing is there), `in-order` and `out-of-order` (as in the round that ran first, or not), `mangled` (a text has lost letters), `altered` (a field has not what the event says, although it had in a normal delivery; only in a `sweep`), `restyled` (the same, and only case or spaces differ), `forged` (a field has what only the forged event says). It fits nothing where the fields show nothing, and then nothing passes by it",
			},
			among: []string{"newest", "updated", "older", "frozen", "stale", "absent", "in-order", "out-of-order", "mangled", "altered", "restyled", "forged"},
			holds: func(want string, e *Evidence) bool {
				yes, _ := e.State(want)
				return yes
			},
			beside: func(want string, e *Evidence) lang.Text {
				_, found := e.State(want)
				return found
			},
		},
	}
}

// StateQuestions are what the check asks of the state in a case.
func (c *Check) StateQuestions(name string) (questions []string) {
	for i := range c.Judge {
		rule := &c.Judge[i]
		cases := wanted[[]string](rule, "cases")
		if q := wanted[string](rule, "state"); q != "" && (len(cases) == 0 || slices.Contains(cases, name)) {
			questions = append(questions, q)
		}
	}
	return questions
}
