package observe_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

var _ = Describe("a sink", func() {
	var (
		sinks *observe.Sinks
		sink  *observe.Sink
	)
	BeforeEach(func() {
		sinks = observe.SinksOf(must(observe.Config{Sinks: at("127.0.0.1:0")}))
		sink = sinks.All()[0]
	})

	call := func(ctx SpecContext, method, path, body string, header ...string) {
		GinkgoHelper()
		req, err := http.NewRequestWithContext(ctx, method, sink.URL()+path, strings.NewReader(body))
		Expect(err).NotTo(HaveOccurred())
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := http.DefaultClient.Do(req)
		Expect(err).NotTo(HaveOccurred())
		defer res.Body.Close()
		answer, err := io.ReadAll(res.Body)
		Expect(err).NotTo(HaveOccurred())
		Expect(res.StatusCode).To(Equal(http.StatusOK))
		if method != http.MethodHead {
			Expect(string(answer)).To(Equal("{}"))
		}
	}

	DescribeTable("counts calls that carry the id", func(ctx SpecContext, want int, method, path, body string, header ...string) {
		call(ctx, method, path, body, header...)
		Expect(counts(ctx, sinks, subject(1), subject(2))).To(Equal([]int{want, 0}))
	},
		Entry("in the path", 1, "PUT", "/orders/ord_c1/ship", ""),
		Entry("in an escaped path", 1, "PUT", "/orders/%6frd_c1", ""),
		Entry("in the query", 1, "GET", "/?ref=evn_c1&x=1", ""),
		Entry("in a header", 1, "POST", "/", "{}", "Idempotency-Key", "shop-evn_c1"),
		Entry("in JSON", 1, "POST", "/", `{"order":"ord_c1","event":"evn_c1"}`),
		Entry("in a form", 1, "POST", "/", "id=ord_c1&a=b"),
		Entry("everywhere, once", 1, "POST", "/evn_c1", "evn_c1", "X-Event", "evn_c1"),
		Entry("not another's", 0, "POST", "/", "ord_c11 evn_c9"),
		Entry("nothing", 0, "POST", "/", "hola"),
		Entry("behind a megabyte", 0, "POST", "/", strings.Repeat("x", 1<<20)+" evn_c1"),
	)

	It("counts each call of many at once", func(ctx SpecContext) {
		var calling sync.WaitGroup
		for i := range 100 {
			calling.Go(func() {
				defer GinkgoRecover()
				call(ctx, "POST", "/", fmt.Sprintf("evn_c%d", i%4))
			})
		}
		calling.Wait()
		Expect(counts(ctx, sinks, subjects(4)...)).To(Equal([]int{25, 25, 25, 25}))
	})

	It("does not count a call that was cut short", func(ctx SpecContext) {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(sink.URL(), "http://"))
		Expect(err).NotTo(HaveOccurred())
		_, err = io.WriteString(c, "POST /evn_c1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nevn_c1")
		Expect(err).NotTo(HaveOccurred())
		Expect(c.(*net.TCPConn).CloseWrite()).To(Succeed())
		answer, err := io.ReadAll(c)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(answer)).To(HavePrefix("HTTP/1.1 400"))
		Expect(counts(ctx, sinks, subject(1))).To(Equal([]int{0}))
	})

	It("says when its port is taken, and gives it back", func() {
		address := strings.TrimPrefix(sink.URL(), "http://")
		_, err := observe.New(context.Background(), observe.Config{Sinks: at(address)})
		Expect(err).To(MatchError(ContainSubstring("address already in use")))
		Expect(sink.Close()).To(Succeed())
		again, err := observe.New(context.Background(), observe.Config{Sinks: at(address)})
		Expect(err).NotTo(HaveOccurred())
		Expect(observe.Close(again)).To(Succeed())
	})
})
