package delivery_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// refusing starts a receiver that never acknowledges, and a client for it.
func refusing(b *testing.B) (*wire.Client, *wire.Request) {
	b.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusInternalServerError)
	}))
	b.Cleanup(server.Close)
	client, err := wire.New(wire.DefaultConfig())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(client.Close)
	target, err := wire.ParseTarget(server.URL + "/webhook")
	if err != nil {
		b.Fatal(err)
	}
	return client, &wire.Request{
		Target: target, Header: delivery.Header("Kometia-Sim/bench", nil), Body: []byte(strings.Repeat("x", 3800)),
	}
}

// BenchmarkLifecycle plays the 49 attempts of 48 virtual hours.
func BenchmarkLifecycle(b *testing.B) {
	client, request := refusing(b)
	for b.Loop() {
		e, err := delivery.New(delivery.Config{Clock: retryclock.NewVirtual(start), Policy: retryclock.DefaultPolicy(), Sender: client})
		if err != nil {
			b.Fatal(err)
		}
		results, err := e.Run(context.Background(), []delivery.Delivery{{Request: request, Due: start}})
		if err != nil || len(results[0].Attempts) != 49 {
			b.Fatal(err, len(results[0].Attempts))
		}
	}
}

// BenchmarkPlainPosts is what a lifecycle is held against: as many POSTs by the
// same client, with nothing around them.
func BenchmarkPlainPosts(b *testing.B) {
	client, request := refusing(b)
	for b.Loop() {
		for range 49 {
			if o := client.Do(context.Background(), request); o.Status != http.StatusInternalServerError {
				b.Fatal(o.Status, o.Err)
			}
		}
	}
}
