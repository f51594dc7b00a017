package judge

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Limit is what a search for the largest event that is taken has found. It holds
// only exchanges that were played and assumes nothing about sizes between them.
type Limit struct {
	Taken   *Exchange // the largest that was acknowledged
	Refused *Exchange // the smallest that was not
	Stopped *Exchange // what ended the search and says nothing of sizes
	Proven  int       // the size that was asked for when the largest taken was made
	Plain   time.Duration
	Timeout time.Duration
}

// size is how many bytes the exchange's event had.
func (e *Exchange) size() int { return len(e.Result.Delivery.Request.Body) }

// Apart reports whether an exchange of a search failed for what has nothing to
// do with its size: our pace, a server that is overloaded or away, our own side.
func (e *Exchange) Apart() bool {
	if _, stood := inTheWay(e); stood {
		return true
	}
	o := e.Last()
	if o.Err != nil {
		return slices.Contains([]wire.ErrorKind{wire.ErrConnectRefused, wire.ErrConnectTimeout, wire.ErrCanceled}, o.Err.Kind)
	}
	return o.Status == http.StatusTooManyRequests || o.Status == http.StatusServiceUnavailable
}

// Hangs reports whether the receiver, or what it stands behind, gave no answer
// in time.
func (e *Exchange) Hangs() bool {
	return e.TimedOut() || e.Last() != nil && e.Last().Status == http.StatusGatewayTimeout
}

// decides is the exchange by which a search is judged.
func (l *Limit) decides() *Exchange {
	switch {
	case l.Refused != nil:
		return l.Refused
	case l.Taken != nil:
		return l.Taken
	}
	return l.Stopped
}

// weigh takes back what a search has not shown. A refusal is not for the size when
// nothing was taken or when the answer only took long, and no size counts as taken
// that was not tested.
func (l *Limit) weigh(check *language.Check, f *Finding) {
	wanted := check.LargestLimit()
	switch bad := l.Refused != nil && (f.Verdict == verdict.Fail || f.Verdict == verdict.Warn); {
	case bad && l.Taken == nil && !l.Refused.Hangs():
		f.Verdict, f.Reason = verdict.Inconclusive, textRefusesAll(l.Refused.size())
	case bad && l.Refused.Hangs() && l.slow():
		f.Verdict, f.Reason = verdict.Inconclusive, textSlowBySize.both()
	case f.Verdict == verdict.Pass && l.Proven < wanted && l.Stopped != nil:
		f.Verdict, f.Reason, f.by = verdict.Inconclusive, textUnavailable(Describe(l.Stopped)), l.Stopped
		if other, stood := inTheWay(l.Stopped); stood {
			f.Verdict, f.Reason = other.Verdict, other.Reason
		}
	case f.Verdict == verdict.Pass && l.Proven < wanted:
		f.Verdict, f.Reason = verdict.Inconclusive, textInterrupted.both()
	case f.Verdict == verdict.Pass && l.Taken != nil:
		f.by = l.Taken
		if f.note.IsZero() {
			f.note = l.found() // worth knowing all the same
		}
	}
}

// slow reports whether the time that the receiver takes for a smaller event
// explains that it did not answer a larger one in time.
func (l *Limit) slow() bool {
	took, size := l.Plain, language.MinSize
	if l.Taken != nil {
		took, size = l.Taken.Last().Latency, l.Taken.size()
	}
	return float64(took)*float64(l.Refused.size())/float64(size) > float64(l.Timeout)/2
}

// found words the limit in numbers that were seen.
func (l *Limit) found() lang.Text {
	var taken, refused lang.Text
	if l.Taken != nil {
		n := language.TextSize(l.Taken.size())
		taken = lang.Text{ES: "acepta " + n, EN: "accepts " + n}
		if l.Refused != nil {
			taken = lang.Text{ES: "acepta hasta " + n, EN: "accepts up to " + n}
		}
	}
	if l.Refused != nil {
		n, d := language.TextSize(l.Refused.size()), Describe(l.Refused)
		refused = lang.Text{ES: fmt.Sprintf("rechaza %s (%s)", n, d.ES), EN: fmt.Sprintf("rejects %s (%s)", n, d.EN)}
		if l.Refused.TimedOut() {
			refused = lang.Text{
				ES: fmt.Sprintf("no responde a %s en %s", n, lang.Duration(l.Timeout)),
				EN: fmt.Sprintf("does not answer %s in %s", n, lang.Duration(l.Timeout)),
			}
		}
	}
	if taken.IsZero() || refused.IsZero() {
		return lang.Text{ES: taken.ES + refused.ES, EN: taken.EN + refused.EN}
	}
	return lang.Text{ES: taken.ES + ", " + refused.ES, EN: taken.EN + ", " + refused.EN}
}
