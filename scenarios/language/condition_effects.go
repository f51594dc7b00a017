package language

import (
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// effectsConditions ask what an event has brought about.
func effectsConditions() []Condition {
	return []Condition{
		&condition[string]{
			key: "effects", editor: "What the event had brought about, against one clean delivery of its kind; fits nothing where effects are not observed.",
			means: lang.Text{
				ES: "qué provocó el evento cuando todo se asentó, contra una entrega limpia de su tipo: `once` (lo mismo), `lost` (menos), `doubled` (más), `none` (nada), `vanished` (nada, y una entrega limpia tiene algo), `some` (algo), `conditional` (nada, y con otro contenido algo; solo en un `sweep`). No se cumple donde los efectos no se observan, ni donde se cuentan por objeto y se entregaron otros eventos del mismo",
				EN: "what the event had brought about when all had settled, against one clean delivery of its kind: `once` (the same), `lost` (less), `doubled` (more), `none` (nothing), `vanished` (nothing, and a clean delivery has some), `some` (anything), `conditional` (nothing, and something with another content; only in a `sweep`). It fits nothing where effects are not observed, nor where they are counted by object and others of its events were delivered",
			},
			among:  []string{"once", "lost", "doubled", "none", "vanished", "some", "conditional"},
			holds:  fitsEffects,
			beside: func(_ string, e *Evidence) lang.Text { return e.Effects.text() },
		},
	}
}

func fitsEffects(want string, e *Evidence) bool {
	if e.Effects == nil {
		return false
	}
	n, clean := e.Effects.Count, e.Effects.Clean
	switch want {
	case "once":
		return n == clean
	case "lost":
		return n < clean
	case "doubled":
		return n > clean
	case "none":
		return n == 0
	case "conditional":
		return e.Effects.Conditional
	case "vanished":
		return n == 0 && clean > 0
	default:
		return n > 0
	}
}

// text tells how many effects there were; nothing when that is not known.
func (x *Effects) text() lang.Text {
	switch {
	case x == nil, x.Conditional:
		return lang.Text{}
	case x.Count == 1:
		return lang.Textf("1 efecto (una entrega limpia: %d)", "1 effect (a clean delivery: %d)", x.Clean)
	}
	return lang.Textf("%d efectos (una entrega limpia: %d)", "%d effects (a clean delivery: %d)", x.Count, x.Clean)
}
