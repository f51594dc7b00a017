package schemas_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// builtinFiles lists the embedded schema files, as they lie in the source.
func builtinFiles() []string {
	GinkgoHelper()
	files, err := filepath.Glob("data/*/*.json")
	Expect(err).NotTo(HaveOccurred())
	Expect(files).To(HaveLen(35))
	return files
}

func readTree(file string) *jsontree.Object {
	GinkgoHelper()
	content, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	doc, err := jsontree.Parse(content)
	Expect(err).NotTo(HaveOccurred())
	return doc.Root.(*jsontree.Object)
}

func member(v any, name string) any {
	o, ok := v.(*jsontree.Object)
	if !ok {
		return nil
	}
	found, _ := o.Lookup(name)
	return found
}

var _ = Describe("the built-in catalogue", func() {
	c := schemas.Builtin()

	It("has the kinds in order", func() {
		var names []string
		for _, k := range c.Kinds() {
			names = append(names, k.Name)
			Expect(k.Title.ES).NotTo(BeEmpty())
			Expect(k.Title.EN).NotTo(BeEmpty())
			Expect(k.Object).To(Equal(strings.Split(k.Name, ".")[0]))
		}
		Expect(names).To(Equal([]string{
			"order.created", "order.placed", "order.paid", "fulfillment.created", "fulfillment.updated",
			"product.created", "product.updated", "product.deleted", "customer.created", "customer.updated",
			"collection.created", "collection.updated", "collection.deleted",
		}))
	})

	It("says what its kinds do, and what must have come before them", func() {
		behaviour := map[string]string{}
		for _, k := range c.Kinds() {
			behaviour[k.Name] = strings.Join(append([]string{string(k.Action)}, c.Before(k.Name)...), " ")
		}
		Expect(behaviour).To(Equal(map[string]string{
			"order.created": "create", "order.placed": "place", "order.paid": "pay order.placed",
			"fulfillment.created": "create order.placed", "fulfillment.updated": "update order.placed fulfillment.created",
			"product.created": "create", "product.updated": "update product.created", "product.deleted": "delete product.created",
			"customer.created": "create", "customer.updated": "update customer.created",
			"collection.created": "create", "collection.updated": "update collection.created", "collection.deleted": "delete collection.created",
		}))
		Expect(c.Before("order.unknown")).To(BeNil())
	})

	It("knows where its kinds come from", func() {
		for _, k := range c.Kinds() {
			want := schemas.Documented
			switch k.Name {
			case "order.created":
				want = schemas.Assumed
			case "customer.updated":
				want = schemas.Inferred
			}
			Expect(k.Provenance).To(Equal(want), k.Name)
			Expect(c.Note(k.Name).IsZero()).To(Equal(want == schemas.Documented), k.Name)
		}
	})

	It("suggests a kind, an object, a schema", func() {
		_, err := c.Kind("order.create")
		Expect(err).To(MatchError(`unknown event kind "order.create" (did you mean order.created?)`))
		_, err = c.Schema("oder")
		Expect(err).To(MatchError(`unknown schema "oder" (did you mean order?)`))
		_, err = c.Members("skus")
		Expect(err).To(MatchError(`unknown object "skus" (did you mean sku?)`))
		Expect(c.Validate("nothing.like", nil)).To(MatchError(`unknown event kind "nothing.like"`))
		Expect(c.ValidateObject("oder", nil)).To(MatchError(`unknown object "oder" (did you mean order?)`))
	})

	It("lists its objects, sorted", func() {
		Expect(c.Objects()).To(Equal([]string{
			"blog", "category", "collection", "collection_rule", "customer", "customer_address", "event", "file", "fulfillment",
			"fulfillment_item", "gateway", "order", "order_address", "order_item", "page", "post", "product", "shipping_lines", "sku", "tag", "transaction", "vendor",
		}))
	})

	It("gives examples that are the caller's own", func() {
		a, ok := c.Example("order")
		Expect(ok).To(BeTrue())
		Expect(jsontree.SetPath(a, "items[0].price", "changed")).To(Succeed())
		b, _ := c.Example("order")
		Expect(jsontree.Get(b, "items[0].price")).To(Equal(json.Number("30000")))
		_, ok = c.Example("cart")
		Expect(ok).To(BeFalse())
	})

	It("writes every example with the fields in the schema's order", func() {
		for _, object := range c.Objects() {
			members, err := c.Members(object)
			Expect(err).NotTo(HaveOccurred())
			for _, example := range c.Examples(object) {
				rest := members
				for _, name := range example.(*jsontree.Object).Names() {
					for len(rest) > 0 && rest[0].Name != name {
						Expect(rest[0].Required).To(BeFalse(), "%s: %s", object, rest[0].Name)
						rest = rest[1:]
					}
					Expect(rest).NotTo(BeEmpty(), "%s: %s is out of order or not in the schema", object, name)
					rest = rest[1:]
				}
			}
		}
	})

	It("says the provenance of every field, and what changes what it assumes", func() {
		for _, object := range c.Objects() {
			members, err := c.Members(object)
			Expect(err).NotTo(HaveOccurred())
			Expect(members).NotTo(BeEmpty())
			for _, m := range members {
				at := object + "." + m.Name
				Expect(m.Type).NotTo(BeEmpty(), at)
				Expect(m.Provenance).To(BeElementOf(schemas.Documented, schemas.Sample, schemas.Inferred, schemas.Assumed), at)
				if m.Provenance == schemas.Inferred || m.Provenance == schemas.Assumed {
					Expect(m.Note.EN).NotTo(BeEmpty(), at)
				}
				for _, text := range []lang.Text{m.Note, m.Description} {
					if !text.IsZero() {
						Expect(text.ES).NotTo(BeEmpty(), at)
						Expect(text.EN).NotTo(BeEmpty(), at)
					}
				}
				if !m.Note.IsZero() {
					Expect(m.Knob).To(Equal("schemas"), at)
				}
			}
		}
	})

	It("puts a shipped line's own fields before those of the order's line", func() {
		members, err := c.Members("fulfillment_item")
		Expect(err).NotTo(HaveOccurred())
		Expect(members[0].Name).To(Equal("fulfilled_quantity"))
		Expect(members[1].Name).To(Equal("fulfilled_weight"))
		Expect(members[2].Name).To(Equal("id"))
	})

	It("words the types of fields", func() {
		members, err := c.Members("customer")
		Expect(err).NotTo(HaveOccurred())
		types := map[string]string{}
		for _, m := range members {
			types[m.Name] = m.Type
		}
		Expect(types).To(HaveKeyWithValue("default_address", "customer_address or null"))
		Expect(types).To(HaveKeyWithValue("addresses", "array of customer_address"))
		Expect(types).To(HaveKeyWithValue("email", "string"))
	})

	It("gives every enum and every const a type, without which the validator panics on 1E400", func() {
		var walk func(v any, at string)
		walk = func(v any, at string) {
			switch v := v.(type) {
			case *jsontree.Object:
				_, isEnum := v.Lookup("enum")
				_, isConst := v.Lookup("const")
				if isEnum || isConst {
					Expect(member(v, "type")).To(Equal("string"), at)
				}
				for _, m := range v.Members {
					if m.Name != "examples" {
						walk(m.Value, at+"."+m.Name)
					}
				}
			case []any:
				for _, e := range v {
					walk(e, at)
				}
			}
		}
		for _, file := range builtinFiles() {
			walk(readTree(file), file)
		}
	})

	It("keeps the example texts and files to names that are reserved for examples", func() {
		email := regexp.MustCompile(`[\w.+-]+@[\w.-]+`)
		for _, file := range builtinFiles() {
			content, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			for _, address := range email.FindAllString(string(content), -1) {
				Expect(address).To(HaveSuffix("@example.com"), file)
			}
			Expect(member(readTree(file), "$id")).To(HavePrefix("https://kometia-sim.invalid/"), file)
		}
	})

	It("prints schemas that stand on their own", func() {
		for _, name := range append(c.Objects(), "order.placed", "collection.deleted") {
			printed, err := c.Schema(name)
			Expect(err).NotTo(HaveOccurred())
			Expect(json.Valid(printed)).To(BeTrue())
			Expect(bytes.HasSuffix(printed, []byte("}\n"))).To(BeTrue())
			for _, ref := range regexp.MustCompile(`"\$ref": "([^"]*)"`).FindAllSubmatch(printed, -1) {
				Expect(string(ref[1])).To(Or(Equal("#"), HavePrefix("#/definitions/")), name) // # is itself
			}
		}
	})

	It("says the same to many at once", func() {
		fresh, err := schemas.Load(overlay(map[string]string{"a.json": `{"x-kind": {"name": "order.canceled", "object": "order", "set": {"status": "canceled"}}}`}))
		Expect(err).NotTo(HaveOccurred())
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				defer GinkgoRecover()
				for _, k := range fresh.Kinds() {
					event, err := fresh.ExampleEvent(k.Name)
					Expect(err).NotTo(HaveOccurred())
					Expect(fresh.Validate(k.Name, event)).To(Succeed())
					_, err = fresh.Schema(k.Name)
					Expect(err).NotTo(HaveOccurred())
				}
			})
		}
		wg.Wait()
	})
})
