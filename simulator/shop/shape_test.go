package shop_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// own is what a story has of its own, whatever its shape: the members that name
// or number something, and those that say when it was.
var own = regexp.MustCompile(`(^|\.|_)(id|number|email|phone|permalink|tracking_code|reference|authorization|barcode|code|[a-z]+_at|` +
	`image_url|src|url|filename|referring_site)$`)

// differing lists the paths at which two trees differ, and the texts there.
func differing(at string, a, b any) (paths []string) {
	switch x := a.(type) {
	case object:
		y, _ := b.(object)
		if len(x) != len(y) {
			return []string{at}
		}
		for name := range x {
			paths = append(paths, differing(at+"."+name, x[name], y[name])...)
		}
		return paths
	case []any:
		y, _ := b.([]any)
		if len(x) != len(y) {
			return []string{at}
		}
		for i := range x {
			paths = append(paths, differing(at, x[i], y[i])...)
		}
		return paths
	}
	if a != b {
		return []string{at}
	}
	return nil
}

var _ = Describe("the shape of another story", func() {
	lives := [][]string{
		{"customer.created", "customer.updated", "customer.updated"},
		{"product.created", "product.updated", "product.deleted"},
		{"collection.created", "collection.updated", "collection.deleted"},
		{"order.created", "order.placed", "order.paid"},
		{"order.placed", "order.paid", "fulfillment.created", "fulfillment.updated"},
	}
	for _, kind := range kinds {
		lives = append(lives, []string{kind})
	}

	It("is its content, with all identities and times the story's own", Label("unraced"), func() {
		for seed := range uint64(20) {
			w := world(seed, "4k2p")
			ownByShop, shape := identitiesOf(w), shop.Key{Name: "plain", Index: int(seed)}
			for _, life := range lives {
				first := must(w.Tell(shop.Story{Key: shape, Kinds: life}))
				other := must(w.Tell(shop.Story{Key: shop.Key{Name: "other", Index: 3}, Kinds: life, Shape: &shape, At: start.Add(-50 * time.Hour)}))
				Expect(audit(w, other)).To(Succeed())
				for i := range first {
					a, b := decode(first[i].Body(jsontree.Plain)), decode(other[i].Body(jsontree.Plain))
					for _, path := range differing("", a, b) {
						Expect(own.MatchString(path)).To(BeTrue(), "seed %d: %s of %s", seed, path, first[i].Kind)
					}
					Expect(other[i].Number == "" || other[i].Number != first[i].Number).To(BeTrue())
					Expect(other[i].Total).To(Equal(first[i].Total))
					for _, identity := range other[i].Identities {
						byShop := ownByShop[identity.Value] || slices.Contains([]string{"channel id", "shipping rate id", "vendor id", "tag id"}, identity.What) ||
							strings.HasSuffix(identity.Value, "-4k2p") // a vendor's or a tag's permalink
						Expect(slices.Contains(first[i].Identities, identity) && !byShop || first[i].Number == identity.Value).To(BeFalse(), "seed %d: %s of %s", seed, identity, first[i].Kind)
						if identity.What == "email" {
							Expect(identity.Value).To(HaveSuffix("@example.com"))
						}
					}
				}
			}
		}
	})

	It("is the same whether the story is told in one event or in several", func() {
		w := world(5, "4k2p")
		shape := shop.Key{Name: "plain"}
		tell := func(name string, kinds ...string) object {
			events := must(w.Tell(shop.Story{Key: shop.Key{Name: name}, Kinds: kinds, Shape: &shape}))
			return decode(events[len(events)-1].Body(jsontree.Plain))
		}
		for _, path := range differing("", tell("a", "order.paid"), tell("b", "order.placed", "order.paid")) {
			Expect(own.MatchString(path)).To(BeTrue(), path)
		}
	})

	It("keeps all but the items where the number of lines is another", func() {
		for seed := range uint64(20) {
			w := world(seed, "4k2p")
			shape := shop.Key{Name: "plain"}
			one := must(w.Tell(shop.Story{Key: shop.Key{Name: "a"}, Kinds: []string{"order.placed"}, Shape: &shape}))[0]
			other := must(w.Tell(shop.Story{Key: shop.Key{Name: "b"}, Kinds: []string{"order.placed"}, Shape: &shape, Lines: 40}))[0]
			for _, member := range []string{"customer_note", "gift_message", "is_gift", "order_note", "gateway", "browser_ip", "billing.address.address1"} {
				path := "data.object." + member
				Expect(fmt.Sprint(jsontree.Get(other.Tree, path))).To(Equal(fmt.Sprint(jsontree.Get(one.Tree, path))), "seed %d: %s", seed, member)
			}
		}
	})

	It("leaves a twin the customer of its twin", func() {
		w := world(5, "4k2p")
		shape, one := shop.Key{Name: "plain"}, shop.Key{Name: "one"}
		told := must(w.Tell(shop.Story{Key: one, Kinds: []string{"order.placed"}, Shape: &shape}))[0]
		twin := must(w.Tell(shop.Story{Key: shop.Key{Name: "two"}, Kinds: []string{"order.placed"}, Shape: &shape, Twin: &one}))[0]
		Expect(jsontree.Get(twin.Tree, "data.object.customer_id")).To(Equal(must(jsontree.Get(told.Tree, "data.object.customer_id"))))
		Expect(twin.Number).NotTo(Equal(told.Number))
	})
})

// identitiesOf are the identities that all stories of a world share.
func identitiesOf(w *shop.World) map[string]bool {
	out := map[string]bool{}
	for _, p := range w.Products() {
		for _, found := range regexp.MustCompile(`"[^"]*"`).FindAllString(string(jsontree.Encode(p, jsontree.Plain)), -1) {
			out[strings.Trim(found, `"`)] = true
		}
	}
	return out
}
