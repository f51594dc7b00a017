package scenarios_test

import (
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

const (
	kb   = 1 << 10
	size = "KOM-PAY-007"
)

// over starts a receiver that treats bodies of more than so many bytes apart.
func over(limit int, answer func(w http.ResponseWriter, r *http.Request, p post) bool) *receiver {
	GinkgoHelper()
	return receive(func(w http.ResponseWriter, r *http.Request, p post) bool {
		return len(p.Body) > limit && answer(w, r, p)
	})
}

// sizes are the bodies of more than the plain size that a receiver got.
func sizes(rec *receiver) (out []int) {
	for _, p := range rec.received() {
		if len(p.Body) > 15*kb {
			out = append(out, len(p.Body))
		}
	}
	return out
}

var _ = Describe("the search for the largest body", Label("whole", "unraced"), func() {
	It("ends in time, keeps the limit between what it has seen, and tells nothing else", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			rungs := []int{64 * kb, 150 * kb, 512 * kb, 2048 * kb}
			tries := rapid.IntRange(len(rungs), 12).Draw(t, "tries")
			limit := rapid.IntRange(0, 3000*kb).Draw(t, "limit")
			seen := map[int]bool{}
			taken, refused, made := scenarios.Bisect(rungs, tries, func(want int) (int, bool) {
				sent := want - rapid.IntRange(0, 1000).Draw(t, "short")
				seen[sent] = sent <= limit
				return sent, sent <= limit
			})
			if made > tries {
				t.Fatalf("%d requests of %d", made, tries)
			}
			if taken > limit || refused != 0 && refused <= limit {
				t.Fatalf("a limit of %d is not between %d and %d", limit, taken, refused)
			}
			if ok, tried := seen[taken]; taken != 0 && (!tried || !ok) {
				t.Fatalf("%d was never taken", taken)
			}
			if ok, tried := seen[refused]; refused != 0 && (!tried || ok) {
				t.Fatalf("%d was never refused", refused)
			}
			if refused == 0 && taken < rungs[len(rungs)-1]-1000 {
				t.Fatalf("nothing was refused, and only %d taken", taken)
			}
			// Seven requests are enough to be right to within a fifth.
			if tries >= 7 && limit >= 8*kb && refused != 0 && float64(refused) > 1.2*float64(taken)+1000 {
				t.Fatalf("%d to %d is wide", taken, refused)
			}
		})
	})

	DescribeTable("tells the limit as a number",
		func(ctx SpecContext, limit int, want verdict.Verdict, found string, most int) {
			rec := over(limit, status(http.StatusRequestEntityTooLarge))
			rep := run(ctx, configFor(rec.URL), size)
			res := result(rep, size)
			Expect(res.Verdict).To(Equal(want), res.Reason.EN)
			Expect(res.Found.EN).To(MatchRegexp(found))
			got := sizes(rec)
			Expect(len(got)).To(BeNumerically("<=", most))
			Expect(res.Attempts).To(HaveLen(len(got)))
			Expect(res.Variant).To(Equal("order.placed"))
			for i, n := range got {
				Expect(n).To(BeNumerically("<=", 2<<20))
				Expect(res.Attempts[i].Summary).To(MatchRegexp(`^\d+(\.\d)? [KM]B$`))
			}
			if want == verdict.Fail || want == verdict.Warn {
				Expect(res.Diagnosis.Code).To(Equal("body.too-large"))
			}
		},
		Entry("none", SpecTimeout(5*time.Minute), 10<<20, verdict.Pass, `^accepts 2\.0 MB$`, 4),
		Entry("1 MB, nginx's own", SpecTimeout(5*time.Minute), 1<<20, verdict.Pass, `^accepts up to (1\.0 MB|10[0-2][0-9] KB), rejects 1\.[12] MB \(413\)$`, 7),
		Entry("150 KB", SpecTimeout(5*time.Minute), 150*kb, verdict.Pass, `^accepts up to 1(49|50) KB, rejects 1(5|6)\d KB \(413\)$`, 7),
		Entry("100 KB, Express' own", SpecTimeout(5*time.Minute), 100*kb, verdict.Warn, `^accepts up to (9\d|100) KB, rejects 10\d KB \(413\)$`, 7),
		Entry("64 KB", SpecTimeout(5*time.Minute), 64*kb, verdict.Warn, `^accepts up to 6[34] KB, rejects 6\d KB \(413\)$`, 7),
		Entry("48 KB", SpecTimeout(5*time.Minute), 48*kb, verdict.Fail, `^accepts up to 4[678] KB, rejects (48|49|50) KB \(413\)$`, 7),
		Entry("20 KB", SpecTimeout(5*time.Minute), 20*kb, verdict.Fail, `^accepts up to (19|20) KB, rejects 2\d KB \(413\)$`, 7),
	)

	It("is red alone for Express' limit, and with the order of 100 lines for a smaller one", func(ctx SpecContext) {
		Expect(reds(run(ctx, configFor(over(100*kb, status(413)).URL), everything))).To(Equal([]string{"KOM-PAY-007 warn"}))
		rep := run(ctx, configFor(over(48*kb, status(413)).URL), everything)
		Expect(reds(rep)).To(Equal([]string{"KOM-PAY-004 fail", "KOM-PAY-012 fail", "KOM-PAY-007 fail"}))
		Expect(result(rep, "KOM-PAY-004").Cause).To(Equal(result(rep, size).Cause))
	}, SpecTimeout(5*time.Minute))

	It("takes any refusal for one, also a connection that is cut before the whole body is read", func(ctx SpecContext) {
		rep := run(ctx, configFor(over(100*kb, status(500)).URL), size)
		Expect(result(rep, size).Verdict).To(Equal(verdict.Warn))
		Expect(result(rep, size).Found.EN).To(MatchRegexp(`rejects 10\d KB \(500\)$`))

		early := receive(nil)
		good := early.Config.Handler
		early.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength <= 100*kb {
				good.ServeHTTP(w, r)
				return
			}
			conn, _, err := w.(http.Hijacker).Hijack()
			Expect(err).NotTo(HaveOccurred())
			_ = conn.Close() // with the body unread: a reset
		})
		rep = run(ctx, configFor(early.URL), size)
		Expect(result(rep, size).Verdict).To(Equal(verdict.Warn))
		Expect(result(rep, size).Found.EN).To(MatchRegexp(`rejects 10\d KB \(no response \(the server (reset|closed) the connection.*\)\)$`))
	}, SpecTimeout(5*time.Minute))

	DescribeTable("blames no size for what is something else",
		func(ctx SpecContext, limit int, answer func(http.ResponseWriter, *http.Request, post) bool, want verdict.Verdict, why string) {
			rec := over(limit, answer)
			rep := run(ctx, configFor(rec.URL), size)
			Expect(result(rep, size).Verdict).To(Equal(want), result(rep, size).Found.EN)
			Expect(result(rep, size).Reason.EN).To(ContainSubstring(why))
			Expect(len(sizes(rec))).To(BeNumerically("<=", 7))
		},
		Entry("an overloaded server", SpecTimeout(5*time.Minute), 100*kb, status(503), verdict.Inconclusive, "was unavailable (503), which is not a size limit"),
		Entry("one that is overloaded later", SpecTimeout(5*time.Minute), 300*kb, status(503), verdict.Pass, ""),
		Entry("a rate limit", SpecTimeout(5*time.Minute), 100*kb, func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
			return true
		}, verdict.Inconclusive, "limits the rate"),
	)

	It("does not take a server that refuses every order of the search for one with a limit", func(ctx SpecContext) {
		broken := false
		rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
			broken = broken || len(p.Body) > 15*kb
			if broken {
				w.WriteHeader(http.StatusInternalServerError)
			}
			return broken
		}).URL), size)
		Expect(result(rep, size).Verdict).To(Equal(verdict.Fail))
		Expect(result(rep, size).Found.EN).To(ContainSubstring("it stopped working")) // which is another finding
	}, SpecTimeout(5*time.Minute))

	It("does not take a server that goes away for one with a limit", func(ctx SpecContext) {
		var rec *receiver
		rec = over(100*kb, func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			_ = rec.Listener.Close()
			w.WriteHeader(http.StatusNoContent)
			return true
		})
		rep := run(ctx, configFor(rec.URL), size)
		Expect(result(rep, size).Verdict).To(Equal(verdict.Fail))
		Expect(result(rep, size).Found.EN).To(And(ContainSubstring("it stopped working"), Not(ContainSubstring("accepts up to"))))

		rec = over(60*kb, func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			_ = rec.Listener.Close()
			w.WriteHeader(http.StatusNoContent)
			return true
		})
		rep = run(ctx, configFor(rec.URL), size)
		Expect(result(rep, size).Verdict).To(Equal(verdict.Fail))
		Expect(result(rep, size).Fault.EN).To(ContainSubstring("Stops responding"))
	}, SpecTimeout(5*time.Minute))

	Describe("where no response comes", func() {
		// hanging never answers larger bodies, and the others only after the delay.
		hanging := func(limit int, delay time.Duration) setup {
			end := make(chan struct{})
			rec := receive(func(_ http.ResponseWriter, r *http.Request, p post) bool {
				if len(p.Body) > limit {
					<-end
				} else {
					select {
					case <-time.After(delay):
					case <-r.Context().Done():
					}
				}
				return false
			})
			DeferCleanup(func() { close(end) }) // before the server is closed
			cfg := configFor(rec.URL)
			cfg.Wire.Timeout = 3 * time.Second
			return cfg
		}
		It("tells a hang apart, and asks no more", func(ctx SpecContext) {
			rep := run(ctx, hanging(100*kb, 0), size)
			Expect(result(rep, size).Verdict).To(Equal(verdict.Warn), result(rep, size).Reason.EN)
			Expect(result(rep, size).Found.EN).To(MatchRegexp(`^accepts up to 6\d KB, does not answer 1(49|50) KB in 3 s$`))
			Expect(result(rep, size).Attempts).To(HaveLen(2))
			rep = run(ctx, hanging(20*kb, 0), size)
			Expect(result(rep, size).Verdict).To(Equal(verdict.Fail))
			Expect(result(rep, size).Found.EN).To(MatchRegexp(`^does not answer 6\d KB in 3 s$`))
		}, SpecTimeout(5*time.Minute))
		It("does not hold against a slow one what is large enough", func(ctx SpecContext) {
			rep := run(ctx, hanging(300*kb, 0), size)
			Expect(result(rep, size).Verdict).To(Equal(verdict.Pass))
			Expect(result(rep, size).Found.EN).To(MatchRegexp(`does not answer 51\d KB in 3 s$`))
		}, SpecTimeout(5*time.Minute))
		It("leaves a slow one to the checks of its speed", func(ctx SpecContext) {
			rep := run(ctx, hanging(100*kb, time.Second), size)
			Expect(result(rep, size).Verdict).To(Equal(verdict.Inconclusive))
			Expect(result(rep, size).Reason.EN).To(ContainSubstring("answers slowly"))
		}, SpecTimeout(5*time.Minute))
	})

	It("costs another machine no more than four events", func(ctx SpecContext) {
		rec := over(100*kb, status(413))
		cfg := configFor(rec.URL)
		cfg.Safe = true
		rep := run(ctx, cfg, size)
		Expect(result(rep, size).Verdict).To(Equal(verdict.Warn))
		Expect(sizes(rec)).To(HaveLen(4))
		Expect(rep.Run.Plan.AtMost).To(BeTrue())
		Expect(rep.Run.Plan.Events).To(BeNumerically(">=", 4))
	}, SpecTimeout(5*time.Minute))
})
