package practice_test

import (
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

var _ = Describe("a receiver that calls an ERP", func() {
	body := spec{id: "evn_e", kind: "order.placed", object: "ord_e"}.body()

	It("needs its address", func() {
		_, err := practice.New(GinkgoT().Context(), practice.Config{Flaw: "outbox"})
		Expect(err).To(MatchError("practice: outbox needs the address of the ERP"))
	})

	It("repeats a call with its key until it succeeds, when it has an outbox", func() {
		h := serve(practice.Config{Flaw: "outbox", Clock: retryclock.Wall{}})
		h.erp.answer(http.StatusInternalServerError)
		Expect(h.fresh(body)).To(Equal(http.StatusNoContent))
		Expect(h.must(http.MethodPost, "/drain", "").status).To(Equal(http.StatusNoContent)) // as a queue that puts it back
		Expect(h.erp.calls()).To(BeEmpty())
		h.erp.answer(0)
		Expect(h.fresh(body)).To(Equal(http.StatusNoContent))
		Expect(h.must(http.MethodPost, "/drain", "").status).To(Equal(http.StatusNoContent))
		Expect(h.erp.calls()).To(Equal([]string{"evn_e"}))
	})

	It("has no key when it is to be doubled", func() {
		h := serve(practice.Config{Flaw: "outbox-keyless", Clock: retryclock.Wall{}})
		h.fresh(body)
		Expect(h.must(http.MethodPost, "/drain", "").status).To(Equal(http.StatusNoContent))
		Expect(h.erp.calls()).To(Equal([]string{""}))
	})

	It("loses the call, or books twice, as its flaw says", func() {
		for name, status := range map[string]int{"erp-ignored": http.StatusNoContent, "erp-halfway": http.StatusServiceUnavailable} {
			h := serve(practice.Config{Flaw: name})
			h.erp.answer(http.StatusInternalServerError)
			Expect(h.fresh(body)).To(Equal(status), name)
			h.erp.answer(0)
			Expect(h.fresh(body)).To(Equal(http.StatusNoContent), name)
			if name == "erp-ignored" {
				Expect(h.erp.calls()).To(BeEmpty())
			} else {
				Expect(h.erp.calls()).To(HaveLen(1))
				Expect(h.seen("evn_e").Effects).To(BeEquivalentTo(2))
			}
		}
	})
})

var _ = Describe("a good receiver that is observed otherwise", func() {
	body := spec{id: "evn_o", kind: "order.placed", object: "ord_o"}.body()

	It("names its effects", func() {
		h := serve(practice.Config{Flaw: "names"})
		h.fresh(body)
		Expect(h.must(http.MethodGet, "/effects/evn_o", "").body).To(ContainSubstring(`"effects":{"invoice":1,"mail":1}`))
	})

	It("tells a state alone", func() {
		h := serve(practice.Config{Flaw: "state-only"})
		h.fresh(body)
		Expect(h.must(http.MethodGet, "/effects/evn_o", "").body).To(And(ContainSubstring(`"state":{`), Not(ContainSubstring("effects"))))
	})

	It("serves the next connection when one has ended", func() {
		h := serve(practice.Config{Flaw: "single", Clock: retryclock.Wall{}})
		Expect(h.fresh(body)).To(Equal(http.StatusNoContent))
		done := make(chan int, 1)
		go func() {
			defer GinkgoRecover()
			other := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			res, err := other.Get(h.url + "/health")
			Expect(err).NotTo(HaveOccurred())
			done <- res.StatusCode
			_ = res.Body.Close()
		}()
		Consistently(done, 50*time.Millisecond).ShouldNot(Receive())
		h.client.CloseIdleConnections()
		Eventually(done).Should(Receive(Equal(http.StatusNoContent)))
	})
})
