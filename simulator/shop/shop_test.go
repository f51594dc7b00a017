package shop_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

var kinds = []string{
	"customer.created", "customer.updated", "product.created", "product.updated", "order.created", "order.placed", "order.paid",
	"fulfillment.created", "fulfillment.updated", "collection.created", "collection.updated", "collection.deleted", "product.deleted",
}

func must[T any](v T, err error) T {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	return v
}

func bodies(events []*shop.Event) string {
	var b strings.Builder
	for _, e := range events {
		b.Write(e.Body(jsontree.PHP))
		b.WriteByte('\n')
	}
	return b.String()
}

// someStory draws a story of kinds in any order, sensible or not.
func someStory(t *rapid.T) shop.Story {
	st := shop.Story{
		Key:   shop.Key{Name: rapid.SampledFrom(append(kinds, "g")).Draw(t, "name"), Index: rapid.IntRange(0, 1_000_000).Draw(t, "index")},
		Kinds: rapid.SliceOfN(rapid.SampledFrom(kinds), 1, 9).Draw(t, "kinds"),
		At:    start.Add(time.Duration(rapid.IntRange(-60*24*3600, 60*24*3600).Draw(t, "at")) * time.Second),
		Gap:   time.Duration(rapid.SampledFrom([]int{0, 1, 60, 3600, 90000}).Draw(t, "gap")) * time.Second,
		Lines: rapid.SampledFrom([]int{0, 0, 0, 1, 6, 30}).Draw(t, "lines"),
	}
	if st.Gap == 0 && rapid.Bool().Draw(t, "uneven") {
		st.After = make([]time.Duration, len(st.Kinds)-1)
		var at time.Duration
		for i := range st.After {
			at += time.Duration(rapid.IntRange(1, 90000).Draw(t, "after")) * time.Second
			st.After[i] = at
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "twin") == 0 {
		st.Twin = &shop.Key{Name: "twin", Index: rapid.IntRange(0, 100).Draw(t, "twin index")}
	}
	return st
}

var idsGenerator = rapid.StringMatching(`[0-9a-z]{4}`)

var _ = Describe("Tell", func() {
	It("makes coherent, valid stories over a thousand seeds", Label("whole", "unraced"), func() {
		const seeds = 1000
		told := map[string]int{}
		for seed := range uint64(seeds) {
			w := world(seed, shop.IDsFromSeed(seed))
			name := kinds[seed%uint64(len(kinds))]
			sequences := [][]string{{name}}
			switch seed % 8 {
			case 0:
				sequences = append(sequences, kinds)
			case 4:
				sequences = append(sequences, kinds[4:9])
			}
			for _, sequence := range sequences {
				events := must(w.Tell(shop.Story{Key: shop.Key{Name: name, Index: int(seed)}, Kinds: sequence, Gap: time.Minute}))
				Expect(audit(w, events)).To(Succeed(), "seed %d, %v", seed, sequence)
				for _, e := range events {
					told[e.Kind]++
				}
			}
		}
		for _, kind := range kinds {
			Expect(told[kind]).To(BeNumerically(">", seeds/10), kind)
		}
	})

	It("stays coherent whatever the kinds, their order, time and twin", Label("whole", "unraced"), func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			w := world(rapid.Uint64().Draw(t, "seed"), idsGenerator.Draw(t, "ids"))
			st := someStory(t)
			events, err := w.Tell(st)
			if err != nil {
				t.Fatal(err)
			}
			if err := audit(w, events); err != nil && sensible(st.Kinds) {
				t.Fatalf("%v\n%s", err, bodies(events))
			}
		})
	})

	It("is a function of seed, ids, start, key, time and kinds, whatever was told before and beside", Label("whole"), func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			seed, ids := rapid.Uint64().Draw(t, "seed"), idsGenerator.Draw(t, "ids")
			stories := rapid.SliceOfN(rapid.Custom(someStory), 2, 5).Draw(t, "stories")
			one, other := world(seed, ids), world(seed, ids)
			alone := make([]string, len(stories))
			for i, st := range stories {
				events, err := one.Tell(st)
				if err != nil {
					t.Fatal(err)
				}
				alone[i] = bodies(events)
			}
			var group sync.WaitGroup
			beside := make([]string, len(stories))
			for i := range stories {
				group.Go(func() {
					events, err := other.Tell(stories[i])
					if err == nil {
						for _, e := range events {
							other.Objects(e)
						}
						beside[i] = bodies(events)
					}
				})
			}
			group.Wait()
			if !slices.Equal(alone, beside) {
				t.Fatal("bytes differ")
			}
		})
	})

	It("makes other bytes from another seed and keeps every identity", Label("unraced"), func() {
		differ := 0
		for seed := range uint64(100) {
			st := shop.Story{Key: shop.Key{Name: "a", Index: int(seed)}, Kinds: kinds[4:8]}
			a, b := must(world(seed, "4k2p").Tell(st)), must(world(seed+1000, "4k2p").Tell(st))
			Expect(a[0].Number).To(Equal(b[0].Number))
			if bodies(a) != bodies(b) {
				differ++
			}
		}
		Expect(differ).To(Equal(100))
	})

	It("makes the same shape from other ids, with no identity in common", Label("whole", "unraced"), func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			ids := rapid.SliceOfNDistinct(idsGenerator, 2, 2, rapid.ID[string]).Draw(t, "ids")
			seed, st := rapid.Uint64().Draw(t, "seed"), someStory(t)
			var masked []string
			values := map[string]string{}
			for _, id := range ids {
				w := world(seed, id)
				events, err := w.Tell(st)
				if err != nil {
					t.Fatal(err)
				}
				text := bodies(events)
				for _, found := range idPattern.FindAllString(text, -1) {
					if by, ok := values[found]; ok && by != id {
						t.Fatalf("both have %s", found)
					}
					values[found] = id
				}
				for _, e := range events {
					for _, identity := range e.Identities {
						if by, ok := values[identity.Value]; ok && by != id {
							t.Fatalf("both have %s %s", identity.What, identity.Value)
						}
						values[identity.Value] = id
					}
				}
				masked = append(masked, mask(text, id))
			}
			if masked[0] != masked[1] {
				t.Fatalf("the shape differs:\n%s\n%s", masked[0], masked[1])
			}
		})
	})

	It("gives different keys no identity in common but the shop's own", Label("whole", "unraced"), func() {
		w := world(7, "4k2p")
		shared := map[string]bool{}
		for _, p := range w.Products() {
			for _, id := range idPattern.FindAllString(string(jsontree.Encode(p, jsontree.Plain)), -1) {
				shared[id] = true
			}
		}
		owner := map[string]string{}
		claim := func(value, by string) {
			if other, ok := owner[value]; ok && other != by {
				Fail(fmt.Sprintf("%s is in %s and in %s", value, other, by))
			}
			owner[value] = by
		}
		for _, kind := range kinds {
			for i := range 150 {
				st := shop.Story{Key: shop.Key{Name: kind, Index: i}, Kinds: []string{kind}}
				e := must(w.Tell(st))[0]
				for _, id := range idPattern.FindAllString(string(e.Body(jsontree.PHP)), -1) {
					// A vendor, a tag, a channel and a shipping rate are the shop's.
					if shop := []string{"vnd", "tag", "chn", "shr"}; !shared[id] && !slices.Contains(shop, id[:3]) {
						claim(id, st.Key.String())
					}
				}
				claim(e.ID, st.Key.String())
				claim(e.ObjectID, st.Key.String())
				for _, identity := range e.Identities {
					if identity.What == "email" || identity.What == "order number" || identity.What == "phone" {
						claim(identity.Value, st.Key.String())
					}
				}
			}
		}
	})

	It("lists every id of the body among the identities", func() {
		w := world(3, "abcd")
		for _, e := range must(w.Tell(shop.Story{Key: shop.Key{Name: "x"}, Kinds: kinds, Lines: 90})) {
			var listed []string
			for _, identity := range e.Identities {
				listed = append(listed, identity.Value)
			}
			for _, id := range idPattern.FindAllString(string(e.Body(jsontree.Plain)), -1) {
				if strings.HasPrefix(id, "chk_") {
					continue // inside a URL
				}
				Expect(listed).To(ContainElement(id))
			}
			Expect(slices.Compact(slices.Sorted(slices.Values(listed)))).To(HaveLen(len(listed)), "repeated")
		}
	})

	It("changes every value that a receiver would keep when the same kind comes again", Label("whole", "unraced"), func() {
		for seed := range uint64(150) {
			w := world(seed, "4k2p")
			for kind, names := range map[string][]string{
				"product.updated":     {"name", "excerpt", "description", "price", "compared_price", "meta_title", "updated_at"},
				"customer.updated":    {"name", "first_name", "is_newsletterable", "notes", "default_address", "updated_at"},
				"collection.updated":  {"title", "description", "meta_title", "sorting_rule", "image_url", "updated_at"},
				"fulfillment.updated": {"carrier", "tracking_code", "is_customer_notified", "updated_at"},
			} {
				events := must(w.Tell(shop.Story{Key: shop.Key{Name: kind, Index: int(seed)}, Kinds: []string{kind, kind, kind}}))
				for i := range events[1:] {
					before, after := decode(events[i].Body(jsontree.PHP)), decode(events[i+1].Body(jsontree.PHP))
					Expect(before["id"]).NotTo(Equal(after["id"]))
					b, a := before["data"].(object)["object"].(object), after["data"].(object)["object"].(object)
					Expect(a["id"]).To(Equal(b["id"]))
					for _, name := range names {
						Expect(a[name]).NotTo(Equal(b[name]), "seed %d: %s.%s", seed, kind, name)
					}
				}
			}
		}
	})

	It("pays and ships when the story says so", func() {
		w := world(7, "4k2p")
		whole := 0 // a story that ships all at once
		for must(jsontree.Get(must(w.Tell(shop.Story{
			Key: shop.Key{Name: "s", Index: whole}, Kinds: []string{"fulfillment.created"},
		}))[0].Tree, "data.object.kind")) != "full" {
			whole++
		}
		states := func(names ...string) []string {
			var out []string
			for _, e := range must(w.Tell(shop.Story{Key: shop.Key{Name: "s", Index: whole}, Kinds: names})) {
				for _, tree := range w.Objects(e) {
					if o := decode(jsontree.Encode(tree, jsontree.Plain)); o["object"] == "order" {
						out = append(out, fmt.Sprintf("%s %s %s", o["status"], o["financial_status"], o["fulfillment_status"]))
					}
				}
			}
			return out
		}
		Expect(states("order.created", "order.placed", "order.paid", "fulfillment.created")).To(Equal([]string{
			"placed pending unfulfilled", "placed pending unfulfilled", "placed paid unfulfilled", "placed paid fulfilled",
		}))
		Expect(states("order.placed", "fulfillment.created", "order.paid")).To(Equal([]string{
			"placed pending unfulfilled", "placed pending fulfilled", "placed paid fulfilled",
		}))
		Expect(states("fulfillment.created")).To(Equal([]string{"placed paid fulfilled"}))
		Expect(states("order.paid", "order.placed")).To(Equal([]string{"placed paid unfulfilled", "placed paid unfulfilled"}))
	})

	It("makes a content twin: customer and items equal, the order its own", func() {
		w := world(11, "4k2p")
		for i := range 100 {
			key := shop.Key{Name: "order.placed", Index: i}
			a := must(w.Tell(shop.Story{Key: key, Kinds: []string{"order.placed"}}))[0]
			b := must(w.Tell(shop.Story{
				Key: shop.Key{Name: "twin", Index: i}, Twin: &key, Kinds: []string{"order.placed"}, At: start.Add(26 * time.Hour),
			}))[0]
			x, y := decode(a.Body(jsontree.Plain))["data"].(object)["object"].(object), decode(b.Body(jsontree.Plain))["data"].(object)["object"].(object)
			for _, name := range []string{"customer_id", "email", "total_price", "billing", "gateway"} {
				Expect(x[name]).To(Equal(y[name]), name)
			}
			for _, name := range []string{"id", "number", "cart_id"} {
				Expect(x[name]).NotTo(Equal(y[name]), name)
			}
			p, q := elements(x, "items"), elements(y, "items")
			Expect(p).To(HaveLen(len(q)))
			for j := range p {
				for _, name := range []string{"sku_id", "product_id", "quantity", "price", "total"} {
					Expect(p[j][name]).To(Equal(q[j][name]), name)
				}
				Expect(p[j]["id"]).NotTo(Equal(q[j]["id"]))
			}
		}
	})

	It("takes any number of lines", Label("whole", "unraced"), func() {
		w := world(5, "4k2p")
		for _, n := range []int{1, 6, 100, 1500} {
			events := must(w.Draft(shop.Story{Key: shop.Key{Name: "big"}, Kinds: []string{"order.placed", "fulfillment.created"}, Lines: n}))
			Expect(elements(decode(events[0].Body(jsontree.PHP))["data"].(object)["object"].(object), "items")).To(HaveLen(n))
			Expect(audit(w, events)).To(Succeed())
		}
	})

	It("gives each event of a story a time of its own where that is asked for", func() {
		w := world(5, "4k2p")
		st := shop.Story{Key: shop.Key{Name: "own"}, Kinds: []string{"product.created", "product.updated", "product.updated"}}
		st.After = []time.Duration{time.Minute, 26 * time.Hour}
		events := must(w.Tell(st))
		for i, after := range []time.Duration{0, time.Minute, 26 * time.Hour} {
			Expect(events[i].At).To(Equal(start.Add(after)))
			Expect(jsontree.Get(events[i].Tree, "data.object.updated_at")).To(Equal(json.Number(strconv.FormatInt(start.Add(after).Unix(), 10))))
			Expect(events[i].ObjectID).To(Equal(events[0].ObjectID))
		}
		even := st
		even.After, even.Gap = nil, time.Minute
		st.After = []time.Duration{time.Minute, 2 * time.Minute}
		Expect(bodies(must(w.Tell(st)))).To(Equal(bodies(must(w.Tell(even)))))
	})

	It("tells two events of one second, the later one with the greater id", func() {
		kinds := []string{"product.created", "product.updated", "product.updated"}
		for i := range 50 {
			st := shop.Story{Key: shop.Key{Name: "second", Index: i}, Kinds: kinds, After: []time.Duration{time.Minute, time.Minute + 900*time.Millisecond}}
			events := must(world(5, "4k2p").Tell(st))
			Expect(events[2].At).To(Equal(events[1].At))
			Expect(events[2].ID > events[1].ID).To(BeTrue(), "%s after %s", events[2].ID, events[1].ID)
			one, other := events[1].Tree, events[2].Tree
			Expect(jsontree.Get(other, "data.object.updated_at")).To(Equal(must(jsontree.Get(one, "data.object.updated_at"))))
			Expect(jsontree.Get(other, "data.object.price")).NotTo(Equal(must(jsontree.Get(one, "data.object.price"))))
		}
	})

	DescribeTable("refuses times that do not go on", func(gap time.Duration, after []time.Duration, want string) {
		_, err := world(1, "4k2p").Tell(shop.Story{Key: shop.Key{Name: "k"}, Kinds: []string{"product.updated", "product.updated", "product.deleted"}, Gap: gap, After: after})
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
		Entry("too few", time.Duration(0), []time.Duration{time.Minute}, "1 times for the 2 events behind the first"),
		Entry("at once", time.Duration(0), []time.Duration{0, time.Minute}, "after 0s: before the event in front of it, or in the second of the first"),
		Entry("backwards", time.Duration(0), []time.Duration{time.Hour, time.Minute}, "after 1m0s: before the event in front"),
		Entry("and a gap", time.Minute, []time.Duration{time.Minute, time.Hour}, "gap and after both"),
	)

	It("says what is wrong with a story, all at once", func() {
		w := world(1, "4k2p")
		_, err := w.Tell(shop.Story{Key: shop.Key{Name: "k", Index: 2}, Kinds: []string{"order.create", "nope"}, Gap: time.Millisecond, At: start.AddDate(0, -3, 0)})
		Expect(err).To(MatchError(And(
			ContainSubstring(`story k#2`), ContainSubstring(`unknown event kind "order.create" (did you mean order.created?)`),
			ContainSubstring(`"nope"`), ContainSubstring("gap 1ms"), ContainSubstring("more than 60 days before"),
		)))
		var unknown *schemas.UnknownError
		Expect(errors.As(err, &unknown)).To(BeTrue())
		_, err = w.Tell(shop.Story{Key: shop.Key{Name: "k"}})
		Expect(err).To(MatchError(ContainSubstring("no event kinds")))
	})
})

// sensible says that no object is bought, shipped or changed after it was
// deleted, nor created after it was changed: of such stories only the schema is
// asked.
func sensible(sequence []string) bool {
	for i, kind := range sequence {
		kindObject, verb, _ := strings.Cut(kind, ".")
		for _, later := range sequence[i+1:] {
			laterObject, laterVerb, _ := strings.Cut(later, ".")
			switch {
			case verb == "deleted" && (laterObject == kindObject || laterObject == "order" || laterObject == "fulfillment"):
				return false
			case laterObject == kindObject && laterVerb == "created" && verb != "created":
				return false
			}
		}
	}
	return true
}

// mask leaves the shape of the bodies.
func mask(text, ids string) string {
	text = idPattern.ReplaceAllString(text, "*")
	text = regexp.MustCompile(`(?i)[-.]`+ids+`[0-9a-z]*`).ReplaceAllString(text, "*")
	return regexp.MustCompile(`"(number|phone|barcode|tracking_code|reference)":"[0-9a-f]+"`).ReplaceAllString(text, "*")
}
