package api_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// all lists a type.
func all(s api.Store, objectType string) []*jsontree.Object {
	GinkgoHelper()
	found, total, err := s.List(context.Background(), objectType, api.Query{})
	Expect(err).NotTo(HaveOccurred())
	Expect(total).To(Equal(len(found)))
	return found
}

var _ = Describe("the store", func() {
	kindOf := func(s *api.Memory, objectType, id string) string {
		o, err := s.Find(context.Background(), objectType, id)
		Expect(err).NotTo(HaveOccurred())
		v, _ := o.Lookup("kind")
		kind, _ := v.(string)
		return kind
	}

	It("has the state of the latest event, in whatever order they came", func() {
		s := api.NewStore(api.StoreConfig{})
		s.Add(event("evn_2", "order.paid", "ord_1", noon.Add(time.Second)))
		s.Add(event("evn_1", "order.placed", "ord_1", noon))
		Expect(kindOf(s, "order", "ord_1")).To(Equal("order.paid"))
		s.Add(event("evn_3", "order.archived", "ord_1", noon.Add(time.Second)))
		Expect(kindOf(s, "order", "ord_1")).To(Equal("order.archived"), "of two at one time the one added later")
		Expect(all(s, "event")).To(HaveLen(3))
	})
	It("has what was deleted no more, but its events", func() {
		s := api.NewStore(api.StoreConfig{})
		s.Add(event("evn_2", "product.deleted", "prd_1", noon.Add(time.Second)))
		s.Add(event("evn_1", "product.created", "prd_1", noon),
			tree(`{"id":"prd_1","object":"product","skus":[{"id":"sku_1","object":"sku"}]}`))
		Expect(kindOf(s, "product", "prd_1")).To(BeEmpty())
		Expect(kindOf(s, "event", "evn_2")).To(Equal("product.deleted"))
		Expect(all(s, "product")).To(BeEmpty())
	})
	It("knows the skus of a product as the product has them now", func() {
		s := api.NewStore(api.StoreConfig{})
		product := func(skus string) *jsontree.Object {
			return tree(`{"id":"prd_1","object":"product","skus":[%s]}`, skus)
		}
		s.Add(event("evn_1", "product.created", "prd_1", noon), product(`{"id":"sku_1","object":"sku"},{"id":"sku_2","object":"sku"}`))
		Expect(all(s, "sku")).To(HaveLen(2))
		s.Add(event("evn_2", "product.updated", "prd_1", noon.Add(time.Second)), product(`{"id":"sku_2","object":"sku"}`))
		Expect(s.Find(context.Background(), "sku", "sku_1")).To(BeNil())
		s.Add(event("evn_3", "product.deleted", "prd_1", noon.Add(time.Minute)))
		Expect(all(s, "sku")).To(BeEmpty())
	})
	It("replaces an event that is added again", func() {
		s := api.NewStore(api.StoreConfig{Max: 2})
		for range 5 {
			s.Add(event("evn_1", "order.placed", "ord_1", noon))
			s.Add(event("evn_2", "order.paid", "ord_1", noon))
		}
		Expect(all(s, "event")).To(HaveLen(2))
	})
	It("forgets the event that was added first, and what only it told of", func() {
		s := api.NewStore(api.StoreConfig{Max: 3})
		shared := tree(`{"id":"prd_1","object":"product"}`)
		for i := range 5 {
			s.Add(event(fmt.Sprint("evn_", i), "order.placed", fmt.Sprint("ord_", i), noon.Add(-time.Duration(i)*time.Hour)), shared)
		}
		Expect(all(s, "event")).To(HaveLen(3))
		Expect(all(s, "order")).To(HaveLen(3))
		Expect(kindOf(s, "event", "evn_1")).To(BeEmpty())
		Expect(kindOf(s, "event", "evn_4")).To(Equal("order.placed"), "the oldest by its time, but the one added last")
		Expect(s.Find(context.Background(), "product", "prd_1")).NotTo(BeNil(), "still told of by the last event")
	})
	It("holds 2000 events unless told otherwise", func() {
		s := api.NewStore(api.StoreConfig{})
		for i := range 2010 {
			s.Add(event(fmt.Sprint("evn_", i), "order.placed", "ord_1", noon))
		}
		Expect(all(s, "event")).To(HaveLen(2000))
	})
	It("can be asked while it learns", func() {
		s := api.NewStore(api.StoreConfig{Max: 20})
		var group sync.WaitGroup
		for g := range 4 {
			group.Go(func() {
				defer GinkgoRecover()
				for i := range 50 {
					s.Add(event(fmt.Sprintf("evn_%d_%d", g, i), "order.placed", fmt.Sprint("ord_", i), noon))
					Expect(ask(s, http.MethodGet, "/api/v1/events").status).To(Equal(http.StatusOK))
					Expect(ask(s, http.MethodGet, fmt.Sprint("/api/v1/orders/ord_", i)).status).To(BeElementOf(200, 404))
				}
			})
		}
		group.Wait()
		Expect(all(s, "event")).To(HaveLen(20))
	})
})

var _ = Describe("the cause of a write", func() {
	about := func(refs ...string) (all []api.Ref) {
		for i := 0; i+1 < len(refs); i += 2 {
			all = append(all, api.Ref{Type: refs[i], ID: refs[i+1]})
		}
		return all
	}
	It("is the event about its object that was sent within a minute, the deepest of several", func() {
		var c api.Causes
		c.Sent(event("evn_1", "product.updated", "prd_1", noon), 3, noon)
		c.Sent(event("evn_2", "product.updated", "prd_1", noon), 1, noon.Add(time.Second))
		c.Sent(event("evn_3", "product.updated", "prd_2", noon), 4, noon.Add(time.Second))
		Expect(c.Of(about("product", "prd_1"), noon.Add(2*time.Second))).To(Equal(api.Cause{Event: "evn_1", Depth: 3}))
		Expect(c.Of(about("product", "prd_1"), noon.Add(60*time.Second))).To(Equal(api.Cause{Event: "evn_2"}), "too late to make a chain longer")
		Expect(c.Of(about("product", "prd_1"), noon.Add(time.Hour))).To(BeZero())
		Expect(c.Of(about("product", "prd_9"), noon)).To(BeZero())
		Expect(c.Of(nil, noon)).To(BeZero())
	})
	It("is not an event that reached nobody", func() {
		var c api.Causes
		c.Sent(event("evn_1", "product.updated", "prd_1", noon), 1, noon)(noon, true)
		c.Sent(event("evn_2", "product.updated", "prd_1", noon), 2, noon)(noon, false)
		Expect(c.Of(about("product", "prd_1"), noon)).To(Equal(api.Cause{Event: "evn_1", Depth: 1}))
	})
	It("is none where the writes go on while the event is held back", func() {
		var c api.Causes
		e := func(id string) *shop.Event { return event(id, "product.updated", "prd_1", noon) }
		at := noon
		for depth := 1; depth <= 11; depth++ {
			Expect(c.Hold(e(fmt.Sprint("evn_", depth)), depth, at)).To(BeNil())
			c.Sent(e(fmt.Sprint("evn_", depth)), depth, at)(at, true)
			at = at.Add(2 * time.Second)
			Expect(c.Of(about("product", "prd_1"), at).Depth).To(Equal(depth))
		}
		held := c.Hold(e("evn_12"), 12, at)
		Expect(held.Left(at)).To(Equal(6*time.Second), "three times what answers took")
		echo := c.Hold(e("evn_x"), 12, at)
		Expect(c.Of(about("product", "prd_1"), at)).To(Equal(api.Cause{Event: "evn_11", Depth: 11}), "a second answer to the last one")
		Expect(c.Of(about("product", "prd_2"), at.Add(4*time.Second))).To(BeZero())
		Expect(echo.End()).To(Equal(12))
		Expect(c.Of(about("product", "prd_1"), at.Add(2*time.Second))).To(BeZero(), "the job that writes every two seconds")
		Expect(held.Left(at.Add(2 * time.Second))).To(BeZero())
		Expect(held.End()).To(Equal(1))
		c.Sent(e("evn_12"), 1, at.Add(2*time.Second))
		Expect(c.Of(about("product", "prd_1"), at.Add(4*time.Second))).To(Equal(api.Cause{Event: "evn_12", Depth: 1}))
	})
	It("is not looked into while a receiver is still at it, and not for ever", func() {
		var c api.Causes
		e := event("evn_1", "product.updated", "prd_1", noon)
		ended := c.Sent(e, 11, noon)
		held := c.Hold(e, 12, noon)
		Expect(c.Of(about("product", "prd_1"), noon.Add(3*time.Second)).Depth).To(Equal(11), "the receiver may be writing")
		Expect(held.Left(noon.Add(3 * time.Second))).To(BeNumerically(">", 0))
		ended(noon.Add(9*time.Second), true)
		Expect(held.Left(noon.Add(9 * time.Second))).To(BeNumerically(">", 0))
		Expect(held.Left(noon.Add(10 * time.Second))).To(BeZero())
		Expect(held.End()).To(Equal(12))

		c.Sent(e, 11, noon)
		held = c.Hold(e, 12, noon)
		Expect(held.Left(noon.Add(time.Minute))).To(BeZero())
		Expect(held.End()).To(Equal(1), "nothing is proved")
	})
	It("is looked into once at each depth", func() {
		var c api.Causes
		e := event("evn_1", "product.updated", "prd_1", noon)
		held := c.Hold(e, 12, noon)
		Expect(held).NotTo(BeNil())
		c.Sent(e, held.End(), noon.Add(time.Second))
		Expect(c.Hold(e, 12, noon.Add(time.Second))).To(BeNil())
		Expect(c.Hold(e, 13, noon.Add(time.Second))).NotTo(BeNil())
	})
	It("is found by the order of a shipment too", func() {
		var c api.Causes
		e := event("evn_1", "fulfillment.updated", "ful_1", noon)
		Expect(jsontree.SetPath(e.Tree, "data.object.kind", "full")).To(Succeed())
		o, err := jsontree.Get(e.Tree, "data.object")
		Expect(err).NotTo(HaveOccurred())
		o.(*jsontree.Object).Set("order_id", "ord_1")
		c.Sent(e, 2, noon)
		Expect(c.Of(about("fulfillment", "ful_2", "order", "ord_1"), noon)).To(Equal(api.Cause{Event: "evn_1", Depth: 2}))
	})
	It("is forgotten when there were too many since", func() {
		var c api.Causes
		for i := range 10000 {
			c.Sent(event(fmt.Sprint("evn_", i), "product.updated", fmt.Sprint("prd_", i), noon), 1, noon)
		}
		Expect(c.Of(about("product", "prd_0"), noon)).To(BeZero())
		Expect(c.Of(about("product", "prd_9999"), noon).Event).To(Equal("evn_9999"))
	})
})
