package scenarios

import (
	"errors"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// The sentences that the runner says of a run; those of the judgement stand with the judge.

func textNotSubscribed(kind string) lang.Text {
	return lang.Textf("el servidor no está suscrito a %s (--kinds o subscriptions)",
		"the server does not subscribe to %s (--kinds or subscriptions)", kind)
}

func textHook(err error) lang.Text {
	what, t := "hook", lang.Both(err)
	if e, ok := errors.AsType[*observe.Error](err); ok {
		what, t = e.What, e.Text
	}
	return lang.Textf("hook %s: %s", "hook %s: %s", what, t)
}

func textNotRestored(err error) lang.Text {
	return lang.Textf("¡El receptor no quedó como estaba! Revíselo antes de seguir: %s",
		"The receiver was not left as it was found! Check it before you go on: %s", textHook(err))
}

func textNeverKilled(receipts, of int) lang.Text {
	return lang.Textf("se iba a matar al servidor al recibir el evento %d y solo recibió %d",
		"the server was to be killed when it had acknowledged %d events, and it acknowledged only %d", of, receipts)
}

func textPaced(n int) lang.Text {
	return lang.Textf("El servidor limitó el ritmo %d veces; se esperó y se siguió más despacio (--pace 60/m va despacio desde el principio).",
		"The server limited the rate %d times; we waited and went on more slowly (--pace 60/m is slow from the start).", n)
}

func textColdStart(timeout time.Duration) lang.Text {
	return lang.Textf("La primera entrega no tuvo respuesta en %s y la segunda sí; se atribuyó al arranque del servidor.",
		"The first delivery got no response within %s and the second did; that was put down to the server starting up.", lang.Duration(timeout))
}

func textSetBack(base time.Time) lang.Text {
	return lang.Textf("El reloj del servidor va atrasado; tras los primeros, los eventos siguen su hora (los mismos bytes: --start %s).",
		"The server's clock is behind; after the first ones, events go by its time (the same bytes: --start %s).", base.Format(time.RFC3339))
}

func textPaceRefused() lang.Text {
	return lang.Text{
		ES: "el servidor limita el ritmo (429 o Retry-After), y ya se vio con otros eventos de golpe",
		EN: "the server limits the rate (429 or Retry-After), as was seen when other events came at once",
	}
}

func textCollapsed() lang.Text {
	return lang.Text{
		ES: "el servidor dejó de funcionar durante una prueba anterior",
		EN: "the server stopped working during an earlier check",
	}
}

func textUnreachable() lang.Text {
	return lang.Text{
		ES: "no se pudo conectar con el servidor",
		EN: "the server could not be reached",
	}
}

func textNoBurst() lang.Text {
	return lang.Text{
		ES: "con --pace no se mandan ráfagas",
		EN: "with --pace no bursts are sent",
	}
}

func textTestOrders() lang.Text {
	return lang.Text{
		ES: "El servidor no hace nada con los pedidos de prueba, y así no se observa nada de los pedidos. Con live_orders: true (o --live-orders) los pedidos dicen is_test: false.",
		EN: "The server does nothing about test orders, so that nothing of orders is observed. With live_orders: true (or --live-orders) orders say is_test: false.",
	}
}
