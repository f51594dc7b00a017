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
	defaultGoneTimeout  = 5 * time.Second
	readyEvery          = 50 * time.Millisecond // between two questions
	goneEvery           = 10 * time.Millisecond // a killed one is gone at once
	readyAnswer         = 5 * time.Second       // for one answer
)

// Place is where a receiver is asked whether it is up: with GET, by the same way
// that events take.
type Place struct {
	URL    string
	Dialer wire.Dialer
}

// Ready waits until a receiver is up: until its GET was answered twice in a row
// by anything but 502, 503 and 504, which are a proxy's, or a framework's in
// maintenance. timeout (zero means 30 s) goes by clock; at its end the *Error
// says what was seen last.
func Ready(ctx context.Context, at Place, timeout time.Duration, clock retryclock.Clock) error {
	if timeout <= 0 {
		timeout = defaultReadyTimeout
	}
	good := 0
	last, met, err := poll(ctx, at, timeout, readyEvery, clock, func(up bool) bool {
		if !up {
			good = 0
			return false
		}
		good++
		return good == 2
	})
	if err != nil || met {
		return err
	}
	text := lang.Textf("%s no estuvo listo en %s: ", "%s was not ready within %s: ", wire.Redact(at.URL), timeout)
	return &Error{What: "ready", Kind: Slow, Text: lang.Text{ES: text.ES + last.ES, EN: text.EN + last.EN}}
}

// Gone waits until a receiver that was killed does not answer any more: until
// its GET is not answered, or by 502, 503 or 504. timeout (zero means 5 s) goes
// by clock; at its end the *Error says that it lives, in the name of the hook
// that should have killed it.
func Gone(ctx context.Context, hook string, at Place, timeout time.Duration, clock retryclock.Clock) error {
	if timeout <= 0 {
		timeout = defaultGoneTimeout
	}
	_, met, err := poll(ctx, at, timeout, goneEvery, clock, func(up bool) bool { return !up })
	if err != nil || met {
		return err
	}
	return &Error{What: hook, Kind: Failed, Text: lang.Textf(
		"el receptor no terminó: %s aún responde", "the receiver did not end: %s still answers", wire.Redact(at.URL))}
}

// Up starts a receiver and waits until it is ready, as Ready does. start may be
// a command that leaves a server behind, or (a Hook) the server itself, which is
// then left running and given back, for whoever is to end it; one that ends with
// an error, or is not ready in time, is that error.
func Up(ctx context.Context, start Action, at Place, timeout time.Duration, clock retryclock.Clock, env ...string) (*Process, error) {
	hook, foreground := start.(Hook)
	if !foreground {
		if err := start.Run(ctx, env...); err != nil {
			return nil, err
		}
		return nil, Ready(ctx, at, timeout, clock)
	}
	p, err := hook.Start(ctx, env...)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	ready := make(chan struct{})
	go func() {
		defer close(ready)
		err = Ready(waiting, at, timeout, clock)
	}()
	select {
	case <-ready:
	case <-p.Done():
		if p.Err() != nil {
			cancel()
		}
		<-ready // a command that has ended well has left a server behind
	}
	if ended := p.Err(); ended != nil {
		return nil, ended
	}
	if err != nil {
		p.Kill()
		return nil, err
	}
	p.Keep()
	if p.Ended() {
		return nil, nil
	}
	return p, nil
}

// Answers reports whether a receiver is up now: whether its GET is answered, by
// anything but a proxy or a framework in maintenance.
func Answers(ctx context.Context, at Place) bool {
	status, err := peek(ctx, at)
	return err == nil && !away(status)
}

// away reports whether a status says that who answers is not the receiver.
func away(status int) bool {
	return status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout
}

// poll asks again and again until enough says so, or the timeout is over; last
// words what was seen then.
func poll(ctx context.Context, at Place, timeout, every time.Duration, clock retryclock.Clock, enough func(up bool) bool) (last lang.Text, met bool, err error) {
	if clock == nil {
		clock = retryclock.Wall{}
	}
	deadline := clock.Now().Add(timeout)
	for {
		status, err := peek(ctx, at)
		if ctx.Err() != nil {
			return last, false, ctx.Err()
		}
		up := false
		switch {
		case err != nil:
			last = lang.Textf("%s", "%s", shown(reason(err)))
		case away(status):
			last = lang.Textf("respondió %d", "it answered %d", status)
		default:
			up = true
			last = lang.Textf("respondió %d una sola vez", "it answered %d only once", status)
		}
		if enough(up) {
			return last, true, nil
		}
		now := clock.Now()
		if !now.Before(deadline) {
			return last, false, nil
		}
		if err := clock.WaitUntil(ctx, now.Add(every)); err != nil {
			return last, false, err
		}
	}
}

func peek(ctx context.Context, at Place) (int, error) {
	ctx, cancel := allow(ctx, readyAnswer)
	defer cancel()
	status, _, err := ask(ctx, http.MethodGet, at)
	return status, err
}
