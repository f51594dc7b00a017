package shop_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

var _ = Describe("the data", func() {
	// Shape comes from the seed: over a thousand orders each of these has to
	// be there, or a receiver is never asked about it.
	It("varies", Label("unraced"), func() {
		w := world(7, "4k2p")
		states := map[string]string{}
		seen := map[string]int{}
		count := func(what string, ok bool) {
			if ok {
				seen[what]++
			}
		}
		postcode := regexp.MustCompile(`^\d{5}$`)
		for i := range 1000 {
			e := must(w.Tell(shop.Story{Key: shop.Key{Name: "order.paid", Index: i}, Kinds: []string{"order.paid"}}))[0]
			body := string(e.Body(jsontree.PHP))
			Expect(body).To(MatchRegexp(`\\u00[0-9a-f]{2}`))
			o := decode([]byte(body))["data"].(object)["object"].(object)
			address := o["shipping"].(object)["address"].(object)
			states[address["state"].(string)] = address["state_code"].(string)
			Expect(address["postcode"]).To(MatchRegexp(postcode.String()))
			items := elements(o, "items")
			count(fmt.Sprintf("%d items", len(items)), true)
			count("gift", o["is_gift"] == true)
			count("gift without a message", o["is_gift"] == true && o["gift_message"] == nil)
			count("customer note", o["customer_note"] != nil)
			count("no customer note", o["customer_note"] == nil)
			count("discount", integer(o, "total_discount") > 0)
			count("taxes", integer(o, "total_taxes") > 0)
			count("free shipping", integer(o, "shipping_rate") == 0)
			count("no referrer", o["referring_site"] == "")
			count("gateway "+o["gateway"].(string), true)
			count(fmt.Sprintf("%d transactions", len(elements(o, "transactions"))), true)
			for _, it := range items {
				count("line discount", it["discount"] != nil)
				count("line without image", it["image"] == nil)
				count("line without vendor", it["vendor"] == nil)
				count("not shipped", it["is_shipping_required"] == false)
				count("several pieces", integer(it, "quantity") > 1)
			}
		}
		Expect(states).To(HaveLen(32))
		Expect(states["Ciudad de México"]).To(Equal("DF"))
		for _, what := range []string{
			"1 items", "2 items", "3 items", "4 items", "5 items", "6 items", "gift", "gift without a message", "customer note", "no customer note",
			"discount", "taxes", "free shipping", "no referrer", "gateway conekta", "gateway manual", "1 transactions", "2 transactions",
			"line discount", "line without image", "line without vendor", "not shipped", "several pieces",
		} {
			Expect(seen[what]).To(BeNumerically(">", 3), what)
		}
	})

	It("has customers without an address, with one and with two", func() {
		w := world(7, "4k2p")
		seen := map[int]bool{}
		for i := range 100 {
			e := must(w.Tell(shop.Story{Key: shop.Key{Name: "c", Index: i}, Kinds: []string{"customer.created"}}))[0]
			o := decode(e.Body(jsontree.Plain))["data"].(object)["object"].(object)
			seen[len(elements(o, "addresses"))] = true
		}
		Expect(seen).To(Equal(map[int]bool{0: true, 1: true, 2: true}))
	})

	It("keeps to the schemas by a second opinion", Label("unraced"), func() {
		compiler := jsonschema.NewCompiler()
		catalogue := schemas.Builtin()
		names := catalogue.Objects()
		for _, kind := range catalogue.Kinds() {
			names = append(names, kind.Name)
		}
		names = append(names, "event")
		byName := map[string]string{}
		for _, name := range names {
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(must(catalogue.Schema(name)))))
			Expect(err).NotTo(HaveOccurred())
			id := doc.(object)["$id"].(string)
			if byName[name] == "" {
				byName[name] = id
				Expect(compiler.AddResource(id, doc)).To(Or(Succeed(), MatchError(ContainSubstring("already"))))
			}
		}
		for seed := range uint64(60) {
			for _, e := range must(world(seed, "4k2p").Tell(shop.Story{Key: shop.Key{Name: "v"}, Kinds: kinds})) {
				schema, err := compiler.Compile(byName[e.Kind])
				Expect(err).NotTo(HaveOccurred())
				Expect(schema.Validate(jsontree.Native(e.Tree))).To(Succeed())
			}
		}
	})
})

var _ = Describe("a catalogue with kinds of one's own", func() {
	var w *shop.World
	BeforeEach(func() {
		dir := GinkgoT().TempDir()
		write := func(name string, v any) {
			Expect(os.WriteFile(filepath.Join(dir, name), must(json.Marshal(v)), 0o600)).To(Succeed())
		}
		title := object{"es": "x", "en": "x"}
		write("order.canceled.json", object{
			"$schema": "http://json-schema.org/draft-07/schema#",
			"x-kind": object{
				"name": "order.canceled", "object": "order", "title": title, "provenance": "assumed",
				"set": object{"status": "canceled", "cancel_reason": "customer"},
			},
		})
		write("refund.json", object{
			"$schema": "http://json-schema.org/draft-07/schema#", "x-object": "refund", "type": "object",
			"required": []string{"id", "object", "order_id"},
			"properties": object{
				"id":       object{"type": "string", "pattern": "^rfd_c[0-9a-z]{24}$"},
				"object":   object{"type": "string", "const": "refund"},
				"order_id": object{"type": "string", "pattern": "^ord_c[0-9a-z]{24}$"},
			},
			"examples": []any{object{
				"id": "rfd_cixarpesl00005004cpjqxuo2", "object": "refund", "order_id": "ord_cix9i2dss0000ro0412gpstv4", "amount": 100,
				"lines":      []any{object{"refund_id": "rfd_cixarpesl00005004cpjqxuo2", "item_id": "itm_cix9i2dvi0003ro04r8d6xfp8"}},
				"created_at": 1482963310, "updated_at": 1482963310,
			}},
		})
		write("refund.created.json", object{
			"$schema": "http://json-schema.org/draft-07/schema#",
			"x-kind":  object{"name": "refund.created", "object": "refund", "title": title, "provenance": "assumed", "after": []string{"order.paid"}},
		})
		write("refund.voided.json", object{"x-kind": object{"name": "refund.voided", "object": "refund", "action": "delete"}})
		write("order.returned.json", object{"x-kind": object{"name": "order.returned", "object": "order", "after": []string{"order.paid"}}})
		catalogue, err := schemas.Load(dir)
		Expect(err).NotTo(HaveOccurred())
		w = must(shop.New(shop.Config{Seed: 7, IDs: "4k2p", Start: start, Catalogue: catalogue}))
	})

	It("takes a built-in object from the shop and changes it as the kind says", func() {
		events := must(w.Tell(shop.Story{Key: shop.Key{Name: "o"}, Kinds: []string{"order.placed", "order.canceled"}}))
		Expect(audit(w, events)).To(Succeed())
		Expect(jsontree.Get(events[0].Tree, "data.object.status")).To(Equal("placed"))
		Expect(jsontree.Get(events[1].Tree, "data.object.status")).To(Equal("canceled"))
		Expect(jsontree.Get(w.Objects(events[1])[0], "cancel_reason")).To(Equal("customer"))
		Expect(events[1].ObjectID).To(Equal(events[0].ObjectID))
	})

	It("takes another object from its schema's example, with fresh ids and times", func() {
		tell := func(index int) object {
			events := must(w.Tell(shop.Story{Key: shop.Key{Name: "r", Index: index}, Kinds: []string{"order.placed", "refund.created", "refund.created"}}))
			first := decode(events[1].Body(jsontree.Plain))["data"].(object)["object"].(object)
			again := decode(events[2].Body(jsontree.Plain))["data"].(object)["object"].(object)
			Expect(first["id"]).To(HavePrefix("rfd_c"))
			Expect(first["id"].(string)[17:21]).To(Equal("ksim"))
			Expect(second(first["id"].(string))).To(Equal(integer(first, "created_at")))
			Expect(integer(first, "created_at")).To(Equal(events[1].At.Unix()))
			Expect(integer(again, "updated_at")).To(Equal(events[2].At.Unix()))
			Expect(again["id"]).To(Equal(first["id"]))
			Expect(first["order_id"]).To(Equal(events[0].ObjectID))
			Expect(elements(first, "lines")[0]["refund_id"]).To(Equal(first["id"]))
			Expect(elements(first, "lines")[0]["item_id"]).To(ContainSubstring("ksim"))
			Expect(events[1].Identities).To(ContainElement(HaveField("Value", first["id"])))
			return first
		}
		Expect(tell(0)["id"]).NotTo(Equal(tell(1)["id"]))
	})

	It("lets what must come before a kind happen, told or not", func() {
		voided := must(w.Tell(shop.Story{Key: shop.Key{Name: "v"}, Kinds: []string{"refund.voided"}}))[0]
		made := must(jsontree.Get(voided.Tree, "data.object.created_at")).(json.Number)
		Expect(made.Int64()).To(BeNumerically("<", voided.At.Unix()))
		order := w.Objects(voided)[0]
		Expect(jsontree.Get(order, "id")).To(Equal(must(jsontree.Get(voided.Tree, "data.object.order_id"))))
		Expect(jsontree.Get(order, "financial_status")).To(Equal("paid"))

		returned := must(w.Tell(shop.Story{Key: shop.Key{Name: "w"}, Kinds: []string{"order.returned"}}))
		Expect(audit(w, returned)).To(Succeed())
		Expect(jsontree.Get(returned[0].Tree, "data.object.financial_status")).To(Equal("paid"))
	})

	It("knows no object any more that an event deleted, whatever the kind is called", func() {
		events := must(w.Tell(shop.Story{Key: shop.Key{Name: "d"}, Kinds: []string{"refund.created", "refund.voided"}}))
		has := func(e *shop.Event) bool {
			return slices.ContainsFunc(w.Objects(e), func(o *jsontree.Object) bool {
				id, _ := o.Lookup("id")
				return id == e.ObjectID
			})
		}
		Expect(has(events[0])).To(BeTrue())
		Expect(has(events[1])).To(BeFalse())
	})
})
