package shop_test

import (
	"sync/atomic"
	"testing"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

func orderStory(i int) shop.Story {
	return shop.Story{Key: shop.Key{Name: "order.placed", Index: i}, Kinds: []string{"order.placed"}}
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := shop.New(shop.Config{Seed: 7, Start: start}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBuild makes one order event from nothing, without its schema.
func BenchmarkBuild(b *testing.B) {
	w := world(7, "4k2p")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := w.Draft(orderStory(i)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	events, err := world(7, "4k2p").Draft(orderStory(0))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(events[0].Body(jsontree.PHP))))
	b.ReportAllocs()
	for b.Loop() {
		events[0].Body(jsontree.PHP)
	}
}

func BenchmarkValidate(b *testing.B) {
	events, err := world(7, "4k2p").Tell(orderStory(0))
	if err != nil {
		b.Fatal(err)
	}
	catalogue := schemas.Builtin()
	b.ReportAllocs()
	for b.Loop() {
		if err := catalogue.Validate(events[0].Kind, events[0].Tree); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTell is build, validate and encode together.
func BenchmarkTell(b *testing.B) {
	w := world(7, "4k2p")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		events, err := w.Tell(orderStory(i))
		if err != nil {
			b.Fatal(err)
		}
		events[0].Body(jsontree.PHP)
	}
}

// BenchmarkTellParallel is the same on all cores.
func BenchmarkTellParallel(b *testing.B) {
	w := world(7, "4k2p")
	b.ReportAllocs()
	var next atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			events, err := w.Tell(orderStory(int(next.Add(1))))
			if err != nil {
				b.Error(err)
				return
			}
			events[0].Body(jsontree.PHP)
		}
	})
}
