package observe_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// callTo calls a sink on a connection of its own; 0 is no answer.
func callTo(ctx context.Context, url, body string, header ...string) int {
	GinkgoHelper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	req.Close = true
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		Expect(err).To(MatchError(io.EOF))
		return 0
	}
	Expect(res.Body.Close()).To(Succeed())
	return res.StatusCode
}

var _ = Describe("sinks", func() {
	named := []observe.SinkConfig{{Name: "erp", Address: "127.0.0.1:0"}, {Name: "mail", Address: "127.0.0.1:0"}}

	It("count each under its name", func(ctx SpecContext) {
		sinks := observe.SinksOf(must(observe.Config{Sinks: named}))
		erp, mail := sinks.All()[0], sinks.All()[1]
		callTo(ctx, erp.URL(), "evn_c0")
		callTo(ctx, mail.URL(), "evn_c0")
		callTo(ctx, mail.URL(), "evn_c0")
		readings, err := sinks.Observe(ctx, subjects(2))
		Expect(err).NotTo(HaveOccurred())
		Expect(readings).To(Equal([]observe.Reading{
			{Effects: 3, Named: map[string]int{"erp": 1, "mail": 2}, Called: map[string]int{"erp": 1, "mail": 2}},
			{Named: map[string]int{"erp": 0, "mail": 0}},
		}))
	})

	It("only count where they have no names", func(ctx SpecContext) {
		sinks := observe.SinksOf(must(observe.Config{Sinks: append(at("127.0.0.1:0"), at("127.0.0.1:0")...)}))
		for _, s := range sinks.All() {
			callTo(ctx, s.URL(), "evn_c0")
		}
		readings, err := sinks.Observe(ctx, subjects(1))
		Expect(err).NotTo(HaveOccurred())
		Expect(readings).To(Equal([]observe.Reading{{Effects: 2, Called: map[string]int{"": 2}}}))
	})

	DescribeTable("take repeats with one key for one call", func(ctx SpecContext, key string, want int, calls ...[]string) {
		sinks := observe.SinksOf(must(observe.Config{Sinks: at("127.0.0.1:0"), SinkKey: key}))
		for _, c := range calls {
			Expect(callTo(ctx, sinks.All()[0].URL()+c[0], c[1], c[2:]...)).To(Equal(http.StatusOK))
		}
		Expect(counts(ctx, sinks, subject(0))).To(Equal([]int{want}))
	},
		Entry("none", "", 2, []string{"/", "evn_c0"}, []string{"/", "evn_c0"}),
		Entry("equal", "", 1, []string{"/", "evn_c0", "Idempotency-Key", "a"}, []string{"/", "evn_c0", "Idempotency-Key", "a"}),
		Entry("another", "", 2, []string{"/", "evn_c0", "Idempotency-Key", "a"}, []string{"/", "evn_c0", "Idempotency-Key", "b"}),
		Entry("for another thing", "", 2, []string{"/orders", "evn_c0", "Idempotency-Key", "a"}, []string{"/mails", "evn_c0", "Idempotency-Key", "a"}),
		Entry("a header of one's own", "X-Request", 1, []string{"/", "evn_c0", "X-Request", "a"}, []string{"/", "evn_c0", "X-Request", "a"}),
		Entry("not the usual one then", "X-Request", 2, []string{"/", "evn_c0", "Idempotency-Key", "a"}, []string{"/", "evn_c0", "Idempotency-Key", "a"}),
		Entry("in the body", "body.order.ref", 1, []string{"/", `{"e":"evn_c0","order":{"ref":7}}`}, []string{"/", `{"n":2,"e":"evn_c0","order":{"ref":7}}`}),
		Entry("another in the body", "body.order.ref", 2, []string{"/", `{"e":"evn_c0","order":{"ref":7}}`}, []string{"/", `{"e":"evn_c0","order":{"ref":8}}`}),
		Entry("missing in the body", "body.order.ref", 2, []string{"/", `{"e":"evn_c0","order":{"ref":null}}`}, []string{"/", `{"e":"evn_c0","order":{"ref":null}}`}),
	)

	DescribeTable("fail on purpose and are well again", func(ctx SpecContext, word string, status, taken, failed int) {
		sinks := observe.SinksOf(must(observe.Config{Sinks: named}))
		erp, mail := sinks.All()[0], sinks.All()[1]
		answer, err := fault.ParseAnswer(word)
		Expect(err).NotTo(HaveOccurred())
		Expect(sinks.Set("erp", answer)).To(Succeed())
		Expect(callTo(ctx, erp.URL(), "evn_c0", "Idempotency-Key", "a")).To(Equal(status))
		Expect(callTo(ctx, mail.URL(), "evn_c0")).To(Equal(http.StatusOK))
		readings, err := sinks.Observe(ctx, subjects(1))
		Expect(err).NotTo(HaveOccurred())
		Expect(readings[0].Named).To(Equal(map[string]int{"erp": taken, "mail": 1}))
		Expect(readings[0].Failed).To(Equal(failed))
		Expect(readings[0].FailedAt.IsZero()).To(Equal(failed == 0))

		Expect(sinks.Set("", fault.Answer{})).To(Succeed())
		Expect(callTo(ctx, erp.URL(), "evn_c0", "Idempotency-Key", "a")).To(Equal(http.StatusOK))
		readings, err = sinks.Observe(ctx, subjects(1))
		Expect(err).NotTo(HaveOccurred())
		Expect(readings[0].Named).To(HaveKeyWithValue("erp", 1)) // what it refused did not use the key up
		Expect(readings[0].Failed).To(BeZero())
		Expect(readings[0].FailedAt.IsZero()).To(Equal(failed == 0))
	},
		Entry(nil, "500", 500, 0, 1), Entry(nil, "429", 429, 0, 1), Entry(nil, "none", 0, 0, 1),
		Entry(nil, "lost", 0, 1, 1), Entry(nil, "20ms", 200, 1, 1), Entry(nil, "well", 200, 1, 0),
	)

	It("know their names", func() {
		Expect(observe.SinksOf(must(observe.Config{Sinks: named})).Set("crm", fault.Answer{})).To(MatchError(ContainSubstring(`there is no "crm"`)))
	})

	DescribeTable("refuse other responses", func(word string) {
		_, err := fault.ParseAnswer(word)
		Expect(err).To(MatchError(ContainSubstring("write well, none, lost")))
	},
		Entry(nil, ""), Entry(nil, "200"), Entry(nil, "600"), Entry(nil, "dead"), Entry(nil, "-3s"), Entry(nil, "2m"),
	)

	DescribeTable("stand beside another way of observing", func(ctx SpecContext, printed string, sinks []observe.SinkConfig, want observe.Reading) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, printed) }))
		DeferCleanup(server.Close)
		o := must(observe.Config{URL: server.URL + "/{event.id}", Sinks: sinks})
		callTo(ctx, observe.SinksOf(o).All()[0].URL(), "evn_c0")
		readings, err := o.Observe(ctx, subjects(1))
		Expect(err).NotTo(HaveOccurred())
		Expect(readings).To(Equal([]observe.Reading{want}))
	},
		Entry("a number", "2", named[:1], observe.Reading{Effects: 3, Named: map[string]int{"url": 2, "erp": 1}, Called: map[string]int{"erp": 1}}),
		Entry("names", `{"effects":{"invoice":1}}`, named[:1], observe.Reading{Effects: 2, Named: map[string]int{"invoice": 1, "erp": 1}, Called: map[string]int{"erp": 1}}),
		Entry("a state alone", `{"state":{"a":1}}`, at("127.0.0.1:0"), observe.Reading{Effects: 1, Named: map[string]int{"sink": 1}, Called: map[string]int{"": 1}, State: map[string]any{"a": number("1")}}),
	)

	It("are none of other observers", func() {
		Expect(observe.SinksOf(must(observe.Config{Command: []string{"sh"}}))).To(BeNil())
	})

	It("hold a slow response back no longer than their caller waits", func(ctx SpecContext) {
		sinks := observe.SinksOf(must(observe.Config{Sinks: at("127.0.0.1:0")}))
		sinks.All()[0].Set(fault.Answer{Slow: time.Minute})
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		req, err := http.NewRequestWithContext(short, http.MethodPost, sinks.All()[0].URL(), strings.NewReader("evn_c0"))
		Expect(err).NotTo(HaveOccurred())
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
		}
		Expect(err).To(MatchError(context.DeadlineExceeded))
		Expect(counts(ctx, sinks, subject(0))).To(Equal([]int{1}))
	}, SpecTimeout(10*time.Second))
})
