package model

import "github.com/kometia-sim/kometia-sim/schemas/lang"

// Fault says in one line what a receiver does that breaks an invariant so, in the
// third person: the title of a red result.
func Fault(b Breach) lang.Text {
	return map[Breach]lang.Text{
		Lost:       {ES: "Acepta un evento y no actúa", EN: "Accepts an event but does not act on it"},
		Ignored:    {ES: "Ignora un evento porque está escrito de otra forma", EN: "Ignores an event because it is written differently"},
		Vanished:   {ES: "Acepta un evento y lo ignora por su contenido", EN: "Accepts an event but ignores it because of its content"},
		Fewer:      {ES: "Hace menos que con un evento normal", EN: "Does less than for a normal event"},
		Doubled:    {ES: "Actúa dos veces con el mismo evento", EN: "Acts twice on the same event"},
		Acted:      {ES: "Actúa con un evento que nunca llegó completo", EN: "Acts on an event that never arrived whole"},
		Stale:      {ES: "Regresa a datos más viejos", EN: "Goes back to older data"},
		Overlooked: {ES: "No aplica un cambio que llegó en orden", EN: "Does not apply a change that arrived in order"},
		Altered:    {ES: "Guarda algo distinto de lo que dice el evento", EN: "Stores something other than what the event says"},
		Restyled:   {ES: "Cambia las mayúsculas o los espacios de lo que dice el evento", EN: "Changes the letter case or whitespace of what the event says"},
	}[b]
}

// Why says what such a breach costs.
func Why(b Breach) lang.Text {
	switch b {
	case Doubled, Acted:
		return lang.Text{ES: "Cobros, correos o envíos dobles.", EN: "Double charges, emails or shipments."}
	case Stale, Overlooked, Altered, Restyled:
		return lang.Text{ES: "Lo que usted guarda ya no es lo que dice la tienda, y nadie lo nota.", EN: "What you store is no longer what the shop says, and nobody notices."}
	}
	return lang.Text{ES: "Kometia recibió un 2xx y no lo repite: lo que no se hizo se pierde.", EN: "Kometia got a 2xx and does not retry: whatever was not done is lost."}
}

// Expected says what there would have been without the breach.
func Expected(b Breach) lang.Text {
	switch b {
	case Acted:
		return lang.Text{ES: "ningún efecto", EN: "no effect"}
	case Stale, Overlooked, Altered, Restyled:
		return lang.Text{ES: "lo que dice el evento más nuevo", EN: "what the newest event says"}
	}
	return lang.Text{ES: "los efectos de una sola entrega normal", EN: "the effects of a single normal delivery"}
}
