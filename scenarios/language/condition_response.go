package language

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// responseConditions ask what a response says besides its status.
func responseConditions() []Condition {
	return []Condition{
		&condition[[]string]{
			key: "cookies", editor: "Every exchange of the case was given a cookie of such a name, each another value.",
			means: lang.Text{
				ES: "`[\"*session*\"]`: todos los intercambios del caso recibieron una cookie de ese nombre, cada uno con otro valor",
				EN: "`[\"*session*\"]`: all exchanges of the case were given a cookie of such a name, each another value",
			},
			check: func(f *strictyaml.File, at string, want []string, _ place) {
				for i, p := range want {
					if _, err := path.Match(p, ""); err != nil {
						f.Fail(fmt.Sprintf("%s[%d]", at, i), "%q: %s", "%q: %s", p, err)
					}
				}
			},
			holds: func(want []string, e *Evidence) bool { return anew(want, e.Alike) },
		},
		&condition[*bool]{
			key: "doubtful", editor: "The response is one that curl, or another client, reports as an error: its body is cut short, its length is misstated.",
			means: lang.Text{
				ES: "si la respuesta es de las que curl u otro cliente da por error: el cuerpo llegó cortado o no terminó, el largo está mal dicho, una línea de la cabecera no es válida",
				EN: "whether the response is one that curl or another client reports as an error: its body is cut short or did not end, its length is misstated, a line of its header is malformed",
			},
			holds:  func(want *bool, e *Evidence) bool { return is(want, len(doubts(e.last())) > 0) },
			beside: func(_ *bool, e *Evidence) lang.Text { return textDoubts(e.last()) },
		},
		&condition[time.Duration]{
			key: "skew", editor: "The response has a Date no further than that from our clock.",
			means: lang.Text{
				ES: "`60s`: la respuesta tiene un `Date` que no se aleja más que eso de nuestro reloj",
				EN: "`60s`: the response has a `Date` no further than that from our clock",
			},
			check: func(f *strictyaml.File, at string, want time.Duration, _ place) {
				if want < 0 {
					f.Fail(at, "%s: no puede ser negativo", "%s: may not be negative", want)
				}
			},
			holds: func(want time.Duration, e *Evidence) bool {
				if e.last() == nil {
					return false
				}
				off, told := e.last().Clock()
				return told && off.Abs() <= want
			},
			beside:    func(_ time.Duration, e *Evidence) lang.Text { return textClock(e.last()) },
			whichever: true,
		},
	}
}

// doubts are the oddities for which some clients do not take the answer.
func doubts(o *wire.Outcome) (notes []wire.Note) {
	if o == nil {
		return nil
	}
	for _, n := range o.Notes {
		if n.Doubtful() {
			notes = append(notes, n)
		}
	}
	return notes
}

func textDoubts(o *wire.Outcome) lang.Text {
	var es, en []string
	for _, n := range doubts(o) {
		es, en = append(es, n.Text().ES), append(en, n.Text().EN)
	}
	return lang.Text{ES: strings.Join(es, ", "), EN: strings.Join(en, ", ")}
}

// anew reports whether every one of several exchanges was given a cookie of the
// same name, each another value.
func anew(patterns []string, outcomes []*wire.Outcome) bool {
	given := map[string][]string{} // values by name
	for _, o := range outcomes {
		if o == nil {
			return false
		}
		for _, line := range o.Values("Set-Cookie") {
			cookie, err := http.ParseSetCookie(line)
			if err != nil || cookie.Value == "" || cookie.MaxAge < 0 {
				continue
			}
			fits := slices.ContainsFunc(patterns, func(p string) bool { return matches(strings.ToLower(p), strings.ToLower(cookie.Name)) })
			if fits && !slices.Contains(given[cookie.Name], cookie.Value) {
				given[cookie.Name] = append(given[cookie.Name], cookie.Value)
			}
		}
	}
	for _, values := range given {
		if len(outcomes) > 1 && len(values) >= len(outcomes) {
			return true
		}
	}
	return false
}

// textClock tells what the receiver's clock says.
func textClock(o *wire.Outcome) lang.Text {
	if o == nil || o.Status == 0 {
		return lang.Text{}
	}
	off, told := o.Clock()
	off = off.Truncate(time.Second)
	switch {
	case !told:
		return lang.Text{ES: "sin un Date que se pueda leer", EN: "without a Date that can be read"}
	case off < 0:
		return lang.Textf("su reloj va %s atrasado", "its clock is %s behind", lang.Span(-off))
	case off > 0:
		return lang.Textf("su reloj va %s adelantado", "its clock is %s ahead", lang.Span(off))
	}
	return lang.Text{ES: "su reloj va bien", EN: "its clock is right"}
}
