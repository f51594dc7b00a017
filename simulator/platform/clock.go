package platform

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
)

// maxAdvance bounds how far the time goes ahead at once, and Shop's ids bound how
// far at all.
const (
	maxAdvance = 366 * 24 * time.Hour
	maxSpeed   = 100_000
	lastYear   = 2057
)

// Clock is how the time goes.
func (p *Platform) Clock() retryclock.Steering { return p.clock.Steering() }

// keptClock is the shop's clock, whose time the file keeps.
type keptClock struct {
	*retryclock.Steered
	limit  time.Time // how far it was to go when the file was closed
	toIdle bool
}

// recallClock starts the clock where it was: time does not pass while nobody
// runs, unless it is real. Real time goes on where it would be, and never back.
func recallClock(t *tx, cfg *Config) (keptClock, error) {
	now, err1 := metaInt(t, "now")
	limit, err2 := metaInt(t, "limit")
	toIdle, err3 := meta(t, "to_idle")
	at := cfg.Shop.Start
	if now != 0 {
		at = instant(now)
	}
	if wall := cfg.Wall.Now().UTC(); cfg.Speed == 1 && wall.After(at) {
		at = wall
	}
	return keptClock{retryclock.NewSteered(at, cfg.Wall), instant(limit), toIdle == "true"}, errors.Join(err1, err2, err3)
}

// goOn takes up what the clock was about when the file was closed.
func (c keptClock) goOn(speed float64) {
	c.Advance(c.limit, c.toIdle)
	c.Play(speed)
}

// keep writes down how late it is.
func (c keptClock) keep(t *tx) error { return t.setMetaInt("now", c.Now().UnixMilli()) }

// keepLimit writes down how far the clock is to go.
func (c keptClock) keepLimit(t *tx, to time.Time, toIdle bool) error {
	return errors.Join(c.keep(t), t.setMetaInt("limit", to.UnixMilli()), t.setMeta("to_idle", strconv.FormatBool(toIdle)))
}

// Advance lets the time go ahead by d: all that becomes due is delivered in its
// order, and the time stands still while an attempt is under way. It returns when
// that is written down; Rest waits for the end.
func (p *Platform) Advance(ctx context.Context, d time.Duration) (retryclock.Steering, error) {
	if d <= 0 || d > maxAdvance {
		return p.Clock(), invalid("avance el reloj entre un segundo y un año, no %s", "advance the clock by a second to a year, not %s", d)
	}
	return p.Clock(), p.forward(ctx, func(now time.Time) time.Time { return now.Add(d) }, false)
}

// Finish lets the time go ahead until nothing is left to be delivered: until all
// is acknowledged or has expired.
func (p *Platform) Finish(ctx context.Context) (retryclock.Steering, error) {
	waiting, err := p.waiting(ctx)
	if err != nil || waiting == 0 {
		return p.Clock(), err
	}
	return p.Clock(), p.forward(ctx, func(now time.Time) time.Time { return now.Add(p.cfg.Policy.Window + p.cfg.Policy.Interval) }, true)
}

func (p *Platform) forward(ctx context.Context, to func(now time.Time) time.Time, toIdle bool) error {
	p.life.RLock()
	defer p.life.RUnlock()
	release := p.clock.Hold()
	defer release()
	limit := to(p.clock.Now())
	if s := p.clock.Steering(); s.Moving() && s.Until.After(limit) {
		limit = s.Until // someone else wanted more
	}
	if limit.Year() > lastYear {
		return invalid("el reloj llega hasta %d; use reset o --memory", "the clock ends in %d; use reset or --memory", lastYear)
	}
	err := p.store.write(ctx, func(t *tx) error { return p.clock.keepLimit(t, limit, toIdle) })
	if err == nil {
		p.clock.Advance(limit, toIdle)
		p.add(nil) // or nobody would say that nothing is left to be done
		p.watchers.tell(Change{Clock: true})
	}
	return err
}

// Rest returns when the time goes ahead no more.
func (p *Platform) Rest(ctx context.Context) error { return p.clock.Rest(ctx) }

// Play has the time pass at a speed: 0 stands still, 1 is real time, 60 passes an
// hour in a minute. It also ends what Advance and Finish began.
func (p *Platform) Play(ctx context.Context, speed float64) (retryclock.Steering, error) {
	if !(speed >= 0 && speed <= maxSpeed) {
		return p.Clock(), invalid("la velocidad va de 0 a %d, no %g", "the speed goes from 0 to %d, not %g", maxSpeed, speed)
	}
	p.clock.Advance(p.clock.Now(), false)
	p.clock.Play(speed)
	err := p.store.write(ctx, func(t *tx) error { return p.clock.keepLimit(t, p.clock.Now(), false) })
	p.watchers.tell(Change{Clock: true})
	return p.Clock(), err
}
