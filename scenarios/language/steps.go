package language

import (
	"maps"
	"math"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

func (e *Emit) validate(f *strictyaml.File, at string, class consent.Class) {
	oneOf(f, at+".outside", e.Outside, "", OutsideSchema, OutsideLater)
	oneOf(f, at+".spelling", e.Spelling, "", "php", "plain", "pretty")
	oneOf(f, at+".keys", e.Keys, "", "reversed")
	oneOf(f, at+".envelope", e.Envelope, append(delivery.Envelopes(), "")...)
	oneOf(f, at+".body", e.Body, append(bodies(), "")...)
	e.validateForged(f, at)
	whole(f, at+".lines", e.Lines, MaxLines)
	if e.After < 0 {
		f.Fail(at+".after", "%s: no puede ser negativo", "%s: may not be negative", e.After)
	}
	if e.Ahead < 0 || e.Ahead > maxAhead {
		f.Fail(at+".ahead", "%s: entre 0 y %s", "%s: between 0 and %s", e.Ahead, maxAhead)
	}
	if e.Ahead > 0 && (e.After != 0 || e.Story != "") {
		f.Fail(at+".ahead", "su fecha no sale del caso: sin after ni story", "its date does not come from the case: without after or story")
	}
	if !(e.Truncate >= 0 && e.Truncate < 1) { // NaN is neither
		f.Fail(at+".truncate", "%v: dé la fracción del cuerpo que queda, entre 0 y 1", "%v: give the fraction of the body to keep, between 0 and 1", e.Truncate)
	}
	if e.Raw != nil && (e.Changes() || e.Truncate > 0 || e.Spelling != "" || e.Keys != "" || e.Kind != "" || e.Envelope != "" || e.Body != "") {
		f.Fail(at+".raw", "los bytes crudos no se cambian con kind, lines, set, unset, add, spelling, keys, envelope, body ni truncate", "raw bytes cannot be changed by kind, lines, set, unset, add, spelling, keys, envelope, body or truncate")
	}
	if (e.Raw != nil || e.Truncate > 0 || e.Body != "") && class != consent.Malformed {
		f.Fail(at, "raw, body y truncate mandan un cuerpo mal formado: dé al escenario `consent: malformed`, para que otra máquina lo reciba solo si su dueño lo permite", "raw, body and truncate send a malformed body: give the scenario `consent: malformed`, so that another machine gets it only when its owner allows it")
	}
	if (e.Again != "" || e.First) && (e.Changes() || e.Story != "" || e.Twin != "" || e.Near != "" || e.OrderOf != "" || e.NamedAs != "" || e.Raw != nil || e.After != 0 || e.Ahead != 0) {
		f.Fail(at, "con again o first no hay evento nuevo: no se cambia, ni tiene story, twin, near, raw ni after", "with again or first there is no new event: it is not changed and has no story, twin, near, raw or after")
	}
	if e.Near != "" && (e.Raw != nil || e.Forged != "") {
		f.Fail(at+".near", "lo que no es un evento de verdad no tiene un id propio: sin raw ni forged", "what is no genuine event has no id of its own: without raw or forged")
	}
	if e.Twin != "" && e.Lines > 0 {
		f.Fail(at+".lines", "un gemelo tiene las líneas de su gemelo", "a twin has the lines of its twin")
	}
	for _, path := range slices.Sorted(maps.Keys(e.Set)) {
		if !finite(e.Set[path]) {
			f.Fail(at+".set", "%s: JSON no tiene NaN ni infinitos", "%s: JSON has neither NaN nor an infinity", path)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(e.Add)) {
		if !finite(e.Add[path]) {
			f.Fail(at+".add", "%s: JSON no tiene NaN ni infinitos", "%s: JSON has neither NaN nor an infinity", path)
		}
		if _, name := SplitAdded(path); name == "" {
			f.Fail(at+".add", "%q no termina en un nombre simple: agregue campos nuevos a un objeto, como en data.object.nuevo", "%q does not end in a plain name: add new fields to an object, as in data.object.nuevo", path)
		}
	}
}

// maxAhead is what clocks that are kept may be apart, and more.
const maxAhead = time.Hour

// SplitAdded splits the path of a new member into its object and its name; an
// empty name is none that can be added.
func SplitAdded(path string) (object, name string) {
	part := addPattern.FindStringSubmatch(path)
	if part == nil {
		return "", ""
	}
	return part[1], part[2]
}

var addPattern = regexp.MustCompile(`^(?:(.+)\.)?([A-Za-z_][A-Za-z0-9_-]*)$`)

// Changes reports whether the step makes another event than the shop would.
func (e *Emit) Changes() bool { return e.Lines > 0 || len(e.Set)+len(e.Unset)+len(e.Add) > 0 }

// finite reports whether a value of a YAML file holds only numbers that JSON
// can write.
func finite(v any) bool {
	switch v := v.(type) {
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !finite(e) })
	case map[string]any:
		for _, e := range v {
			if !finite(e) {
				return false
			}
		}
	}
	return true
}

func (d *Deliver) validate(f *strictyaml.File, at string, events []string, class consent.Class) {
	if len(d.Permute) == 0 && len(d.Together) == 0 && !slices.Contains(events, d.EventName()) {
		f.Fail(at+".event", "el evento %q no se emitió antes en este caso%s", "event %q was not emitted before in this case%s", d.EventName(), didYouMean(d.EventName(), events))
	}
	if d.At < 0 {
		f.Fail(at+".at", "%s: no puede ser negativo", "%s: may not be negative", d.At)
	}
	whole(f, at+".times", d.Times, maxTimes)
	oneOf(f, at+".method", d.Method, append(methods(), "")...)
	if d.MethodOrPost() != http.MethodPost && class != consent.Methods {
		f.Fail(at+".method", "%s no es de Kometia: dé al escenario `consent: methods`, para que otra máquina lo reciba solo si su dueño lo permite", "%s is none of Kometia's: give the scenario `consent: methods`, so that another machine gets it only when its owner allows it", d.Method)
	}
	if d.Expires && !(&Deliver{As: d.As, Event: d.Event, Expires: true}).same(d) {
		f.Fail(at+".expires", "de un evento que vence no llega ningún intento: solo admite as y event", "no attempt of an event that expires gets through: it takes only as and event")
	}
	oneOf(f, at+".connection", d.Connection, "", "fresh", "kept")
	oneOf(f, at+".header_case", d.HeaderCase, "", "lower", "upper")
	d.validateAttempts(f, at, class)
	d.validateCopies(f, at)
	if together := []consent.Class{consent.Burst, consent.Restart, consent.Load}; (d.Copies > 0 || d.Parallel > 1 || len(d.Together) > 0) && !slices.Contains(together, class) {
		f.Fail(at, "copies, parallel y together mandan varias peticiones a la vez: dé al escenario `consent: burst`, para que otra máquina las reciba solo si su dueño lo permite",
			"copies, parallel and together send several requests at once: give the scenario `consent: burst`, so that another machine gets them only when its owner allows it")
	}
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(d.Header)) {
		field := wire.Field{Name: name}
		if v := d.Header[name]; v != nil {
			field.Value = *v
		}
		f.Check(at+".header", field.Check())
		if d.Header[name] != nil && field.Misframes(-1) && class != consent.Malformed {
			f.Fail(at+".header", "%s dice de otro modo dónde termina la petición: dé al escenario `consent: malformed`, para que otra máquina la reciba solo si su dueño lo permite",
				"%s says otherwise where the request ends: give the scenario `consent: malformed`, so that another machine gets it only when its owner allows it", name)
		}
		if seen[strings.ToLower(name)] {
			f.Fail(at+".header", "%s está dos veces: las mayúsculas de un nombre no cuentan", "%s stands twice: the case of a name makes no difference", name)
		}
		seen[strings.ToLower(name)] = true
	}
}

// same reports whether two steps deliver the same in the same way.
func (d *Deliver) same(other *Deliver) bool { return reflect.DeepEqual(d, other) }

// validateAttempts checks what a delivery and a resumed one have in common.
func (d *Deliver) validateAttempts(f *strictyaml.File, at string, class consent.Class) {
	whole(f, at+".attempts", d.Attempts, maxAttempts)
	d.validateFaults(f, at, class)
}

// validateResume checks a step that goes on with what was begun before.
func (d *Deliver) validateResume(f *strictyaml.File, at string, begun []string, class consent.Class) {
	if !slices.Contains(begun, d.Resume) {
		f.Fail(at+".resume", "ningún paso anterior entrega %q%s", "no step before delivers %q%s", d.Resume, didYouMean(d.Resume, begun))
	}
	if d.As != "" || d.Event != "" || d.Expires || d.At != 0 || d.Connection != "" || len(d.Header) > 0 || d.HeaderCase != "" || d.Times != 0 || d.Copies != 0 || len(d.Together) > 0 || d.ExpectContinue {
		f.Fail(at, "resume continúa una entrega como era: solo admite attempts, faults, parallel y kill_after", "resume goes on with a delivery as it was: it takes only attempts, faults, parallel and kill_after")
	}
	d.validateAttempts(f, at, class)
}

// validateGroup checks what concerns the deliveries of all rounds together.
func (d *Deliver) validateGroup(f *strictyaml.File, at string, times int, class consent.Class) {
	whole(f, at+".parallel", d.Parallel, maxParallel)
	whole(f, at+".kill_after", d.KillAfter, maxTimes)
	whole(f, at+".kill_from", d.KillFrom, maxTimes)
	if d.KillAfter > 0 {
		restarts(f, at+".kill_after", class)
	}
	if d.KillAfter > times {
		f.Fail(at+".kill_after", "%d acuses de %d entregas: dé al caso más times", "%d receipts of %d deliveries: give the case more times", d.KillAfter, times)
	}
	if d.KillFrom > d.KillAfter {
		f.Fail(at+".kill_from", "%d: no puede ser más que kill_after", "%d: may not be more than kill_after", d.KillFrom)
	}
	if (d.Parallel > 0 || d.KillAfter > 0) && d.Times > 1 {
		f.Fail(at+".times", "lo que todas las rondas entregan juntas se manda una vez cada una: dé al caso más times", "what all rounds deliver together is sent once each: give the case more times")
	}
}
