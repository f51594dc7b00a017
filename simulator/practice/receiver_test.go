package practice_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

var _ = Describe("the good receiver", func() {
	var h *host
	BeforeEach(func() { h = serve(practice.Config{}) })

	DescribeTable("acts on every kind once", func(kind string) {
		body := spec{id: "evn_1", kind: kind, object: "obj_1"}.body()
		Expect(h.post(body)).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
		Expect(h.seen("obj_1").Effects).To(Equal(1))
		Expect(h.post(body)).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
	},
		func(kind string) string { return kind },
		Entry(nil, "order.created"), Entry(nil, "order.placed"), Entry(nil, "order.paid"),
		Entry(nil, "fulfillment.created"), Entry(nil, "fulfillment.updated"),
		Entry(nil, "product.created"), Entry(nil, "product.updated"), Entry(nil, "product.deleted"),
		Entry(nil, "customer.created"), Entry(nil, "customer.updated"),
		Entry(nil, "collection.created"), Entry(nil, "collection.updated"), Entry(nil, "collection.deleted"),
	)

	DescribeTable("takes what it does not act on", func(kind, body string) {
		if body == "" {
			body = spec{id: "evn_1", kind: kind, object: "ord_1"}.body()
		}
		Expect(h.post(body)).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(BeZero())
		Expect(h.seen("ord_1").State).To(BeNil())
	},
		Entry("unknown kind of a known object", "order.placed_draft", ""),
		Entry("unknown object", "invoice.created", ""),
		Entry("known kind about another object", "", strings.Replace(
			spec{id: "evn_1", kind: "order.placed", object: "ord_1"}.body(), `"object":"order"`, `"object":"cart"`, 1)),
	)

	DescribeTable("refuses with 400 and does nothing", func(body string) {
		Expect(h.post(body)).To(Equal(http.StatusBadRequest))
		Expect(h.seen("evn_1").Effects).To(BeZero())
		Expect(h.post(placed("1"))).To(Equal(http.StatusNoContent), "a normal event afterwards")
		Expect(h.seen("evn_1").Effects).To(Equal(1))
	},
		Entry("nothing", ""),
		Entry("a list", "[]"),
		Entry("a number", "7"),
		Entry("null", "null"),
		Entry("an empty object", "{}"),
		Entry("a truncated event", placed("1")[:200]),
		Entry("two events", placed("1")+placed("1")),
		Entry("no kind", strings.Replace(placed("1"), `"kind"`, `"type"`, 1)),
		Entry("an empty kind", strings.Replace(placed("1"), `"order.placed"`, `""`, 1)),
		Entry("a kind that is a number", strings.Replace(placed("1"), `"order.placed"`, `7`, 1)),
		Entry("no id", strings.Replace(placed("1"), `"id":"evn_1",`, ``, 1)),
		Entry("a name in another case", strings.Replace(placed("1"), `"id":"evn_1"`, `"ID":"evn_1"`, 1)),
		Entry("no data", strings.Replace(placed("1"), `"data"`, `"date"`, 1)),
		Entry("null for the object", `{"id":"evn_1","object":"event","kind":"order.placed","data":{"object":null}}`),
		Entry("an object without id", strings.Replace(placed("1"), `"id":"ord_1"`, `"id":null`, 1)),
		Entry("another object than an event", strings.Replace(placed("1"), `"object":"event"`, `"object":"order"`, 1)),
		Entry("the envelope of the API", `{"data":`+placed("1")+`}`),
		Entry("a time that is text", strings.Replace(placed("1"), `"created_at":`, `"created_at":"x","was":`, 1)),
		Entry("a time of 400 digits", strings.Replace(placed("1"), `"created_at":`, `"created_at":1`+strings.Repeat("0", 400)+`,"was":`, 1)),
		Entry("invalid UTF-8", strings.Replace(placed("1"), "1", "\xff", 1)),
		Entry("a name twice", strings.Replace(placed("1"), `"id":"evn_1"`, `"id":"evn_1","id":"evn_2"`, 1)),
		Entry("a name twice, once escaped", strings.Replace(placed("1"), `"id":"evn_1"`, `"id":"evn_1","\u0069d":"evn_2"`, 1)),
		Entry("a name twice, deep down", strings.Replace(placed("1"), `"note":`, `"items":[{"a":1},{"a":[{"b":1,"b":2}]}],"note":`, 1)),
		Entry("depth 10,001", strings.Replace(placed("1"), `"note":`, `"deep":`+strings.Repeat("[", 10000)+strings.Repeat("]", 10000)+`,"note":`, 1)),
	)

	DescribeTable("takes every spelling of an event", func(body string, header ...string) {
		Expect(h.post(body, header...)).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
	},
		Entry("with spaces", strings.NewReplacer(`":`, "\" :\n ", `,"`, " ,\t\"").Replace(placed("1"))),
		Entry("in another order", `{"created_at":1,"kind":"order.placed","data":{"object":{"object":"order","id":"ord_1"}},"object":"event","id":"evn_1"}`),
		Entry("with escaped names", strings.Replace(placed("1"), `"kind"`, `"\u006bind"`, 1)),
		Entry("with fields that it does not know", strings.Replace(placed("1"), `"kind"`, `"livemode":true,"kind"`, 1)),
		Entry("one name in several objects", strings.Replace(placed("1"), `"note":`, `"items":[{"id":1},{"id":2}],"note":`, 1)),
		Entry("a 400-digit number that it does not read", strings.Replace(placed("1"), `"note":`, `"n":1`+strings.Repeat("0", 400)+`,"note":`, 1)),
		Entry("null for the times", strings.NewReplacer(fmt.Sprint(noon.Unix()), "null").Replace(placed("1"))),
		Entry("as another type", placed("1"), "Content-Type", "application/json; charset=utf-8"),
		Entry("without a type", placed("1"), "Content-Type", ""),
	)

	DescribeTable("answers what is no delivery", func(method, path string, status int, allow string) {
		res := h.must(method, path, "")
		Expect(res.status).To(Equal(status))
		Expect(res.header.Get("Allow")).To(Equal(allow))
	},
		Entry("GET", http.MethodGet, "/webhook", 405, "POST"),
		Entry("HEAD", http.MethodHead, "/webhook", 405, "POST"),
		Entry("PUT", http.MethodPut, "/webhook", 405, "POST"),
		Entry("another path", http.MethodPost, "/kometia/webhook", 404, ""),
		Entry("a slash more", http.MethodPost, "/webhook/", 404, ""),
		Entry("a path that is not clean", http.MethodPost, "//webhook", 404, ""),
		Entry("health", http.MethodGet, "/health", 204, ""),
		Entry("posting an observation", http.MethodPost, "/effects/evn_1", 405, "GET, HEAD"),
		Entry("getting a drain", http.MethodGet, "/drain", 405, "POST"),
	)

	Describe("the size of a body", Label("whole"), func() {
		big := func(n int) string {
			body := placed("1")
			return strings.Replace(body, `"note":`, `"fill":"`+strings.Repeat("x", n-len(body)-len(`"fill":"",`))+`","note":`, 1)
		}
		It("may be 8 MiB", func() {
			Expect(h.post(big(8 << 20))).To(Equal(http.StatusNoContent))
			Expect(h.seen("evn_1").Effects).To(Equal(1))
		})
		It("is refused above that, announced or not", func(ctx SpecContext) {
			body := big(8<<20 + 1)
			// A client may see the connection end before it has written all.
			if res, err := h.do(http.MethodPost, "/webhook", body); err == nil {
				Expect(res.status).To(Equal(http.StatusRequestEntityTooLarge))
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url+"/webhook", io.MultiReader(strings.NewReader(body)))
			Expect(err).NotTo(HaveOccurred())
			Expect(req.ContentLength).To(BeZero())
			if res, err := h.client.Do(req); err == nil {
				defer res.Body.Close()
				Expect(res.StatusCode).To(Equal(http.StatusRequestEntityTooLarge))
			}
			Expect(h.seen("evn_1").Effects).To(BeZero())
		}, NodeTimeout(20*time.Second))
	})

	It("acts once on 50 copies that come at once", func() {
		var all sync.WaitGroup
		statuses := make([]int, 50)
		gate := make(chan struct{})
		for i := range statuses {
			all.Go(func() {
				defer GinkgoRecover()
				<-gate
				statuses[i] = h.post(placed("1"))
			})
		}
		close(gate)
		all.Wait()
		Expect(statuses).To(HaveEach(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
		Expect(h.seen("ord_1").Effects).To(Equal(1))
	})

	It("does not take two events for one because they say the same", func() {
		for i := range 3 {
			Expect(h.post(spec{id: fmt.Sprint("evn_", i), kind: "product.updated", object: "prd_1"}.body())).To(Equal(http.StatusNoContent))
		}
		Expect(h.seen("prd_1").Effects).To(Equal(3))
	})

	It("stores nothing while its database is away, and refuses until it is back", func() {
		Expect(h.must(http.MethodPost, "/store/down", "").status).To(Equal(http.StatusNoContent))
		Expect(h.post(placed("1"))).To(Equal(http.StatusServiceUnavailable))
		Expect(h.seen("evn_1").Effects).To(BeZero(), "observing still works")
		Expect(h.must(http.MethodPost, "/store/up", "").status).To(Equal(http.StatusNoContent))
		Expect(h.post(placed("1"))).To(Equal(http.StatusNoContent))
		Expect(h.seen("evn_1").Effects).To(Equal(1))
	})

	It("does the work even when the sender has closed the connection", func(ctx SpecContext) {
		gone, hangUp := context.WithCancel(ctx)
		hangUp()
		req, err := http.NewRequestWithContext(gone, http.MethodPost, "/webhook", strings.NewReader(placed("1")))
		Expect(err).NotTo(HaveOccurred())
		h.ServeHTTP(&discard{header: http.Header{}}, req)
		Expect(h.seen("evn_1").Effects).To(Equal(1))
	})
})

var _ = Describe("New", func() {
	It("suggests the flaw that was meant", func() {
		_, err := practice.New(context.Background(), practice.Config{Flaw: "confict"})
		Expect(err).To(MatchError(`unknown flaw "confict" (did you mean conflict?)`))
		var unknown *practice.UnknownFlawError
		Expect(err).To(BeAssignableToTypeOf(unknown))
	})
	It("says which database cannot be opened", func() {
		path := filepath.Join(GinkgoTB().TempDir(), "no", "such", "folder.sqlite")
		_, err := practice.New(context.Background(), practice.Config{DB: path})
		Expect(err).To(MatchError(ContainSubstring(path)))
	})
	It("refuses one that reads the API and is not told where it is", func() {
		_, err := practice.New(context.Background(), practice.Config{Flaw: "thin"})
		Expect(err).To(MatchError("practice: thin needs the address of the API"))
	})
	It("refuses a negative delay", func() {
		_, err := practice.New(context.Background(), practice.Config{Delay: -1})
		Expect(err).To(MatchError(ContainSubstring("negative")))
	})
	It("refuses a negative latency", func() {
		_, err := practice.New(context.Background(), practice.Config{Latency: -1})
		Expect(err).To(MatchError(ContainSubstring("negative")))
	})
	It("works on each delivery for as long as it is told", func() {
		h := serve(practice.Config{Latency: 20 * time.Millisecond})
		for n := range 3 {
			Expect(h.post(placed(fmt.Sprint(n)))).To(Equal(http.StatusNoContent))
		}
		Expect(h.clock.Now()).To(Equal(noon.Add(60 * time.Millisecond)))
	})
	It("takes any file name", func() {
		h := serve(practice.Config{DB: filepath.Join(GinkgoTB().TempDir(), "señal 100% ¿? #1.sqlite")})
		Expect(h.post(placed("1"))).To(Equal(http.StatusNoContent))
	})
	It("makes a database of its own and removes it", func() {
		r, err := practice.New(context.Background(), practice.Config{})
		Expect(err).NotTo(HaveOccurred())
		Expect(r.Close()).To(Succeed())
	})
	It("remembers what an earlier receiver on the same file did", func() {
		path := filepath.Join(GinkgoTB().TempDir(), "p.sqlite")
		first := serve(practice.Config{DB: path})
		Expect(first.post(placed("1"))).To(Equal(http.StatusNoContent))
		second := serve(practice.Config{DB: path})
		Expect(second.post(placed("1"))).To(Equal(http.StatusNoContent))
		Expect(second.seen("evn_1").Effects).To(Equal(1))
	})
	It("logs a line for each delivery, without control characters", func() {
		var log bytes.Buffer
		h := serve(practice.Config{Log: &log})
		h.post(placed("1"))
		h.post(spec{id: `evn_\u001b[31m`, kind: "x", object: "y"}.body())
		h.post("\x1b[31m")
		Expect(log.String()).To(HavePrefix(`POST /webhook 204 acted "order.placed" "evn_1" ""` + "\n"))
		Expect(strings.Count(log.String(), "\n")).To(Equal(3))
		Expect(log.String()).NotTo(ContainSubstring("\x1b"))
	})
})
