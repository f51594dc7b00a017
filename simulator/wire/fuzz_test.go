package wire_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// seeds are answers of every kind, good and bad, to start from.
func seeds() []string {
	chunked := ok + "Transfer-Encoding: chunked\r\n\r\n"
	return []string{
		"", "H", "HTTP/1.1 200 OK", ok, ok + "\r\n", ok + "\r\nhello", kept, kept + kept,
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304\r\n\r\n", "HTTP/1.1  200 \nA:b\n c\n\nx",
		"HTTP/1.1 100 Continue\r\n\r\n" + kept, strings.Repeat("HTTP/1.1 100 C\r\n\r\n", 40),
		ok + "Content-Length: 9\r\n\r\nhello", ok + "Content-Length: 1, 2\r\nContent-Length: x\r\n\r\nhello",
		ok + "Content-Length: 99999999999999999999\r\n\r\n", ok + "Content-Length: -1\r\n\r\nhello",
		chunked + "5;x\r\nhello\r\n0\r\nA: b\r\n\r\n", chunked + "5\r\nhel", chunked + "z\r\n", chunked + "5\r\nhelloworld\r\n",
		chunked + "fffffffffffffff\r\nx", chunked + "7fffffffffffffff\r\nx", chunked + "0\r\n",
		ok + "Transfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", ok + "no colon\r\n : x\r\nA : b\r\n\r\n",
		ok + "A: " + strings.Repeat("x", 70_000) + "\r\n\r\n", ok + strings.Repeat("A: b\r\n", 1200) + "\r\n",
		"HTTP/1.1 200 " + strings.Repeat("x", 9000), "HTTP/2 200\r\n\r\n", "SSH-2.0-x\r\n", "\x15\x03\x01\x00\x02\x02\x46",
	}
}

// checkAnswer holds an outcome against what is promised of every one; the
// complaint is empty when all is well.
func checkAnswer(out *wire.Outcome, keep bool) string {
	size := 0
	for _, f := range out.Header {
		size += len(f.Name) + len(f.Value)
	}
	switch {
	case (out.Err == nil) != (out.Status != 0):
		return "error and status do not exclude each other"
	case out.Err != nil && (out.Err.Err == nil || strings.ContainsFunc(out.Err.Error(), func(c rune) bool { return c < ' ' || c == 0x7f })):
		return "error without cause or not on one line"
	case out.Err != nil && (keep || out.Body != nil):
		return "an error with more"
	case out.Err == nil && (out.Status < 200 && out.Status != 101 || out.Status > 999):
		return "status that is not final"
	case len(out.Header) > 5000 || size > 300<<10 || len(out.Reason) > 100<<10:
		return "header over its bounds"
	case len(out.Body) > 64<<10 || out.BodyBytes > 1<<20 || int64(len(out.Body)) != min(out.BodyBytes, 64<<10):
		return "body over its bounds or miscounted"
	case keep && len(out.Notes) > 0:
		return "connection kept after an oddity"
	}
	return ""
}

// checkAgainstNetHTTP holds an outcome against what net/http makes of the same
// bytes, where that accepts them whole.
func checkAgainstNetHTTP(data []byte, out *wire.Outcome) string {
	br := bufio.NewReader(bytes.NewReader(data))
	var resp *http.Response
	for i := 0; resp == nil || resp.StatusCode < 200 && resp.StatusCode != 101; i++ {
		next, err := http.ReadResponse(br, &http.Request{Method: "POST"})
		if err != nil || i > 32 || next.StatusCode < 100 || next.ProtoMajor != 1 || next.ProtoMinor > 1 {
			return ""
		}
		resp = next
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	switch {
	case err != nil && out.Err != nil:
		return "" // both refuse it, one for the whole answer
	case out.Err != nil && out.Err.Kind == wire.ErrMalformed:
		return "" // curl is stricter, a NUL in the status line for one; the hostile answers are held against it
	case out.Status != resp.StatusCode && len(data) < 8<<10:
		return "another status than net/http"
	case err == nil && out.Err == nil && len(out.Notes) == 0 && !bytes.Equal(out.Body, body[:min(len(body), 64<<10)]):
		return "another body than net/http"
	}
	return ""
}

func FuzzAnswer(f *testing.F) {
	all := seeds()
	if len(all) != 33 {
		f.Fatalf("%d seeds, want 33", len(all))
	}
	for _, s := range all {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		out, keep := wire.ReadAnswer(bytes.NewReader(data), "POST")
		if complaint := checkAnswer(out, keep); complaint != "" {
			t.Fatalf("%s: %+v", complaint, out)
		}
		if complaint := checkAgainstNetHTTP(data, out); complaint != "" {
			t.Fatalf("%s: %+v", complaint, out)
		}
		// How the bytes are cut into pieces is nothing of the answer's own.
		slow, slowKeep := wire.ReadAnswer(iotest.OneByteReader(bytes.NewReader(data)), "POST")
		if slow.Status != out.Status || !bytes.Equal(slow.Body, out.Body) || len(slow.Header) != len(out.Header) || keep && !slowKeep {
			t.Fatalf("other in pieces: %+v, %+v", out, slow)
		}
	})
}

func FuzzParseTarget(f *testing.F) {
	all := []string{"", "http://localhost:8000/x?a=1#b", "https://u:p@[::1%25eth0]:1/%41;x", "localhost/x", "http://ñ/ñ", "http://a b", "http://user:hunter2@", "ftp://x", "http://h/?token=x&key"}
	if len(all) != 9 {
		f.Fatalf("%d seeds, want 9", len(all))
	}
	for _, s := range all {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		parsed, err := wire.ParseTarget(raw)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\r\n\x00") {
				t.Fatalf("error on several lines: %q", err)
			}
			return
		}
		head := wire.AppendHead(nil, &wire.Request{Target: parsed})
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
		if err != nil {
			t.Fatalf("%q: net/http cannot read %q: %v", raw, head, err)
		}
		if r.RequestURI != parsed.RequestURI() || r.Host != parsed.Host() || parsed.URL() != raw {
			t.Fatalf("%q: %q, %q", raw, r.RequestURI, r.Host)
		}
	})
}

var _ = Describe("any stream of bytes", func() {
	It("from a server gives an outcome in bounded time", func(ctx SpecContext) {
		answers := make(chan []byte, 1)
		s := serve(func(conn net.Conn) {
			br := bufio.NewReader(conn)
			if readRequest(br) == nil {
				return
			}
			_, _ = conn.Write(<-answers)
			finish(conn, br)
		})
		c := client(wire.Config{Timeout: 10 * time.Second})
		all := seeds()
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			var stream []byte
			for range rapid.IntRange(1, 4).Draw(t, "pieces") {
				piece := []byte(rapid.SampledFrom(all).Draw(t, "piece"))
				if rapid.Bool().Draw(t, "cut") {
					piece = piece[:rapid.IntRange(0, len(piece)).Draw(t, "at")]
				}
				if len(piece) > 0 && rapid.Bool().Draw(t, "flip") {
					piece[rapid.IntRange(0, len(piece)-1).Draw(t, "where")] = rapid.Byte().Draw(t, "byte")
				}
				stream = append(stream, piece...)
			}
			answers <- stream
			r := post(s.Target, "{}")
			r.Fresh = true
			out := c.Do(ctx, r)
			if complaint := checkAnswer(out, false); complaint != "" {
				t.Fatalf("%s: %+v", complaint, out)
			}
			if complaint := checkAgainstNetHTTP(stream, out); complaint != "" {
				t.Fatalf("%s: %+v", complaint, out)
			}
			if out.Total > 8*time.Second {
				t.Fatalf("took %v: %+v", out.Total, out)
			}
		})
	})

	It("of a well-formed answer is read as it was meant", func() {
		token := rapid.StringMatching(`[A-Za-z0-9!#$%&'*+.^_|~-]{1,20}`)
		value := rapid.StringMatching(`([!-~ñ]([ -~ñ]{0,30}[!-~ñ])?)?`)
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			status := rapid.IntRange(200, 999).Filter(func(n int) bool { return n != 204 && n != 304 }).Draw(t, "status")
			reason := value.Draw(t, "reason")
			body := rapid.SliceOfN(rapid.Byte(), 0, 3000).Draw(t, "body")
			eol := rapid.SampledFrom([]string{"\r\n", "\n"}).Draw(t, "eol")
			var fields []wire.Field
			for range rapid.IntRange(0, 8).Draw(t, "fields") {
				fields = append(fields, wire.Field{Name: "X" + token.Draw(t, "name"), Value: value.Draw(t, "value")})
			}
			var b bytes.Buffer
			for range rapid.IntRange(0, 3).Draw(t, "informational") {
				b.WriteString("HTTP/1.1 103 Hints" + eol + "Link: x" + eol + eol)
			}
			b.WriteString("HTTP/1.1 " + strconv.Itoa(status) + " " + reason + eol)
			chunked := rapid.Bool().Draw(t, "chunked")
			if chunked {
				fields = append(fields, wire.Field{Name: "Transfer-Encoding", Value: "chunked"})
			} else {
				fields = append(fields, wire.Field{Name: "Content-Length", Value: strconv.Itoa(len(body))})
			}
			for _, f := range fields {
				b.WriteString(f.Name + ":" + f.Value + eol)
			}
			b.WriteString(eol)
			if !chunked {
				b.Write(body)
			} else {
				for rest := body; ; {
					n := min(len(rest), rapid.IntRange(1, 1000).Draw(t, "chunk"))
					b.WriteString(strconv.FormatInt(int64(n), 16) + eol)
					if n == 0 {
						b.WriteString(eol)
						break
					}
					b.Write(rest[:n])
					b.WriteString(eol)
					rest = rest[n:]
				}
			}
			out, keep := wire.ReadAnswer(&b, "POST")
			if out.Err != nil || out.Status != status || out.Reason != reason || !bytes.Equal(out.Body, body) || len(out.Notes) > 0 || !keep || b.Len() > 0 {
				t.Fatalf("keep %v: %+v", keep, out)
			}
			if len(out.Header) != len(fields) {
				t.Fatalf("%+v, want %+v", out.Header, fields)
			}
			for i := range fields {
				if out.Header[i] != fields[i] {
					t.Fatalf("%+v, want %+v", out.Header[i], fields[i])
				}
			}
		})
	})
})
