package scenarios_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// repeated is a scenario with one case, repeated, and one check that any 2xx
// passes.
func repeated(each, steps string) string {
	text := strings.Replace(mine(steps), "    times: 2\n", "    each: "+each+"\n", 1)
	return text
}

var _ = Describe("a case for each family", func() {
	const story = `      - emit: {as: made, kind: "{created}"}
      - emit: {as: later, kind: "{updated}", story: made, after: 1m}
      - deliver: {event: made}
      - deliver: {event: later}`

	It("is played with the kinds of each, at its time of day", func(ctx SpecContext) {
		rec := receive(nil)
		rep := playFile(ctx, configFor(rec.URL), strings.Replace(repeated("family", story), "    steps:", "    day: \"12:59:30\"\n    steps:", 1))
		Expect(result(rep, "MY-STORY-001").Verdict).To(Equal(verdict.Pass), result(rep, "MY-STORY-001").Reason.EN)
		kinds := []string{}
		for _, e := range arrived(rec) {
			at := time.Unix(e.CreatedAt, 0).UTC().Format(time.TimeOnly)
			if at == "12:59:30" || at == "13:00:30" {
				kinds = append(kinds, e.Kind)
			}
		}
		Expect(kinds).To(ContainElements("order.placed", "order.paid", "fulfillment.created", "fulfillment.updated", "product.created",
			"product.updated", "customer.created", "customer.updated", "collection.created", "collection.updated"))
	}, SpecTimeout(5*time.Minute))

	It("hides nothing by what the gate saw refused", func(ctx SpecContext) {
		rec := receive(unless(http.StatusNotFound, func(p post) bool { return !strings.Contains(p.Body, `"kind":"customer.created"`) }))
		res := result(playFile(ctx, configFor(rec.URL), repeated("family", story)), "MY-STORY-001")
		Expect(res.Verdict).To(Equal(verdict.Pass), res.Reason.EN)
		Expect(res.Notes).To(ContainElement(HaveField("EN", ContainSubstring("story (customer)"))))
	}, SpecTimeout(5*time.Minute))
})

var _ = Describe("an event that is no new one", func() {
	// bodies are those of the events of a kind, by id.
	bodies := func(rec *receiver, kind string) map[string][]string {
		out := map[string][]string{}
		for _, p := range rec.received() {
			var e struct{ ID, Kind string }
			Expect(json.Unmarshal([]byte(p.Body), &e)).To(Succeed())
			if e.Kind == kind {
				out[e.ID] = append(out[e.ID], p.Body)
			}
		}
		return out
	}

	It("is the first of its kind", func(ctx SpecContext) {
		rec := receive(nil)
		playFile(ctx, configFor(rec.URL), repeated("kind", "      - emit: {kind: \"{kind}\", first: true}\n      - deliver: {}"))
		twice := bodies(rec, "collection.deleted")
		Expect(twice).To(HaveLen(1))
		for _, same := range twice {
			Expect(same).To(HaveLen(2))
			Expect(same[0]).To(Equal(same[1]))
		}
	}, SpecTimeout(5*time.Minute))

	It("is told again an hour later with other bytes", func(ctx SpecContext) {
		rec := receive(nil)
		playFile(ctx, configFor(rec.URL), repeated("kind", `      - emit: {kind: "{kind}"}
      - emit: {as: again, kind: "{kind}", again: event}
      - deliver: {}
      - deliver: {event: again, at: 1h}`))
		moved := 0
		for _, told := range bodies(rec, "collection.deleted") {
			if len(told) != 2 {
				continue // the gate's
			}
			moved++
			type delivery struct {
				UpdatedAt int64 `json:"updated_at"`
				Pending   int64 `json:"pending_webhooks"`
				Data      json.RawMessage
			}
			var first, second delivery
			Expect(json.Unmarshal([]byte(told[0]), &first)).To(Succeed())
			Expect(json.Unmarshal([]byte(told[1]), &second)).To(Succeed())
			Expect(second.UpdatedAt).To(Equal(first.UpdatedAt + 3600))
			Expect(second.Pending).To(Equal(first.Pending + 1))
			Expect(second.Data).To(Equal(first.Data))
		}
		Expect(moved).To(Equal(1))
	}, SpecTimeout(5*time.Minute))
})
