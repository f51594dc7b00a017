package oracle

import "github.com/kometia-sim/kometia-sim/schemas/lang"

// explanations explain a history that fails, by oracle and code; a failure of
// another code is explained as its oracle is. See names a check of the catalogue
// that asks the same in a fixed way.
func explanations() map[string]struct {
	Explanation
	see string
} {
	two := func(es, en string) lang.Text { return lang.Text{ES: es, EN: en} }
	type explained = struct {
		Explanation
		see string
	}
	return map[string]explained{
		EffectsOnce + " doubled": {Explanation{
			Title:    two("Hace su trabajo una sola vez aunque el evento llegue de nuevo", "Does its work once even when an event comes again"),
			Fault:    two("Hace su trabajo otra vez cuando el evento llega de nuevo", "Does its work again when an event comes again"),
			Why:      two("Basta con que se pierda una respuesta: el cliente recibe dos envíos o dos correos.", "One lost response is enough: the customer gets two parcels or two mails."),
			Fix:      two("Índice único sobre el id del evento; guárdelo en la misma transacción que el trabajo, y si ya está, responda 2xx sin repetirlo.", "A unique index on the event's id; store it in the same transaction as the work, and when it is there, answer 2xx and do nothing."),
			Expected: two("los efectos de una entrega limpia", "the effects of a clean delivery"),
		}, "KOM-RTY-003"},
		EffectsOnce + " lost": {Explanation{
			Title:    two("No pierde ningún evento que dio por recibido", "Loses no event that it acknowledged"),
			Fault:    two("Pierde un evento que dio por recibido", "Loses an event that it acknowledged"),
			Why:      two("Se respondió 2xx, así que Kometia no lo repite: ese pedido no se surte nunca.", "It was answered with 2xx, so Kometia does not repeat it: that order is never shipped."),
			Fix:      two("Marque el evento como procesado en la misma transacción que el trabajo, no antes; distinga los eventos por su id y no por su contenido ni por el id del objeto.", "Mark the event as processed in the same transaction as the work, not before; identify events by their id and not by content or object."),
			Expected: two("los efectos de una entrega limpia", "the effects of a clean delivery"),
		}, "KOM-DUP-004"},
		EffectsOnce + " fewer": {Explanation{
			Title:    two("Hace todo lo que dio por recibido", "Does all of what it acknowledged"),
			Fault:    two("Hace solo una parte de lo que dio por recibido", "Does only a part of what it acknowledged"),
			Why:      two("Se respondió 2xx, así que Kometia no lo repite: una parte del trabajo no se hace nunca.", "It was answered with 2xx, so Kometia does not repeat it: a part of the work is never done."),
			Fix:      two("Haga todo el trabajo de un evento en una misma transacción, y márquelo como procesado en ella.", "Do all work of an event in one transaction, and mark it as processed in the same."),
			Expected: two("los efectos de una entrega limpia", "the effects of a clean delivery"),
		}, "KOM-RTY-001"},
		StateConverges + " stale": {Explanation{
			Title:    two("Se queda con lo más nuevo, lleguen los eventos como lleguen", "Keeps what is newest, in whatever order events come"),
			Fault:    two("Retrocede a datos más viejos por el orden en que llegan los eventos", "Goes back to older data because of the order in which events arrive"),
			Why:      two("Un reintento que llega tarde deshace un cambio: vuelve el precio de ayer o un pedido pagado queda pendiente.", "A retry that comes late undoes a change: yesterday's price is back, or a paid order is pending."),
			Fix:      two("Compare updated_at del objeto (o created_at del evento) con lo guardado y no aplique lo que sea más viejo; aplique todo lo más nuevo.", "Compare the object's updated_at (or the event's created_at) with what is stored and do not apply what is older; apply all that is newer."),
			Expected: two("los valores del evento más nuevo", "the newest event's values"),
		}, "KOM-ORD-002"},
		StateConverges + " altered": {Explanation{
			Title:    two("Guarda lo que dice el evento más nuevo, lleguen los eventos como lleguen", "Keeps what the newest event says, however events come"),
			Fault:    two("No guarda lo que dice el evento más nuevo", "Does not keep what the newest event says"),
			Why:      two("Entregado a tiempo y en orden se guarda bien; así queda vacío o a medias, y nadie lo corrige después.", "Delivered in time and in order it is kept rightly; like this it stays empty or half done, and nobody fixes it later."),
			Fix:      two("Inserte o actualice (upsert) con cada evento, también cuando el objeto no existe aún o ya lo creó otro evento; compare fechas como números.", "Insert or update (upsert) with each event, also when the object does not exist yet or another event has made it; compare dates as numbers."),
			Expected: two("los valores del evento más nuevo", "the newest event's values"),
		}, "KOM-ORD-002"},
		StateConverges + " revived": {Explanation{
			Title:    two("Lo borrado queda borrado", "What was deleted stays deleted"),
			Fault:    two("Hace reaparecer lo borrado", "Brings back what was deleted"),
			Why:      two("Un evento que llega tarde hace reaparecer un producto que ya no existe, y se vende.", "An event that comes late brings back a product that is no more, and it is sold."),
			Fix:      two("Guarde que el objeto se borró y cuándo; no lo vuelva a crear con un evento anterior.", "Store that the object was deleted and when; do not create it again from an earlier event."),
			Expected: two("nada del objeto", "nothing of the object"),
		}, "KOM-ORD-002"},
		StillAlive + " " + Undone: {Explanation{
			Title:    two("Sigue trabajando después de cualquier evento", "Goes on working after any event"),
			Fault:    two("Responde 2xx y deja de trabajar", "Answers 2xx and works no more"),
			Why:      two("Kometia no repite lo que se respondió con 2xx: todo lo que llega detrás de ese evento se queda sin hacer, y nadie lo nota.", "Kometia does not repeat what was answered with 2xx: all that comes behind that event stays undone, and nobody notices."),
			Fix:      two("Limite los intentos de un trabajo que falla y apártelo, para que los de detrás sigan; vea dónde se quedó la cola.", "Limit how often a job that fails is tried and set it aside, so that those behind go on; look where the queue is stuck."),
			Expected: two("el trabajo de un evento normal", "the work of a normal event"),
		}, ""},
		NothingFromBroken + " acted": {Explanation{
			Title:    two("No actúa con un cuerpo que se cortó", "Does not act on a body that was cut off"),
			Fault:    two("Actúa con un cuerpo que se cortó", "Acts on a body that was cut off"),
			Why:      two("El reintento trae el evento entero y el trabajo se hace dos veces, una con datos a medias.", "The retry brings the whole event and the work is done twice, once on half the data."),
			Fix:      two("Compare lo leído con Content-Length y lea el JSON completo antes de hacer nada con él.", "Hold what was read against Content-Length and read the whole JSON before doing anything with it."),
			Expected: two("ningún efecto", "no effect"),
		}, "KOM-RTY-005"},
		ValidAccepted: {Explanation{
			Title:    two("Acepta todo evento al fin, llegue como llegue", "Accepts every event in the end, however it comes"),
			Fault:    two("Rechaza un evento por cómo llega", "Refuses an event because of how it arrives"),
			Why:      two("Kometia lo repite dos días y luego lo da por perdido, aunque lo único raro fue que llegó tarde, dos veces o en otro orden.", "Kometia repeats it for two days and then gives it up, though all that was odd is that it came late, twice or in another order."),
			Fix:      two("Responda 2xx a lo que ya procesó y a lo que llega tarde; rechace solo lo que espera que se repita y pueda aceptar después.", "Answer 2xx to what was processed already and to what comes late; refuse only what you want repeated and can accept later."), //nolint:misspell // Spanish
			Expected: two("2xx dentro de 48 horas", "2xx within 48 hours"),
		}, "KOM-RTY-002"},
		NoHang: {Explanation{
			Title:    two("Responde a tiempo, llegue el evento como llegue", "Answers in time, however an event comes"),
			Fault:    two("Se queda sin responder por cómo llega un evento", "Hangs because of how an event arrives"),
			Why:      two("Un candado que nadie suelta deja sin atender ese evento, y a veces todos.", "A lock that nobody lets go leaves that event without a response, and sometimes all of them."),
			Fix:      two("Suelte candados y transacciones también cuando quien envía cierra la conexión o llegan dos copias a la vez; ponga límite a toda espera.", "Let go of locks and transactions also when the sender closes the connection or two copies come at once; put a limit on every wait."),
			Expected: two("una respuesta a tiempo", "a response in time"),
		}, "KOM-DUP-003"},
	}
}

// Explain is what is said of a history that fails an oracle with a code, and the
// check of the catalogue that asks the same; nil where nothing more is said than of
// the oracle.
func Explain(name, code string) (text *Explanation, see string) {
	all := explanations()
	found, known := all[name+" "+code]
	if !known {
		found, known = all[name]
	}
	if !known {
		return nil, ""
	}
	return &found.Explanation, found.see
}
