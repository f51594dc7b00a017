package wire_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// hostile is an answer that no careful server gives, and what the server does
// with the connection after it.
type hostile struct {
	name   string
	answer string
	end    ending
}

type ending int

const (
	closes ending = iota
	resets
	holds
)

func (e ending) String() string { return []string{"closed", "reset", "held"}[e] }

// named calls each in the order of the names.
func named(m map[string]string, each func(name, value string)) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		each(name, m[name])
	}
}

// hostileAnswers generates them: each fault of a status line, a header, a length,
// a chunk, at each place where it can stand, with each end of the connection that
// makes a difference.
func hostileAnswers() []hostile {
	var all []hostile
	add := func(name, answer string, ends ...ending) {
		if len(ends) == 0 {
			ends = []ending{closes}
		}
		for _, e := range ends {
			all = append(all, hostile{name + ", " + e.String(), answer, e})
		}
	}
	const body = "Content-Length: 5\r\n\r\nhello"

	named(map[string]string{
		"two blanks": "HTTP/1.1  200 OK", "blank and tab": "HTTP/1.1 \t200 OK", "no space": "HTTP/1.1200 OK", "two digits": "HTTP/1.1 20 OK", "four digits": "HTTP/1.1 2000 OK", "letters": "HTTP/1.1 abc OK",
		"below 100": "HTTP/1.1 099 OK", "zero": "HTTP/1.1 000 OK", "negative": "HTTP/1.1 -200 OK", "plus": "HTTP/1.1 +200 OK", "over 599": "HTTP/1.1 999 OK",
		"600":       "HTTP/1.1 600 OK",
		"no number": "HTTP/1.1 OK", "nothing": "HTTP/1.1", "lower case": "http/1.1 200 OK", "HTTP/2": "HTTP/2 200 OK", "HTTP/2.0": "HTTP/2.0 200 OK", "HTTP/1.2": "HTTP/1.2 200 OK", "HTTP/0.9": "HTTP/0.9 200 OK",
		"HTTP/3": "HTTP/3 200 OK", "ICY": "ICY 200 OK", "leading blank": " HTTP/1.1 200 OK", "leading line": "\r\nHTTP/1.1 200 OK", "BOM": "\xef\xbb\xbfHTTP/1.1 200 OK",
		"NUL": "HTTP/1.1 200 O\x00K", "CR": "HTTP/1.1 200 O\rK", "tab": "HTTP/1.1\t200\tOK", "no reason": "HTTP/1.1 200", "latin1": "HTTP/1.1 200 Acci\xf3n",
		"long": "HTTP/1.1 200 " + strings.Repeat("x", 7000), "very long": "HTTP/1.1 200 " + strings.Repeat("x", 20_000), "too long": "HTTP/1.1 200 " + strings.Repeat("x", 200_000),
		"HTTP/1.0": "HTTP/1.0 200 OK", "colon": "HTTP/1.1: 200 OK", "fraction": "HTTP/1.1 200.5 OK", "comma": "HTTP/1.1 200, OK",
		"hex": "HTTP/1.1 0xC8 OK", "status twice": "HTTP/1.1 200 HTTP/1.1 500", "101": "HTTP/1.1 101 Switching Protocols",
	}, func(name, line string) {
		add("status line: "+name, line+"\r\n"+body)
	})
	named(map[string]string{
		"no colon": "what is this", "blank name": ": x", "blank before colon": "Foo : bar", "blank in name": "Foo bar: x", "folding": " folded", "NUL": "A: \x00b", "NUL in name": "A\x00: b",
		"CR": "A: b\rC: d", "bell": "A: \x07", "UTF-8": "A: acción", "latin1 name": "Acci\xf3n: b", "DEL": "A: \x7f", "tab before": "\tA: b", "long": "A: " + strings.Repeat("x", 60_000),
		"70 KB": "A: " + strings.Repeat("x", 70_000), "120 KB": "A: " + strings.Repeat("x", 120_000), "400 KB": "A: " + strings.Repeat("x", 400_000),
		"500 lines": strings.Repeat("A: b\r\n", 500) + "A: b", "2000 lines": strings.Repeat("A: b\r\n", 2000) + "A: b", "10,000 lines": strings.Repeat("A: b\r\n", 10000) + "A: b",
		"250 KB of lines":    strings.Repeat("A: "+strings.Repeat("x", 1000)+"\r\n", 250) + "A: b",
		"500 KB of lines":    strings.Repeat("A: "+strings.Repeat("x", 1000)+"\r\n", 500) + "A: b",
		"second status line": "HTTP/1.1 500 Oops", "html": "<html>", "quoted": "\"A\": b", "slash": "A/B: c",
	}, func(name, line string) {
		add("header first: "+name, ok+line+"\r\n"+body)
		add("header later: "+name, ok+"Server: x\r\n"+line+"\r\n"+body)
	})
	for _, cut := range []string{"H", "HTTP", "HTTP/1.1", "HTTP/1.1 2", "HTTP/1.1 200", "HTTP/1.1 200 OK", ok, ok + "Cont", ok + "Content-Length: 5", ok + "Content-Length: 5\r\n", ok + "Content-Length: 5\r\n\r", ok + "Server: a\r\nB"} {
		add(fmt.Sprintf("cut after %q", cut), cut, closes, resets, holds)
	}
	for _, length := range []string{"-1", "-0", "+5", "five", "", "5.0", "0x5", "5 5", "5;", "5,5", "5, 5", "5,6", "6,5", "1e3", "99999999999999999999999", "9223372036854775807", "9223372036854775808", "18446744073709551616", " 5 ", "\"5\"", "5x", "05", "00000000000000000005", "٥"} {
		add("Content-Length: "+fmt.Sprintf("%q", length), ok+"Content-Length: "+length+"\r\n\r\nhello", closes)
	}
	named(map[string]string{"twice equal": "5|5", "twice different": "5|6", "different back": "6|5", "number and nonsense": "5|x", "nonsense and number": "x|5"}, func(name, lengths string) {
		a, b, _ := strings.Cut(lengths, "|")
		add("two lengths: "+name, ok+"Content-Length: "+a+"\r\nContent-Length: "+b+"\r\n\r\nhello!", closes)
	})
	const chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
	for _, size := range []string{"xyz", "", "-5", "+5", "0x5", "5 ", " 5", "5;", "5;a=b", "5 ; a", "5g", "fffffffffffffffff", "ffffffffffffffff", "7fffffffffffffff", "8000000000000000", "00000000000000005", "000000000000000000000000000000000000000005", "5\x00", "5\t", "5;" + strings.Repeat("x", 5000), "5;" + strings.Repeat("x", 20000), "5.", "{"} {
		name := size
		if len(name) > 50 {
			name = fmt.Sprintf("5; and %d", len(size))
		}
		add(fmt.Sprintf("chunk size %q", name), chunked+size+"\r\nhello\r\n0\r\n\r\n")
	}
	named(map[string]string{
		"too short size": "3\r\nhello\r\n0\r\n\r\n", "too long size": "9\r\nhello\r\n0\r\n\r\n", "no line end after": "5\r\nhello0\r\n\r\n", "LF only": "5\nhello\n0\n\n", "CR only": "5\rhello\r0\r\r",
		"no last chunk": "5\r\nhello\r\n", "last chunk without end": "5\r\nhello\r\n0\r\n", "cut in size": "5\r\nhello\r\n1", "cut in data": "5\r\nhel", "plain body": "hello", "empty": "", "JSON": "{\"ok\":true}",
		"trailers": "5\r\nhello\r\n0\r\nA: b\r\n\r\n", "bad trailer": "5\r\nhello\r\n0\r\nwhat\r\n\r\n", "many trailers": "5\r\nhello\r\n0\r\n" + strings.Repeat("A: b\r\n", 50_000) + "\r\n",
		"double zero": "0\r\n\r\n0\r\n\r\n", "zeros": "000\r\n\r\n",
	}, func(name, body string) {
		add("chunks: "+name, chunked+body)
	})
	for _, b := range []string{"5\r\nhello\r\n", "5\r\nhel", "5\r\nhello\r\n1", "5", ""} {
		add(fmt.Sprintf("chunks cut: %q", b), chunked+b, resets, holds)
	}
	for _, te := range []string{"gzip, chunked", "chunked, gzip", "chunked, chunked", "xchunked", "chunkedx", "identity", "brotli", "", "chunked;q=1", "\"chunked\"", "Chunked", "identity, chunked", "chunked,", ",chunked", " chunked"} {
		add(fmt.Sprintf("Transfer-Encoding: %q", te), ok+"Transfer-Encoding: "+te+"\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	}
	add("chunked on HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	add("chunked and length", ok+"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	add("length and chunked", ok+"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	add("bad length and chunked", ok+"Content-Length: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	add("chunked and bad length", ok+"Transfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
	for _, l := range []string{"", "hel"} {
		add("length 5, body "+fmt.Sprintf("%q", l), ok+"Content-Length: 5\r\n\r\n"+l, closes, resets, holds)
	}
	add("no length", ok+"\r\nhello", closes, resets, holds)
	add("204 with bad length", "HTTP/1.1 204 No Content\r\nContent-Length: x\r\n\r\n")
	add("204 with length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", closes, holds)
	add("204 with chunked", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", closes, holds)
	add("205 with body", "HTTP/1.1 205 Reset\r\nContent-Length: 5\r\n\r\nhello")
	for _, s := range []string{"100 Continue", "102 Processing", "103 Early Hints", "199 What", "101 Switching Protocols"} {
		add(s+" alone", "HTTP/1.1 "+s+"\r\n\r\n", closes, resets, holds)
		add(s+" before", "HTTP/1.1 "+s+"\r\n\r\n"+ok+body)
		add(s+" with a length before", "HTTP/1.1 "+s+"\r\nContent-Length: 5\r\n\r\n"+ok+body)
		add(s+" with bad header before", "HTTP/1.1 "+s+"\r\nwhat\r\n\r\n"+ok+body)
	}
	add("100 times 20", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 20)+ok+body)
	add("100 times 1000", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 1000)+ok+body)
	add("101 upgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"+ok+body)
	add("two responses", ok+body+"HTTP/1.1 500 Oops\r\n"+body)
	add("length too small", ok+"Content-Length: 3\r\n\r\nhello")
	named(map[string]string{"nothing": "", "NULs": strings.Repeat("\x00", 100), "html": "<html>200 OK</html>", "TLS alert": "\x15\x03\x01\x00\x02\x02\x50", "SSH": "SSH-2.0-OpenSSH_9\r\n", "SMTP": "220 mail ESMTP\r\n", "json": "{\"status\":200}", "h2 settings": "\x00\x00\x00\x04\x00\x00\x00\x00\x00", "newlines": strings.Repeat("\r\n", 100), "random": strings.Repeat("\xde\xad", 50)}, func(name, raw string) {
		add("no HTTP: "+name, raw, closes)
	})
	return all
}

// stricter are the answers that curl takes and we do not, because no server gives
// them and other clients refuse them.
var stricter = map[string]string{
	"100 times 1000, closed":             "more informational responses than we wait for",
	"header first: 10,000 lines, closed": "newer versions of curl stop at 5000",
	"header later: 10,000 lines, closed": "newer versions of curl stop at 5000",
	"status line: comma, closed":         "what follows the status is no blank",
	"status line: fraction, closed":      "what follows the status is no blank",
}

// serveHostile gives every request the answer, and ends the connection.
func serveHostile(over <-chan struct{}, h hostile) *server {
	return serve(func(conn net.Conn) {
		br := bufio.NewReader(conn)
		if readRequest(br) == nil {
			return
		}
		_, _ = io.WriteString(conn, h.answer)
		switch h.end {
		case closes:
			finish(conn, br)
		case resets:
			_ = conn.(*net.TCPConn).SetLinger(0)
		case holds:
			<-over
		}
	})
}

// curled is what curl made of a server: its exit code and the status.
type curled struct{ exit, status int }

// curl asks servers one after the other and tells by URL. Some answers make it
// give up those that follow, which another process then asks.
func curl(ctx context.Context, patience time.Duration, servers []*server) map[string]curled {
	GinkgoHelper()
	made := map[string]curled{}
	for told := -1; len(made) < len(servers); {
		Expect(len(made)).To(BeNumerically(">", told), "curl says nothing")
		told = len(made)
		var config strings.Builder
		for _, s := range servers {
			if _, known := made[s.URL()]; !known {
				_, _ = fmt.Fprintf(&config, "url = %q\noutput = /dev/null\n", s.URL())
			}
		}
		command := exec.CommandContext(ctx, "curl", "-q", "-s", "--noproxy", "*", "-d", "{}",
			"-m", strconv.FormatFloat(patience.Seconds(), 'f', 1, 64), "-w", "%{url_effective} %{exitcode} %{http_code}\n", "-K", "-")
		command.Stdin = strings.NewReader(config.String())
		said, err := command.Output()
		var failed *exec.ExitError
		if !errors.As(err, &failed) {
			Expect(err).NotTo(HaveOccurred())
		}
		for line := range strings.Lines(string(said)) {
			var url string
			var c curled
			Expect(fmt.Sscan(line, &url, &c.exit, &c.status)).To(Equal(3), line)
			made[url] = c
		}
	}
	return made
}

var _ = Describe("a hostile response", Label("whole"), func() {
	It("is a receipt exactly when curl takes it for one, or when only its body is cut short, which is noted", func(ctx SpecContext) {
		if _, err := exec.LookPath("curl"); err != nil {
			Skip("no curl here")
		}
		all := hostileAnswers()
		Expect(len(all)).To(BeNumerically(">=", 250))
		patience := map[bool]time.Duration{false: 20 * time.Second, true: time.Second}
		const processes = 12
		servers, groups := make([]*server, len(all)), make([][]*server, 2*processes)
		for i, h := range all {
			servers[i] = serveHostile(ctx.Done(), h)
			group := i % processes
			if h.end == holds {
				group += processes
			}
			groups[group] = append(groups[group], servers[i])
		}
		made := map[string]curled{}
		var mu sync.Mutex
		var asking sync.WaitGroup
		for i, group := range groups {
			asking.Go(func() {
				defer GinkgoRecover()
				told := curl(ctx, patience[i >= processes], group)
				mu.Lock()
				defer mu.Unlock()
				maps.Copy(made, told)
			})
		}
		asking.Wait()
		Expect(made).To(HaveLen(len(all)))
		clients := map[bool]*wire.Client{}
		for held, p := range patience {
			clients[held] = client(wire.Config{Timeout: p})
		}
		refused, taken, noted := 0, 0, 0
		var together sync.WaitGroup
		for i, h := range all {
			held, s := h.end == holds, servers[i]
			together.Go(func() {
				defer GinkgoRecover()
				exit, status := made[s.URL()].exit, made[s.URL()].status
				out := clients[held].Do(ctx, post(s.Target, "{}"))
				mu.Lock()
				defer mu.Unlock()
				seen := fmt.Sprintf("%s: curl exits with %d, status %d; we saw %d, %v, %v", h.name, exit, status, out.Status, out.Notes, out.Err)
				switch receipt := exit == 0 && status >= 200 && status < 300; {
				case stricter[h.name] != "":
					Expect(receipt).To(BeTrue(), seen)
					Expect(out.Acknowledged()).To(BeFalse(), seen)
				case receipt:
					taken++
					Expect(out.Acknowledged()).To(BeTrue(), seen)
				case out.Acknowledged():
					// The header came, so that the receiver has said its 2xx.
					noted++
					Expect(exit).To(BeElementOf(18, 28, 56), seen)
					Expect(out.Notes).To(ContainElement(BeElementOf(wire.NoteBodyCut, wire.NoteBodySlow, wire.NoteHeaderCut, wire.NoteBodyMalformed)), seen)
				case exit == 0 && status > 0:
					Expect(out.Status).To(Equal(status), seen)
				default:
					refused++
				}
			})
		}
		together.Wait()
		AddReportEntry("answers", fmt.Sprintf("%d: %d receipts, %d with a note that curl refuses, %d refused", len(all), taken, noted, refused))
		Expect(refused).To(BeNumerically(">=", 120))
		Expect(noted).To(BeNumerically(">=", 20))
	}, SpecTimeout(2*time.Minute))
})
