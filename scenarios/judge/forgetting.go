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
		fault: lang.Text{ES: "Olvida un evento cuando han llegado muchos otros, y lo hace otra vez", EN: "Forgets an event once many others have come, and does it again"},
		matters: lang.Text{
			ES: "Kometia repite un evento durante dos días, con todos los que pasen entre tanto: en los días de más ventas se repiten envíos y cobros.",
			EN: "Kometia repeats an event for two days, whatever else happens in the meantime: on the days with the most sales, shipments and charges are repeated.",
		},
		fix: lang.Text{
			ES: "Guarde el id de cada evento en una tabla con índice único, y consérvelo más de 48 horas; no una lista que se recorta, ni una caché que vence o desaloja.",
			EN: "Store the id of each event in a table with a unique index and keep it for more than 48 hours; no list that is trimmed, and no cache that expires or evicts.",
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
	p.note = lang.Textf("Se hicieron otra vez los eventos que se repitieron cuando habían llegado %d otros o más; tras %d o menos, ninguno.",
		"The events were done again that were repeated once %d others or more had come; after %d or fewer, none was.", forgotten, kept)
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
