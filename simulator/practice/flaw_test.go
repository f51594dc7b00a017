package practice_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// probe is a small stand-in for a check: it tells whether a receiver is as it
// should be in one respect. Each one works on events of its own.
type probe struct {
	name string
	good func(h *host) bool
}

func ok(status int) bool      { return status/100 == 2 }
func refused(status int) bool { return status/100 == 4 }

// fresh delivers on a connection of its own.
func (h *host) fresh(body string, header ...string) int {
	GinkgoHelper()
	h.client.CloseIdleConnections()
	return h.post(body, header...)
}

// once reports whether an event had exactly one effect, now or in the background.
func (h *host) once(id string) bool {
	GinkgoHelper()
	h.must(http.MethodPost, "/drain", "")
	return h.seen(id).Effects == 1
}

// The names of the probes.
const (
	plainPlaced   = "order.placed"
	plainProduct  = "product.updated"
	unknownKind   = "unknown kind"
	copies        = "copies"
	race          = "race"
	twoHours      = "2 h old"
	fortySeven    = "47 h old"
	malformedBody = "malformed body"
	afterBad      = "after a malformed body"
	spelling      = "spelling"
	charset       = "charset"
	keepAlive     = "keep-alive"
	storeAway     = "store away"
	quick         = "under 5 s"
	inTime        = "under 10 s"
	twins         = "equal content"
	nothing       = "null"
	newMember     = "new member"
	longName      = "long name"
	newStatus     = "new status"
	deep          = "deep"
	partOfIt      = "a part of an event"
	discreet      = "says nothing of itself"
	noSession     = "no session"
	clock         = "clock"
)

func probes() []probe {
	within := func(limit time.Duration) func(h *host) bool {
		return func(h *host) bool {
			before := h.clock.Now()
			h.fresh(placed("quick" + limit.String()))
			return h.clock.Now().Sub(before) < limit
		}
	}
	old := func(age time.Duration) func(h *host) bool {
		return func(h *host) bool {
			id := "evn_" + age.String()
			body := spec{id: id, kind: "customer.updated", object: "cus_" + age.String(), created: h.clock.Now().Add(-age)}.body()
			return ok(h.fresh(body)) && h.once(id)
		}
	}
	simple := func(kind, id string) func(h *host) bool {
		return func(h *host) bool {
			return ok(h.fresh(spec{id: "evn_" + id, kind: kind, object: "obj_" + id}.body())) && h.once("evn_"+id)
		}
	}
	return []probe{
		{plainPlaced, simple("order.placed", "p1")},
		{plainProduct, simple("product.updated", "p2")},
		{unknownKind, func(h *host) bool {
			status := h.fresh(spec{id: "evn_u", kind: "order.archived", object: "ord_u"}.body())
			return (ok(status) || refused(status)) && h.seen("evn_u").Effects == 0
		}},
		{copies, func(h *host) bool {
			body := spec{id: "evn_c", kind: "product.updated", object: "prd_c"}.body()
			first, second := h.fresh(body), h.fresh(body)
			return ok(first) && ok(second) && h.once("evn_c")
		}},
		{race, func(h *host) bool {
			body := spec{id: "evn_r", kind: "product.updated", object: "prd_r"}.body()
			h.client.CloseIdleConnections()
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() { defer GinkgoRecover(); h.post(body) })
			}
			all.Wait()
			return ok(h.fresh(body)) && h.once("evn_r")
		}},
		{twoHours, old(2 * time.Hour)},
		{fortySeven, old(47 * time.Hour)},
		{spelling, func(h *host) bool {
			body := spec{id: "evn_s", kind: "product.updated", object: "prd_s"}.body()
			return ok(h.fresh(strings.ReplaceAll(body, `":`, `": `))) && h.once("evn_s")
		}},
		{charset, func(h *host) bool {
			body := spec{id: "evn_t", kind: "product.updated", object: "prd_t"}.body()
			return ok(h.fresh(body, "Content-Type", "application/json; charset=UTF-8")) && h.once("evn_t")
		}},
		{keepAlive, func(h *host) bool {
			a := spec{id: "evn_k1", kind: "product.updated", object: "prd_k"}.body()
			b := spec{id: "evn_k2", kind: "product.updated", object: "prd_k"}.body()
			return ok(h.fresh(a)) && ok(h.post(b)) && h.once("evn_k2")
		}},
		{storeAway, func(h *host) bool {
			body := spec{id: "evn_d", kind: "product.updated", object: "prd_d"}.body()
			h.must(http.MethodPost, "/store/down", "")
			acknowledged := ok(h.fresh(body))
			h.must(http.MethodPost, "/store/up", "")
			return !acknowledged || h.once("evn_d")
		}},
		{twins, func(h *host) bool {
			order := `,"customer_id":"cus_t","items":[{"sku_id":"sku_t","quantity":1}]`
			a := spec{id: "evn_t1", kind: "order.placed", object: "ord_t1", more: order}.body()
			b := spec{id: "evn_t2", kind: "order.placed", object: "ord_t2", more: order}.body()
			return ok(h.fresh(a)) && ok(h.fresh(b)) && h.once("evn_t1") && h.once("evn_t2")
		}},
		{nothing, func(h *host) bool {
			return ok(h.fresh(spec{id: "evn_n", kind: "customer.updated", object: "cus_n", more: `,"default_address":null`}.body())) && h.once("evn_n")
		}},
		{newMember, func(h *host) bool {
			body := spec{id: "evn_m", kind: "product.updated", object: "prd_m"}.body()
			return ok(h.fresh(strings.TrimSuffix(body, "}")+`,"api_version":2}`)) && h.once("evn_m")
		}},
		{longName, func(h *host) bool {
			more := `,"items":[{"name":"` + strings.Repeat("ñ", 255) + `"}]`
			return ok(h.fresh(spec{id: "evn_l", kind: "order.placed", object: "ord_l", more: more}.body())) && h.once("evn_l")
		}},
		{newStatus, func(h *host) bool {
			return ok(h.fresh(spec{id: "evn_e", kind: "order.placed", object: "ord_e", more: `,"status":"on_hold"`}.body())) && h.once("evn_e")
		}},
		{noSession, func(h *host) bool {
			cookie := func(id string) string {
				return h.must(http.MethodPost, "/webhook", placed(id)).header.Get("Set-Cookie")
			}
			a, b := cookie("s1"), cookie("s2")
			return a == b
		}},
		{clock, func(h *host) bool {
			date, err := http.ParseTime(h.must(http.MethodPost, "/webhook", placed("k")).header.Get("Date"))
			return err == nil && time.Since(date).Abs() < time.Minute
		}},
		{quick, within(5 * time.Second)},
		{inTime, within(10 * time.Second)},
		// Last, for one flaw remembers it.
		{malformedBody, func(h *host) bool { return refused(h.fresh(`{"id":"evn_1",`)) && refused(h.fresh("")) }},
		{deep, func(h *host) bool {
			body := spec{id: "evn_f", kind: "product.updated", object: "prd_f", more: `,"f":` + strings.Repeat("[", 10000) + strings.Repeat("]", 10000)}.body()
			status := h.fresh(body)
			return ok(status) || refused(status)
		}},
		{partOfIt, func(h *host) bool {
			body := spec{id: "evn_h", kind: "product.updated", object: "prd_h"}.body()
			h.fresh(body[:len(body)/2])
			return h.seen("evn_h").Effects == 0
		}},
		{discreet, func(h *host) bool {
			said := h.must(http.MethodPost, "/webhook", "{").body
			return !strings.Contains(said, "Traceback") && !strings.Contains(said, "Stack trace")
		}},
		{afterBad, func(h *host) bool {
			h.fresh(`{"id":"evn_1",`)
			return simple("product.updated", "after")(h)
		}},
	}
}

// faulty says which probes fail for each flaw; all stands for those that need
// any delivery to be accepted.
func faulty() map[string][]string {
	all := []string{
		plainPlaced, plainProduct, copies, race, twoHours, fortySeven, afterBad, spelling, charset, keepAlive,
		twins, nothing, newMember, longName, newStatus, storeAway,
	}
	return map[string][]string{
		"error-500":             append([]string{unknownKind, malformedBody, deep}, all[:len(all)-1]...),
		"refuses-placed":        {plainPlaced, twins, longName, newStatus},
		"php-error":             append([]string{malformedBody, discreet}, all...),
		"by-object":             {unknownKind},
		"unknown-kind-500":      {unknownKind},
		"redirect-slash":        append([]string{unknownKind, malformedBody, deep}, all[:len(all)-1]...),
		"login":                 append([]string{unknownKind, malformedBody, deep}, all[:len(all)-1]...),
		"csrf":                  all[:len(all)-1],
		"csrf-django":           all[:len(all)-1],
		"hang":                  {quick, inTime},
		"slow":                  {quick},
		"refuses-old-1h":        {twoHours, fortySeven},
		"refuses-old-47h":       {fortySeven},
		"conflict":              {copies, race},
		"no-dedupe":             {copies, race},
		"dedupe-content":        {twins},
		"crash-malformed":       {malformedBody, deep},
		"crash-deep":            {deep},
		"acts-on-malformed":     {partOfIt},
		"null-breaks":           {nothing},
		"closed-members":        {newMember},
		"short-column":          {longName},
		"closed-enum":           {newStatus},
		"leaks-trace":           {discreet},
		"session":               {noSession},
		"clock-behind":          {clock},
		"stuck-after-malformed": {afterBad},
		"first-request-only":    {keepAlive},
		"raw-bytes":             {spelling},
		"content-type-exact":    {charset},
		"acks-when-down":        {storeAway},
	}
}

var _ = Describe("a flaw", func() {
	names := []string{""}
	for _, f := range practice.Flaws() {
		names = append(names, f.Name)
		It(f.Name+" is described", func() {
			Expect(f.Name).To(MatchRegexp(`^[a-z0-9]+(-[a-z0-9]+)*$`))
			Expect(f.Title.ES).NotTo(BeEmpty())
			Expect(f.Title.EN).NotTo(BeEmpty())
			Expect(f.Good).To(Equal(f.Fails == nil))
			for _, id := range f.Fails {
				Expect(id).To(MatchRegexp(`^KOM-[A-Z]{3}-[0-9]{3}$`))
			}
		})
	}
	It("has a name of its own", func() {
		for i, name := range names {
			Expect(names[:i]).NotTo(ContainElement(name))
		}
		for name := range faulty() {
			Expect(names).To(ContainElement(name))
		}
	})

	for _, name := range names {
		It(fmt.Sprintf("%q shows its fault and no other", name), func() {
			h := serve(practice.Config{Flaw: name})
			var found []string
			for _, p := range probes() {
				if !p.good(h) {
					found = append(found, p.name)
				}
			}
			Expect(found).To(ConsistOf(faulty()[name]))
		})
	}
})

var _ = Describe("the answers of", func() {
	get := func(flaw string) response {
		GinkgoHelper()
		return serve(practice.Config{Flaw: flaw}).must(http.MethodPost, "/webhook", placed("1"))
	}
	It("csrf are Laravel's", func() {
		res := get("csrf")
		Expect(res.status).To(Equal(419))
		Expect(res.body).To(ContainSubstring("<title>Page Expired</title>"))
		Expect(res.header.Get("Set-Cookie")).To(HavePrefix("laravel_session="))
	})
	It("csrf-django are Django's", func() {
		res := get("csrf-django")
		Expect(res.status).To(Equal(403))
		Expect(res.body).To(ContainSubstring("CSRF verification failed. Request aborted."))
		Expect(res.header.Get("Content-Type")).To(Equal("text/html"))
	})
	It("php-error are PHP's", func() {
		res := get("php-error")
		Expect(res.status).To(Equal(200))
		Expect(res.body).To(MatchRegexp(regexp.QuoteMeta("<b>Fatal error</b>:  Uncaught")))
	})
	DescribeTable("the redirects", func(flaw string, status int, location string) {
		res := get(flaw)
		Expect(res.status).To(Equal(status))
		Expect(res.header.Get("Location")).To(Equal(location))
	},
		Entry(nil, "redirect-slash", 301, "/webhook/"),
		Entry(nil, "login", 302, "/login"),
	)
	It("redirect-slash are good behind the redirect", func() {
		h := serve(practice.Config{Flaw: "redirect-slash"})
		Expect(h.must(http.MethodPost, "/webhook/", placed("1")).status).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
	})
	It("slow come when the configured delay is over", func() {
		h := serve(practice.Config{Flaw: "slow", Delay: time.Second})
		Expect(h.post(placed("1"))).To(Equal(http.StatusNoContent))
		Expect(h.clock.Now()).To(Equal(noon.Add(time.Second)))
	})
	It("hang end with the sender's patience", func() {
		h := serve(practice.Config{Flaw: "hang", Delay: time.Hour, Clock: retryclock.Wall{}})
		h.client.Timeout = 50 * time.Millisecond
		_, err := h.do(http.MethodPost, "/webhook", placed("1"))
		Expect(err).To(MatchError(ContainSubstring("Timeout")))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
	})
})

var _ = Describe("a receiver that is good in another way", func() {
	It("queue says 202 and works later, in the background", func() {
		h := serve(practice.Config{Flaw: "queue"})
		Expect(h.post(placed("1"))).To(Equal(http.StatusAccepted))
		Eventually(func() int { return h.seen("evn_1").Effects }).WithTimeout(10 * time.Second).Should(Equal(1))
		Expect(h.post(placed("1"))).To(Equal(http.StatusAccepted))
		Expect(h.must(http.MethodPost, "/drain", "").status).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
		Expect(h.post("{}")).To(Equal(http.StatusBadRequest))
	})
	It("queue takes its time", func() {
		h := serve(practice.Config{Flaw: "queue", Delay: time.Hour, Clock: retryclock.Wall{}})
		Expect(h.post(placed("1"))).To(Equal(http.StatusAccepted))
		Expect(h.seen("evn_1").Effects).To(BeZero())
		Expect(h.must(http.MethodPost, "/drain", "").status).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
	})
	It("queue survives that its database goes away", func() {
		h := serve(practice.Config{Flaw: "queue", Delay: time.Hour, Clock: retryclock.Wall{}})
		Expect(h.post(placed("1"))).To(Equal(http.StatusAccepted))
		h.must(http.MethodPost, "/store/down", "")
		Expect(h.post(placed("2"))).To(Equal(http.StatusServiceUnavailable))
		Expect(h.must(http.MethodPost, "/drain", "").status).To(Equal(http.StatusServiceUnavailable))
		h.must(http.MethodPost, "/store/up", "")
		Expect(h.must(http.MethodPost, "/drain", "").status).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
		Expect(h.seen("evn_2").Effects).To(BeZero())
	})
	It("picky says 422 to an unknown kind", func() {
		h := serve(practice.Config{Flaw: "picky"})
		Expect(h.post(spec{id: "evn_1", kind: "order.archived", object: "ord_1"}.body())).To(Equal(http.StatusUnprocessableEntity))
	})
	It("unwraps takes an event as it is and as the API would answer it", func() {
		h := serve(practice.Config{Flaw: "unwraps"})
		Expect(h.post(placed("1"))).To(Equal(http.StatusNoContent))
		Expect(h.post(`{"data":` + placed("2") + `}`)).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_2").Effects).To(Equal(1))
		for _, body := range []string{`{"data":{}}`, `{"data":null}`, `{"data":` + placed("3") + `,"x":1}`} {
			Expect(h.post(body)).To(Equal(http.StatusBadRequest))
		}
		Expect(h.seen("evn_3").Effects).To(BeZero())
	})
	It("closes closes", func() {
		h := serve(practice.Config{Flaw: "closes"})
		req, err := http.NewRequest(http.MethodPost, h.url+"/webhook", strings.NewReader(placed("1")))
		Expect(err).NotTo(HaveOccurred())
		res, err := h.client.Do(req)
		Expect(err).NotTo(HaveOccurred())
		defer res.Body.Close()
		Expect(res.Close).To(BeTrue())
	})
	It("accepted-html says 200 with a page", func() {
		h := serve(practice.Config{Flaw: "accepted-html"})
		res := h.must(http.MethodPost, "/webhook", placed("1"))
		Expect(res.status).To(Equal(http.StatusOK))
		Expect(res.body).To(ContainSubstring("<p>OK</p>"))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
	})
	It("locks lets one copy of many through, and every retry", func() {
		h := serve(practice.Config{Flaw: "locks"})
		var all sync.WaitGroup
		statuses := make([]int, 30)
		for i := range statuses {
			all.Go(func() { defer GinkgoRecover(); statuses[i] = h.post(placed("1")) })
		}
		all.Wait()
		Expect(statuses).To(HaveEach(BeElementOf(http.StatusNoContent, http.StatusConflict)))
		Expect(statuses).To(ContainElement(http.StatusNoContent))
		Expect(h.post(placed("1"))).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
	})
	It("parents takes a payment and a shipment once it knows the order", func() {
		h := serve(practice.Config{Flaw: "parents"})
		paid := spec{id: "evn_2", kind: "order.paid", object: "ord_1"}.body()
		shipped := spec{id: "evn_3", kind: "fulfillment.created", object: "ful_1", more: `,"order_id":"ord_1"`}.body()
		gone := spec{id: "evn_4", kind: "product.deleted", object: "prd_1"}.body()
		for _, body := range []string{paid, shipped, gone} {
			Expect(h.post(body)).To(Equal(http.StatusConflict))
		}
		Expect(h.post(placed("1"))).To(Equal(http.StatusNoContent))
		Expect(h.post(spec{id: "evn_5", kind: "product.created", object: "prd_1"}.body())).To(Equal(http.StatusNoContent))
		for _, body := range []string{paid, shipped, gone} {
			Expect(h.post(body)).To(Equal(http.StatusNoContent))
		}
		Expect(h.seen("ord_1").Effects).To(Equal(2))
	})
	It("throttled takes 60 a minute and says how long to wait", func(ctx SpecContext) {
		h := serve(practice.Config{Flaw: "throttled"})
		for i := range 60 {
			Expect(h.post(placed(fmt.Sprint(i)))).To(Equal(http.StatusNoContent))
		}
		res := h.must(http.MethodPost, "/webhook", placed("60"))
		Expect(res.status).To(Equal(http.StatusTooManyRequests))
		Expect(res.header.Get("Retry-After")).To(Equal("60"))
		Expect(h.clock.WaitUntil(ctx, noon.Add(time.Minute))).To(Succeed())
		Expect(h.post(placed("60"))).To(Equal(http.StatusNoContent))
	}, NodeTimeout(20*time.Second))
})
