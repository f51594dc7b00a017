// Package platformtest runs platforms for tests of what shows and steers them.
package platformtest

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Start is when the computer's clock of a Config stands still.
func Start() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// Config is a shop with those receivers, at a time that stands still until it is moved.
func Config(receivers platform.Receivers) platform.Config {
	return platform.Config{
		Shop: shop.Config{Seed: 7}, Policy: retryclock.DefaultPolicy(), Receivers: receivers, Random: rand.Reader,
		Wall: retryclock.NewVirtual(Start()),
	}
}

// Run is a platform that runs until the spec ends, or until it is stopped.
func Run(ctx context.Context, cfg platform.Config) (p *platform.Platform, stop func()) {
	ginkgo.GinkgoHelper()
	p, err := platform.Open(ctx, cfg)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan error, 1)
	go func() { done <- p.Run(running) }()
	stop = sync.OnceFunc(func() {
		cancel()
		gomega.Expect(<-done).To(gomega.Succeed())
		gomega.Expect(p.Close()).To(gomega.Succeed())
	})
	ginkgo.DeferCleanup(stop)
	return p, stop
}
