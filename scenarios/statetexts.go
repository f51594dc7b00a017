package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxShown is how many characters of a value a report repeats.
const maxShown = 80

// showing writes a value that came from outside on one line, with every
// character that is not plainly visible as its code.
func showing(v any) string {
	if v == nil {
		return "null"
	}
	text, isText := v.(string)
	if !isText {
		text = string(jsontree.Encode(jsontree.Of(receiver.Native(v)), jsontree.PHP))
	}
	if letters := []rune(text); len(letters) > maxShown {
		text = string(letters[:maxShown]) + "…"
	}
	if !isText {
		return text
	}
	return strconv.QuoteToGraphic(text)
}

func textAbsent() lang.Text {
	return lang.Text{ES: "no hay nada del objeto", EN: "nothing is there of the object"}
}

func textAbsentHere() lang.Text {
	return lang.Text{
		ES: "no hay nada del objeto, que en orden sí queda",
		EN: "nothing is there of the object, which is there when the events come in order",
	}
}

// textBehind tells that a field has the value of an older event.
func textBehind(field string, seen any, of, newest *version, path string) lang.Text {
	s, said := showing(seen), showing(newest.value(path))
	return lang.Text{
		ES: fmt.Sprintf("%s es %s, de «%s», y el evento más nuevo («%s») dice %s", field, s, of.name, newest.name, said),
		EN: fmt.Sprintf("%s is %s, of %q, and the newest event (%q) says %s", field, s, of.name, newest.name, said),
	}
}

func textOutOfOrder(field string, seen any, should *version, path string) lang.Text {
	s, said := showing(seen), showing(should.value(path))
	return lang.Text{
		ES: fmt.Sprintf("%s es %s; en orden queda lo de «%s», que aquí es %s", field, s, should.name, said),
		EN: fmt.Sprintf("%s is %s; in order it ends as %q says, which here is %s", field, s, should.name, said),
	}
}

func textMangled(field, seen, said string, k kept) lang.Text {
	what := k.text()
	return lang.Text{
		ES: fmt.Sprintf("%s es %s y el evento dice %s: %s", field, showing(seen), showing(said), what.ES),
		EN: fmt.Sprintf("%s is %s and the event says %s: %s", field, showing(seen), showing(said), what.EN),
	}
}

// textCameBack tells that a deleted object is there again.
func textCameBack(state map[string]any) lang.Text {
	var fields []string
	for field, v := range state {
		if v != nil {
			fields = append(fields, field)
		}
	}
	slices.Sort(fields)
	seen := fields[0] + " = " + showing(state[fields[0]])
	return lang.Text{
		ES: fmt.Sprintf("el objeto se había borrado y volvió (%s)", seen),
		EN: fmt.Sprintf("the object was gone and is back (%s)", seen),
	}
}

// textHeld names the fields that were compared and are right.
func textHeld(fields []string) lang.Text {
	return lang.Text{
		ES: "se comparó " + strings.Join(fields, ", "),
		EN: "compared " + strings.Join(fields, ", "),
	}
}

func textNoObject() lang.Text {
	return lang.Text{ES: "lo que se mandó no es la versión de ningún objeto", EN: "what was sent is no version of any object"}
}

func textNoneTaken() lang.Text {
	return lang.Text{
		ES: "no recibió el evento con el que habría que comparar",
		EN: "it did not take the event that would have to be compared with",
	}
}

func textNothingNewer() lang.Text {
	return lang.Text{
		ES: "no recibió el evento más nuevo antes que este, así que no había de qué retroceder",
		EN: "it did not take the newer event before this one, so that there was nothing to go back from",
	}
}

func textKeptDeleted() lang.Text {
	return lang.Text{
		ES: "conserva lo borrado, y por sus campos no se sabe si sigue borrado",
		EN: "it keeps what is deleted, and its fields do not tell whether it is still deleted",
	}
}

func textStrange(field string, seen any, of *version, path string) lang.Text {
	s, said := showing(seen), showing(of.value(path))
	return lang.Text{
		ES: fmt.Sprintf("%s es %s, y ningún evento del objeto dice eso («%s» dice %s): no se puede comparar", field, s, of.name, said),
		EN: fmt.Sprintf("%s is %s, which no event of the object says (%q says %s): they cannot be compared", field, s, of.name, said),
	}
}

func textTwoStates(field string, a, b any) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("observador: %s es %s y a la vez %s para el mismo objeto; el estado debe ser el del objeto y no el de cada evento", field, showing(a), showing(b)),
		EN: fmt.Sprintf("observer: %s is %s and at once %s of the same object; the state has to be the object's and not each event's", field, showing(a), showing(b)),
	}
}

func textNotAsked(object string) lang.Text {
	return lang.Text{
		ES: "al observador no se le puede preguntar por objetos de tipo " + object,
		EN: "the observer cannot be asked about objects of type " + object,
	}
}

func textTellsNoState(object string) lang.Text {
	return lang.Text{
		ES: "el observador no dice ningún campo de state_map de objetos de tipo " + object,
		EN: "the observer tells no field of state_map of objects of type " + object,
	}
}

func textNeedsState() lang.Text {
	return lang.Text{
		ES: "no se observa en qué estado queda lo que el servidor guarda",
		EN: "the state of what the server keeps is not observed",
	}
}

// nothingDiffers is the ruling where no mapped field could show a difference.
func (h *history) nothingDiffers(paths map[string]string) ruling {
	all, _ := h.fields(paths)
	r := unknown(lang.Text{
		ES: "ningún campo de state_map distingue los eventos de este objeto (" + cmp.Or(strings.Join(all, ", "), "ninguno es suyo") + ")",
		EN: "no field of state_map tells the events of this object apart (" + cmp.Or(strings.Join(all, ", "), "none is its own") + ")",
	})
	r.enable = textEnableState(h.kind)
	return r
}

// noText is the ruling where no mapped field holds the text in question.
func (h *history) noText(paths map[string]string) ruling {
	r := h.nothingDiffers(paths)
	r.why = lang.Text{ES: "ningún campo de state_map es uno de los textos", EN: "no field of state_map is one of the texts"}
	return r
}

// textEnableObserver is a way of observing that tells the state, too.
func textEnableObserver() lang.Text {
	return lang.Text{
		ES: `observe: {url: "http://localhost:8000/efectos/{event.id}", state_map: {precio: data.object.price}}`,
		EN: `observe: {url: "http://localhost:8000/effects/{event.id}", state_map: {price: data.object.price}}`,
	}
}

// textEnableState is the line of the config that would show the state of such an
// object.
func textEnableState(object string) lang.Text {
	es, en, path := "nombre", "name", "data.object.name"
	switch object {
	case "order":
		es, en, path = "pago", "payment", "data.object.financial_status"
	case "product", "":
		es, en, path = "precio", "price", "data.object.price"
	case "fulfillment":
		es, en, path = "guia", "tracking", "data.object.tracking_code"
	case "collection":
		es, en, path = "titulo", "title", "data.object.title"
	case "customer":
		path = "data.object.first_name"
	}
	return lang.Text{
		ES: "observe: {state_map: {" + es + ": " + path + "}}",
		EN: "observe: {state_map: {" + en + ": " + path + "}}",
	}
}
