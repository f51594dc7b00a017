package observe_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

const ms = time.Millisecond

var _ = Describe("settling", func() {
	var (
		clock *retryclock.Virtual
		seen  *scripted
		cfg   observe.SettlerConfig
	)
	BeforeEach(func() {
		clock = retryclock.NewVirtual(noon)
		seen = &scripted{clock: clock}
		cfg = observe.SettlerConfig{Observer: seen, Clock: clock}
	})
	settler := func() *observe.Settler {
		GinkgoHelper()
		s, err := observe.NewSettler(cfg)
		Expect(err).NotTo(HaveOccurred())
		return s
	}
	elapsed := func() time.Duration { return clock.Now().Sub(noon) }
	once := func(n int) []observe.Expect {
		var out []observe.Expect
		for _, s := range subjects(n) {
			out = append(out, observe.Expect{Subject: s, D0: 1})
		}
		return out
	}

	It("needs an observer", func() {
		_, err := observe.NewSettler(observe.SettlerConfig{})
		Expect(err).To(MatchError("settler: no observer"))
	})

	DescribeTable("waits for what is expected and then for rest",
		func(ctx SpecContext, toEffect time.Duration, bumps []bump, want int, took time.Duration) {
			seen.bumps = bumps
			readings, err := settler().Settle(ctx, once(1), toEffect)
			Expect(err).NotTo(HaveOccurred())
			Expect(effects(readings)).To(Equal([]int{want}))
			Expect(elapsed()).To(BeNumerically("~", took, 200*ms))
			Expect(elapsed()).To(BeNumerically(">=", took))
		},
		Entry("there at once", ms, []bump{{"evn_c0", 0, 1}}, 1, time.Second),
		Entry("there later", ms, []bump{{"evn_c0", 3 * time.Second, 1}}, 1, 4*time.Second),
		Entry("twice", ms, []bump{{"evn_c0", 0, 1}, {"evn_c0", 900 * ms, 1}}, 2, 1900*ms),
		Entry("twice after the window: the price of not waiting for ever", ms, []bump{{"evn_c0", 0, 1}, {"evn_c0", 1300 * ms, 1}}, 1, time.Second),
		Entry("twice, slowly, of a slow one", 4*time.Second, []bump{{"evn_c0", 4 * time.Second, 1}, {"evn_c0", 11 * time.Second, 1}}, 2, 19*time.Second),
		Entry("lost", ms, nil, 0, 10*time.Second),
		Entry("lost by a slow one", 4*time.Second, nil, 0, 20*time.Second),
		Entry("in the last moment", ms, []bump{{"evn_c0", 9900 * ms, 1}}, 1, 10900*ms),
		Entry("too late", ms, []bump{{"evn_c0", 10100 * ms, 1}}, 0, 10*time.Second),
	)

	It("waits for each effect by its name", func(ctx SpecContext) {
		seen.named = func(at time.Duration) map[string]int {
			return map[string]int{"mail": 2, "invoice": int(at / (3 * time.Second))}
		}
		expects := []observe.Expect{{Subject: subject(0), D0: 2, Named: map[string]int{"mail": 1, "invoice": 1}}}
		readings, err := settler().Settle(ctx, expects, ms)
		Expect(err).NotTo(HaveOccurred())
		Expect(readings[0].Named).To(Equal(map[string]int{"mail": 2, "invoice": 1}))
	})

	DescribeTable("asks again before it gives up", func(ctx SpecContext, failures int, kind observe.Kind, looks int, ok bool) {
		seen.bumps = []bump{{"evn_c0", 0, 1}}
		for range failures {
			seen.failures = append(seen.failures, &observe.Error{What: "observe.url", Kind: kind})
		}
		readings, err := settler().Read(ctx, subjects(1))
		Expect(seen.looks).To(HaveLen(looks))
		if !ok {
			Expect(asked(err).Kind).To(Equal(kind))
			return
		}
		Expect(err).NotTo(HaveOccurred())
		Expect(effects(readings)).To(Equal([]int{1}))
	},
		Entry("a 500", 1, observe.Failed, 2, true),
		Entry("two connections that broke", 2, observe.Missing, 3, true),
		Entry("half a response", 1, observe.Unreadable, 2, true),
		Entry("slow", 1, observe.Slow, 2, true),
		Entry("for good", 3, observe.Failed, 3, false),
		Entry("what no second question changes", 1, observe.Unnamed, 1, false),
		Entry("too much", 1, observe.Overflow, 1, false),
	)

	It("waits for a state where no effects are counted", func(ctx SpecContext) {
		seen.stateOnly = true
		seen.state = func(at time.Duration) map[string]any {
			if at < 400*ms {
				return nil
			}
			return map[string]any{"pago": "paid"}
		}
		cfg.Fields = []string{"pago"}
		measured, err := settler().CalibrateAll(ctx, []observe.Clean{{Subject: subject(0)}})
		Expect(err).NotTo(HaveOccurred())
		Expect(measured).To(HaveLen(1))
		Expect(measured[0].StateOnly).To(BeTrue())
		Expect(measured[0].D0).To(BeZero())
		Expect(measured[0].State).To(HaveKeyWithValue("pago", "paid"))
		Expect(measured[0].Took).To(BeNumerically("~", 500*ms, 100*ms))
		Expect(elapsed()).To(BeNumerically("<", 2*time.Second))
	})

	It("asks for all in one question, often at first and seldom later", func(ctx SpecContext) {
		seen.bumps = []bump{{"evn_c0", 0, 1}, {"evn_c1", 2 * time.Second, 1}, {"evn_c2", 700 * ms, 1}}
		readings, err := settler().Settle(ctx, once(3), ms)
		Expect(err).NotTo(HaveOccurred())
		Expect(effects(readings)).To(Equal([]int{1, 1, 1}))
		Expect(seen.looks[:8]).To(Equal([]time.Duration{0, 5 * ms, 15 * ms, 35 * ms, 75 * ms, 155 * ms, 315 * ms, 515 * ms}))
		Expect(len(seen.looks)).To(BeNumerically("<", 25))
	})

	It("does not ask most of the time when asking takes long", func(ctx SpecContext) {
		seen.cost = 2 * time.Second
		seen.bumps = []bump{{"evn_c0", 0, 1}}
		_, err := settler().Settle(ctx, once(1), ms)
		Expect(err).NotTo(HaveOccurred())
		Expect(seen.looks).To(Equal([]time.Duration{0, 3 * time.Second}))
	})

	It("believes only what was true when it asked", func(ctx SpecContext) {
		// The second look begins within the window and ends behind it.
		seen.cost = 800 * ms
		seen.bumps = []bump{{"evn_c0", 0, 1}, {"evn_c0", 1700 * ms, 1}}
		readings, err := settler().Settle(ctx, once(1), ms)
		Expect(err).NotTo(HaveOccurred())
		Expect(effects(readings)).To(Equal([]int{2}))
	})

	It("waits for one that must not act only the quiet window", func(ctx SpecContext) {
		readings, err := settler().Settle(ctx, []observe.Expect{{Subject: subject(0)}}, ms)
		Expect(err).NotTo(HaveOccurred())
		Expect(effects(readings)).To(Equal([]int{0}))
		Expect(elapsed()).To(Equal(time.Second))
	})

	It("has nothing to do for nothing", func(ctx SpecContext) {
		readings, err := settler().Settle(ctx, nil, ms)
		Expect(err).NotTo(HaveOccurred())
		Expect(readings).To(BeEmpty())
		Expect(seen.looks).To(BeEmpty())
	})

	It("gives up on counts that never rest", func(ctx SpecContext) {
		for i := range 1000 {
			seen.bumps = append(seen.bumps, bump{"evn_c0", time.Duration(i) * 500 * ms, 1})
		}
		readings, err := settler().Settle(ctx, once(2), ms)
		e := failure(err)
		Expect(e.Kind).To(Equal(observe.Restless))
		Expect(e.Subject).To(Equal("evn_c0"))
		Expect(readings[0].Effects).To(BeNumerically(">", 20))
		Expect(elapsed()).To(BeNumerically("~", 20*time.Second, time.Second))
	})

	It("refuses an event that was seen before", func(ctx SpecContext) {
		_, err := settler().Settle(ctx, []observe.Expect{{Subject: subject(0), Before: 1, D0: 1}}, ms)
		Expect(err).To(MatchError(observe.ErrSeen))
		Expect(failure(err).Kind).To(Equal(observe.Seen))
		Expect(seen.looks).To(BeEmpty())

		seen.bumps = []bump{{"evn_c1", 0, 2}}
		s := settler()
		Expect(s.Fresh(ctx, subjects(1))).To(Succeed())
		err = s.Fresh(ctx, subjects(2))
		Expect(err).To(MatchError(observe.ErrSeen))
		Expect(err).To(MatchError(ContainSubstring("evn_c1: a fresh event had 2 effects already")))
	})

	It("finds a count that goes down, also between two groups", func(ctx SpecContext) {
		seen.bumps = []bump{{"evn_c0", 0, 2}, {"evn_c0", 500 * ms, -1}}
		_, err := settler().Settle(ctx, once(1), ms)
		Expect(failure(err).Kind).To(Equal(observe.Sinking))
		Expect(err).To(MatchError(ContainSubstring("evn_c0: the effects went down from 2 to 1")))

		seen.bumps = []bump{{"evn_c0", 0, 1}, {"evn_c0", time.Hour, -1}}
		s := settler()
		_, err = s.Settle(ctx, once(1), ms)
		Expect(err).NotTo(HaveOccurred())
		Expect(clock.WaitUntil(ctx, noon.Add(time.Hour))).To(Succeed())
		_, err = s.Read(ctx, subjects(1))
		Expect(failure(err).Kind).To(Equal(observe.Sinking))
	})

	It("hands on what the observer fails with", func(ctx SpecContext) {
		broken := &observe.Error{What: "observe.url", Kind: observe.Failed}
		cfg.Observer = watching(func(context.Context, []observe.Subject) ([]observe.Reading, error) { return nil, broken })
		_, err := settler().Settle(ctx, once(1), ms)
		Expect(err).To(MatchError(broken))
		_, _, err = settler().Calibrate(ctx, subject(0))
		Expect(err).To(MatchError(broken))
		cfg.Observer = watching(func(context.Context, []observe.Subject) ([]observe.Reading, error) { return nil, nil })
		_, err = settler().Settle(ctx, once(1), ms)
		Expect(failure(err).Kind).To(Equal(observe.Unreadable))
	})

	It("ends with its caller", func(ctx SpecContext) {
		short, cancel := context.WithCancel(ctx)
		cfg.Observer = watching(func(context.Context, []observe.Subject) ([]observe.Reading, error) {
			cancel()
			return make([]observe.Reading, 1), nil
		})
		_, err := settler().Settle(short, once(1), ms)
		Expect(err).To(MatchError(context.Canceled))
	})

	It("waits for the mapped fields of the state, not for others", func(ctx SpecContext) {
		seen.bumps = []bump{{"evn_c0", 0, 1}}
		seen.state = func(at time.Duration) map[string]any {
			return map[string]any{"precio": at < 800*ms, "visto": at}
		}
		cfg.Fields = []string{"precio", "otro"}
		readings, err := settler().Settle(ctx, once(1), ms)
		Expect(err).NotTo(HaveOccurred())
		Expect(readings[0].State).To(HaveKeyWithValue("precio", false))
		Expect(elapsed()).To(BeNumerically("~", 1800*ms, 200*ms))
	})

	Context("with a drain", func() {
		var drains int
		var env []string
		var bring func()
		BeforeEach(func() {
			drains, bring = 0, func() {}
			cfg.Env = func() []string { return []string{observe.Offset(47 * time.Hour)} }
			cfg.Drain = observe.ActionFunc(func(_ context.Context, e ...string) error {
				drains++
				env = e
				bring()
				return nil
			})
		})

		It("needs no quiet window", func(ctx SpecContext) {
			bring = func() { seen.bumps = []bump{{"evn_c0", 0, 1}, {"evn_c1", 0, 2}} }
			readings, err := settler().Settle(ctx, once(2), ms)
			Expect(err).NotTo(HaveOccurred())
			Expect(effects(readings)).To(Equal([]int{1, 2}))
			Expect(elapsed()).To(BeZero())
			Expect(drains).To(Equal(1))
			Expect(env).To(Equal([]string{"KOMETIA_SIM_OFFSET=+47h"}))
		})

		It("gives a missing effect one window and one drain more", func(ctx SpecContext) {
			readings, err := settler().Settle(ctx, once(1), ms)
			Expect(err).NotTo(HaveOccurred())
			Expect(effects(readings)).To(Equal([]int{0}))
			Expect(elapsed()).To(Equal(time.Second))
			Expect(drains).To(Equal(2))
		})

		It("sees what another worker finishes, and what it queues", func(ctx SpecContext) {
			seen.bumps = []bump{{"evn_c0", 400 * ms, 1}}
			bring = func() {
				if drains == 2 {
					seen.bumps = append(seen.bumps, bump{"evn_c0", 0, 1})
				}
			}
			readings, err := settler().Settle(ctx, once(1), ms)
			Expect(err).NotTo(HaveOccurred())
			Expect(effects(readings)).To(Equal([]int{2}))
			Expect(elapsed()).To(BeNumerically("<", time.Second))
		})

		It("gives up on counts that never rest", func(ctx SpecContext) {
			bring = func() { seen.bumps = append(seen.bumps, bump{"evn_c1", 0, 1}) }
			_, err := settler().Settle(ctx, once(3), ms)
			Expect(failure(err).Kind).To(Equal(observe.Restless))
		})

		It("fails with the hook", func(ctx SpecContext) {
			cfg.Drain = observe.ActionFunc(func(context.Context, ...string) error { return errors.New("no queue") })
			_, err := settler().Settle(ctx, once(1), ms)
			Expect(err).To(MatchError("no queue"))
		})

		It("calibrates at once", func(ctx SpecContext) {
			bring = func() { seen.bumps = []bump{{"evn_c0", 0, 3}} }
			d0, _, err := settler().Calibrate(ctx, subject(0))
			Expect(err).NotTo(HaveOccurred())
			Expect(d0).To(Equal(3))
			Expect(elapsed()).To(BeZero())
		})
	})

	Context("calibrating", func() {
		DescribeTable("one delivery", func(ctx SpecContext, bumps []bump, d0 int, took, end time.Duration) {
			seen.bumps = bumps
			gotD0, gotTook, err := settler().Calibrate(ctx, subject(0))
			Expect(err).NotTo(HaveOccurred())
			Expect(gotD0).To(Equal(d0))
			Expect(gotTook).To(BeNumerically("~", took, 200*ms))
			Expect(elapsed()).To(BeNumerically("~", end, 600*ms))
		},
			Entry("at once", []bump{{"evn_c0", 0, 1}}, 1, time.Duration(0), time.Second),
			Entry("three in a row", []bump{{"evn_c0", 0, 1}, {"evn_c0", 400 * ms, 1}, {"evn_c0", 1100 * ms, 1}}, 3, 1100*ms, 3300*ms),
			Entry("a slow one", []bump{{"evn_c0", 4 * time.Second, 1}}, 1, 4*time.Second, 12*time.Second),
			Entry("none", nil, 0, time.Duration(0), 10*time.Second),
		)

		It("many together, from when each was delivered", func(ctx SpecContext) {
			seen.bumps = []bump{{"evn_c0", 0, 1}, {"evn_c1", 3 * time.Second, 2}}
			got, err := settler().CalibrateAll(ctx, []observe.Clean{
				{Subject: subject(0), Delivered: noon.Add(-70 * ms)}, {Subject: subject(1)}, {Subject: subject(2)},
			})
			Expect(err).NotTo(HaveOccurred())
			Expect(got[0]).To(Equal(observe.Calibration{D0: 1, Took: 70 * ms}))
			Expect(got[1].D0).To(Equal(2))
			Expect(got[1].Took).To(BeNumerically("~", 3*time.Second, 200*ms))
			Expect(got[2]).To(BeZero())
			Expect(elapsed()).To(BeNumerically("~", 15*time.Second, 2*time.Second))
			got, err = settler().CalibrateAll(ctx, nil)
			Expect(err).NotTo(HaveOccurred())
			Expect(got).To(BeEmpty())
		})
	})

	Context("of many", func() {
		const n = 400
		all := func(except string) (out []bump) {
			for _, s := range subjects(n) {
				if s.EventID != except {
					out = append(out, bump{s.EventID, 20 * ms, 1})
				}
			}
			return out
		}
		It("watches some, and looks at all once", func(ctx SpecContext) {
			seen.bumps = all("")
			readings, err := settler().Settle(ctx, once(n), ms)
			Expect(err).NotTo(HaveOccurred())
			Expect(effects(readings)).To(HaveEach(1))
			Expect(readings).To(HaveLen(n))
			Expect(seen.asked).To(BeNumerically("<", 2*n), "not twice about each")
			Expect(elapsed()).To(BeNumerically("~", 1020*ms, 200*ms))
		})
		It("waits for one that is late, whichever it is", func(ctx SpecContext) {
			for _, i := range []int{0, 1, 17, 200, n - 20, n - 1} {
				id := subject(i).EventID
				clock = retryclock.NewVirtual(noon)
				seen = &scripted{clock: clock, bumps: append(all(id), bump{id, 3 * time.Second, 1})}
				cfg.Observer, cfg.Clock = seen, clock
				readings, err := settler().Settle(ctx, once(n), ms)
				Expect(err).NotTo(HaveOccurred())
				Expect(effects(readings)).To(HaveEach(1))
				Expect(elapsed()).To(BeNumerically(">=", 4*time.Second))
			}
		})
		It("gives one that is lost its deadline", func(ctx SpecContext) {
			seen.bumps = all(subject(17).EventID)
			readings, err := settler().Settle(ctx, once(n), ms)
			Expect(err).NotTo(HaveOccurred())
			Expect(readings[17].Effects).To(BeZero())
			Expect(elapsed()).To(BeNumerically(">=", 10*time.Second))
		})
		It("tells the last readings with the error of counts that never rest", func(ctx SpecContext) {
			seen.bumps = all("")
			for at := range 200 {
				seen.bumps = append(seen.bumps, bump{subject(n - 1).EventID, time.Duration(at) * 500 * ms, 1})
			}
			readings, err := settler().Settle(ctx, once(n), ms)
			Expect(failure(err).Kind).To(Equal(observe.Restless))
			Expect(readings).To(HaveLen(n))
		})
		It("sees a second effect of one that it did not watch", func(ctx SpecContext) {
			id := subject(17).EventID
			seen.bumps = append(all(""), bump{id, 700 * ms, 1})
			readings, err := settler().Settle(ctx, once(n), ms)
			Expect(err).NotTo(HaveOccurred())
			Expect(readings[17].Effects).To(Equal(2))
		})
	})

	It("believes the last count and no other, whatever comes when", func(ctx SpecContext) {
		rapid.Check(GinkgoTB(), func(t *rapid.T) {
			clock := retryclock.NewVirtual(noon)
			o := &scripted{clock: clock, cost: time.Duration(rapid.IntRange(0, 50).Draw(t, "cost")) * ms}
			toEffect := time.Duration(rapid.IntRange(0, 3000).Draw(t, "to effect")) * ms
			quiet := observe.Quiet(toEffect)
			n := rapid.IntRange(1, 4).Draw(t, "events")
			var last time.Duration
			want := make([]int, n)
			var expects []observe.Expect
			for i := range n {
				expects = append(expects, observe.Expect{Subject: subject(i), D0: 1})
				// Each has its first effect before the deadline, the next ones
				// within a window of the one before.
				at := time.Duration(0)
				for range rapid.IntRange(1, 3).Draw(t, fmt.Sprint("effects of ", i)) {
					at += time.Duration(rapid.Int64Range(0, int64(quiet-300*ms)).Draw(t, "gap"))
					o.bumps = append(o.bumps, bump{expects[i].Subject.EventID, at, 1})
					want[i]++
					last = max(last, at)
				}
			}
			s, err := observe.NewSettler(observe.SettlerConfig{Observer: o, Clock: clock})
			Expect(err).NotTo(HaveOccurred())
			readings, err := s.Settle(ctx, expects, toEffect)
			Expect(err).NotTo(HaveOccurred())
			Expect(effects(readings)).To(Equal(want))
			Expect(clock.Now().Sub(noon)).To(BeNumerically(">=", last+quiet))
			Expect(clock.Now().Sub(noon)).To(BeNumerically("<=", last+quiet+600*ms))
		})
	})
})

// watching makes an observer of a function.
type watching func(context.Context, []observe.Subject) ([]observe.Reading, error)

func (w watching) Observe(ctx context.Context, s []observe.Subject) ([]observe.Reading, error) {
	return w(ctx, s)
}
