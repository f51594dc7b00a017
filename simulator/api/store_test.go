package api_test

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/api"
)

var _ = Describe("the store", func() {
	kindOf := func(s *api.Memory, objectType, id string) string {
		o, ok := s.Find(objectType, id)
		if !ok {
			return ""
		}
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
		Expect(s.List("event", nil)).To(HaveLen(3))
	})
	It("has what was deleted no more, but its events", func() {
		s := api.NewStore(api.StoreConfig{})
		s.Add(event("evn_2", "product.deleted", "prd_1", noon.Add(time.Second)))
		s.Add(event("evn_1", "product.created", "prd_1", noon),
			tree(`{"id":"prd_1","object":"product","skus":[{"id":"sku_1","object":"sku"}]}`))
		Expect(kindOf(s, "product", "prd_1")).To(BeEmpty())
		Expect(kindOf(s, "event", "evn_2")).To(Equal("product.deleted"))
		Expect(s.List("product", nil)).To(BeEmpty())
	})
	It("knows the skus of a product as the product has them now", func() {
		s := api.NewStore(api.StoreConfig{})
		product := func(skus string) *jsontree.Object {
			return tree(`{"id":"prd_1","object":"product","skus":[%s]}`, skus)
		}
		s.Add(event("evn_1", "product.created", "prd_1", noon), product(`{"id":"sku_1","object":"sku"},{"id":"sku_2","object":"sku"}`))
		Expect(s.List("sku", nil)).To(HaveLen(2))
		s.Add(event("evn_2", "product.updated", "prd_1", noon.Add(time.Second)), product(`{"id":"sku_2","object":"sku"}`))
		_, ok := s.Find("sku", "sku_1")
		Expect(ok).To(BeFalse())
		s.Add(event("evn_3", "product.deleted", "prd_1", noon.Add(time.Minute)))
		Expect(s.List("sku", nil)).To(BeEmpty())
	})
	It("replaces an event that is added again", func() {
		s := api.NewStore(api.StoreConfig{Max: 2})
		for range 5 {
			s.Add(event("evn_1", "order.placed", "ord_1", noon))
			s.Add(event("evn_2", "order.paid", "ord_1", noon))
		}
		Expect(s.List("event", nil)).To(HaveLen(2))
	})
	It("forgets the event that was added first, and what only it told of", func() {
		s := api.NewStore(api.StoreConfig{Max: 3})
		shared := tree(`{"id":"prd_1","object":"product"}`)
		for i := range 5 {
			s.Add(event(fmt.Sprint("evn_", i), "order.placed", fmt.Sprint("ord_", i), noon.Add(-time.Duration(i)*time.Hour)), shared)
		}
		Expect(s.List("event", nil)).To(HaveLen(3))
		Expect(s.List("order", nil)).To(HaveLen(3))
		Expect(kindOf(s, "event", "evn_1")).To(BeEmpty())
		Expect(kindOf(s, "event", "evn_4")).To(Equal("order.placed"), "the oldest by its time, but the one added last")
		_, ok := s.Find("product", "prd_1")
		Expect(ok).To(BeTrue(), "still told of by the last event")
	})
	It("holds 2000 events unless told otherwise", func() {
		s := api.NewStore(api.StoreConfig{})
		for i := range 2010 {
			s.Add(event(fmt.Sprint("evn_", i), "order.placed", "ord_1", noon))
		}
		Expect(s.List("event", nil)).To(HaveLen(2000))
	})
	It("can be asked while it learns", func() {
		s := api.NewStore(api.StoreConfig{Max: 20})
		var all sync.WaitGroup
		for g := range 4 {
			all.Go(func() {
				defer GinkgoRecover()
				for i := range 50 {
					s.Add(event(fmt.Sprintf("evn_%d_%d", g, i), "order.placed", fmt.Sprint("ord_", i), noon))
					Expect(ask(s, http.MethodGet, "/api/v1/events").status).To(Equal(http.StatusOK))
					Expect(ask(s, http.MethodGet, fmt.Sprint("/api/v1/orders/ord_", i)).status).To(BeElementOf(200, 404))
				}
			})
		}
		all.Wait()
		Expect(s.List("event", nil)).To(HaveLen(20))
	})
})
