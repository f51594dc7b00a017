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
			Requirement: two("Un evento que cumple el esquema y que una tienda puede producir se responde con 2xx.", "An event that matches the schema and that a real shop can produce gets a 2xx."),
			Explanation: Explanation{
				Title:    two("Acepta todo evento válido y verosímil", "Accepts every valid, plausible event"),
				Fault:    two("Rechaza un evento válido y verosímil", "Rejects a valid, plausible event"),
				Why:      two("Kometia lo repite dos días y luego lo da por perdido: ese pedido nunca llega.", "Kometia retries it for two days and then gives up: that order never arrives."),
				Fix:      two("Acepte lo que dice el evento; si no le sirve, guárdelo y responda 2xx.", "Accept what the event says; if you have no use for it, store it and answer 2xx."),
				Expected: two("2xx", "2xx"),
			},
		},
		{
			Name: NoHang, Level: verdict.Must, Default: true,
			Requirement: two("El tiempo de respuesta no depende del contenido del evento.", "Response time does not depend on the content of the event."),
			Explanation: Explanation{
				Title:    two("Responde a tiempo sea cual sea el contenido", "Answers in time, whatever the content"),
				Fault:    two("El contenido de un evento lo deja sin responder", "Hangs on the content of an event"),
				Why:      two("Un solo evento así ocupa un proceso; con unos cuantos ya no se atiende ningún otro.", "One such event ties up a worker; a few of them and no other event gets through."),
				Fix:      two("Revise las expresiones regulares y los ciclos que usan ese campo; responda antes de procesar.", "Check the regular expressions and loops that use that field; answer before you process."),
				Expected: two("una respuesta a tiempo", "a response in time"),
			},
		},
		{
			Name: StillAlive, Level: verdict.Must, Default: true,
			Requirement: two("Después de cualquier entrega, un evento normal sigue recibiendo un 2xx.", "After any delivery, a normal event still gets a 2xx."),
			Explanation: Explanation{
				Title:    two("Sigue atendiendo, reciba lo que reciba", "Keeps serving, whatever it is sent"),
				Fault:    two("Deja de atender después de cierta petición", "Stops serving after a certain request"),
				Why:      two("Cualquiera que conozca la URL puede tirar su integración con una sola petición.", "Anyone who knows the URL can take your integration down with one request."),
				Fix:      two("Atrape los errores de cada petición, y que ninguna deje algo que afecte a la siguiente.", "Catch errors per request, and let no request leave state behind that affects the next."),
				Expected: two("2xx a un evento normal", "2xx to a normal event"),
			},
		},
		{
			Name: EffectsOnce, Level: verdict.Must, Default: true, Observed: true,
			Requirement: two("Un evento aceptado tiene los efectos de una entrega normal: ni más ni menos.", "An accepted event has the effects of a normal delivery: no more and no fewer."),
			Explanation: Explanation{
				Title:    two("Actúa una sola vez por evento, sea cual sea el contenido", "Acts exactly once per event, whatever the content"),
				Fault:    two("Con cierto contenido no actúa exactamente una vez", "Does not act exactly once on certain content"),
				Why:      two("Respondió 2xx, así que Kometia no lo repite: lo que no se hizo se pierde.", "You answered 2xx, so Kometia does not retry: whatever was not done is lost."),
				Fix:      two("Responda 2xx solo después de guardar; identifique los eventos por su id y no por su contenido.", "Answer 2xx only after storing it; identify events by id, not by content."),
				Expected: two("los efectos de una entrega normal", "the effects of a normal delivery"),
			},
		},
		{
			Name: StateConverges, Level: verdict.Must, Default: true, Observed: true,
			Requirement: two("Lo que el receptor guarda del objeto es lo que dice el evento más reciente.", "What the receiver stores about the object is what the newest event says."),
			Explanation: Explanation{
				Title:    two("Guarda lo que dice el evento", "Stores what the event says"),
				Fault:    two("Guarda algo distinto de lo que dice el evento", "Stores something other than what the event says"),
				Why:      two("Un total redondeado o un nombre cortado no se nota hasta que alguien paga de más o recibe de menos.", "A rounded total or a truncated name goes unnoticed until somebody overpays or gets less than they ordered."),
				Fix:      two("Guarde los importes como enteros en centavos y los textos en columnas Unicode sin límite corto.", "Store amounts as integer cents, and text in Unicode columns without a short limit."), //nolint:misspell // Spanish
				Expected: two("los valores del evento", "the event's values"),
			},
		},
		{
			Name: NothingFromBroken, Level: verdict.Must, Default: true, Observed: true,
			Requirement: two("Un cuerpo incompleto no tiene ningún efecto.", "A truncated body has no effect."),
			Explanation: Explanation{
				Title:    two("No actúa con un cuerpo incompleto", "Does not act on a truncated body"),
				Fault:    two("Actúa con un cuerpo incompleto", "Acts on a truncated body"),
				Why:      two("El reintento trae el evento entero y el trabajo se hace dos veces, una con datos a medias.", "The retry brings the whole event, so the work is done twice, once with half the data."),
				Fix:      two("Lea el JSON completo antes de hacer nada con él.", "Parse the whole JSON before doing anything with it."),
				Expected: two("ningún efecto", "no effect"),
			},
		},
		{
			Name: NoServerError, Level: verdict.Should, Default: true,
			Requirement: two("Lo que no es un evento válido se rechaza con 4xx o se acepta; nunca 5xx ni conexión cerrada.", "Anything that is not a valid event is rejected with 4xx or accepted; never a 5xx or a closed connection."),
			Explanation: Explanation{
				Title:    two("Tolera un cuerpo inválido", "Tolerates an invalid body"),
				Fault:    two("Se rompe con un cuerpo inválido", "Breaks on an invalid body"),
				Why:      two("Un 5xx es una excepción que nadie atrapó: llena el registro, dispara alarmas y a veces deja algo a medias.", "A 5xx is an uncaught exception: it fills the log, sets off alarms and may leave something half done."),
				Fix:      two("Valide el cuerpo antes de usarlo y responda 400 o 422.", "Validate the body before using it and answer 400 or 422."),
				Expected: two("4xx o 2xx", "4xx or 2xx"),
			},
		},
		{
			Name: SameMeaning, Level: verdict.Should, Default: true,
			Requirement: two("Los espacios, el orden de los campos y la forma de escapar caracteres no cambian la respuesta.", "Whitespace, field order and escaping do not change the response."),
			Explanation: Explanation{
				Title:    two("Trata igual el mismo evento escrito de otra forma", "Treats the same event the same way, however it is written"),
				Fault:    two("Trata distinto el mismo evento escrito de otra forma", "Treats the same event differently when it is written another way"),
				Why:      two("El día que la plataforma cambie de biblioteca de JSON, la integración deja de funcionar.", "The day the platform changes its JSON library, the integration stops working."),
				Fix:      two("Lea el cuerpo con una biblioteca de JSON; no busque texto en él.", "Use a JSON parser; do not search the body for text."),
				Expected: two("la misma respuesta", "the same response"),
			},
		},
		{
			Name: NoLeak, Level: verdict.Should, Default: true,
			Requirement: two("Ninguna respuesta muestra trazas, rutas, consultas ni secretos.", "No response shows stack traces, paths, queries or secrets."), //nolint:misspell // Spanish
			Explanation: Explanation{
				Title:    two("No revela datos internos en sus respuestas", "Reveals no internals in its responses"),
				Fault:    two("Revela datos internos en sus respuestas", "Reveals internals in its responses"),
				Why:      two("Le muestra a un atacante qué hay detrás.", "It shows an attacker what is behind it."),
				Fix:      two("Apague el modo de depuración en producción y responda con un error sin detalles.", "Turn off debug mode in production and return an error without details."),
				Expected: two("una respuesta sin detalles internos", "a response without internals"),
			},
		},
		{
			Name: BadRejected, Level: verdict.Informative,
			Requirement: two("Un cuerpo que no cumple el esquema se responde con 4xx.", "A body that violates the schema gets a 4xx."),
			Explanation: Explanation{
				Title:    two("Rechaza lo que no es un evento", "Rejects what is not an event"),
				Fault:    two("Acepta lo que no es un evento", "Accepts what is not an event"),
				Why:      two("No es un defecto guardar primero y revisar después; aquí se ve qué se acepta.", "Storing first and checking later is not a fault; this shows what is accepted."),
				Fix:      two("Si quiere rechazarlo, valide antes de responder.", "If you want to reject it, validate before you answer."),
				Expected: two("4xx", "4xx"),
			},
		},
	}
}
