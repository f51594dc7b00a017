package oracle

import (
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// All lists all oracles: MUST, then SHOULD, then INFO.
func All() []Oracle {
	two := func(es, en string) lang.Text { return lang.Text{ES: es, EN: en} }
	return []Oracle{
		{
			Name: ValidAccepted, Level: verdict.Must, Default: true,
			Requirement: two("Un evento que cumple el esquema y que una tienda puede producir se responde con 2xx.", "An event that keeps to the schema and that a shop can bring about is answered with 2xx."),
			Explanation: Explanation{
				Title:    two("Acepta todo evento válido y verosímil", "Accepts every valid and plausible event"),
				Fault:    two("Rechaza un evento válido y verosímil", "Refuses a valid and plausible event"),
				Why:      two("Kometia lo repite dos días y luego lo da por perdido: ese pedido nunca llega.", "Kometia repeats it for two days and then gives it up: that order never arrives."),
				Fix:      two("Acepte el valor que se muestra; si no puede usarlo, guarde el evento y responda 2xx.", "Take the value that is shown; if you have no use for it, store the event and answer 2xx."),
				Expected: two("2xx", "2xx"),
			},
		},
		{
			Name: NoHang, Level: verdict.Must, Default: true,
			Requirement: two("El tiempo de respuesta no depende de lo que dice el evento.", "How long a response takes does not depend on what the event says."),
			Explanation: Explanation{
				Title:    two("Responde a tiempo sea cual sea el contenido", "Answers in time whatever the content"),
				Fault:    two("Se queda sin responder por lo que dice un evento", "Hangs on what an event says"),
				Why:      two("Un solo evento así ocupa un proceso; algunos más, y los demás eventos ya no se atienden.", "One such event keeps a process busy; a few of them, and no other event is served."),
				Fix:      two("Revise expresiones regulares y bucles sobre ese campo; responda antes de trabajar.", "Look at regular expressions and loops over that field; answer before you work."),
				Expected: two("una respuesta a tiempo", "a response in time"),
			},
		},
		{
			Name: StillAlive, Level: verdict.Must, Default: true,
			Requirement: two("Después de cualquier entrega, un evento normal se responde con 2xx.", "After any delivery, a normal event is answered with 2xx."),
			Explanation: Explanation{
				Title:    two("Sigue atendiendo después de cualquier cuerpo", "Goes on serving after any body"),
				Fault:    two("Deja de atender después de un cuerpo", "Stops serving after a body"),
				Why:      two("Quien conozca la URL puede apagar su integración con una sola petición.", "Whoever knows the URL can switch your integration off with one request."),
				Fix:      two("Atrape los errores de cada petición; que ninguna deje estado que afecte a la siguiente.", "Catch the errors of each request; let none leave state behind that affects the next."),
				Expected: two("2xx a un evento normal", "2xx to a normal event"),
			},
		},
		{
			Name: EffectsOnce, Level: verdict.Must, Default: true, Observed: true,
			Requirement: two("Un evento aceptado tiene los efectos de una entrega limpia: ni menos ni más.", "An event that was accepted has the effects of a clean delivery: no fewer and no more."),
			Explanation: Explanation{
				Title:    two("Hace su trabajo una vez por evento, diga lo que diga", "Does its work once per event, whatever it says"),
				Fault:    two("No hace su trabajo exactamente una vez por lo que dice un evento", "Does not do its work exactly once because of what an event says"),
				Why:      two("Se respondió 2xx, así que Kometia no lo repite: lo que no se hizo se perdió.", "It was answered with 2xx, so Kometia does not repeat it: what was not done is lost."),
				Fix:      two("Responda 2xx solo después de guardar; identifique los eventos por su id y no por su contenido.", "Answer 2xx only once it is stored; identify events by their id and not by their content."),
				Expected: two("los efectos de una entrega limpia", "the effects of a clean delivery"),
			},
		},
		{
			Name: StateConverges, Level: verdict.Must, Default: true, Observed: true,
			Requirement: two("Lo que el receptor sabe del objeto es lo que dice el evento más nuevo.", "What the receiver knows of the object is what the newest event says."),
			Explanation: Explanation{
				Title:    two("Guarda lo que el evento dice", "Stores what the event says"),
				Fault:    two("Guarda algo distinto de lo que dice el evento", "Keeps something other than what the event says"),
				Why:      two("Un total redondeado o un nombre cortado no se nota hasta que alguien paga o recibe de menos.", "A rounded total or a cut name goes unnoticed until somebody pays or gets less."),
				Fix:      two("Guarde los importes como enteros en centavos y los textos en columnas Unicode sin límite corto.", "Store amounts as whole cents and texts in Unicode columns without a short limit."), //nolint:misspell // Spanish
				Expected: two("los valores del evento", "the event's values"),
			},
		},
		{
			Name: NothingFromBroken, Level: verdict.Must, Default: true, Observed: true,
			Requirement: two("Un cuerpo cortado no tiene ningún efecto.", "A body that was cut off has no effect."),
			Explanation: Explanation{
				Title:    two("No actúa con lo que no llegó entero", "Does not act on what did not arrive whole"),
				Fault:    two("Actúa con un cuerpo que no llegó entero", "Acts on a body that did not arrive whole"),
				Why:      two("El reintento trae el evento entero y el trabajo se hace dos veces, una con datos a medias.", "The retry brings the whole event and the work is done twice, once on half the data."),
				Fix:      two("Lea el JSON completo antes de hacer nada con él.", "Read the whole JSON before doing anything with it."),
				Expected: two("ningún efecto", "no effect"),
			},
		},
		{
			Name: NoServerError, Level: verdict.Should, Default: true,
			Requirement: two("Lo que no es un evento válido se rechaza con 4xx o se acepta; nunca 5xx ni conexión cerrada.", "What is no valid event is refused with 4xx or accepted; never 5xx or a closed connection."),
			Explanation: Explanation{
				Title:    two("No falla con un cuerpo malo", "Does not break on bad input"),
				Fault:    two("Se rompe con un cuerpo malo", "Breaks on bad input"),
				Why:      two("Un 5xx es una excepción sin atrapar: llena registros y alarmas, y a veces deja algo a medias.", "A 5xx is an exception that nobody caught: it fills logs and alarms and may leave something half done."),
				Fix:      two("Valide el cuerpo antes de usarlo y responda 400 o 422.", "Validate the body before using it and answer 400 or 422."),
				Expected: two("4xx o 2xx", "4xx or 2xx"),
			},
		},
		{
			Name: SameMeaning, Level: verdict.Should, Default: true,
			Requirement: two("Espacios, orden de los campos y formas de escape no cambian la respuesta.", "Spaces, the order of fields and ways of escaping do not change the response."),
			Explanation: Explanation{
				Title:    two("Trata igual el mismo evento escrito de otra forma", "Treats the same event alike, however it is written"),
				Fault:    two("Trata distinto el mismo evento escrito de otra forma", "Treats the same event differently when it is written another way"),
				Why:      two("El día que la plataforma cambie de biblioteca JSON, la integración deja de funcionar.", "The day the platform changes its JSON library, the integration stops working."),
				Fix:      two("Lea el cuerpo con un analizador JSON; no busque textos en él.", "Read the body with a JSON parser; do not search it for text."),
				Expected: two("la misma respuesta", "the same response"),
			},
		},
		{
			Name: NoLeak, Level: verdict.Should, Default: true,
			Requirement: two("Ninguna respuesta muestra trazas, rutas, consultas ni secretos.", "No response shows stack traces, paths, queries or secrets."), //nolint:misspell // Spanish
			Explanation: Explanation{
				Title:    two("No revela nada en sus respuestas", "Gives nothing away in its responses"),
				Fault:    two("Revela datos internos en sus respuestas", "Gives internals away in its responses"),
				Why:      two("Quien ataca aprende de ahí qué hay detrás.", "An attacker learns from it what is behind."),
				Fix:      two("Apague el modo de depuración en producción y devuelva un error sin detalles.", "Turn debug mode off in production and return an error without details."),
				Expected: two("una respuesta sin detalles internos", "a response without internals"),
			},
		},
		{
			Name: BadRejected, Level: verdict.Informative,
			Requirement: two("Un cuerpo que no cumple el esquema se responde con 4xx.", "A body that breaks the schema is answered with 4xx."),
			Explanation: Explanation{
				Title:    two("Rechaza lo que no es un evento", "Refuses what is no event"),
				Fault:    two("Acepta lo que no es un evento", "Accepts what is no event"),
				Why:      two("No es un defecto guardar primero y revisar después; aquí se ve qué se acepta.", "It is no fault to store first and look later; this shows what is accepted."),
				Fix:      two("Si quiere rechazarlo, valide antes de responder.", "If you want it refused, validate before you answer."),
				Expected: two("4xx", "4xx"),
			},
		},
	}
}
