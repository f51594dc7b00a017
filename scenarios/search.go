package scenarios

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// limit is what a search for the largest event that is taken has found. It holds
// only exchanges that were played and assumes nothing about sizes between them.
type limit struct {
	taken   *exchange // the largest that was acknowledged
	refused *exchange // the smallest that was not
	stopped *exchange // what ended the search and says nothing of sizes
	proven  int       // the size that was asked for when the largest taken was made
	plain   time.Duration
	timeout time.Duration
}

// size is how many bytes the exchange's event had.
func (e *exchange) size() int { return len(e.result.Delivery.Request.Body) }

// search sends events of growing size until one is refused, and then halves the
// range between. Each event is an exchange of its own.
func (r *Runner) search(ctx context.Context, s *language.Scenario, spec *language.Case, se *language.Search, c playing, kind string, round int, at time.Time) {
	found := &limit{plain: r.report.Profile.Latency, timeout: r.receiver.Timeout()}
	b := bisection{rungs: se.Rungs(), left: r.planner.requests(se)}
	for n := 0; ; n++ {
		want, more := b.next()
		if !more {
			return
		}
		if r.stopped(ctx) {
			c.stopped = true
			return
		}
		var e *emitted
		if e, c.err = r.maker.sized(s, spec, se, kind, round*se.Requests+n, want, at); c.err != nil || len(e.body) <= b.taken {
			return
		}
		d := &language.Deliver{As: se.As}
		p := r.deliverer.prepare(d, told{emitted: e}, round)
		x := p.exchange
		x.limit, x.summary = found, language.TextSize(len(e.body))
		c.exchanges = append(c.exchanges, x)
		r.judge.heard = append(r.judge.heard, x)
		r.deliverer.send(ctx, c, d, []outgoing{p}, nil)
		switch {
		case x.acknowledged():
			found.taken, found.proven = x, want
		case x.apart():
			found.stopped = x
			return
		default:
			found.refused = x
		}
		if x.hangs() {
			return // each would cost a whole timeout
		}
		b.learn(len(e.body), x.acknowledged())
	}
}

// sized makes an event of a search: the largest order that is not larger.
func (m *maker) sized(s *language.Scenario, spec *language.Case, se *language.Search, kind string, n, size int, at time.Time) (*emitted, error) {
	e := &language.Emit{As: se.Name(), Kind: se.Kind}
	key := shop.Key{Name: emitKey(s, spec, e.Name(), e.KindFor(kind)), Index: n}
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
	return m.emit(s, &language.Case{Name: spec.Name, Steps: []language.Step{{Emit: e}}}, e, kind, n, at)
}

// fitting is how many lines make an order as large as it may be.
func fitting(size int, measure func(lines int) (int, error)) (int, error) {
	lines, got := max(size/language.Kilobyte, 1), 0
	for range 8 {
		var err error
		if got, err = measure(lines); err != nil {
			return 0, err
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

// apart reports whether an exchange of a search failed for what has nothing to
// do with its size: our pace, a server that is overloaded or away, our own side.
func (e *exchange) apart() bool {
	if _, stood := inTheWay(e); stood {
		return true
	}
	o := e.last()
	if o.Err != nil {
		return slices.Contains([]wire.ErrorKind{wire.ErrConnectRefused, wire.ErrConnectTimeout, wire.ErrCanceled}, o.Err.Kind)
	}
	return o.Status == http.StatusTooManyRequests || o.Status == http.StatusServiceUnavailable
}

// hangs reports whether the receiver, or what it stands behind, gave no answer
// in time.
func (e *exchange) hangs() bool {
	return e.timedOut() || e.last() != nil && e.last().Status == http.StatusGatewayTimeout
}

// decides is the exchange by which a search is judged.
func (l *limit) decides() *exchange {
	switch {
	case l.refused != nil:
		return l.refused
	case l.taken != nil:
		return l.taken
	}
	return l.stopped
}

// weigh takes back what a search has not shown. A refusal is not for the size when
// nothing was taken or when the answer only took long, and no size counts as taken
// that was not tried.
func (l *limit) weigh(check *language.Check, f *finding) {
	wanted := check.LargestLimit()
	switch bad := l.refused != nil && (f.verdict == verdict.Fail || f.verdict == verdict.Warn); {
	case bad && l.taken == nil && !l.refused.hangs():
		f.verdict, f.reason = verdict.Inconclusive, textRefusesAll(l.refused.size())
	case bad && l.refused.hangs() && l.slow():
		f.verdict, f.reason = verdict.Inconclusive, textSlowBySize.both()
	case f.verdict == verdict.Pass && l.proven < wanted && l.stopped != nil:
		f.verdict, f.reason, f.by = verdict.Inconclusive, textUnavailable(describe(l.stopped)), l.stopped
		if other, stood := inTheWay(l.stopped); stood {
			f.verdict, f.reason = other.verdict, other.reason
		}
	case f.verdict == verdict.Pass && l.proven < wanted:
		f.verdict, f.reason = verdict.Inconclusive, textInterrupted.both()
	case f.verdict == verdict.Pass && l.taken != nil:
		f.by = l.taken
		if f.note.IsZero() {
			f.note = l.found() // worth knowing all the same
		}
	}
}

// slow reports whether the time that the receiver takes for a smaller event
// explains that it did not answer a larger one in time.
func (l *limit) slow() bool {
	took, size := l.plain, language.MinSize
	if l.taken != nil {
		took, size = l.taken.last().Latency, l.taken.size()
	}
	return float64(took)*float64(l.refused.size())/float64(size) > float64(l.timeout)/2
}

// found words the limit in numbers that were seen.
func (l *limit) found() lang.Text {
	var taken, refused lang.Text
	if l.taken != nil {
		n := language.TextSize(l.taken.size())
		taken = lang.Text{ES: "acepta " + n, EN: "takes " + n}
		if l.refused != nil {
			taken = lang.Text{ES: "acepta hasta " + n, EN: "takes up to " + n}
		}
	}
	if l.refused != nil {
		n, d := language.TextSize(l.refused.size()), describe(l.refused)
		refused = lang.Text{ES: fmt.Sprintf("rechaza %s (%s)", n, d.ES), EN: fmt.Sprintf("refuses %s (%s)", n, d.EN)}
		if l.refused.timedOut() {
			refused = lang.Text{
				ES: fmt.Sprintf("no responde a %s en %s", n, lang.Duration(l.timeout)),
				EN: fmt.Sprintf("does not answer %s in %s", n, lang.Duration(l.timeout)),
			}
		}
	}
	if taken.IsZero() || refused.IsZero() {
		return lang.Text{ES: taken.ES + refused.ES, EN: taken.EN + refused.EN}
	}
	return lang.Text{ES: taken.ES + ", " + refused.ES, EN: taken.EN + ", " + refused.EN}
}
