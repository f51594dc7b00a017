package judge

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// findWatermark looks for a receiver that keeps the time of the last event for all
// objects, or for all of a kind: it drops whatever is older than that, of any object. Then
// exactly those new objects were lost whose event was older than one that had been taken
// before.
func findWatermark(taken []*Exchange, follows Follows) *pattern {
	taken = slices.DeleteFunc(slices.Clone(taken), func(e *Exchange) bool { return e.Version == nil || e.History == nil })
	made := slices.DeleteFunc(firsts(taken), func(e *Exchange) bool { return !e.Version.made || e.Follows })
	for _, scope := range []func(*Exchange) string{
		func(e *Exchange) string { return e.Kind },
		func(e *Exchange) string { return e.History.Kind },
		func(*Exchange) string { return "" },
	} {
		w := watermark{taken, scope}
		if !w.explains(made, follows) {
			continue
		}
		p := &pattern{
			breach: model.Lost, cause: "watermark",
			fault: lang.Text{ES: "Descarta un evento por ser más viejo que el de otro objeto", EN: "Drops an event because it is older than one about another object"},
			matters: lang.Text{
				ES: "Los reintentos y los eventos de varios objetos se cruzan siempre; lo que se descarta con un 2xx se pierde.",
				EN: "Retries and events about different objects always interleave; what is dropped with a 2xx is lost.",
			},
			fix: lang.Text{
				ES: "Compare updated_at con el que guardó del mismo objeto (data.object.id), no con la hora del último evento que llegó.",
				EN: "Compare updated_at with the one you stored for the same object (data.object.id), not with the time of the last event that arrived.",
			},
		}
		for _, e := range taken {
			if older, _ := w.older(e); older {
				p.take(e)
			}
		}
		return p
	}
	return nil
}

// watermark is a last time that is kept for each scope.
type watermark struct {
	taken []*Exchange
	scope func(*Exchange) string
}

func (w *watermark) explains(made []*Exchange, follows Follows) bool {
	wrong, right, later := 0, 0, 0
	for _, e := range made {
		lost, seen := e.lost(follows)
		older, known := w.older(e)
		switch {
		case !seen || !known:
		case lost != older:
			return false
		case lost:
			wrong++
		default:
			if right++; wrong > 0 {
				later++
			}
		}
	}
	return wrong >= enoughWrong && right >= enoughRight && later >= enoughLater
}

// older reports whether an event is older than one of its scope that had been taken when
// it came; unknown where that one was still under way.
func (w *watermark) older(e *Exchange) (older, known bool) {
	came, answered := e.Last().Started, e.answered()
	var before, meanwhile time.Time
	for _, other := range w.taken {
		if other.Last().Started.After(answered) {
			break
		}
		if other == e || w.scope(other) != w.scope(e) {
			continue
		}
		if other.answered().Before(came) {
			before = latest(before, other.Version.At)
		} else {
			meanwhile = latest(meanwhile, other.Version.At)
		}
	}
	older = e.Version.At.Before(before)
	return older, older || !e.Version.At.Before(meanwhile)
}
