package receiver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("the gate", func() {
	var server *httptest.Server
	var came *atomic.Int64
	BeforeEach(func() {
		came = &atomic.Int64{}
		count := came
		server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			count.Add(1)
			w.WriteHeader(http.StatusNoContent)
		}))
		DeferCleanup(server.Close)
	})
	made := func(url string, change func(*receiver.Config)) *receiver.Receiver {
		GinkgoHelper()
		target, err := wire.ParseTarget(url)
		Expect(err).NotTo(HaveOccurred())
		cfg := receiver.Config{Target: target}
		change(&cfg)
		rec, err := receiver.New(cfg)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(rec.Close)
		return rec
	}

	type bent func(*wire.Request)
	DescribeTable("goes by the request itself, whoever sends it", func(ctx SpecContext, class consent.Class, bend bent) {
		ways := map[string]func(*receiver.Receiver) delivery.Sender{
			"paced":  func(r *receiver.Receiver) delivery.Sender { return r.Sender(receiver.Sending{}) },
			"direct": func(r *receiver.Receiver) delivery.Sender { return r.Direct() },
		}
		for name, way := range ways {
			for _, allow := range [][]string{nil, {string(class)}} {
				came.Store(0)
				rec := made(server.URL+"/hook", func(c *receiver.Config) { c.Safe, c.Allow = true, allow })
				request := rec.Request([]byte(`{"id":"evn_1"}`))
				bend(request)
				out := way(rec).Do(ctx, request)
				if allow == nil {
					Expect(rec.Refuses([]*wire.Request{request}, 1)).To(MatchError(ContainSubstring("--allow "+string(class))), name)
					Expect(out.Err).To(HaveOccurred(), name)
					Expect(out.Err.Kind).To(Equal(wire.ErrConsent), name)
					Expect(out.Err.Text().EN).To(ContainSubstring("--allow " + string(class)))
					Expect(receiver.Response{Outcome: out}.Ours()).To(BeTrue())
					Expect(receiver.Response{Outcome: out}.Away()).To(BeFalse())
					Expect(rec.Failure()).To(Equal(out.Err))
					Expect(came.Load()).To(BeZero(), name)
				} else {
					Expect(rec.Refuses([]*wire.Request{request}, 1)).To(Succeed(), name)
					Expect(rec.Refuses(nil, 1)).To(Succeed())
				}
			}
		}
	},
		Entry("bytes that are no JSON", consent.Malformed, bent(func(r *wire.Request) { r.Body = []byte("\x00\x01{") })),
		Entry("nothing", consent.Malformed, bent(func(r *wire.Request) { r.Body = nil })),
		Entry("a length that lies", consent.Malformed, bent(func(r *wire.Request) { r.Header = append(r.Header, wire.Field{Name: "Content-Length", Value: "4"}) })),
		Entry("two framings", consent.Malformed, bent(func(r *wire.Request) {
			r.Header = append(r.Header, wire.Field{Name: "transfer_encoding", Value: "chunked"})
		})),
		Entry("another protocol", consent.Malformed, bent(func(r *wire.Request) { r.Header = append(r.Header, wire.Field{Name: "Connection", Value: "Upgrade"}) })),
		Entry("half a body", consent.Malformed, bent(func(r *wire.Request) {
			r.Script = &wire.Script{Steps: []wire.Step{{To: len(wire.AppendHead(nil, r)) + 3}}, End: wire.HangUp}
		})),
		Entry("another method", consent.Methods, bent(func(r *wire.Request) { r.Method = http.MethodPut })),
	)

	It("lets pass what Kometia sends, in whatever pieces, up to the limit", func(ctx SpecContext) {
		rec := made(server.URL+"/hook", func(c *receiver.Config) { c.Safe = true })
		whole := rec.Request([]byte(`{"id":"evn_1"}`))
		whole.Header = append(whole.Header, wire.Field{Name: "Connection", Value: "close"}, wire.Field{Name: "Content-Length", Value: "14"})
		whole.Script = &wire.Script{Steps: []wire.Step{{To: 5}, {To: -1}}}
		for range consent.MaxRequests {
			Expect(rec.Direct().Do(ctx, whole).Status).To(Equal(http.StatusNoContent))
		}
		out := rec.Sender(receiver.Sending{}).Do(ctx, whole)
		Expect(out.Err.Kind).To(Equal(wire.ErrConsent))
		Expect(out.Err.Text().EN).To(And(ContainSubstring("180"), ContainSubstring("--allow load")))
		Expect(came.Load()).To(BeEquivalentTo(consent.MaxRequests))
	})

	DescribeTable("asks for a burst's consent, and for that of the class that a sender names", func(ctx SpecContext, allow []string, class consent.Class, burst bool, passes bool) {
		rec := made(server.URL+"/hook", func(c *receiver.Config) { c.Safe, c.Allow = true, allow })
		sender := rec.Sender(receiver.Sending{Class: class})
		var way delivery.Sender = sender
		if burst {
			way = sender.Burst(ctx, 2)
		}
		out := way.Do(ctx, rec.Request([]byte("{}")))
		want := int64(0)
		if passes {
			want = 1
		}
		Expect(came.Load()).To(Equal(want), "%v", out.Err)
	},
		Entry("none", nil, consent.Class(""), true, false), Entry("burst", []string{"burst"}, consent.Class(""), true, true),
		Entry("none for a hunt", nil, consent.Fuzz, false, false), Entry("a hunt's", []string{"fuzz"}, consent.Fuzz, true, true),
		Entry("none for a probe", []string{"fuzz"}, consent.Probe, false, false),
	)

	It("dials no address that is not this computer's when the target was here", func() {
		rec := made("http://192.0.2.1:9/hook", func(c *receiver.Config) { c.Here = true })
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		out := rec.Direct().Do(ctx, rec.Request([]byte("{}")))
		Expect(out.Err.Kind).To(Equal(wire.ErrConsent))
		Expect(out.Err.Text().EN).To(ContainSubstring("192.0.2.1"))
	})

	It("stops nothing on this computer", func(ctx SpecContext) {
		rec := made(server.URL+"/hook", func(c *receiver.Config) { c.Here = true })
		out := rec.Direct().Do(ctx, &wire.Request{Target: rec.Target(), Method: http.MethodPut, Body: []byte("{")})
		Expect(out.Status).To(Equal(http.StatusNoContent))
	})
})
