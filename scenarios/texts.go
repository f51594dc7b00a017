package scenarios

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// The sentences that the runner itself says; those of the checks stand in the
// catalogue.

func textNotPlayed() lang.Text {
	return lang.Text{ES: "no se llegó a probar", EN: "was not tried"}
}

func textInterrupted() lang.Text {
	return lang.Text{ES: "la corrida se interrumpió antes", EN: "the run was interrupted before"}
}

func textThrottled() lang.Text {
	return lang.Text{
		ES: "el servidor limita el ritmo (429 o Retry-After) más de lo que se espera en una corrida (60 s en total)",
		EN: "the server limits the rate (429 or Retry-After) for longer than a run waits (60 s in all)",
	}
}

func textGone() lang.Text {
	return lang.Text{
		ES: "el servidor dejó de escuchar durante una prueba anterior",
		EN: "the server stopped listening during an earlier check",
	}
}

func textUnreachable() lang.Text {
	return lang.Text{ES: "no se pudo conectar con el servidor", EN: "the server could not be reached"}
}

func textNoAnswers() lang.Text {
	return lang.Text{ES: "no hubo respuestas que medir", EN: "there were no answers to measure"}
}

func textNeeds(id string) lang.Text {
	return lang.Text{ES: "necesita " + id, EN: "needs " + id}
}

func textGiven(e *exchange) lang.Text {
	d := describe(e)
	return lang.Text{
		ES: fmt.Sprintf("otro envío del mismo caso (%s) dio %s, y con eso este no dice nada", e.name, d.ES),
		EN: fmt.Sprintf("another delivery of the same case (%s) gave %s, so that this one says nothing", e.name, d.EN),
	}
}

func textNotSubscribed(kind string) lang.Text {
	return lang.Text{
		ES: "el servidor no está suscrito a " + kind + " (--kinds o subscriptions)",
		EN: "the server does not subscribe to " + kind + " (--kinds or subscriptions)",
	}
}

func textNeverDue() lang.Text {
	return lang.Text{
		ES: "la política de reintentos de esta corrida no hace tantos intentos",
		EN: "this run's retry policy does not make that many attempts",
	}
}

func textCutOff(err *wire.Error) lang.Text {
	why := err.Text()
	return lang.Text{
		ES: fmt.Sprintf("no se pudo llegar al servidor desde esta máquina (%s)", why.ES),
		EN: fmt.Sprintf("this machine could not get through to the server (%s)", why.EN),
	}
}

func textNeedsEffects() lang.Text {
	return lang.Text{
		ES: "respondió bien, pero no se observa lo que el servidor hizo",
		EN: "it answered well, but what the server did is not observed",
	}
}

func textEnableEffects() lang.Text {
	return lang.Text{
		ES: "observe: {log: {file: app.log, pattern: 'pedido creado .*'}}",
		EN: "observe: {log: {file: app.log, pattern: 'order created .*'}}",
	}
}

func textNeedsMore() lang.Text {
	return lang.Text{
		ES: "respondió bien, pero la prueba pide más que la respuesta y eso todavía no se observa",
		EN: "it answered well, but the check asks for more than the answer, which cannot be observed yet",
	}
}

func textNeedsHooks(keys []string) lang.Text {
	return lang.Text{
		ES: "hace falta poder matar, arrancar o dejar sin base al servidor (" + strings.Join(keys, ", ") + ")",
		EN: "takes a way to kill and start the server, or to take its database away (" + strings.Join(keys, ", ") + ")",
	}
}

// textEnableHooks are lines of a config, as they could stand there.
func textEnableHooks(keys []string) (t lang.Text) {
	lines := map[string]lang.Text{
		"kill":  {ES: "kill: [systemctl, kill, --signal=KILL, mi-tienda]", EN: "kill: [systemctl, kill, --signal=KILL, my-shop]"},
		"start": {ES: "start: [systemctl, start, mi-tienda]", EN: "start: [systemctl, start, my-shop]"},
		"down":  {ES: "down: [docker, compose, stop, db]", EN: "down: [docker, compose, stop, db]"},
		"up":    {ES: "up: [docker, compose, start, db]", EN: "up: [docker, compose, start, db]"},
	}
	for i, k := range keys {
		if i > 0 {
			t.ES, t.EN = t.ES+"\n", t.EN+"\n"
		}
		t.ES, t.EN = t.ES+lines[k].ES, t.EN+lines[k].EN
	}
	return t
}

func textHook(err error) lang.Text {
	t, what := observed(err), "hook"
	if e, ok := errors.AsType[*observe.Error](err); ok {
		what = e.What
	}
	return lang.Text{ES: "gancho " + what + ": " + t.ES, EN: "hook " + what + ": " + t.EN}
}

func textNotRestored(err error) lang.Text {
	t := textHook(err)
	return lang.Text{
		ES: "¡El receptor no quedó como estaba! Revíselo antes de seguir: " + t.ES,
		EN: "The receiver was not left as it was found! See to it before you go on: " + t.EN,
	}
}

func textNeverKilled(receipts, of int) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("se iba a matar al servidor al recibir el evento %d y solo recibió %d", of, receipts),
		EN: fmt.Sprintf("the server was to be killed when it had acknowledged %d events, and it acknowledged only %d", of, receipts),
	}
}

func textGraceful() lang.Text {
	return lang.Text{
		ES: "Con restart (un reinicio ordenado) se prueba menos que con kill y start.",
		EN: "With restart (an orderly one) less is proven than with kill and start.",
	}
}

func textUnmoved() lang.Text {
	return lang.Text{
		ES: "el reloj del servidor (su Date) no se adelantó con KOMETIA_SIM_OFFSET",
		EN: "the server's clock (its Date) did not go ahead with KOMETIA_SIM_OFFSET",
	}
}

func textEnableOffset() lang.Text {
	return lang.Text{
		ES: `start: [sh, -c, 'exec faketime -f "$KOMETIA_SIM_OFFSET" ./arrancar']`,
		EN: `start: [sh, -c, 'exec faketime -f "$KOMETIA_SIM_OFFSET" ./start']`,
	}
}

func textSharedEffects() lang.Text {
	return lang.Text{
		ES: "los efectos se cuentan por objeto, y así no se distinguen los de dos eventos del mismo objeto",
		EN: "effects are counted by object, which does not tell apart those of two events of one object",
	}
}

func textByObject() lang.Text {
	return lang.Text{
		ES: "Los efectos se cuentan por objeto: esto prueba que hay las filas que debe haber, no que se escribieron una sola vez.",
		EN: "Effects are counted by object: this proves that the rows are there that should be, not that they were written once.",
	}
}

// beside joins what was found in two ways.
func beside(a, b lang.Text) lang.Text {
	if b.IsZero() {
		return a
	}
	return lang.Text{ES: a.ES + "; " + b.ES, EN: a.EN + "; " + b.EN}
}

func textObserver(err error) lang.Text {
	t := observed(err)
	return lang.Text{ES: "observador: " + t.ES, EN: "observer: " + t.EN}
}

func textNoEffects(kind string) lang.Text {
	return lang.Text{
		ES: "el observador no ve ningún efecto de " + kind,
		EN: "the observer sees no effect of " + kind,
	}
}

// textHangUps tells how many of our hang-ups came before the answer.
func textHangUps(found lang.Text, inTime, all int) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("%s; %d de %d cortes nuestros llegaron antes de su respuesta", found.ES, inTime, all),
		EN: fmt.Sprintf("%s; %d of %d times we hung up before its answer", found.EN, inTime, all),
	}
}

// textRounds tells in how many rounds copies that raced had another effect than
// one delivery. A race that is not seen is not proven absent, only tried so
// often.
func textRounds(found lang.Text, wrong, all int) lang.Text {
	if wrong == 0 {
		return lang.Text{
			ES: fmt.Sprintf("ninguna carrera en %d rondas; %s", all, found.ES),
			EN: fmt.Sprintf("no race in %d rounds; %s", all, found.EN),
		}
	}
	return lang.Text{
		ES: fmt.Sprintf("carrera en %d de %d rondas; %s", wrong, all, found.ES),
		EN: fmt.Sprintf("raced in %d of %d rounds; %s", wrong, all, found.EN),
	}
}

// textLeaks lists what answers of the run gave away.
func textLeaks(found []lang.Text) (t lang.Text) {
	for i, f := range found {
		if i > 0 {
			t.ES, t.EN = t.ES+", ", t.EN+", "
		}
		t.ES, t.EN = t.ES+f.ES, t.EN+f.EN
	}
	return t
}

func textNoLeaks(answers int) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("ninguna marca en %d respuestas", answers),
		EN: fmt.Sprintf("no mark in %d answers", answers),
	}
}

func textRefusesAll(size int) lang.Text {
	return lang.Text{
		ES: "no aceptó ninguno, tampoco uno de " + language.TextSize(size) + ": no es cosa del tamaño",
		EN: "it took none, not even one of " + language.TextSize(size) + ": that is not for the size",
	}
}

func textSlowBySize() lang.Text {
	return lang.Text{
		ES: "responde lento, y más cuanto más grande es el pedido: eso habla de su velocidad y no de un límite (KOM-LAT-001)",
		EN: "it answers slowly, the more so the bigger the order: that tells of its speed and not of a limit (KOM-LAT-001)",
	}
}

func textUnavailable(found lang.Text) lang.Text {
	return lang.Text{
		ES: "no atendió (" + found.ES + "), lo que no es un límite de tamaño",
		EN: "it did not serve (" + found.EN + "), which is no limit of size",
	}
}

func textConsent(class consent.Class) (reason, enable lang.Text) {
	reason = lang.Text{
		ES: fmt.Sprintf("no se mandan pruebas de la clase %s a otra máquina sin permiso", class),
		EN: fmt.Sprintf("stimuli of the class %s are not sent to another machine unasked", class),
	}
	return reason, lang.Text{ES: "--allow " + string(class), EN: "--allow " + string(class)}
}

func textAssumed(id string) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("Solo es un aviso porque %s es una suposición; confírmela con assume: {%s: confirmed}.", id, id),
		EN: fmt.Sprintf("Only a warning because %s is an assumption; confirm it with assume: {%s: confirmed}.", id, id),
	}
}

func textPaced(n int) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("El servidor limitó el ritmo %d veces; se esperó y se siguió más despacio (--pace 60/m va despacio desde el principio).", n),
		EN: fmt.Sprintf("The server limited the rate %d times; we waited and went on slower (--pace 60/m goes slowly from the start).", n),
	}
}

func textNoBurst() lang.Text {
	return lang.Text{ES: "con --pace no se mandan ráfagas", EN: "under --pace no bursts are sent"}
}

func textColdStart(timeout time.Duration) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("El primer envío no tuvo respuesta en %s y el segundo sí; se tomó por el arranque del servidor.", lang.Duration(timeout)),
		EN: fmt.Sprintf("The first delivery got no answer in %s, the second did; that was taken for the server's start.", lang.Duration(timeout)),
	}
}

func textSetBack(base time.Time) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("El reloj del servidor va atrasado; tras los primeros, los eventos siguen su hora (los mismos bytes: --start %s).", base.Format(time.RFC3339)),
		EN: fmt.Sprintf("The server's clock is behind; after the first ones, events go by its time (the same bytes: --start %s).", base.Format(time.RFC3339)),
	}
}

func textSilent(n, of int, found lang.Text) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("%d de %d envíos normales no tuvieron respuesta: %s", n, of, found.ES),
		EN: fmt.Sprintf("%d of %d plain deliveries got no answer: %s", n, of, found.EN),
	}
}

func textNotTaken(n, of int, found lang.Text) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("%d de %d envíos normales no se recibieron: %s", n, of, found.ES),
		EN: fmt.Sprintf("%d of %d plain deliveries were not acknowledged: %s", n, of, found.EN),
	}
}

func textWaitedLess(timeout, limit time.Duration) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("solo se esperaron %s, y la prueba pregunta por %s (--timeout)", lang.Duration(timeout), lang.Duration(limit)),
		EN: fmt.Sprintf("only %s were waited, and the check asks for %s (--timeout)", lang.Duration(timeout), lang.Duration(limit)),
	}
}

// alsoIn adds to what was found in how many cases it was.
func alsoIn(found lang.Text, cases []string, of int) lang.Text {
	const most = 4
	names := strings.Join(cases[:min(len(cases), most)], ", ")
	if len(cases) > most {
		names += ", …"
	}
	return lang.Text{
		ES: fmt.Sprintf("%s (%d de %d casos: %s)", found.ES, len(cases), of, names),
		EN: fmt.Sprintf("%s (%d of %d cases: %s)", found.EN, len(cases), of, names),
	}
}

// textLatency tells the latencies, sorted, and how many were over the limit.
func textLatency(took []time.Duration, over int, limit time.Duration) lang.Text {
	values := quantiles(took)
	verb := "tardaron"
	if over == 1 {
		verb = "tardó"
	}
	return lang.Text{
		ES: fmt.Sprintf("%d de %d respuestas %s más de %s (%s)", over, len(took), verb, lang.Duration(limit), values),
		EN: fmt.Sprintf("%d of %d answers took longer than %s (%s)", over, len(took), lang.Duration(limit), values),
	}
}

// textTook adds to what was found how long the answers took, sorted.
func textTook(found lang.Text, took []time.Duration) lang.Text {
	if len(took) == 0 {
		return found
	}
	values := quantiles(took)
	return lang.Text{
		ES: fmt.Sprintf("%s; %d respuestas: %s", found.ES, len(took), values),
		EN: fmt.Sprintf("%s; %d answers: %s", found.EN, len(took), values),
	}
}

// quantiles of latencies, sorted.
func quantiles(took []time.Duration) string {
	at := func(q float64) string { return lang.Duration(took[int(q*float64(len(took)-1))]) }
	return fmt.Sprintf("p50 %s, p95 %s, max %s", at(0.50), at(0.95), at(1))
}

// textAmong adds to what was found to how many deliveries of a case it happened.
func textAmong(found lang.Text, n, of int) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("%s (%d de %d envíos)", found.ES, n, of),
		EN: fmt.Sprintf("%s (%d of %d deliveries)", found.EN, n, of),
	}
}
