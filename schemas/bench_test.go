package schemas_test

import (
	"testing"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

func BenchmarkValidate(b *testing.B) {
	c := schemas.Builtin()
	for _, kind := range []string{"order.placed", "fulfillment.created", "product.created", "customer.created", "collection.created"} {
		event, err := c.ExampleEvent(kind)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.Validate(kind, event); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkValidateBytes(b *testing.B) {
	c := schemas.Builtin()
	event, err := c.ExampleEvent("order.placed")
	if err != nil {
		b.Fatal(err)
	}
	text := jsontree.Encode(event, jsontree.PHP)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.ValidateBytes(text); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad is a user's folder of one kind: reading the built-in schemas,
// laying the folder over them and trying it.
func BenchmarkLoad(b *testing.B) {
	dir := b.TempDir()
	writeFile(b, dir+"/canceled.json", canceled)
	for b.Loop() {
		if _, err := schemas.Load(dir); err != nil {
			b.Fatal(err)
		}
	}
}
