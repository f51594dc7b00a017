package schemas_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// overlay makes a folder of the given files.
func overlay(files map[string]string) string {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	for name, content := range files {
		Expect(os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600)).To(Succeed())
	}
	return dir
}

const canceled = `{"x-kind": {"name": "order.canceled", "object": "order", "title": {"es": "Se canceló un pedido", "en": "An order was cancelled"}, "set": {"status": "canceled", "canceled_at": 1483666259}}}`

const cart = `{
  "x-object": "cart",
  "type": "object",
  "required": ["id", "object", "items"],
  "properties": {
    "id": {"type": "string", "pattern": "^crt_c[0-9a-z]{24}$"},
    "object": {"type": "string", "const": "cart"},
    "items": {"type": "array", "items": {"$ref": "https://kometia-sim.invalid/objects/order_item.json"}},
    "customer": {"$ref": "customer.json"}
  },
  "examples": [{"id": "crt_cix05w6st0000uk047v34b42t", "object": "cart", "items": []}]
}`

// mistakes splits a joined error into its first lines.
func mistakes(err error) []string {
	GinkgoHelper()
	Expect(err).To(HaveOccurred())
	joined, ok := err.(interface{ Unwrap() []error })
	Expect(ok).To(BeTrue())
	var list []string
	for _, e := range joined.Unwrap() {
		list = append(list, strings.Split(e.Error(), "\n")[0])
	}
	return list
}

var _ = Describe("a folder of schemas", func() {
	It("is not needed", func() {
		c, err := schemas.Load("")
		Expect(err).NotTo(HaveOccurred())
		Expect(c).To(BeIdenticalTo(schemas.Builtin()))
	})

	It("adds a kind with a file that says little", func() {
		c, err := schemas.Load(overlay(map[string]string{"canceled.json": canceled, "README.md": "no schema"}))
		Expect(err).NotTo(HaveOccurred())
		kind, err := c.Kind("order.canceled")
		Expect(err).NotTo(HaveOccurred())
		Expect(kind.Object).To(Equal("order"))
		Expect(kind.Provenance).To(Equal(schemas.Assumed))
		Expect(kind.Title.ES).To(Equal("Se canceló un pedido"))
		Expect(kind.Set).To(HaveKeyWithValue("status", "canceled"))
		kinds := c.Kinds()
		Expect(kinds[len(kinds)-1].Name).To(Equal("order.canceled"))
		Expect(kinds).To(HaveLen(len(schemas.Builtin().Kinds()) + 1))

		event := example(c, "order.canceled")
		Expect(jsontree.Get(event, "data.object.status")).To(Equal("canceled"))
		Expect(c.Validate("order.canceled", event)).To(Succeed())
		set(event, "data.object.total_price", "x")
		Expect(violations(c.Validate("order.canceled", event))).To(HaveLen(1))
		printed, err := c.Schema("order.canceled")
		Expect(err).NotTo(HaveOccurred())
		Expect(string(printed)).To(ContainSubstring(`"const": "order.canceled"`))
		Expect(secondOpinion(c, "order.canceled").Validate(jsontree.Native(example(c, "order.canceled")))).To(Succeed())
		_, err = schemas.Builtin().Kind("order.canceled")
		Expect(err).To(HaveOccurred(), "the built-in catalogue never changes")
	})

	It("adds an object and its kinds, sorted", func() {
		c, err := schemas.Load(overlay(map[string]string{
			"1.json": cart, "2.json": `{"x-kind": {"name": "cart.updated", "object": "cart"}}`, "3.json": `{"x-kind": {"name": "cart.created", "object": "cart", "provenance": "documented"}}`,
		}))
		Expect(err).NotTo(HaveOccurred())
		kinds := c.Kinds()[len(schemas.Builtin().Kinds()):]
		Expect(kinds[0].Name).To(Equal("cart.created"))
		Expect(kinds[0].Title.ES).To(Equal("cart.created"))
		Expect(kinds[0].Provenance).To(Equal(schemas.Documented))
		Expect(kinds[1].Name).To(Equal("cart.updated"))
		Expect(c.Objects()).To(ContainElement("cart"))
		event := example(c, "cart.updated")
		Expect(c.Validate("cart.updated", event)).To(Succeed())
		set(event, "data.object.items", `[{"id": 5}]`)
		Expect(violations(c.Validate("cart.updated", event))).To(ContainElement(ContainSubstring("data.object.items[0].id: expected string, found the number 5")))
		Expect(secondOpinion(c, "cart.updated").Validate(jsontree.Native(event))).NotTo(Succeed())
	})

	It("replaces a built-in schema of the same name, in its place", func() {
		order := readTree("data/objects/order.json")
		Expect(jsontree.SetPath(order, "properties.status.enum", []any{"placed", "canceled", "archived", "open"})).To(Succeed())
		c, err := schemas.Load(overlay(map[string]string{
			"order.json": string(jsontree.Encode(order, jsontree.Pretty)),
			"paid.json":  `{"x-kind": {"name": "order.paid", "object": "order", "title": {"en": "Paid!"}}}`,
		}))
		Expect(err).NotTo(HaveOccurred())
		event := example(c, "order.placed")
		set(event, "data.object.status", "open")
		Expect(c.Validate("order.placed", event)).To(Succeed())
		Expect(schemas.Builtin().Validate("order.placed", event)).NotTo(Succeed())
		Expect(c.Kinds()[2].Name).To(Equal("order.paid"))
		Expect(c.Kinds()[2].Title.ES).To(Equal("Paid!"))
		Expect(c.Kinds()[2].Action).To(Equal(schemas.Pay), "as before: the file says nothing of it")
		Expect(c.Before("order.paid")).To(Equal([]string{"order.placed"}))
	})

	It("may hold the built-in schemas themselves: they pass every check of a user's", func() {
		files := map[string]string{}
		for _, file := range builtinFiles() {
			content, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			files[filepath.Base(file)] = string(content)
		}
		c, err := schemas.Load(overlay(files))
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Kinds()).To(Equal(schemas.Builtin().Kinds()))
	})

	It("reports the mistakes of all files at once, with place and caret", func() {
		dir := overlay(map[string]string{
			"a.json": "{\n  \"x-kind\": {\"name\": \"order.a\",, \"object\": \"order\"}\n}",
			"b.json": "{\n  \"x-kind\": {\"name\": \"order.b\", \"object\": \"ordr\"},\n  \"requierd\": []\n}",
			"c.json": `{"x-object": "thing", "type": "objekt", "properties": {"a": {"$ref": "https://kometia-sim.invalid/objects/oder.json"}}}`,
		})
		_, err := schemas.Load(dir)
		Expect(mistakes(err)).To(Equal([]string{
			dir + `/a.json:2:32: expected a field's name in double quotes, found ','`,
			dir + `/b.json:3:15: draft-07 has no keyword "requierd" (did you mean required?)`,
			dir + `/c.json:1:31: unknown type "objekt" (did you mean object?)`,
		}))
		Expect(err.Error()).To(ContainSubstring("  2 |   \"x-kind\": {\"name\": \"order.a\",, \"object\": \"order\"}\n    |                                ^"))
	})

	DescribeTable("says what is wrong and what to do",
		func(content, want string) {
			dir := overlay(map[string]string{"x.json": content})
			_, err := schemas.Load(dir)
			Expect(mistakes(err)).To(HaveLen(1))
			Expect(mistakes(err)[0]).To(And(HavePrefix(dir+"/x.json:"), ContainSubstring(want)))
		},
		Entry("no object", `[]`, "a schema file holds a JSON object"),
		Entry("nothing described", `{"type": "object"}`, `nothing says what this schema describes: add "x-kind"`),
		Entry("a misspelt annotation", `{"x-kinds": {}}`, "did you mean x-kind in place of x-kinds?"),
		Entry("both annotations", `{"x-kind": {}, "x-object": "a"}`, "not both"),
		Entry("a kind without a name", `{"x-kind": {"object": "order"}}`, "x-kind lacks its name"),
		Entry("a kind without an object", `{"x-kind": {"name": "order.a"}}`, "x-kind lacks its object"),
		Entry("a kind that is no object", `{"x-kind": "order.a"}`, "x-kind must be an object"),
		Entry("a bad name", `{"x-kind": {"name": "Order Canceled", "object": "order"}}`, `the name of a kind looks like "order.canceled"`),
		Entry("a name without a dot", `{"x-kind": {"name": "canceled", "object": "order"}}`, `the name of a kind looks like "order.canceled"`),
		Entry("a bad object name", `{"x-object": "../order"}`, "x-object must be the name of an object"),
		Entry("an unknown object", `{"x-kind": {"name": "order.a", "object": "oder"}}`, `unknown object "oder" (did you mean order?)`),
		Entry("an unknown annotation", `{"x-kind": {"name": "order.a", "object": "order", "sets": {}}}`, `x-kind has no "sets" (did you mean set?)`),
		Entry("a bad provenance", `{"x-kind": {"name": "order.a", "object": "order", "provenance": "asumed"}}`, "did you mean assumed?"),
		Entry("a bad title", `{"x-kind": {"name": "order.a", "object": "order", "title": "A"}}`, `title must be {"es": "...", "en": "..."}`),
		Entry("a bad title language", `{"x-kind": {"name": "order.a", "object": "order", "title": {"fr": "A"}}}`, `title holds two strings`),
		Entry("a bad action", `{"x-kind": {"name": "order.a", "object": "order", "action": "deletes"}}`, "action must be create, place, pay, update or delete (did you mean delete?)"),
		Entry("an action of orders", `{"x-kind": {"name": "product.a", "object": "product", "action": "pay"}}`, "only an order is placed or paid, not a product"),
		Entry("a bad after", `{"x-kind": {"name": "order.a", "object": "order", "after": "order.placed"}}`, `after must be a list of event kinds: ["order.placed"]`),
		Entry("an empty after", `{"x-kind": {"name": "order.a", "object": "order", "after": []}}`, `after must be a list of event kinds`),
		Entry("an unknown kind before it", `{"x-kind": {"name": "order.a", "object": "order", "after": ["order.palced"]}}`, `unknown event kind "order.palced" (did you mean order.placed?)`),
		Entry("itself before it", `{"x-kind": {"name": "order.a", "object": "order", "after": ["order.a"]}}`, "order.a would have to come before itself"),
		Entry("itself far before it", `{"x-kind": {"name": "order.placed", "object": "order", "after": ["fulfillment.updated"]}}`, "order.placed would have to come before itself"),
		Entry("a bad rank", `{"x-kind": {"name": "order.a", "object": "order", "rank": -1}}`, "rank must be a whole number"),
		Entry("a bad set", `{"x-kind": {"name": "order.a", "object": "order", "set": []}}`, "set must be an object of paths"),
		Entry("a set path that leads nowhere", `{"x-kind": {"name": "order.a", "object": "order", "set": {"statsu": "canceled"}}}`, `set: path "statsu": the root has no field "statsu" (did you mean status?)`),
		Entry("a set value that the object refuses", `{"x-kind": {"name": "order.a", "object": "order", "set": {"status": "cancelled"}}}`, "an event made of the example of order is refused: order.a: 1 violation"),
		Entry("another $id", `{"$id": "https://example.com/a", "x-object": "a"}`, `the $id of a must be "https://kometia-sim.invalid/objects/a.json"; it may be left out`),
		Entry("a nested $id", `{"x-object": "a", "properties": {"b": {"$id": "https://kometia-sim.invalid/b"}}}`, "$id stands at the top of a file only"),
		Entry("another draft", `{"$schema": "https://json-schema.org/draft/2020-12/schema", "x-object": "a"}`, "schemas here are draft-07"),
		Entry("a keyword of a later draft", `{"x-object": "a", "$defs": {}}`, `draft-07 has no keyword "$defs" (did you mean definitions?)`),
		Entry("a keyword of an earlier draft", `{"x-object": "a", "id": "x"}`, `draft-07 has no keyword "id" (did you mean $id?)`),
		Entry("an unheard-of keyword", `{"x-object": "a", "colour": "red"}`, "name annotations of your own x-..."),
		Entry("a name twice", `{"x-object": "a", "type": "object", "type": "object"}`, "type stands twice"),
		Entry("a schema that is none", `{"x-object": "a", "properties": {"b": 5}}`, "expected a schema: an object, true or false"),
		Entry("a list of schemas that is empty", `{"x-object": "a", "anyOf": []}`, "anyOf must be a list with at least one schema"),
		Entry("an empty enum", `{"x-object": "a", "enum": []}`, "enum must be a list with at least one value"),
		Entry("required as in draft-03", `{"x-object": "a", "properties": {"b": {"required": true}}}`, "required must be a list of names"),
		Entry("required twice", `{"x-object": "a", "required": ["b", "b"]}`, `required names "b" twice`),
		Entry("a negative length", `{"x-object": "a", "minLength": -1}`, "minLength must be a whole number, 0 or more"),
		Entry("a bound as text", `{"x-object": "a", "minimum": "0"}`, "minimum must be a number"),
		Entry("a bound beyond numbers", `{"x-object": "a", "maximum": 1E400}`, "maximum is beyond the range of numbers"),
		Entry("a multiple of nothing", `{"x-object": "a", "multipleOf": 0}`, "multipleOf must be above 0"),
		Entry("a flag as text", `{"x-object": "a", "uniqueItems": "yes"}`, "uniqueItems must be true or false"),
		Entry("a type twice", `{"x-object": "a", "type": ["null", "null"]}`, `type names "null" twice`),
		Entry("no type", `{"x-object": "a", "type": []}`, "type must name at least one type"),
		Entry("a type as number", `{"x-object": "a", "type": 5}`, "type must be a string or a list of strings"),
		Entry("a pattern that does not compile", `{"x-object": "a", "pattern": "(?=a)"}`, "does not compile"),
		Entry("a field pattern that does not compile", `{"x-object": "a", "patternProperties": {"(": {}}}`, "does not compile"),
		Entry("an unknown format", `{"x-object": "a", "format": "e-mail"}`, `unknown format "e-mail" (did you mean email?)`),
		Entry("dependencies as list", `{"x-object": "a", "dependencies": []}`, "dependencies must be an object"),
		Entry("dependencies on numbers", `{"x-object": "a", "dependencies": {"b": [1]}}`, "dependencies.b must be a list of names"),
		Entry("a description that is no text", `{"x-object": "a", "description": {"es": "x"}}`, "description must be a string"),
		Entry("something beside a $ref", `{"x-object": "a", "properties": {"b": {"$ref": "order.json", "minProperties": 1}}}`, `draft-07 ignores minProperties beside $ref: write "allOf"`),
		Entry("a $ref to nothing", `{"x-object": "a", "properties": {"b": {"$ref": "ordr.json"}}}`, "which is no known schema (did you mean objects/order.json?)"),
		Entry("a $ref to a place that is none", `{"x-object": "a", "definitions": {"price": {}}, "properties": {"b": {"$ref": "#/definitions/prize"}}}`, "a has no schema at #/definitions/prize (did you mean #/definitions/price?)"),
		Entry("a $ref to what is no schema", `{"x-object": "a", "properties": {"b": {"$ref": "order.json#/required"}}}`, "order has no schema at #/required"),
		Entry("a $ref by anchor", `{"x-object": "a", "properties": {"b": {"$ref": "#price"}}}`, "only JSON Pointers"),
		Entry("a $ref that is no URI", `{"x-object": "a", "properties": {"b": {"$ref": "%zz"}}}`, "is no URI reference"),
		Entry("a $ref by URL", `{"x-object": "a", "properties": {"b": {"$ref": "https://example.com/b.json"}}}`, "schemas are never loaded by URL"),
		Entry("a $ref by file", `{"x-object": "a", "properties": {"b": {"$ref": "file:///etc/passwd"}}}`, "schemas are never loaded by URL"),
		Entry("a $ref to itself", `{"x-object": "a", "$ref": "#"}`, "leads back to itself"),
		Entry("an example that breaks its schema", `{"x-object": "a", "properties": {"b": {"type": "integer"}}, "examples": [{"b": 1}, {"b": "x"}]}`, "the example does not keep to its own schema: b: expected integer, found the string"),
		Entry("examples that are no list", `{"x-object": "a", "examples": {}}`, "examples must be a list"),
		Entry("a schema that takes any kind", `{"x-kind": {"name": "order.a", "object": "order"}, "type": "object"}`, "the schema takes events of any kind"),
	)

	It("finds circles through other schemas", func() {
		dir := overlay(map[string]string{
			"a.json": `{"x-object": "a", "allOf": [{"$ref": "#/definitions/b"}], "definitions": {"b": {"anyOf": [{"$ref": "c.json"}, true]}}}`,
			"c.json": `{"x-object": "c", "if": true, "then": {"$ref": "a.json"}, "properties": {"deeper": {"$ref": "a.json"}}}`,
		})
		_, err := schemas.Load(dir)
		Expect(mistakes(err)).To(HaveLen(3))
		Expect(mistakes(err)).To(HaveEach(ContainSubstring("leads back to itself")))
	})

	It("wants an example of an object that events are made of", func() {
		dir := overlay(map[string]string{"a.json": `{"x-object": "thing"}`, "b.json": `{"x-kind": {"name": "thing.made", "object": "thing"}}`})
		_, err := schemas.Load(dir)
		Expect(mistakes(err)).To(Equal([]string{dir + `/b.json:1:1: events of kind thing.made are made from an example of thing, but its schema has none: add "examples": [{...}] to it`}))
	})

	It("finds what a replaced object broke", func() {
		dir := overlay(map[string]string{"a.json": `{"x-object": "order", "type": "object", "required": ["total"], "examples": [{"total": 1}]}`})
		_, err := schemas.Load(dir)
		for _, m := range mistakes(err) {
			Expect(m).To(MatchRegexp(`^data/kinds/order\.\w+\.json:1:1: an event made of the example of order is refused`))
		}
		Expect(mistakes(err)).To(HaveLen(3))
	})

	It("wants each name once", func() {
		dir := overlay(map[string]string{"a.json": canceled, "b.json": canceled})
		_, err := schemas.Load(dir)
		Expect(mistakes(err)).To(Equal([]string{dir + "/b.json:1:1: order.canceled is described in " + dir + "/a.json too"}))
	})

	It("is an error when empty, missing, or a file", func() {
		dir := overlay(map[string]string{"README.md": "x"})
		_, err := schemas.Load(dir)
		Expect(err).To(MatchError(ContainSubstring("holds no schema: put a file named *.json into it")))
		_, err = schemas.Load(filepath.Join(dir, "missing"))
		Expect(err).To(MatchError(ContainSubstring("cannot read the folder")))
		Expect(errors.Is(err, os.ErrNotExist)).To(BeTrue())
		_, err = schemas.Load(filepath.Join(dir, "README.md"))
		Expect(err).To(MatchError(ContainSubstring("cannot read the folder")))
	})

	It("refuses files that cannot be read or are no schema by their size", func() {
		dir := overlay(map[string]string{"big.json": strings.Repeat(" ", 4<<20+1)})
		Expect(os.Symlink(filepath.Join(dir, "missing"), filepath.Join(dir, "gone.json"))).To(Succeed())
		Expect(os.Symlink(os.DevNull, filepath.Join(dir, "null.json"))).To(Succeed())
		_, err := schemas.Load(dir)
		Expect(mistakes(err)).To(Equal([]string{
			dir + "/big.json: more than 4 MiB",
			"open " + dir + "/gone.json: no such file or directory",
			dir + "/null.json: not a regular file",
		}))
	})

	It("never asks the network", func() {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			asked++
			_, _ = w.Write([]byte(`{"type": "object"}`))
		}))
		DeferCleanup(server.Close)
		for _, content := range []string{
			`{"x-object": "a", "properties": {"b": {"$ref": "` + server.URL + `/b.json"}}}`,
			`{"$schema": "` + server.URL + `/schema", "x-object": "a"}`,
			`{"$id": "` + server.URL + `/a.json", "x-object": "a", "allOf": [{"$ref": "b.json"}]}`,
		} {
			_, err := schemas.Load(overlay(map[string]string{"a.json": content}))
			Expect(err).To(HaveOccurred())
		}
		// What looks like a reference but is data, or the name of a member.
		_, err := schemas.Load(overlay(map[string]string{"a.json": `{"x-object": "a", "properties": {"$ref": {"type": "string"}, "id": {"type": "string"}},
			"enum": [{"$ref": "` + server.URL + `"}], "examples": [{"$ref": "` + server.URL + `"}], "default": {"$ref": "` + server.URL + `"}, "x-more": {"$ref": "` + server.URL + `"}}`}))
		Expect(err).NotTo(HaveOccurred())
		Expect(asked).To(BeZero())
	})

	It("turns a panic of the validator into an error", func() {
		// gojsonschema compares by float64 and dereferences nil beyond it.
		c, err := schemas.Load(overlay(map[string]string{"a.json": `{"x-object": "rate", "properties": {"n": {"type": "number", "enum": [1, 2]}, "m": {"enum": ["a"]}}, "examples": [{"n": 1}]}`}))
		Expect(err).NotTo(HaveOccurred())
		tree := func(text string) any {
			doc, err := jsontree.Parse([]byte(text))
			Expect(err).NotTo(HaveOccurred())
			return doc.Root
		}
		err = c.ValidateObject("rate", tree(`{"n": 1E400}`))
		Expect(err).To(MatchError(And(ContainSubstring("made the validator panic"), ContainSubstring("because of the number 1E400 at n"))))
		var invalid *schemas.InvalidError
		Expect(errors.As(err, &invalid)).To(BeFalse(), "no verdict was reached")
		// Without a type it would panic too, so it is given the one that it implies.
		Expect(violations(c.ValidateObject("rate", tree(`{"m": 1E400}`)))).To(Equal([]string{"type m: expected string, found the number 1E400"}))

		dir := overlay(map[string]string{"a.json": `{"x-object": "rate", "properties": {"n": {"type": "number", "enum": [1, 2]}}, "examples": [{"n": 1E400}]}`})
		_, err = schemas.Load(dir)
		Expect(mistakes(err)).To(HaveLen(1))
		Expect(mistakes(err)[0]).To(ContainSubstring("made the validator panic"))
	})

	It("takes recursion that goes deeper", func() {
		c, err := schemas.Load(overlay(map[string]string{"a.json": `{"x-object": "category", "type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#"}}}, "examples": [{"children": [{"children": []}]}]}`}))
		Expect(err).NotTo(HaveOccurred())
		example, _ := c.Example("category")
		set(example, "children[0].children", "x")
		Expect(violations(c.ValidateObject("category", example))).To(Equal([]string{`type children[0].children: expected array, found the string "x"`}))
		Expect(secondOpinion(c, "category").Validate(jsontree.Native(example))).NotTo(Succeed())
	})
})
