package practice_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

var _ = Describe("the state of an object", func() {
	var h *host
	version := func(n int, kind string, updated time.Time) string {
		return spec{
			id: fmt.Sprint("evn_", n), kind: kind, object: "prd_1", created: updated, updated: updated,
			more: fmt.Sprintf(`,"version":%d`, n),
		}.body()
	}
	BeforeEach(func() { h = serve(practice.Config{}) })

	It("is the object as it came, with what became of it", func() {
		h.post(version(1, "product.created", noon))
		Expect(h.seen("prd_1")).To(Equal(h.seen("evn_1")))
		Expect(h.seen("prd_1").State).To(HaveKeyWithValue("note", "Envío / 1"))
		Expect(h.seen("prd_1").State).To(HaveKeyWithValue("deleted", false))
	})
	It("is null, with no effects, for what it never heard of", func() {
		res := h.must(http.MethodGet, "/effects/prd_2", "")
		Expect(res.body).To(MatchJSON(`{"effects":0,"state":null}`))
	})
	It("does not go back when an older event comes late", func() {
		h.post(version(2, "product.updated", noon))
		h.post(version(1, "product.updated", noon.Add(-time.Minute)))
		Expect(h.seen("prd_1").Effects).To(Equal(2))
		Expect(h.seen("prd_1").State).To(HaveKeyWithValue("version", json.Number("2")))
	})
	It("stays deleted, and as it was deleted", func() {
		h.post(version(3, "product.deleted", noon))
		h.post(version(4, "product.updated", noon.Add(time.Hour)))
		Expect(h.seen("prd_1").State).To(And(HaveKeyWithValue("deleted", true), HaveKeyWithValue("version", json.Number("3"))))
	})
	It("leaves a field named deleted to the object", func() {
		h.post(spec{id: "evn_1", kind: "product.created", object: "prd_1", more: `,"deleted":"own"`}.body())
		Expect(h.seen("prd_1").State).To(HaveKeyWithValue("deleted", "own"))
	})
	It("is the same for every order of arrival", func() {
		run := 0
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			run++
			object := fmt.Sprint("prd_", run)
			kinds := []string{"product.created", "product.updated", "product.updated", "product.updated"}
			if rapid.Bool().Draw(t, "deleted") {
				kinds = append(kinds, "product.deleted")
			}
			var bodies []string
			for i, kind := range kinds {
				// Several events fall into one second.
				at := noon.Add(time.Duration(rapid.IntRange(0, i).Draw(t, "second")) * time.Second)
				bodies = append(bodies, spec{
					id: fmt.Sprintf("evn_%d_%d", run, i), kind: kind, object: object, created: at, updated: at,
					more: fmt.Sprintf(`,"version":%d`, i),
				}.body())
			}
			var want map[string]any
			for round, order := range [][]string{bodies, rapid.Permutation(bodies).Draw(t, "order")} {
				for _, body := range order {
					r := strings.NewReplacer(object, fmt.Sprintf("%s_%d", object, round), "evn_", fmt.Sprintf("evn_%d_", round))
					if status := h.direct(r.Replace(body)); status != http.StatusNoContent {
						t.Fatalf("status %d", status)
					}
				}
				got := h.seen(fmt.Sprintf("%s_%d", object, round)).State
				delete(got, "id")
				if round == 0 {
					want = got
				} else if fmt.Sprint(got) != fmt.Sprint(want) {
					t.Fatalf("in order %v, permuted %v", want, got)
				}
			}
		})
	})
})

var _ = Describe("observing", func() {
	It("answers for many ids at once", func() {
		h := serve(practice.Config{})
		h.post(placed("1"))
		h.post(placed("2"))
		res := h.must(http.MethodGet, "/effects?ids=evn_1,ord_2,evn_9", "")
		Expect(res.header.Get("Content-Type")).To(Equal("application/json"))
		var found map[string]seen
		Expect(json.Unmarshal([]byte(res.body), &found)).To(Succeed())
		Expect(found).To(HaveLen(3))
		Expect([]int{found["evn_1"].Effects, found["ord_2"].Effects, found["evn_9"].Effects}).To(Equal([]int{1, 1, 0}))
		Expect(h.must(http.MethodHead, "/effects/evn_1", "").body).To(BeEmpty())
	})
	It("wants ids, and not too many", func() {
		h := serve(practice.Config{})
		Expect(h.must(http.MethodGet, "/effects", "").status).To(Equal(http.StatusUnprocessableEntity))
		Expect(h.must(http.MethodGet, "/effects?ids="+strings.Repeat("a,", 1001), "").status).To(Equal(http.StatusUnprocessableEntity))
	})
	It("works on a closed database no more", func() {
		r, err := practice.New(context.Background(), practice.Config{DB: filepath.Join(GinkgoTB().TempDir(), "p.sqlite")})
		Expect(err).NotTo(HaveOccurred())
		Expect(r.Close()).To(Succeed())
		w := &discard{header: http.Header{}}
		req, err := http.NewRequest(http.MethodGet, "/effects/evn_1", nil)
		Expect(err).NotTo(HaveOccurred())
		r.ServeHTTP(w, req)
		Expect(w.status).To(Equal(http.StatusInternalServerError))
	})
})
