package shop_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

var _ = Describe("what stands in the shop", func() {
	name := func(o *jsontree.Object, member string) string {
		v, _ := o.Lookup(member)
		s, _ := v.(string)
		return s
	}
	It("is all there is, each valid, each with an id of its own, and what it refers to is there", func() {
		for _, seed := range []uint64{0, 7, 991} {
			w := world(seed, "4k2p")
			all := must(w.Standing())
			ids, types := map[string]bool{}, map[string]int{}
			for _, o := range all {
				Expect(schemas.Builtin().ValidateObject(name(o, "object"), o)).To(Succeed())
				Expect(ids).NotTo(HaveKey(name(o, "id")))
				ids[name(o, "id")] = true
				types[name(o, "object")]++
			}
			Expect(types).To(And(
				HaveKeyWithValue("product", 24), HaveKeyWithValue("collection", 10), HaveKeyWithValue("category", 15),
				HaveKeyWithValue("gateway", 5), HaveKeyWithValue("blog", 2), HaveKeyWithValue("post", 5), HaveKeyWithValue("page", 4),
				HaveKeyWithValue("order", 8), HaveKeyWithValue("customer", 8), HaveKeyWithValue("fulfillment", 4)))
			for _, o := range all {
				for _, to := range []string{"order_id", "customer_id", "blog_id", "parent_id"} {
					if id := name(o, to); id != "" {
						Expect(ids).To(HaveKey(id), "%s of %s", to, name(o, "id"))
					}
				}
			}
		}
	})
	It("is older than the world's start, and as the seed and the ids say", func() {
		w := world(7, "4k2p")
		for _, o := range must(w.Standing()) {
			made, _ := jsontree.Get(o, "created_at")
			n, err := made.(interface{ Int64() (int64, error) }).Int64()
			Expect(err).NotTo(HaveOccurred())
			Expect(time.Unix(n, 0)).To(BeTemporally("<", w.Start()))
		}
		bytes := func(seed uint64, ids string) string {
			text := ""
			for _, o := range must(world(seed, ids).Standing()) {
				text += string(jsontree.Encode(o, jsontree.Plain))
			}
			return text
		}
		Expect(bytes(7, "4k2p")).To(Equal(bytes(7, "4k2p")))
		Expect(bytes(7, "4k2p")).NotTo(Equal(bytes(8, "4k2p")))
		Expect(bytes(7, "4k2p")).NotTo(Equal(bytes(7, "4k2q")))
	})
})
