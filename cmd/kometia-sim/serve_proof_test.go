//go:build linux

package main_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// residentMiB is how much memory a process has taken at most, and takes now.
func residentMiB(pid int) (peak, now int) {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.SplitSeq(string(status), "\n") {
		words := strings.Fields(line)
		if len(words) == 3 && (words[0] == "VmHWM:" || words[0] == "VmRSS:") {
			kb, _ := strconv.Atoi(words[1])
			if words[0] == "VmHWM:" {
				peak = kb / 1024
			} else {
				now = kb / 1024
			}
		}
	}
	return peak, now
}

var _ = Describe("serve, proven", Label("whole"), func() {
	It("makes every attempt of 48 hours, in order and counted, in bounded memory and on a bounded disk", func(ctx SpecContext) {
		const subscriptions = 5
		events := proof(20, 2000)
		w := newWitness(func(int) int { return http.StatusInternalServerError })
		dir := GinkgoT().TempDir()
		s := startServe(dir)
		for i := range subscriptions {
			s.must(ctx, "/_sim/subscriptions", fmt.Sprintf(`{"url": "%s/%d", "kinds": ["order.placed"]}`, w.URL, i+1), nil)
		}
		for made := 0; made < events; made += 100 {
			s.must(ctx, "/_sim/emit", fmt.Sprintf(`{"kinds": ["order.placed"], "count": %d}`, min(100, events-made)), nil)
		}
		began := time.Now()
		s.must(ctx, "/_sim/clock/advance", `{"by": "48h"}`, nil)
		var took []time.Duration
		var clock struct {
			Until *time.Time
			Now   time.Time
		}
		for {
			s.must(ctx, "/_sim/clock", "", &clock)
			for _, path := range []string{"/", "/deliveries", "/expiring", "/_sim/deliveries?limit=50", "/api/v1/events?per_page=50"} {
				asked := time.Now()
				s.must(ctx, path, "", nil)
				took = append(took, time.Since(asked))
			}
			var status struct{ Deliveries map[string]int }
			s.must(ctx, "/_sim/status", "", &status)
			if clock.Until == nil && status.Deliveries["pending"] == 0 {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
		whole := time.Since(began)
		slices.Sort(took)
		usual, slowest := took[len(took)*95/100], took[len(took)-1]
		all := s.everything(ctx)
		Expect(all).To(HaveLen(events * subscriptions))
		for _, d := range all {
			Expect(d.State).To(Equal("expired"))
			Expect(d.Attempts).To(Equal(49))
			Expect(d.Runs).To(HaveLen(1))
			Expect(d.Runs[0].Last.Sub(d.Runs[0].First)).To(Equal(48 * time.Hour))
			Expect(w.came[fmt.Sprintf("/%d %s", d.Subscription, d.Event)]).To(Equal(49))
		}
		peak, now := residentMiB(s.cmd.Process.Pid)
		AddReportEntry("figures", fmt.Sprintf("%d attempts in %s, 95 of 100 answers of page and API within %s and the slowest in %s, memory %d MiB at most and %d now, file %d MiB",
			events*subscriptions*49, whole.Round(time.Millisecond), usual.Round(time.Millisecond), slowest.Round(time.Millisecond), peak, now, sizeOf(dir)>>20), ReportEntryVisibilityAlways)
		Expect(peak).To(BeNumerically("<=", 150))
		if proving() { // on a machine of its own; elsewhere the answers wait for the specs beside it
			Expect(usual).To(BeNumerically("<", 200*time.Millisecond))
		}
		Expect(sizeOf(dir)).To(BeNumerically("<=", 200<<20))
	}, SpecTimeout(15*time.Minute))

	It("loses nothing and invents nothing when it is killed at any moment", func(ctx SpecContext) {
		kills := proof(6, 200)
		random := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 13))
		w := newWitness(func(n int) int {
			if n%3 == 0 {
				return http.StatusOK
			}
			return http.StatusServiceUnavailable
		})
		dir := GinkgoT().TempDir()
		j := &journal{events: map[string]int{}}
		for i := range kills {
			s := startServe(dir)
			if len(j.subscriptions) < 3 {
				j.subscribe(ctx, s, fmt.Sprintf("%s/%d", w.URL, len(j.subscriptions)+1))
			}
			load, stop := context.WithCancel(ctx)
			var workers sync.WaitGroup
			for _, do := range []func(context.Context, *served){j.emit, j.emit, j.advance, j.redeliver, j.write} {
				workers.Go(func() {
					defer GinkgoRecover()
					for load.Err() == nil {
						do(load, s)
					}
				})
			}
			if i == 0 { // however slow the machine, something was acknowledged
				Eventually(j.knows).WithContext(ctx).WithTimeout(time.Minute).Should(BeTrue())
			}
			time.Sleep(time.Duration(random.IntN(150)) * time.Millisecond)
			s.kill()
			stop()
			workers.Wait()
		}
		w.changeTo(func(int) int { return http.StatusOK })
		s := startServe(dir)
		s.must(ctx, "/_sim/clock/finish", `{"wait": true}`, nil)
		j.audit(ctx, s, w, kills)
		AddReportEntry("figures", fmt.Sprintf("%d kills, %d events, %d writes, %d requests that no answer came to", kills, len(j.events), j.writes, j.unanswered), ReportEntryVisibilityAlways)
	}, SpecTimeout(15*time.Minute))
})

// journal is what the test knows by itself: what was acknowledged to it.
type journal struct {
	mu            sync.Mutex
	subscriptions []int64
	events        map[string]int // acknowledged, with how many deliveries
	deliveries    []int64
	now           time.Time
	writes        int
	collections   []string
	unanswered    int
}

// acknowledged notes what an answer has said; a request that got none may or may
// not have been carried out.
func (j *journal) acknowledged(status int, err error, note func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case err != nil && strings.Contains(err.Error(), ": 5"):
		Fail(err.Error())
	case errors.Is(err, syscall.ECONNREFUSED): // nobody was there to carry it out
	case err != nil:
		j.unanswered++
	case status == http.StatusOK || status == http.StatusCreated:
		note()
	}
}

// knows reports whether an event was acknowledged.
func (j *journal) knows() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.events) > 0
}

func (j *journal) subscribe(ctx context.Context, s *served, url string) {
	var made struct{ ID int64 }
	status, err := s.ask(ctx, "/_sim/subscriptions", fmt.Sprintf(`{"url": %q, "kinds": ["order.placed", "order.paid"]}`, url), &made)
	j.acknowledged(status, err, func() { j.subscriptions = append(j.subscriptions, made.ID) })
}

func (j *journal) emit(ctx context.Context, s *served) {
	var made struct{ Data []servedEvent }
	status, err := s.ask(ctx, "/_sim/emit", `{"kinds": ["order.placed", "order.paid"]}`, &made)
	j.acknowledged(status, err, func() {
		for _, e := range made.Data {
			Expect(j.events).NotTo(HaveKey(e.ID), "an id that was given before")
			j.events[e.ID] = e.Deliveries
		}
	})
}

func (j *journal) advance(ctx context.Context, s *served) {
	var clock struct{ Now time.Time }
	status, err := s.ask(ctx, "/_sim/clock/advance", `{"by": "20m", "wait": true}`, &clock)
	j.acknowledged(status, err, func() {
		Expect(clock.Now).To(BeTemporally(">", j.now), "time went back")
		j.now = clock.Now
	})
}

func (j *journal) redeliver(ctx context.Context, s *served) {
	var page struct{ Data []servedDelivery }
	if status, err := s.ask(ctx, "/_sim/deliveries?limit=5", "", &page); err != nil || status != http.StatusOK || len(page.Data) == 0 {
		return
	}
	status, err := s.ask(ctx, fmt.Sprintf("/_sim/deliveries/%d/redeliver", page.Data[0].ID), "{}", nil)
	j.acknowledged(status, err, func() { j.deliveries = append(j.deliveries, page.Data[0].ID) })
}

// write makes something through the API of the shop.
func (j *journal) write(ctx context.Context, s *served) {
	var made struct{ Data struct{ ID string } }
	status, err := s.ask(ctx, "/api/v1/collections", `{"title": "Lo nuevo", "kind": "products"}`, &made)
	j.acknowledged(status, err, func() {
		j.writes++
		if made.Data.ID != "" {
			j.collections = append(j.collections, made.Data.ID)
		}
	})
}

// audit holds the journal and that of the receiver against what is remembered.
func (j *journal) audit(ctx context.Context, s *served, w *witness, kills int) {
	GinkgoHelper()
	known := map[string]bool{}
	for before := int64(0); ; {
		var page struct {
			Data []struct {
				Seq int64
				ID  string
			}
			More bool
		}
		s.must(ctx, fmt.Sprintf("/_sim/events?limit=500&before=%d", before), "", &page)
		for _, e := range page.Data {
			Expect(known).NotTo(HaveKey(e.ID), "two events with one id")
			known[e.ID] = true
			before = e.Seq
		}
		if !page.More {
			break
		}
	}
	Expect(j.events).NotTo(BeEmpty())
	for id := range j.events {
		Expect(known).To(HaveKey(id), "an acknowledged event is lost")
	}
	// Each kill may have swallowed the answers to two stories of two events and to
	// one write, which makes one.
	unacknowledged := len(known) - len(j.events) - j.writes
	Expect(unacknowledged).To(BeNumerically(">=", 0), "an acknowledged write is lost")
	Expect(unacknowledged).To(BeNumerically("<=", 5*kills), "events that nobody asked for")
	for _, id := range j.collections {
		s.must(ctx, "/api/v1/collections/"+id, "", nil)
	}

	deliveries := map[string]int{}
	requests := 0
	for _, d := range s.everything(ctx) {
		deliveries[d.Event]++
		key := fmt.Sprintf("/%d %s", d.Subscription, d.Event)
		came := w.came[key]
		delete(w.came, key)
		requests += came
		made, answered, acknowledged := 0, 0, 0
		next := 1
		for _, r := range d.Runs {
			made += r.Count
			if r.Status != 0 {
				answered += r.Count
			}
			if r.Status == http.StatusOK {
				acknowledged += r.Count
			}
			if r.Extra || r.Interrupted {
				continue
			}
			Expect(r.Number).To(Equal(next), "delivery %d: %+v", d.ID, d.Runs)
			Expect(r.First).To(Equal(d.First.Add(time.Duration(r.Number-1)*time.Hour)), "delivery %d", d.ID)
			next += r.Count
		}
		Expect(made).To(Equal(d.Attempts))
		Expect(next - 1).To(BeNumerically("<=", 49))
		Expect(came).To(BeNumerically("<=", made), "%s: a request that no attempt is written down for: %+v", key, d)
		Expect(answered).To(BeNumerically("<=", came), "%s: an attempt that was never made: %+v", key, d)
		Expect(acknowledged).To(BeNumerically("<=", w.answered[key]), key)
		Expect(d.State).To(BeElementOf("delivered", "expired"), "delivery %d is still due", d.ID)
		if d.State == "delivered" {
			Expect(acknowledged).To(BeNumerically(">", 0), key)
		}
	}
	Expect(requests).To(BeNumerically(">", 0))
	Expect(w.came).To(BeEmpty(), "requests about deliveries that there are not")
	for id, n := range j.events {
		Expect(deliveries[id]).To(Equal(n), "deliveries of %s", id)
	}
}
