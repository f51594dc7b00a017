package scenarios_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	undertest "github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
)

// laravelCSRF answers as Laravel does without the exemption.
func laravelCSRF(w http.ResponseWriter, _ *http.Request, _ post) bool {
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.WriteHeader(419)
	_, _ = io.WriteString(w, "<!DOCTYPE html><html><head><title>Page Expired</title></head><body>419 | Page Expired</body></html>")
	return true
}

var _ = Describe("Runner", Label("whole"), func() {
	It("passes a good receiver, and does not pass what it cannot see", func(ctx SpecContext) {
		rec := receive(nil)
		rep := run(ctx, configFor(rec.URL+"/webhook"), everything)
		Expect(reds(rep)).To(BeEmpty())
		suite, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		for _, c := range suite.Checks() {
			id, v := c.ID, verdicts(rep)[c.ID]
			if id == wrapped {
				Expect(v).To(Equal(verdict.Info))
			} else if id == "KOM-VER-001" {
				Expect(v).To(Equal(verdict.NotObserved), id)
			} else if strings.HasPrefix(id, "KOM-TLS-") || strings.HasPrefix(id, "KOM-VER-") || id == "KOM-DEP-002" {
				Expect(v).To(Equal(verdict.NotApplicable), id)
			} else if slices.ContainsFunc(c.Evidence, func(e string) bool {
				return slices.Contains([]string{language.EvidenceEffects, language.EvidenceState, language.EvidenceEither}, e)
			}) {
				Expect(v).To(Equal(verdict.NotObserved), id)
				Expect(result(rep, id).Enable.EN).To(ContainSubstring("observe:"))
			} else {
				Expect(v).To(Equal(verdict.Pass), id)
			}
		}
		Expect(rep.Profile.Kinds).To(Equal(len(schemas.Builtin().Kinds())))
		Expect(rep.Profile.Status).To(Equal(204))
		Expect(rep.Virtual).To(BeNumerically(">=", 48*time.Hour))
		// Who takes all sizes is asked for no more than these.
		Expect(rec.received()).To(HaveLen(rep.Run.Plan.Requests - 4))
	}, SpecTimeout(5*time.Minute))

	It("blames a file that a GET gets as well, and no program that looks like one", func(ctx SpecContext) {
		file := func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			w.Header().Set("ETag", `"5f"`)
			w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 15:04:05 GMT")
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<!doctype html><title>Tienda</title><p>Bienvenido</p>")
			return true
		}
		rep := run(ctx, queueless(receiveAny(file)), "KOM-ACK-*")
		Expect(result(rep, "KOM-ACK-003").Verdict).To(Equal(verdict.Fail))
		Expect(result(rep, "KOM-ACK-003").Diagnosis.Code).To(Equal("ack.static-file"))
		// A GET gets something else, so something read the event.
		rep = run(ctx, queueless(receive(file)), "KOM-ACK-*")
		Expect(result(rep, "KOM-ACK-003").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(time.Minute))

	It("says what stands in the way of all else, once", func(ctx SpecContext) {
		rep := run(ctx, configFor(receive(laravelCSRF).URL+"/kometia/webhook"))
		red := result(rep, "KOM-CSR-001")
		Expect(red.Diagnosis.Code).To(Equal("csrf.laravel"))
		Expect(red.Found.EN).To(ContainSubstring("in all 13 cases"))
		Expect(red.Reproduce).To(HavePrefix("kometia-sim run KOM-CSR-001 --seed 7 --ids new --target http://127.0.0.1:"))
		for _, r := range rep.Results {
			if r.ID == red.ID || r.Verdict == verdict.NotApplicable && strings.HasPrefix(r.ID, "KOM-TLS-") {
				continue
			}
			Expect(r.Verdict).To(Equal(verdict.Inconclusive), r.ID)
			Expect(r.Reason.EN).To(Equal("fix KOM-CSR-001 first"), r.ID)
		}
	}, SpecTimeout(5*time.Minute))

	It("tells what stands in the way with its response and its fix, though nobody selected it", func(ctx SpecContext) {
		rep := run(ctx, configFor(receive(laravelCSRF).URL+"/kometia/webhook"), "KOM-DUP-001")
		Expect(rep.Results).To(HaveLen(2))
		red := result(rep, "KOM-CSR-001")
		Expect(red.Verdict).To(Equal(verdict.Fail))
		Expect(red.Fault.EN).To(Equal("Rejects the POST for lack of a CSRF token, a cookie or an Origin"))
		Expect(red.Diagnosis.Fixes).NotTo(BeEmpty())
		Expect(red.Attempts[0].Exchange).NotTo(BeNil())
		Expect(result(rep, "KOM-DUP-001").Needs).To(Equal("KOM-CSR-001"))
		Expect(rep.Run.Plan.Checks).To(Equal(1))
		Expect(rep.Run.Plan.Of).To(BeNumerically(">", 60))
	}, SpecTimeout(5*time.Minute))

	It("stays broken after garbage: that is its own check", func(ctx SpecContext) {
		var stuck bool
		rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
			if !p.Valid {
				stuck = true
			}
			if stuck {
				w.WriteHeader(http.StatusInternalServerError)
			}
			return stuck
		}).URL))
		Expect(reds(rep)).To(ConsistOf("KOM-MAL-003 fail"))
	}, SpecTimeout(5*time.Minute))

	It("tells a refused kind that nobody declared from one that was", func(ctx SpecContext) {
		picky := unless(http.StatusUnprocessableEntity, func(p post) bool { return p.Event.Kind != "customer.updated" })
		Expect(reds(run(ctx, configFor(receive(picky).URL)))).To(Equal([]string{"KOM-ACK-001 warn"}))
		cfg := configFor(receive(picky).URL)
		cfg.Kinds = []string{"order.placed", "customer.updated"}
		rep := run(ctx, cfg)
		Expect(reds(rep)).To(Equal([]string{"KOM-ACK-001 fail"}))
		Expect(result(rep, "KOM-ACK-001").Variant).To(Equal("customer.updated"))
	}, SpecTimeout(5*time.Minute))

	It("passes a receiver that asks for one more try of a duplicate, with a note", func(ctx SpecContext) {
		rep := run(ctx, configFor(receive(unless(http.StatusConflict, func(p post) bool { return p.Repeats != 1 || !p.Valid })).URL))
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-DUP-001").Notes).To(HaveLen(1))
		Expect(result(rep, "KOM-RTY-002").Notes).To(HaveLen(1))
	}, SpecTimeout(5*time.Minute))

	It("blames no receiver that it cannot reach", func(ctx SpecContext) {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		url := "http://" + ln.Addr().String()
		Expect(ln.Close()).To(Succeed())
		rep := run(ctx, configFor(url))
		Expect(rep.Unreachable).To(BeTrue())
		Expect(reds(rep)).To(BeEmpty())
		for id, v := range verdicts(rep) {
			Expect(v).To(Equal(verdict.Inconclusive), id)
		}
	}, SpecTimeout(5*time.Minute))

	It("blames a receiver that goes away for that, and once", func(ctx SpecContext) {
		var rec *receiver
		rec = receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
			if p.Event.Kind != "order.reserved" {
				return false
			}
			_ = rec.Listener.Close()
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusOK)
			return true
		})
		rep := run(ctx, queueless(rec))
		Expect(rep.Unreachable).To(BeFalse())
		Expect(len(reds(rep))).To(BeNumerically("<=", 2), "%v", reds(rep))
		Expect(reds(rep)).NotTo(BeEmpty())
		Expect(result(rep, "KOM-PAY-009").Verdict).To(Equal(verdict.Inconclusive))
	}, SpecTimeout(5*time.Minute))

	DescribeTable("warns of a receipt that some clients refuse, and fails what none takes",
		func(ctx SpecContext, raw string, red, said, code string) {
			rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
				defer GinkgoRecover()
				conn, _, err := http.NewResponseController(w).Hijack()
				Expect(err).NotTo(HaveOccurred())
				_, _ = conn.Write([]byte(raw))
				_ = conn.Close()
				return true
			}).URL), "KOM-ACK-001")
			Expect(reds(rep)).To(Equal([]string{red}))
			r := result(rep, "KOM-ACK-001")
			Expect(r.Found.EN).To(ContainSubstring(said))
			if code != "" {
				Expect(r.Diagnosis.Code).To(Equal(code))
			}
		},
		Entry("a body cut short", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok", "KOM-ACK-001 warn", "200; the response's body was cut short", ""),
		Entry("lengths that disagree", "HTTP/1.1 200 OK\r\nContent-Length: 2, 5\r\n\r\nok...", "KOM-ACK-001 warn", "stated wrongly", ""),
		Entry("a header line that is none", "HTTP/1.1 200 OK\r\nwhat is this\r\nContent-Length: 2\r\n\r\nok", "KOM-ACK-001 fail", "malformed response", "response.malformed"),
		Entry("another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n", "KOM-ACK-001 fail", "101", "response.malformed"),
	)

	It("names the assumptions of what was judged, but not those that were confirmed", func(ctx SpecContext) {
		assumed := func(confirmed ...string) (names []string) {
			cfg := configFor(receive(nil).URL)
			cfg.Confirmed = confirmed
			for _, a := range run(ctx, cfg, "KOM-ACK-001", "KOM-TLS-001").Run.Assumed {
				names = append(names, a.EN)
			}
			return names
		}
		// The URL is http, so that nothing rests on certificates.
		Expect(assumed()).To(Equal([]string{"bare body", "event kinds", "timeout of 10 s", "a 2xx that curl takes"}))
		Expect(assumed("timeout", "kinds")).To(Equal([]string{"bare body", "a 2xx that curl takes"}))
	})

	It("takes a slow response for a warning while the timeout is only assumed", func(ctx SpecContext) {
		hang := func(_ http.ResponseWriter, r *http.Request, _ post) bool {
			<-r.Context().Done()
			return true
		}
		cfg := configFor(receive(hang).URL)
		cfg.Wire.Timeout = 100 * time.Millisecond
		rep := run(ctx, cfg)
		Expect(reds(rep)).To(Equal([]string{"KOM-LAT-001 warn"}))
		Expect(result(rep, "KOM-ACK-001").Reason.EN).To(Equal("fix KOM-LAT-001 first"))

		cfg = configFor(receive(hang).URL)
		cfg.Wire.Timeout, cfg.Confirmed = 100*time.Millisecond, []string{"timeout"}
		Expect(reds(run(ctx, cfg))).To(Equal([]string{"KOM-LAT-001 fail"}))
	}, SpecTimeout(5*time.Minute))

	It("waits for a receiver that limits the rate, and does not call that a fault", func(ctx SpecContext) {
		var n atomic.Int32
		rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			if n.Add(1) != 20 {
				return false
			}
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}).URL))
		Expect(reds(rep)).To(BeEmpty())
		Expect(rep.Notes).To(ContainElement(HaveField("EN", ContainSubstring("limited the rate 1 times"))))

		rep = run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}).URL))
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-ACK-001").Verdict).To(Equal(verdict.Inconclusive))
	}, SpecTimeout(5*time.Minute))

	It("dates nothing in the receiver's future", func(ctx SpecContext) {
		behind := 2 * time.Hour
		rec := receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			w.Header().Set("Date", time.Now().Add(-behind).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusOK)
			return true
		})
		cfg := configFor(rec.URL)
		cfg.StartFixed = false
		rep := run(ctx, cfg)
		Expect(rep.Profile.Skew).To(BeNumerically("~", -behind, 2*time.Second))
		var after int
		for _, p := range rec.received() {
			if p.Valid && p.Event.CreatedAt <= time.Now().Add(-behind).Unix() {
				after++
			}
		}
		// All but the gate's, which only found it out.
		Expect(after).To(BeNumerically(">=", 50))
	}, SpecTimeout(5*time.Minute))

	It("makes the same bytes of the same seed, ids and start, and others of another", func(ctx SpecContext) {
		bodies := func(change func(*setup), only ...string) []string {
			rec := receive(nil)
			cfg := configFor(rec.URL)
			cfg.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			change(&cfg)
			run(ctx, cfg, only...)
			var out []string
			for _, p := range rec.received() {
				out = append(out, p.Body)
			}
			slices.Sort(out) // what is sent together arrives in any order
			return out
		}
		suite, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		var all []string
		for _, c := range suite.Checks() {
			// One of these dates its event by the receiver's clock; two are large.
			if !slices.Contains([]string{"KOM-CLK-002", size, "KOM-PAY-012"}, c.ID) {
				all = append(all, c.ID)
			}
		}
		first := bodies(func(*setup) {}, all...)
		Expect(first).NotTo(BeEmpty())
		Expect(bodies(func(*setup) {}, all...)).To(Equal(first))
		some := []string{"KOM-ACK-*", "KOM-ORD-*", "KOM-PAY-003"}
		first = bodies(func(*setup) {}, some...)
		Expect(first).NotTo(BeEmpty())
		for _, change := range []func(*setup){
			func(c *setup) { c.Seed = 8 },
			func(c *setup) { c.IDs = "4k2q" },
			func(c *setup) { c.Start = c.Start.Add(time.Second) },
		} {
			other := bodies(change, some...)
			Expect(other).To(HaveLen(len(first)))
			Expect(other).NotTo(Equal(first))
		}
	}, SpecTimeout(5*time.Minute))

	It("sends nothing malformed to another machine unasked", func(ctx SpecContext) {
		rec := receive(nil)
		cfg := configFor(rec.URL)
		cfg.Safe = true
		rep := run(ctx, cfg)
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-MAL-003").Verdict).To(Equal(verdict.NotObserved))
		Expect(result(rep, "KOM-MAL-003").Enable.EN).To(Equal("--allow malformed"))
		Expect(rep.Run.Plan.Refused).To(Equal([]string{"burst", "load", "malformed", "methods", "restart"}))
		Expect(rep.Run.Plan.Events).To(BeNumerically("<=", 60))
		for _, p := range rec.received() {
			Expect(p.Valid).To(BeTrue(), "sent %q", p.Body)
		}
		cfg.Allow = []string{"malformed"}
		Expect(result(run(ctx, cfg), "KOM-MAL-003").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(5*time.Minute))

	It("asks the gate for no more than it needs when few checks are wanted", func(ctx SpecContext) {
		rec := receive(nil)
		rep := run(ctx, configFor(rec.URL), "KOM-PAY-009")
		Expect(reds(rep)).To(BeEmpty())
		Expect(len(rec.received())).To(BeNumerically("<", 13)) // not even one of each kind
	}, SpecTimeout(5*time.Minute))

	It("stops when it is told to, and reports what it has", func(ctx SpecContext) {
		stop := make(chan struct{})
		cfg := configFor(receive(nil).URL)
		cfg.Stop = stop
		cfg.OnResult = func(r verdict.Result) {
			if r.ID == "KOM-ACK-004" {
				close(stop)
			}
		}
		rep := run(ctx, cfg)
		Expect(rep.Interrupted).To(BeTrue())
		Expect(result(rep, "KOM-ACK-001").Verdict).To(Equal(verdict.Pass))
		Expect(result(rep, "KOM-MAL-003").Verdict).To(Equal(verdict.Inconclusive))
		Expect(result(rep, "KOM-MAL-003").Reason.EN).To(ContainSubstring("interrupted"))
	}, SpecTimeout(5*time.Minute))

	It("refuses a configuration, naming all that is wrong", func() {
		suite, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		_, err = undertest.New(undertest.Config{Allow: []string{"brust"}})
		Expect(err).To(MatchError(And(ContainSubstring("no target"), ContainSubstring("did you mean burst?"))))
		cfg := configFor("http://127.0.0.1:1/")
		cfg.Kinds, cfg.Policy.Interval = []string{"order.palced"}, -time.Hour
		_, err = newRunner(cfg, suite)
		Expect(err).To(MatchError(And(ContainSubstring("order.placed"), ContainSubstring("interval"))))
	})
})

var _ = Describe("hostile receivers", func() {
	answering := func(ctx SpecContext, evil string) verdict.Verdict {
		rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			w.Header().Set("X-Evil", evil)
			_, _ = w.Write(bytes.Repeat([]byte("<script>alert(1)</script>\x1b]0;pwned\x07\xff"), 1000))
			return true
		}).URL), "KOM-ACK-*")
		return result(rep, "KOM-ACK-001").Verdict
	}

	It("bring no verdict down", func(ctx SpecContext) {
		Expect(answering(ctx, "<script>alert(1)</script>")).To(Equal(verdict.Pass))
		// A control character in the header is one that some clients refuse.
		Expect(answering(ctx, "\x1b[31m")).To(Equal(verdict.Warn))
	}, SpecTimeout(5*time.Minute))
})
