package platform

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/kometia-sim/kometia-sim/simulator/delivery"
)

// interrupt finds the attempts that were under way when the last process ended,
// and writes them down as interrupted. They are still due.
func interrupt(t *tx, wall time.Time) error {
	var all []ticket
	rows, err := t.query("SELECT tickets FROM batches ORDER BY id")
	err = each(rows, err, func(scan func(...any) error) error {
		var data []byte
		var batch []ticket
		err := errors.Join(scan(&data), json.Unmarshal(data, &batch))
		all = append(all, batch...)
		return err
	})
	if err != nil {
		return err
	}
	for _, one := range all {
		var data []byte
		var attempts int
		rows, err := t.query("SELECT attempts, runs FROM deliveries WHERE id = ?", one.ID)
		found, err := first(rows, err, &attempts, &data)
		if err != nil {
			return err
		}
		if !found || attempts > one.Count {
			continue // it had ended, and others of its batch had not
		}
		runs, err := parseRuns(data)
		if err != nil {
			return err
		}
		r := run{Number: one.Number, Count: 1, First: one.Due, Wall: wall.UnixMilli(), Broken: true, Extra: one.Extra}
		encoded, err := r.encode(runs)
		if err != nil {
			return err
		}
		if err := t.exec("UPDATE deliveries SET attempts = attempts + 1, runs = ? WHERE id = ?", encoded, one.ID); err != nil {
			return err
		}
	}
	return t.exec("DELETE FROM batches")
}

// Redeliver makes a further attempt now, beside the schedule: also of what was
// acknowledged, but of nothing that has expired.
func (p *Platform) Redeliver(ctx context.Context, id int64) error {
	p.life.RLock()
	defer p.life.RUnlock()
	release := p.clock.Hold()
	defer release()
	t := delivery.Ticket{ID: id, Extra: true, Due: p.clock.Now()}
	err := p.store.write(ctx, func(w *tx) error {
		var state State
		rows, err := w.query("SELECT state, subscription, next FROM deliveries WHERE id = ?", id)
		found, err := first(rows, err, &state, &t.Lane, &t.Number)
		switch {
		case err != nil:
			return err
		case !found:
			return missing("no hay una entrega %d", "there is no delivery %d", id)
		case state == expired:
			return conflict("la entrega %d expiró: pasadas las 48 horas un webhook no se puede reintentar", "delivery %d has expired: after 48 hours a webhook cannot be retried", id)
		case state == canceled:
			return conflict("la entrega %d se canceló con su suscripción", "delivery %d was canceled with its subscription", id)
		}
		return w.exec("UPDATE deliveries SET extra = extra + 1 WHERE id = ?", id)
	})
	if err == nil {
		p.add([]delivery.Ticket{t})
	}
	return err
}
