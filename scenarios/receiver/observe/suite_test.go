package observe_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

func TestMain(m *testing.M) {
	if role := os.Getenv(asRole); role != "" {
		os.Exit(play(role))
	}
	os.Exit(m.Run())
}

func TestObserve(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "observe")
}

// noon is the beginning of virtual time here.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// at is a sink without a name.
func at(address string) []observe.SinkConfig { return []observe.SinkConfig{{Address: address}} }

// subject is order.placed number n.
func subject(n int) observe.Subject {
	return observe.Subject{
		EventID: fmt.Sprintf("evn_c%d", n), EventKind: "order.placed",
		ObjectID: fmt.Sprintf("ord_c%d", n), ObjectType: "order", OrderNumber: fmt.Sprint(90000 + n),
	}
}

func subjects(n int) []observe.Subject {
	var out []observe.Subject
	for i := range n {
		out = append(out, subject(i))
	}
	return out
}

// must makes an observer that is closed with the spec.
func must(cfg observe.Config) observe.Observer {
	GinkgoHelper()
	o, err := observe.New(context.Background(), cfg)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(observe.Close(o)).To(Succeed()) })
	return o
}

// counts are the effects that an observer sees.
func counts(ctx context.Context, o observe.Observer, subjects ...observe.Subject) []int {
	GinkgoHelper()
	readings, err := o.Observe(ctx, subjects)
	Expect(err).NotTo(HaveOccurred())
	return effects(readings)
}

func effects(readings []observe.Reading) []int {
	var out []int
	for _, r := range readings {
		out = append(out, r.Effects)
	}
	return out
}

// failure is the *Error in err.
func failure(err error) *observe.Error {
	GinkgoHelper()
	var e *observe.Error
	Expect(errors.As(err, &e)).To(BeTrue(), "%v is no *observe.Error", err)
	Expect(e.Text.ES).NotTo(BeEmpty())
	Expect(e.Text.EN).NotTo(BeEmpty())
	return e
}

// asked is the *Error in err, whatever its text.
func asked(err error) (e *observe.Error) {
	GinkgoHelper()
	Expect(errors.As(err, &e)).To(BeTrue(), "%v is no *observe.Error", err)
	return e
}

// number is how a number of JSON is read.
func number(text string) json.Number { return json.Number(text) }

// bump is n effects of an event that come at a time of the virtual clock.
type bump struct {
	event string
	at    time.Duration
	n     int
}

// scripted is an observer whose effects come at set times.
type scripted struct {
	clock retryclock.Clock
	bumps []bump
	cost  time.Duration // of one look
	looks []time.Duration
	asked int // about how many subjects, in all looks together
	state func(at time.Duration) map[string]any

	stateOnly bool
	named     func(at time.Duration) map[string]int
	failures  []error // of the first looks
}

func (s *scripted) Observe(ctx context.Context, subjects []observe.Subject) ([]observe.Reading, error) {
	at := s.clock.Now().Sub(noon)
	s.looks = append(s.looks, at)
	s.asked += len(subjects)
	if len(s.failures) > 0 {
		err := s.failures[0]
		s.failures = s.failures[1:]
		return nil, err
	}
	out := make([]observe.Reading, len(subjects))
	for i, subject := range subjects {
		for _, b := range s.bumps {
			if b.event == subject.EventID && b.at <= at {
				out[i].Effects += b.n
			}
		}
		out[i].StateOnly = s.stateOnly
		if s.named != nil {
			out[i].Named = s.named(at)
			for _, n := range out[i].Named {
				out[i].Effects += n
			}
		}
		if s.state != nil {
			out[i].State = s.state(at)
		}
	}
	return out, s.clock.WaitUntil(ctx, s.clock.Now().Add(s.cost))
}
