package retryclock

import (
	"errors"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Policy is by what rule a delivery that was not acknowledged is tried again:
// the first attempt at once, then one every Interval, as long as that is not
// later than Window after the first (guide, "Respondiendo a los Webhooks":
// once an hour for two days, then never again).
type Policy struct {
	// Interval between two attempts; zero means that there is no retry.
	Interval time.Duration
	// Window is how long after the first attempt the last one may be made,
	// that instant included; zero means that there is no retry.
	Window time.Duration
}

// DefaultPolicy is Kometia's: hourly for 48 hours, 49 attempts.
func DefaultPolicy() Policy { return Policy{Interval: time.Hour, Window: 48 * time.Hour} }

// Once is the policy of a delivery that is not retried.
func Once() Policy { return Policy{} }

// Validate tells all that is wrong with the policy.
func (p Policy) Validate() error {
	var errs []error
	if p.Interval < 0 {
		errs = append(errs, lang.Errorf("el intervalo de reintento %s es negativo", "retry interval %s is negative", p.Interval))
	}
	if p.Window < 0 {
		errs = append(errs, lang.Errorf("la ventana de reintento %s es negativa", "retry window %s is negative", p.Window))
	}
	if p.Interval == 0 && p.Window > 0 {
		errs = append(errs, lang.Errorf("el intervalo de reintento es cero y la ventana no: dé los dos, como 1h y 48h",
			"retry interval is zero while the window is not: give both, such as 1h and 48h"))
	}
	if p.Interval > 0 && p.Window/p.Interval > maxAttempts {
		errs = append(errs, lang.Errorf("el intervalo de reintento %s hace más de %d intentos en %s: alárguelo",
			"retry interval %s makes more than %d attempts in %s: make it longer", p.Interval, maxAttempts, p.Window))
	}
	return errors.Join(errs...)
}

// maxAttempts bounds what a mistyped interval may set off.
const maxAttempts = 100_000

// Next tells, after the given attempt (1 is the first), how long to wait until
// the next one is due, counted from the instant that attempt was due, and
// whether there is a next one at all.
func (p Policy) Next(attempt int) (wait time.Duration, more bool) {
	if attempt < 1 {
		return 0, true
	}
	if attempt >= p.Attempts() {
		return 0, false
	}
	return p.Interval, true
}

// Attempts is how many there are at the most; at least one.
func (p Policy) Attempts() int {
	if p.Interval <= 0 || p.Window <= 0 {
		return 1
	}
	return int(p.Window/p.Interval) + 1
}

// Offset is when the given attempt (1 is the first) is due, counted from the
// first.
func (p Policy) Offset(attempt int) time.Duration {
	return time.Duration(max(attempt-1, 0)) * p.Interval
}
