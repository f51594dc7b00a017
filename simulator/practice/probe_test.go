package practice_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing/iotest"
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

// atOnce does n things, so many of them at the same time, and reports whether
// all went well.
func (h *host) atOnce(parallel, n int, do func(i int) bool) bool {
	h.client.CloseIdleConnections()
	var failed atomic.Bool
	var all sync.WaitGroup
	for first := range parallel {
		all.Go(func() {
			defer GinkgoRecover()
			for i := first; i < n; i += parallel {
				if !do(i) {
					failed.Store(true)
				}
			}
		})
	}
	all.Wait()
	return !failed.Load()
}

// alone delivers an event of that age on a connection of its own.
func (h *host) alone(id string, age time.Duration) bool {
	GinkgoHelper()
	body := spec{id: id, kind: "product.updated", object: "prd_" + id, created: h.cfg.Clock.Now().Add(-age)}.body()
	return ok(h.post(body, "Connection", "close")) && h.once(id)
}

// handle delivers without a connection, so that it is for the test to say when
// the sender is gone or the body ends.
func (h *host) handle(ctx context.Context, body io.Reader) {
	GinkgoHelper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "/webhook", body)
	Expect(err).NotTo(HaveOccurred())
	h.ServeHTTP(&discard{header: http.Header{}}, req)
}

// knowsAgain reports whether a receiver that is started anew, on the same
// database, still knows an event.
func (h *host) knowsAgain(id string, anew practice.Config) bool {
	GinkgoHelper()
	body := spec{id: id, kind: "product.updated", object: "prd_" + id}.body()
	h.fresh(body)
	h.must(http.MethodPost, "/drain", "")
	cfg := h.cfg
	if anew.Clock != nil {
		cfg.Clock = anew.Clock
	}
	again := serve(cfg)
	again.fresh(body)
	return again.once(id)
}

// patiently delivers events one after the other, then those again that were not
// accepted, and reports whether all have been.
func (h *host) patiently(bodies ...string) bool {
	GinkgoHelper()
	for range 2 {
		var refused []string
		for _, body := range bodies {
			if !ok(h.fresh(body)) {
				refused = append(refused, body)
			}
		}
		bodies = refused
	}
	return len(bodies) == 0
}

// both reports whether two events of one object were taken and acted on.
func (h *host) both(name, first, second string) bool {
	GinkgoHelper()
	a := spec{id: "evn_" + name + "1", kind: first, object: "obj_" + name}.body()
	b := spec{id: "evn_" + name + "2", kind: second, object: "obj_" + name}.body()
	return h.patiently(a, b) && h.once("evn_"+name+"1") && h.once("evn_"+name+"2")
}

// endsWith delivers events about one object, each "kind minute", and reports
// whether the state is of that version, and deleted or not.
func (h *host) endsWith(name, version, deleted string, events ...string) bool {
	GinkgoHelper()
	var bodies []string
	for i, e := range events {
		kind, minute, _ := strings.Cut(e, " ")
		n, err := strconv.Atoi(minute)
		Expect(err).NotTo(HaveOccurred())
		bodies = append(bodies, spec{
			id: fmt.Sprintf("evn_%s%d", name, i), kind: kind, object: "prd_" + name,
			created: noon.Add(time.Duration(n) * time.Minute), more: `,"version":` + minute,
		}.body())
	}
	h.patiently(bodies...)
	h.must(http.MethodPost, "/drain", "")
	state := h.seen("prd_" + name).State
	// What nothing was kept of is for other probes.
	return state == nil || fmt.Sprint(state["version"]) == version && fmt.Sprint(state["deleted"]) == deleted
}

// takes reports whether an order with these members is accepted.
func (h *host) takes(name, more string) bool {
	GinkgoHelper()
	return ok(h.fresh(spec{id: "evn_" + name, kind: "order.placed", object: "ord_" + name, more: more}.body())) && h.once("evn_"+name)
}

// keeps reports whether a text is kept as it came.
func (h *host) keeps(name, text string) bool {
	GinkgoHelper()
	quoted, err := json.Marshal(text)
	Expect(err).NotTo(HaveOccurred())
	h.fresh(spec{id: "evn_" + name, kind: "product.updated", object: "prd_" + name, more: `,"customer_note":` + string(quoted)}.body())
	h.must(http.MethodPost, "/drain", "")
	state := h.seen("prd_" + name).State
	return state == nil || state["customer_note"] == text
}

// ignores reports whether an event that comes by another method is left alone,
// and nothing breaks.
func (h *host) ignores(method, id string) bool {
	GinkgoHelper()
	res := h.must(method, "/webhook", spec{id: id, kind: "product.updated", object: "prd_" + id}.body())
	h.must(http.MethodPost, "/drain", "")
	return res.status < 500 && h.seen(id).Effects == 0
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
	newMember     = "new field"
	longName      = "long name"
	newStatus     = "new status"
	deep          = "deep"
	partOfIt      = "a part of an event"
	discreet      = "says nothing of itself"
	noSession     = "no session"
	clock         = "clock"
	hungUp        = "closed the connection"
	cutOff        = "cut off"
	restart       = "restart"
	later         = "47 h later"
	fiftyLater    = "55 events later"
	paidOrder     = "placed, then paid"
	twoUpdates    = "two updates"
	lateUpdate    = "late update"
	afterDelete   = "update after delete"
	lateCreated   = "late created"
	latePlaced    = "late placed"
	bigBody       = "60 KB"
	hugeBody      = "120 KB"
	getEvent      = "GET"
	putEvent      = "PUT"
	crowd         = "10 at once"
	lateCrowd     = "6 late ones at once"
	script        = "other scripts"
	emoji         = "emoji"
	longNote      = "long note"
	afterOutage   = "after an outage"
	expect        = "Expect"
)

func probes() []probe {
	within := func(limit time.Duration, kind string, header ...string) func(h *host) bool {
		return func(h *host) bool {
			before := h.clock.Now()
			h.fresh(spec{id: "evn_w" + kind, kind: kind, object: "obj_w" + kind}.body(), header...)
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
			a := spec{id: "evn_k1", kind: "product.updated", object: "prd_k1"}.body()
			b := spec{id: "evn_k2", kind: "product.updated", object: "prd_k2"}.body()
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
			before := h.cfg.Clock.Now() // some answer only after they have waited
			date, err := http.ParseTime(h.must(http.MethodPost, "/webhook", placed("k")).header.Get("Date"))
			return err == nil && date.After(before.Add(-time.Minute)) && date.Before(h.cfg.Clock.Now().Add(time.Minute))
		}},
		{quick, within(5*time.Second, "collection.created")},
		{inTime, within(10*time.Second, "customer.created")},
		{expect, within(10*time.Second, "product.updated", "Expect", "100-continue")},
		{hungUp, func(h *host) bool {
			body := spec{id: "evn_hu", kind: "product.updated", object: "prd_hu"}.body()
			gone, hangUp := context.WithCancel(context.Background())
			hangUp()
			h.handle(gone, strings.NewReader(body))
			h.fresh(body)
			return h.once("evn_hu")
		}},
		{cutOff, func(h *host) bool {
			body := spec{id: "evn_cut", kind: "product.updated", object: "prd_cut"}.body()
			h.handle(context.Background(), io.MultiReader(strings.NewReader(body[:len(body)/2]), iotest.ErrReader(io.ErrUnexpectedEOF)))
			h.fresh(body)
			return h.once("evn_cut")
		}},
		{restart, func(h *host) bool { return h.knowsAgain("evn_re", practice.Config{}) }},
		{later, func(h *host) bool {
			if h.cfg.Clock != h.clock {
				return true // a receiver with another clock is asked about other things
			}
			return h.knowsAgain("evn_la", practice.Config{Clock: retryclock.NewVirtual(noon.Add(47 * time.Hour))})
		}},
		{fiftyLater, func(h *host) bool {
			body := spec{id: "evn_55", kind: "product.updated", object: "prd_55"}.body()
			h.fresh(body)
			h.atOnce(4, 55, func(i int) bool {
				id := fmt.Sprintf("55_%d", i)
				h.post(spec{id: "evn_" + id, kind: "product.updated", object: "prd_" + id}.body())
				return true
			})
			h.post(body)
			return h.once("evn_55")
		}},
		{paidOrder, func(h *host) bool { return h.both("po", "order.placed", "order.paid") }},
		{twoUpdates, func(h *host) bool { return h.both("tu", "product.updated", "product.updated") }},
		{lateUpdate, func(h *host) bool { return h.endsWith("lu", "2", "false", "product.updated 2", "product.updated 1") }},
		{afterDelete, func(h *host) bool { return h.endsWith("ad", "1", "true", "product.deleted 1", "product.updated 2") }},
		{lateCreated, func(h *host) bool { return h.endsWith("lc", "2", "false", "product.updated 2", "product.created 1") }},
		{latePlaced, func(h *host) bool { return h.both("lp", "order.paid", "order.placed") }},
		{bigBody, func(h *host) bool { return h.takes("bb", `,"fill":"`+strings.Repeat("x", 60<<10)+`"`) }},
		{hugeBody, func(h *host) bool { return h.takes("hb", `,"fill":"`+strings.Repeat("x", 120<<10)+`"`) }},
		{getEvent, func(h *host) bool { return h.ignores(http.MethodGet, "evn_get") }},
		{putEvent, func(h *host) bool { return h.ignores(http.MethodPut, "evn_put") }},
		{crowd, func(h *host) bool {
			return h.atOnce(10, 10, func(i int) bool {
				return h.alone(fmt.Sprintf("evn_10_%d", i), 0)
			})
		}},
		{lateCrowd, func(h *host) bool {
			return h.atOnce(6, 6, func(i int) bool {
				return h.alone(fmt.Sprintf("evn_6_%d", i), 6*time.Hour)
			})
		}},
		{script, func(h *host) bool { return h.keeps("sc", "Zażółć שלום José") }},
		{emoji, func(h *host) bool { return h.keeps("em", "Mochila 🎒 azul") }},
		{longNote, func(h *host) bool { return h.keeps("ln", strings.Repeat("ñandú ", 20)) }},
		{afterOutage, func(h *host) bool {
			body := spec{id: "evn_ao", kind: "product.updated", object: "prd_ao"}.body()
			h.must(http.MethodPost, "/store/down", "")
			h.fresh(body)
			h.must(http.MethodPost, "/store/up", "")
			return ok(h.fresh(body)) && h.once("evn_ao")
		}},
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
