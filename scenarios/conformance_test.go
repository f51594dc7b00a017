package scenarios_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/language/languagetest"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// railsUnprocessable is what `head :unprocessable_entity` gives, which looks
// like Rails' refusal for CSRF in production.
func railsUnprocessable(w http.ResponseWriter) {
	w.Header().Set("X-Runtime", "0.003")
	w.Header().Set("X-Request-Id", "c0ffee")
	w.WriteHeader(http.StatusUnprocessableEntity)
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

var _ = Describe("verdicts", Label("whole", "unraced"), func() {
	var file string

	BeforeEach(func() { file = filepath.Join(GinkgoT().TempDir(), "mine.yaml") })

	addTo := func(suite *language.Suite, text string) {
		GinkgoHelper()
		Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
		Expect(suite.Add(file)).To(Succeed())
		Expect(languagetest.Refusal(text)).To(Succeed(), "the published schema")
	}
	playOf := func(ctx context.Context, cfg setup, text string) *verdict.Report {
		GinkgoHelper()
		suite, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		addTo(suite, text)
		return runMine(ctx, cfg, suite)
	}
	playMine := func(ctx context.Context, cfg setup, text string) verdict.Result {
		GinkgoHelper()
		rep := playOf(ctx, cfg, text)
		Expect(rep.Results).To(HaveLen(1))
		return rep.Results[0]
	}
	with := func(from, to string) string {
		GinkgoHelper()
		Expect(languagetest.Plain).To(ContainSubstring(from))
		return strings.Replace(languagetest.Plain, from, to, 1)
	}

	It("take no 422 of a Rails receiver for CSRF when another kind gets through", func(ctx SpecContext) {
		picky := func(w http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Event.Kind == "product.deleted" {
				railsUnprocessable(w)
				return true
			}
			return false
		}
		rep := run(ctx, configFor(receive(picky).URL), "KOM-ACK-*", "KOM-CSR-*")
		Expect(reds(rep)).To(Equal([]string{"KOM-ACK-001 warn"}))
		all := func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			railsUnprocessable(w)
			return true
		}
		rep = run(ctx, configFor(receive(all).URL), "KOM-ACK-*", "KOM-CSR-*")
		Expect(reds(rep)).To(Equal([]string{"KOM-CSR-001 fail"}))
	}, SpecTimeout(5*time.Minute))

	It("name one certain refusal for CSRF among kinds that pass, once", func(ctx SpecContext) {
		rep := run(ctx, configFor(receive(func(w http.ResponseWriter, r *http.Request, p post) bool {
			return p.Event.Kind == "product.deleted" && laravelCSRF(w, r, p)
		}).URL), "KOM-ACK-*", "KOM-CSR-*")
		Expect(reds(rep)).To(Equal([]string{"KOM-CSR-001 fail"}))
		Expect(result(rep, "KOM-CSR-001").Variant).To(Equal("product.deleted"))
	}, SpecTimeout(5*time.Minute))

	DescribeTable("blame a receiver that does not answer one kind in time",
		func(ctx SpecContext, kind string, only ...string) {
			cfg := configFor(receive(func(_ http.ResponseWriter, r *http.Request, p post) bool {
				if p.Event.Kind != kind {
					return false
				}
				<-r.Context().Done()
				return true
			}).URL)
			cfg.Wire.Timeout = 300 * time.Millisecond
			Expect(reds(run(ctx, cfg, only...))).To(Equal([]string{"KOM-LAT-001 warn"}))
		},
		// The first one is not the receiver's start.
		Entry("the first", SpecTimeout(5*time.Minute), "order.created"),
		Entry("another", SpecTimeout(5*time.Minute), "product.deleted"),
		// As the reproduce line has it.
		Entry("the first, that check alone", SpecTimeout(5*time.Minute), "order.created", "KOM-LAT-001"),
		Entry("another, that check alone", SpecTimeout(5*time.Minute), "product.deleted", "KOM-LAT-001"),
	)

	It("forgive a slow start, and say so", func(ctx SpecContext) {
		var n atomic.Int32
		cfg := configFor(receive(func(_ http.ResponseWriter, r *http.Request, _ post) bool {
			if n.Add(1) > 1 {
				return false
			}
			<-r.Context().Done()
			return true
		}).URL)
		cfg.Wire.Timeout = 300 * time.Millisecond
		rep := run(ctx, cfg)
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-ACK-001").Verdict).To(Equal(verdict.Pass))
		Expect(rep.Notes).To(ContainElement(HaveField("EN", ContainSubstring("server starting up"))))
	}, SpecTimeout(5*time.Minute))

	It("do not say how long a response takes that was not waited for", func(ctx SpecContext) {
		var n atomic.Int32
		cfg := configFor(receive(func(_ http.ResponseWriter, r *http.Request, p post) bool {
			if n.Add(1)%5 != 0 || !p.Valid {
				return false
			}
			<-r.Context().Done()
			return true
		}).URL)
		cfg.Wire.Timeout = 100 * time.Millisecond
		rep := run(ctx, cfg, "KOM-LAT-*")
		Expect(verdicts(rep)).To(Equal(map[string]verdict.Verdict{
			"KOM-LAT-001": verdict.Warn, "KOM-LAT-002": verdict.Inconclusive,
		}))
		Expect(result(rep, "KOM-LAT-002").Reason.EN).To(ContainSubstring("the wait was only 100 ms"))
	}, SpecTimeout(5*time.Minute))

	DescribeTable("pass no latencies of normal deliveries that fail",
		func(ctx SpecContext, fail func(http.ResponseWriter), want map[string]verdict.Verdict) {
			var n atomic.Int32
			rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
				if n.Add(1) < 20 || n.Load()%4 != 0 {
					return false
				}
				fail(w)
				return true
			}).URL), "KOM-LAT-*")
			Expect(verdicts(rep)).To(Equal(want))
		},
		Entry("with a 500", SpecTimeout(5*time.Minute), func(w http.ResponseWriter) { w.WriteHeader(500) },
			map[string]verdict.Verdict{"KOM-LAT-001": verdict.Inconclusive, "KOM-LAT-002": verdict.Inconclusive}),
		Entry("without a response", SpecTimeout(5*time.Minute), hangUp,
			map[string]verdict.Verdict{"KOM-LAT-001": verdict.Fail, "KOM-LAT-002": verdict.Inconclusive}),
	)

	It("blame a receiver that dies among the normal deliveries, once", func(ctx SpecContext) {
		var n atomic.Int32
		var rec *receiver
		rec = receive(func(_ http.ResponseWriter, _ *http.Request, _ post) bool {
			if n.Add(1) == 30 {
				_ = rec.Listener.Close()
			}
			return false
		})
		rep := run(ctx, queueless(rec))
		Expect(reds(rep)).To(Equal([]string{"KOM-LAT-001 fail"}))
		Expect(result(rep, "KOM-LAT-001").Diagnosis.Code).To(Equal("connect.refused"))
	}, SpecTimeout(5*time.Minute))

	It("blame a receiver that dies at the gate, once", func(ctx SpecContext) {
		var n atomic.Int32
		var rec *receiver
		rec = receive(func(http.ResponseWriter, *http.Request, post) bool {
			if n.Add(1) == 5 {
				_ = rec.Listener.Close()
			}
			return false
		})
		rep := run(ctx, queueless(rec))
		Expect(reds(rep)).To(Equal([]string{"KOM-ACK-001 fail"}))
	}, SpecTimeout(5*time.Minute))

	It("hold nothing against a receiver that a ban keeps from us", func(ctx SpecContext) {
		var banned atomic.Bool
		rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
			if banned.Load() {
				w.WriteHeader(http.StatusForbidden)
				return true
			}
			banned.Store(!p.Valid)
			return false
		}).URL))
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-MAL-001").Verdict).To(Equal(verdict.Inconclusive))
		Expect(result(rep, "KOM-MAL-003").Verdict).To(Equal(verdict.Inconclusive))
	}, SpecTimeout(5*time.Minute))

	It("do not count an attempt that was throttled as a refusal", func(ctx SpecContext) {
		rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Repeats != 1 {
				return false
			}
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}).URL), "KOM-RTY-002", "KOM-DUP-001")
		Expect(verdicts(rep)).To(HaveEach(verdict.Inconclusive))
	}, SpecTimeout(5*time.Minute))

	It("go on at once when a wait for the rate limit is broken off", func(ctx SpecContext) {
		stop := make(chan struct{})
		var after atomic.Int32
		cfg := configFor(receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			if after.Add(1) == 1 {
				close(stop)
			}
			w.Header().Set("Retry-After", "50")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}).URL)
		cfg.Stop = stop
		rep := run(ctx, cfg)
		Expect(rep.Interrupted).To(BeTrue())
		Expect(after.Load()).To(Equal(int32(1)))
		Expect(rep.Elapsed).To(BeNumerically("<", 10*time.Second))
	}, SpecTimeout(5*time.Minute))

	It("say that a closed connection was not reused, also of HTTP/1.0", func(ctx SpecContext) {
		for _, head := range []string{"HTTP/1.0 204 No Content\r\n\r\n", "HTTP/1.1 204 No Content\r\nConnection: Close\r\n\r\n"} {
			rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
				conn, _, err := w.(http.Hijacker).Hijack()
				if err == nil {
					_, _ = io.WriteString(conn, head)
					_ = conn.Close()
				}
				return true
			}).URL), "KOM-NET-001")
			Expect(result(rep, "KOM-NET-001").Verdict).To(Equal(verdict.Pass))
			Expect(result(rep, "KOM-NET-001").Notes).To(HaveLen(1), head)
		}
	}, SpecTimeout(5*time.Minute))

	It("play on when a server's clock says 1970", func(ctx SpecContext) {
		cfg := configFor(receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			w.Header().Set("Date", "Thu, 01 Jan 1970 00:00:00 GMT")
			return false
		}).URL)
		cfg.StartFixed = false
		Expect(reds(run(ctx, cfg, "KOM-ACK-*", "KOM-CLK-*", "KOM-DUP-*", "KOM-ORD-*", "KOM-RTY-*"))).To(BeEmpty())
	}, SpecTimeout(5*time.Minute))

	It("stand for a run that a stop cut short only where they show a fault", func(ctx SpecContext) {
		stop := make(chan struct{})
		var n atomic.Int32
		cfg := configFor(receive(func(http.ResponseWriter, *http.Request, post) bool {
			if n.Add(1) == 20 { // among the plain deliveries that are timed
				close(stop)
			}
			return false
		}).URL)
		cfg.Stop = stop
		rep := run(ctx, cfg)
		Expect(result(rep, "KOM-ACK-001").Verdict).To(Equal(verdict.Pass))
		Expect(result(rep, "KOM-LAT-001").Verdict).To(Equal(verdict.Inconclusive))

		// One of two fresh connections was tried.
		stop = make(chan struct{})
		cfg = configFor(receive(nil).URL)
		cfg.Stop = stop
		text := with("name: plain", "name: plain\n    times: 2")
		n.Store(0)
		cfg = configFor(receive(func(http.ResponseWriter, *http.Request, post) bool {
			if n.Add(1) == 2 { // the first round, after one event at the gate
				close(stop)
			}
			return false
		}).URL)
		cfg.Stop = stop
		Expect(playMine(ctx, cfg, text).Verdict).To(Equal(verdict.Inconclusive))
	}, SpecTimeout(5*time.Minute))

	Describe("on a user's scenario", func() {
		It("ask for the evidence that it names", func(ctx SpecContext) {
			for _, evidence := range []string{"effects", "state", "process"} {
				got := playMine(ctx, configFor(receive(nil).URL), with("evidence: [wire]", "evidence: [wire, "+evidence+"]"))
				Expect(got.Verdict).To(Equal(verdict.NotObserved), evidence)
				Expect(got.Reason.IsZero()).To(BeFalse())
			}
		}, SpecTimeout(5*time.Minute))

		It("leave a kind that is refused to the gate", func(ctx SpecContext) {
			picky := unless(http.StatusUnprocessableEntity, func(p post) bool { return p.Event.Kind != "order.placed" })
			rec := receive(picky)
			got := playMine(ctx, configFor(rec.URL), with("emit: {}", "emit: {kind: order.placed}"))
			Expect(got.Verdict).To(Equal(verdict.Inconclusive))
			Expect(got.Needs).To(Equal("KOM-ACK-001"))

			cfg := configFor(rec.URL)
			cfg.Kinds = []string{"customer.created"}
			before := len(rec.received())
			got = playMine(ctx, cfg, with("emit: {}", "emit: {kind: order.placed}"))
			Expect(got.Verdict).To(Equal(verdict.NotApplicable))
			Expect(rec.received()[before:]).To(HaveEach(HaveField("Event.Kind", "customer.created")))
		}, SpecTimeout(5*time.Minute))

		It("judge a check on the cases that deliver what it judges", func(ctx SpecContext) {
			text := with("checks:", "  - name: second\n    steps: [{emit: {}}, {deliver: {as: other}}]\nchecks:")
			Expect(playMine(ctx, configFor(receive(nil).URL), text).Verdict).To(Equal(verdict.Pass))
		}, SpecTimeout(5*time.Minute))

		It("are not reached where the run's policy has too few attempts", func(ctx SpecContext) {
			cfg := configFor(receive(nil).URL)
			cfg.Policy = retryclock.Policy{Interval: time.Hour, Window: time.Hour}
			got := playMine(ctx, cfg, with("deliver: {}", "deliver: {attempts: 4, faults: [refuse, refuse, refuse]}"))
			Expect(got.Verdict).To(Equal(verdict.NotApplicable))
			Expect(got.Reason.EN).To(ContainSubstring("retry policy"))
		}, SpecTimeout(5*time.Minute))

		It("come with a line that plays it again", func(ctx SpecContext) {
			rec := receive(nil)
			cfg := configFor(rec.URL + "/hook?a=1&b=it's")
			rep := playOf(ctx, cfg, languagetest.Plain)
			Expect(rep.Results[0].Reproduce).To(Equal(fmt.Sprintf(
				`kometia-sim run %s MY-SHOP-001 --seed 7 --ids new --target '%s/hook?a=1&b=it'\''s'`, file, rec.URL)))
		}, SpecTimeout(5*time.Minute))

		It("make the same bytes of changes that touch one another", func(ctx SpecContext) {
			text := with("emit: {}", `emit: {kind: order.placed, outside: schema, set: {data.object.customer_note: uno, data.object: {customer_note: dos}}}`)
			seen := map[string]bool{}
			for range 8 {
				rec := receive(nil)
				cfg := configFor(rec.URL)
				cfg.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
				playMine(ctx, cfg, text)
				posts := rec.received()
				seen[posts[len(posts)-2].Body] = true // before the sentinel
			}
			Expect(seen).To(HaveLen(1))
			Expect(seen).To(HaveKey(ContainSubstring(`"customer_note":"uno"`)))
		}, SpecTimeout(5*time.Minute))

		DescribeTable("wait for no request where it cannot be played",
			func(step, to, message string) {
				suite, err := language.Builtin()
				Expect(err).NotTo(HaveOccurred())
				addTo(suite, with(step, to))
				_, err = newRunner(configFor("http://127.0.0.1:9/"), suite)
				Expect(err).To(MatchError(ContainSubstring(message)))
			},
			Entry("too long ago for the shop", "deliver: {}", "deliver: {at: 9000h}", "more than 60 days before"),
			Entry("a field that only orders have", "emit: {}", "emit: {set: {data.object.is_gift: true}}", "names no kind"),
		)
	})

	It("keep a receiver on another machine from many requests, of one event as of many", func() {
		for _, text := range []string{with("name: plain", "name: plain\n    times: 61"), with("deliver: {}", "deliver: {times: 181}")} {
			suite, err := language.Builtin()
			Expect(err).NotTo(HaveOccurred())
			addTo(suite, text)
			suite, err = suite.Select([]string{"MY-*"}, nil)
			Expect(err).NotTo(HaveOccurred())
			cfg := configFor("http://127.0.0.1:9/")
			_, err = newRunner(cfg, suite)
			Expect(err).NotTo(HaveOccurred())
			cfg.Safe = true
			_, err = newRunner(cfg, suite)
			Expect(err).To(MatchError(ContainSubstring("at most 60 in 180")))
		}
	})

	It("tell how long they took, together no longer than the run", func(ctx SpecContext) {
		rep := run(ctx, configFor(receive(nil).URL))
		var sum time.Duration
		for _, r := range rep.Results {
			Expect(r.Elapsed).To(BeNumerically(">", 0), r.ID)
			sum += r.Elapsed
		}
		Expect(sum).To(BeNumerically("<=", rep.Elapsed))
	}, SpecTimeout(5*time.Minute))

	It("send the same bytes when fewer checks are wanted", func(ctx SpecContext) {
		bodies := func(only ...string) []string {
			rec := receive(nil)
			cfg := configFor(rec.URL)
			cfg.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			run(ctx, cfg, only...)
			var out []string
			for _, p := range rec.received() {
				out = append(out, p.Body)
			}
			return out
		}
		all := bodies()
		for _, id := range []string{"KOM-DUP-001", "KOM-PAY-005", "KOM-RTY-006", "KOM-NET-001", "KOM-MAL-003"} {
			Expect(all).To(ContainElements(bodies(id)), id)
		}
	}, SpecTimeout(5*time.Minute))
})
