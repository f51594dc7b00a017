package scenarios_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// ledger is what a receiver has done, and the observer of it.
type ledger struct {
	mu    sync.Mutex
	done  map[string]int // effects by event id
	keys  map[string]bool
	fault error
}

func newLedger() *ledger { return &ledger{done: map[string]int{}, keys: map[string]bool{}} }

func (l *ledger) act(event string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done[event]++
}

// first reports whether a key is new.
func (l *ledger) first(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.keys[key]
	l.keys[key] = true
	return !known
}

func (l *ledger) known(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keys[key]
}

func (l *ledger) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.keys, key)
}

func (l *ledger) Observe(_ context.Context, subjects []observe.Subject) ([]observe.Reading, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fault != nil {
		return nil, l.fault
	}
	out := make([]observe.Reading, len(subjects))
	for i, s := range subjects {
		out[i].Effects = l.done[s.EventID]
	}
	return out, nil
}

// byObject counts rows of an object, as an upsert does.
type byObject struct{ *ledger }

func (b byObject) Observe(_ context.Context, subjects []observe.Subject) ([]observe.Reading, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]observe.Reading, len(subjects))
	for i, s := range subjects {
		if b.keys["object "+s.ObjectID] {
			out[i].Effects = 1
		}
	}
	return out, nil
}

// drained is a receiver that works nothing off later: what is there is all.
func drained(context.Context, ...string) error { return nil }

var _ = Describe("effects", Label("whole", "unraced"), func() {
	var books *ledger

	BeforeEach(func() { books = newLedger() })

	known := func(kind string) bool {
		if _, err := schemas.Builtin().Kind(kind); err != nil {
			return false
		}
		return !strings.HasPrefix(kind, "gift_card.") && kind != "order.reserved" && kind != "order.placed_draft"
	}

	// careful acts once on every event of a known kind.
	careful := func(_ http.ResponseWriter, _ *http.Request, p post) bool {
		if p.Valid && known(p.Event.Kind) && books.first(p.Event.ID) {
			books.act(p.Event.ID)
			if m := regexp.MustCompile(`"object":\{"id":"([^"]+)"`).FindStringSubmatch(p.Body); m != nil {
				books.first("object " + m[1])
			}
		}
		return false
	}

	watched := func(answer func(http.ResponseWriter, *http.Request, post) bool) setup {
		cfg := configFor(receive(answer).URL)
		cfg.Observer, cfg.Drain, cfg.Observing = books, observe.ActionFunc(drained), "url"
		return cfg
	}

	It("are seen to be right on a careful receiver, which then passes everything", func(ctx SpecContext) {
		rep := run(ctx, watched(careful))
		expectAll(rep, append(needHooks(), "KOM-ORD-002", "KOM-ORD-003", "KOM-ORD-006", "KOM-ORD-007", "KOM-ORD-008", "KOM-PAY-003")...) // it has no state_map
		Expect(rep.Profile.Effects).To(HaveLen(len(schemas.Builtin().Kinds())))
		Expect(rep.Profile.Observer).To(Equal("url"))
		Expect(result(rep, "KOM-RTY-003").Attempts).To(ContainElement(HaveField("Effects", HaveValue(Equal(1)))))
	}, SpecTimeout(5*time.Minute))

	DescribeTable("bring a fault to light that the responses hide",
		func(ctx SpecContext, answer func() func(http.ResponseWriter, *http.Request, post) bool, want ...string) {
			Expect(reds(run(ctx, watched(answer())))).To(ConsistOf(want))
		},
		Entry("acts again on every copy", SpecTimeout(5*time.Minute), func() func(http.ResponseWriter, *http.Request, post) bool {
			return func(_ http.ResponseWriter, _ *http.Request, p post) bool {
				if p.Valid && known(p.Event.Kind) {
					books.act(p.Event.ID)
				}
				return false
			}
		}, "KOM-RTY-002 fail", "KOM-RTY-003 fail", "KOM-RTY-004 fail", "KOM-RTY-008 fail", "KOM-DUP-001 fail", "KOM-DUP-002 fail", "KOM-DUP-003 warn", "KOM-DUP-008 fail"),
		Entry("drops what is older than two hours, and answers 204", SpecTimeout(5*time.Minute), func() func(http.ResponseWriter, *http.Request, post) bool {
			return func(w http.ResponseWriter, r *http.Request, p post) bool {
				// The second twin is 26 h younger than the first.
				if p.Valid && time.Since(time.Unix(p.Event.CreatedAt, 0)) > 2*time.Hour && !strings.Contains(p.Body, "order.placed") {
					return false
				}
				return careful(w, r, p)
			}
		}, "KOM-RTY-001 fail", "KOM-RTY-002 fail", "KOM-RTY-003 fail", "KOM-RTY-006 fail", "KOM-RTY-007 warn"),
		Entry("deduplicates by customer and items", SpecTimeout(5*time.Minute), func() func(http.ResponseWriter, *http.Request, post) bool {
			emails := regexp.MustCompile(`"customer_id":"[^"]*"`)
			return func(_ http.ResponseWriter, _ *http.Request, p post) bool {
				if !p.Valid || !known(p.Event.Kind) || !books.first(p.Event.ID) {
					return false
				}
				if customer := emails.FindString(p.Body); customer == "" || books.first(p.Event.Kind+customer) {
					books.act(p.Event.ID)
				}
				return false
			}
		}, "KOM-DUP-004 fail"),
		Entry("goes by the object and not by the kind", SpecTimeout(5*time.Minute), func() func(http.ResponseWriter, *http.Request, post) bool {
			return func(_ http.ResponseWriter, _ *http.Request, p post) bool {
				if p.Valid && !strings.HasPrefix(p.Event.Kind, "gift_card.") && books.first(p.Event.ID) {
					books.act(p.Event.ID)
				}
				return false
			}
		}, "KOM-ACK-005 fail"),
		Entry("acts as soon as it has seen an id", SpecTimeout(5*time.Minute), func() func(http.ResponseWriter, *http.Request, post) bool {
			ids := regexp.MustCompile(`"id":\s*"(evn_[a-z0-9]+)"`)
			return func(w http.ResponseWriter, r *http.Request, p post) bool {
				if m := ids.FindStringSubmatch(p.Body); !p.Valid && m != nil {
					books.act(m[1])
				}
				return careful(w, r, p)
			}
		}, "KOM-MAL-001 warn", "KOM-MAL-004 fail", "KOM-RTY-005 fail"),
		// What the answers alone let pass: acknowledged, and not done.
		Entry("understands JSON on one line only, and answers 204", SpecTimeout(5*time.Minute), func() func(http.ResponseWriter, *http.Request, post) bool {
			return func(w http.ResponseWriter, r *http.Request, p post) bool {
				return !strings.Contains(p.Body, "\n") && careful(w, r, p)
			}
		}, "KOM-PAY-005 fail"),
		Entry("throws orders away that cost nothing", SpecTimeout(5*time.Minute), func() func(http.ResponseWriter, *http.Request, post) bool {
			return func(w http.ResponseWriter, r *http.Request, p post) bool {
				return !strings.Contains(p.Body, `"total_price":0,`) && careful(w, r, p)
			}
		}, "KOM-PAY-004 fail"),
	)

	It("say which way a count is wrong", func(ctx SpecContext) {
		rep := run(ctx, watched(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Valid && known(p.Event.Kind) {
				books.act(p.Event.ID)
			}
			return false
		}), "KOM-RTY-003")
		Expect(result(rep, "KOM-RTY-003").Found.EN).To(ContainSubstring("2 effects instead of 1"))
		Expect(result(rep, "KOM-RTY-003").Cause).To(Equal("dedupe"))
		// The timeline is that of the event, with what had come of it each time.
		story := result(rep, "KOM-RTY-003").Attempts
		Expect(story).To(HaveLen(2))
		Expect(story[0].Fault).To(Equal("lose-answer"))
		Expect(story[0].Effects).To(HaveValue(Equal(1)))
		Expect(story[1].Offset).To(Equal(time.Hour))
		Expect(story[1].Effects).To(HaveValue(Equal(2)))
	}, SpecTimeout(5*time.Minute))

	It("are explained by an error that the response hides where work was lost, not where it was done twice", func(ctx SpecContext) {
		fatal := func(w http.ResponseWriter) bool {
			_, err := io.WriteString(w, "<br />\n<b>Fatal error</b>:  Uncaught Exception: no price in /var/www/hook.php:7\nStack trace:\n#0 {main}\n  thrown in <b>/var/www/hook.php</b> on line <b>7</b><br />\n")
			Expect(err).NotTo(HaveOccurred())
			return true
		}
		rep := run(ctx, watched(func(w http.ResponseWriter, r *http.Request, p post) bool {
			if strings.Contains(p.Body, `"total_price":0,`) {
				return fatal(w)
			}
			return careful(w, r, p)
		}), "KOM-PAY-004")
		Expect(result(rep, "KOM-PAY-004").Verdict).To(Equal(verdict.Fail))
		Expect(result(rep, "KOM-PAY-004").Diagnosis).To(HaveField("Code", "ack.php-error"))
		Expect(result(rep, "KOM-PAY-004").Cause).To(Equal("ack.php-error"))

		rep = run(ctx, watched(func(w http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Valid && known(p.Event.Kind) {
				books.act(p.Event.ID)
			}
			return fatal(w)
		}), "KOM-RTY-003")
		Expect(result(rep, "KOM-RTY-003").Found.EN).To(ContainSubstring("2 effects instead of 1"))
		Expect(result(rep, "KOM-RTY-003").Diagnosis).To(BeNil())
		Expect(result(rep, "KOM-RTY-003").Cause).To(Equal("dedupe"))
	}, SpecTimeout(5*time.Minute))

	It("are known for effects of the object where they are counted by it", func(ctx SpecContext) {
		Expect(run(ctx, watched(careful), "KOM-RTY-003").Profile.PerObject).To(BeFalse())
		cfg := watched(careful)
		cfg.Observer = byObject{books}
		Expect(run(ctx, cfg, "KOM-RTY-003").Profile.PerObject).To(BeTrue())
	}, SpecTimeout(5*time.Minute))

	It("count against what a clean delivery does, whatever that is", func(ctx SpecContext) {
		rep := run(ctx, watched(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Valid && known(p.Event.Kind) && books.first(p.Event.ID) {
				for range 3 {
					books.act(p.Event.ID)
				}
			}
			return false
		}))
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-DUP-002").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(5*time.Minute))

	It("are looked for on a kind on which the receiver acts", func(ctx SpecContext) {
		rep := run(ctx, watched(func(w http.ResponseWriter, r *http.Request, p post) bool {
			return p.Event.Kind == "product.updated" && careful(w, r, p)
		}))
		Expect(reds(rep)).To(BeEmpty())
		// The kinds without effects are told, too.
		Expect(rep.Profile.Effects).To(ContainElement(And(HaveField("Kind", "order.placed"), HaveField("Count", 0))))
		Expect(result(rep, "KOM-RTY-003").Verdict).To(Equal(verdict.Pass))
		// It does nothing about orders, so nothing can be said of those.
		Expect(result(rep, "KOM-DUP-004").Verdict).To(Equal(verdict.NotObserved))
		Expect(result(rep, "KOM-DUP-004").Reason.EN).To(ContainSubstring("no effect of order.placed"))
	}, SpecTimeout(5*time.Minute))

	It("are not observed where the receiver does nothing at all", func(ctx SpecContext) {
		rep := run(ctx, watched(nil))
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-RTY-003").Verdict).To(Equal(verdict.NotObserved))
		Expect(result(rep, "KOM-MAL-004").Verdict).To(Equal(verdict.NotObserved))
	}, SpecTimeout(5*time.Minute))

	It("prove nothing when the observer fails", func(ctx SpecContext) {
		books.fault = &observe.Error{What: "observe", Text: lang.Text{ES: "no hay base", EN: "no database"}, Err: errors.New("no database")}
		rep := run(ctx, watched(careful))
		Expect(reds(rep)).To(BeEmpty())
		for _, id := range []string{"KOM-RTY-001", "KOM-RTY-003", "KOM-DUP-002", "KOM-MAL-004"} {
			Expect(result(rep, id).Verdict).To(Equal(verdict.Inconclusive), id)
			Expect(result(rep, id).Reason.EN).To(Equal("observer: no database"), id)
		}
		Expect(result(rep, "KOM-DUP-001").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(5*time.Minute))

	It("prove nothing of events that the receiver has seen before", func(ctx SpecContext) {
		cfg := watched(careful)
		Expect(reds(run(ctx, cfg))).To(BeEmpty())
		rep := run(ctx, cfg) // the same seed, ids and start: the same events
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-RTY-003").Verdict).To(Equal(verdict.Inconclusive))
		Expect(result(rep, "KOM-RTY-003").Reason.EN).To(ContainSubstring("had 1 effects already"))
	}, SpecTimeout(5*time.Minute))

	It("are waited for where a queue has them come late", func(ctx SpecContext) {
		var mu sync.Mutex
		var queue []string
		cfg := watched(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Valid && known(p.Event.Kind) && books.first(p.Event.ID) {
				mu.Lock()
				defer mu.Unlock()
				queue = append(queue, p.Event.ID)
			}
			return false
		})
		cfg.Drain = observe.ActionFunc(func(context.Context, ...string) error {
			mu.Lock()
			defer mu.Unlock()
			for _, id := range queue {
				books.act(id)
			}
			queue = nil
			return nil
		})
		rep := run(ctx, cfg)
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-RTY-003").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(5*time.Minute))
})
