package language

import "github.com/kometia-sim/kometia-sim/schemas/lang"

// Verifies is how a receiver makes sure that an event is Kometia's.
type Verifies struct {
	// Asked says that it asked the simulated API, with the right key, about an
	// event of the run or its object; OtherKey that it asked with another only.
	Asked, OtherKey bool
	// Declared is what the configuration says: AuthAPI, AuthPath or nothing.
	Declared string
}

// apiConditions ask how a receiver verifies, and what it did meanwhile.
func apiConditions() []Condition {
	return []Condition{
		&condition[string]{
			key: "verifies", editor: "How the receiver makes sure that an event is Kometia's.",
			means: lang.Text{
				ES: "cómo se asegura el receptor de que un evento es de Kometia: `asked` (preguntó a la API simulada por algún evento de la corrida o su objeto), `other-key` (solo preguntó con otra llave), `declared` (la configuración dice `auth: api`), `by-path` (dice `auth: path`), `no` (ni preguntó ni la configuración dice que pregunta)",
				EN: "how the receiver makes sure that an event is Kometia's: `asked` (it asked the simulated API about some event of the run or its object), `other-key` (it asked with another key only), `declared` (the configuration says `auth: api`), `by-path` (it says `auth: path`), `no` (it did not ask, nor does the configuration say so)",
			},
			among: []string{"asked", "other-key", "declared", "by-path", "no"},
			holds: func(want string, e *Evidence) bool {
				switch v := e.Verifies; want {
				case "asked":
					return v.Asked
				case "other-key":
					return v.OtherKey
				case "declared":
					return v.Declared == AuthAPI
				case "by-path":
					return v.Declared == AuthPath
				default:
					return !v.Asked && v.Declared != AuthAPI
				}
			},
		},
		&condition[string]{
			key: "meanwhile", editor: "What the event had brought about at the first settle step, before what came afterwards.",
			means: lang.Text{
				ES: "qué había provocado el evento en el primer `settle` del caso, antes de lo que siguió: `some` (algo), `none` (nada). No se cumple donde los efectos no se observan",
				EN: "what the event had brought about at the case's first `settle`, before what came afterwards: `some` (anything), `none` (nothing). It fits nothing where effects are not observed",
			},
			among: []string{"some", "none"},
			holds: func(want string, e *Evidence) bool {
				return e.Meanwhile != nil && (*e.Meanwhile > 0) == (want == "some")
			},
		},
	}
}
