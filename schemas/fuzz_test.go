package schemas_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func FuzzValidateBytes(f *testing.F) {
	c := schemas.Builtin()
	if len(c.Kinds()) == 0 {
		f.Fatal("no seeds")
	}
	for _, kind := range c.Kinds() {
		event, err := c.ExampleEvent(kind.Name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(jsontree.Encode(event, jsontree.PHP))
	}
	for _, text := range []string{`{}`, `[]`, `{"data":{"kind":"order.paid"}}`, `{"kind":1E400}`, `{"kind":"order.paid","kind":"order.paid"}`, `{"kind":"order.paid","data":{"object":{"items":[null,{"id":1}]}}}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		kind, err := c.ValidateBytes(data)
		if err == nil {
			if kind.Name == "" {
				t.Fatal("valid, but of no kind")
			}
			return
		}
		var syntax *jsontree.SyntaxError
		var invalid *schemas.InvalidError
		switch {
		case errors.As(err, &syntax):
		case errors.As(err, &invalid):
			for _, v := range invalid.Violations {
				if v.Line < 1 || v.Column < 1 || v.Rule == "" || v.What.ES == "" || v.What.EN == "" || len(v.What.EN) > 2000 {
					t.Fatalf("%#v", v)
				}
			}
		default:
			t.Fatalf("no verdict: %v", err)
		}
	})
}

var _ = Describe("a folder of broken schemas", Label("whole", "unraced"), func() {
	It("is loaded or refused, and never brings the program down", func() {
		files := builtinFiles()
		dir := GinkgoT().TempDir()
		const rounds = 200
		loaded := 0
		for i := range rounds {
			rng := rand.New(rand.NewPCG(2, uint64(i)))
			file := files[rng.IntN(len(files))]
			tree := readTree(file)
			what := mutate(rng, tree)
			Expect(os.WriteFile(filepath.Join(dir, "a.json"), jsontree.Encode(tree, jsontree.Pretty), 0o600)).To(Succeed())
			c, err := schemas.Load(dir)
			if err != nil {
				for _, mistake := range lang.Mistakes(err) {
					Expect(mistake.Error()).To(MatchRegexp(`^\S+\.json:\d+:\d+: .`), "%s: %s", file, what)
				}
				continue
			}
			loaded++
			for _, k := range c.Kinds() {
				event, err := c.ExampleEvent(k.Name)
				Expect(err).NotTo(HaveOccurred())
				Expect(c.Validate(k.Name, event)).To(Succeed(), "%s: %s", file, what)
				_, err = c.Schema(k.Name)
				Expect(err).NotTo(HaveOccurred())
				_, err = c.Members(k.Object)
				Expect(err).NotTo(HaveOccurred())
			}
		}
		Expect(loaded).To(BeNumerically(">", rounds/10))
		Expect(loaded).To(BeNumerically("<", rounds*9/10))
	})
})
