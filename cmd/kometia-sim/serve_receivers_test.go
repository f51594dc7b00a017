//go:build unix

package main_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
)

// requireReceivers skips the spec where one of these receivers cannot be started;
// in CI it fails.
func requireReceivers(ctx context.Context, names ...string) {
	GinkgoHelper()
	available, err := receivers.Require(ctx, os.Stderr, names...)
	Expect(err).NotTo(HaveOccurred())
	if len(available) < len(names) {
		Skip(fmt.Sprintf("of %v only %v can be started here", names, available))
	}
}

// startReceiver starts a real receiver that asks serve's API, where it asks one.
func startReceiver(ctx context.Context, name string, s *served, env map[string]string) *receivers.Running {
	GinkgoHelper()
	all := map[string]string{"KOMETIA_API_URL": s.base, "KOMETIA_API_KEY": s.key}
	for name, value := range env {
		all[name] = value
	}
	r, err := receivers.Start(ctx, name, receivers.Options{Env: all})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(r.Close)
	return r
}

// subscribe adds a webhook and gives back its number.
func (s *served) subscribe(ctx context.Context, url string, kinds ...string) (id int64) {
	GinkgoHelper()
	var made struct{ ID int64 }
	s.must(ctx, "/_sim/subscriptions", fmt.Sprintf(`{"url": %q, "kinds": ["%s"]}`, url, strings.Join(kinds, `", "`)), &made)
	return made.ID
}

// placed has an order placed and delivers it; it gives back the event's id.
func (s *served) placed(ctx context.Context) string {
	GinkgoHelper()
	var events struct{ Data []servedEvent }
	s.must(ctx, "/_sim/emit", `{"kinds": ["order.placed"], "wait": true}`, &events)
	Expect(events.Data).To(HaveLen(1))
	return events.Data[0].ID
}

func (s *served) advance(ctx context.Context, by string) {
	GinkgoHelper()
	s.must(ctx, "/_sim/clock/advance", fmt.Sprintf(`{"by": %q, "wait": true}`, by), nil)
}

// delivery is that of an event to a subscription, with everything that is known
// of it.
func (s *served) delivery(ctx context.Context, event string, subscription int64) (d servedDelivery, text string) {
	GinkgoHelper()
	var found struct{ Data []servedDelivery }
	s.must(ctx, fmt.Sprintf("/_sim/deliveries?event=%s&subscription=%d", event, subscription), "", &found)
	Expect(found.Data).To(HaveLen(1))
	path := fmt.Sprintf("/_sim/deliveries/%d", found.Data[0].ID)
	s.must(ctx, path, "", &d)
	return d, s.text(ctx, path)
}

// text is what a path answers.
func (s *served) text(ctx context.Context, path string) string {
	GinkgoHelper()
	return textAt(ctx, s.base+path, s.key)
}

// effects are how often a receiver acted on an event, as it says itself.
func effects(ctx context.Context, r *receivers.Running, event string) string {
	GinkgoHelper()
	return textAt(ctx, r.URL+"/efectos/"+event, "")
}

// textAt is what a URL answers to a user.
func textAt(ctx context.Context, url, user string) string {
	GinkgoHelper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	Expect(err).NotTo(HaveOccurred())
	r.SetBasicAuth(user, "")
	resp, err := http.DefaultClient.Do(r)
	Expect(err).NotTo(HaveOccurred())
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	Expect(err).NotTo(HaveOccurred())
	return string(body)
}

// The sections of Kometia's guide, each with a receiver of the guide's own
// languages and frameworks that really runs.
var _ = Describe("the guide of Kometia against serve, with real receivers", Label("whole", "unraced"), Ordered, func() {
	var s *served
	BeforeAll(func() { s = startServe(GinkgoT().TempDir()) })

	It("receive: the examples of the guide, in PHP and Sinatra", func(ctx SpecContext) {
		requireReceivers(ctx, "php-guia", "sinatra-guia")
		php, sinatra := startReceiver(ctx, "php-guia", s, nil), startReceiver(ctx, "sinatra-guia", s, nil)
		first, second := s.subscribe(ctx, php.WebhookURL, "order.placed"), s.subscribe(ctx, sinatra.WebhookURL, "order.placed")
		event := s.placed(ctx)
		for _, id := range []int64{first, second} {
			d, _ := s.delivery(ctx, event, id)
			Expect(d.State).To(Equal("delivered"))
			Expect(d.Runs).To(HaveLen(1))
			Expect(d.Runs[0].Status).To(Equal(200))
		}
	}, SpecTimeout(time.Minute))

	It("respond: what is not waited for arrives whole, comes again, and is acted on once", func(ctx SpecContext) {
		requireReceivers(ctx, "php-cuidadoso")
		php := startReceiver(ctx, "php-cuidadoso", s, nil)
		id := s.subscribe(ctx, php.WebhookURL, "order.placed")
		var broken struct{ Fault string }
		s.must(ctx, fmt.Sprintf("/_sim/subscriptions/%d/fault", id), `{"fault": "timeout"}`, &broken)
		Expect(broken.Fault).To(Equal("timeout"))
		event := s.placed(ctx)
		d, text := s.delivery(ctx, event, id)
		Expect(d.State).To(Equal("pending"))
		Expect(text).To(And(ContainSubstring(`"fault":"timeout"`), ContainSubstring("closed the connection without waiting for the response")))
		Eventually(ctx, func() string { return effects(ctx, php, event) }).Should(ContainSubstring(`"effects":1`))
		s.advance(ctx, "1h")
		d, _ = s.delivery(ctx, event, id)
		Expect(d.State).To(Equal("delivered"))
		Expect(effects(ctx, php, event)).To(ContainSubstring(`"effects":1`))
	}, SpecTimeout(time.Minute))

	It("CSRF: Laravel refuses without the exception, is diagnosed, and takes the retry with it", func(ctx SpecContext) {
		requireReceivers(ctx, "laravel-csrf", "laravel")
		without, with := startReceiver(ctx, "laravel-csrf", s, nil), startReceiver(ctx, "laravel", s, nil)
		id := s.subscribe(ctx, without.WebhookURL, "order.placed")
		event := s.placed(ctx)
		d, text := s.delivery(ctx, event, id)
		Expect(d.State).To(Equal("pending"))
		Expect(d.Runs[0].Status).To(Equal(419))
		Expect(d.Runs[0].Diagnosis.Code).To(Equal("csrf.laravel"))
		Expect(text).To(And(ContainSubstring("Page Expired"), ContainSubstring("VerifyCsrfToken")))
		Expect(effects(ctx, without, event)).To(ContainSubstring(`"effects":0`))

		// The developer makes the exception; the same event comes an hour later.
		s.must(ctx, fmt.Sprintf("/_sim/subscriptions/%d", id), fmt.Sprintf(`{"url": %q}`, with.WebhookURL), nil)
		s.advance(ctx, "1h")
		d, _ = s.delivery(ctx, event, id)
		Expect(d.State).To(Equal("delivered"))
		Expect(d.Attempts).To(Equal(2))
		Expect(d.Runs[1].Status).To(Equal(200))
		Expect(effects(ctx, with, event)).To(ContainSubstring(`"effects":1`))
	}, SpecTimeout(time.Minute))

	It("verify: a receiver in Sinatra asks for every event by its id, and refuses what is not the store's", func(ctx SpecContext) {
		requireReceivers(ctx, "sinatra-cuidadoso")
		sinatra := startReceiver(ctx, "sinatra-cuidadoso", s, nil)
		id := s.subscribe(ctx, sinatra.WebhookURL, "order.placed")
		event := s.placed(ctx)
		d, _ := s.delivery(ctx, event, id)
		Expect(d.State).To(Equal("delivered"), sinatra.Log())
		Expect(s.text(ctx, "/_sim/calls?about="+event)).To(ContainSubstring(`"status":200`))

		forged := strings.Repeat("0", 25)
		body := fmt.Sprintf(`{"id":"evn_%s","object":"event","kind":"order.placed","created_at":1767225600,"pending_webhooks":1,"data":{"object":{"object":"order","id":"ord_%s"}}}`, forged, forged)
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, sinatra.WebhookURL, strings.NewReader(body))
		Expect(err).NotTo(HaveOccurred())
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		Expect(err).NotTo(HaveOccurred())
		Expect(resp.Body.Close()).To(Succeed())
		Expect(resp.StatusCode).To(Equal(422), sinatra.Log())
	}, SpecTimeout(time.Minute))

	It("retries, expiry and reconcile: two days without the receiver, and its own job finds the order", func(ctx SpecContext) {
		requireReceivers(ctx, "php-cuidadoso")
		data := GinkgoT().TempDir()
		php := startReceiver(ctx, "php-cuidadoso", s, map[string]string{"KOMETIA_DATOS": data})
		id := s.subscribe(ctx, php.WebhookURL, "order.placed")
		Expect(php.Kill(ctx)).To(Succeed())
		event := s.placed(ctx)
		s.advance(ctx, "48h")
		d, _ := s.delivery(ctx, event, id)
		Expect(d.State).To(Equal("expired"))
		Expect(d.Attempts).To(Equal(49))

		Expect(php.Restart(ctx)).To(Succeed())
		Expect(effects(ctx, php, event)).To(ContainSubstring(`"effects":0`))
		job := exec.CommandContext(ctx, "php", "../../examples/php-cuidadoso/ponerse-al-dia.php")
		job.Env = slices.Concat(os.Environ(), []string{"KOMETIA_API_URL=" + s.base, "KOMETIA_API_KEY=" + s.key, "KOMETIA_DATOS=" + data})
		said, err := job.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), "%s", said)
		Expect(effects(ctx, php, event)).To(ContainSubstring(`"effects":1`), "%s", said)
	}, SpecTimeout(time.Minute))
})
