package shop_test

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// A seed gives the same bytes in every version: a saved case and the line that
// reproduces a failure must send what they sent. Each line of the golden file
// stands for 40 stories that begin with a kind, in orders of kinds that make
// sense and that do not, and for what the API answers about them.
var _ = It("gives a seed the bytes that it has always had", Label("unraced"), func() {
	const file = "testdata/bytes.golden"
	var got strings.Builder
	for _, first := range kinds {
		sum := sha256.New()
		for seed := range uint64(40) {
			w := world(seed, shop.IDsFromSeed(seed))
			r := rand.New(rand.NewPCG(seed, 1))
			st := shop.Story{Key: shop.Key{Name: first, Index: int(seed)}, Kinds: []string{first}, Gap: time.Duration(1+r.IntN(90000)) * time.Second}
			for range r.IntN(7) {
				st.Kinds = append(st.Kinds, kinds[r.IntN(len(kinds))])
			}
			if r.IntN(4) == 0 {
				st.Twin = &shop.Key{Name: "twin", Index: r.IntN(100)}
			}
			for _, e := range must(w.Draft(st)) {
				fmt.Fprintf(sum, "%s %s %d %s %v\n%s\n", e.ID, e.Number, e.Total, e.Currency, e.Identities, e.Body(jsontree.PHP))
				for _, o := range w.Objects(e) {
					fmt.Fprintf(sum, "%s\n", jsontree.Encode(o, jsontree.Plain))
				}
			}
		}
		fmt.Fprintf(&got, "%s %x\n", first, sum.Sum(nil))
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		Expect(os.WriteFile(file, []byte(got.String()), 0o600)).To(Succeed())
	}
	want := must(os.ReadFile(file))
	Expect(got.String()).To(Equal(string(want)))
})
