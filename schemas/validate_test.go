package schemas_test

import (
	"encoding/json"
	"errors"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

func example(c *schemas.Catalogue, kind string) *jsontree.Object {
	GinkgoHelper()
	event, err := c.ExampleEvent(kind)
	Expect(err).NotTo(HaveOccurred())
	return event
}

func set(root any, path, value string) {
	GinkgoHelper()
	Expect(jsontree.SetPath(root, path, jsontree.ParseValue(value))).To(Succeed())
}

func number(s string) json.Number { return json.Number(s) }

func violations(err error) []string {
	GinkgoHelper()
	var invalid *schemas.InvalidError
	Expect(errors.As(err, &invalid)).To(BeTrue(), "%v", err)
	list := make([]string, len(invalid.Violations))
	for i, v := range invalid.Violations {
		list[i] = v.Rule + " " + v.String()
	}
	return list
}

var _ = Describe("validating", func() {
	c := schemas.Builtin()

	It("lists all mistakes in document order, each once", func() {
		event := example(c, "order.placed")
		set(event, "data.object.items[0].price", "-1")
		set(event, "data.object.status", "null")
		set(event, "data.object.items[1].sku_id", "x")
		set(event, "data.object.email", "Joe <joe@example.com>")
		set(event, "data.object.total_price", `"50000"`)
		set(event, "data.object.financial_status", "piad")
		set(event, "data.object.placed_at", "1.5")
		set(event, "data.object.shipping", "[]")
		set(event, "pending_webhooks", "{}")
		Expect(jsontree.DeletePath(event, "data.object.billing")).To(Succeed())
		Expect(violations(c.Validate("order.placed", event))).To(Equal([]string{
			`type data.object.status: expected string, found null`,
			`enum data.object.financial_status: expected one of "pending", "paid", "partially_refunded", "refunded", "voided", found "piad"`,
			`format data.object.email: expected a string of format email, found "Joe <joe@example.com>"`,
			`minimum data.object.items[0].price: expected 0 or more, found -1`,
			`pattern data.object.items[1].sku_id: expected a string that matches ^sku_c[0-9a-z]{24}$, found "x"`,
			`type data.object.shipping: expected object, found an array of 0 elements`,
			`type data.object.total_price: expected integer, found the string "50000"`,
			`type data.object.placed_at: expected integer, found the number 1.5`,
			`required data.object.billing: required field is missing`,
			`type pending_webhooks: expected integer, found an object of 0 fields`,
		}))
	})

	It("names a misspelt field where one is missing", func() {
		event := example(c, "order.placed")
		order := member(member(event, "data"), "object").(*jsontree.Object)
		for i := range order.Members {
			if order.Members[i].Name == "total_price" {
				order.Members[i].Name = "total_prise"
			}
		}
		Expect(violations(c.Validate("order.placed", event))).To(Equal([]string{
			`required data.object.total_price: required field is missing (but there is total_prise, which is no known field)`,
		}))
	})

	It("holds a nullable object to its schema, without noise", func() {
		event := example(c, "customer.created")
		set(event, "data.object.default_address.city", "5")
		set(event, "data.object.default_address.country_code", "mx")
		Expect(violations(c.Validate("customer.created", event))).To(Equal([]string{
			`pattern data.object.default_address.country_code: expected a string that matches ^[A-Z]{2}$, found "mx"`,
			`type data.object.default_address.city: expected string, found the number 5`,
		}))
		set(event, "data.object.default_address", "null")
		Expect(c.Validate("customer.created", event)).To(Succeed())
		set(event, "data.object.default_address", "x")
		Expect(violations(c.Validate("customer.created", event))).To(Equal([]string{
			`type data.object.default_address: expected object or null, found the string "x"`,
		}))
	})

	It("ties the kind to the object", func() {
		Expect(violations(c.Validate("order.paid", example(c, "order.placed")))).To(Equal([]string{`const kind: expected "order.paid", found "order.placed"`}))
		event := example(c, "order.paid")
		customer, _ := c.Example("customer")
		Expect(jsontree.SetPath(event, "data.object", customer)).To(Succeed())
		Expect(violations(c.Validate("order.paid", event))).To(ContainElement(HavePrefix(`const data.object.object: expected "order", found "customer"`)))
	})

	It("takes fields that no schema names", func() {
		event := example(c, "order.paid")
		member(member(event, "data"), "object").(*jsontree.Object).Set("metadata", &jsontree.Object{})
		event.Set("api_version", "2026-01")
		Expect(c.Validate("order.paid", event)).To(Succeed())
	})

	It("takes the same event in maps", func() {
		event := jsontree.Native(example(c, "order.paid"))
		Expect(c.Validate("order.paid", event)).To(Succeed())
		event.(map[string]any)["kind"] = "order.placed"
		event.(map[string]any)["created_at"] = nil
		Expect(violations(c.Validate("order.paid", event))).To(Equal([]string{
			`type created_at: expected integer, found null`,
			`const kind: expected "order.paid", found "order.placed"`,
		}))
	})

	DescribeTable("refuses Go values, which the validator would pass unseen",
		func(value any, says string) {
			event := example(c, "order.paid")
			Expect(jsontree.SetPath(event, "data.object.items[0].price", value)).To(Succeed())
			err := c.Validate("order.paid", event)
			Expect(err).To(MatchError(ContainSubstring(says)))
			Expect(err).To(MatchError(ContainSubstring("data.object.items[0].price")))
			var invalid *schemas.InvalidError
			Expect(errors.As(err, &invalid)).To(BeFalse())
		},
		Entry("an int", 5, "is a Go int"),
		Entry("a float", 1.5, "is a Go float64"),
		Entry("a struct", struct{}{}, "is a Go struct {}"),
		Entry("bytes", []byte("x"), "is a Go []uint8"),
		Entry("a map of strings", map[string]string{}, "is a Go map[string]string"),
	)

	It("refuses a json.Number that is none", func() {
		for _, n := range []string{"1/2", "0x10", "", "abc", "1_000"} {
			event := example(c, "order.paid")
			Expect(jsontree.SetPath(event, "created_at", number(n))).To(Succeed())
			Expect(c.Validate("order.paid", event)).To(MatchError(ContainSubstring("is no number of JSON")))
		}
	})

	It("shows what was found in few characters that a terminal can bear", func() {
		event := example(c, "order.paid")
		Expect(jsontree.SetPath(event, "data.object.id", "\x1b[31m\u202e\u0085"+strings.Repeat("ñ", 10_000))).To(Succeed())
		Expect(jsontree.SetPath(event, "data.object.number", number("1"+strings.Repeat("0", 10_000)))).To(Succeed())
		list := violations(c.Validate("order.paid", event))
		Expect(list).To(HaveLen(2))
		for _, v := range list {
			Expect(len([]rune(v))).To(BeNumerically("<", 250))
			Expect(v).NotTo(MatchRegexp(`[\x00-\x1f\x7f-\x9f]|\x{202e}`))
			Expect(v).To(Or(HaveSuffix("…"), HaveSuffix(`…"`)))
		}
	})

	It("judges numbers beyond float64", func() {
		for _, n := range []string{"1E400", "-1E400", "1e-400", "1e999999"} {
			event := example(c, "order.paid")
			set(event, "data.object.total_price", n)
			set(event, "data.object.status", n)
			set(event, "kind", n)
			Expect(violations(c.Validate("order.paid", event))).NotTo(BeEmpty(), n)
		}
	})

	It("bounds the depth", func() {
		var deep any
		for range 10_001 {
			deep = []any{deep}
		}
		event := example(c, "order.paid")
		event.Set("deep", deep)
		Expect(c.Validate("order.paid", event)).To(MatchError(ContainSubstring("nested deeper than 10000")))
	})

	It("names twenty violations and counts the rest", func() {
		err := c.Validate("order.paid", &jsontree.Object{Members: []jsontree.Member{{Name: "data", Value: &jsontree.Object{Members: []jsontree.Member{{Name: "object", Value: &jsontree.Object{}}}}}}})
		var invalid *schemas.InvalidError
		Expect(errors.As(err, &invalid)).To(BeTrue())
		Expect(len(invalid.Violations)).To(BeNumerically(">", 40))
		lines := strings.Split(err.Error(), "\n")
		Expect(lines).To(HaveLen(22))
		Expect(lines[0]).To(MatchRegexp(`^order\.paid: \d+ violations of its schema$`))
		Expect(lines[21]).To(MatchRegexp(`^  and \d+ more$`))
	})

	It("judges what is no object at all", func() {
		for _, v := range []any{nil, "x", true, []any{}, number("1")} {
			Expect(violations(c.Validate("order.paid", v))).To(HaveLen(1))
		}
	})
})

var _ = Describe("validating a captured payload", func() {
	c := schemas.Builtin()

	It("names the kind of a good one", func() {
		kind, err := c.ValidateBytes(jsontree.Encode(example(c, "collection.deleted"), jsontree.PHP))
		Expect(err).NotTo(HaveOccurred())
		Expect(kind.Name).To(Equal("collection.deleted"))
	})

	It("says line and column of each mistake", func() {
		event := example(c, "collection.deleted")
		set(event, "data.object.rules[0].value", "3")
		set(event, "created_at", "soon")
		kind, err := c.ValidateBytes(jsontree.Encode(event, jsontree.Pretty))
		Expect(kind.Name).To(Equal("collection.deleted"))
		Expect(violations(err)).To(Equal([]string{
			`type 27:20: data.object.rules[0].value: expected string, found the number 3`,
			`type 33:17: created_at: expected integer, found the string "soon"`,
		}))
	})

	It("suggests a kind for an unknown one, and judges the rest as an event", func() {
		event := example(c, "order.placed")
		set(event, "kind", "order.palced")
		set(event, "id", "x")
		kind, err := c.ValidateBytes(jsontree.Encode(event, jsontree.Plain))
		Expect(kind).To(BeZero())
		Expect(violations(err)).To(Equal([]string{
			`kind 1:35: kind: expected a known event kind (did you mean order.placed?), found "order.palced"`,
			`pattern 1:7: id: expected a string that matches ^evn_c[0-9a-z]{24}$, found "x"`,
		}))
		var unknown *schemas.UnknownError
		Expect(errors.As(err, &unknown)).To(BeTrue())
		Expect(unknown.Suggestion).To(Equal("order.placed"))
	})

	It("does not unwrap an envelope unasked", func() {
		text := `{"data":` + string(jsontree.Encode(example(c, "order.placed"), jsontree.PHP)) + `}`
		_, err := c.ValidateBytes([]byte(text))
		Expect(violations(err)).To(Equal([]string{
			`envelope 1:9: data: expected a bare event, found an event of kind "order.placed" inside {"data": ...}: validate what is inside`,
		}))
	})

	It("reports a field that stands twice", func() {
		text := strings.Replace(string(jsontree.Encode(example(c, "order.placed"), jsontree.PHP)), `"object":"event",`, `"object":"event","object":"event",`, 1)
		_, err := c.ValidateBytes([]byte(text))
		Expect(violations(err)).To(Equal([]string{`duplicate 1:56: object: the field stands twice`}))
	})

	It("says where bytes stop being JSON", func() {
		_, err := c.ValidateBytes([]byte("{\n  \"kind\": order.paid\n}"))
		var s *jsontree.SyntaxError
		Expect(errors.As(err, &s)).To(BeTrue())
		Expect(err).To(MatchError("line 2, column 11: expected a value, found 'o'"))
	})

	DescribeTable("judges what is no event", func(text string, first string) {
		_, err := c.ValidateBytes([]byte(text))
		Expect(violations(err)[0]).To(ContainSubstring(first))
	},
		Entry(nil, `[]`, "event: expected object, found an array of 0 elements"),
		Entry(nil, `null`, "event: expected object, found null"),
		Entry(nil, `{}`, "id: required field is missing"),
		Entry(nil, `{"kind": 5}`, "kind: expected string, found the number 5"),
		Entry(nil, `{"data": {"kind": 5}}`, "data.object: required field is missing"),
	)
})
