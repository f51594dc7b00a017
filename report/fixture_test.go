package report_test

import (
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func es(s, e string) lang.Text { return lang.Text{ES: s, EN: e} }

func number(n int) *int { return &n }

func run() verdict.Run {
	return verdict.Run{
		Tool: "kometia-sim 0.1.0", Seed: 7, IDs: "4k2p", Start: start,
		Target: "http://localhost:8000/kometia/webhook", Timeout: 10 * time.Second,
		Plan: verdict.Plan{Checks: 41, Requests: 312, Events: 140, Orders: 96},
		Assumed: []lang.Text{
			es("49 intentos", "49 attempts"), es("10 s", "10 s"), es("cuerpo sin envoltura", "bare body"),
		},
	}
}

func profile() verdict.Profile {
	return verdict.Profile{
		Status: 204, Latency: 12 * time.Millisecond, Kinds: 3, Asked: 3, Observer: "log",
		Effects: []verdict.KindEffects{{Kind: "order.placed", Count: 1, Within: 400 * time.Millisecond}},
	}
}

const eventID = "evn_cmjv0x2k40001ksim9f3xq7ab"

func attempt(n int, off time.Duration, status int) verdict.Attempt {
	a := verdict.Attempt{
		Event: eventID, Kind: "order.placed", Number: n, At: start.Add(off), Offset: off,
		Status: status, Outcome: "acknowledged", Latency: 12300 * time.Microsecond,
	}
	if status < 200 || status > 299 {
		a.Outcome = "rejected"
	}
	return a
}

func passed(id string) verdict.Result {
	return verdict.Result{
		ID: id, Level: verdict.Must, Verdict: verdict.Pass, Elapsed: 120 * time.Millisecond,
		Title: es("Contesta 2xx a cada evento", "Answers 2xx to every event"),
	}
}

// doubled is the failure of the design's own sample.
func doubled() verdict.Result {
	first, second := attempt(1, 0, 204), attempt(2, time.Hour, 204)
	first.Fault, first.Outcome = "lose-answer", "no_response"
	first.Effects, second.Effects = number(1), number(2)
	return verdict.Result{
		ID: "KOM-RTY-003", Variant: "order.placed", Level: verdict.Must, Verdict: verdict.Fail,
		Title:       es("Actúa una sola vez aunque se pierda su respuesta", "Acts once although its response was lost"),
		Requirement: es("Actúa una sola vez sobre un evento.", "Acts once on an event."),
		Expected:    es("1 efecto", "1 effect"), Found: es("2 efectos", "2 effects"),
		Why:   es("el cliente recibe dos envíos y usted paga los dos", "the customer gets two parcels and you pay for both"),
		Fix:   es("índice único en event_id; guardar y actuar en una transacción", "a unique index on event_id; store and act in one transaction"),
		Cause: "dedupe", Attempts: []verdict.Attempt{first, second},
		Reproduce: "kometia-sim run KOM-RTY-003 --seed 7 --ids new --target http://localhost:8000/kometia/webhook",
		Elapsed:   310 * time.Millisecond,
	}
}

func sharing(id string, level verdict.Level, bad, all int) verdict.Result {
	r := doubled()
	r.ID, r.Level, r.Variant = id, level, ""
	for i := range all {
		c := verdict.Case{Verdict: verdict.Pass}
		if i < bad {
			c.Verdict = verdict.Fail
		}
		r.Cases = append(r.Cases, c)
	}
	return r
}

// csrf is a failure with a diagnosis.
func csrf() verdict.Result {
	a := attempt(1, 0, 419)
	a.Exchange = expired()
	return verdict.Result{
		ID: "KOM-CSR-001", Level: verdict.Must, Verdict: verdict.Fail,
		Title:     es("Acepta el POST sin cookie, token ni Origin", "Accepts the POST without cookie, token or Origin"),
		Expected:  es("2xx", "2xx"),
		Found:     es("419", "419"),
		Why:       es("ningún evento llega a su código", "no event reaches your code"),
		Fix:       es("exima la ruta de la protección CSRF", "exempt the route from CSRF protection"),
		Diagnosis: laravel(),
		Attempts:  []verdict.Attempt{a},
		Reproduce: "kometia-sim run KOM-CSR-001 --seed 7 --ids new",
	}
}

// expired is what went over the wire when Laravel refused a POST.
func expired() *wire.Transcript {
	return &wire.Transcript{
		Request: wire.Shown{
			Head: "POST /kometia/webhook HTTP/1.1\nHost: localhost:8000\nContent-Type: application/json\nContent-Length: 36",
			Body: `{"kind":"order.placed","data":"..."}`, Length: 36,
		},
		Answer: wire.Shown{
			Head: "HTTP/1.1 419 unknown status\nSet-Cookie: laravel_session=***; path=/\nContent-Type: text/html",
			Body: "<!DOCTYPE html>\n<html>\n\t<title>Page Expired</title>\n", Length: 6609,
		},
	}
}

func laravel() *diagnose.Diagnosis {
	return &diagnose.Diagnosis{
		Code: "csrf.laravel", Certainty: diagnose.Certain,
		Evidence: es("estado 419, título «Page Expired»", "status 419, title “Page Expired”"),
		Hint: es("exima la ruta en bootstrap/app.php: validateCsrfTokens(except: ['kometia/webhook'])",
			"exempt the route in bootstrap/app.php: validateCsrfTokens(except: ['kometia/webhook'])"),
	}
}

// refused is a failure with 49 attempts.
func refused() verdict.Result {
	var as []verdict.Attempt
	for i := range 49 {
		as = append(as, attempt(i+1, time.Duration(i)*time.Hour, 500))
	}
	as[48].Status, as[48].Error, as[48].Outcome = 0, "reset: read tcp 127.0.0.1: connection reset by peer", "no_response"
	return verdict.Result{
		ID: "KOM-PAY-001", Variant: "shipping_address: null", Level: verdict.Must, Verdict: verdict.Fail,
		Title:    es("Acepta null donde los documentos muestran null", "Accepts null where the documents show null"),
		Expected: es("2xx", "2xx"), Found: es("500 «Undefined array key \"zip\"»", "500 “Undefined array key \"zip\"”"),
		Why:      es("los pedidos sin dirección de envío se pierden", "orders without a shipping address are lost"),
		Fix:      es("lea los campos opcionales con un valor por omisión:\n    $zip = $order['shipping_address']['zip'] ?? null;", "read optional fields with a default:\n    $zip = $order['shipping_address']['zip'] ?? null;"),
		Attempts: as, Reproduce: "kometia-sim run KOM-PAY-001 --seed 7 --ids new",
	}
}

// several is a failure about several events, with faults of other kinds.
func several() verdict.Result {
	paid, placed := attempt(1, 0, 422), attempt(1, 0, 204)
	paid.Kind, paid.Event = "order.paid", "evn_cmjv0x2k40002ksimb81kq7ab"
	paid.Summary, placed.Latency = "application/json; charset=utf-8", 6200*time.Millisecond
	late := paid
	late.Offset, late.Fault, late.Status, late.Outcome = time.Hour, "refuse", 0, "no_response"
	return verdict.Result{
		ID: "KOM-ORD-001", Level: verdict.Must, Verdict: verdict.Fail,
		Title:    es("Soporta order.paid antes que order.placed", "Copes with order.paid before order.placed"),
		Expected: es("recibido a más tardar en el reintento", "received by the retry at the latest"),
		Found:    es("422 también después de llegar el pedido al que se refiere el pago", "422 even after the order that the payment is about had arrived"),
		Attempts: []verdict.Attempt{paid, placed, late},
		Notes:    []lang.Text{es("el servidor cerró la conexión después de cada respuesta", "the server closed the connection after each response")},
	}
}

func warned() verdict.Result {
	return verdict.Result{
		ID: "KOM-LAT-002", Level: verdict.Should, Verdict: verdict.Warn,
		Title:    es("Contesta en menos de 5 s", "Answers within 5 s"),
		Expected: es("menos de 5 s", "less than 5 s"), Found: es("6.2 s en 3 de 40", "6.2 s in 3 of 40"),
		Fix: es("guarde el evento, conteste, y trabaje después", "store the event, answer, and work afterwards"),
	}
}

func informed() verdict.Result {
	return verdict.Result{
		ID: "KOM-CLK-001", Level: verdict.Informative, Verdict: verdict.Info,
		Title: es("Reloj a menos de 60 s del nuestro", "Clock within 60 s of ours"),
		Found: es("2 s de diferencia", "2 s apart"),
	}
}

func unobserved(id, esText, enText string) verdict.Result {
	return verdict.Result{
		ID: id, Level: verdict.Must, Verdict: verdict.NotObserved,
		Title:  es("Guarda lo que aceptó", "Has stored what it acknowledged"),
		Reason: es("no hay cómo reiniciar el receptor", "there is no way to restart the receiver"),
		Enable: es(esText, enText),
	}
}

func inapplicable() verdict.Result {
	return verdict.Result{
		ID: "KOM-TLS-001", Level: verdict.Must, Verdict: verdict.NotApplicable,
		Title: es("Certificado de confianza", "Trusted certificate"), Reason: es("el destino no es https", "the target is not https"),
	}
}

func waiting(id string) verdict.Result {
	return verdict.Result{
		ID: id, Level: verdict.Must, Verdict: verdict.Inconclusive,
		Title:  es("Acepta eventos grandes", "Accepts big events"),
		Reason: es("necesita KOM-CSR-001", "needs KOM-CSR-001"), Cause: "csrf",
	}
}

func harness() verdict.Result {
	return verdict.Result{
		ID: "KOM-BRS-001", Level: verdict.Should, Verdict: verdict.Error,
		Title:     es("Recibe una ráfaga de 200 eventos", "Takes a burst of 200 events"),
		Reason:    es("payload order.placed: data.object.items[0].price: se esperaba integer", "payload order.placed: data.object.items[0].price: expected integer"),
		Reproduce: "kometia-sim run KOM-BRS-001 --seed 7 --ids 4k2p",
	}
}

// fixtures are the reports that the golden files show, by name.
func fixtures() map[string]*verdict.Report {
	base := func(rs ...verdict.Result) *verdict.Report {
		return &verdict.Report{
			Run: run(), Profile: profile(), Results: rs,
			Elapsed: 4600 * time.Millisecond, Virtual: 48 * time.Hour,
		}
	}
	green := base(passed("KOM-ACK-001"), passed("KOM-ACK-002"), inapplicable())
	partial := base(passed("KOM-ACK-001"),
		unobserved("KOM-DUR-001", "start: [php, artisan, serve]\nkill: [pkill, -9, php]", "start: [php, artisan, serve]\nkill: [pkill, -9, php]"))
	red := base(doubled(), sharing("KOM-DUP-002", verdict.Must, 1, 1), sharing("KOM-DUP-003", verdict.Should, 4, 15), passed("KOM-ACK-001"))
	mixed := base(passed("KOM-ACK-001"), refused(), several(), warned(), informed(), inapplicable(),
		unobserved("KOM-DUR-001", "start: [...]  kill: [...]", "start: [...]  kill: [...]"),
		unobserved("KOM-DUP-005", "start: [...]  kill: [...]", "start: [...]  kill: [...]"),
		unobserved("KOM-RTY-004", "observe: {log: {file: storage/logs/laravel.log, pattern: 'pedido creado .*'}}", "observe: {log: {file: storage/logs/laravel.log, pattern: 'order created .*'}}"),
		unobserved("KOM-MAL-001", "--allow malformed", "--allow malformed"),
		unobserved("KOM-RTY-003", "observe: en kometia-sim.yaml (command, url o log)", "observe: in kometia-sim.yaml (command, url or log)"),
		waiting("KOM-PAY-007"))
	mixed.Notes = []lang.Text{es("El servidor limitó el ritmo 3 veces; se esperó y se siguió.", "The server limited the rate 3 times; the run waited and went on.")}
	mixed.Run.Plan.Refused = []string{"burst", "malformed"}
	mixed.Profile.Skew, mixed.Profile.Kinds = -130*time.Second, 2
	gate := base(csrf())
	gate.Profile = verdict.Profile{Asked: 3}
	for _, id := range []string{
		"KOM-ACK-001", "KOM-ACK-003", "KOM-RTY-001", "KOM-RTY-002", "KOM-DUP-001", "KOM-PAY-001",
		"KOM-PAY-002", "KOM-PAY-003", "KOM-PAY-007",
	} {
		w := waiting(id)
		w.Needs, w.Diagnosis = "KOM-CSR-001", laravel()
		gate.Results = append(gate.Results, w)
	}
	possible := csrf()
	possible.Verdict, possible.Reason = verdict.Inconclusive, es("403 sin marca de ningún framework", "403 without the mark of a framework")
	possible.Diagnosis.Code, possible.Diagnosis.Certainty = "csrf.generic", diagnose.Possible
	unclear := base(possible, waiting("KOM-ACK-001"), waiting("KOM-RTY-001"))
	unclear.Profile = verdict.Profile{Asked: 3}
	cut := base(passed("KOM-ACK-001"), warned())
	cut.Interrupted = true
	away := waiting("KOM-ACK-001")
	away.Diagnosis = &diagnose.Diagnosis{
		Code: "connect.refused", Certainty: diagnose.Certain,
		Evidence: es("nadie escucha en 127.0.0.1:8000", "nobody listens on 127.0.0.1:8000"),
		Hint:     es("encienda su servidor: php artisan serve", "start your server: php artisan serve"),
	}
	gone := base(away, waiting("KOM-RTY-001"))
	gone.Unreachable, gone.Profile, gone.Elapsed, gone.Virtual = true, verdict.Profile{Asked: 3}, 8*time.Millisecond, 0
	listed := func(r verdict.Result, line int, pattern, reason string) verdict.Result {
		r.Known = &verdict.Known{Pattern: pattern, Reason: reason, File: "kometia-known.txt", Line: line}
		return r
	}
	blind := base(passed("KOM-ACK-001"), unobserved("KOM-DUP-001", "", ""), inapplicable())
	blind.Results[1].Reason = es("el observador no ve ningún efecto de order.placed", "the observer sees no effect of order.placed")
	blind.Profile.Effects = []verdict.KindEffects{{Kind: "order.placed"}, {Kind: "order.paid"}}
	known := base(passed("KOM-ACK-001"), listed(doubled(), 3, "KOM-RTY-003", "TIENDA-12: falta el índice único"), warned(),
		listed(waiting("KOM-PAY-007"), 4, "KOM-PAY-*", ""))
	known.Run.Plan.Pace, known.Run.Plan.Takes, known.Profile.RateLimit = "60/m", 311*time.Second, 60
	outdated := base(listed(passed("KOM-ACK-001"), 1, "KOM-ACK-001", ""), listed(passed("KOM-DUP-001"), 2, "KOM-DUP-*", "<script>"),
		listed(sharing("KOM-DUP-002", verdict.Must, 1, 1), 2, "KOM-DUP-*", "<script>"), csrf())
	return map[string]*verdict.Report{
		"known": known, "blind": blind, "outdated": outdated,
		"green": green, "partial": partial, "red": red, "mixed": mixed, "gate": gate,
		"inconclusive": unclear, "interrupted": cut, "unreachable": gone, "harness": base(passed("KOM-ACK-001"), harness()),
	}
}

// titles stands in for the table of diagnoses.
func titles(code string) lang.Text {
	if code == "csrf.laravel" {
		return es("Laravel rechazó el POST por CSRF", "Laravel refused the POST for CSRF")
	}
	return lang.Text{}
}
