package judge

import (
	"net/http"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
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

// answered takes a pass back that a valid event got without an answer, though we
// listened for it to the end.
func (f *Finding) answered(check *language.Check, e *Exchange) {
	if f.Verdict != verdict.Pass || e.Inert || e.Event == "" || len(e.Result.Attempts) == 0 || e.Limit != nil || check.Scenario().Group == language.GroupGate {
		return
	}
	last := e.Result.Attempts[len(e.Result.Attempts)-1]
	if last.Outcome == nil || last.Outcome.Status != 0 || last.Fault.Kind != fault.None || last.Delivery.Request.Method != "" && last.Delivery.Request.Method != http.MethodPost {
		return
	}
	f.Verdict, f.note = levelled(check.Level), lang.Text{}
}
