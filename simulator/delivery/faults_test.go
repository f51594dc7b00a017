package delivery_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// listen starts a TCP server; the request it gives has no body.
func listen(handle func(net.Conn)) *wire.Request {
	GinkgoHelper()
	listener, err := (&net.ListenConfig{}).Listen(GinkgoT().Context(), "tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	var handlers sync.WaitGroup
	handlers.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			handlers.Go(func() {
				defer GinkgoRecover()
				defer conn.Close()
				handle(conn)
			})
		}
	})
	DeferCleanup(func() {
		_ = listener.Close()
		handlers.Wait()
	})
	target, err := wire.ParseTarget("http://" + listener.Addr().String() + "/webhook")
	Expect(err).NotTo(HaveOccurred())
	return &wire.Request{Target: target}
}

func onTheWire() *wire.Client {
	GinkgoHelper()
	c, err := wire.New(wire.DefaultConfig())
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(c.Close)
	return c
}

// acknowledging answers every whole request with 204, and tells of all that
// came of each.
func acknowledging(bodies chan<- string) func(net.Conn) {
	return func(conn net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		body, err := io.ReadAll(r.Body)
		bodies <- string(body)
		if err == nil {
			_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		}
	}
}

var _ = Describe("an attempt that is broken on the wire", func() {
	DescribeTable("is no receipt, whatever came of it, and is retried",
		func(ctx SpecContext, s string, whole, answered bool) {
			f, err := fault.Parse(s)
			Expect(err).NotTo(HaveOccurred())
			bodies := make(chan string, 2)
			request := listen(acknowledging(bodies))
			request.Body = []byte(`{"id":"evn_1","more":"` + strings.Repeat("b", 200) + `"}`)
			var idle []int
			e, err := delivery.New(delivery.Config{
				Clock: retryclock.NewVirtual(start), Policy: retryclock.DefaultPolicy(), Sender: onTheWire(), Latency: 4 * time.Second,
				Idle: func(_ context.Context, a delivery.Attempt) { idle = append(idle, a.Number) },
			})
			Expect(err).NotTo(HaveOccurred())
			got, err := e.Run(ctx, []delivery.Delivery{{Event: "evn_1", Due: start, Request: request, Faults: []fault.Fault{f}}})
			Expect(err).NotTo(HaveOccurred())
			a := got[0].Attempts
			Expect(a).To(HaveLen(2))
			Expect(got[0].State).To(Equal(delivery.Delivered))
			Expect(a[0].Fault).To(Equal(f))
			Expect(a[0].Verdict).To(Equal(delivery.NoResponse))
			Expect(a[1].Offset).To(Equal(time.Hour))
			if answered {
				Expect(a[0].Outcome.Status).To(Equal(204))
			} else {
				Expect(a[0].Outcome.Err.Kind).To(Equal(wire.ErrHungUp))
			}
			first := <-bodies
			Expect(first).To(ContainSubstring("evn_1"))
			if whole {
				Expect(first).To(Equal(string(request.Body)))
			} else {
				Expect(len(first)).To(BeNumerically("<", len(request.Body)))
			}
			Expect(<-bodies).To(Equal(string(request.Body)), "the retry is whole")
			Expect(idle).To(Equal([]int{1}), "it is waited for the receiver once, before the retry")
		},
		Entry("hang-up", SpecTimeout(10*time.Second), "hang-up", true, false),
		Entry("hang-up after the response", SpecTimeout(10*time.Second), "hang-up 50%", true, true),
		Entry("hang-up after some time, after the response", SpecTimeout(10*time.Second), "hang-up 5s", true, true),
		Entry("cut-fin", SpecTimeout(10*time.Second), "cut-fin 60%", false, false),
		Entry("cut-fin early", SpecTimeout(10*time.Second), "cut-fin 1%", false, false),
	)

	It("is whole and a receipt when it only drips", func(ctx SpecContext) {
		bodies := make(chan string, 1)
		request := listen(acknowledging(bodies))
		request.Body = []byte(strings.Repeat("b", 2000))
		e, err := delivery.New(delivery.Config{
			Clock: retryclock.NewVirtual(start), Sender: onTheWire(), Seed: 7,
			Idle: func(context.Context, delivery.Attempt) { Fail("nobody closed the connection") },
		})
		Expect(err).NotTo(HaveOccurred())
		got, err := e.Run(ctx, []delivery.Delivery{{Due: start, Request: request, Faults: []fault.Fault{fault.Of(fault.Drip)}}})
		Expect(err).NotTo(HaveOccurred())
		Expect(got[0].State).To(Equal(delivery.Delivered))
		Expect(<-bodies).To(Equal(string(request.Body)))
		Expect(got[0].Last().Outcome.Latency).To(BeNumerically(">", 100*time.Millisecond))
	}, SpecTimeout(10*time.Second))
})

var _ = Describe("Copies", func() {
	const copies = 8

	play := func(ctx context.Context, s delivery.Sender, d ...delivery.Delivery) []delivery.Result {
		GinkgoHelper()
		e, err := delivery.New(delivery.Config{
			Clock: retryclock.NewVirtual(start), Sender: s, Policy: retryclock.Policy{Interval: time.Hour, Window: time.Hour},
		})
		Expect(err).NotTo(HaveOccurred())
		results, err := e.Run(ctx, d)
		Expect(err).NotTo(HaveOccurred())
		return results
	}

	It("hold their last byte back until all are there", func(ctx SpecContext) {
		held := make(chan error, copies)
		request := listen(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			r, err := http.ReadRequest(br)
			if err == nil {
				_, err = io.ReadFull(r.Body, make([]byte, 99))
			}
			if err != nil {
				return
			}
			_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
			_, err = br.Peek(1)
			held <- err
			_ = conn.SetReadDeadline(time.Time{})
			if _, err := br.ReadByte(); err == nil {
				_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
			}
		})
		request.Body = []byte(strings.Repeat("b", 100))
		// The last one to get there lingers until the others were looked at.
		late := &lingering{Sender: onTheWire(), last: copies, until: func() {
			defer GinkgoRecover()
			for range copies - 1 {
				Expect(<-held).To(MatchError(os.ErrDeadlineExceeded), "a last byte came while one was missing")
			}
		}}
		got := play(ctx, late, delivery.Copies(delivery.Delivery{Due: start, Request: request}, copies)...)
		Expect(got).To(HaveLen(copies))
		for _, r := range got {
			Expect(r.State).To(Equal(delivery.Delivered))
			Expect(r.Attempts).To(HaveLen(1))
		}
	}, SpecTimeout(20*time.Second))

	It("wait for none that fails before it gets there, and retry by themselves", func(ctx SpecContext) {
		s := &racing{statuses: []int{204, 409, 0, 409}}
		d := delivery.Delivery{Due: start, Request: listen(func(net.Conn) {})}
		other := d
		other.Due = start.Add(30 * time.Minute)
		got := play(ctx, s, append(delivery.Copies(d, 4), other)...)
		Expect(s.most).To(Equal(3), "one never got there")
		Expect(s.alone).To(Equal(3+1), "the retries and the other delivery go one at a time")
		for i, r := range got[:4] {
			Expect(r.State).To(Equal(delivery.Delivered), "%d", i)
		}
		Expect(got[4].State).To(Equal(delivery.Delivered))
	}, SpecTimeout(10*time.Second))

	It("wait for none that is refused early", func(ctx SpecContext) {
		var mu sync.Mutex
		turn := 0
		request := listen(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			r, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			mu.Lock()
			turn++
			early := turn == 1
			mu.Unlock()
			if early {
				_, _ = io.WriteString(conn, "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")
			}
			if _, err := io.ReadAll(r.Body); err == nil && !early {
				_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
			}
		})
		request.Body = []byte("bbbb")
		var statuses []int
		began := time.Now()
		for _, r := range play(ctx, onTheWire(), delivery.Copies(delivery.Delivery{Due: start, Request: request}, 3)...) {
			Expect(r.State).To(Equal(delivery.Delivered))
			statuses = append(statuses, r.Attempts[0].Outcome.Status)
		}
		Expect(statuses).To(ConsistOf(429, 204, 204))
		Expect(time.Since(began)).To(BeNumerically("<", 1500*time.Millisecond), "nobody waited for the one that was refused")
	}, SpecTimeout(10*time.Second))
})

// lingering is a sender whose last copy waits before it says that it is there.
type lingering struct {
	delivery.Sender
	last  int
	until func()
	mu    sync.Mutex
	begun int
}

func (s *lingering) Do(ctx context.Context, r *wire.Request) *wire.Outcome {
	s.mu.Lock()
	s.begun++
	last := s.begun == s.last
	s.mu.Unlock()
	if last {
		steps := slices.Clone(r.Script.Steps)
		gate := steps[1].Gate
		steps[1].Gate = func() <-chan struct{} {
			s.until()
			return gate()
		}
		held := *r
		held.Script = &wire.Script{Steps: steps, End: r.Script.End}
		r = &held
	}
	return s.Sender.Do(ctx, r)
}

// racing plays the wire's part for copies: the first attempts ask their gates,
// but for the third, which cannot connect; later ones are taken.
type racing struct {
	statuses []int
	mu       sync.Mutex
	asked    int
	at       int // how many are under way
	most     int // at a gate at once
	alone    int // ordinary attempts
}

func (s *racing) Do(ctx context.Context, r *wire.Request) *wire.Outcome {
	s.mu.Lock()
	i := s.asked
	s.asked++
	s.at++
	if r.Script == nil {
		s.alone++
		if s.at > 1 {
			s.alone += 100
		}
	}
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.at--
	}()
	if r.Script == nil {
		return &wire.Outcome{Status: 204}
	}
	if s.statuses[i] == 0 {
		return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrConnectRefused, Err: errors.New("refused")}}
	}
	gate := r.Script.Steps[1].Gate()
	s.mu.Lock()
	s.most++
	s.mu.Unlock()
	select {
	case <-gate:
	case <-ctx.Done():
	}
	return &wire.Outcome{Status: s.statuses[i]}
}
