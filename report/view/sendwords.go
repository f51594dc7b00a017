package view

import "github.com/kometia-sim/kometia-sim/simulator/wire"

// SendWords are said of a send.
type SendWords struct {
	Order, Test, Received, NotReceived, Only2xx, NoRedirects, NoAnswerIn, AtAttempt, Expired, GaveUp, SameDiagnosis string
	Acked2xxBut, WouldRetry, WouldRetryEvery, SendAgain, SendHours, SameBytes                                       string
	Attempts, SendDelivered, SendFailed                                                                             Counted
}

func sendWords(t speak) SendWords {
	return SendWords{
		Order:           t("pedido %s", "order %s"),
		Test:            t("(prueba)", "(test)"),
		Received:        t("RECIBIDO", "RECEIVED"),
		NotReceived:     t("NO RECIBIDO", "NOT RECEIVED"),
		Only2xx:         t("Kometia solo acepta 2xx", "Kometia accepts 2xx only"),
		NoRedirects:     t("Kometia no sigue redirecciones", "Kometia follows no redirects"),
		NoAnswerIn:      t("sin respuesta en %s", "no response in %s"),
		AtAttempt:       t("al intento %d", "at attempt %d"),
		Expired:         t("Kometia lo marcaría como no exitoso a las %s", "Kometia would mark it as failed after %s"),
		GaveUp:          t("se dejó de intentar", "given up"),
		SameDiagnosis:   t("Misma causa: %s", "Same cause: %s"),
		Attempts:        Counted{t("%d intento", "%d attempt"), t("%d intentos", "%d attempts")},
		Acked2xxBut:     t("Aviso", "Warning"),
		WouldRetry:      t("Kometia lo repetiría cada hora por 2 días y luego lo marcaría como no exitoso.", "Kometia would retry every hour for 2 days and then mark it as failed."),
		WouldRetryEvery: t("Kometia lo repetiría cada %s durante %s y luego lo marcaría como no exitoso.", "Kometia would retry every %s for %s and then mark it as failed."),
		SendAgain:       t("Mismo evento otra vez:", "Same event again:"),
		SameBytes:       t("(con ellos, los mismos bytes)", "(with them, the same bytes)"),
		SendHours:       t("Ver las 48 horas:", "See the 48 hours:"),
		SendDelivered:   Counted{t("%d recibido", "%d received"), t("%d recibidos", "%d received")},
		SendFailed:      Counted{t("%d no recibido", "%d not received"), t("%d no recibidos", "%d not received")},
	}
}

func (w *Words) note(n wire.Note) string {
	if t := n.Text(); !t.IsZero() {
		return t.In(w.Tag)
	}
	return Safe(string(n))
}
