package practice_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// faulty says which probes fail for each flaw; all stands for those that need
// any delivery to be accepted.
func faulty() map[string][]string {
	all := []string{
		plainPlaced, plainProduct, copies, race, twoHours, fortySeven, afterBad, spelling, charset, keepAlive,
		twins, nothing, newMember, longName, newStatus, hungUp, cutOff, restart, later, fiftyLater, paidOrder, twoUpdates,
		latePlaced, bigBody, hugeBody, crowd, lateCrowd, afterOutage, storeAway,
	}
	return map[string][]string{
		// Right as well: they act as often as the order says.
		"lines": {plainPlaced, newStatus, paidOrder, latePlaced, bigBody, hugeBody},
		"note":  {plainPlaced, twins, longName, newStatus, paidOrder, latePlaced, bigBody, hugeBody},

		// Right, and observed otherwise, or unable to serve a crowd of connections
		// that stay open: see those for themselves.
		"state-only": otherwise, "single": otherwise,
		// What it booked when it called shows when the call fails.
		"outbox": nil, "outbox-keyless": nil, "erp-ignored": nil, "erp-halfway": nil,

		"error-500":             append([]string{unknownKind, malformedBody, deep}, all[:len(all)-1]...),
		"refuses-placed":        {plainPlaced, twins, longName, newStatus, paidOrder, latePlaced, bigBody, hugeBody},
		"php-error":             append([]string{malformedBody, discreet}, all...),
		"by-object":             {unknownKind},
		"unknown-kind-500":      {unknownKind},
		"redirect-slash":        append([]string{unknownKind, malformedBody, deep}, all[:len(all)-1]...),
		"login":                 append([]string{unknownKind, malformedBody, deep}, all[:len(all)-1]...),
		"csrf":                  all[:len(all)-1],
		"csrf-django":           all[:len(all)-1],
		"hang":                  {inTime},
		"slow":                  {quick},
		"refuses-old-1h":        {twoHours, fortySeven, lateCrowd},
		"refuses-old-47h":       {fortySeven},
		"conflict":              {copies, race},
		"no-dedupe":             {copies, race, hungUp, restart, later, fiftyLater},
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
		"doubles-after-outage":  {afterOutage},
		"acks-first":            nil, // see the receiver that is killed
		"hang-up-loses":         {hungUp},
		"hang-up-doubles":       {hungUp},
		"cut-loses":             {cutOff},
		"cut-acts":              {cutOff},
		"check-then-insert":     {race},
		"dedupe-object":         {paidOrder, twoUpdates, latePlaced},
		"dedupe-object-kind":    {twoUpdates},
		"dedupe-memory":         {restart, later},
		"forgets-24h":           {later},
		"strictly-newer":        {twoUpdates},
		"last-write-wins":       {lateUpdate, lateCreated},
		"drops-orphans":         {afterDelete, latePlaced},
		"resurrects":            {afterDelete},
		"created-overwrites":    {lateCreated},
		"insert-fails":          {latePlaced},
		"limit-100kb":           {hugeBody},
		"limit-48kb":            {bigBody, hugeBody},
		"any-method":            {getEvent, putEvent},
		"put-500":               {putEvent},
		"pool-exhausted":        {crowd},
		"drops-in-a-burst":      {crowd},
		"backlog-500":           {lateCrowd},
		"remembers-50":          {fiftyLater},
		"latin1":                {script, emoji},
		"utf8mb3":               {emoji},
		"cuts-names":            {longNote},
		"escapes-html":          nil, // see what is kept of a content
		"zero-text":             nil,
		"natural-key":           nil, // see objects of one name
		"float-amounts":         nil,
		"small-integer":         nil,
		"drops-gifts":           nil,
		"drops-noteless":        {plainPlaced, twins, longName, newStatus, paidOrder, latePlaced, bigBody, hugeBody},
		"expect-hangs":          {expect},
	}
}

// otherwise marks receivers that these probes cannot see.
var otherwise = []string{"otherwise"}

// inTheOpen is how a flaw is started so that it shows: those that need several
// deliveries to meet take their time by the wall clock, as does the one with a
// limit to a time.
func inTheOpen(name string) practice.Config {
	cfg := practice.Config{Flaw: name}
	switch name {
	case "check-then-insert", "pool-exhausted", "drops-in-a-burst", "backlog-500":
		cfg.Clock, cfg.Delay = retryclock.Wall{}, 30*time.Millisecond
	case "acks-first", "throttled":
		cfg.Clock, cfg.Delay = retryclock.Wall{}, time.Millisecond
	}
	return cfg
}

var _ = Describe("a flaw", Label("whole"), func() {
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
			if slices.Equal(faulty()[name], otherwise) {
				Skip("it is seen otherwise")
			}
			h := serve(inTheOpen(name))
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

var _ = Describe("the responses of", func() {
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
		Expect(h.post(spec{id: "evn_1", kind: "collection.updated", object: "col_1"}.body())).To(Equal(http.StatusNoContent))
		Expect(h.clock.Now()).To(Equal(noon.Add(time.Second)))
	})
	It("hang end with the sender's patience", func() {
		h := serve(practice.Config{Flaw: "hang", Delay: time.Hour, Clock: retryclock.Wall{}})
		h.client.Timeout = 50 * time.Millisecond
		_, err := h.do(http.MethodPost, "/webhook", spec{id: "evn_1", kind: "customer.created", object: "cus_1"}.body())
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
	It("thin acts on what the API says, and not on what it is told", func() {
		h := serve(practice.Config{Flaw: "thin"})
		old := spec{id: "evn_1", kind: "product.updated", object: "prd_1", more: `,"version":1`}
		h.happen(spec{id: "evn_2", kind: "product.updated", object: "prd_1", created: noon.Add(time.Minute), more: `,"version":2`}.body())
		Expect(h.post(old.body())).To(Equal(http.StatusNoContent))
		Expect(h.seen("prd_1").State).To(HaveKeyWithValue("version", json.Number("2")))
		Expect(h.direct(placed("forged"))).To(Equal(http.StatusUnprocessableEntity))
		Expect(h.direct(strings.Replace(old.body(), "prd_1", "prd_2", 1))).To(Equal(http.StatusUnprocessableEntity), "another object")
		Expect(h.seen("evn_forged").Effects).To(BeZero())
		Expect(h.seen("prd_2").Effects).To(BeZero())
	})
	It("thin finds a fulfillment at its order, and takes what was deleted as it was told", func() {
		h := serve(practice.Config{Flaw: "thin"})
		Expect(h.post(spec{id: "evn_1", kind: "fulfillment.created", object: "ful_1", more: `,"order_id":"ord_1"`}.body())).To(Equal(http.StatusNoContent))
		Expect(h.post(spec{id: "evn_2", kind: "product.deleted", object: "prd_1"}.body())).To(Equal(http.StatusNoContent))
		Expect(h.seen("ful_1").Effects).To(Equal(1))
		Expect(h.seen("prd_1").State).To(HaveKeyWithValue("deleted", true))
	})
	It("thin says 503 while the API is away, or does not know its key", func() {
		h := serve(practice.Config{Flaw: "thin"})
		h.happen(placed("1"))
		for _, api := range []practice.API{{URL: "http://127.0.0.1:1", Key: h.cfg.API.Key}, {URL: h.cfg.API.URL, Key: "sk_other"}} {
			r, err := practice.New(context.Background(), practice.Config{Flaw: "thin", API: api})
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(r.Close)
			Expect((&host{Receiver: r}).direct(placed("1"))).To(Equal(http.StatusServiceUnavailable))
		}
	})
	It("upsert has one row for all events of an object", func() {
		h := serve(practice.Config{Flaw: "upsert"})
		for i, kind := range []string{"order.created", "order.placed", "order.paid"} {
			Expect(h.post(spec{id: fmt.Sprint("evn_", i), kind: kind, object: "ord_1"}.body())).To(Equal(http.StatusNoContent))
		}
		Expect(h.seen("ord_1").Effects).To(Equal(1))
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
	It("parents and the good one treat a kind of the user's own as its schema says", func() {
		dir := GinkgoT().TempDir()
		for name, text := range map[string]string{
			"refund":         `{"x-object":"refund","type":"object","examples":[{"id":"rfd_1","object":"refund","order_id":"ord_1"}]}`,
			"refund.created": `{"x-kind":{"name":"refund.created","object":"refund","after":["order.paid"]}}`,
			"refund.voided":  `{"x-kind":{"name":"refund.voided","object":"refund","action":"delete"}}`,
		} {
			Expect(os.WriteFile(filepath.Join(dir, name+".json"), []byte(text), 0o600)).To(Succeed())
		}
		own, err := schemas.Load(dir)
		Expect(err).NotTo(HaveOccurred())
		refund := func(id, kind string, at time.Duration) string {
			return spec{id: id, kind: kind, object: "rfd_1", created: noon.Add(at), more: `,"order_id":"ord_1"`}.body()
		}

		h := serve(practice.Config{Flaw: "parents", Catalogue: own})
		Expect(h.post(refund("evn_2", "refund.created", 0))).To(Equal(http.StatusConflict))
		Expect(h.post(placed("1"))).To(Equal(http.StatusNoContent))
		Expect(h.post(refund("evn_3", "refund.voided", time.Hour))).To(Equal(http.StatusConflict))
		Expect(h.post(refund("evn_2", "refund.created", 0))).To(Equal(http.StatusNoContent))
		Expect(h.post(refund("evn_3", "refund.voided", time.Hour))).To(Equal(http.StatusNoContent))
		Expect(h.seen("rfd_1").State).To(HaveKeyWithValue("deleted", true))

		h = serve(practice.Config{Catalogue: own})
		Expect(h.post(refund("evn_3", "refund.voided", 0))).To(Equal(http.StatusNoContent))
		Expect(h.post(refund("evn_2", "refund.created", time.Hour))).To(Equal(http.StatusNoContent))
		Expect(h.seen("rfd_1").State).To(HaveKeyWithValue("deleted", true), "nothing brings it back")

		h = serve(practice.Config{})
		Expect(h.post(refund("evn_2", "refund.created", 0))).To(Equal(http.StatusNoContent))
		Expect(h.seen("rfd_1").Effects).To(BeZero(), "a kind that it does not know")
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
