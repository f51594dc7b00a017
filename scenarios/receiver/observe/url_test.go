package observe_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

// listen serves h until the spec ends.
func listen(h http.HandlerFunc) string {
	s := httptest.NewServer(h)
	DeferCleanup(s.Close)
	return s.URL
}

var _ = Describe("a URL", func() {
	It("is asked for each subject, values escaped where they stand", func(ctx SpecContext) {
		var mu sync.Mutex
		asked := map[string]bool{}
		base := listen(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			asked[r.Method+" "+r.RequestURI+" "+r.Header.Get("Accept")] = true
			fmt.Fprint(w, "3")
		})
		o := must(observe.Config{URL: base + "/e/{event.id}/{object.type}?k={event.kind}&n={order.number}#x"})
		s := subject(1)
		s.EventID, s.EventKind = "evn/1 ?", "a&b=c"
		Expect(counts(ctx, o, s, subject(2))).To(Equal([]int{3, 3}))
		Expect(asked).To(Equal(map[string]bool{
			"GET /e/evn%2F1%20%3F/order?k=a%26b%3Dc&n=90001 application/json": true,
			"GET /e/evn_c2/order?k=order.placed&n=90002 application/json":     true,
		}))
	})

	DescribeTable("is asked for all at once without placeholders", func(ctx SpecContext, query, sep string) {
		var mu sync.Mutex
		var longest, requests int
		base := listen(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			longest, requests = max(longest, len(r.RequestURI)), requests+1
			_, raw, _ := strings.Cut(r.RequestURI, sep+"ids=")
			out := []string{`"evn_other":{"effects":9}`}
			for _, id := range strings.Split(raw, ",") {
				if strings.HasPrefix(id, "evn_") {
					out = append(out, fmt.Sprintf(`%q:{"effects":%d,"state":{"id":%q}}`, id, len(id), id))
				}
			}
			fmt.Fprintf(w, "{%s}", strings.Join(out, ","))
		})
		o := must(observe.Config{URL: base + "/effects" + query})
		all := subjects(120)
		readings, err := o.Observe(ctx, all)
		Expect(err).NotTo(HaveOccurred())
		for i, r := range readings {
			Expect(r.Effects).To(Equal(len(all[i].EventID)))
			Expect(r.State).To(HaveKeyWithValue("id", all[i].EventID))
		}
		Expect(requests).To(Equal(3))
		Expect(longest).To(BeNumerically("<", 4000))
	},
		Entry("plain", "", "?"), Entry("with a query of its own", "?k=1", "&"), Entry("with a fragment", "#x", "?"),
	)

	DescribeTable("is told how it failed", func(ctx SpecContext, kind observe.Kind, en string, h http.HandlerFunc) {
		// Only who is meant to be slow is: a busy machine takes its time as well.
		timeout := 10 * time.Second
		if kind == observe.Slow {
			timeout = 300 * time.Millisecond
		}
		o := must(observe.Config{URL: listen(h) + "/e/{event.id}?token=geheim", Timeout: timeout})
		_, err := o.Observe(ctx, []observe.Subject{subject(1)})
		e := failure(err)
		Expect(e.Kind).To(Equal(kind))
		Expect(e.Subject).To(Equal("evn_c1"))
		Expect(e.Error()).To(MatchRegexp("^observe.url: evn_c1: " + en + "$"))
		Expect(e.Error() + e.Text.ES).NotTo(ContainSubstring("geheim"))
	},
		Entry("not found", observe.Failed, `GET http://[0-9.:]+/e/evn_c1\?token=\*\*\* answered 404: nada`, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, "\nnada\n")
		}),
		Entry("no content", observe.Failed, ".* answered 204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }),
		Entry("redirect", observe.Failed, ".* answered 302.*", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/login", http.StatusFound) }),
		Entry("HTML", observe.Unreadable, "the response is neither a number nor JSON: <html>", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }),
		Entry("too much", observe.Unreadable, "the response is longer than 8 MiB", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Repeat(" ", 8<<20)+"1")
		}),
		Entry("cut short", observe.Unreadable, "the response was cut short: unexpected EOF", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "10")
			fmt.Fprint(w, "1")
		}),
		Entry("no response", observe.Missing, ".* does not answer: EOF", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		Entry("slow", observe.Slow, ".* took longer than 300ms", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }),
		Entry("slow in its body", observe.Slow, ".* took longer than 300ms", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}),
	)

	It("leaves no connection open on a server that serves one at a time", func(ctx SpecContext) {
		ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		served := make(chan struct{})
		DeferCleanup(func() {
			Expect(ln.Close()).To(Succeed())
			<-served
		})
		go func() {
			defer close(served)
			for {
				c, err := ln.Accept()
				if err != nil {
					return
				}
				reader := bufio.NewReader(c)
				for { // until the client closes, as php -S and HTTPServer do
					r, err := http.ReadRequest(reader)
					if err != nil {
						break
					}
					_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n4")
					if r.Close {
						break
					}
				}
				_ = c.Close()
			}
		}()
		o := must(observe.Config{URL: "http://" + ln.Addr().String() + "/{event.id}"})
		Expect(counts(ctx, o, subjects(20)...)).To(HaveEach(4))
		Expect(observe.Ready(ctx, observe.Place{URL: "http://" + ln.Addr().String()}, 0, nil)).To(Succeed())
	}, SpecTimeout(10*time.Second))

	It("is told when nobody listens", func(ctx SpecContext) {
		s := httptest.NewServer(nil)
		s.Close()
		_, err := must(observe.Config{URL: strings.Replace(s.URL, "http://", "http://u:geheim@", 1)}).Observe(ctx, subjects(2))
		Expect(failure(err).Kind).To(Equal(observe.Missing))
		Expect(err).To(MatchError(ContainSubstring("connection refused")))
		Expect(err.Error()).NotTo(ContainSubstring("geheim"))
	})

	It("ends with its caller, which is no failure of it", func(ctx SpecContext) {
		o := must(observe.Config{URL: listen(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })})
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		_, err := o.Observe(short, subjects(20))
		Expect(err).To(MatchError(context.DeadlineExceeded))
		_, err = o.Observe(short, nil)
		Expect(err).To(MatchError(context.DeadlineExceeded))
	})
})
