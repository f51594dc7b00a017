package serving_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/serving"
	"github.com/kometia-sim/kometia-sim/scenarios/consent"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/platform/control"
	"github.com/kometia-sim/kometia-sim/simulator/platform/page"
	"github.com/kometia-sim/kometia-sim/simulator/platform/platformtest"
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
		way, err := ways.Receiver(ctx, "http://shop.example/webhook", true)
		Expect(err).NotTo(HaveOccurred())
		for range consent.MaxRequests {
			Expect(way.Do(ctx, way.Request([]byte(`{}`))).Err.Err).To(MatchError(ContainSubstring("nothing leaves")))
		}
		more := way.Do(ctx, way.Request([]byte(`{}`)))
		Expect(more.Err.Kind).To(Equal(wire.ErrConsent))
		Expect(more.Err.Err).To(MatchError(ContainSubstring("--allow load")))
		Expect(dialled).To(Equal(consent.MaxRequests))

		again, err := ways.Receiver(ctx, "http://shop.example/webhook", true)
		Expect(err).NotTo(HaveOccurred())
		Expect(again).To(BeIdenticalTo(way), "asked anew it is not another receiver")
		malformed := serving.NewWays(cfg)
		DeferCleanup(malformed.Close)
		other, err := malformed.Receiver(ctx, "http://shop.example/webhook", true)
		Expect(err).NotTo(HaveOccurred())
		Expect(other.Do(ctx, other.Request([]byte(`{`))).Err.Err).To(MatchError(ContainSubstring("--allow malformed")))
	}, SpecTimeout(20*time.Second))

	It("send nothing to another machine that was not confirmed, and look again whose it is", func(ctx SpecContext) {
		dialled := 0
		addresses := map[string]netip.Addr{"shop.example": netip.MustParseAddr("192.0.2.1")}
		cfg := receiver.Config{NoProbe: true, Allow: consent.Classes()}
		cfg.Wire.Dialer.Resolve = addresses
		cfg.Wire.Dialer.Permit = func(netip.AddrPort) error {
			dialled++
			return lang.Errorf("no se sale", "nothing leaves")
		}
		ways := serving.NewWays(cfg)
		DeferCleanup(ways.Close)
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		DeferCleanup(server.Close)
		_, port, _ := strings.Cut(strings.TrimPrefix(server.URL, "http://"), ":")
		address := "http://shop.example:" + port + "/webhook"
		Expect(ways.Elsewhere(ctx, address)).To(MatchError(ContainSubstring("is not this computer")))
		way, err := ways.Receiver(ctx, address, false)
		Expect(err).NotTo(HaveOccurred())
		for range 3 {
			out := way.Do(ctx, way.Request([]byte(`{}`)))
			Expect(out.Err.Kind).To(Equal(wire.ErrConsent))
			Expect(out.Err.Err).To(MatchError(ContainSubstring("until you confirm it")))
		}
		Expect(dialled).To(BeZero())

		addresses["shop.example"] = netip.MustParseAddr("127.0.0.1")
		Expect(ways.Elsewhere(ctx, address)).To(Succeed())
		Expect(way.Do(ctx, way.Request([]byte(`{}`))).Status).To(Equal(200))
	}, SpecTimeout(20*time.Second))

	It("leave a click on the page without effect beyond this computer, until it is confirmed there", func(ctx SpecContext) {
		var dialled atomic.Int64
		cfg := receiver.Config{NoProbe: true}
		cfg.Wire.Dialer.Permit = func(netip.AddrPort) error {
			dialled.Add(1)
			return lang.Errorf("no se sale", "nothing leaves")
		}
		ways := serving.NewWays(cfg)
		DeferCleanup(ways.Close)
		resting := platformtest.Config(ways)
		resting.Wall = nil
		p, _ := platformtest.Run(ctx, resting)
		shown, err := page.New(page.Config{Platform: p, Lang: lang.English})
		Expect(err).NotTo(HaveOccurred())
		site := serving.Site{Platform: p, Control: control.Config{Platform: p, Lang: lang.English}, Page: shown}.Handler()
		post := func(path, kind, body string) int {
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://localhost:8090"+path, strings.NewReader(body))
			r.Header.Set("Content-Type", kind)
			w := httptest.NewRecorder()
			site.ServeHTTP(w, r)
			return w.Code
		}
		click := func(path string, fields url.Values) int {
			return post(path, "application/x-www-form-urlencoded", fields.Encode())
		}
		const away = "http://192.0.2.1/webhook"
		add := url.Values{"url": {away}, "kinds": {"order.placed"}}
		everything := func() {
			Expect(click("/emit", url.Values{"kinds": {"order.placed"}})).To(Equal(303))
			Expect(click("/clock/advance", url.Values{"by": {"48h"}})).To(Equal(303))
			Expect(p.Rest(ctx)).To(Succeed())
		}
		Expect(click("/webhooks", add)).To(Equal(422))
		Expect(post("/_sim/subscriptions", "application/json", `{"url": "`+away+`", "kinds": ["order.placed"]}`)).To(Equal(422))
		everything()
		here := "http://127.0.0.1:1/webhook"
		Expect(click("/webhooks", url.Values{"url": {here}, "kinds": {"order.paid"}})).To(Equal(303))
		Expect(click("/webhooks/1", add)).To(Equal(422), "nor by a change")
		everything()
		Expect(dialled.Load()).To(BeZero())

		add.Set("elsewhere", away)
		Expect(click("/webhooks", add)).To(Equal(303))
		everything()
		Expect(dialled.Load()).To(BeNumerically("==", 49), "and it is counted")
	}, SpecTimeout(20*time.Second))

	It("have no bound on this computer", func(ctx SpecContext) {
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		DeferCleanup(server.Close)
		ways := serving.NewWays(receiver.Config{NoProbe: true})
		DeferCleanup(ways.Close)
		way, err := ways.Receiver(ctx, server.URL, false)
		Expect(err).NotTo(HaveOccurred())
		for range consent.MaxRequests + 20 {
			Expect(way.Do(ctx, way.Request([]byte(`{}`))).Status).To(Equal(200))
		}
	}, SpecTimeout(20*time.Second))

	DescribeTable("refuse what is no URL of a receiver", func(url string) {
		_, err := serving.NewWays(receiver.Config{}).Receiver(context.Background(), url, false)
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
