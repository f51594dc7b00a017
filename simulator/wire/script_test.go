package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// seen is what a server saw of one connection.
type seen struct {
	bytes string
	err   error // how it ended
}

// witness reads every connection to its end and tells what it saw; then it
// answers, whether or not that makes sense any more.
func witness(answer string) (func(net.Conn), <-chan seen) {
	out := make(chan seen, 1)
	return func(conn net.Conn) {
		var got bytes.Buffer
		_, err := io.Copy(&got, conn)
		_, _ = io.WriteString(conn, answer)
		out <- seen{got.String(), err}
	}, out
}

// scripted is a request whose body has 100 bytes.
func scripted(t *wire.Target, end wire.Ending, steps ...wire.Step) *wire.Request {
	r := post(t, strings.Repeat("b", 100))
	r.Script = &wire.Script{Steps: steps, End: end}
	return r
}

// whole is the request as it stands on the wire.
func whole(r *wire.Request) string { return string(wire.AppendHead(nil, r)) + string(r.Body) }

var (
	all   = wire.Step{To: -1}
	brief = wire.Step{To: -1, Pause: 2 * time.Millisecond}
)

func beReset(err error) bool { return errors.Is(err, syscall.ECONNRESET) }

// endings is how a server sees an end of ours.
var endings = map[string]func(error) bool{
	"FIN": func(err error) bool { return err == nil },
	"RST": beReset,
}

var _ = Describe("a script", func() {
	for _, over := range []string{"", " over TLS"} {
		// start makes a server, and a client that trusts it.
		start := func(handle func(net.Conn), cfg wire.Config) (*server, *wire.Client) {
			if over == "" {
				return serve(handle), client(cfg)
			}
			ca := newAuthority()
			cfg.RootCAs = ca.pool()
			return secure(ca.server(), handle), client(cfg)
		}

		DescribeTable("sends what it says and ends as it says"+over,
			func(ctx SpecContext, end wire.Ending, steps []wire.Step, body int, ended string, text string) {
				handle, saw := witness("")
				s, c := start(handle, wire.Config{})
				r := scripted(s.Target, end, steps...)
				head := len(wire.AppendHead(nil, r))
				for i := range r.Script.Steps {
					if r.Script.Steps[i].To > 0 {
						r.Script.Steps[i].To += head
					}
				}
				out := c.Do(ctx, r)
				Expect(out.Err).To(HaveOccurred())
				Expect(out.Err.Kind).To(Equal(wire.ErrHungUp))
				Expect(out.Err.Error()).To(ContainSubstring(text))
				Expect(out.Status).To(BeZero())
				Expect(out.Connected).To(BeTrue())
				got := <-saw
				Expect(got.bytes).To(Equal(whole(r)[:head+body]))
				Expect(endings[ended](got.err)).To(BeTrue(), "%v", got.err)
			},
			Entry("closing the connection at once", wire.HangUp, []wire.Step{all}, 100, "FIN", "we closed the connection before a response"),
			Entry("closing the connection a little later", wire.HangUp, []wire.Step{all, brief}, 100, "FIN", "we closed the connection before a response"),
			Entry("closing the connection in the body", wire.HangUp, []wire.Step{{To: 60}}, 60, "FIN", "we closed the connection after "),
			Entry("finishing in the body", wire.Finish, []wire.Step{{To: 60}}, 60, "FIN", "we closed the connection after "),
			Entry("finishing with the last byte", wire.Finish, []wire.Step{all}, 100, "FIN", "we closed the connection before a response"),
			Entry("resetting once the request is out", wire.Reset, []wire.Step{all}, 100, "RST", "we reset the connection before a response"),
			Entry("resetting in the body", wire.Reset, []wire.Step{{To: 30}, {To: 60, Pause: time.Millisecond}}, 60, "RST", "we reset the connection after "),
		)

		It("brings a large request whole before it resets"+over, func(ctx SpecContext) {
			handle, saw := witness("")
			s, c := start(func(conn net.Conn) { runtime.Gosched(); handle(conn) }, wire.Config{})
			r := post(s.Target, strings.Repeat("x", 3<<20))
			r.Script = &wire.Script{Steps: []wire.Step{all}, End: wire.Reset}
			Expect(c.Do(ctx, r).Err.Kind).To(Equal(wire.ErrHungUp))
			got := <-saw
			Expect(got.bytes).To(HaveLen(len(whole(r))))
			Expect(beReset(got.err)).To(BeTrue())
		})

		It("closes the connection before any response can come"+over, func(ctx SpecContext) {
			if runtime.GOOS != "linux" {
				Skip("the last byte and the FIN go apart here")
			}
			s, c := start(func(conn net.Conn) {
				if readRequest(bufio.NewReader(conn)) != nil {
					_, _ = io.WriteString(conn, kept)
				}
			}, wire.Config{})
			for range 100 {
				out := c.Do(ctx, scripted(s.Target, wire.HangUp, all))
				Expect(out.Err).To(HaveOccurred())
				Expect(out.Err.Kind).To(Equal(wire.ErrHungUp))
			}
		})

		It("leaves the connection alone once a response has begun"+over, func(ctx SpecContext) {
			begun, ends := make(chan chan struct{}, 1), make(chan error, 1)
			s, c := start(func(conn net.Conn) {
				br := bufio.NewReader(conn)
				readRequest(br)
				_, _ = io.WriteString(conn, "HTTP/1.1 204 No")
				close(<-begun)
				// An end of the client's would come now.
				_ = conn.SetReadDeadline(time.Now().Add(30 * time.Millisecond))
				_, err := br.Peek(1)
				ends <- err
				_, _ = io.WriteString(conn, " Content\r\n\r\n")
			}, wire.Config{})
			for _, end := range []wire.Ending{wire.HangUp, wire.Reset, wire.Finish} {
				gate := make(chan struct{})
				begun <- gate
				out := c.Do(ctx, scripted(s.Target, end, all, wire.Step{To: -1, Gate: func() <-chan struct{} { return gate }}))
				Expect(out.Err).NotTo(HaveOccurred())
				Expect(out.Status).To(Equal(204))
				Expect(out.Notes).To(BeEmpty())
				Expect(<-ends).To(MatchError(os.ErrDeadlineExceeded))
			}
		})

		It("hears what is said about a request that ended early, after finishing it"+over, func(ctx SpecContext) {
			handle, saw := witness("HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\ncut")
			s, c := start(handle, wire.Config{})
			out := c.Do(ctx, scripted(s.Target, wire.Finish, wire.Step{To: 90}))
			Expect(out.Err).NotTo(HaveOccurred())
			Expect(out.Status).To(Equal(400))
			Expect(string(out.Body)).To(Equal("cut"))
			Expect(out.Noted(wire.NoteEarly)).To(BeTrue())
			<-saw
		})

		It("sends all in the end when it only goes slowly"+over, func(ctx SpecContext) {
			arrived := make(chan string, 1)
			s, c := start(func(conn net.Conn) {
				r := readRequest(bufio.NewReader(conn))
				_, _ = io.WriteString(conn, kept)
				arrived <- string(r.Body)
			}, wire.Config{})
			var steps []wire.Step
			for i := range 20 {
				steps = append(steps, wire.Step{To: 10 * (i + 1), Pause: time.Millisecond})
			}
			r := scripted(s.Target, wire.GoOn, append(steps, all)...)
			for range 2 {
				out := c.Do(ctx, r)
				Expect(out.Status).To(Equal(200))
				Expect(out.Reused).To(BeFalse(), "it has a connection to itself")
				Expect(out.Latency).To(BeNumerically(">=", 20*time.Millisecond))
				Expect(<-arrived).To(Equal(string(r.Body)))
			}
		})

		It("holds a piece until its gate opens"+over, func(ctx SpecContext) {
			gate, asked := make(chan struct{}), make(chan bool, 1)
			saw := make(chan int, 10)
			s, c := start(func(conn net.Conn) {
				buf := make([]byte, 4096)
				for {
					n, err := conn.Read(buf)
					if err != nil {
						return
					}
					if saw <- n; bytes.HasSuffix(buf[:n], []byte("b")) && n == 1 {
						_, _ = io.WriteString(conn, kept)
					}
				}
			}, wire.Config{})
			r := scripted(s.Target, wire.GoOn)
			total := len(whole(r))
			r.Script.Steps = []wire.Step{{To: total - 1}, {To: -1, Gate: func() <-chan struct{} { asked <- true; return gate }}}
			done := make(chan *wire.Outcome, 1)
			go func() { done <- c.Do(ctx, r) }()
			<-asked
			Expect(<-saw).To(Equal(total - 1))
			Consistently(saw, "30ms").ShouldNot(Receive())
			close(gate)
			Expect((<-done).Status).To(Equal(200))
		})

		It("waits for a gate no longer than it may, and not at all once it is answered"+over, func(ctx SpecContext) {
			shut := func() <-chan struct{} { return make(chan struct{}) }
			s, c := start(func(conn net.Conn) {
				if readRequest(bufio.NewReader(conn)) != nil {
					_, _ = io.WriteString(conn, kept)
				}
			}, wire.Config{})
			out := c.Do(ctx, scripted(s.Target, wire.GoOn, wire.Step{To: 20}, wire.Step{To: -1, Pause: 20 * time.Millisecond, Gate: shut}))
			Expect(out.Status).To(Equal(200))

			s, c = start(func(conn net.Conn) {
				br := bufio.NewReader(conn)
				if readHead(br) {
					_, _ = io.WriteString(conn, "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n")
					finish(conn, br)
				}
			}, wire.Config{})
			r := scripted(s.Target, wire.GoOn)
			r.Script.Steps = []wire.Step{{To: len(whole(r)) - 1}, {To: -1, Gate: shut}}
			out = c.Do(ctx, r)
			Expect(out.Status).To(Equal(413))
			Expect(out.Noted(wire.NoteEarly)).To(BeTrue())
			Expect(out.Total).To(BeNumerically("<", 5*time.Second))
		})
	}

	It("does not take a reset or a close of the server for its own", func(ctx SpecContext) {
		for _, ending := range []struct {
			do   func(net.Conn)
			kind wire.ErrorKind
		}{
			{func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }, wire.ErrReset},
			{func(net.Conn) {}, wire.ErrClosed},
		} {
			s := serve(func(conn net.Conn) {
				readRequest(bufio.NewReader(conn))
				ending.do(conn)
			})
			for range tries {
				out := patient().Do(ctx, scripted(s.Target, wire.HangUp, all, wire.Step{To: -1, Pause: 500 * time.Millisecond}))
				Expect(out.Err.Kind).To(Equal(ending.kind))
			}
		}
	})

	It("ends with its context and with its time, also in the middle of a wait", func(ctx SpecContext) {
		handle, saw := witness("")
		s := serve(handle)
		r := scripted(s.Target, wire.HangUp, all, wire.Step{To: -1, Pause: time.Hour})
		short, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		defer cancel()
		Expect(patient().Do(short, r).Err.Kind).To(Equal(wire.ErrCanceled))
		<-saw
		out := impatient().Do(ctx, r)
		Expect(out.Err.Kind).To(Equal(wire.ErrTimeout))
		Expect(out.Total).To(BeNumerically("<", 5*time.Second))
		<-saw
	})

	It("is refused when it cannot be played", func(ctx SpecContext) {
		r := scripted(target("http://127.0.0.1:1/"), wire.GoOn, wire.Step{To: -1, Pause: -1})
		Expect(r.Check()).To(MatchError(ContainSubstring("step 1: pause -1ns is negative")))
		r = scripted(target("http://127.0.0.1:1/"), wire.Ending(9))
		Expect(r.Check()).To(MatchError(ContainSubstring("unknown ending")))
		r = scripted(target("http://127.0.0.1:1/"), wire.GoOn)
		r.ExpectContinue = true
		Expect(patient().Do(ctx, r).Err.Kind).To(Equal(wire.ErrRequest))
	})
})

var _ = Describe("a request that asks first", func() {
	const hundred = "HTTP/1.1 100 Continue\r\n\r\n"
	asking := func(t *wire.Target) *wire.Request {
		r := post(t, strings.Repeat("b", 100))
		r.ExpectContinue = true
		return r
	}
	// body reads what comes after the head.
	body := func(br *bufio.Reader) string {
		got := make([]byte, 100)
		_, _ = io.ReadFull(br, got)
		return string(got)
	}

	It("says so in its head", func() {
		Expect(string(wire.AppendHead(nil, asking(target("http://h/"))))).To(Equal(
			"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n"))
	})

	DescribeTable("sends its body once it is told to, or told nothing",
		func(ctx SpecContext, says string, secured bool, note wire.Note) {
			early := make(chan int, 1)
			handle := func(conn net.Conn) {
				br := bufio.NewReader(conn)
				if !readHead(br) {
					return
				}
				if says == "" {
					// Nothing may come before the client's patience is at its end.
					_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
					b, _ := br.Peek(1)
					early <- len(b)
					_ = conn.SetReadDeadline(time.Time{})
				} else {
					early <- br.Buffered()
				}
				_, _ = io.WriteString(conn, says)
				if body(br) == strings.Repeat("b", 100) {
					_, _ = io.WriteString(conn, kept)
				}
			}
			cfg := wire.Config{ContinueTimeout: 10 * time.Second}
			if says == "" {
				cfg.ContinueTimeout = 100 * time.Millisecond
			}
			var s *server
			if secured {
				ca := newAuthority()
				cfg.RootCAs = ca.pool()
				s = secure(ca.server(), handle)
			} else {
				s = serve(handle)
			}
			out := client(cfg).Do(ctx, asking(s.Target))
			Expect(out.Err).NotTo(HaveOccurred())
			Expect(out.Status).To(Equal(200))
			Expect(out.Notes).To(Equal([]wire.Note{note}))
			Expect(<-early).To(BeZero())
		},
		Entry("100", hundred, false, wire.NoteContinued),
		Entry("100 over TLS", hundred, true, wire.NoteContinued),
		Entry("103 and then 100", "HTTP/1.1 103 Early Hints\r\n\r\n"+hundred, false, wire.NoteContinued),
		Entry("silence", "", false, wire.NoteUnanswered),
	)

	It("keeps its body when the final response comes first", func(ctx SpecContext) {
		left := make(chan int, 1)
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			if !readHead(br) {
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
			rest, _ := io.ReadAll(br)
			left <- len(rest)
		})
		out := patient().Do(ctx, asking(s.Target))
		Expect(out.Status).To(Equal(401))
		Expect(out.Notes).To(Equal([]wire.Note{wire.NoteEarly}))
		Expect(<-left).To(BeZero())
	})

	It("is sent again without asking after a 417", func(ctx SpecContext) {
		var asked atomic.Int64
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			r := readHeadOf(br)
			if r.Header.Get("Expect") != "" {
				asked.Add(1)
				_, _ = io.WriteString(conn, "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
				return
			}
			if body(br) == strings.Repeat("b", 100) {
				_, _ = io.WriteString(conn, kept)
			}
		})
		out := patient().Do(ctx, asking(s.Target))
		Expect(out.Status).To(Equal(200))
		Expect(out.Notes).To(Equal([]wire.Note{wire.NoteRefused}))
		Expect(s.accepted.Load()).To(BeEquivalentTo(2))
		Expect(asked.Load()).To(BeEquivalentTo(1))
	})

	It("times out on a server that hangs, and says how far it got", func(ctx SpecContext) {
		s := serve(func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
		out := client(wire.Config{Timeout: 200 * time.Millisecond, ContinueTimeout: 20 * time.Millisecond}).Do(ctx, asking(s.Target))
		Expect(out.Err.Kind).To(Equal(wire.ErrTimeout))
		Expect(out.Noted(wire.NoteUnanswered)).To(BeTrue())
	})

	It("never uses a kept connection, nor leaves one", func(ctx SpecContext) {
		s := answering(kept, true)
		c := patient()
		Expect(c.Do(ctx, post(s.Target, "{}")).Status).To(Equal(200))
		r := asking(s.Target)
		for range 2 {
			r.Script, r.ExpectContinue = &wire.Script{Steps: []wire.Step{all}}, false
			out := c.Do(ctx, r)
			Expect(out.Status).To(Equal(200))
			Expect(out.Reused).To(BeFalse())
		}
		Expect(c.Do(ctx, post(s.Target, "{}")).Reused).To(BeTrue())
		Expect(s.accepted.Load()).To(BeEquivalentTo(3))
	})
})
