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
			Title:    two("Actúa una sola vez aunque el evento se repita", "Acts once even when an event is repeated"),
			Fault:    two("Actúa de nuevo cuando el evento se repite", "Acts again when an event is repeated"),
			Why:      two("Basta con que se pierda una respuesta: el cliente recibe dos envíos o dos correos.", "One lost response is enough: the customer gets two shipments or two emails."),
			Fix:      two("Índice único en el id del evento; guárdelo en la misma transacción que el trabajo y, si ya está, responda 2xx sin repetirlo.", "Put a unique index on the event id; store it in the same transaction as the work and, if it is already there, answer 2xx and do nothing."),
			Expected: two("los efectos de una entrega normal", "the effects of a normal delivery"),
		}, "KOM-RTY-003"},
		EffectsOnce + " lost": {Explanation{
			Title:    two("No pierde ningún evento que aceptó", "Loses no event it acknowledged"),
			Fault:    two("Pierde un evento que aceptó", "Loses an event it acknowledged"),
			Why:      two("Respondió 2xx, así que Kometia no lo repite: ese pedido nunca se surte.", "You answered 2xx, so Kometia does not retry: that order never ships."),
			Fix:      two("Marque el evento como procesado en la misma transacción que el trabajo, no antes; distinga los eventos por su id y no por su contenido ni por el id del objeto.", "Mark the event as processed in the same transaction as the work, not before; identify events by their id, not by content or by the object's id."),
			Expected: two("los efectos de una entrega normal", "the effects of a normal delivery"),
		}, "KOM-DUP-004"},
		EffectsOnce + " fewer": {Explanation{
			Title:    two("Hace todo lo que aceptó", "Does everything it acknowledged"),
			Fault:    two("Hace solo una parte de lo que aceptó", "Does only part of what it acknowledged"),
			Why:      two("Respondió 2xx, así que Kometia no lo repite: una parte del trabajo nunca se hace.", "You answered 2xx, so Kometia does not retry: part of the work is never done."),
			Fix:      two("Haga todo el trabajo de un evento en una sola transacción, y márquelo como procesado en esa misma.", "Do all of an event's work in one transaction, and mark the event as processed in that same one."),
			Expected: two("los efectos de una entrega normal", "the effects of a normal delivery"),
		}, "KOM-RTY-001"},
		StateConverges + " stale": {Explanation{
			Title:    two("Conserva lo más reciente, en cualquier orden de llegada", "Keeps the newest data, whatever order events arrive in"),
			Fault:    two("Regresa a datos viejos por el orden en que llegan los eventos", "Goes back to older data because of the order events arrive in"),
			Why:      two("Un reintento que llega tarde deshace un cambio: regresa el precio de ayer, o un pedido pagado queda pendiente.", "A late retry undoes a change: yesterday's price is back, or a paid order is pending again."),
			Fix:      two("Compare el updated_at del objeto (o el created_at del evento) con lo que tiene guardado: ignore lo más viejo y aplique lo más reciente.", "Compare the object's updated_at (or the event's created_at) with what you have stored: ignore what is older, apply what is newer."),
			Expected: two("los valores del evento más reciente", "the newest event's values"),
		}, "KOM-ORD-002"},
		StateConverges + " altered": {Explanation{
			Title:    two("Guarda lo que dice el evento más reciente, lleguen como lleguen", "Stores what the newest event says, however events arrive"),
			Fault:    two("No guarda lo que dice el evento más reciente", "Does not store what the newest event says"),
			Why:      two("A tiempo y en orden se guarda bien; así queda vacío o a medias, y nada lo corrige después.", "Delivered on time and in order it is stored correctly; like this it stays empty or half done, and nothing corrects it later."),
			Fix:      two("Inserte o actualice (upsert) con cada evento, aunque el objeto todavía no exista o ya lo haya creado otro evento; compare las fechas como números.", "Insert or update (upsert) on every event, even when the object does not exist yet or another event already created it; compare dates as numbers."),
			Expected: two("los valores del evento más reciente", "the newest event's values"),
		}, "KOM-ORD-002"},
		StateConverges + " revived": {Explanation{
			Title:    two("Lo borrado queda borrado", "What was deleted stays deleted"),
			Fault:    two("Hace reaparecer lo borrado", "Brings back what was deleted"),
			Why:      two("Un evento que llega tarde revive un producto que ya no existe, y se vende.", "A late event brings back a product that no longer exists, and it gets sold."),
			Fix:      two("Guarde que el objeto se borró y cuándo; no lo vuelva a crear con un evento anterior.", "Store that the object was deleted, and when; do not recreate it from an earlier event."),
			Expected: two("nada del objeto", "nothing of the object"),
		}, "KOM-ORD-002"},
		StillAlive + " " + Undone: {Explanation{
			Title:    two("Sigue funcionando después de cualquier evento", "Keeps working after any event"),
			Fault:    two("Responde 2xx y deja de procesar", "Answers 2xx but stops processing"),
			Why:      two("Kometia no repite lo que recibió un 2xx: todo lo que llega después de ese evento se queda sin procesar, y nadie lo nota.", "Kometia does not retry what got a 2xx: everything after that event goes unprocessed, and nobody notices."),
			Fix:      two("Limite los intentos de un trabajo que falla y apártelo, para que los siguientes avancen; revise dónde se atoró la cola.", "Limit the retries of a failing job and set it aside so the ones behind it can run; look where the queue is stuck."),
			Expected: two("el trabajo de un evento normal", "the work of a normal event"),
		}, ""},
		NothingFromBroken + " acted": {Explanation{
			Title:    two("No actúa con un cuerpo incompleto", "Does not act on a truncated body"),
			Fault:    two("Actúa con un cuerpo incompleto", "Acts on a truncated body"),
			Why:      two("El reintento trae el evento entero y el trabajo se hace dos veces, una con datos a medias.", "The retry brings the whole event, so the work is done twice, once with half the data."),
			Fix:      two("Compare lo que leyó con Content-Length y lea el JSON completo antes de hacer nada con él.", "Check what you read against Content-Length, and parse the whole JSON before doing anything with it."),
			Expected: two("ningún efecto", "no effect"),
		}, "KOM-RTY-005"},
		ValidAccepted: {Explanation{
			Title:    two("Acaba por aceptar todo evento, llegue como llegue", "Ends up accepting every event, however it arrives"),
			Fault:    two("Rechaza un evento por cómo llega", "Rejects an event because of how it arrives"),
			Why:      two("Kometia lo repite dos días y luego lo da por perdido, aunque lo único raro fue que llegó tarde, repetido o en otro orden.", "Kometia retries it for two days and then gives up, although the only odd thing was that it arrived late, twice or out of order."),
			Fix:      two("Responda 2xx a lo que ya procesó y a lo que llega tarde; rechace solo lo que quiere que se repita y podrá aceptar después.", "Answer 2xx to what you have already processed and to what arrives late; reject only what you want retried and will be able to accept."), //nolint:misspell // Spanish
			Expected: two("2xx dentro de 48 horas", "2xx within 48 hours"),
		}, "KOM-RTY-002"},
		NoHang: {Explanation{
			Title:    two("Responde a tiempo, llegue el evento como llegue", "Answers in time, however an event arrives"),
			Fault:    two("No responde por cómo llega un evento", "Hangs because of how an event arrives"),
			Why:      two("Un candado que nadie libera deja sin atender ese evento, y a veces todos.", "A lock that is never released leaves that event without a response, and sometimes every event."),
			Fix:      two("Libere candados y transacciones también cuando quien envía cierra la conexión o llegan dos copias a la vez; ponga un límite a toda espera.", "Release locks and transactions even when the sender closes the connection or two copies arrive at once; put a time limit on every wait."),
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
