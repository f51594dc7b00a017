package view

import "github.com/kometia-sim/kometia-sim/simulator/wire"

// SendWords are said of a send.
type SendWords struct {
	Order, Test, Received, NotReceived, Only2xx, NoRedirects, NoAnswerIn, AtAttempt, Expired, GaveUp, SameDiagnosis string
	Acked2xxBut, WouldRetry, WouldRetryEvery, SendAgain, SendHours                                                  string
	Attempts, SendDelivered, SendFailed                                                                             Counted
	Notes                                                                                                           map[wire.Note]string // what was odd about an answer
}

func sendWords(t speak) SendWords {
	return SendWords{
		Order:           t("pedido %s", "order %s"),
		Test:            t("(prueba)", "(test)"),
		Received:        t("RECIBIDO", "RECEIVED"),
		NotReceived:     t("NO RECIBIDO", "NOT RECEIVED"),
		Only2xx:         t("Kometia solo acepta 2xx", "Kometia accepts 2xx only"),
		NoRedirects:     t("Kometia no sigue redirecciones", "Kometia follows no redirects"),
		NoAnswerIn:      t("sin respuesta en %s", "no answer in %s"),
		AtAttempt:       t("al intento %d", "at attempt %d"),
		Expired:         t("Kometia lo marcaría como no exitoso a las %s", "Kometia would mark it as failed after %s"),
		GaveUp:          t("se dejó de intentar", "given up"),
		SameDiagnosis:   t("Misma causa: %s", "Same cause: %s"),
		Attempts:        Counted{t("%d intento", "%d attempt"), t("%d intentos", "%d attempts")},
		Acked2xxBut:     t("Aviso", "Warning"),
		WouldRetry:      t("Kometia lo repetiría cada hora por 2 días y luego lo marcaría como no exitoso.", "Kometia would retry every hour for 2 days and then mark it as failed."),
		WouldRetryEvery: t("Kometia lo repetiría cada %s durante %s y luego lo marcaría como no exitoso.", "Kometia would retry every %s for %s and then mark it as failed."),
		SendAgain:       t("Mismo evento otra vez:", "Same event again:"),
		SendHours:       t("Ver las 48 horas:", "See the 48 hours:"),
		SendDelivered:   Counted{t("%d recibido", "%d received"), t("%d recibidos", "%d received")},
		SendFailed:      Counted{t("%d no recibido", "%d not received"), t("%d no recibidos", "%d not received")},

		Notes: map[wire.Note]string{
			wire.NoteBodyCut:        t("el cuerpo de la respuesta llegó cortado", "the answer's body was cut short"),
			wire.NoteBodyEndless:    t("el cuerpo de la respuesta pasa de 1 MiB; se dejó de leer", "the answer's body is over 1 MiB; the rest was not read"),
			wire.NoteBodySlow:       t("el cuerpo de la respuesta no terminó a tiempo", "the answer's body did not end in time"),
			wire.NoteBodyMalformed:  t("el largo del cuerpo de la respuesta está mal dicho (Content-Length o chunked)", "the length of the answer's body is badly told (Content-Length or chunked)"),
			wire.NoteHeaderTooLarge: t("la cabecera de la respuesta es demasiado grande", "the answer's header is too large"),
			wire.NoteHeaderCut:      t("la cabecera de la respuesta llegó cortada", "the answer's header was cut short"),
			wire.NoteHeaderBad:      t("una línea de la cabecera de la respuesta no es válida", "a line of the answer's header is malformed"),
			wire.NoteHeaderSlow:     t("la cabecera de la respuesta no terminó a tiempo", "the answer's header did not end in time"),
			wire.NoteStatusLine:     t("la línea de estado nombra un protocolo que no todos los clientes aceptan", "the status line names a protocol that not every client takes"),
			wire.NoteEarly:          t("contestó antes de recibir todo el cuerpo", "answered before it had the whole body"),
			wire.NoteBodyExtra:      t("hay bytes después del final de la respuesta", "there are bytes after the answer's end"),
			wire.NoteContinued:      t("pidió el cuerpo con 100 Continue", "asked for the body with 100 Continue"),
			wire.NoteUnanswered:     t("no contestó a Expect: 100-continue, y el cuerpo se mandó sin esperar más", "did not answer Expect: 100-continue, and the body was sent without waiting longer"),
			wire.NoteRefused:        t("rechazó Expect con 417, y se mandó otra vez sin él", "refused Expect with 417, and it was sent again without it"),
		},
	}
}

func (w *Words) note(n wire.Note) string {
	if said, ok := w.Notes[n]; ok {
		return said
	}
	return Safe(string(n))
}
