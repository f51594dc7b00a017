package emit

import (
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Sized makes an event of a search: the largest order that is not larger.
func (m *Maker) Sized(s *language.Scenario, spec *language.Case, se *language.Search, kind string, n, size int, at time.Time) (*Emitted, error) {
	e := &language.Emit{As: se.Name(), Kind: se.Kind}
	key := shop.Key{Name: Key(s, spec, e.Name(), e.KindFor(kind)), Index: n}
	measure := func(lines int) (int, error) {
		events, err := m.world.Draft(shop.Story{Key: key, Kinds: []string{e.KindFor(kind)}, At: at, Lines: lines, Shape: &m.plain})
		if err != nil {
			return 0, err
		}
		return len(delivery.Body(events[0].Tree, m.cfg.Envelope, m.cfg.Style)), nil
	}
	lines, err := fitting(size, measure)
	if err != nil {
		return nil, lang.Errorf("%s: caso %s: búsqueda %s: %s", "%s: case %s: search %s: %s", s.File(), spec.Name, language.TextSize(size), err)
	}
	e.Lines = lines
	return m.Emit(s, &language.Case{Name: spec.Name, Steps: []language.Step{{Emit: e}}}, e, kind, n, at)
}

// fitting is how many lines make an order nearly as large as it may be: within one
// part in fifty, for each try makes the whole order.
func fitting(size int, measure func(lines int) (int, error)) (int, error) {
	lines, got := max(size/language.Kilobyte, 1), 0
	for range 8 {
		var err error
		if got, err = measure(lines); err != nil {
			return 0, err
		}
		if got <= size && got >= size-size/50 {
			return lines, nil
		}
		next := min(max(int(int64(lines)*int64(size)/int64(got)), 1), language.MaxLines)
		if next == lines {
			break
		}
		lines = next
	}
	// The estimate rests on an average; a line may be longer.
	for got = size + 1; got > size; lines-- {
		if lines == 0 {
			return 0, lang.Errorf("ningún evento de ese tipo es tan pequeño", "no event of that kind is that small")
		}
		var err error
		if got, err = measure(lines); err != nil {
			return 0, err
		}
	}
	if got < size/2 {
		return 0, lang.Errorf("un evento de ese tipo tiene %d bytes con %d líneas y no más: diga el tipo de un pedido",
			"an event of that kind has %d bytes with %d lines and no more: name the kind of an order", got, lines+1)
	}
	return lines + 1, nil
}
