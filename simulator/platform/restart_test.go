package platform_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// frozen is a wall clock that stands at an instant.
type frozen struct{ at time.Time }

func (f frozen) Now() time.Time { return f.at }

func (f frozen) WaitUntil(ctx context.Context, t time.Time) error {
	if !f.at.Before(t) {
		return nil
	}
	<-ctx.Done()
	return ctx.Err()
}

func (frozen) Hold() func() { return func() {} }

// stuck are receivers whose attempts do not end before they are ended.
type stuck struct {
	*town
	mu    sync.Mutex
	begun chan struct{}
}

func (s *stuck) Receiver(ctx context.Context, url string, confirmed bool) (platform.Receiver, error) {
	house, err := s.town.Receiver(ctx, url, confirmed)
	return stuckAt{house, s}, err
}

type stuckAt struct {
	platform.Receiver
	*stuck
}

func (s stuckAt) Do(ctx context.Context, r *wire.Request) *wire.Outcome {
	s.Receiver.Do(ctx, r) // it arrives
	s.mu.Lock()
	select {
	case <-s.begun:
	default:
		close(s.begun)
	}
	s.mu.Unlock()
	<-ctx.Done()
	return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrCanceled, Err: ctx.Err()}}
}

// openStuck is a platform whose one attempt does not end.
func openStuck(ctx context.Context, t *town, path string) (*kometia, *stuck) {
	GinkgoHelper()
	hanging := &stuck{town: t, begun: make(chan struct{})}
	cfg := config(t, path)
	cfg.Receivers = hanging
	k := open(ctx, cfg)
	k.subscribe(ctx, one, "order.placed")
	k.emit(ctx, "order.placed")
	return k, hanging
}

var _ = DescribeTable("a file that cannot be used is named, with what to do", func(ctx SpecContext, want string, spoil func(path string)) {
	path := file()
	k := open(ctx, config(&town{}, path))
	k.subscribe(ctx, "http://localhost/", "order.paid")
	k.emit(ctx, "order.paid")
	k.rest(ctx)
	k.stop()
	spoil(path)
	_, err := platform.Open(ctx, config(&town{}, path))
	Expect(err).To(MatchError(And(ContainSubstring(path), ContainSubstring(want))))
},
	Entry("noise", NodeTimeout(30*time.Second), "is damaged or not of kometia-sim: move it away or use --memory", func(path string) {
		Expect(os.WriteFile(path, []byte(strings.Repeat("noise", 1000)), 0o600)).To(Succeed())
	}),
	Entry("half of it", NodeTimeout(30*time.Second), "move it away or use --memory", func(path string) { Expect(os.Truncate(path, 6000)).To(Succeed()) }),
	Entry("a newer version", NodeTimeout(30*time.Second), "of another version", func(path string) {
		db, err := sql.Open("sqlite", path)
		Expect(err).NotTo(HaveOccurred())
		_, err = db.ExecContext(context.Background(), "UPDATE meta SET value = '2' WHERE name = 'version'")
		Expect(err).NotTo(HaveOccurred())
		Expect(db.Close()).To(Succeed())
	}),
	Entry("no folder", NodeTimeout(30*time.Second), "there is no folder", func(path string) { Expect(os.RemoveAll(filepath.Dir(path))).To(Succeed()) }),
)

var _ = It("remembers what was confirmed to be another machine, and confirms nothing for an older file", func(ctx SpecContext) {
	const away = "http://away.example/"
	path := file()
	k := open(ctx, config(&town{}, path))
	_, err := k.Subscribe(ctx, platform.Webhook{URL: away, Kinds: []string{"order.paid"}})
	var unconfirmed *platform.Unconfirmed
	Expect(errors.As(err, &unconfirmed)).To(BeTrue(), "%v", err)
	_, err = k.Subscribe(ctx, platform.Webhook{URL: away, Kinds: []string{"order.paid"}, Elsewhere: true})
	Expect(err).NotTo(HaveOccurred())
	k.stop()
	k = open(ctx, config(&town{}, path))
	Expect(k.Subscriptions()[0].Elsewhere).To(BeTrue())
	k.stop()

	db, err := sql.Open("sqlite", path)
	Expect(err).NotTo(HaveOccurred())
	_, err = db.ExecContext(ctx, "ALTER TABLE subscriptions DROP COLUMN elsewhere") // as it was written before
	Expect(err).NotTo(HaveOccurred())
	Expect(db.Close()).To(Succeed())
	k = open(ctx, config(&town{}, path))
	Expect(k.Subscriptions()[0].Elsewhere).To(BeFalse())
	_, err = k.Change(ctx, 1, platform.Webhook{URL: away, Kinds: []string{"order.paid"}, Elsewhere: true})
	Expect(err).NotTo(HaveOccurred())
}, NodeTimeout(30*time.Second))

var _ = Describe("a platform that is started again", func() {
	var path string
	var receivers *town
	BeforeEach(func() { path, receivers = file(), &town{} })

	It("goes on where it was", func(ctx SpecContext) {
		receivers.at(one).answer = always(500, "")
		k := open(ctx, config(receivers, path))
		k.subscribe(ctx, one, "order.placed")
		event := k.emit(ctx, "order.placed")[0]
		k.advance(ctx, 3*time.Hour+10*time.Minute)
		now, keys := k.Clock().Now, k.Keys()
		k.stop()

		k = open(ctx, config(receivers, path))
		Expect(k.Clock().Now).To(Equal(now))
		Expect(k.Keys()).To(Equal(keys))
		Expect(k.all(ctx)[0].Attempts).To(Equal(4))
		k.advance(ctx, 48*time.Hour)
		d := k.all(ctx)[0]
		Expect(d.State).To(Equal("expired"))
		Expect(d.Attempts).To(Equal(49))
		Expect(d.Runs).To(HaveLen(1))
		Expect(receivers.at(one).received()).To(HaveLen(49))
		Expect(k.emit(ctx, "order.placed")[0].ID).NotTo(Equal(event.ID))
	}, SpecTimeout(30*time.Second))

	It("knows which attempts may have arrived without a response, and makes them again", func(ctx SpecContext) {
		k, hanging := openStuck(ctx, receivers, path)
		Eventually(ctx, hanging.begun).Should(BeClosed())
		k.stop()

		k = open(ctx, config(receivers, path))
		k.rest(ctx)
		d := k.all(ctx)[0]
		Expect(d.State).To(Equal("delivered"))
		Expect(d.Attempts).To(Equal(2))
		Expect(d.Runs[0].Interrupted).To(BeTrue())
		Expect(d.Runs[0].Number).To(Equal(1))
		Expect(d.Runs[1].Number).To(Equal(1))
		Expect(d.Runs[1].Verdict).To(Equal(delivery.Acknowledged))
		Expect(receivers.at(one).received()).To(HaveLen(2))
	}, SpecTimeout(30*time.Second))

	It("goes on as far as the time was to go", func(ctx SpecContext) {
		k, hanging := openStuck(ctx, receivers, path)
		began := k.Clock().Now
		_, err := k.Advance(ctx, 48*time.Hour)
		Expect(err).NotTo(HaveOccurred())
		Eventually(ctx, hanging.begun).Should(BeClosed())
		Expect(k.Clock().Now).To(Equal(began), "time stands still while an attempt is under way")
		k.stop()

		receivers.at(one).answer = always(500, "")
		k = open(ctx, config(receivers, path))
		k.rest(ctx)
		Expect(k.Clock().Now).To(Equal(began.Add(48 * time.Hour)))
		Expect(k.all(ctx)[0].State).To(Equal("expired"))
		Expect(k.all(ctx)[0].Attempts).To(Equal(50), "49, and the one that was interrupted")
	}, SpecTimeout(30*time.Second))

	It("delivers once, in real time, what was due meanwhile, and expires what is over", func(ctx SpecContext) {
		receivers.at(one).answer = always(500, "")
		at := func(d time.Duration) *kometia {
			cfg := config(receivers, path)
			cfg.Speed, cfg.Wall = 1, frozen{start.Add(d)}
			return open(ctx, cfg)
		}
		k := at(0)
		k.subscribe(ctx, one, "order.placed")
		k.emit(ctx, "order.placed")
		k.rest(ctx)
		k.stop()
		k = at(5*time.Hour + 30*time.Minute)
		k.rest(ctx)
		d := k.all(ctx)[0]
		Expect(d.Attempts).To(Equal(2), "one for the hours that nobody was there")
		Expect(d.Runs[1].Number).To(Equal(6))
		Expect(d.Next).To(Equal(start.Add(6 * time.Hour)))
		k.stop()
		k = at(100 * time.Hour)
		k.rest(ctx)
		d = k.all(ctx)[0]
		Expect(d.State).To(Equal("expired"))
		Expect(d.Attempts).To(Equal(3))
		Expect(receivers.at(one).received()).To(HaveLen(3))
	}, SpecTimeout(30*time.Second))

	It("is of one shop", func(ctx SpecContext) {
		open(ctx, config(receivers, path)).stop()
		cfg := config(receivers, path)
		cfg.Shop.Seed, cfg.Named = 8, true
		_, err := platform.Open(ctx, cfg)
		Expect(err).To(MatchError(ContainSubstring("seed 7")))
		cfg.Named = false
		open(ctx, cfg)
	}, SpecTimeout(30*time.Second))

	It("forgets what its API does not know any more, and nothing that is due", func(ctx SpecContext) {
		receivers.at(other).answer = always(500, "")
		k := open(ctx, config(receivers, path))
		k.subscribe(ctx, one, "order.placed")
		k.subscribe(ctx, other, "order.placed")
		k.emit(ctx, "order.placed")
		k.advance(ctx, 31*24*time.Hour)
		Expect(k.all(ctx)).To(HaveLen(2))
		late := k.emit(ctx, "order.placed")[0]
		k.rest(ctx)
		events, _, err := k.Events(ctx, 0, 10)
		Expect(err).NotTo(HaveOccurred())
		Expect(events).To(HaveLen(1))
		Expect(events[0].ID).To(Equal(late.ID))
		Expect(k.all(ctx)).To(HaveLen(2), "those of the new event")
	}, SpecTimeout(30*time.Second))
})

var _ = Describe("an edited payload", func() {
	var k *kometia
	var receivers *town
	BeforeEach(func(ctx SpecContext) {
		receivers = &town{}
		k = open(ctx, config(receivers, ""))
		k.subscribe(ctx, one, "order.placed")
	})

	It("is drafted, changed, delivered as it is, and known to the API", func(ctx SpecContext) {
		drafts, err := k.Draft(ctx, []string{"order.placed"})
		Expect(err).NotTo(HaveOccurred())
		Expect(receivers.at(one).received()).To(BeEmpty(), "a draft is nothing that happens")
		edited := strings.Replace(string(drafts[0]), `"customer_note": null`, `"customer_note": "Urgente"`, 1)
		Expect(edited).NotTo(Equal(string(drafts[0])))
		events, err := k.Emit(ctx, platform.Emission{Payloads: [][]byte{[]byte(edited)}})
		Expect(err).NotTo(HaveOccurred())
		k.rest(ctx)
		Expect(receivers.at(one).received()).To(HaveLen(1))
		Expect(receivers.at(one).received()[0]).To(ContainSubstring(`"customer_note":"Urgente"`))
		order, err := k.API().Keys()[0].Store.Find(ctx, "order", events[0].ObjectID)
		Expect(err).NotTo(HaveOccurred())
		note, _ := order.Lookup("customer_note")
		Expect(note).To(Equal("Urgente"))
		_, err = k.Emit(ctx, platform.Emission{Payloads: [][]byte{[]byte(edited)}})
		Expect(err).To(MatchError(ContainSubstring("every event has its own")))
	}, SpecTimeout(30*time.Second))

	It("that its schema refuses goes out only when that is meant", func(ctx SpecContext) {
		drafts, err := k.Draft(ctx, []string{"order.placed"})
		Expect(err).NotTo(HaveOccurred())
		broken := [][]byte{[]byte(strings.Replace(string(drafts[0]), `"currency": "MXN"`, `"currency": 7`, 1))}
		_, err = k.Emit(ctx, platform.Emission{Payloads: broken})
		Expect(err).To(MatchError(ContainSubstring("currency")))
		Expect(receivers.at(one).received()).To(BeEmpty())
		_, err = k.Emit(ctx, platform.Emission{Payloads: broken, Anyway: true})
		Expect(err).NotTo(HaveOccurred())
		k.rest(ctx)
		Expect(receivers.at(one).received()).To(HaveLen(1))
		_, err = k.Emit(ctx, platform.Emission{Payloads: [][]byte{[]byte(`{"a": 1}`)}, Anyway: true})
		Expect(err).To(MatchError(ContainSubstring("this is no event")))
	}, SpecTimeout(30*time.Second))
})
