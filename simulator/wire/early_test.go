package wire_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

const tries = 20

// readHead takes the head of a request and leaves the body where it is.
func readHead(br *bufio.Reader) bool { return readHeadOf(br) != nil }

// readHeadOf is readHead that gives the head; nil when there is none.
func readHeadOf(br *bufio.Reader) *http.Request {
	r, err := http.ReadRequest(br)
	if err != nil {
		return nil
	}
	return r
}

var _ = Describe("an early response to a large body", func() {
	var large string
	BeforeEach(func() { large = strings.Repeat("x", 2<<20) })

	// What a server does with the connection after it has answered early.
	endings := []struct {
		name string
		do   func(net.Conn)
	}{
		// The kernel resets a connection that is closed over unread data.
		{"closes", func(net.Conn) {}},
		{"resets", func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0) }},
		{"ends its side and closes", func(conn net.Conn) { _ = conn.(*net.TCPConn).CloseWrite() }},
		{"reads a little more and closes", func(conn net.Conn) { _, _ = io.CopyN(io.Discard, conn, 300_000) }},
	}
	for _, ending := range endings {
		for _, status := range []string{"413 Payload Too Large", "200 OK"} {
			answer := "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-Length: 5\r\n\r\nearly"

			It("is always seen: "+status+" on a fresh connection, then the server "+ending.name, func(ctx SpecContext) {
				s := serve(func(conn net.Conn) {
					if readHead(bufio.NewReader(conn)) {
						_, _ = io.WriteString(conn, answer)
						ending.do(conn)
					}
				})
				c := patient()
				for range tries {
					out := c.Do(ctx, post(s.Target, large))
					Expect(out.Err).NotTo(HaveOccurred())
					Expect(strconv.Itoa(out.Status)).To(Equal(status[:3]))
					Expect(string(out.Body)).To(Equal("early"))
					Expect(out.Total).To(BeNumerically("<", 8*time.Second))
				}
				Expect(s.accepted.Load()).To(BeEquivalentTo(tries))
			})

			It("is always seen: "+status+" on a kept connection, then the server "+ending.name, func(ctx SpecContext) {
				s := serve(func(conn net.Conn) {
					br := bufio.NewReader(conn)
					if readRequest(br) == nil {
						return
					}
					_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
					if readHead(br) {
						_, _ = io.WriteString(conn, answer)
						ending.do(conn)
					}
				})
				c := patient()
				for range tries {
					Expect(c.Do(ctx, post(s.Target, "{}")).Status).To(Equal(204))
					out := c.Do(ctx, post(s.Target, large))
					Expect(out.Err).NotTo(HaveOccurred())
					Expect(out.Reused).To(BeTrue())
					Expect(out.Resent).To(BeFalse())
					Expect(strconv.Itoa(out.Status)).To(Equal(status[:3]))
					Expect(string(out.Body)).To(Equal("early"))
				}
				Expect(s.accepted.Load()).To(BeEquivalentTo(tries))
			})
		}
	}

	It("is seen even when nothing of the request was read", func(ctx SpecContext) {
		s := serve(func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")
		})
		c := patient()
		for range tries {
			out := c.Do(ctx, post(s.Target, large))
			Expect(out.Err).NotTo(HaveOccurred())
			Expect(out.Status).To(Equal(503))
		}
	})

	It("does not wait for a server that reads no further", func(ctx SpecContext) {
		s := serve(func(conn net.Conn) {
			_ = readHead(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n")
			<-ctx.Done() // the spec's end closes the connection
		})
		large := strings.Repeat("x", 32<<20) // more than the buffers of any kernel take
		for range 2 {
			out := patient().Do(ctx, post(s.Target, large))
			Expect(out.Status).To(Equal(413))
			Expect(out.Notes).To(ConsistOf(wire.NoteEarly))
			Expect(out.Total).To(BeNumerically("<", 8*time.Second))
			Expect(out.Total).To(BeNumerically(">", out.Latency))
		}
		Expect(s.accepted.Load()).To(BeEquivalentTo(2))
	})

	It("lets a server that answers first and reads on have the whole body", func(ctx SpecContext) {
		got := make(chan int64, 1)
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			for {
				r, err := http.ReadRequest(br)
				if err != nil {
					return
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
				n, _ := io.Copy(io.Discard, r.Body)
				got <- n
			}
		})
		c := patient()
		for range 3 {
			out := c.Do(ctx, post(s.Target, strings.Repeat("x", 8<<20)))
			Expect(out.Status).To(Equal(200))
			Expect(<-got).To(BeEquivalentTo(8 << 20))
		}
	})
})

var _ = Describe("a large body", func() {
	It("arrives whole and exact, again and again on one connection", func(ctx SpecContext) {
		body := bytes.Repeat([]byte("0123456789abcdef"), 300_000)
		var wrong atomic.Int64
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			for {
				r := readRequest(br)
				if r == nil {
					return
				}
				if !bytes.Equal(r.Body, body) {
					wrong.Add(1)
				}
				_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
			}
		})
		c := patient()
		for i := range 5 {
			out := c.Do(ctx, &wire.Request{Target: s.Target, Body: body})
			Expect(out.Status).To(Equal(204))
			Expect(out.Reused).To(Equal(i > 0))
		}
		Expect(wrong.Load()).To(BeZero())
	})

	It("to a server that reads nothing ends with the timeout", func(ctx SpecContext) {
		s := serve(func(net.Conn) { <-ctx.Done() })
		c := client(wire.Config{Timeout: 200 * time.Millisecond})
		out := c.Do(ctx, post(s.Target, strings.Repeat("x", 32<<20)))
		Expect(out.Err.Kind).To(Equal(wire.ErrTimeout))
		Expect(out.Err.Error()).To(ContainSubstring("the request could not be sent whole"))
		Expect(out.Total).To(BeNumerically("<", 8*time.Second))
	})
})
