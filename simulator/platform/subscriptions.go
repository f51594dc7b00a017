package platform

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// Subscription is a webhook as the developers' section has it: a URL and the
// kinds of events that it is told of.
type Subscription struct {
	ID      int64
	URL     string
	Kinds   []string // sorted
	Created time.Time
	// Fault breaks its next attempts on purpose, so many of them; the zero fault
	// breaks none. Below zero breaks all until it is taken away.
	Fault fault.Fault
	Times int
	// Elsewhere says that its URL leads to another machine, and that this was
	// confirmed.
	Elsewhere bool
	// Removed says that it is told of nothing any more.
	Removed bool
}

// Shown is its URL as it may be shown: without passwords and tokens.
func (s *Subscription) Shown() string { return safeURL(s.URL) }

func (s *Subscription) wants(kind string) bool { return slices.Contains(s.Kinds, kind) }

const (
	// mostSubscriptions is more than a shop has, and few enough to count down.
	mostSubscriptions = 100
	mostURL           = 2000
)

// webhooks are the subscriptions of the file, in memory.
type webhooks struct {
	mu  sync.Mutex
	all map[int64]*Subscription // removed ones included
}

// recallWebhooks reads the subscriptions of the file.
func recallWebhooks(t *tx) (*webhooks, error) {
	w := &webhooks{all: map[int64]*Subscription{}}
	rows, err := t.query("SELECT id, url, kinds, created, fault, times, removed, elsewhere FROM subscriptions")
	return w, each(rows, err, func(scan func(...any) error) error {
		s := &Subscription{}
		var kinds, broken string
		var created int64
		if err := scan(&s.ID, &s.URL, &kinds, &created, &broken, &s.Times, &s.Removed, &s.Elsewhere); err != nil {
			return err
		}
		s.Created = instant(created)
		f, err := fault.Parse(broken)
		s.Fault = f
		w.all[s.ID] = s
		return errors.Join(err, json.Unmarshal([]byte(kinds), &s.Kinds))
	})
}

// Subscriptions are those that there are, the oldest first.
func (w *webhooks) Subscriptions() []Subscription {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []Subscription
	for _, s := range w.all {
		if !s.Removed {
			all = append(all, s.copy())
		}
	}
	slices.SortFunc(all, func(a, b Subscription) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (s *Subscription) copy() Subscription {
	c := *s
	c.Kinds = slices.Clone(s.Kinds)
	return c
}

// Subscription is one of them.
func (w *webhooks) Subscription(id int64) (Subscription, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.all[id]; s != nil && !s.Removed {
		return s.copy(), nil
	}
	return Subscription{}, missing("no hay una suscripción %d", "there is no subscription %d", id)
}

func (w *webhooks) put(s *Subscription) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all[s.ID] = s
}

func (w *webhooks) change(id int64, do func(*Subscription)) Subscription {
	w.mu.Lock()
	defer w.mu.Unlock()
	do(w.all[id])
	return w.all[id].copy()
}

func (w *webhooks) forgetAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	clear(w.all)
}

// attempted uses up one of the attempts that a subscription breaks, and gives
// the fault of this one with the subscription as it is then; false when it was
// removed.
func (w *webhooks) attempted(id int64) (broken fault.Fault, now Subscription, there bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.all[id]
	if s == nil || s.Removed {
		return broken, now, false
	}
	if s.Times != 0 {
		broken = s.Fault
		if s.Times > 0 {
			s.Times--
			if s.Times == 0 {
				s.Fault = fault.Fault{}
			}
		}
	}
	return broken, s.copy(), true
}

// Webhook is what is asked for a subscription.
type Webhook struct {
	URL   string
	Kinds []string
	// Elsewhere confirms that deliveries may go to another machine.
	Elsewhere bool
}

// Subscribe adds a webhook. It is told of what happens from then on. A URL of
// another machine has to be confirmed: without that the error has an *Unconfirmed
// in it.
func (p *Platform) Subscribe(ctx context.Context, w Webhook) (Subscription, error) {
	if err := w.check(ctx, p.cfg.Receivers, p.catalogue); err != nil {
		return Subscription{}, err
	}
	s := &Subscription{URL: w.URL, Kinds: w.Kinds, Elsewhere: w.Elsewhere, Created: p.clock.Now().UTC()}
	err := p.store.write(ctx, func(t *tx) error {
		if len(p.Subscriptions()) >= mostSubscriptions {
			return conflict("ya hay %d suscripciones; quite alguna", "there are %d subscriptions already; remove one", mostSubscriptions)
		}
		list, _ := json.Marshal(w.Kinds) // strings
		var err error
		s.ID, err = t.insert("INSERT INTO subscriptions (url, kinds, created, elsewhere) VALUES (?, ?, ?, ?)", w.URL, string(list), s.Created.UnixMilli(), w.Elsewhere)
		return errors.Join(err, p.clock.keep(t))
	})
	if err != nil {
		return Subscription{}, err
	}
	p.put(s)
	p.watchers.tell(Change{Subscriptions: true})
	return s.copy(), nil
}

// Change gives a webhook another URL or other kinds. What is on its way already
// goes to the new URL. The URL as it is shown stands for the one that it has. What
// was confirmed of a URL stays confirmed while it stays.
func (p *Platform) Change(ctx context.Context, id int64, w Webhook) (Subscription, error) {
	was, err := p.Subscription(id)
	if err != nil {
		return Subscription{}, err
	}
	if w.URL == was.Shown() {
		w.URL = was.URL
	}
	w.Elsewhere = w.Elsewhere || was.Elsewhere && w.URL == was.URL
	if err := w.check(ctx, p.cfg.Receivers, p.catalogue); err != nil {
		return Subscription{}, err
	}
	list, _ := json.Marshal(w.Kinds) // strings
	return p.change(ctx, id, "UPDATE subscriptions SET url = ?, kinds = ?, elsewhere = ? WHERE id = ? AND removed = 0", []any{w.URL, string(list), w.Elsewhere, id},
		func(s *Subscription) { s.URL, s.Kinds, s.Elsewhere = w.URL, w.Kinds, w.Elsewhere })
}

// Break has the next attempts of a webhook fail on purpose; the zero fault mends
// it. Times below zero is until then.
func (p *Platform) Break(ctx context.Context, id int64, f fault.Fault, times int) (Subscription, error) {
	if f.Kind == fault.None {
		times = 0
	} else if times == 0 {
		times = 1
	}
	return p.change(ctx, id, "UPDATE subscriptions SET fault = ?, times = ? WHERE id = ? AND removed = 0", []any{f.String(), times, id},
		func(s *Subscription) { s.Fault, s.Times = f, times })
}

// Unsubscribe removes a webhook. What it has not been told yet it is not told any
// more.
func (p *Platform) Unsubscribe(ctx context.Context, id int64) error {
	_, err := p.change(ctx, id, "UPDATE subscriptions SET removed = 1 WHERE id = ? AND removed = 0", []any{id},
		func(s *Subscription) { s.Removed = true })
	return err
}

// change carries out one statement on a subscription and then does the same in
// memory. Deliveries of a removed one end in the same transaction.
func (p *Platform) change(ctx context.Context, id int64, statement string, args []any, do func(*Subscription)) (now Subscription, err error) {
	err = p.store.write(ctx, func(t *tx) error {
		n, err := t.changed(statement, args...)
		if err != nil {
			return err
		}
		if n == 0 {
			return missing("no hay una suscripción %d", "there is no subscription %d", id)
		}
		if err := t.exec(`UPDATE deliveries SET state = ? WHERE subscription = ? AND state = ? AND
			(SELECT removed FROM subscriptions WHERE id = ?)`, canceled, id, pending, id); err != nil {
			return err
		}
		now = p.webhooks.change(id, do) // under the transaction: what is booked next sees both
		return nil
	})
	if err == nil {
		p.watchers.tell(Change{Subscriptions: true})
	}
	return now, err
}

// check says all that is wrong with one, and sorts its kinds. Its Elsewhere stays
// true only where the URL does lead to another machine.
func (w *Webhook) check(ctx context.Context, receivers Receivers, catalogue *schemas.Catalogue) error {
	var errs []error
	if strings.TrimSpace(w.URL) == "" {
		errs = append(errs, lang.Errorf("falta la URL de destino", "the URL is missing"))
	} else if len(w.URL) > mostURL {
		errs = append(errs, lang.Errorf("la URL tiene %d caracteres; el máximo es %d", "the URL has %d characters; the most is %d", len(w.URL), mostURL))
	} else if _, err := receivers.Receiver(ctx, w.URL, w.Elsewhere); err != nil {
		errs = append(errs, err)
	} else if err := receivers.Elsewhere(ctx, w.URL); err == nil {
		w.Elsewhere = false
	} else if !w.Elsewhere {
		errs = append(errs, &Unconfirmed{err})
	}
	if len(w.Kinds) == 0 {
		errs = append(errs, lang.Errorf("elija al menos un tipo de evento", "choose at least one event kind"))
	}
	set := map[string]bool{}
	for _, kind := range w.Kinds {
		if _, err := catalogue.Kind(kind); err != nil && !set[kind] {
			errs = append(errs, err)
		}
		set[kind] = true
	}
	if len(errs) > 0 {
		return &Invalid{Err: errors.Join(errs...)}
	}
	w.Kinds = slices.Sorted(maps.Keys(set))
	return nil
}

// instant is a time as it stands in the file: milliseconds since 1970.
func instant(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

// timeout is how a hang-up is called here: the connection is closed once the whole
// request is out, as Kometia closes it when the response takes too long. Its
// seconds pass at once, as the hours between attempts do.
const timeout = "timeout"

// ParseFault reads a fault as fault.Parse does, and "timeout".
func ParseFault(text string) (fault.Fault, error) {
	if text == timeout {
		return fault.Of(fault.HangUp), nil
	}
	return fault.Parse(text)
}

// FaultName is what ParseFault reads a fault from.
func FaultName(f fault.Fault) string {
	if f == fault.Of(fault.HangUp) {
		return timeout
	}
	return f.String()
}
