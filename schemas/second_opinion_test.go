package schemas_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// mutants is how many mutated payloads both validators judge; KSIM_MUTANTS
// asks for another number.
const mutants = 10_000

// secondOpinion compiles a schema as printed with the other validator: so the
// bundle is proved to stand on its own, too.
func secondOpinion(c *schemas.Catalogue, name string) *jsonschema.Schema {
	GinkgoHelper()
	printed, err := c.Schema(name)
	Expect(err).NotTo(HaveOccurred())
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(printed))
	Expect(err).NotTo(HaveOccurred())
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7)
	compiler.AssertFormat()
	compiler.UseLoader(refuse{})
	Expect(compiler.AddResource("https://second.invalid/"+name, doc)).To(Succeed())
	schema, err := compiler.Compile("https://second.invalid/" + name)
	Expect(err).NotTo(HaveOccurred())
	return schema
}

type refuse struct{}

func (refuse) Load(url string) (any, error) { return nil, errors.New("asked for " + url) }

// verdict turns our error into yes or no; anything but a verdict fails.
func verdict(err error) bool {
	GinkgoHelper()
	if err == nil {
		return true
	}
	var invalid *schemas.InvalidError
	Expect(errors.As(err, &invalid)).To(BeTrue(), "no verdict: %v", err)
	Expect(invalid.Violations).NotTo(BeEmpty())
	return false
}

var _ = Describe("two validators", Label("whole", "unraced"), func() {
	c := schemas.Builtin()

	It("agree on every example", func() {
		for _, object := range c.Objects() {
			second := secondOpinion(c, object)
			Expect(c.Examples(object)).NotTo(BeEmpty(), object)
			for _, example := range c.Examples(object) {
				Expect(c.ValidateObject(object, example)).To(Succeed(), object)
				Expect(second.Validate(jsontree.Native(example))).To(Succeed(), object)
			}
		}
		for _, kind := range c.Kinds() {
			second := secondOpinion(c, kind.Name)
			event, err := c.ExampleEvent(kind.Name)
			Expect(err).NotTo(HaveOccurred())
			Expect(c.Validate(kind.Name, event)).To(Succeed())
			Expect(second.Validate(jsontree.Native(event))).To(Succeed(), kind.Name)
		}
	})

	It("agree on mutated payloads", func() {
		n := mutants
		if s := os.Getenv("KSIM_MUTANTS"); s != "" {
			var err error
			n, err = strconv.Atoi(s)
			Expect(err).NotTo(HaveOccurred())
		}
		kinds := c.Kinds()
		seconds := map[string]*jsonschema.Schema{}
		pool := map[string][]any{}
		for _, k := range kinds {
			seconds[k.Name] = secondOpinion(c, k.Name)
			for _, example := range c.Examples(k.Object) {
				event, err := c.ExampleEvent(k.Name)
				Expect(err).NotTo(HaveOccurred())
				Expect(jsontree.SetPath(event, "data.object", example)).To(Succeed())
				pool[k.Name] = append(pool[k.Name], event)
			}
		}
		valid := 0
		for i := range n {
			rng := rand.New(rand.NewPCG(1, uint64(i)))
			kind := kinds[rng.IntN(len(kinds))].Name
			events := pool[kind]
			event := jsontree.Clone(events[rng.IntN(len(events))])
			what := mutate(rng, event)
			ours := verdict(c.Validate(kind, event))
			theirs := seconds[kind].Validate(jsontree.Native(event)) == nil
			if ours != theirs {
				Fail("mutant " + strconv.Itoa(i) + " of " + kind + " (" + what + "): ours " + strconv.FormatBool(ours) + ", theirs " + strconv.FormatBool(theirs) + "\n" + string(jsontree.Encode(event, jsontree.Plain)))
			}
			if ours {
				valid++
			}
		}
		// Were all of them valid, or none, the agreement would say little.
		Expect(valid).To(BeNumerically(">", n/20))
		Expect(valid).To(BeNumerically("<", n*19/20))
	})

	It("agree on bytes that are broken and on bytes that are not", func() {
		event, err := c.ExampleEvent("order.paid")
		Expect(err).NotTo(HaveOccurred())
		text := jsontree.Encode(event, jsontree.PHP)
		kind, err := c.ValidateBytes(text)
		Expect(err).NotTo(HaveOccurred())
		Expect(kind.Name).To(Equal("order.paid"))
		for i := 0; i < len(text); i += 7 {
			_, err := c.ValidateBytes(text[:i])
			Expect(err).To(BeAssignableToTypeOf(&jsontree.SyntaxError{}))
		}
	})
})
