package serving_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/serving"
	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

func TestServing(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "serving")
}

var _ = Describe("the ways to receivers", func() {
	It("give another machine no more than safe mode does, whatever it is called", func(ctx SpecContext) {
		dialled := 0
		cfg := receiver.Config{NoProbe: true}
		cfg.Wire.Dialer.Resolve = map[string]netip.Addr{"shop.example": netip.MustParseAddr("192.0.2.1")}
		cfg.Wire.Dialer.Permit = func(netip.AddrPort) error {
			dialled++
			return lang.Errorf("no se sale", "nothing leaves")
		}
		ways := serving.NewWays(cfg)
		DeferCleanup(ways.Close)
		way, err := ways.Receiver(ctx, "http://shop.example/webhook")
		Expect(err).NotTo(HaveOccurred())
		for range consent.MaxRequests {
			Expect(way.Do(ctx, way.Request([]byte(`{}`))).Err.Err).To(MatchError(ContainSubstring("nothing leaves")))
		}
		more := way.Do(ctx, way.Request([]byte(`{}`)))
		Expect(more.Err.Kind).To(Equal(wire.ErrConsent))
		Expect(more.Err.Err).To(MatchError(ContainSubstring("--allow load")))
		Expect(dialled).To(Equal(consent.MaxRequests))

		again, err := ways.Receiver(ctx, "http://shop.example/webhook")
		Expect(err).NotTo(HaveOccurred())
		Expect(again).To(BeIdenticalTo(way), "asked anew it is not another receiver")
		malformed := serving.NewWays(cfg)
		DeferCleanup(malformed.Close)
		other, err := malformed.Receiver(ctx, "http://shop.example/webhook")
		Expect(err).NotTo(HaveOccurred())
		Expect(other.Do(ctx, other.Request([]byte(`{`))).Err.Err).To(MatchError(ContainSubstring("--allow malformed")))
	}, SpecTimeout(20*time.Second))

	It("have no bound on this computer", func(ctx SpecContext) {
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		DeferCleanup(server.Close)
		ways := serving.NewWays(receiver.Config{NoProbe: true})
		DeferCleanup(ways.Close)
		way, err := ways.Receiver(ctx, server.URL)
		Expect(err).NotTo(HaveOccurred())
		for range consent.MaxRequests + 20 {
			Expect(way.Do(ctx, way.Request([]byte(`{}`))).Status).To(Equal(200))
		}
	}, SpecTimeout(20*time.Second))

	DescribeTable("refuse what is no URL of a receiver", func(url string) {
		_, err := serving.NewWays(receiver.Config{}).Receiver(context.Background(), url)
		Expect(err).To(HaveOccurred())
	}, Entry(nil, "javascript:alert(1)"), Entry(nil, "file:///etc/passwd"), Entry(nil, ""), Entry(nil, "http://"), Entry(nil, "//host/x"), Entry(nil, "http://h\r\nX: 1/"))

	DescribeTable("listens beyond this computer with a token only", func(ctx SpecContext, address string, token, opens bool) {
		ln, err := serving.Listen(ctx, address, token)
		if ln != nil {
			Expect(ln.Close()).To(Succeed())
		}
		Expect(err == nil).To(Equal(opens))
	},
		Entry(nil, "127.0.0.1:0", false, true), Entry(nil, "localhost:0", false, true),
		Entry(nil, "0.0.0.0:0", false, false), Entry(nil, ":0", false, false), Entry(nil, "shop.example:0", false, false),
		Entry(nil, "0.0.0.0:0", true, true), Entry(nil, "nonsense", true, false),
	)
})
