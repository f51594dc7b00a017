package practice

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Receivers that call a service of another company for each event: an ERP.

// erpTimeout is how long the ERP may take.
const erpTimeout = 3 * time.Second

// errERP is what came of a call that was not answered well.
var errERP = errors.New("the ERP failed")

// callERP tells the ERP of an event, with a key by which it knows repeats; "" is
// without one.
func (r *Receiver) callERP(ctx context.Context, e event, key string) error {
	ctx, cancel := context.WithTimeout(ctx, erpTimeout)
	defer cancel()
	body := fmt.Sprintf(`{"event":%q,"kind":%q}`, e.id, e.kind)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(r.erp, "/")+"/documents", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	// An answer that is lost has to be seen as lost: the client repeats by itself
	// what goes out on a kept connection and has a key.
	req.Close = true
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errERP, err)
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxBody))
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("%w: it answered %d", errERP, res.StatusCode)
	}
	return nil
}

// invoice is what is done in the receiver's own database.
func invoice(event) []string { return []string{"invoice"} }

// erpFlaws lose or double something when the ERP fails.
func erpFlaws() []flaw {
	erp := func(name, es, en string, wrap wrapping) flaw {
		return flaw{
			Flaw: Flaw{
				Name: name, Title: lang.Text{ES: es, EN: en}, Fails: []string{"KOM-DEP-002"}, CallsERP: true,
				Perhaps: []string{"KOM-DUR-001"}, // a kill in the middle of the call does the same
			},
			names: invoice, wrap: wrap,
		}
	}
	keyless := erp("outbox-keyless", "repite la llamada al ERP sin una clave que la reconozca", "repeats the call to the ERP without a key by which it is known", outbox)
	keyless.afterwards = func(ctx context.Context, r *Receiver, e event) error { return r.callERP(ctx, e, "") }
	halfway := erp("erp-halfway", "factura, llama al ERP y hasta entonces anota el evento: si la llamada falla, al reintentar factura otra vez",
		"books the invoice, calls the ERP and notes the event only then: when the call fails, it books again at the retry", erpHalfway)
	return []flaw{
		keyless, halfway,
		erp("erp-ignored", "responde 204 aunque la llamada al ERP haya fallado", "answers 204 although the call to the ERP has failed", after(erpIgnored)),
	}
}

// outbox keeps the event, its work and the call to make in one transaction; the
// background makes the call until it is answered well.
func outbox(r *Receiver, _ handling) handling {
	return func(d *delivery) answer {
		e, err := d.event()
		if err != nil || !e.known() {
			return r.accept(d)
		}
		ctx, fresh := d.lasting(), false
		err = r.store.transact(ctx, func(tx *sql.Tx) error {
			if fresh, err = r.store.apply(ctx, tx, e, r.clock.Now()); err != nil || !fresh {
				return err
			}
			_, err = tx.StmtContext(ctx, r.store.putJob).ExecContext(ctx, d.body, r.clock.Now().UnixMilli())
			return err
		})
		if err != nil {
			return r.failed(err)
		}
		if !fresh {
			return answer{status: http.StatusNoContent, verdict: repeated}
		}
		r.wakeUp()
		return answer{status: http.StatusNoContent, verdict: acted}
	}
}

// erpIgnored calls once, and never again.
func erpIgnored(r *Receiver, d *delivery, a answer) answer {
	if e, err := d.event(); err == nil && a.verdict == acted {
		_ = r.callERP(d.lasting(), e, e.id)
	}
	return a
}

// erpHalfway does one thing after the other, each for itself. Copies wait for each
// other, so that nothing but a failure tears them apart.
func erpHalfway(r *Receiver, next handling) handling {
	var mu sync.Mutex
	return acting(next, func(d *delivery, e event) answer {
		mu.Lock()
		defer mu.Unlock()
		n, err := r.count(d, `SELECT count(*) FROM events WHERE id = ?`, e.id)
		if err != nil {
			return r.failed(err)
		}
		if n > 0 {
			return next(d)
		}
		ctx := d.lasting()
		booked := e
		booked.kind = invoice(e)[0]
		if err := r.store.again(ctx, booked, r.clock.Now()); err != nil {
			return r.failed(err)
		}
		if err := r.callERP(ctx, e, e.id); err != nil {
			return answer{status: http.StatusServiceUnavailable, verdict: failed, reason: err}
		}
		if err := r.store.markWithState(ctx, e, r.clock.Now()); err != nil {
			return r.failed(err)
		}
		return answer{status: http.StatusNoContent, verdict: acted}
	})
}
