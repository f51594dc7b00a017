package shop_test

import (
	"bytes"
	"crypto/rand"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

var _ = Describe("identities", func() {
	It("do not repeat in a million stories of one name", Label("whole", "unraced"), func() {
		const stories = 1_000_000
		kinds := [3][]string{make([]string, stories), make([]string, stories), make([]string, stories)}
		for i := range stories {
			m := shop.NewMint("4k2p", shop.Key{Name: "order.created", Index: i})
			kinds[0][i], kinds[1][i], kinds[2][i] = m.Number(), m.Cuid("ord", start.Unix(), 1), m.Unique()
		}
		for i, number := range kinds[0] {
			n, err := strconv.ParseInt(number, 10, 64)
			if err != nil || n < 1 || n > 1<<31-1 {
				Fail("order number " + number)
			}
			kinds[1][i] = kinds[1][i][13:] // without the time
		}
		for _, values := range kinds {
			slices.Sort(values)
			Expect(slices.Compact(values)).To(HaveLen(stories))
		}
	})

	It("do not repeat between names and ids", func() {
		seen := map[string]bool{}
		n := 0
		for _, ids := range []string{"0000", "0001", "zzzz", "4k2p"} {
			for _, name := range append([]string{"", "a", "b", "KOM-RTY-003"}, kinds...) {
				for i := range 200 {
					m := shop.NewMint(ids, shop.Key{Name: name, Index: i})
					for ordinal := range 5 {
						seen[m.Cuid("itm", start.Unix(), ordinal)] = true
						n++
					}
					seen[m.Number()], seen[m.Unique()] = true, true
					n += 2
				}
			}
		}
		Expect(seen).To(HaveLen(n))
	})

	It("carry the second and the host", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			ids := idsGenerator.Draw(t, "ids")
			at := rapid.Int64Range(946684800, 2808691199).Draw(t, "second")
			m := shop.NewMint(ids, shop.Key{Name: rapid.String().Draw(t, "name"), Index: rapid.Int().Draw(t, "index")})
			id := m.Cuid("ful", at, rapid.IntRange(0, 8191).Draw(t, "ordinal"))
			if !idPattern.MatchString(id) || len(id) != 29 || id[:5] != "ful_c" || id[17:21] != "ksim" || second(id) != at {
				t.Fatal(id)
			}
			if !strings.HasPrefix(m.Unique(), ids) {
				t.Fatal(m.Unique())
			}
		})
	})

	DescribeTable("ParseIDs takes four letters or digits",
		func(given, want string) {
			got, err := shop.ParseIDs(given)
			Expect(err).NotTo(HaveOccurred())
			Expect(got).To(Equal(want))
		},
		Entry(nil, "4k2p", "4k2p"), Entry(nil, "0000", "0000"), Entry(nil, "ABCZ", "abcz"),
	)
	DescribeTable("ParseIDs refuses",
		func(given string) {
			_, err := shop.ParseIDs(given)
			Expect(err).To(MatchError(`ids ` + strconv.Quote(given) + `: want 4 characters, each a letter a-z or a digit (such as 4k2p)`))
		},
		Entry("nothing", ""), Entry("three", "4k2"), Entry("five", "4k2p7"), Entry("a letter of Spanish", "año"), Entry("a sign", "4k-p"),
		Entry("the word new, which is the caller's affair", "new"),
	)

	It("are drawn from what the caller reads", func() {
		seed := shop.DrawSeed(bytes.NewReader([]byte("12345678")))
		Expect(seed).To(Equal(shop.DrawSeed(bytes.NewReader([]byte("12345678")))))
		Expect(seed).NotTo(Equal(shop.DrawSeed(bytes.NewReader([]byte("12345679")))))
		seeds, ids := map[uint64]bool{}, map[string]bool{}
		for range 200 {
			s := shop.DrawSeed(rand.Reader)
			Expect(s).To(BeNumerically("<", 1<<31))
			seeds[s] = true
			d := shop.DrawIDs(rand.Reader)
			Expect(shop.ParseIDs(d)).To(Equal(d))
			ids[d] = true
		}
		Expect(len(seeds)).To(BeNumerically(">", 195))
		Expect(len(ids)).To(BeNumerically(">", 195))
		Expect(func() { shop.DrawSeed(strings.NewReader("short")) }).To(PanicWith(ContainSubstring("reading randomness")))
	})

	It("follow from the seed when none are given", func() {
		w, err := shop.New(shop.Config{Seed: 7, Start: start})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.IDs()).To(Equal(shop.IDsFromSeed(7)))
		Expect(shop.IDsFromSeed(7)).NotTo(Equal(shop.IDsFromSeed(8)))
	})
})

var _ = Describe("New", func() {
	It("says everything that is wrong at once", func() {
		_, err := shop.New(shop.Config{IDs: "x", Pending: -1, PhonePrefix: "+52"})
		Expect(err).To(MatchError(And(
			ContainSubstring(`ids "x"`), ContainSubstring("start: no time given"), ContainSubstring("pending webhooks -1"),
			ContainSubstring(`phone prefix "+52"`),
		)))
		_, err = shop.New(shop.Config{Start: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)})
		Expect(err).To(MatchError(ContainSubstring("2000 to 2058")))
	})

	It("obeys its knobs", func() {
		w := must(shop.New(shop.Config{Seed: 7, Start: start, LiveOrders: true, Pending: 3, PhonePrefix: "55", Site: "https://tienda.example/"}))
		e := must(w.Tell(shop.Story{Key: shop.Key{Name: "a"}, Kinds: []string{"order.placed"}}))[0]
		body := string(e.Body(jsontree.Plain))
		Expect(body).To(ContainSubstring(`"pending_webhooks":3`))
		Expect(body).To(ContainSubstring(`"is_test":false`))
		Expect(body).To(MatchRegexp(`"phone":"55\d{8}"`))
		Expect(body).To(ContainSubstring(`"landing_site":"https://tienda.example/`))
		Expect(w.Seed()).To(Equal(uint64(7)))
		Expect(w.Start()).To(Equal(start))
	})

	It("has a shop of 24 products that is the same for every story", func() {
		a, b := world(7, "4k2p"), world(7, "4k2p")
		Expect(a.Products()).To(HaveLen(24))
		Expect(a.Products()).To(Equal(b.Products()))
		Expect(a.Products()).NotTo(Equal(world(8, "4k2p").Products()))
	})
})
