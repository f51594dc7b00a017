package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// full is a store with n orders as the shop tells them, and the id of the last
// event.
func full(b *testing.B, n int) (*api.Memory, string) {
	b.Helper()
	w, err := shop.New(shop.Config{Seed: 7, Start: noon})
	if err != nil {
		b.Fatal(err)
	}
	store := api.NewStore(api.StoreConfig{})
	id := ""
	for i := range n {
		events, err := w.Draft(shop.Story{Key: shop.Key{Name: "bench", Index: i}, Kinds: []string{"order.placed"}})
		if err != nil {
			b.Fatal(err)
		}
		store.Add(events[0], w.Objects(events[0])...)
		id = events[0].ID
	}
	return store, id
}

func BenchmarkEvent(b *testing.B) {
	store, id := full(b, 100)
	get(b, store, "/api/v1/events/"+id)
}

func BenchmarkFirstPageOfFullStore(b *testing.B) {
	store, _ := full(b, 2000)
	get(b, store, "/api/v1/events")
}

// BenchmarkMemory reports what one event with its objects takes in a full store.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		store, _ := full(b, 2000)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/2000, "B/event")
		runtime.KeepAlive(store)
	}
}

func get(b *testing.B, store api.Store, path string) {
	b.Helper()
	h := api.New(options(store))
	for b.Loop() {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, path, nil)
		r.SetBasicAuth(secret, "")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(fmt.Sprint(w.Code, w.Body))
		}
	}
}
