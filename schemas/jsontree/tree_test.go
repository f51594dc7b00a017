package jsontree_test

import (
	"encoding/json"
	"math"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

var _ = Describe("an object", func() {
	It("sets in place, appends, looks up and deletes", func() {
		o := obj("a", "1", "b", "2")
		o.Set("a", "x")
		o.Set("c", "3")
		Expect(o.Names()).To(Equal([]string{"a", "b", "c"}))
		v, ok := o.Lookup("a")
		Expect(v).To(Equal("x"))
		Expect(ok).To(BeTrue())
		Expect(o.Delete("b")).To(BeTrue())
		Expect(o.Delete("b")).To(BeFalse())
		Expect(o.Names()).To(Equal([]string{"a", "c"}))
	})

	It("counts the last of two fields of one name, and deletes both", func() {
		o := obj("a", "1", "b", "2", "a", "3")
		v, _ := o.Lookup("a")
		Expect(v).To(Equal("3"))
		o.Set("a", "4")
		Expect(string(jsontree.Encode(o, jsontree.Plain))).To(Equal(`{"a":"1","b":"2","a":"4"}`))
		Expect(jsontree.Native(o)).To(Equal(map[string]any{"a": "4", "b": "2"}))
		Expect(o.Delete("a")).To(BeTrue())
		Expect(o.Names()).To(Equal([]string{"b"}))
	})

	It("may be nil", func() {
		var o *jsontree.Object
		_, ok := o.Lookup("a")
		Expect(ok).To(BeFalse())
		Expect(jsontree.Native(o)).To(BeNil())
		Expect(jsontree.Clone(o)).To(BeNil())
	})
})

var _ = Describe("a clone", func() {
	It("shares nothing", func() {
		a := obj("l", []any{obj("x", "1")})
		b := jsontree.Clone(a)
		Expect(jsontree.SetPath(b, "l[0].x", "2")).To(Succeed())
		Expect(jsontree.Get(a, "l[0].x")).To(Equal("1"))
		Expect(jsontree.Get(b, "l[0].x")).To(Equal("2"))
	})
})

type base struct {
	ID string `json:"id"`
}

type pointed struct {
	Deep int `json:"deep"`
}

type sample struct {
	base
	*pointed
	Name    string           `json:"name"`
	Note    *string          `json:"note"`
	Price   int64            `json:"price"`
	Flag    bool             `json:"flag"`
	Tags    []string         `json:"tags"`
	Maybe   string           `json:"maybe,omitempty"`
	Skip    string           `json:"-"`
	Free    any              `json:"free"`
	Tree    *jsontree.Object `json:"tree"`
	Untag   uint8
	hidden  string
	Ratio   float64     `json:"ratio"`
	Number  json.Number `json:"number"`
	ByName  map[string]int
	Subs    []base `json:"subs"`
	Pair    [2]int `json:"pair"`
	PtrSub  *base  `json:"ptr_sub"`
	Objects jsontree.Object
}

var _ = Describe("a tree of a Go value", func() {
	It("follows tags and field order", func() {
		v := sample{
			base: base{"i"}, Name: "n", Price: -5, Tags: []string{"a"}, Skip: "s", Free: []any{1, "x"}, Untag: 7, hidden: "h", Ratio: 0.1, Number: "1e3",
			ByName: map[string]int{"b": 2, "a": 1}, Subs: []base{{"j"}}, PtrSub: &base{"k"}, Objects: *obj("z", true),
		}
		Expect(v.hidden).To(Equal("h"))
		Expect(string(jsontree.Encode(jsontree.Of(v), jsontree.Plain))).To(Equal(
			`{"id":"i","name":"n","note":null,"price":-5,"flag":false,"tags":["a"],"free":[1,"x"],"tree":null,"Untag":7,"ratio":0.1,"number":1e3,` +
				`"ByName":{"a":1,"b":2},"subs":[{"id":"j"}],"pair":[0,0],"ptr_sub":{"id":"k"},"Objects":{"z":true}}`))
		note := "é"
		v = sample{pointed: &pointed{3}, Note: &note, Maybe: "m", Tree: obj("q", nil)}
		got := string(jsontree.Encode(jsontree.Of(&v), jsontree.Plain))
		Expect(got).To(ContainSubstring(`{"id":"","deep":3,"name":"","note":"é"`))
		Expect(got).To(ContainSubstring(`"tags":null,"maybe":"m","free":null,"tree":{"q":null}`))
	})

	It("uses trees as they are", func() {
		o, a := obj("a", "b"), []any{"x", obj()}
		Expect(jsontree.Of(o)).To(BeIdenticalTo(o))
		Expect(jsontree.Of(a)).To(Equal(a))
		Expect(jsontree.Of(nil)).To(BeNil())
		Expect(jsontree.Of((*jsontree.Object)(nil))).To(BeNil())
		Expect(jsontree.Of(json.Number("5"))).To(Equal(json.Number("5")))
	})

	DescribeTable("numbers", func(v any, want string) { Expect(jsontree.Of(v)).To(Equal(json.Number(want))) },
		Entry(nil, 0, "0"), Entry(nil, int64(math.MinInt64), "-9223372036854775808"), Entry(nil, uint64(math.MaxUint64), "18446744073709551615"),
		Entry(nil, 1.0, "1"), Entry(nil, 1e21, "1e+21"), Entry(nil, float32(0.1), "0.1"), Entry(nil, 1e-7, "1e-07"), Entry(nil, json.Number(""), "0"),
	)

	DescribeTable("panics at what JSON cannot say", func(v any, says string) {
		Expect(func() { jsontree.Of(v) }).To(PanicWith(ContainSubstring(says)))
	},
		Entry("a channel", make(chan int), "chan int"), Entry("a function", func() {}, "func()"), Entry("NaN", math.NaN(), "NaN"),
		Entry("an infinity", math.Inf(1), "NaN or an infinity"), Entry("other keys", map[int]int{1: 1}, "map[int]int"), Entry("no number", json.Number("0x1"), "0x1"),
	)

	It("gives the validator maps, slices, strings, json.Number, bool and nil", func() {
		Expect(jsontree.Native(obj("a", []any{json.Number("1"), true, nil, obj("b", "c")}, "n", 3))).
			To(Equal(map[string]any{"a": []any{json.Number("1"), true, nil, map[string]any{"b": "c"}}, "n": json.Number("3")}))
	})
})
