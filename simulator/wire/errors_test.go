package wire_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// alarm is the wall clock, and rings when it is looked at for the nth time.
type alarm struct {
	retryclock.Wall
	countdown int
	ring      func()
}

func (a *alarm) Now() time.Time {
	if a.countdown--; a.countdown == 0 {
		a.ring()
	}
	return a.Wall.Now()
}

var _ = Describe("a network error", func() {
	It("is a refusal when nobody listens", func(ctx SpecContext) {
		listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		t := target("http://user:hunter2@" + listener.Addr().String() + "/x?token=hunter2")
		_ = listener.Close()
		out := patient().Do(ctx, post(t, "{}"))
		Expect(out.Status).To(BeZero())
		Expect(out.Err.Kind).To(Equal(wire.ErrConnectRefused))
		Expect(out.Err.Error()).To(Equal("connect-refused: connect to " + t.Host() + ": connection refused"))
		Expect(out.Connected).To(BeFalse())
		Expect(out.Total).To(BeNumerically(">", 0))
	})

	It("is dns when the name is unknown", func(ctx SpecContext) {
		c := client(wire.Config{ConnectTimeout: time.Second})
		out := c.Do(ctx, post(target("http://no-such-host.invalid/"), "{}"))
		Expect(out.Err.Kind).To(Equal(wire.ErrDNS))
		Expect(out.Err.Error()).To(HavePrefix("dns: look up no-such-host.invalid: "))
		Expect(out.Connected).To(BeFalse())
	})

	It("is a failure to connect when there is no way there", func(ctx SpecContext) {
		out := client(wire.Config{ConnectTimeout: time.Second}).Do(ctx, post(target("http://255.255.255.255:9/"), "{}"))
		Expect(out.Err.Kind).To(Equal(wire.ErrConnect))
		Expect(out.Connected).To(BeFalse())
	})

	DescribeTable("on a standing connection is told apart",
		func(ctx SpecContext, body string, end func(net.Conn), kind wire.ErrorKind) {
			s := serve(func(conn net.Conn) {
				br := bufio.NewReader(conn)
				_ = readHead(br)
				end(conn)
			})
			c := patient()
			if kind == wire.ErrTimeout {
				c = impatient()
			}
			out := c.Do(ctx, post(s.Target, body))
			Expect(out.Err).To(HaveOccurred())
			Expect(out.Err.Kind).To(Equal(kind))
			Expect(out.Connected).To(BeTrue())
			Expect(out.Remote).To(Equal(s.Host()))
			Expect(s.accepted.Load()).To(BeEquivalentTo(1))
		},
		Entry("reset", "{}", func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }, wire.ErrReset),
		Entry("reset over a large body", strings.Repeat("x", 2<<20), func(net.Conn) {}, wire.ErrReset),
		Entry("half closed", "{}", func(conn net.Conn) { finish(conn, bufio.NewReader(conn)) }, wire.ErrClosed),
		Entry("no response", "{}", func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, wire.ErrTimeout),
	)

	It("unwraps to its cause", func(ctx SpecContext) {
		ctx2, cancel := context.WithCancelCause(ctx)
		cause := errors.New("enough")
		cancel(cause)
		out := patient().Do(ctx2, post(target("http://127.0.0.1:1/"), "{}"))
		Expect(out.Err.Kind).To(Equal(wire.ErrCanceled))
		Expect(errors.Is(out.Err, cause)).To(BeTrue())
	})
})

var _ = Describe("a timeout", func() {
	It("for the first byte does not bind the rest", func(ctx SpecContext) {
		s := serve(func(conn net.Conn) {
			_ = readRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, "H")
			time.Sleep(300 * time.Millisecond)
			_, _ = io.WriteString(conn, kept[1:])
		})
		c := client(wire.Config{FirstByteTimeout: 200 * time.Millisecond, Timeout: 10 * time.Second})
		out := insist(func() *wire.Outcome { return c.Do(ctx, post(s.Target, "{}")) })
		Expect(out.Status).To(Equal(200))
		Expect(out.Latency).To(BeNumerically(">", 200*time.Millisecond))
	})

	It("for the first byte ends an attempt without any", func(ctx SpecContext) {
		s := answering("", true)
		c := client(wire.Config{FirstByteTimeout: 50 * time.Millisecond, Timeout: 5 * time.Second})
		for range 2 {
			out := c.Do(ctx, post(s.Target, "{}"))
			Expect(out.Err.Kind).To(Equal(wire.ErrTimeout))
			Expect(out.Total).To(BeNumerically("<", 4*time.Second))
		}
	})

	It("of the context is the caller's own, not the receiver's", func(ctx SpecContext) {
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		out := patient().Do(short, post(answering("", true).Target, "{}"))
		Expect(out.Err.Kind).To(Equal(wire.ErrCanceled))
		Expect(out.Err).To(MatchError(context.DeadlineExceeded))
	})
})

var _ = Describe("an ended context", func() {
	// begun is a server that tells when a request has come, says something and
	// then nothing more.
	begun := func(answer string) (*server, chan bool) {
		ready := make(chan bool, 1)
		return serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			_ = readHead(br)
			_, _ = io.WriteString(conn, answer)
			ready <- true
			_, _ = io.Copy(io.Discard, br)
		}), ready
	}

	DescribeTable("ends the attempt at once",
		func(ctx SpecContext, answer, body string, check func(*wire.Outcome)) {
			s, ready := begun(answer)
			c := patient()
			cancelable, cancel := context.WithCancel(ctx)
			outs := make(chan *wire.Outcome, 1)
			go func() { outs <- c.Do(cancelable, post(s.Target, body)) }()
			<-ready
			canceled := time.Now()
			cancel()
			out := <-outs
			Expect(time.Since(canceled)).To(BeNumerically("<", 5*time.Second))
			check(out)
		},
		Entry("before the response", "", "{}", func(out *wire.Outcome) {
			Expect(out.Err.Kind).To(Equal(wire.ErrCanceled))
			Expect(out.Connected).To(BeTrue())
		}),
		Entry("in the status line", "HTTP/1.1 2", "{}", func(out *wire.Outcome) {
			Expect(out.Err.Kind).To(Equal(wire.ErrCanceled))
		}),
		Entry("while writing", "", strings.Repeat("x", 32<<20), func(out *wire.Outcome) {
			Expect(out.Err.Kind).To(Equal(wire.ErrCanceled))
		}),
	)

	It("ends the reading of a body, and the response stands", func(ctx SpecContext) {
		s, _ := begun(ok + "\r\nhello")
		cancelable, cancel := context.WithCancel(ctx)
		// The clock is read for the start, the connect, and the status line.
		c := client(wire.Config{Clock: &alarm{countdown: 3, ring: cancel}})
		out := c.Do(cancelable, post(s.Target, "{}"))
		Expect(out.Err).NotTo(HaveOccurred())
		Expect(out.Status).To(Equal(200))
		Expect(out.Notes).To(ConsistOf(wire.NoteBodySlow))
		Expect(out.Total).To(BeNumerically("<", 8*time.Second))
	})

	It("does not spoil a kept connection that was used under it before", func(ctx SpecContext) {
		s := answering(kept, true)
		c := patient()
		first, cancel := context.WithCancel(ctx)
		Expect(c.Do(first, post(s.Target, "{}")).Status).To(Equal(200))
		cancel()
		out := c.Do(ctx, post(s.Target, "{}"))
		Expect(out.Status).To(Equal(200))
		Expect(out.Reused).To(BeTrue())
	})
})

var _ = Describe("New", func() {
	It("fills in the defaults", func() {
		c, err := wire.New(wire.Config{})
		Expect(err).NotTo(HaveOccurred())
		c.Close()
		Expect(wire.DefaultConfig().ConnectTimeout).To(Equal(5 * time.Second))
		Expect(wire.DefaultConfig().Timeout).To(Equal(10 * time.Second))
		Expect(wire.DefaultConfig().FirstByteTimeout).To(Equal(10 * time.Second))
	})
	It("joins all mistakes", func() {
		_, err := wire.New(wire.Config{ConnectTimeout: -1, Timeout: -time.Second, Clock: retryclock.NewVirtual(time.Unix(0, 0))})
		Expect(err).To(MatchError(And(ContainSubstring("connect timeout -1ns"), ContainSubstring("timeout -1s"), ContainSubstring("wall clock"))))
	})
})
