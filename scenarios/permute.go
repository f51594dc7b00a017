package scenarios

import (
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
)

// permuted are the deliveries of one round of a step in the order of its number.
func (dl *deliverer) permuted(c playing, d *language.Deliver, events map[string]told, round int) (out []outgoing) {
	var due time.Time
	for _, name := range d.Permute {
		if at := events[name].At.Add(d.At); at.After(due) {
			due = at
		}
	}
	for i, name := range language.Permutation(d.Permute, round) {
		p := dl.prepare(d, events[name], round)
		p.Follows, p.Orphan = i > 0, i == 0 && dl.observation.storied[p.Exchange.Kind] > 0
		p.Due, p.MaxAttempts = due.Add(time.Duration(i+1)*language.PermuteApart), d.Attempts
		out = append(out, dl.begin(c, p))
	}
	return out
}

// atOnce are the deliveries of one round of a step whose events arrive together.
func (dl *deliverer) atOnce(c playing, d *language.Deliver, events map[string]told, round int) (out []outgoing) {
	var due time.Time
	for _, name := range d.Together {
		if at := events[name].At.Add(d.At); at.After(due) {
			due = at
		}
	}
	all := make([]delivery.Delivery, len(d.Together))
	for i, name := range d.Together {
		p := dl.prepare(d, events[name], round)
		p.Name, p.Beside, p.Due = name, true, due
		all[i], out = p.Delivery, append(out, p)
	}
	for i, one := range delivery.AtOnce(all) {
		out[i].Delivery = one
		dl.begin(c, out[i])
	}
	return out
}

// overtaken marks the deliveries that came after the receiver had taken a newer
// event of their object.
func overtaken(group []outgoing) {
	for _, p := range group {
		for _, q := range group {
			if p.Version == nil || q.History != p.History || !q.Acknowledged() || !p.Acknowledged() {
				continue
			}
			first, second := q.Result.Last(), p.Result.Last()
			p.Late = p.Late || q.Version.At.After(p.Version.At) && first.At.Before(second.At)
		}
	}
}

// patience is how much real time a run gives to queues that nobody sees between
// retries; firstPause is the first wait of it for each group of deliveries.
const patience, firstPause = 20 * time.Second, 50 * time.Millisecond

// clock is the virtual clock of a step's deliveries, and the rest that is to be
// told of their attempts. An event that arrives in another order may need one that
// is only queued so far, so the receiver comes to rest between its retries.
func (dl *deliverer) clock(d *language.Deliver, first time.Time) (retryclock.Clock, *receiver.Rest) {
	rest := &receiver.Rest{Patience: &dl.patience, Pause: firstPause}
	if len(d.Permute) == 0 {
		return retryclock.NewVirtual(first), rest
	}
	return dl.receiver.RestfulClock(first, rest, nil, nil), rest
}
