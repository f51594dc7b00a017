package sending_test

import (
	"testing"

	_ "github.com/onsi/ginkgo/v2" // for its flags: one command line runs the tests of all packages

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/sending"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// What --set puts at a path is found there again, and --unset takes it away.
func FuzzEdits(f *testing.F) {
	for _, seed := range []string{"a=1", "data.object.items[0].price=x", "a[", "a..b=1", "[0]=1", "=", "a=", `a={"b": [1]}`, "data=null", `["a.b"]=1`, "items[99999999999999999999]=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		edits, err := sending.ReadEdits([]string{value}, nil)
		if err != nil {
			return
		}
		doc, err := jsontree.Parse([]byte(`{"a": 1, "data": {"object": {"items": [{"price": 1}]}}}`))
		if err != nil {
			t.Fatal(err)
		}
		if edits[0].Apply(doc.Root) != nil {
			return
		}
		if _, err := jsontree.Get(doc.Root, edits[0].Path()); err != nil {
			t.Fatalf("%q is not where it was put", value)
		}
	})
}
