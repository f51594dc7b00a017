package fuzz

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/shellquote"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

func catalogueOf(cfg *payload.Config) *schemas.Catalogue {
	if cfg.Catalogue == nil {
		return schemas.Builtin()
	}
	return cfg.Catalogue
}

// conclude writes the report: every finding is the result of its oracle, and an
// oracle without one says whether it had anything to see.
func (r *Runner) conclude(elapsed time.Duration) {
	rep := &r.report
	rep.Elapsed = elapsed
	start := r.gen.World().Start()
	rep.Run = verdict.Run{
		Tool: r.cfg.Tool, Seed: r.cfg.Generator.Seed, IDs: r.gen.World().IDs(), Start: start, Target: r.receiver.Target().String(), Name: r.receiver.Name(),
		Lang: r.cfg.Lang, Timeout: r.receiver.Timeout(), Unlisted: true, Hunt: true,
		Plan: verdict.Plan{Checks: len(r.cfg.Oracles), Requests: int(r.sender.requests.Load()), Events: int(r.cases.Load())},
	}
	found := map[string]int{}
	for _, f := range r.Findings() {
		found[f.Oracle]++
		rep.Results = append(rep.Results, r.result(f))
	}
	for _, o := range oracle.All() {
		if r.judge.wanted[o.Name] && found[o.Name] == 0 {
			rep.Results = append(rep.Results, r.unfound(o))
		}
	}
	r.notes()
}

// result tells a finding as reports tell a check.
func (r *Runner) result(f Finding) verdict.Result {
	o, _ := oracle.Lookup(f.Oracle)
	res := verdict.Result{
		ID: o.Name, Variant: f.Kind + " " + f.ID, Level: f.Level, Verdict: verdict.Fail, Title: o.Title, Fault: o.Fault,
		Requirement: o.Requirement, Why: o.Why, Fix: o.Fix, Expected: o.Expected, Found: f.Found,
		Diagnosis: f.Diagnosis, Passes: true, Attempts: slices.Clone(f.Attempts), // a finding stands beside a normal event that passes
		Reproduce: fmt.Sprintf("kometia-sim replay %s --target %s", f.ID, shellquote.Word(r.receiver.Name())),
	}
	res.Finding = &verdict.Finding{ID: f.ID, Kind: f.Kind, Phase: string(f.Phase), What: f.What, Flaky: f.Flaky, Count: max(f.Count, 1)}
	for _, c := range f.Changes {
		res.Finding.Changes = append(res.Finding.Changes, verdict.Change{Path: c.Path, Normal: c.Plain, Here: c.Here})
		for i := range res.Attempts { // a history has no changes
			res.Attempts[i].Changed = append(res.Attempts[i].Changed, c.Path)
		}
	}
	note := func(es, en string, args ...any) { res.Notes = append(res.Notes, lang.Textf(es, en, args...)) }
	switch {
	case f.Flaky: // what a busy machine can do as well decides nothing, not even with --strict
		res.Level, res.Verdict = verdict.Informative, verdict.Info
		note("Intermitente: no volvió a fallar al repetirlo solo y con identidades nuevas.", "Flaky: it did not fail again when it was sent alone and under fresh identities.")
	case f.Level == verdict.Should:
		res.Verdict = verdict.Warn
	case f.Level == verdict.Informative:
		res.Verdict = verdict.Info
	}
	res.Cases = []verdict.Case{{Name: f.ID, Verdict: res.Verdict, Expected: o.Expected, Found: f.Found}}
	if f.Phase == payload.Histories || f.Code == oracle.Undone {
		f.explain(&res)
	}
	res.Transcribe()
	res.Cases[0].Attempts = res.Attempts
	return res
}

// unfound is an oracle without a finding.
func (r *Runner) unfound(o oracle.Oracle) verdict.Result {
	res := verdict.Result{
		ID: o.Name, Level: o.Level, Verdict: verdict.Pass, Title: o.Title, Requirement: o.Requirement,
		Why: o.Why, Fix: o.Fix, Expected: o.Expected,
	}
	res.Reproduce = fmt.Sprintf("kometia-sim fuzz --seed %d --ids new --oracles %s --target %s", r.cfg.Generator.Seed, o.Name, shellquote.Word(r.receiver.Name()))
	is := func(v verdict.Verdict, es, en string, args ...any) {
		res.Verdict, res.Reason = v, lang.Textf(es, en, args...)
	}
	seen := r.observer != nil && r.observer.trusted() && (r.observer.effects.Acts() || o.Name == oracle.StateConverges && r.observer.tells())
	switch {
	case r.report.Unreachable:
		is(verdict.Inconclusive, "nunca hubo conexión", "no connection was ever made")
	case r.gate.plain == "":
		res.Needs = "KOM-ACK-001"
		is(verdict.Inconclusive, "no acepta ni un evento normal; empiece por kometia-sim run", "it accepts not even a normal event; begin with kometia-sim run")
	case r.cases.Load() == 0 && r.histories.played.Load() > 0 && r.histories.judged(o.Name) == 0 && (!o.Observed || seen):
		is(verdict.Inconclusive, "ninguna historia lo puso a prueba", "no history put it to the test")
	case r.cases.Load() == 0 && r.histories.played.Load() == 0:
		is(verdict.Inconclusive, "no se envió ningún caso", "no case was sent")
	case !o.Observed:
	case r.observer == nil:
		is(verdict.NotObserved, "no se observan los efectos", "effects are not observed")
		res.Enable = lang.Same("observe: {log: {file: ..., pattern: ...}}")
	case !r.observer.trusted():
		is(verdict.Inconclusive, "observador: %s", "observer: %s", r.observer.effects.Err())
	case !seen:
		is(verdict.NotObserved, "una entrega limpia no tiene efectos donde se observa", "a clean delivery has no effects where it is observed")
	case o.Name == oracle.StateConverges && !r.observer.tells():
		is(verdict.NotObserved, "el observador no dice nada del estado que venga del evento", "the observer reports nothing of the state that comes from the event")
		res.Enable = lang.Same("observe: {state_map: {total: data.object.total_price}}")
		if !observe.ShowsState(r.receiver.Observing()) {
			res.Enable = lang.Same(`observe: {url: "http://localhost:8000/effects/{event.id}", state_map: {total: data.object.total_price}}`)
		}
	case r.histories.few():
		is(verdict.Inconclusive, "se simularon %d historias; son muy pocas para probar lo que llega tarde, dos veces o en otro orden", "%d histories were simulated, too few to prove anything about what comes late, twice or in another order", r.histories.played.Load())
	}
	return res
}

// silent are the kinds of which nothing is learned that is kept, in their order,
// though something is of others.
func (o *observer) silent() (kinds []string) {
	for _, kind := range o.gen.Kinds() {
		if len(o.stories[kind]) == 0 && len(o.fields[kind]) == 0 && !o.gen.Deletes(kind) && o.tells() {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

func (o *observer) tells() bool {
	for _, fields := range o.stories {
		if len(fields) > 0 {
			return true
		}
	}
	return false
}

// notes says what is to be known of the run as a whole.
func (r *Runner) notes() {
	if n := r.cases.Load(); n > 0 {
		r.note("%d casos, que cubren el %.0f %% de lo que permiten los esquemas", "%d cases, which cover %.0f %% of what the schemas allow", n, floor(r.gen.Covered()))
	}
	if r.cases.Load() > 0 {
		r.note("Para limpiar: todos los ids que se crearon contienen ksim (LIKE '%%ksim%%').", "To clean up: every id it created contains ksim (LIKE '%%ksim%%').")
	}
	if len(r.gate.refused) > 0 && r.gate.plain != "" {
		kinds := strings.Join(slices.Sorted(maps.Keys(r.gate.refused)), ", ")
		r.note("Sin probar, porque no acepta ni un evento normal de este tipo: %s", "Not fuzzed, because not even a normal event of this kind is accepted: %s", kinds)
	}
	if r.observer != nil && r.observer.trusted() {
		if kinds := r.observer.silent(); len(kinds) > 0 {
			r.note("No se observó nada de lo que se guarda de estos eventos: %s", "Nothing was observed of what is stored for these events: %s", strings.Join(kinds, ", "))
		}
	}
	r.histories.notes()
	if n := r.sender.limited(); n > 0 {
		r.note("El receptor pidió esperar %d veces, y se esperó.", "The receiver asked to wait %d times, and fuzz waited.", n)
	}
	if n := r.suspects.missed.Load(); n > 0 {
		unlooked(n, r.findings.count() > 0, r.note)
	}
}

// unlooked tells of failures that were not looked at: beside findings most are
// more of the same, without any nobody knows.
func unlooked(n int64, found bool, note func(es, en string, args ...any)) {
	switch {
	case n == 1 && found:
		note("Hubo 1 falla más: se parece a las de este informe o faltó tiempo para revisarla.", "There was 1 more failure: it looks like those reported here, or there was no time left to look at it.")
	case found:
		note("Hubo %d fallas más: se parecen a las de este informe o faltó tiempo para revisarlas.", "There were %d more failures: they look like those reported here, or there was no time left to look at them.", n)
	case n == 1:
		note("1 caso falló y faltó tiempo para confirmarlo: repita con más --time.", "1 case failed, and there was no time left to confirm it: run again with more --time.")
	default:
		note("%d casos fallaron y faltó tiempo para confirmarlos: repita con más --time.", "%d cases failed, and there was no time left to confirm them: run again with more --time.", n)
	}
}

// floor keeps 99.6 from being shown as all of it.
func floor(percent float64) float64 { return float64(int(percent)) }

// explain tells a finding that is a history.
func (f *Finding) explain(res *verdict.Result) {
	text, see := oracle.Explain(f.Oracle, f.Code)
	if f.What == f.Kind && (f.Oracle == oracle.ValidAccepted || f.Oracle == oracle.NoHang) {
		text, see = nil, "" // delivered once, as always: it is not about how it arrived
	}
	if text != nil {
		res.Title, res.Fault, res.Why, res.Fix, res.Expected = text.Title, text.Fault, text.Why, text.Fix, text.Expected
		res.Cases[0].Expected = text.Expected
	}
	for _, at := range f.Restarts {
		begin := at
		for i := range f.Attempts {
			if f.Attempts[i].At.Before(begin) {
				begin = f.Attempts[i].At
			}
		}
		res.Events = append(res.Events, verdict.Event{Verb: verdict.VerbRestart, Offset: at.Sub(begin)})
	}
	note := func(es, en string, args ...any) { res.Notes = append(res.Notes, lang.Textf(es, en, args...)) }
	if len(f.Also) > 0 {
		note("Lo mismo con %s", "The same with %s", strings.Join(f.Also, ", "))
	}
	if see != "" {
		note("La prueba del catálogo más parecida: kometia-sim explain %s", "Closest catalog check: kometia-sim explain %s", see)
	}
}
