package jsontree_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// trees draws trees up to a depth; names are distinct within an object.
func trees(depth int) *rapid.Generator[any] {
	scalar := rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.String(), func(s string) any { return s }),
		rapid.Map(rapid.Int64(), func(i int64) any { return json.Number(fmt.Sprint(i)) }),
		rapid.Map(rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?`), func(s string) any { return json.Number(s) }),
	)
	if depth == 0 {
		return scalar
	}
	return rapid.OneOf(
		scalar,
		rapid.Map(rapid.SliceOfN(trees(depth-1), 0, 4), func(a []any) any { return a }),
		rapid.Custom(func(t *rapid.T) any { return objects(depth).Draw(t, "object") }),
	)
}

func objects(depth int) *rapid.Generator[*jsontree.Object] {
	return rapid.Custom(func(t *rapid.T) *jsontree.Object {
		o := &jsontree.Object{Members: []jsontree.Member{}}
		for _, name := range rapid.SliceOfNDistinct(rapid.String(), 0, 5, rapid.ID[string]).Draw(t, "names") {
			o.Members = append(o.Members, jsontree.Member{Name: name, Value: trees(depth-1).Draw(t, "value")})
		}
		return o
	})
}

// paths lists the path of every value below root.
func paths(v any, at string) []string {
	var list []string
	switch v := v.(type) {
	case *jsontree.Object:
		for _, m := range v.Members {
			p := jsontree.JoinName(at, m.Name)
			list = append(append(list, p), paths(m.Value, p)...)
		}
	case []any:
		for i, e := range v {
			p := jsontree.JoinIndex(at, i)
			list = append(append(list, p), paths(e, p)...)
		}
	}
	return list
}

// text identifies a tree whatever the nil-ness of its empty slices.
func text(v any) string { return string(jsontree.Encode(v, jsontree.Plain)) }

var _ = Describe("any tree", func() {
	check := func(property func(*rapid.T)) { rapid.Check(GinkgoT(), property) }

	It("comes back from each style as it was", func() {
		check(func(t *rapid.T) {
			tree := trees(4).Draw(t, "tree")
			for _, style := range jsontree.Styles() {
				out := jsontree.Encode(tree, style)
				doc, err := jsontree.Parse(out)
				if err != nil || !json.Valid(out) {
					t.Fatalf("%s: %v: %s", style, err, out)
				}
				if text(doc.Root) != text(tree) {
					t.Fatalf("%s: %s", style, out)
				}
			}
		})
	})

	It("means the same to encoding/json", func() {
		check(func(t *rapid.T) {
			tree := objects(4).Draw(t, "tree")
			var ours, theirs any
			if err := json.Unmarshal(jsontree.Encode(tree, jsontree.PHP), &ours); err != nil {
				t.Skip("a number beyond float64")
			}
			b, err := json.Marshal(jsontree.Native(tree))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(b, &theirs); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(ours, theirs) {
				t.Fatalf("%v\n%v", ours, theirs)
			}
		})
	})

	It("gives back what was set, and nothing else changes", func() {
		check(func(t *rapid.T) {
			tree := objects(4).Draw(t, "tree")
			all := paths(tree, "")
			if len(all) == 0 {
				t.Skip("empty")
			}
			path := rapid.SampledFrom(all).Draw(t, "path")
			before, err := jsontree.Get(tree, path)
			if err != nil {
				t.Fatal(err)
			}
			whole := text(tree)
			copied := jsontree.Clone(tree)
			if err := jsontree.SetPath(copied, path, "marker"); err != nil {
				t.Fatal(err)
			}
			if got, err := jsontree.Get(copied, path); err != nil || got != "marker" {
				t.Fatalf("%v %v", got, err)
			}
			if text(tree) != whole {
				t.Fatal("the clone shares with its original")
			}
			if err := jsontree.SetPath(copied, path, before); err != nil || text(copied) != whole {
				t.Fatalf("%v: %s", err, text(copied))
			}
			if err := jsontree.DeletePath(copied, path); err != nil {
				t.Fatal(err)
			}
			if len(paths(copied, "")) >= len(all) {
				t.Fatal("nothing was removed")
			}
		})
	})

	It("stands where Position says", func() {
		check(func(t *rapid.T) {
			tree := objects(3).Draw(t, "tree")
			out := jsontree.Encode(tree, jsontree.Plain)
			doc, err := jsontree.Parse(out)
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range paths(tree, "") {
				want, _ := jsontree.Get(tree, path)
				line, column := doc.Position(path)
				// Plain text may hold no raw newline, so all is on line 1.
				rest := string([]rune(string(out))[column-1:])
				if line != 1 || len(rest) < len(text(want)) || rest[:len(text(want))] != text(want) {
					t.Fatalf("%s: %d:%d", path, line, column)
				}
			}
		})
	})

	It("survives any text as a path", func() {
		check(func(t *rapid.T) {
			path := rapid.StringMatching(`[a-c.\[\]"\\0-2]{0,12}`).Draw(t, "path")
			_, err := jsontree.Get(objects(3).Draw(t, "tree"), path)
			var p *jsontree.PathError
			if err != nil && !errors.As(err, &p) {
				t.Fatalf("%T", err)
			}
		})
	})
})

var _ = It("has no number that it takes and JSON does not", func() {
	rapid.Check(GinkgoT(), func(t *rapid.T) {
		s := rapid.StringMatching(`[-+0-9.eEx/_]{0,8}`).Draw(t, "number")
		var n json.Number
		if jsontree.ValidNumber(s) != (json.Unmarshal([]byte(s), &n) == nil) {
			t.Fatal(s)
		}
	})
	Expect(jsontree.ValidNumber("1")).To(BeTrue())
})
