package schemas_test

import (
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
)

// The objects that Kometia's documentation shows, each inside an event; only the
// prose in them is ours. Required is what all samples of an object have, so that
// every one of them has to be valid.
var _ = Describe("the documented samples", func() {
	It("are valid, each of them", func() {
		files, err := filepath.Glob("testdata/documented/*.json")
		Expect(err).NotTo(HaveOccurred())
		Expect(files).To(HaveLen(9))
		objects := map[string]bool{}
		for _, file := range files {
			content, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			k, err := schemas.Builtin().ValidateBytes(content)
			Expect(err).NotTo(HaveOccurred(), file)
			kind, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".json"), "-")
			Expect(k.Name).To(Equal(kind))
			objects[k.Object] = true
		}
		Expect(objects).To(And(HaveKey("order"), HaveKey("fulfillment"), HaveKey("product"), HaveKey("customer"), HaveKey("collection")))
	})
})
