package jsontree_test

import (
	"encoding/json"
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

var _ = Describe("a path", func() {
	const text = `{"data":{"object":{"items":[{"price":1},{"price":2}],"a.b":{"c":3},"":4,"x[0]":5,"q\"]":6}},"null":null}`

	parse := func() any {
		GinkgoHelper()
		doc, err := jsontree.Parse([]byte(text))
		Expect(err).NotTo(HaveOccurred())
		return doc.Root
	}

	DescribeTable("leads to a value", func(path string, want any) {
		got, err := jsontree.Get(parse(), path)
		Expect(err).NotTo(HaveOccurred())
		Expect([]any{got}).To(Equal([]any{want}))
	},
		Entry(nil, "data.object.items[1].price", json.Number("2")),
		Entry(nil, `data.object["a.b"].c`, json.Number("3")),
		Entry(nil, `data.object["a.b"]["c"]`, json.Number("3")),
		Entry(nil, `["data"].object.items[0]["price"]`, json.Number("1")),
		Entry(nil, `data.object[""]`, json.Number("4")),
		Entry(nil, `data.object["x[0]"]`, json.Number("5")),
		Entry(nil, `data.object["q\"]"]`, json.Number("6")),
		Entry(nil, "null", nil),
	)

	It("is empty for the root", func() {
		root := parse()
		Expect(jsontree.Get(root, "")).To(BeIdenticalTo(root))
	})

	DescribeTable("says where it ends and what was meant", func(path, want string) {
		_, err := jsontree.Get(parse(), path)
		Expect(err).To(MatchError(want))
		var p *jsontree.PathError
		Expect(errors.As(err, &p)).To(BeTrue())
		Expect(p.Path).To(Equal(path))
		Expect(jsontree.SetPath(parse(), path, nil)).To(MatchError(want))
		Expect(jsontree.DeletePath(parse(), path)).To(MatchError(want))
	},
		Entry(nil, "data.object.itmes[0].price", `path "data.object.itmes[0].price": data.object has no field "itmes" (did you mean items?)`),
		Entry(nil, "dta", `path "dta": the root has no field "dta" (did you mean data?)`),
		Entry(nil, "data.object.items[2].price", `path "data.object.items[2].price": data.object.items has 2 elements, so there is no [2]`),
		Entry(nil, "data[0]", `path "data[0]": data is an object, so it has no element [0]`),
		Entry(nil, "null.a", `path "null.a": null is null, so it has no field "a"`),
		Entry(nil, "data.object.items.price", `path "data.object.items.price": data.object.items is an array, so it has no field "price"`),
		Entry(nil, "data.", `path "data.": ends in a dot`),
		Entry(nil, "data..object", `path "data..object": an empty name`),
		Entry(nil, ".data", `path ".data": an empty name`),
		Entry(nil, "data.[0]", `path "data.[0]": a dot before "[0]"`),
		Entry(nil, "data[0", `path "data[0": no closing ] after "[0"`),
		Entry(nil, "data[-1]", `path "data[-1]": [-1] is no index: write [0], or ["name"]`),
		Entry(nil, "data[01]", `path "data[01]": [01] is no index: write [0], or ["name"]`),
		Entry(nil, "data[x]", `path "data[x]": [x] is no index: write [0], or ["name"]`),
		Entry(nil, "data[0]x", `path "data[0]x": expected . or [ before "x"`),
		Entry(nil, "data[0].", `path "data[0].": ends in a dot`),
		Entry(nil, "data[0].[1]", `path "data[0].[1]": a dot before "[1]"`),
		Entry(nil, `data["a`, `path "data[\"a": no closing ] after "[\"a"`),
		Entry(nil, `data["\q"]`, `path "data[\"\\q\"]": "\q" is no quoted name`),
		Entry(nil, `da"ta`, `path "da\"ta": write the name "da\"ta" as ["..."]`),
	)

	It("changes nothing but what it names", func() {
		root := parse()
		Expect(jsontree.SetPath(root, "data.object.items[0]", "x")).To(Succeed())
		Expect(jsontree.DeletePath(root, `data.object["a.b"].c`)).To(Succeed())
		Expect(jsontree.DeletePath(root, "data.object.items[1]")).To(Succeed())
		Expect(string(jsontree.Encode(root, jsontree.Plain))).To(Equal(`{"data":{"object":{"items":["x"],"a.b":{},"":4,"x[0]":5,"q\"]":6}},"null":null}`))
	})

	It("leaves the root in its place", func() {
		Expect(jsontree.SetPath(obj(), "", nil)).To(MatchError(ContainSubstring("the root itself cannot be replaced")))
		Expect(jsontree.DeletePath(obj(), "")).To(MatchError(ContainSubstring("the root itself cannot be removed")))
		Expect(jsontree.DeletePath([]any{"a"}, "[0]")).To(MatchError(ContainSubstring("cannot be shortened in place")))
	})

	It("is built from names and indices", func() {
		p := jsontree.JoinIndex(jsontree.JoinName(jsontree.JoinName("", "data"), "items"), 3)
		Expect(p).To(Equal("data.items[3]"))
		Expect(jsontree.JoinName(p, "a.b\n")).To(Equal(`data.items[3]["a.b\n"]`))
		Expect(jsontree.JoinName("", "")).To(Equal(`[""]`))
	})
})

var _ = DescribeTable("a value given as text", func(s string, want any) {
	Expect([]any{jsontree.ParseValue(s)}).To(Equal([]any{want}))
},
	Entry(nil, "100", json.Number("100")), Entry(nil, `"100"`, "100"), Entry(nil, "null", nil), Entry(nil, "true", true), Entry(nil, "hola", "hola"),
	Entry(nil, "", ""), Entry(nil, "007", "007"), Entry(nil, "[1]", []any{json.Number("1")}), Entry(nil, "1E400", json.Number("1E400")), Entry(nil, "{", "{"),
)
