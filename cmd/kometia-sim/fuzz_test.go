package main_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// nullable is a receiver that breaks on a customer without an address until it
// is mended.
type nullable struct{ mended bool }

func (n *nullable) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	switch {
	case !json.Valid(body):
		w.WriteHeader(http.StatusBadRequest)
	case !n.mended && bytes.Contains(body, []byte(`"default_address":null`)):
		w.WriteHeader(http.StatusInternalServerError)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

var _ = Describe("fuzz and replay", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("finds a fault, keeps it, plays it again and lets go of it when it is mended", func() {
		n := &nullable{}
		rec := newReceiver(204)
		rec.Config.Handler = n
		got := sh.run("fuzz", "customer.created", "--target", rec.URL, "--seed", "7", "--max-requests", "400", "--report", "json=f.json")
		Expect(got.code).To(Equal(1), got.out+got.err)
		Expect(got.out).To(And(ContainSubstring("valid-accepted"), ContainSubstring("default_address = null"), ContainSubstring("kometia-sim replay ")))
		files, err := filepath.Glob(filepath.Join(sh.dir, ".kometia-sim", "cases", "*.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(files).NotTo(BeEmpty())
		data, err := os.ReadFile(filepath.Join(sh.dir, "f.json"))
		Expect(err).NotTo(HaveOccurred())
		all := lines(string(data))
		Expect(all[len(all)-1]).To(HaveKeyWithValue("exit", 1.0))

		got = sh.run("replay", "--target", rec.URL)
		Expect(got.code).To(Equal(1), got.err)
		Expect(got.out).To(ContainSubstring("STILL FAILS"))
		got = sh.run("replay", "--export", "curl", "--target", rec.URL)
		Expect(got.code).To(Equal(0), got.err)
		Expect(got.out).To(ContainSubstring("curl -sS"))
		got = sh.run("replay", "--target", "http://127.0.0.1:1/")
		Expect(got.code).To(Equal(3))
		Expect(got.out).To(ContainSubstring("CANNOT RUN"))

		n.mended = true
		got = sh.run("replay", "--target", rec.URL, "--json")
		Expect(got.code).To(Equal(0), got.err)
		for _, line := range lines(got.out) {
			Expect(line).To(HaveKeyWithValue("verdict", "fixed"))
		}
		Expect(filepath.Glob(filepath.Join(sh.dir, ".kometia-sim", "cases", "*.json"))).To(Equal(files))
		Expect(sh.run("replay", "--target", rec.URL, "--prune").code).To(Equal(0))
		Expect(filepath.Glob(filepath.Join(sh.dir, ".kometia-sim", "cases", "*.json"))).To(BeEmpty())
	})

	DescribeTable("refuses", func(want string, args ...string) {
		got := sh.run(args...)
		Expect(got.code).To(Equal(2), got.out+got.err)
		Expect(got.err).To(ContainSubstring(want))
		Expect(got.out).To(BeEmpty())
	},
		Entry(nil, "--allow fuzz", "fuzz", "--target", "https://example.com/webhook"),
		Entry(nil, "did you mean coverage", "fuzz", "--target", "http://127.0.0.1:1/", "--phases", "coverag"),
		Entry(nil, "did you mean no-hang", "fuzz", "--target", "http://127.0.0.1:1/", "--oracles", "no-hangs"),
		Entry(nil, "did you mean order.paid", "fuzz", "order.pai", "--target", "http://127.0.0.1:1/"),
		Entry(nil, "--concurrency", "fuzz", "--target", "http://127.0.0.1:1/", "--concurrency", "0"),
		Entry(nil, "--max-requests", "fuzz", "--target", "http://127.0.0.1:1/", "--max-requests", "many"),
		Entry(nil, "no cases", "replay", "--target", "http://127.0.0.1:1/"),
		Entry(nil, "no case", "replay", "abc", "--target", "http://127.0.0.1:1/"),
	)

	It("says when there is nobody", func() {
		Expect(sh.run("fuzz", "--target", "http://127.0.0.1:1/", "--max-requests", "10").code).To(Equal(3))
	})
})
