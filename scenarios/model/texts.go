package model

import (
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Of puts the name of an effect before what is said of it; "" is none.
func Of(name string, said lang.Text) lang.Text {
	if name == "" {
		return said
	}
	return lang.Text{ES: name + ": " + said.ES, EN: name + ": " + said.EN}
}

// maxShown is how many characters of a value a report repeats.
const maxShown = 80

// Shown writes a value that came from outside on one line, with every character
// that is not plainly visible as its code.
func Shown(v any) string {
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

// EventOf is what a reader knows an event by: its kind, and the time that it says.
func EventOf(kind string, at time.Time) string {
	return kind + " (" + at.UTC().Format(time.DateTime) + ")"
}

// fixOf is what mends a breach, whatever the situation was.
func fixOf(b Breach) lang.Text {
	switch b {
	case Lost:
		return lang.Text{
			ES: "Confirme (commit) el evento y su trabajo antes de responder 2xx. Si no puede guardarlo, responda 503: Kometia lo repite.",
			EN: "Commit the event and its work before you answer 2xx. If you cannot store it, answer 503: Kometia retries it.",
		}
	case Doubled:
		return lang.Text{
			ES: "Ponga un índice único en el id del evento; guárdelo y actúe en una misma transacción y, si ya está, no haga nada más.",
			EN: "Put a unique index on the event id; store it and act in one transaction and, if it is already there, do nothing else.",
		}
	case Acted:
		return lang.Text{
			ES: "No haga nada con un cuerpo que no llegó entero (Content-Length) o que no es un evento.",
			EN: "Do nothing with a body that did not arrive whole (Content-Length) or that is not an event.",
		}
	case Stale:
		return lang.Text{
			ES: "Guarde el updated_at del objeto (como número). Si el que llega es anterior, no cambie nada y responda 2xx: UPDATE ... SET ..., updated_at = :nuevo WHERE id = :id AND updated_at <= :nuevo.",
			EN: "Store the object's updated_at (as a number). If the one that arrives is earlier, change nothing and answer 2xx: UPDATE ... SET ..., updated_at = :new WHERE id = :id AND updated_at <= :new.",
		}
	}
	return lang.Text{}
}

// fixOverlooked is what mends that a change was not made, by what was done for it:
// whoever did nothing may have taken it for a duplicate.
func fixOverlooked(x *Effects) lang.Text {
	if x != nil && x.Plain > 0 && x.Count == 0 {
		return lang.Text{
			ES: "Deduplique por el id del evento (evn_...), no por el id del objeto, ni solo ni con una hora recortada a minutos o a días. Descarte por viejo solo lo que tiene un updated_at menor, comparado como número de segundos.",
			EN: "Deduplicate by event id (evn_...), not by the object's id, alone or with a time truncated to minutes or days. Drop as old only what has a smaller updated_at, compared as a number of seconds.",
		}
	}
	return lang.Text{
		ES: "Guarde y compare el updated_at del objeto como número (segundos Unix) o fecha con zona, no como texto, hora de 12 h ni día; aplique el cambio cuando no sea menor que el guardado, aunque el objeto ya exista.",
		EN: "Store and compare the object's updated_at as a number (Unix seconds) or a date with a time zone, not as text, a 12-hour time or a day; apply the change when it is not smaller than the stored one, even if the object already exists.",
	}
}

func fixVanished(members string) lang.Text {
	return lang.Textf("Trátelo como a cualquier otro: con este valor de %s respondió 2xx y no hizo nada, y Kometia no lo repite. Si no puede procesarlo, responda 503. Si es a propósito, dígalo en `intended:`.",
		"Treat it like any other: with this value of %s it answered 2xx and did nothing, and Kometia does not retry it. If you cannot process it, answer 503. If this is on purpose, say so under `intended:`.", members)
}

func fixAltered(field string) lang.Text {
	return lang.Textf("Guarde %s tal como lo dice el evento: revise el tipo y el largo de la columna, los redondeos y lo que se escapa o se recorta al guardar.",
		"Store %s exactly as the event says it: check the column's type and length, rounding, and what gets escaped or trimmed when storing it.", field)
}
