package judge

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// The sentences that the runner itself says; those of the checks stand in the
// catalogue.

// TextNeeds says that another check has to be met first.
func TextNeeds(id string) lang.Text { return lang.Textf("corrija antes %s", "fix %s first", id) }

func textGiven(e *Exchange) lang.Text {
	what := e.Kind
	if e.Version != nil {
		what = e.Version.event()
	}
	return lang.Textf("otra entrega del mismo caso, %s, dio %s, así que esta no demuestra nada",
		"another delivery of the same case, %s, got %s, so this one proves nothing", what, Describe(e))
}

func textCutOff(err *wire.Error) lang.Text {
	return lang.Textf("no se pudo llegar al servidor desde esta máquina (%s)",
		"this machine could not get through to the server (%s)", err.Text())
}

func textNeedsHooks(keys []string) lang.Text {
	if slices.Contains(keys, verdict.VerbReconcile) {
		return lang.Text{
			ES: "lo que vence a las 48 h ya solo se encuentra en la API (GET /v1/events, unos 30 días), y nada dice cómo lo busca su servidor",
			EN: "what expires after 48 h can only be found in the API (GET /v1/events, for about 30 days), and nothing says how your server looks for it",
		}
	}
	return lang.Textf("hace falta poder matar y arrancar el servidor, o tirar su base de datos (%s)",
		"needs a way to kill and start the server, or to take its database down (%s)", strings.Join(keys, ", "))
}

// textNoSink tells who calls nobody, as far as anybody says, how to say otherwise.
func textNoSink(enable lang.Text) lang.Text {
	return lang.Textf("es para servidores que llaman a otros (un ERP, un correo), y la configuración no nombra ninguno: %s",
		"is for servers that call others (an ERP, a mail service), and the config names none: %s", enable)
}

// textEnableHooks are lines of a config, as they could stand there.
func textEnableHooks(keys []string) lang.Text {
	lines := map[string]lang.Text{
		verdict.VerbKill:      {ES: "kill: [systemctl, kill, --signal=KILL, mi-tienda]", EN: "kill: [systemctl, kill, --signal=KILL, my-shop]"},
		verdict.VerbStart:     {ES: "start: [systemctl, start, mi-tienda]", EN: "start: [systemctl, start, my-shop]"},
		verdict.VerbDown:      lang.Same("down: [docker, compose, stop, db]"),
		verdict.VerbSink:      lang.Same("observe: {sink: {erp: 127.0.0.1:9099}}"),
		verdict.VerbUp:        lang.Same("up: [docker, compose, start, db]"),
		verdict.VerbReconcile: {ES: "reconcile: [php, artisan, kometia:ponerse-al-dia]   # su tarea que busca en la API lo que no llegó", EN: "reconcile: [php, artisan, kometia:catch-up]   # your job that fetches from the API what did not arrive"},
	}
	var wanted []lang.Text
	for _, k := range keys {
		wanted = append(wanted, lines[k])
	}
	return joined(wanted, lang.Same("\n"))
}

// joined puts a separator between texts.
func joined(texts []lang.Text, between lang.Text) (t lang.Text) {
	for i, next := range texts {
		if i == 0 {
			t = next
		} else {
			t = lang.Textf("%s%s%s", "%s%s%s", t, between, next)
		}
	}
	return t
}

// beside joins what was found in two ways.
func beside(a, b lang.Text) lang.Text {
	if b.IsZero() {
		return a
	}
	return lang.Textf("%s; %s", "%s; %s", a, b)
}

func textObserver(err error) lang.Text {
	return lang.Textf("observador: %s", "observer: %s", observed(err))
}

// TextNoEffects says that nothing is seen of a kind of event.
func TextNoEffects(kind string) lang.Text {
	return lang.Textf("el observador no ve ningún efecto de %s", "the observer sees no effect of %s", kind)
}

// textHangUps tells how many of our hang-ups came before the answer.
func textHangUps(found lang.Text, inTime, all int) lang.Text {
	return lang.Textf("%s; %d de %d veces cerramos la conexión antes de su respuesta",
		"%s; %d of %d times we closed the connection before its response", found, inTime, all)
}

// textRounds tells in how many rounds copies that raced had another effect than
// one delivery. A race that is not seen is not proven absent, only tried so
// often.
func textRounds(found lang.Text, wrong, all int) lang.Text {
	switch wrong {
	case 0:
		return lang.Textf("ninguna carrera en %d rondas; %s", "no race in %d rounds; %s", all, found)
	case all:
		return lang.Textf("las copias compitieron en las %d rondas: %s", "the copies raced in all %d rounds: %s", all, found)
	}
	return lang.Textf("las copias compitieron en %d de %d rondas: %s", "the copies raced in %d of %d rounds: %s", wrong, all, found)
}

// textDeaths tells in how many places of its work a receiver was killed.
func textDeaths(found lang.Text, kills, places int) lang.Text {
	if kills == 1 {
		return lang.Textf("se mató 1 vez, en %d puntos de su trabajo; %s", "killed once, at %d points of its work; %s", places, found)
	}
	return lang.Textf("se mató %d veces, en %d puntos de su trabajo; %s", "killed %d times, at %d points of its work; %s", kills, places, found)
}

func textNoLeaks(answers int) lang.Text {
	return lang.Textf("nada revelador en %d respuestas", "nothing revealing in %d responses", answers)
}

func textRefusesAll(size int) lang.Text {
	return lang.Textf("no aceptó ninguno, ni siquiera uno de %s: no se debe al tamaño",
		"it accepted none, not even one of %s: the size is not the reason", language.TextSize(size))
}

func textUnavailable(found lang.Text) lang.Text {
	return lang.Textf("no atendió (%s), y eso no es un límite de tamaño",
		"it was unavailable (%s), which is not a size limit", found)
}

func textAssumed(id string) lang.Text {
	return lang.Textf("Solo es un aviso porque %s es una suposición; confírmela con assume: {%s: confirmed}.",
		"Only a warning because %s is an assumption; confirm it with assume: {%s: confirmed}.", id, id)
}

func textSilent(n, of int, found lang.Text) lang.Text {
	return lang.Textf("%d de %d entregas normales no tuvieron respuesta: %s",
		"%d of %d normal deliveries got no response: %s", n, of, found)
}

func textNotTaken(n, of int, found lang.Text) lang.Text {
	return lang.Textf("%d de %d entregas normales no se aceptaron: %s",
		"%d of %d normal deliveries were not accepted: %s", n, of, found)
}

func textWaitedLess(timeout, limit time.Duration) lang.Text {
	return lang.Textf("solo se esperaron %s, y la prueba mide %s (--timeout)",
		"the wait was only %s, and the check is about %s (--timeout)", lang.Duration(timeout), lang.Duration(limit))
}

// alsoIn adds to what was found in how many cases it was the same.
func alsoIn(found lang.Text, cases []lang.Text, of int) lang.Text {
	const most = 4
	switch {
	case len(cases) == of && of == 2:
		return lang.Textf("%s; igual en los dos casos", "%s; the same in both cases", found)
	case len(cases) == of:
		return lang.Textf("%s; igual en los %d casos", "%s; the same in all %d cases", found, of)
	}
	names := joined(cases[:min(len(cases), most)], lang.Same(", "))
	if len(cases) > most {
		names = lang.Textf("%s, …", "%s, …", names)
	}
	return lang.Textf("%s; igual en %d de %d casos: %s", "%s; the same in %d of %d cases: %s", found, len(cases), of, names)
}

// textLatency tells the latencies, sorted, and how many were over the limit.
func textLatency(latencies []time.Duration, over int, limit time.Duration) lang.Text {
	took := lang.Text{ES: "tardaron", EN: "took"}
	if over == 1 {
		took.ES = "tardó"
	}
	return lang.Textf("%d de %d respuestas %s más de %s (%s)", "%d of %d responses %s longer than %s (%s)",
		over, len(latencies), took, lang.Duration(limit), quantiles(latencies))
}

// textTook adds to what was found how long the answers took, sorted.
func textTook(found lang.Text, took []time.Duration) lang.Text {
	if len(took) == 0 {
		return found
	}
	return lang.Textf("%s; %d respuestas: %s", "%s; %d responses: %s", found, len(took), quantiles(took))
}

// quantiles of latencies, sorted.
func quantiles(took []time.Duration) string {
	at := func(q float64) string { return lang.Duration(took[int(q*float64(len(took)-1))]) }
	return fmt.Sprintf("p50 %s, p95 %s, max %s", at(0.50), at(0.95), at(1))
}

// textAmong adds to what was found to how many deliveries of a case it happened.
func textAmong(found lang.Text, n, of int) lang.Text {
	switch {
	case n == of && of == 2:
		return lang.Textf("%s, en las dos entregas", "%s, in both deliveries", found)
	case n == of:
		return lang.Textf("%s, en las %d entregas", "%s, in all %d deliveries", found, of)
	}
	return lang.Textf("%s, en %d de %d entregas", "%s, in %d of %d deliveries", found, n, of)
}

// textAside names the cases about which nothing can be said.
func textAside(names []lang.Text) lang.Text {
	const most = 5
	all := joined(names[:min(len(names), most)], lang.Same(", "))
	if n := len(names) - most; n > 0 {
		all = lang.Textf("%s y %d más", "%s and %d more", all, n)
	}
	return lang.Textf("No se probaron, porque su servidor no hace nada con esos eventos o los rechaza: %s.", "Not tested, because your server does nothing with those events or rejects them: %s.", all)
}

// textUnless tells why a check says nothing where an assumption was confirmed.
func textUnless(id string) lang.Text {
	return lang.Textf("usted confirmó %s (assume)", "you confirmed %s (assume)", id)
}

// textPassedOver says why the contents of a kind show nothing.
func textPassedOver(kind string) lang.Text {
	return lang.Textf("un %s normal, después de los eventos que le preceden, tampoco hizo nada, así que no se ve qué haría con el contenido",
		"a normal %s after the events that precede it did nothing either, so it cannot be seen what it would do with the content", kind)
}
