package language

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// callsConditions ask when the receiver called a sink that failed on purpose.
func callsConditions() []Condition {
	return []Condition{
		&condition[string]{
			key: "calls", editor: "When the event first made the receiver call a sink that was set to fail, against its response to the first attempt.",
			means: lang.Text{
				ES: "cuándo hizo el evento que el receptor llamara por primera vez a un sink que fallaba a propósito: `none` (no lo llamó), `before-answer` (antes de responder al primer intento), `after-answer` (después, sin un `drain:` que vacíe su cola: quizá lo intente de nuevo más tarde de lo que se espera)",
				EN: "when the event first made the receiver call a sink that was failing on purpose: `none` (it did not), `before-answer` (before it answered the first attempt), `after-answer` (after it, and no `drain:` works its queue off: it may try again later than one waits)",
			},
			among: []string{"none", "before-answer", "after-answer"},
			holds: func(want string, e *Evidence) bool { return e.Calls == want },
		},
	}
}

// namedKey asks for effects by their names.
const namedKey = "effects_of"

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
		&condition[map[string]string]{
			key: namedKey, editor: "The same by the names of effects, such as {shipment: none}; a number is exactly that many.",
			means: lang.Text{
				ES: "lo mismo por nombre de efecto, como `{shipment: none}`; un número pide exactamente esa cuenta. No se cumple donde el observador no da nombres",
				EN: "the same by the name of an effect, such as `{shipment: none}`; a number asks for exactly that many. Where the observer gives no names it fits nothing",
			},
			check: checkNamed,
			holds: fitsNamed,
			beside: func(want map[string]string, e *Evidence) lang.Text {
				asked := map[string]Effects{}
				for name := range want {
					asked[name] = e.Named[name]
				}
				if len(e.Named) == 0 {
					return lang.Text{}
				}
				return namedText(asked, func(Effects) bool { return true })
			},
		},
		&condition[string]{
			key: "effects_together", editor: "What all events of the object brought about together, by the names of effects; fits nothing where effects have no names.",
			means: lang.Text{
				ES: "lo que provocaron juntos todos los eventos del objeto en el caso, por nombre de efecto: `doubled` (alguno ocurrió más veces que en una entrega limpia de cada uno, y más de una), `lost` (alguno no ocurrió con ninguno, y sí en una entrega limpia). No se cumple donde el observador no da nombres",
				EN: "what all events of the object in the case brought about together, by the names of effects: `doubled` (one happened more often than in a clean delivery of each, and more than once), `lost` (one happened with none of them, and does in a clean delivery). Where the observer gives no names it fits nothing",
			},
			among: []string{"doubled", "lost"},
			holds: func(want string, e *Evidence) bool {
				return slices.ContainsFunc(slices.Collect(maps.Values(e.Together)), together(want))
			},
			beside: func(want string, e *Evidence) lang.Text {
				if len(e.Together) == 0 {
					return lang.Text{}
				}
				return namedText(e.Together, together(want))
			},
		},
	}
}

// together is what effects are of which one of the words says so.
func together(want string) func(Effects) bool {
	if want == "lost" {
		return func(x Effects) bool { return x.Count == 0 && x.Clean > 0 }
	}
	return tooOften
}

// tooOften reports whether something happened more often than in clean deliveries,
// and more than once: what none of these does may be meant once.
func tooOften(x Effects) bool { return x.Count > max(x.Clean, 1) }

func fitsEffects(want string, e *Evidence) bool {
	if e.Effects == nil {
		return false
	}
	if want == "conditional" {
		return e.Effects.Conditional
	}
	return e.Effects.are(want)
}

// are reports whether effects are as one of the words says; each name for itself,
// where they have names.
func (x *Effects) are(want string) bool {
	some := func(is func(Effects) bool) bool {
		if len(x.Named) == 0 {
			return is(*x)
		}
		return slices.ContainsFunc(slices.Collect(maps.Values(x.Named)), is)
	}
	switch want {
	case "once":
		return !some(func(x Effects) bool { return x.Count != x.Clean })
	case "lost":
		return some(func(x Effects) bool { return x.Count < x.Clean })
	case "doubled":
		return some(func(x Effects) bool { return x.Count > x.Clean })
	case "none":
		return x.Count == 0
	case "vanished":
		return x.Count == 0 && x.Clean > 0
	default:
		return x.Count > 0
	}
}

// text tells how many effects there were; nothing when that is not known. Of
// effects with names it tells those that are not as after a clean delivery.
func (x *Effects) text() lang.Text {
	switch {
	case x == nil, x.Conditional:
		return lang.Text{}
	case len(x.Named) > 0:
		return namedText(x.Named, func(x Effects) bool { return x.Count != x.Clean })
	}
	return verdict.Counted(x.Count, x.Clean)
}

// namedText tells effects by their names, those that are meant; when none is, all
// of them.
func namedText(named map[string]Effects, meant func(Effects) bool) lang.Text {
	var es, en []string
	for _, all := range []bool{false, true} {
		for _, name := range slices.Sorted(maps.Keys(named)) {
			switch x := named[name]; {
			case meant(x) && x.Count != x.Clean:
				es = append(es, fmt.Sprintf("%s: %d en lugar de %d", name, x.Count, x.Clean))
				en = append(en, fmt.Sprintf("%s: %d instead of %d", name, x.Count, x.Clean))
			case meant(x) || all:
				es, en = append(es, fmt.Sprintf("%s: %d", name, x.Count)), append(en, fmt.Sprintf("%s: %d", name, x.Count))
			}
		}
		if len(es) > 0 {
			break
		}
	}
	return lang.Text{ES: strings.Join(es, ", "), EN: strings.Join(en, ", ")}
}

// fitsNamed reports whether each effect that is asked for by its name is as it is
// asked for; one that is not told is none.
func fitsNamed(want map[string]string, e *Evidence) bool {
	for name, how := range want {
		x := e.Named[name]
		if n, err := strconv.Atoi(how); err == nil {
			if x.Count != n {
				return false
			}
		} else if !x.are(how) {
			return false
		}
	}
	return len(e.Named) > 0
}

// effectWords are what may be asked of an effect by its name, besides a number.
func effectWords() []string { return []string{"once", "lost", "doubled", "none", "vanished", "some"} }

func checkNamed(f *strictyaml.File, at string, want map[string]string, _ place) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		how := want[name]
		if n, err := strconv.Atoi(how); err == nil && n >= 0 {
			continue
		}
		oneOf(f, at+"."+name, how, effectWords()...)
	}
}

// AsksNames reports whether the check asks for effects by their names.
func (c *Check) AsksNames() bool {
	for i := range c.Judge {
		if len(wanted[map[string]string](&c.Judge[i], namedKey)) > 0 {
			return true
		}
	}
	return false
}
