package judge

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// findForgetting looks for a receiver that remembers so many events, or each for so long.
// Then exactly those were done again between whose deliveries enough others had come.
func findForgetting(heard []*Exchange) *pattern {
	came, last := map[string][]time.Time{}, map[string]*Exchange{}
	for _, e := range heard {
		if e.Copies > 0 || e.Beside || !e.expects() {
			continue
		}
		last[e.Event] = e
		for _, o := range e.outcomes() {
			came[e.Event] = append(came[e.Event], o.Started)
		}
	}
	var fresh []time.Time // when an event came that was new
	for _, at := range came {
		slices.SortFunc(at, time.Time.Compare)
		fresh = append(fresh, at[0])
	}
	slices.SortFunc(fresh, time.Time.Compare)
	p := &pattern{
		breach: model.Doubled, cause: "forgetting",
		fault: lang.Text{ES: "Olvida un evento después de muchos otros y lo procesa otra vez", EN: "Forgets an event after many others and processes it again"},
		matters: lang.Text{
			ES: "Kometia repite un evento durante dos días, lleguen los que lleguen entre tanto: en los días de más ventas se duplican envíos y cobros.",
			EN: "Kometia retries an event for two days, however many others come in between: on your busiest days, shipments and charges are duplicated.",
		},
		fix: lang.Text{
			ES: "Guarde el id de cada evento en una tabla con índice único y consérvelo más de 48 horas; no use una lista que se recorta ni una caché que vence o desaloja.",
			EN: "Store each event id in a table with a unique index and keep it for more than 48 hours; do not use a list that is trimmed or a cache that expires or evicts.",
		},
	}
	kept, forgotten, right := 0, 0, 0
	for event, e := range last {
		between := mostBetween(came[event], fresh)
		if e.Counted() == nil || len(came[event]) < 2 {
			continue
		}
		if len(model.Once(e.Line(nil))) == 0 {
			kept, right = max(kept, between), right+1
			continue
		}
		if p.take(e); len(p.events) == 1 || between < forgotten {
			forgotten = between
		}
	}
	if len(p.events) < enoughWrong || right < enoughRight || forgotten <= kept {
		return nil
	}
	p.note = lang.Textf("Se procesaron otra vez los eventos que se repitieron después de %d otros o más; después de %d o menos, ninguno.",
		"Processed again were the events that came again after %d others or more; after %d or fewer, none.", forgotten, kept)
	return p
}

// mostBetween is how many of the instants lie between two of an event's deliveries that
// follow each other, at the most.
func mostBetween(deliveries, instants []time.Time) (most int) {
	rank := func(t time.Time) int {
		n, _ := slices.BinarySearchFunc(instants, t, time.Time.Compare)
		return n
	}
	for i := 1; i < len(deliveries); i++ {
		most = max(most, rank(deliveries[i])-rank(deliveries[i-1]))
	}
	return most
}
