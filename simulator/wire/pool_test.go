package wire_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

const kept = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

var _ = Describe("a kept connection", func() {
	DescribeTable("is used again, or not",
		func(ctx SpecContext, answer string, reused bool) {
			s := answering(answer, true)
			c := patient()
			for i := range 3 {
				out := c.Do(ctx, post(s.Target, "{}"))
				Expect(out.Status).To(Equal(200))
				Expect(out.Reused).To(Equal(reused && i > 0))
				Expect(out.Resent).To(BeFalse())
			}
			if reused {
				Expect(s.accepted.Load()).To(BeEquivalentTo(1))
			} else {
				Expect(s.accepted.Load()).To(BeEquivalentTo(3))
			}
		},
		Entry("length", kept, true),
		Entry("chunks", ok+"Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", true),
		Entry("keep-alive in words", ok+"Connection: Keep-Alive\r\nContent-Length: 2\r\n\r\nok", true),
		Entry("early hints before", "HTTP/1.1 103 Early Hints\r\n\r\n"+kept, true),
		Entry("body over what is kept but read whole", ok+"Content-Length: 300000\r\n\r\n"+strings.Repeat("x", 300_000), true),
		Entry("HTTP/1.0 with keep-alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok", true),
		Entry("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false),
		Entry("close", ok+"Connection: close\r\nContent-Length: 2\r\n\r\nok", false),
		Entry("close in a list", ok+"Connection: foo, CLOSE\r\nContent-Length: 2\r\n\r\nok", false),
		Entry("lying length", ok+"Content-Length: 1\r\n\r\nok", false),
		Entry("malformed header", ok+"foo : bar\r\nContent-Length: 2\r\n\r\nok", false),
		Entry("two lengths", ok+"Content-Length: 2\r\nContent-Length: 3\r\n\r\nok!", false),
		Entry("two framings", ok+"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", false),
	)

	It("is not used by a request that asks for a fresh one", func(ctx SpecContext) {
		s := answering(kept, true)
		c := patient()
		Expect(c.Do(ctx, post(s.Target, "1")).Reused).To(BeFalse())
		fresh := post(s.Target, "2")
		fresh.Fresh = true
		Expect(c.Do(ctx, fresh).Reused).To(BeFalse())
		Expect(c.Do(ctx, post(s.Target, "3")).Reused).To(BeTrue())
		Expect(s.accepted.Load()).To(BeEquivalentTo(2))
	})

	It("is closed when nobody is to be kept waiting by it", func(ctx SpecContext) {
		s := answering(kept, true)
		c := patient()
		Expect(c.Do(ctx, post(s.Target, "1")).Reused).To(BeFalse())
		c.CloseIdle()
		Expect(c.Do(ctx, post(s.Target, "2")).Reused).To(BeFalse())
		Expect(c.Do(ctx, post(s.Target, "3")).Reused).To(BeTrue())
	})

	DescribeTable("is not used after a request that",
		func(ctx SpecContext, f wire.Field) {
			s := answering(kept, true)
			c := patient()
			r := post(s.Target, "{}")
			if f.Name == "Transfer-Encoding" {
				r.Body = []byte("2\r\n{}\r\n0\r\n\r\n")
			}
			r.Header = append(r.Header, f)
			for range 2 {
				out := c.Do(ctx, r)
				Expect(out.Status).To(Equal(200))
				Expect(out.Reused).To(BeFalse())
			}
		},
		Entry("asked for its end", wire.Field{Name: "connection", Value: "close"}),
		Entry("lied about its length", wire.Field{Name: "Content-length", Value: "1"}),
		Entry("framed itself", wire.Field{Name: "Transfer-Encoding", Value: "chunked"}),
	)

	It("belongs to one server and scheme", func(ctx SpecContext) {
		a, b := answering(kept, true), answering(kept, true)
		c := patient()
		Expect(c.Do(ctx, post(a.Target, "")).Reused).To(BeFalse())
		Expect(c.Do(ctx, post(b.Target, "")).Reused).To(BeFalse())
		Expect(c.Do(ctx, post(a.Target, "")).Reused).To(BeTrue())
		elsewhere, err := a.WithRequestURI("/other?x")
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Do(ctx, post(elsewhere, "")).Reused).To(BeTrue())
	})

	It("is replaced when the server closed it while idle", func(ctx SpecContext) {
		closed := make(chan bool, 1)
		s := serve(func(conn net.Conn) {
			_ = readRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, kept)
			_ = conn.Close()
			closed <- true
		})
		c := patient()
		for range 5 {
			out := c.Do(ctx, post(s.Target, "{}"))
			Expect(out.Status).To(Equal(200))
			Expect(out.Reused || out.Resent).To(BeFalse(), "seen before anything was sent")
			<-closed
		}
		Expect(s.accepted.Load()).To(BeEquivalentTo(5))
	})

	It("is replaced once when it breaks before the first byte of the response", func(ctx SpecContext) {
		var requests atomic.Int64
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			for readRequest(br) != nil {
				if requests.Add(1) == 2 {
					return
				}
				_, _ = io.WriteString(conn, kept)
			}
		})
		c := patient()
		Expect(c.Do(ctx, post(s.Target, "1")).Status).To(Equal(200))
		out := c.Do(ctx, post(s.Target, "2"))
		Expect(out.Status).To(Equal(200))
		Expect(out.Resent).To(BeTrue())
		Expect(out.Reused).To(BeFalse())
		Expect(requests.Load()).To(BeEquivalentTo(3))
		Expect(s.accepted.Load()).To(BeEquivalentTo(2))
	})

	It("is not replaced a second time", func(ctx SpecContext) {
		var requests atomic.Int64
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			for readRequest(br) != nil {
				if requests.Add(1) >= 2 {
					return
				}
				_, _ = io.WriteString(conn, kept)
			}
		})
		c := patient()
		Expect(c.Do(ctx, post(s.Target, "1")).Status).To(Equal(200))
		out := c.Do(ctx, post(s.Target, "2"))
		Expect(out.Err.Kind).To(Equal(wire.ErrClosed))
		Expect(out.Resent).To(BeTrue())
		Expect(requests.Load()).To(BeEquivalentTo(3))
	})

	It("is not replaced after the first byte of the response, nor after a timeout", func(ctx SpecContext) {
		for _, second := range []string{"H", ""} {
			var requests atomic.Int64
			s := serve(func(conn net.Conn) {
				br := bufio.NewReader(conn)
				for readRequest(br) != nil {
					if requests.Add(1) == 2 {
						_, _ = io.WriteString(conn, second)
						if second == "" {
							_, _ = br.ReadByte()
						}
						return
					}
					_, _ = io.WriteString(conn, kept)
				}
			})
			c := patient()
			if second == "" {
				c = client(wire.Config{Timeout: time.Second})
			}
			Expect(c.Do(ctx, post(s.Target, "1")).Status).To(Equal(200))
			out := c.Do(ctx, post(s.Target, "2"))
			if second == "" {
				Expect(out.Err.Kind).To(Equal(wire.ErrTimeout))
			} else {
				Expect(out.Err.Kind).To(Equal(wire.ErrClosed))
			}
			Expect(out.Reused).To(BeTrue())
			Expect(out.Resent).To(BeFalse())
			Expect(requests.Load()).To(BeEquivalentTo(2))
		}
	})

	It("on which something unasked arrives is not used again", func(ctx SpecContext) {
		said := make(chan bool, 1)
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			for readRequest(br) != nil {
				_, _ = io.WriteString(conn, kept)
				_, _ = io.WriteString(conn, "HTTP/1.1 500 Not Yours\r\nContent-Length: 0\r\n\r\n")
				said <- true
			}
		})
		c := patient()
		for range 10 {
			out := c.Do(ctx, post(s.Target, "{}"))
			Expect(out.Status).To(Equal(200))
			Expect(out.Reused).To(BeFalse())
			<-said
		}
		Expect(s.accepted.Load()).To(BeEquivalentTo(10))
	})

	It("that is to have been silent never takes what a server says late for the next response", func(ctx SpecContext) {
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			for readRequest(br) != nil {
				_, _ = io.WriteString(conn, kept)
				time.Sleep(5 * time.Millisecond)
				_, _ = io.WriteString(conn, "HTTP/1.1 500 Not Yours\r\nContent-Length: 0\r\n\r\n")
			}
		})
		c := patient()
		for i := range 3 {
			r := post(s.Target, "{}")
			r.Silence = 500 * time.Millisecond
			out := c.Do(ctx, r)
			Expect(out.Status).To(Equal(200))
			Expect(out.Noted(wire.NoteUnasked)).To(Equal(i == 1))
			Expect(out.Reused).To(BeFalse())
		}
	})

	It("is not kept any more by a server that once spoke unasked", func(ctx SpecContext) {
		said := make(chan bool, 1)
		var requests atomic.Int64
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			for readRequest(br) != nil {
				_, _ = io.WriteString(conn, kept)
				if requests.Add(1) == 1 {
					_, _ = io.WriteString(conn, "HTTP/1.1 500 Not Yours\r\nContent-Length: 0\r\n\r\n")
				}
				said <- true
			}
		})
		c := patient()
		first := c.Do(ctx, post(s.Target, "1"))
		<-said
		second := c.Do(ctx, post(s.Target, "2"))
		<-said
		// With the answer or after it, it is noted.
		Expect(first.Noted(wire.NoteBodyExtra) || second.Noted(wire.NoteUnasked)).To(BeTrue())
		for range 3 {
			out := c.Do(ctx, post(s.Target, "3"))
			<-said
			Expect(out.Status).To(Equal(200))
			Expect(out.Reused).To(BeFalse())
			Expect(out.Notes).To(BeEmpty())
		}
	})

	It("outlives the deadline of the exchange before", func(ctx SpecContext) {
		s := answering(kept, true)
		c := client(wire.Config{Timeout: 500 * time.Millisecond})
		for i := range 2 {
			out := c.Do(ctx, post(s.Target, "{}"))
			Expect(out.Err).NotTo(HaveOccurred())
			Expect(out.Reused).To(Equal(i > 0))
			time.Sleep(510*time.Millisecond - out.Total)
		}
	})

	It("is one of at most MaxIdle", func(ctx SpecContext) {
		for _, max := range []int{3, -1} {
			var together sync.WaitGroup
			together.Add(8)
			var first atomic.Int64
			s := serve(func(conn net.Conn) {
				br := bufio.NewReader(conn)
				for readRequest(br) != nil {
					if first.Add(1) <= 8 {
						together.Done()
						together.Wait()
					}
					_, _ = io.WriteString(conn, kept)
				}
			})
			c := client(wire.Config{MaxIdle: max})
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() { c.Do(ctx, post(s.Target, "{}")) })
			}
			all.Wait()
			Expect(s.accepted.Load()).To(BeEquivalentTo(8))
			reused := 0
			for range 3 {
				if c.Do(ctx, post(s.Target, "{}")).Reused {
					reused++
				}
			}
			Expect(reused).To(Equal(map[int]int{3: 3, -1: 0}[max]))
		}
	})

	It("is closed with the client, which then sends no more", func(ctx SpecContext) {
		gone := make(chan bool, 1)
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			for readRequest(br) != nil {
				_, _ = io.WriteString(conn, kept)
			}
			gone <- true
		})
		c := patient()
		Expect(c.Do(ctx, post(s.Target, "{}")).Status).To(Equal(200))
		c.Close()
		c.Close()
		Eventually(gone).Should(Receive())
		out := c.Do(ctx, post(s.Target, "{}"))
		Expect(out.Err.Kind).To(Equal(wire.ErrCanceled))
		Expect(s.accepted.Load()).To(BeEquivalentTo(1))
	})

	It("survives servers that close at random: each request is answered once and counted once", func(ctx SpecContext) {
		const workers, each = 8, 150
		var mu sync.Mutex
		counts := map[string]int{}
		var number atomic.Uint64
		s := serve(func(conn net.Conn) {
			random := rand.New(rand.NewPCG(1, number.Add(1)))
			br := bufio.NewReader(conn)
			for {
				r := readRequest(br)
				if r == nil {
					return
				}
				id := string(r.Body[:min(len(r.Body), 12)])
				mu.Lock()
				counts[id]++
				mu.Unlock()
				last := random.IntN(6) == 0
				connection := ""
				if last && random.IntN(4) == 0 {
					connection = "Connection: close\r\n"
				}
				_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s", connection, len(id), id)
				if last {
					// At once, or while the next request is on its way.
					time.Sleep(time.Duration(random.IntN(300)) * time.Microsecond)
					return
				}
			}
		})
		c := patient()
		var resent, reused atomic.Int64
		var all sync.WaitGroup
		for w := range workers {
			all.Go(func() {
				defer GinkgoRecover()
				for i := range each {
					id := fmt.Sprintf("%03d-%08d", w, i)
					body := id
					if i%50 == 7 {
						body += strings.Repeat("x", 1<<20)
					}
					out := c.Do(ctx, post(s.Target, body))
					Expect(out.Err).NotTo(HaveOccurred())
					Expect(string(out.Body)).To(Equal(id))
					if out.Resent {
						resent.Add(1)
					}
					if out.Reused {
						reused.Add(1)
					}
				}
			})
		}
		all.Wait()
		Expect(counts).To(HaveLen(workers * each))
		for id, n := range counts {
			Expect(n).To(Equal(1), id)
		}
		Expect(reused.Load()).To(BeNumerically(">", workers*each/2))
		AddReportEntry("resent", strconv.FormatInt(resent.Load(), 10))
	})
})
