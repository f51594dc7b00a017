package judge

import (
	"net/http"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Abandoned reports whether we ended the last attempt of an exchange ourselves.
func (e *Exchange) Abandoned() bool {
	n := len(e.Result.Attempts)
	return n > 0 && e.Result.Attempts[n-1].Fault.Kind != fault.None
}

// Called names an exchange's event, with what makes it stand out.
func (e *Exchange) Called() lang.Text {
	what := lang.Textf("%s %s", "%s %s", e.Kind, e.Event)
	if e.Summary != "" {
		what = lang.Textf("%s (%s)", "%s (%s)", what, e.Summary)
	}
	if len(e.Changed) > 0 {
		what = lang.Textf("%s, distinto en %s", "%s, different in %s", what, strings.Join(e.Changed[:min(len(e.Changed), 3)], ", "))
	}
	return what
}

// unheard reports whether the last attempt of a valid event got no response, though we
// listened for it to the end.
func unheard(e *Exchange) bool {
	if e.Inert || e.Event == "" || len(e.Result.Attempts) == 0 || e.Limit != nil {
		return false
	}
	last := e.Result.Attempts[len(e.Result.Attempts)-1]
	return last.Outcome != nil && last.Outcome.Status == 0 && last.Fault.Kind == fault.None &&
		(last.Delivery.Request.Method == "" || last.Delivery.Request.Method == http.MethodPost)
}

// answered takes a pass back that a valid event got without an answer, and words what
// fails for the want of one: it is neither refused nor acted on twice.
func (f *Finding) answered(check *language.Check, e *Exchange) {
	if !unheard(e) || check.Scenario().Group == language.GroupGate {
		return
	}
	group := check.Scenario().Group
	passed := f.Verdict == verdict.Pass
	if passed {
		f.Verdict, f.note = levelled(check.Level), lang.Text{}
	}
	about := slices.Contains([]language.Group{language.GroupPayload, language.GroupSize, language.GroupBurst}, group) && !passed // its content, or how many there are
	failed := f.Verdict == verdict.Fail || f.Verdict == verdict.Warn
	if o := e.Last(); !failed || about || o.Err == nil || o.Err.Kind != wire.ErrTimeout || e.Seen.doubled() {
		return
	}
	f.fault = lang.Text{ES: "Deja sin respuesta eventos que debía aceptar", EN: "Leaves events it should accept without a response"}
	f.matters = lang.Text{
		ES: "Sin respuesta, Kometia da el evento por no recibido y lo repite; además, cada petición en espera ocupa un proceso, hasta que no queda ninguno.",
		EN: "Without a response, Kometia considers the event not received and retries it; and each waiting request ties up a worker, until none is left.",
	}
	f.fix = lang.Text{
		ES: "Revise qué espera esa petición: un candado o una conexión que otra no liberó (libérelos en un finally, también cuando quien envía cierra la conexión), una transacción abierta, una fila bloqueada. Ponga un límite a la espera y responda 503 cuando se cumpla.",
		EN: "Check what that request is waiting for: a lock or a connection that another request did not release (release them in a finally, even when the sender closes the connection), an open transaction, a locked row. Put a limit on the wait, and answer 503 when it is reached.",
	}
	f.cause = "unanswered"
}

// doubled reports whether more was seen of the event than of a normal one.
func (s *Effects) doubled() bool {
	return s != nil && s.Err == nil && s.Measured && s.Count > max(s.D0, 1)
}
