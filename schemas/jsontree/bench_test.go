package jsontree_test

import (
	"os"
	"testing"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// order is an order of two items as an event carries it.
func order(b *testing.B) (any, []byte) {
	b.Helper()
	data, err := os.ReadFile("testdata/order.json")
	if err != nil {
		b.Fatal(err)
	}
	doc, err := jsontree.Parse(data)
	if err != nil {
		b.Fatal(err)
	}
	return doc.Root, data
}

func BenchmarkEncode(b *testing.B) {
	tree, _ := order(b)
	for _, style := range jsontree.Styles() {
		b.Run(string(style), func(b *testing.B) {
			buffer := jsontree.Encode(tree, style)
			b.SetBytes(int64(len(buffer)))
			b.ReportAllocs()
			for b.Loop() {
				buffer = jsontree.Append(buffer[:0], tree, style)
			}
		})
	}
}

func BenchmarkNative(b *testing.B) {
	tree, _ := order(b)
	b.ReportAllocs()
	for b.Loop() {
		jsontree.Native(tree)
	}
}

func BenchmarkClone(b *testing.B) {
	tree, _ := order(b)
	b.ReportAllocs()
	for b.Loop() {
		jsontree.Clone(tree)
	}
}

func BenchmarkParse(b *testing.B) {
	_, data := order(b)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := jsontree.Parse(data); err != nil {
			b.Fatal(err)
		}
	}
}
