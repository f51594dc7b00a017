package scenarios_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/text/encoding/charmap"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

var _ = Describe("state", Label("whole", "unraced"), func() {
	verdictOf := func(ctx context.Context, read reader, paths map[string]string, id string) verdict.Result {
		GinkgoHelper()
		return result(run(ctx, newShelf().config(read, paths), stateChecks...), id)
	}

	DescribeTable("holds nothing against a receiver that is right in its own way",
		func(ctx SpecContext, read reader) {
			rep := run(ctx, newShelf().config(read, fieldsOfShelf), stateChecks...)
			for _, id := range stateChecks {
				Expect(result(rep, id).Verdict).To(Equal(verdict.Pass), "%s: %s %s", id, result(rep, id).Reason.EN, result(rep, id).Found.EN)
			}
		},
		Entry("keeps what is newest", SpecTimeout(5*time.Minute), reader(careful)),
		Entry("forgets what is deleted, and remembers that it is", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if s.known["gone "+f.object()] {
				return 204, true
			}
			if gone(f) {
				s.known["gone "+f.object()] = true
				delete(s.rows, f.object())
				return 204, true
			}
			return careful(s, f)
		})),
		Entry("reads the object again", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if o := s.truth[f.object()]; o != nil {
				s.put(f, o)
			} else {
				delete(s.rows, f.object())
			}
			return 204, true
		})),
		Entry("keeps deleted rows and goes on changing them", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			row := s.rows[f.object()]
			if gone(f) && row != nil {
				row["borrado"] = true // updated_at is as it was
				return 204, true
			}
			if row != nil && row["at"].(int64) > f.at() {
				return 204, true
			}
			s.put(f, f.Data.Object)
			return 204, true
		})),
		Entry("says not now to what has no parent", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if f.Kind == "order.paid" && s.rows[f.object()] == nil {
				return 409, false
			}
			return careful(s, f)
		})),
		Entry("lets what is old be refused", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if row := s.rows[f.object()]; row != nil && row["at"].(int64) > f.at() {
				return 409, false
			}
			return careful(s, f)
		})),
		Entry("fills in what the payment did not say", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			row := s.rows[f.object()]
			switch {
			case f.Kind == "order.paid" && row == nil:
				s.rows[f.object()] = map[string]any{"at": f.at(), "pago": "paid"}
			case f.Kind == "order.placed" && row != nil && row["pedido"] == nil:
				row["pedido"] = f.Data.Object["order_note"]
			default:
				return careful(s, f)
			}
			return 204, true
		})),
		Entry("keeps the name that it saw first", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			var first any
			if row := s.rows[f.object()]; row != nil {
				first = row["nombre"]
			}
			status, acts := careful(s, f)
			if row := s.rows[f.object()]; first != nil {
				row["nombre"] = first
			}
			return status, acts
		})),
		Entry("keeps prices as text and truth as a number", SpecTimeout(5*time.Minute), changing(func(row map[string]any) {
			if row["precio"] != nil {
				row["precio"] = fmt.Sprint(row["precio"]) + ".00"
			}
			if row["activo"] == true {
				row["activo"] = json.Number("1")
			} else {
				row["activo"] = "0"
			}
		})),
		Entry("keeps prices in pesos", SpecTimeout(5*time.Minute), changing(func(row map[string]any) {
			if n, ok := row["precio"].(json.Number); ok {
				cents, _ := n.Int64()
				row["precio"] = json.Number(fmt.Sprintf("%d.%02d", cents/100, cents%100))
			}
		})),
		Entry("normalizes text", SpecTimeout(5*time.Minute), text(func(s string) string { return " " + s + "\n" })),
	)

	DescribeTable("brings a fault to light that the responses hide",
		func(ctx SpecContext, read reader, want string, found string) {
			rep := run(ctx, newShelf().config(read, fieldsOfShelf), stateChecks...)
			Expect(reds(rep)).To(Equal([]string{want + " fail"}))
			Expect(result(rep, want).Found.EN).To(MatchRegexp(found))
			Expect(result(rep, want).Found.ES).NotTo(Equal(result(rep, want).Found.EN))
		},
		Entry("the last one to come wins", SpecTimeout(5*time.Minute), reader(lastWins), "KOM-ORD-002",
			`activo is false, as in product\.\w+ \([-\d :]+\), and the newest event, product\.\w+ \([-\d :]+\), says true; the same in \d+ of 13 cases`),
		Entry("an update brings back what was deleted", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if gone(f) {
				delete(s.rows, f.object())
				return 204, true
			}
			return careful(s, f)
		}), "KOM-ORD-002", `the object had been deleted and is back \(activo = `),
		Entry("a placed order is not paid any more", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if f.Kind == "order.placed" {
				return lastWins(s, f)
			}
			return careful(s, f)
		}), "KOM-ORD-002", `pago is "pending", as in order.placed \([-\d :]+\), and the newest event, order.paid \([-\d :]+\), says "paid"`),
		Entry("takes a second event of an object for a duplicate", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if s.rows[f.object()] != nil {
				return 204, false
			}
			return careful(s, f)
		}), "KOM-DUP-006", `(nombre|texto) is .*, as in product\.\w+ \([-\d :]+\), and the newest event, product\.updated \([-\d :]+\), says`),
		Entry("takes a change of the same minute for a duplicate", SpecTimeout(5*time.Minute), sameMinute, "KOM-DUP-006", `says .*; the same in \d+ of \d+ cases: two updates 1 s apart`),
		Entry("keeps the first version, whatever comes", SpecTimeout(5*time.Minute), reader(firstOnly), "KOM-DUP-006", `as in product\.\w+ \([-\d :]+\), and the newest event, product\.updated \([-\d :]+\), says`),
		Entry("refuses a second event of an object", SpecTimeout(5*time.Minute), reader(func(s *shelf, f fact) (int, bool) {
			if s.rows[f.object()] != nil {
				return 409, false
			}
			return careful(s, f)
		}), "KOM-DUP-006", `^409, 2 times`),
		Entry("puts ? in the place of letters", SpecTimeout(5*time.Minute), text(func(s string) string {
			return strings.Map(func(r rune) rune {
				if r > 0xff {
					return '?'
				}
				return r
			}, s)
		}), "KOM-PAY-003", `is ".*\?.*" and the event says "`),
		Entry("reads UTF-8 as Latin-1", SpecTimeout(5*time.Minute), text(func(s string) string {
			wrong, _ := charmap.ISO8859_1.NewDecoder().String(s)
			return wrong
		}), "KOM-PAY-003", `UTF-8 was read as Latin-1`),
		Entry("cuts at 255 bytes", SpecTimeout(5*time.Minute), text(func(s string) string {
			return strings.ToValidUTF8(s[:min(len(s), 255)], "")
		}), "KOM-PAY-003", `it is cut off`),
		Entry("cuts at the first letter of four bytes", SpecTimeout(5*time.Minute), text(func(s string) string {
			if i := strings.IndexFunc(s, func(r rune) bool { return r > 0xffff }); i >= 0 {
				return s[:i]
			}
			return s
		}), "KOM-PAY-003", `it is cut off`),
		Entry("drops what is no ASCII", SpecTimeout(5*time.Minute), text(func(s string) string {
			return strings.Map(func(r rune) rune {
				if r > 0x7f {
					return -1
				}
				return r
			}, s)
		}), "KOM-PAY-003", `non-ASCII letters are missing|is cut off`),
	)

	It("warns of texts in capitals, which may be on purpose", func(ctx SpecContext) {
		res := verdictOf(ctx, text(strings.ToUpper), map[string]string{"nombre": "data.object.name", "nota": "data.object.customer_note"}, "KOM-PAY-003")
		Expect(res.Verdict).To(Equal(verdict.Warn))
		Expect(res.Found.EN).To(MatchRegexp(`is "[A-ZÀ-Ý ].*" and the event says`))
	}, SpecTimeout(5*time.Minute))

	// None of these shows a fault, and none may pass for being right.
	DescribeTable("says why it cannot tell",
		func(ctx SpecContext, id string, read reader, paths map[string]string, reason, enable string) {
			res := verdictOf(ctx, read, paths, id)
			Expect(res.Verdict).To(Equal(verdict.NotObserved), "%s", res.Found.EN)
			Expect(res.Reason.EN).To(MatchRegexp(reason))
			Expect(res.Enable.EN).To(ContainSubstring(enable))
		},
		Entry("no field of it is mapped", SpecTimeout(5*time.Minute), "KOM-ORD-002", reader(lastWins),
			map[string]string{"correo": "data.object.email"}, "reports no field of state_map", ""),
		Entry("no mapped field differs", SpecTimeout(5*time.Minute), "KOM-ORD-002", reader(careful),
			map[string]string{"nombre": "data.object.id", "pago": "data.object.number"}, "no field of state_map differs between the events of this object", "state_map: {price: data.object.price}"),
		Entry("prices are kept in pesos", SpecTimeout(5*time.Minute), "KOM-ORD-002", changing(func(row map[string]any) { row["precio"] = json.Number("14.5") }),
			map[string]string{"precio": "data.object.price"}, `precio is 14.5, which no event about the object says; product.updated \([-\d :]+\) says 14500`, ""),
		Entry("only the first word is kept", SpecTimeout(5*time.Minute), "KOM-PAY-003", text(func(s string) string { return strings.Fields(s + " x")[0] }),
			map[string]string{"nombre": "data.object.name"}, `which no event about the object says`, ""),
		Entry("no text is mapped", SpecTimeout(5*time.Minute), "KOM-PAY-003", reader(careful),
			map[string]string{"precio": "data.object.price", "pago": "data.object.financial_status"}, "no field of state_map is one of the texts", "state_map: {"),
		Entry("there is no map", SpecTimeout(5*time.Minute), "KOM-ORD-002", reader(lastWins), nil, "state of what the server keeps is not observed", "state_map: {price: data.object.price}"),
		Entry("there is no map, but a response", SpecTimeout(5*time.Minute), "KOM-PAY-003", reader(careful), nil, "is not observed", "state_map"),
	)

	It("is not believed when the observer tells each event's own", func(ctx SpecContext) {
		s := newShelf()
		byEvent := map[string]map[string]any{}
		cfg := s.config(func(s *shelf, f fact) (int, bool) {
			status, acts := lastWins(s, f)
			byEvent[f.ID] = s.rows[f.object()]
			return status, acts
		}, fieldsOfShelf)
		s.tells = func(subject observe.Subject, _ map[string]any) map[string]any { return byEvent[subject.EventID] }
		res := result(run(ctx, cfg, "KOM-ORD-002"), "KOM-ORD-002")
		Expect(res.Verdict).To(Equal(verdict.Inconclusive), res.Found.EN)
		Expect(res.Reason.EN).To(ContainSubstring("the state has to be the object's"))
	}, SpecTimeout(5*time.Minute))

	It("of what was deleted is known where the observer tells none", func(ctx SpecContext) {
		s := newShelf()
		cfg := s.config(careful, fieldsOfShelf)
		s.tells = func(_ observe.Subject, row map[string]any) map[string]any {
			if row["borrado"] == true {
				return nil
			}
			return row
		}
		res := result(run(ctx, cfg, "KOM-ORD-002"), "KOM-ORD-002")
		Expect(res.Verdict).To(Equal(verdict.Pass), res.Reason.EN)
		Expect(res.Notes).NotTo(ContainElement(HaveField("EN", ContainSubstring("still marked"))))

		s = newShelf()
		cfg = s.config(lastWins, fieldsOfShelf)
		s.tells = func(subject observe.Subject, row map[string]any) map[string]any {
			if row == nil && s.objects[subject.ObjectID] != "" {
				return map[string]any{"nombre": "algo", "deleted": json.Number("1")}
			}
			s.objects[subject.ObjectID] = "seen"
			return row
		}
		Expect(result(run(ctx, cfg, "KOM-ORD-002"), "KOM-ORD-002").Cases).To(ContainElement(And(
			HaveField("Name", "deleted (product)"), HaveField("Verdict", verdict.Fail), HaveField("Found.EN", ContainSubstring("is back")))))

		res = verdictOf(ctx, careful, fieldsOfShelf, "KOM-ORD-002")
		Expect(res.Notes).To(ContainElement(HaveField("EN", ContainSubstring("keeps deleted objects"))))
	}, SpecTimeout(5*time.Minute))

	It("cannot be told from effects that are those of creating", func(ctx SpecContext) {
		onlyNew := func(s *shelf, f fact) (int, bool) {
			_, had := s.rows[f.object()]
			careful(s, f)
			return 204, !had
		}
		res := verdictOf(ctx, onlyNew, nil, "KOM-DUP-006")
		Expect(res.Verdict).To(Equal(verdict.Inconclusive))
		Expect(res.Reason.EN).To(ContainSubstring("only what is created is observed"))
		Expect(verdictOf(ctx, onlyNew, fieldsOfShelf, "KOM-DUP-006").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(5*time.Minute))

	It("is not needed where each event has its effect", func(ctx SpecContext) {
		Expect(verdictOf(ctx, careful, nil, "KOM-DUP-006").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(5*time.Minute))

	It("is what proves an update where effects are counted by object", func(ctx SpecContext) {
		byRow := func(paths map[string]string) *verdict.Report {
			s := newShelf()
			cfg := s.config(careful, paths)
			cfg.Observer = rowsOf{s}
			return run(ctx, cfg, "KOM-DUP-006", "KOM-RTY-003", "KOM-ORD-002")
		}
		rep := byRow(fieldsOfShelf)
		Expect(rep.Profile.PerObject).To(BeTrue())
		Expect(reds(rep)).To(BeEmpty())
		Expect(result(rep, "KOM-DUP-006").Verdict).To(Equal(verdict.Pass), result(rep, "KOM-DUP-006").Reason.EN)
		Expect(result(rep, "KOM-DUP-006").Notes).NotTo(ContainElement(HaveField("EN", ContainSubstring("written only once"))))
		Expect(result(rep, "KOM-ORD-002").Verdict).To(Equal(verdict.Pass), result(rep, "KOM-ORD-002").Reason.EN)
		Expect(result(rep, "KOM-RTY-003").Notes).To(ContainElement(HaveField("EN", ContainSubstring("not that they were written only once"))))

		rep = byRow(nil)
		Expect(result(rep, "KOM-DUP-006").Verdict).To(Equal(verdict.NotObserved))
		Expect(result(rep, "KOM-DUP-006").Reason.EN).To(ContainSubstring("counted per object"))
	}, SpecTimeout(5*time.Minute))

	It("is shown so that no value of it can do harm", func(ctx SpecContext) {
		res := verdictOf(ctx, func(s *shelf, f fact) (int, bool) {
			status, acts := careful(s, f)
			if row := s.rows[f.object()]; row["nota"] != nil {
				row["nota"] = fmt.Sprint(row["nota"], "\x1b[2J\u202e<script>", strings.Repeat("?", 1000))
			}
			return status, acts
		}, map[string]string{"nota": "data.object.customer_note", "nombre": "data.object.name"}, "KOM-PAY-003")
		Expect(res.Found.EN).To(ContainSubstring(`\x1b[2J\u202e<script>`), "%s", res.Reason.EN)
		Expect(res.Found.EN).NotTo(ContainSubstring("\x1b"))
		Expect(len(res.Found.EN)).To(BeNumerically("<", 600))
	}, SpecTimeout(5*time.Minute))
})

// hasty is a wall clock that books waits instead of waiting.
type hasty struct {
	retryclock.Wall
	mu     sync.Mutex
	waited time.Duration
}

func (h *hasty) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.Wall.Now().Add(h.waited)
}

func (h *hasty) WaitUntil(_ context.Context, t time.Time) error {
	left := t.Sub(h.Now())
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waited += max(left, 0)
	return nil
}

// rowsOf counts rows, as SELECT count(*) does.
type rowsOf struct{ *shelf }

func (r rowsOf) Observe(ctx context.Context, subjects []observe.Subject) ([]observe.Reading, error) {
	out, err := r.shelf.Observe(ctx, subjects)
	r.mu.Lock()
	defer r.mu.Unlock()
	for i, s := range subjects {
		out[i].Effects = 0
		if r.rows[s.ObjectID] != nil {
			out[i].Effects = 1
		}
	}
	return out, err
}
