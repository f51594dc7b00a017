package scenarios_test

import (
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

var _ = Describe("what is broken on the wire", Label("whole"), func() {
	var books *ledger

	BeforeEach(func() { books = newLedger() })

	watched := func(answer func(http.ResponseWriter, *http.Request, post) bool) setup {
		cfg := configFor(receive(answer).URL)
		cfg.Observer, cfg.Drain, cfg.Observing = books, observe.ActionFunc(drained), "url"
		return cfg
	}

	// once acts on what it has not seen before.
	once := func(_ http.ResponseWriter, _ *http.Request, p post) bool {
		if p.Valid && books.first(p.Event.ID) {
			books.act(p.Event.ID)
		}
		return false
	}

	// gone waits until the sender has hung up, or a little while.
	gone := func(r *http.Request) bool {
		select {
		case <-r.Context().Done():
			return true
		case <-time.After(20 * time.Millisecond):
			return false
		}
	}

	Describe("KOM-RTY-004", func() {
		try := func(ctx SpecContext, answer func(http.ResponseWriter, *http.Request, post) bool) verdict.Result {
			GinkgoHelper()
			return result(run(ctx, watched(answer), "KOM-RTY-004"), "KOM-RTY-004")
		}

		It("passes a receiver that goes on, and tells how often it was met at work", func(ctx SpecContext) {
			r := try(ctx, once)
			Expect(r.Verdict).To(Equal(verdict.Pass))
			Expect(r.Found.EN).To(MatchRegexp(`; ([2-9]|1[0-9]) of 19 times we closed the connection before its response$`))
			Expect(r.Found.ES).To(MatchRegexp(`; ([2-9]|1[0-9]) de 19 veces cerramos la conexión antes de su respuesta$`))
		}, SpecTimeout(5*time.Minute))

		It("passes one that stops as soon as its sender is gone", func(ctx SpecContext) {
			r := try(ctx, func(w http.ResponseWriter, r *http.Request, p post) bool {
				if !gone(r) {
					return once(w, r, p)
				}
				return false
			})
			Expect(r.Verdict).To(Equal(verdict.Pass))
			Expect(r.Found.EN).To(MatchRegexp(`([2-9]|1[0-9]) of 19 times`)) // how many is up to the machine
		}, SpecTimeout(5*time.Minute))

		It("fails one that acts and does not remember because its sender is gone", func(ctx SpecContext) {
			r := try(ctx, func(_ http.ResponseWriter, r *http.Request, p post) bool {
				if p.Valid && books.first(p.Event.ID) {
					books.act(p.Event.ID)
					if gone(r) {
						books.forget(p.Event.ID)
					}
				}
				return false
			})
			Expect(r.Verdict).To(Equal(verdict.Fail))
			Expect(r.Found.EN).To(ContainSubstring("2 effects instead of 1"))
			Expect(r.Cause).To(Equal("dedupe"))
		}, SpecTimeout(5*time.Minute))

		It("fails one that remembers and does not act because its sender is gone", func(ctx SpecContext) {
			r := try(ctx, func(_ http.ResponseWriter, r *http.Request, p post) bool {
				if p.Valid && books.first(p.Event.ID) && !gone(r) {
					books.act(p.Event.ID)
				}
				return false
			})
			Expect(r.Verdict).To(Equal(verdict.Fail))
			Expect(r.Found.EN).To(ContainSubstring("0 effects instead of 1"))
			story := r.Attempts
			Expect(story).To(HaveLen(2))
			Expect(story[0].Fault).To(HavePrefix("hang-up"))
			Expect(story[0].Outcome).To(Equal("no_response"))
			Expect(story[0].Error).To(BeEmpty(), "our own fault says it all")
			Expect(story[1].Offset).To(Equal(time.Hour))
		}, SpecTimeout(5*time.Minute))

		It("blames nobody when the retry is only put off", func(ctx SpecContext) {
			r := try(ctx, func(w http.ResponseWriter, r *http.Request, p post) bool {
				if p.Repeats > 0 {
					w.WriteHeader(http.StatusConflict)
					return true
				}
				if !gone(r) {
					return once(w, r, p)
				}
				return false
			})
			Expect(r.Verdict).To(Equal(verdict.Inconclusive))
			Expect(r.Reason.EN).To(ContainSubstring("not now"))
		}, SpecTimeout(5*time.Minute))

		It("is about the age where everything that is an hour old is refused", func(ctx SpecContext) {
			r := try(ctx, func(w http.ResponseWriter, r *http.Request, p post) bool {
				if time.Since(time.Unix(p.Event.CreatedAt, 0)) > 30*time.Minute {
					w.WriteHeader(http.StatusForbidden)
					return true
				}
				return once(w, r, p)
			})
			Expect(r.Verdict).To(Equal(verdict.Inconclusive))
			Expect(r.Needs).To(Equal("KOM-RTY-001"))
		}, SpecTimeout(5*time.Minute))

		DescribeTable("never sends the retry while the first is worked on", func(ctx SpecContext, oneAtATime bool) {
			var mu, turn sync.Mutex
			at, overtaken, busy, most := map[string]int{}, 0, 0, 0
			come := func(id string, n int) {
				mu.Lock()
				defer mu.Unlock()
				at[id], busy = at[id]+n, busy+n
				if most = max(most, busy); at[id] > 1 {
					overtaken++
				}
			}
			cfg := watched(func(w http.ResponseWriter, r *http.Request, p post) bool {
				come(p.Event.ID, 1)
				defer come(p.Event.ID, -1)
				if oneAtATime {
					turn.Lock()
					defer turn.Unlock()
				}
				time.Sleep(30 * time.Millisecond) // its work, whoever still listens
				return once(w, r, p)
			})
			rep := run(ctx, cfg, "KOM-RTY-004", "KOM-RTY-005")
			Expect(reds(rep)).To(BeEmpty())
			Expect(overtaken).To(BeZero())
			Expect(most).To(BeNumerically(">", 1), "cases that wait for the same wait together")
			Expect(result(rep, "KOM-RTY-004").Found.EN).To(MatchRegexp(`([2-9]|1[0-9]) of 19 times`))
		}, Entry("side by side", SpecTimeout(5*time.Minute), false), Entry("one at a time", SpecTimeout(5*time.Minute), true))
	})

	const hurried = `
family: hurried
group: retries
cases:
  - name: late
    steps:
      - emit: {}
      - deliver: {as: hung, attempts: 2, faults: [hang-up 200ms]}
checks:
  - id: MY-HUNG-001
    level: must
    evidence: [effects]
    title: {en: a}
    requirement: {en: b}
    of: hung
    judge:
      - {effects: doubled, then: fail}
      - {hung_up: too-late, then: inconclusive, reason: {en: too fast}}
      - {hung_up: in-time, then: pass}
      - {then: fail}
`

	It("proves nothing when every response came first", func(ctx SpecContext) {
		r := own(ctx, watched(once), "MY-HUNG-001", hurried)
		Expect(r.Verdict).To(Equal(verdict.Inconclusive))
		Expect(r.Reason.EN).To(Equal("too fast"))
		Expect(r.Found.EN).To(HavePrefix("204, 2 times; 0 of 1 times we closed the connection before its response"))
		Expect(r.Attempts[0].Outcome).To(Equal("no_response"))
		Expect(r.Attempts[0].Status).To(Equal(204))
	}, SpecTimeout(5*time.Minute))

	It("lets the receiver come to rest before a retry of the same delivery", func(ctx SpecContext) {
		var at, most atomic.Int64
		r := own(ctx, watched(func(w http.ResponseWriter, r *http.Request, p post) bool {
			if n := at.Add(1); n > most.Load() {
				most.Store(n)
			}
			defer at.Add(-1)
			time.Sleep(20 * time.Millisecond) // its work, whoever still listens
			return once(w, r, p)
		}), "MY-HUNG-001", strings.Replace(hurried, "hang-up 200ms", "hang-up", 1))
		Expect(r.Verdict).To(Equal(verdict.Pass))
		Expect(r.Found.EN).To(HavePrefix("we closed the connection, then 204; 1 of 1 times"))
		Expect(most.Load()).To(BeEquivalentTo(1))
	}, SpecTimeout(5*time.Minute))

	It("can drip, which a receiver has to bear", func(ctx SpecContext) {
		r := own(ctx, configFor(receive(nil).URL), "MY-DRIP-001", `
family: dripping
group: plain
cases:
  - name: drip
    steps:
      - emit: {}
      - deliver: {faults: [drip]}
checks:
  - id: MY-DRIP-001
    level: should
    evidence: [wire]
    title: {en: a}
    requirement: {en: b}
    judge:
      - {answers: ["2xx"], then: pass}
      - {then: warn}
`)
		Expect(r.Verdict).To(Equal(verdict.Pass))
		Expect(r.Attempts[0].Fault).To(Equal("drip"))
		Expect(r.Attempts[0].Outcome).To(Equal("acknowledged"))
		Expect(r.Attempts[0].Latency).To(BeNumerically(">", 100*time.Millisecond))
	}, SpecTimeout(5*time.Minute))

	Describe("KOM-RTY-005", func() {
		It("notes that the cut request was answered", func(ctx SpecContext) {
			r := result(run(ctx, watched(once), "KOM-RTY-005"), "KOM-RTY-005")
			Expect(r.Verdict).To(Equal(verdict.Pass))
			Expect(r.Notes).To(ContainElement(HaveField("EN", ContainSubstring("answered the truncated request with an error"))))
		}, SpecTimeout(5*time.Minute))

		It("notes more loudly a 2xx to it", func(ctx SpecContext) {
			r := result(run(ctx, watched(func(w http.ResponseWriter, r *http.Request, p post) bool {
				w.WriteHeader(http.StatusOK)
				return once(w, r, p) || true
			}), "KOM-RTY-005"), "KOM-RTY-005")
			Expect(r.Verdict).To(Equal(verdict.Pass))
			Expect(r.Notes).To(ContainElement(HaveField("EN", ContainSubstring("2xx to the cut request"))))
		}, SpecTimeout(5*time.Minute))

		DescribeTable("fails one that takes the id out of a cut body",
			func(ctx SpecContext, acts bool, found string) {
				ids := regexp.MustCompile(eventID)
				r := result(run(ctx, watched(func(w http.ResponseWriter, r *http.Request, p post) bool {
					if m := ids.FindStringSubmatch(p.Body); m != nil && !p.Valid {
						if acts {
							books.act(m[1])
						} else {
							books.first(m[1])
						}
					}
					return once(w, r, p)
				}), "KOM-RTY-005"), "KOM-RTY-005")
				Expect(r.Verdict).To(Equal(verdict.Fail))
				Expect(r.Found.EN).To(ContainSubstring(found))
				Expect(r.Attempts[0].Fault).To(MatchRegexp("cut-(fin|rst) 60%"))
			},
			Entry("to remember it", SpecTimeout(5*time.Minute), false, "0 effects instead of 1"),
			Entry("to act on it", SpecTimeout(5*time.Minute), true, "2 effects instead of 1"),
		)
	})

	Describe("KOM-DUP-003", func() {
		try := func(ctx SpecContext, answer func(http.ResponseWriter, *http.Request, post) bool) verdict.Result {
			GinkgoHelper()
			return result(run(ctx, watched(answer), "KOM-DUP-003"), "KOM-DUP-003")
		}

		It("says in how many rounds no race was seen", func(ctx SpecContext) {
			r := try(ctx, once)
			Expect(r.Verdict).To(Equal(verdict.Pass))
			Expect(r.Found.EN).To(HavePrefix("no race in 54 rounds; "))
			Expect(r.Found.ES).To(HavePrefix("ninguna carrera en 54 rondas; "))
		}, SpecTimeout(5*time.Minute))

		It("meets the gap between looking and storing", func(ctx SpecContext) {
			var mu sync.Mutex
			looking := map[string]chan struct{}{}
			r := try(ctx, func(_ http.ResponseWriter, _ *http.Request, p post) bool {
				mu.Lock()
				known := books.known(p.Event.ID)
				// The first of an event waits in the gap for a second one.
				met, second := looking[p.Event.ID]
				if !second {
					met = make(chan struct{})
					looking[p.Event.ID] = met
				} else if p.Repeats == 1 {
					close(met)
				}
				mu.Unlock()
				if known {
					return false
				}
				select {
				case <-met:
				case <-time.After(300 * time.Millisecond):
				}
				books.first(p.Event.ID)
				books.act(p.Event.ID)
				return false
			})
			Expect(r.Verdict).To(Equal(verdict.Warn))
			Expect(r.Found.EN).To(HavePrefix("the copies raced in all 54 rounds: "))
			Expect(r.Found.EN).To(ContainSubstring(" effects instead of 1"))
			Expect(r.Cause).To(Equal("dedupe"))
		}, SpecTimeout(5*time.Minute))

		DescribeTable("takes what is said to the losers for what it is",
			func(ctx SpecContext, status int, always bool, verdict verdict.Verdict, note string) {
				r := try(ctx, func(w http.ResponseWriter, r *http.Request, p post) bool {
					if p.Repeats > 0 && (always || p.Repeats == 1) {
						w.WriteHeader(status)
						return true
					}
					return once(w, r, p)
				})
				Expect(r.Verdict).To(Equal(verdict))
				Expect(r.Found.EN).To(HavePrefix("no race in 54 rounds"))
				if note == "" {
					Expect(r.Notes).To(BeEmpty())
				} else {
					Expect(r.Notes).To(ContainElement(HaveField("EN", ContainSubstring(note))))
				}
			},
			Entry("409 once", SpecTimeout(5*time.Minute), 409, false, verdict.Pass, "rejected a copy while it worked"),
			Entry("423 once", SpecTimeout(5*time.Minute), 423, false, verdict.Pass, "rejected a copy while it worked"),
			Entry("503 once", SpecTimeout(5*time.Minute), 503, false, verdict.Pass, "rejected a copy while it worked"),
			Entry("500 once", SpecTimeout(5*time.Minute), 500, false, verdict.Warn, ""),
			Entry("409 always", SpecTimeout(5*time.Minute), 409, true, verdict.Warn, ""),
		)

		It("warns when a loser is left hanging", func(ctx SpecContext) {
			cfg := watched(func(w http.ResponseWriter, r *http.Request, p post) bool {
				if p.Repeats == 1 {
					<-r.Context().Done()
				}
				return once(w, r, p)
			})
			cfg.Wire.Timeout = 200 * time.Millisecond
			r := result(run(ctx, cfg, "KOM-DUP-003"), "KOM-DUP-003")
			Expect(r.Verdict).To(Equal(verdict.Warn))
			Expect(r.Found.EN).To(ContainSubstring(", then 204"))
		}, SpecTimeout(5*time.Minute))

		It("goes to another machine only when bursts are allowed", func(ctx SpecContext) {
			cfg := watched(once)
			cfg.Safe = true
			r := result(run(ctx, cfg, "KOM-DUP-003"), "KOM-DUP-003")
			Expect(r.Verdict).To(Equal(verdict.NotObserved))
			Expect(r.Enable.EN).To(Equal("--allow burst"))
			cfg.Allow = []string{"burst"}
			Expect(result(run(ctx, cfg, "KOM-DUP-003"), "KOM-DUP-003").Found.EN).To(HavePrefix("no race in 6 rounds"))
		}, SpecTimeout(5*time.Minute))
	})

	Describe("KOM-NET-002", func() {
		DescribeTable("passes all that a server may do about Expect, and says what it was",
			func(ctx SpecContext, answer func(http.ResponseWriter, *http.Request), verdict verdict.Verdict, note string) {
				server := &http.Server{Handler: http.HandlerFunc(answer), ReadHeaderTimeout: time.Minute}
				ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
				Expect(err).NotTo(HaveOccurred())
				go func() { _ = server.Serve(ln) }()
				DeferCleanup(func() { Expect(server.Close()).To(Succeed()) })
				cfg := configFor("http://" + ln.Addr().String())
				cfg.Wire.ContinueTimeout = 50 * time.Millisecond
				cfg.Wire.Timeout = time.Second
				r := result(run(ctx, cfg, "KOM-NET-002"), "KOM-NET-002")
				Expect(r.Verdict).To(Equal(verdict), r.Found.EN)
				if note != "" {
					Expect(r.Notes).To(ContainElement(HaveField("EN", ContainSubstring(note))))
				}
			},
			Entry("100", SpecTimeout(5*time.Minute), drinks, verdict.Pass, "asked for the body with 100 Continue"),
			Entry("silence", SpecTimeout(5*time.Minute), func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Expect") == "" {
					drinks(w, r)
					return
				}
				conn, buffered, err := w.(http.Hijacker).Hijack()
				Expect(err).NotTo(HaveOccurred())
				defer conn.Close()
				_, err = buffered.Discard(int(r.ContentLength))
				Expect(err).NotTo(HaveOccurred())
				_, _ = conn.Write([]byte("HTTP/1.1 204 No Content\r\n\r\n"))
			}, verdict.Pass, "it took the body after 1 s"),
			Entry("417", SpecTimeout(5*time.Minute), expecting(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusExpectationFailed)
			}), verdict.Pass, "rejected Expect with 417"),
			Entry("a response without the body", SpecTimeout(5*time.Minute), func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusNoContent)
			}, verdict.Pass, ""),
			Entry("a hang", SpecTimeout(5*time.Minute), expecting(func(_ http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
			}), verdict.Warn, ""),
			Entry("a refusal", SpecTimeout(5*time.Minute), expecting(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadRequest)
			}), verdict.Warn, ""),
			Entry("a limit that has nothing to do with it", SpecTimeout(5*time.Minute), func(w http.ResponseWriter, r *http.Request) {
				if r.ContentLength > 30_000 {
					w.WriteHeader(http.StatusRequestEntityTooLarge)
					return
				}
				drinks(w, r)
			}, verdict.Inconclusive, ""),
		)

		It("sends more than 40 KB", func(ctx SpecContext) {
			rec := receive(nil)
			Expect(reds(run(ctx, configFor(rec.URL), "KOM-NET-002"))).To(BeEmpty())
			posts := rec.received()
			asking := posts[len(posts)-2] // before the sentinel
			Expect(asking.Header.Get("Expect")).To(Equal("100-continue"))
			Expect(len(asking.Body)).To(BeNumerically(">", 40_000))
			Expect(len(asking.Body)).To(BeNumerically("<", 64_000))
		}, SpecTimeout(5*time.Minute))
	})
})

// drinks takes a body and says thank you.
func drinks(w http.ResponseWriter, r *http.Request) {
	buf := make([]byte, 4096)
	for {
		if _, err := r.Body.Read(buf); err != nil {
			break
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// expecting answers odd to what comes with Expect, and behaves well with the rest.
func expecting(odd http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Expect") != "" {
			odd(w, r)
			return
		}
		drinks(w, r)
	}
}
