package wire

import (
	"net/http"
	"time"
)

// Clock tells how far the receiver's clock is from ours, by the Date of its
// response, and whether there is one. The receiver may have written it at any
// moment of the exchange, and in whole seconds: what lies within is no skew.
func (o *Outcome) Clock() (off time.Duration, told bool) {
	t, err := http.ParseTime(o.Get("Date"))
	if err != nil {
		return 0, false
	}
	if early := t.Sub(o.Started.Truncate(time.Second)); early < 0 {
		return early, true
	}
	return max(t.Sub(o.Started.Add(o.Latency)), 0), true
}
