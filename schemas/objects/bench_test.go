package objects_test

import (
	"reflect"
	"testing"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// filled is an object of which every field has a value, and every list two.
func filled[T any]() *T {
	v, n := new(T), int64(0)
	fill(reflect.ValueOf(v).Elem(), &n)
	return v
}

func benchmarkTree[T any](b *testing.B) {
	v := filled[T]()
	b.ReportAllocs()
	for b.Loop() {
		jsontree.Of(v)
	}
}

func BenchmarkTreeOfOrder(b *testing.B)    { benchmarkTree[objects.Order](b) }
func BenchmarkTreeOfProduct(b *testing.B)  { benchmarkTree[objects.Product](b) }
func BenchmarkTreeOfCustomer(b *testing.B) { benchmarkTree[objects.Customer](b) }
