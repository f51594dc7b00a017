package scenarios

import (
	"fmt"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// The sentences that the runner itself says; those of the checks stand in the
// catalogue.

func textNotPlayed() lang.Text {
	return lang.Text{ES: "no se jugó", EN: "was not played"}
}

func textInterrupted() lang.Text {
	return lang.Text{ES: "la corrida se interrumpió antes", EN: "the run was interrupted before"}
}

func textThrottled() lang.Text {
	return lang.Text{
		ES: "el servidor limita el ritmo (429 o Retry-After) y la espera de 60 s no bastó",
		EN: "the server limits the rate (429 or Retry-After), and waiting 60 s was not enough",
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
		ES: "el primer envío del caso no se recibió: " + d.ES,
		EN: "the first delivery of the case was not acknowledged: " + d.EN,
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
		ES: "observe: {log: {file: storage/logs/laravel.log, pattern: 'pedido creado .*'}}",
		EN: "observe: {log: {file: storage/logs/laravel.log, pattern: 'pedido creado .*'}}",
	}
}

func textConsent(class Class) (reason, enable lang.Text) {
	return lang.Text{
			ES: fmt.Sprintf("no se mandan pruebas de la clase %s a otra máquina sin permiso", class),
			EN: fmt.Sprintf("stimuli of the class %s are not sent to another machine unasked", class),
		}, lang.Text{
			ES: "--allow " + string(class),
			EN: "--allow " + string(class),
		}
}

func textAssumed(id string) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("Solo es un aviso porque %s es una suposición; confírmela con assume: {%s: confirmed}.", id, id),
		EN: fmt.Sprintf("Only a warning because %s is an assumption; confirm it with assume: {%s: confirmed}.", id, id),
	}
}

func textPaced(n int) lang.Text {
	return lang.Text{
		ES: fmt.Sprintf("El servidor limitó el ritmo %d veces; se esperó y se siguió.", n),
		EN: fmt.Sprintf("The server limited the rate %d times; we waited and went on.", n),
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
	at := func(q float64) time.Duration {
		return took[int(q*float64(len(took)-1))].Round(100 * time.Microsecond)
	}
	values := fmt.Sprintf("p50 %s, p95 %s, max %s", at(0.50), at(0.95), at(1))
	return lang.Text{
		ES: fmt.Sprintf("%d de %d respuestas tardaron más de %s (%s)", over, len(took), limit, values),
		EN: fmt.Sprintf("%d of %d answers took longer than %s (%s)", over, len(took), limit, values),
	}
}
