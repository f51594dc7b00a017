package wire_test

import (
	"bufio"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	. "github.com/onsi/gomega/gstruct"
	"github.com/onsi/gomega/types"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// ok begins an acknowledgement; what follows it can only be a note.
const ok = "HTTP/1.1 200 OK\r\n"

var _ = Describe("a response", func() {
	It("is told in full", func(ctx SpecContext) {
		s := answering("HTTP/1.1 202 Accepted, thanks\r\nSet-Cookie: a=1\r\nX-Folded: one\r\n\ttwo\r\n  three\r\nset-cookie:b=2\r\nX-Empty:\r\nContent-Length: 5\r\n\r\nhello", true)
		out := patient().Do(ctx, post(s.Target, "{}"))
		Expect(out.Err).NotTo(HaveOccurred())
		Expect(out.Status).To(Equal(202))
		Expect(out.Acknowledged()).To(BeTrue())
		Expect(out.Proto + "|" + out.Reason).To(Equal("HTTP/1.1|Accepted, thanks"))
		Expect(out.Header).To(Equal([]wire.Field{{"Set-Cookie", "a=1"}, {"X-Folded", "one two three"}, {"set-cookie", "b=2"}, {"X-Empty", ""}, {"Content-Length", "5"}}))
		Expect(out.Get("SET-COOKIE")).To(Equal("a=1"))
		Expect(out.Values("Set-Cookie")).To(Equal([]string{"a=1", "b=2"}))
		Expect(out.Get("nope")).To(BeEmpty())
		Expect(out.Values("nope")).To(BeNil())
		Expect(string(out.Body)).To(Equal("hello"))
		Expect(out.BodyBytes).To(BeEquivalentTo(5))
		Expect(out.Notes).To(BeEmpty())
		Expect(out.Connected).To(BeTrue())
		Expect(out.Reused || out.Resent).To(BeFalse())
		Expect("http://" + out.Remote + "/hook").To(Equal(s.URL()))
		Expect(out.TLS).To(BeNil())
		Expect(out.Started).To(BeTemporally("~", time.Now(), 5*time.Second))
		Expect(out.Latency).To(BeNumerically(">", 0))
		Expect(out.Total).To(BeNumerically(">=", out.Latency))
	})

	It("comes over IPv6", func(ctx SpecContext) {
		probe, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "[::1]:0")
		if err != nil {
			Skip("no IPv6 here")
		}
		_ = probe.Close()
		hosts := make(chan string, 1)
		s := serveOn("[::1]:0", func(conn net.Conn) {
			hosts <- readRequest(bufio.NewReader(conn)).Host
			_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
		})
		Expect(patient().Do(ctx, post(s.Target, "{}")).Status).To(Equal(204))
		Expect(<-hosts).To(Equal(s.Host()))
		Expect(s.Host()).To(HavePrefix("[::1]:"))
	})

	DescribeTable("is decided by its status line, whatever follows",
		func(ctx SpecContext, answer string, hold bool, body types.GomegaMatcher, notes ...wire.Note) {
			c := patient()
			if slices.Contains(notes, wire.NoteBodySlow) || slices.Contains(notes, wire.NoteHeaderSlow) {
				c = impatient()
			}
			s := answering(answer, hold)
			out := insist(func() *wire.Outcome { return c.Do(ctx, post(s.Target, "{}")) })
			Expect(out.Err).NotTo(HaveOccurred())
			Expect(out.Status).To(Equal(200))
			Expect(out.Acknowledged()).To(BeTrue())
			Expect(out.Notes).To(ConsistOf(notes))
			Expect(string(out.Body)).To(body)
			Expect(out.Total).To(BeNumerically("<", 8*time.Second))
		},
		Entry("until the end of the connection", ok+"\r\nhello", false, Equal("hello")),
		Entry("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nhello", false, Equal("hello")),
		Entry("bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", true, Equal("hello")),
		Entry("no reason", "HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello", true, Equal("hello")),
		Entry("blanks in the status line", "HTTP/1.1  \t200  \r\nContent-Length: 5\r\n\r\nhello", true, Equal("hello")),
		Entry("no header at all", ok+"\r\n", false, BeEmpty()),
		Entry("chunks", ok+"Transfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: a\r\n\r\n", true, Equal("hello!")),
		Entry("chunks with bare line feeds", ok+"Transfer-Encoding: chunked\n\n5\nhello\n0\n\n", true, Equal("hello")),
		Entry("identity is no coding", ok+"Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello", true, Equal("hello")),
		Entry("an unnamed coding is none", ok+"Transfer-Encoding: ,chunked,\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true, Equal("hello")),
		Entry("chunks beat a length", ok+"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true, Equal("hello")),
		Entry("the same length twice", ok+"Content-Length: 5\r\nContent-Length: 5, 5\r\n\r\nhello", true, Equal("hello")),
		Entry("100 Continue before", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"+ok+"Content-Length: 5\r\n\r\nhello", true, Equal("hello")),

		Entry("HTTP/2 in words", "HTTP/2 200\r\nContent-Length: 5\r\n\r\nhello", true, Equal("hello"), wire.NoteStatusLine),
		Entry("small letters", "http/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", true, Equal("hello"), wire.NoteStatusLine),
		Entry("a long status line", "HTTP/1.1 200 "+strings.Repeat("x", 20_000)+"\r\nContent-Length: 5\r\n\r\nhello", true, Equal("hello")),
		Entry("90 KiB of header", ok+"A: "+strings.Repeat("x", 90<<10)+"\r\nContent-Length: 5\r\n\r\nhello", true, Equal("hello")),
		Entry("2000 header lines", ok+strings.Repeat("A: b\r\n", 2000)+"Content-Length: 5\r\n\r\nhello", true, Equal("hello")),
		Entry("a long extension of a chunk", ok+"Transfer-Encoding: chunked\r\n\r\n5;"+strings.Repeat("x", 20_000)+"\r\nhello\r\n0\r\n\r\n", true, Equal("hello")),
		Entry("many trailers", ok+"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"+strings.Repeat("A: b\r\n", 20_000)+"\r\n", true, Equal("hello")),

		Entry("a number and more", ok+"Content-Length: 5 bytes\r\n\r\nhello", true, Equal("hello"), wire.NoteBodyMalformed),
		Entry("a chunk size and more", ok+"Transfer-Encoding: chunked\r\n\r\n5x\r\nhello\r\n0\r\n\r\n", true, Equal("hello"), wire.NoteBodyMalformed),
		Entry("length too large, closed", ok+"Content-Length: 9\r\n\r\nhello", false, Equal("hello"), wire.NoteBodyCut),
		Entry("length too large, held", ok+"Content-Length: 9\r\n\r\nhello", true, Equal("hello"), wire.NoteBodySlow),
		Entry("length beyond all numbers", ok+"Content-Length: 99999999999999999999999\r\n\r\nhello", false, Equal("hello"), wire.NoteBodyCut),
		Entry("length too small", ok+"Content-Length: 4\r\n\r\nhello", true, Equal("hell"), wire.NoteBodyExtra),
		Entry("length over the limit", ok+"Content-Length: 5000000\r\n\r\n"+strings.Repeat("x", 5_000_000), true, HaveLen(64<<10), wire.NoteBodyEndless),
		Entry("no end of the body", ok+"\r\nhello", true, Equal("hello"), wire.NoteBodySlow),
		Entry("contradictory lengths", ok+"Content-Length: 5\r\nContent-Length: 7\r\n\r\nhello, world", true, Equal("hello"), wire.NoteBodyMalformed),
		Entry("contradictory list", ok+"Content-Length: 7, 5\r\n\r\nhello, world", true, Equal("hello"), wire.NoteBodyMalformed),
		Entry("body cut between chunks", ok+"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", false, Equal("hello"), wire.NoteBodyCut),
		Entry("body cut inside a chunk", ok+"Transfer-Encoding: chunked\r\n\r\n9\r\nhello", false, Equal("hello"), wire.NoteBodyCut),
		Entry("body cut after a chunk", ok+"Transfer-Encoding: chunked\r\n\r\n5\r\nhello", false, Equal("hello"), wire.NoteBodyCut),
		Entry("body cut in the trailer", ok+"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", false, Equal("hello"), wire.NoteBodyCut),
		Entry("chunks without end", ok+"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", true, Equal("hello"), wire.NoteBodySlow),
		Entry("huge chunk size", ok+"Transfer-Encoding: chunked\r\n\r\n7fffffffffffff\r\nhello", false, Equal("hello"), wire.NoteBodyCut),

		Entry("header cut", ok+"A: b\r\nC", false, BeEmpty(), wire.NoteHeaderCut),
		Entry("cut after the status line", ok, false, BeEmpty(), wire.NoteHeaderCut),
		Entry("blank before the colon is no length", ok+"Content-Length : 2\r\nContent-Length: 5\r\n\r\nhello", true, Equal("hello"), wire.NoteHeaderBad),
	)

	DescribeTable("that no client takes is no receipt, whatever its status line, and a refusal still is one",
		func(ctx SpecContext, rest string, hold bool, kind wire.ErrorKind, text string) {
			s := answering(ok+rest, hold)
			c := patient()
			if kind == wire.ErrTimeout {
				c = impatient()
			}
			out := c.Do(ctx, post(s.Target, "{}"))
			Expect(out.Err).To(HaveOccurred())
			Expect(out.Err.Kind).To(Equal(kind))
			Expect(out.Err.Error()).To(ContainSubstring(text))
			Expect(out.Acknowledged()).To(BeFalse())
			Expect(out).To(HaveValue(MatchFields(IgnoreExtras, Fields{
				"Status": BeZero(), "Header": BeNil(), "Body": BeNil(), "Notes": BeNil(), "Latency": BeZero(), "Resent": BeFalse(),
			})))

			s = answering("HTTP/1.1 500 Oops\r\n"+rest, hold)
			out = insist(func() *wire.Outcome { return c.Do(ctx, post(s.Target, "{}")) })
			Expect(out.Err).NotTo(HaveOccurred())
			Expect(out.Status).To(Equal(500))
			Expect(out.Notes).NotTo(BeEmpty())
		},
		Entry("header without end", "A: b\r\nC", true, wire.ErrTimeout, "status 200 and a part of the header came"),
		Entry("nothing after the status line", "", true, wire.ErrTimeout, "status 200 and a part of the header came"),
		Entry("line without colon", "what is this\r\nContent-Length: 5\r\n\r\nhello", true, wire.ErrMalformed, `"what is this"`),
		Entry("folding without a line before", " what\r\nContent-Length: 5\r\n\r\nhello", true, wire.ErrMalformed, `" what"`),
		Entry("NUL in a value", "A: \x00\r\nContent-Length: 5\r\n\r\nhello", true, wire.ErrMalformed, `"A: \x00"`),
		Entry("20 MB in one header", "A: "+strings.Repeat("x", 20<<20), true, wire.ErrMalformed, "over the limits"),
		Entry("20 MB of headers", strings.Repeat("X-Header: 0123456789\r\n", 1<<20), true, wire.ErrMalformed, "over the limits"),
		Entry("10,000 short headers", strings.Repeat("A:\r\n", 10_000)+"\r\n", true, wire.ErrMalformed, "over the limits"),
		Entry("20 MB of folding", "A: b\r\n"+strings.Repeat(" x\r\n", 5<<20), true, wire.ErrMalformed, "over the limits"),
		Entry("length that is no number", "Content-Length: five\r\n\r\nhello", true, wire.ErrMalformed, `Content-Length "five" is no length`),
		Entry("negative length", "Content-Length: -5\r\n\r\nhello", true, wire.ErrMalformed, `"-5"`),
		Entry("a length and none", "Content-Length: 5\r\nContent-Length: x\r\n\r\nhello", true, wire.ErrMalformed, `"x"`),
		Entry("no length beside chunks", "Content-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", true, wire.ErrMalformed, `"x"`),
		Entry("a coding that nobody asked for", "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", true, wire.ErrMalformed, `"gzip"`),
		Entry("chunk size that is no number", "Transfer-Encoding: chunked\r\n\r\nxyz\r\nhello", true, wire.ErrMalformed, "a chunk is malformed"),
		Entry("a body that is no chunk, closed", "Transfer-Encoding: chunked\r\n\r\n{\"ok\":true}", false, wire.ErrMalformed, "a chunk is malformed"),
		Entry("empty chunk size", "Transfer-Encoding: chunked\r\n\r\n\r\nhello", true, wire.ErrMalformed, "a chunk is malformed"),
		Entry("negative chunk size", "Transfer-Encoding: chunked\r\n\r\n-5\r\nhello", true, wire.ErrMalformed, "a chunk is malformed"),
		Entry("chunk size beyond all numbers", "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello", true, wire.ErrMalformed, "a chunk is malformed"),
		Entry("chunk longer than announced", "Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n", true, wire.ErrMalformed, "a chunk is malformed"),
		Entry("endless extension", "Transfer-Encoding: chunked\r\n\r\n5;"+strings.Repeat("x", 200_000), true, wire.ErrMalformed, "a chunk is malformed"),
		Entry("endless trailers", "Transfer-Encoding: chunked\r\n\r\n0\r\n"+strings.Repeat("A: b\r\n", 90_000), true, wire.ErrMalformed, "after the last chunk"),
		Entry("a trailer that is none", "Transfer-Encoding: chunked\r\n\r\n0\r\nwhat\r\n\r\n", true, wire.ErrMalformed, "after the last chunk"),
	)

	It("that is reset within its header is no receipt", func(ctx SpecContext) {
		s := serve(func(conn net.Conn) {
			_ = readRequest(bufio.NewReader(conn))
			_, _ = io.WriteString(conn, ok+"A: b\r\nC")
			_ = conn.(*net.TCPConn).SetLinger(0)
		})
		out := patient().Do(ctx, post(s.Target, "{}"))
		Expect(out.Err).To(HaveOccurred())
		Expect(out.Err.Kind).To(Equal(wire.ErrReset))
		Expect(out.Err.Error()).To(ContainSubstring("status 200 and a part of the header came"))
	})

	It("with a malformed informational one before it is no receipt", func(ctx SpecContext) {
		out := patient().Do(ctx, post(answering("HTTP/1.1 103 Early Hints\r\nwhat\r\n\r\n"+kept, true).Target, "{}"))
		Expect(out.Err).To(HaveOccurred())
		Expect(out.Err.Kind).To(Equal(wire.ErrMalformed))
	})

	It("of 101 is final and no receipt, and its connection is no more for HTTP", func(ctx SpecContext) {
		s := answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"+kept, true)
		c := patient()
		for range 2 {
			out := c.Do(ctx, post(s.Target, "{}"))
			Expect(out.Err).NotTo(HaveOccurred())
			Expect(out.Status).To(Equal(101))
			Expect(out.Acknowledged()).To(BeFalse())
			Expect(out.Get("Upgrade")).To(Equal("websocket"))
			Expect(out.BodyBytes).To(BeZero())
			Expect(out.Reused).To(BeFalse())
		}
	})

	It("of exactly the limit is whole", func(ctx SpecContext) {
		for _, framing := range []string{"Content-Length: 1048576\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n100000\r\n", "\r\n"} {
			answer := ok + framing + strings.Repeat("x", 1<<20)
			if strings.HasPrefix(framing, "T") {
				answer += "\r\n0\r\n\r\n"
			}
			out := patient().Do(ctx, post(answering(answer, false).Target, "{}"))
			Expect(out.Notes).To(BeEmpty())
			Expect(out.BodyBytes).To(BeEquivalentTo(1 << 20))
			Expect(out.Body).To(HaveLen(64 << 10))
		}
	})

	DescribeTable("without body is over at once",
		func(ctx SpecContext, status, method string) {
			s := answering("HTTP/1.1 "+status+"\r\nContent-Length: 100\r\n\r\n", true)
			c := patient()
			for i := range 2 {
				out := c.Do(ctx, &wire.Request{Target: s.Target, Method: method})
				Expect(strconv.Itoa(out.Status)).To(Equal(status[:3]))
				Expect(out.Notes).To(BeEmpty())
				Expect(out.Reused).To(Equal(i > 0))
			}
		},
		Entry(nil, "204 No Content", "POST"),
		Entry(nil, "304 Not Modified", "GET"),
		Entry(nil, "200 OK", "HEAD"),
	)

	It("that drips is read for no longer than the timeout", func(ctx SpecContext) {
		drip := func(before, drop string) *server {
			return serve(func(conn net.Conn) {
				_ = readRequest(bufio.NewReader(conn))
				_, err := io.WriteString(conn, before)
				for err == nil {
					time.Sleep(10 * time.Millisecond)
					_, err = io.WriteString(conn, drop)
				}
			})
		}
		c := impatient()
		attempt := func(s *server) *wire.Outcome {
			return insist(func() *wire.Outcome { return c.Do(ctx, post(s.Target, "{}")) })
		}
		out := attempt(drip(ok+"Content-Length: 100000\r\n\r\n", "x"))
		Expect(out.Status).To(Equal(200))
		Expect(out.Notes).To(ConsistOf(wire.NoteBodySlow))
		Expect(out.BodyBytes).To(BeNumerically(">", 0))
		Expect(out.Latency).To(BeNumerically("<", out.Total))
		Expect(out.Total).To(BeNumerically("~", 4*time.Second, 3900*time.Millisecond))

		out = attempt(drip("HTTP/1.1 500 Oops\r\n", "X-A: b\r\n"))
		Expect(out.Status).To(Equal(500))
		Expect(out.Notes).To(ConsistOf(wire.NoteHeaderSlow))

		out = c.Do(ctx, post(drip("HTTP/1.1 200 ", "O").Target, "{}"))
		Expect(out.Err).To(HaveOccurred())
		Expect(out.Err.Kind).To(Equal(wire.ErrTimeout))
		Expect(out.Err.Error()).To(ContainSubstring(`only "HTTP/1.1 200 O`))
	})

	It("without end is read up to the limit", func(ctx SpecContext) {
		for _, framing := range []string{"\r\n", "Transfer-Encoding: chunked\r\n\r\n"} {
			s := serve(func(conn net.Conn) {
				_ = readRequest(bufio.NewReader(conn))
				piece := strings.Repeat("x", 1<<16)
				if framing != "\r\n" {
					piece = "10000\r\n" + piece + "\r\n"
				}
				_, err := io.WriteString(conn, ok+framing)
				for err == nil {
					_, err = io.WriteString(conn, piece)
				}
			})
			out := patient().Do(ctx, post(s.Target, "{}"))
			Expect(out.Status).To(Equal(200))
			Expect(out.Notes).To(ConsistOf(wire.NoteBodyEndless))
			Expect(out.BodyBytes).To(BeEquivalentTo(1 << 20))
			Expect(out.Body).To(HaveLen(64 << 10))
			Expect(out.Total).To(BeNumerically("<", 8*time.Second))
		}
	})

	It("of one-byte chunks is read", func(ctx SpecContext) {
		answer := ok + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\nx\r\n", 1<<20) + "0\r\n\r\n"
		out := patient().Do(ctx, post(answering(answer, true).Target, "{}"))
		Expect(out.Notes).To(BeEmpty())
		Expect(out.BodyBytes).To(BeEquivalentTo(1 << 20))
	})

	It("that is a redirect is not followed", func(ctx SpecContext) {
		s := answering("HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", true)
		out := patient().Do(ctx, post(s.Target, "{}"))
		Expect(out.Status).To(Equal(307))
		Expect(out.Acknowledged()).To(BeFalse())
		Expect(out.Get("location")).To(Equal("/elsewhere"))
		Expect(s.accepted.Load()).To(BeEquivalentTo(1))
	})
})

var _ = Describe("what is no response", func() {
	DescribeTable("is named",
		func(ctx SpecContext, answer string, hold bool, kind wire.ErrorKind, text string) {
			s := answering(answer, hold)
			c := patient()
			if kind == wire.ErrTimeout {
				c = impatient()
			}
			out := c.Do(ctx, post(s.Target, "{}"))
			Expect(out.Status).To(BeZero())
			Expect(out.Err).To(HaveOccurred())
			Expect(out.Err.Kind).To(Equal(kind))
			Expect(out.Err.Error()).To(ContainSubstring(text))
			Expect(out.Err.Error()).NotTo(MatchRegexp("[[:cntrl:]]"))
			Expect(out.Connected).To(BeTrue())
			Expect(out.Resent).To(BeFalse())
			Expect(s.accepted.Load()).To(BeEquivalentTo(1), "a fresh connection is never tried again")
			Expect(out.Total).To(BeNumerically("<", 8*time.Second))
		},
		Entry("nothing, closed", "", false, wire.ErrClosed, "closed the connection without a response"),
		Entry("nothing, held", "", true, wire.ErrTimeout, "no response in time"),
		Entry("half a protocol", "HTT", false, wire.ErrClosed, `only "HTT"`),
		Entry("half a status", "HTTP/1.1 20", false, wire.ErrClosed, `only "HTTP/1.1 20"`),
		Entry("a status line without end", "HTTP/1.1 200 OK", false, wire.ErrClosed, `only "HTTP/1.1 200 OK"`),
		Entry("SSH", "SSH-2.0-OpenSSH_9.2\r\n", true, wire.ErrNotHTTP, `"SSH-2.0-OpenSSH_9.2\r\n"`),
		Entry("a TLS alert", "\x15\x03\x01\x00\x02\x02\x46", true, wire.ErrNotHTTP, `"\x15\x03\x01`),
		Entry("HTTP/2 settings", "\x00\x00\x12\x04\x00\x00\x00\x00\x00", true, wire.ErrNotHTTP, `"\x00\x00\x12\x04`),
		Entry("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", true, wire.ErrNotHTTP, `"PRI * HTTP/2.0`),
		Entry("HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", true, wire.ErrNotHTTP, "invalid status line"),
		Entry("a bare page", "<html>\x1b[31mhi</html>", false, wire.ErrNotHTTP, `"<html>\x1b[31mhi</html>"`),
		Entry("ICY", "ICY 200 OK\r\n\r\n", true, wire.ErrNotHTTP, `"ICY 200 OK`),
		Entry("two digits", "HTTP/1.1 20 OK\r\n\r\n", true, wire.ErrNotHTTP, "invalid status line"),
		Entry("four digits", "HTTP/1.1 2000 OK\r\n\r\n", true, wire.ErrNotHTTP, "invalid status line"),
		Entry("signed", "HTTP/1.1 +20 OK\r\n\r\n", true, wire.ErrNotHTTP, "invalid status line"),
		Entry("below 100", "HTTP/1.1 099 OK\r\n\r\n", true, wire.ErrNotHTTP, "invalid status line"),
		Entry("letters", "HTTP/1.1 abc OK\r\n\r\n", true, wire.ErrNotHTTP, "invalid status line"),
		Entry("no blank", "HTTP/1.1200 OK\r\n\r\n", true, wire.ErrNotHTTP, "invalid status line"),
		Entry("a long status line", "HTTP/1.1 200 "+strings.Repeat("x", 110_000), true, wire.ErrNotHTTP, "longer than 102400 bytes"),
		Entry("endless 1xx", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 5000), true, wire.ErrEndless1xx, "33 informational responses"),
		Entry("a 1xx with endless header", "HTTP/1.1 103 Early Hints\r\n"+strings.Repeat("A: b\r\n", 60_000), true, wire.ErrEndless1xx, "more than 307200 bytes"),
		Entry("1xx with much header together", strings.Repeat("HTTP/1.1 103 Early Hints\r\n"+strings.Repeat("A: b\r\n", 3000)+"\r\n", 20), true, wire.ErrEndless1xx, "more than 307200 bytes"),
		Entry("only a 1xx, closed", "HTTP/1.1 102 Processing\r\n\r\n", false, wire.ErrClosed, "the last with status 102"),
		Entry("only a 1xx, held", "HTTP/1.1 102 Processing\r\n\r\n", true, wire.ErrTimeout, "the last with status 102"),
		Entry("a 1xx cut", "HTTP/1.1 102 Processing\r\nA: b", false, wire.ErrClosed, "the last with status 102"),
	)

	It("with the status line at its limit is one", func(ctx SpecContext) {
		line := "HTTP/1.1 204 " + strings.Repeat("x", 100<<10-13-2) + "\r\n"
		Expect(line).To(HaveLen(100 << 10))
		out := patient().Do(ctx, post(answering(line+"\r\n", true).Target, "{}"))
		Expect(out.Status).To(Equal(204))
		Expect(out.Reason).To(HaveLen(100<<10 - 13 - 2))
	})
})
