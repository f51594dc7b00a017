package platform_test

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/platform/platformtest"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// start is when the computer's clock stands still in specs.
var start = platformtest.Start()

// town is all the receivers that there are, by URL.
type town struct {
	mu  sync.Mutex
	all map[string]*house
}

// house is a receiver that answers as it is told to and remembers what came.
type house struct {
	url    string
	answer func(n int) *wire.Outcome // to the n-th request, 1 is the first; nil answers 200

	mu     sync.Mutex
	bodies []string
}

// Elsewhere holds what begins with http://away for another machine.
func (t *town) Elsewhere(_ context.Context, url string) error {
	if strings.HasPrefix(url, "http://away") {
		return errors.New("another machine")
	}
	return nil
}

func (t *town) Receiver(_ context.Context, url string, _ bool) (platform.Receiver, error) {
	if !strings.HasPrefix(url, "http://") {
		return nil, errors.New("no URL of http")
	}
	return t.at(url), nil
}

func (t *town) at(url string) *house {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[string]*house{}
	}
	if t.all[url] == nil {
		t.all[url] = &house{url: url}
	}
	return t.all[url]
}

func (h *house) Request(body []byte) *wire.Request {
	target, _ := wire.ParseTarget(h.url)
	return &wire.Request{Target: target, Body: body}
}

func (h *house) Do(ctx context.Context, r *wire.Request) *wire.Outcome {
	if ctx.Err() != nil {
		return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrCanceled, Err: ctx.Err()}}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bodies = append(h.bodies, string(r.Body))
	if h.answer != nil {
		return h.answer(len(h.bodies))
	}
	return &wire.Outcome{Status: 200}
}

func (h *house) received() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.bodies...)
}

// always answers a status, with a body.
func always(status int, body string) func(int) *wire.Outcome {
	return func(int) *wire.Outcome {
		return &wire.Outcome{Status: status, Body: []byte(body), BodyBytes: int64(len(body)), Latency: 3 * time.Millisecond}
	}
}

// field is a member at the top of a body.
func field(body, name string) any {
	var v map[string]any
	ExpectWithOffset(1, json.Unmarshal([]byte(body), &v)).To(Succeed())
	return v[name]
}

// kometia is a platform that runs until the spec ends, or until it is stopped.
type kometia struct {
	*platform.Platform
	stop func()
}

func config(t *town, path string) platform.Config {
	cfg := platformtest.Config(t)
	cfg.Path = path
	return cfg
}

func open(ctx context.Context, cfg platform.Config) *kometia {
	GinkgoHelper()
	p, stop := platformtest.Run(ctx, cfg)
	return &kometia{p, stop}
}

// subscribe adds a webhook.
func (k *kometia) subscribe(ctx context.Context, url string, kinds ...string) platform.Subscription {
	GinkgoHelper()
	s, err := k.Subscribe(ctx, platform.Webhook{URL: url, Kinds: kinds})
	Expect(err).NotTo(HaveOccurred())
	return s
}

// emit has a story happen.
func (k *kometia) emit(ctx context.Context, kinds ...string) []platform.Event {
	GinkgoHelper()
	events, err := k.Emit(ctx, platform.Emission{Kinds: kinds})
	Expect(err).NotTo(HaveOccurred())
	return events
}

// rest waits until all that is due now has been delivered.
func (k *kometia) rest(ctx context.Context) {
	GinkgoHelper()
	Expect(k.Rest(ctx)).To(Succeed())
}

// advance lets so much time pass.
func (k *kometia) advance(ctx context.Context, d time.Duration) {
	GinkgoHelper()
	_, err := k.Advance(ctx, d)
	Expect(err).NotTo(HaveOccurred())
	k.rest(ctx)
}

// all are all deliveries, the oldest first.
func (k *kometia) all(ctx context.Context) (all []platform.Delivery) {
	GinkgoHelper()
	f := platform.Filter{Limit: 500}
	for more := true; more; {
		var page []platform.Delivery
		var err error
		page, more, err = k.Deliveries(ctx, f)
		Expect(err).NotTo(HaveOccurred())
		for _, d := range page {
			all = append([]platform.Delivery{d}, all...)
			f.Before = d.ID
		}
	}
	return all
}

func file() string { return filepath.Join(GinkgoT().TempDir(), "serve.db") }
