package judge

import (
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// event is the event that tells a version, as readers know it: the name by which its
// scenario speaks of it says nothing to them.
func (v *Version) event() string { return model.EventOf(v.Kind, v.At) }

// textBehind tells that a field has the value of an older event.
func textBehind(field string, seen any, of, newest *Version, path string) lang.Text {
	return lang.Textf("%s es %s, como en %s, y el evento más nuevo, %s, dice %s", "%s is %s, as in %s, and the newest event, %s, says %s",
		field, model.Shown(seen), of.event(), newest.event(), model.Shown(newest.value(path)))
}

func textOutOfOrder(field string, seen any, should *Version, path string) lang.Text {
	return lang.Textf("%s es %s; cuando los eventos llegan en orden queda lo que dice %s, aquí %s", "%s is %s; when events arrive in order it ends up as %s says, here %s",
		field, model.Shown(seen), should.event(), model.Shown(should.value(path)))
}

func textMangled(field, seen, said string, d model.Damage) lang.Text {
	return lang.Textf("%s es %s y el evento dice %s: %s",
		"%s is %s and the event says %s: %s", field, model.Shown(seen), model.Shown(said), d.Text())
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
	seen := fields[0] + " = " + model.Shown(state[fields[0]])
	return lang.Textf("el objeto se había borrado y volvió (%s)", "the object had been deleted and is back (%s)", seen)
}

// textHeld names the fields that were compared and are right.
func textHeld(fields []string) lang.Text {
	return lang.Textf("se comparó %s", "compared %s", strings.Join(fields, ", "))
}

func textStrange(field string, seen any, of *Version, path string) lang.Text {
	return lang.Textf("%s es %s, y ningún evento del objeto dice eso; %s dice %s: no se puede comparar",
		"%s is %s, which no event about the object says; %s says %s: they cannot be compared",
		field, model.Shown(seen), of.event(), model.Shown(of.value(path)))
}

func textTwoStates(field string, a, b any) lang.Text {
	return lang.Textf("observador: %s es %s y a la vez %s para el mismo objeto; el estado debe ser el del objeto y no el de cada evento",
		"observer: %s is both %s and %s for the same object; the state has to be the object's, not each event's", field, model.Shown(a), model.Shown(b))
}

func textNotAsked(object string) lang.Text {
	return lang.Textf("al observador no se le puede preguntar por objetos de tipo %s",
		"the observer cannot be asked about objects of type %s", object)
}

func textTellsNoState(object string) lang.Text {
	return lang.Textf("el observador no dice ningún campo de state_map de objetos de tipo %s",
		"the observer reports no field of state_map of objects of type %s", object)
}

// nothingDiffers is the ruling where no mapped field could show a difference.
func (h *History) nothingDiffers(paths map[string]string) ruling {
	all, _ := h.fields(paths)
	tried := lang.Text{ES: "ninguno es suyo", EN: "none is its own"}
	if len(all) > 0 {
		tried = lang.Same(strings.Join(all, ", "))
	}
	r := unknown(lang.Textf("ningún campo de state_map distingue los eventos de este objeto (%s)",
		"no field of state_map differs between the events of this object (%s)", tried))
	r.enable = textEnableState(h.Kind)
	return r
}

// noText is the ruling where no mapped field holds the text in question.
func (h *History) noText(paths map[string]string) ruling {
	r := h.nothingDiffers(paths)
	r.enable = textEnableText(h.Kind)
	r.why = lang.Text{ES: "ningún campo de state_map es uno de los textos", EN: "no field of state_map is one of the texts"}
	return r
}

// textEnableText is the same of a text that people write.
func textEnableText(object string) lang.Text {
	if object == "order" {
		return lang.Text{ES: "observe: {state_map: {nota: data.object.customer_note}}", EN: "observe: {state_map: {note: data.object.customer_note}}"}
	}
	return lang.Text{ES: "observe: {state_map: {nombre: data.object.name}}", EN: "observe: {state_map: {name: data.object.name}}"}
}

// textEnableState is the line of the config that would show the state of such an
// object.
func textEnableState(object string) lang.Text {
	field, path := lang.Text{ES: "nombre", EN: "name"}, "name"
	switch object {
	case "order":
		field, path = lang.Text{ES: "pago", EN: "payment"}, "financial_status"
	case "product", "":
		field, path = lang.Text{ES: "precio", EN: "price"}, "price"
	case "fulfillment":
		field, path = lang.Text{ES: "guia", EN: "tracking"}, "tracking_code"
	case "collection":
		field, path = lang.Text{ES: "titulo", EN: "title"}, "title"
	case "customer":
		path = "first_name"
	}
	return lang.Textf("observe: {state_map: {%s: data.object.%s}}", "observe: {state_map: {%s: data.object.%s}}", field, path)
}
