package observe

import (
	"context"
	"net/http"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

const (
	defaultReadyTimeout = 30 * time.Second
	readyEvery          = 50 * time.Millisecond // between two questions
	readyAnswer         = 5 * time.Second       // for one answer
)

// Ready waits until a receiver is up: until GET url was answered twice in a row
// by anything but 502, 503 and 504, which are a proxy's, or a framework's in
// maintenance. timeout (zero means 30 s) goes by clock; at its end the *Error
// says what was seen last.
func Ready(ctx context.Context, url string, timeout time.Duration, clock retryclock.Clock) error {
	if timeout <= 0 {
		timeout = defaultReadyTimeout
	}
	if clock == nil {
		clock = retryclock.Wall{}
	}
	deadline := clock.Now().Add(timeout)
	good, last := 0, say("nadie responde", "nobody answers")
	for {
		status, err := peek(ctx, url)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			good, last = 0, say("%s", "%s", shown(reason(err)))
		case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
			good, last = 0, say("respondió %d", "it answered %d", status)
		default:
			if good++; good == 2 {
				return nil
			}
		}
		now := clock.Now()
		if !now.Before(deadline) {
			text := say("%s no estuvo listo en %s: ", "%s was not ready within %s: ", wire.Redact(url), timeout)
			return &Error{What: "ready", Kind: Slow, Text: lang.Text{ES: text.ES + last.ES, EN: text.EN + last.EN}}
		}
		if err := clock.WaitUntil(ctx, now.Add(readyEvery)); err != nil {
			return err
		}
	}
}

func peek(ctx context.Context, url string) (int, error) {
	ctx, cancel := allow(ctx, readyAnswer)
	defer cancel()
	status, _, err := ask(ctx, http.MethodGet, url)
	return status, err
}
