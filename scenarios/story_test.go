package scenarios_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// playFile plays the checks named MY-* of a scenario text.
func playFile(ctx context.Context, cfg setup, text string) *verdict.Report {
	GinkgoHelper()
	return runMine(ctx, cfg, withMine(text))
}

// runMine plays the checks of a suite that are a user's own.
func runMine(ctx context.Context, cfg setup, suite *language.Suite) *verdict.Report {
	GinkgoHelper()
	suite, err := suite.Select([]string{"MY-*"}, nil)
	Expect(err).NotTo(HaveOccurred())
	runner, err := newRunner(cfg, suite)
	Expect(err).NotTo(HaveOccurred())
	rep, err := runner.Run(ctx)
	Expect(err).NotTo(HaveOccurred())
	return rep
}

// mine is a scenario with one check that any 2xx passes, round the given steps.
func mine(steps string) string {
	return `family: mine
group: order
cases:
  - name: story
    times: 2
    steps:
` + steps + `
checks:
  - id: MY-STORY-001
    level: must
    evidence: [wire]
    title: {en: a}
    requirement: {en: b}
    judge: [{answers: ["2xx"], then: pass}, {then: fail}]
`
}

// told is an event as it arrived.
type told struct {
	ID, Kind  string
	CreatedAt int64 `json:"created_at"`
	Data      struct {
		Object struct {
			ID, Name        string
			Price           int64
			FinancialStatus string `json:"financial_status"`
			CreatedAt       int64  `json:"created_at"`
			UpdatedAt       int64  `json:"updated_at"`
		}
	}
}

func arrived(rec *receiver) (out []told) {
	GinkgoHelper()
	for _, p := range rec.received() {
		var e told
		Expect(json.Unmarshal([]byte(p.Body), &e)).To(Succeed())
		out = append(out, e)
	}
	return out
}

var _ = Describe("a story", func() {
	const products = `      - emit: {as: made, kind: product.created}
      - emit: {as: first, kind: product.updated, story: made, after: 1m}
      - deliver: {event: first}
      - emit: {as: second, kind: product.updated, story: made, after: 3h, set: {data.object.name: Otra, data.object.price: 7}}
      - deliver: {event: second}
      - deliver: {event: made}`

	It("goes on with the same objects, later and different", func(ctx SpecContext) {
		rec := receive(nil)
		rep := playFile(ctx, configFor(rec.URL), mine(products))
		Expect(result(rep, "MY-STORY-001").Verdict).To(Equal(verdict.Pass), result(rep, "MY-STORY-001").Reason.EN)
		all := arrived(rec)
		all = all[len(all)-7 : len(all)-1] // two rounds, step by step, between the gate and the sentinel
		for round := range 2 {
			first, second, made := all[round], all[2+round], all[4+round]
			Expect(made.Kind).To(Equal("product.created"))
			Expect([]string{first.Data.Object.ID, second.Data.Object.ID}).To(HaveEach(made.Data.Object.ID))
			Expect(map[string]bool{first.ID: true, second.ID: true, made.ID: true}).To(HaveLen(3))
			Expect(first.CreatedAt - made.CreatedAt).To(BeEquivalentTo(60))
			Expect(second.CreatedAt - made.CreatedAt).To(BeEquivalentTo(3 * 3600))
			Expect(first.Data.Object.CreatedAt).To(Equal(made.Data.Object.CreatedAt))
			Expect(second.Data.Object.UpdatedAt).To(Equal(second.CreatedAt))
			Expect(first.Data.Object.Name).NotTo(Equal(made.Data.Object.Name))
			Expect(first.Data.Object.Price).NotTo(Equal(made.Data.Object.Price))
			Expect([]any{second.Data.Object.Name, second.Data.Object.Price}).To(Equal([]any{"Otra", int64(7)}))
			Expect(time.Unix(second.CreatedAt, 0)).To(BeTemporally("<=", time.Now()))
		}
		Expect(all[0].Data.Object.ID).NotTo(Equal(all[1].Data.Object.ID))
	}, SpecTimeout(5*time.Minute))

	It("is that of an order, too: paid from its payment on", func(ctx SpecContext) {
		rec := receive(nil)
		playFile(ctx, configFor(rec.URL), mine(`      - emit: {as: placed, kind: order.placed}
      - emit: {as: paid, kind: order.paid, story: placed, after: 1h}
      - deliver: {event: paid}
      - deliver: {event: placed}`))
		all := arrived(rec)
		paid, placed := all[len(all)-4], all[len(all)-2]
		Expect(paid.Data.Object.ID).To(Equal(placed.Data.Object.ID))
		Expect([]string{placed.Data.Object.FinancialStatus, paid.Data.Object.FinancialStatus}).To(Equal([]string{"pending", "paid"}))
		Expect(paid.CreatedAt - placed.CreatedAt).To(BeEquivalentTo(3600))
	}, SpecTimeout(5*time.Minute))

	// What a receiver reads again must be what was sent, and never older than
	// what happened last, in whatever order it is delivered.
	It("is answered by the simulated API as its newest event says, with what a step sets", func(ctx SpecContext) {
		store := api.NewStore(api.StoreConfig{})
		server := httptest.NewServer(api.New(api.Options{Keys: api.Fixed(api.Key{Value: "sk_test_1", Store: store})}))
		DeferCleanup(server.Close)
		read := func(path string) (int, told) {
			GinkgoHelper()
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/api/v1/"+path, http.NoBody)
			Expect(err).NotTo(HaveOccurred())
			req.SetBasicAuth("sk_test_1", "")
			res, err := http.DefaultClient.Do(req)
			Expect(err).NotTo(HaveOccurred())
			defer res.Body.Close()
			var answer struct{ Data json.RawMessage }
			var e told
			_ = json.NewDecoder(res.Body).Decode(&answer)
			_ = json.Unmarshal(answer.Data, &e.Data.Object)
			return res.StatusCode, e
		}
		var names []string
		cfg := configFor(receive(func(_ http.ResponseWriter, _ *http.Request, p post) bool {
			if strings.HasPrefix(p.Event.Kind, "product.") {
				var e told
				Expect(json.Unmarshal([]byte(p.Body), &e)).To(Succeed())
				_, o := read("products/" + e.Data.Object.ID)
				names = append(names, o.Data.Object.Name)
			}
			return false
		}).URL)
		cfg.Kinds = []string{"order.placed", "product.updated", "product.created"}
		cfg.OnEvent = func(e *shop.Event, objects []*jsontree.Object) { store.Add(e, objects...) }
		text := strings.Replace(mine(products), "times: 2", "times: 1", 1)
		playFile(ctx, cfg, text)
		Expect(names[len(names)-3]).NotTo(Equal("Otra"))
		Expect(names[len(names)-2:]).To(HaveEach("Otra"))
	}, SpecTimeout(5*time.Minute))

	It("is no longer fresh at its second event only where effects are counted by event", func(ctx SpecContext) {
		rep := playFile(ctx, practise(practice.Config{}), strings.NewReplacer("evidence: [wire]", "evidence: [wire, effects]", "group: order", "group: plain").Replace(mine(products)))
		Expect(result(rep, "MY-STORY-001").Verdict).To(Equal(verdict.Pass), result(rep, "MY-STORY-001").Reason.EN)
	}, SpecTimeout(5*time.Minute))
})

var _ = Describe("other methods", func() {
	It("are sent with the body of a POST", func(ctx SpecContext) {
		var seen []string
		rec := receiveAny(func(w http.ResponseWriter, r *http.Request, p post) bool {
			if r.Method == http.MethodPost {
				return false
			}
			seen = append(seen, r.Method)
			Expect(p.Valid).To(BeTrue())
			Expect(r.Header.Get("Content-Type")).To(Equal("application/json"))
			w.WriteHeader(http.StatusMethodNotAllowed)
			return true
		})
		res := result(run(ctx, configFor(rec.URL), "KOM-MTH-001"), "KOM-MTH-001")
		Expect(seen).To(Equal([]string{"GET", "HEAD", "PUT"}))
		// What it did about them is not seen.
		Expect(res.Verdict).To(Equal(verdict.NotObserved))
		Expect(res.Diagnosis).To(BeNil())
	}, SpecTimeout(5*time.Minute))

	DescribeTable("pass unless something comes of them",
		func(ctx SpecContext, status int, acts bool, want verdict.Verdict) {
			books := newLedger()
			cfg := configFor(receiveAny(func(w http.ResponseWriter, r *http.Request, p post) bool {
				if (r.Method == http.MethodPost || acts) && books.first(p.Event.ID) {
					books.act(p.Event.ID)
				}
				if r.Method == http.MethodPost {
					return false
				}
				w.WriteHeader(status)
				return true
			}).URL)
			cfg.Observer, cfg.Drain = books, observe.ActionFunc(drained)
			Expect(result(run(ctx, cfg, "KOM-MTH-001"), "KOM-MTH-001").Verdict).To(Equal(want))
		},
		Entry("405", SpecTimeout(5*time.Minute), 405, false, verdict.Pass),
		Entry("404", SpecTimeout(5*time.Minute), 404, false, verdict.Pass),
		Entry("a page", SpecTimeout(5*time.Minute), 200, false, verdict.Pass),
		Entry("a way elsewhere", SpecTimeout(5*time.Minute), 302, false, verdict.Pass),
		Entry("501", SpecTimeout(5*time.Minute), 501, false, verdict.Pass),
		Entry("500", SpecTimeout(5*time.Minute), 500, false, verdict.Warn),
		Entry("an effect behind a 200", SpecTimeout(5*time.Minute), 200, true, verdict.Warn),
		Entry("an effect behind a 405", SpecTimeout(5*time.Minute), 405, true, verdict.Warn),
	)
})
