package main_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// nullable is a receiver that breaks on a customer without an address until it
// is mended.
type nullable struct{ mended atomic.Bool }

func (n *nullable) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	switch {
	case !json.Valid(body):
		w.WriteHeader(http.StatusBadRequest)
	case !n.mended.Load() && bytes.Contains(body, []byte(`"default_address":null`)):
		w.WriteHeader(http.StatusInternalServerError)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

var _ = Describe("fuzz and replay", Label("whole"), func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("finds a fault, keeps it, plays it again and lets go of it when it is fixed", func() {
		n := &nullable{}
		rec := httptest.NewServer(n)
		DeferCleanup(rec.Close)
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

		n.mended.Store(true)
		got = sh.run("replay", "--target", rec.URL, "--json")
		Expect(got.code).To(Equal(0), got.err)
		for _, line := range lines(got.out) {
			Expect(line).To(HaveKeyWithValue("verdict", "fixed"))
		}
		Expect(filepath.Glob(filepath.Join(sh.dir, ".kometia-sim", "cases", "*.json"))).To(Equal(files))
		Expect(sh.run("replay", "--target", rec.URL, "--prune").code).To(Equal(0))
		Expect(filepath.Glob(filepath.Join(sh.dir, ".kometia-sim", "cases", "*.json"))).To(BeEmpty())
	})

	It("takes the cases of one receiver for no other's", func() {
		n, good := &nullable{}, newReceiver(204)
		rec := httptest.NewServer(n)
		DeferCleanup(rec.Close)
		Expect(sh.run("fuzz", "customer.created", "--target", rec.URL, "--seed", "7", "--max-requests", "300").code).To(Equal(1))
		kept := func() []string {
			files, err := filepath.Glob(filepath.Join(sh.dir, ".kometia-sim", "cases", "*.json"))
			Expect(err).NotTo(HaveOccurred())
			return files
		}
		files := kept()
		Expect(files).NotTo(BeEmpty())

		got := sh.run("fuzz", "customer.created", "--target", good.URL, "--max-requests", "40", "--report", "json")
		Expect(got.code).To(Equal(0), got.out)
		Expect(ofType(lines(got.out), "end")[0]["notes"]).To(ContainElement(ContainSubstring("Kept cases of other targets, not run: ")))
		got = sh.run("replay", "--target", good.URL, "--prune")
		Expect(got.out).To(And(ContainSubstring("FIXED"), ContainSubstring("it was found on another target: "+rec.URL)))
		Expect(got.err).To(ContainSubstring("were not deleted"))
		Expect(kept()).To(Equal(files))
		got = sh.run("replay", "--target", "http://"+deadAddress(), "--lang", "es")
		Expect(got.code).To(Equal(3))
		Expect(got.out).To(And(ContainSubstring("NO SE PUDO"), ContainSubstring("se encontró en otro destino: "+rec.URL)))
		Expect(lines(sh.run("replay", "--target", good.URL, "--json").out)[0]).To(HaveKeyWithValue("target", rec.URL))

		n2 := httptest.NewServer(&nullable{}) // the same fault of another receiver is another case
		DeferCleanup(n2.Close)
		Expect(sh.run("fuzz", "customer.created", "--target", n2.URL, "--seed", "7", "--max-requests", "300").code).To(Equal(1))
		Expect(kept()).To(And(HaveLen(2*len(files)), ContainElements(files)))
	})

	It("keeps the pace of the config in every request, and sends its headers", func() {
		var requests, bare atomic.Int64
		n := &nullable{}
		rec := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			requests.Add(1)
			if req.Header.Get("X-Debug") != "1" {
				bare.Add(1)
			}
			n.ServeHTTP(w, req)
		}))
		DeferCleanup(rec.Close)
		fails := sh.run("fuzz", "customer.created", "--target", rec.URL, "--seed", "7", "--max-requests", "400")
		Expect(fails.code).To(Equal(1), fails.err)

		sh.write("kometia-sim.yaml", "pace: 10/s\nheaders: {X-Debug: \"1\"}\n")
		requests.Store(0)
		bare.Store(0)
		got := sh.run("fuzz", "--target", rec.URL, "--time", "3s", "--forget")
		Expect(got.code).To(Equal(2), got.out+got.err)
		Expect(got.err).To(ContainSubstring("no time to send anything"))
		Expect(requests.Load()).To(BeZero())
		began := time.Now()
		got = sh.run("fuzz", "customer.created", "--target", rec.URL, "--time", "3s", "--forget")
		spaced := time.Since(began)
		Expect(requests.Load()).To(And(BeNumerically(">=", 4), BeNumerically("<=", 1+int64(spaced/(100*time.Millisecond)))), got.err)
		Expect(bare.Load()).To(BeZero())

		requests.Store(0)
		began = time.Now()
		Expect(sh.run("replay", "--target", rec.URL).code).To(Equal(1))
		spaced = time.Since(began)
		Expect(requests.Load()).To(And(BeNumerically(">=", 2), BeNumerically("<=", 1+int64(spaced/(100*time.Millisecond)))))
		Expect(bare.Load()).To(BeZero())
	})

	It("finds what goes wrong on the way, and plays it again", func() {
		got := sh.run("fuzz", "order.placed", "--target", "practice:no-dedupe", "--phases", "histories", "--seed", "7", "--max-requests", "60", "--forget")
		Expect(got.code).To(Equal(1), got.out+got.err)
		Expect(got.out).To(And(
			ContainSubstring("effects-once  MUST  Acts again when an event is repeated"),
			ContainSubstring("order.placed (lose-answer), +1h order.placed again"),
			ContainSubstring("response lost by us"), ContainSubstring("2 effects instead of 1")))
		id := regexp.MustCompile(`kometia-sim replay ([0-9a-f]{10})`).FindStringSubmatch(got.out)
		Expect(id).To(HaveLen(2), got.out)

		got = sh.run("replay", id[1], "--target", "practice:no-dedupe")
		Expect(got.code).To(Equal(1), got.out+got.err)
		Expect(got.out).To(ContainSubstring("STILL FAILS"))
		got = sh.run("replay", id[1], "--target", "practice:no-dedupe", "--exact")
		Expect(got.code).To(Equal(1), got.out+got.err)
		got = sh.run("replay", id[1], "--target", "practice")
		Expect(got.code).To(Equal(0), got.out+got.err)
		Expect(got.out).To(ContainSubstring("FIXED"))
		got = sh.run("replay", id[1], "--target", newReceiver(204).URL)
		Expect(got.code).To(Equal(3), got.out+got.err)
		Expect(got.out).To(ContainSubstring("the effects have to be observed"))

		got = sh.run("replay", id[1], "--export", "curl", "--target", "http://127.0.0.1:1/")
		Expect(got.code).To(Equal(0), got.err)
		Expect(strings.Count(got.out, "curl -sS")).To(Equal(2), got.out)
		Expect(got.out).To(And(ContainSubstring("in the case: lose-answer"), ContainSubstring("# order.placed  +1h")))
	})

	It("loses nothing that was found when it is killed", func(ctx SpecContext) {
		rec := httptest.NewServer(&nullable{})
		DeferCleanup(rec.Close)
		executable, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		hunt := exec.CommandContext(ctx, executable, "fuzz", "customer.created", "--target", rec.URL, "--seed", "7", "--time", "60s")
		hunt.Dir = sh.dir
		Expect(hunt.Start()).To(Succeed())
		DeferCleanup(func() { _ = hunt.Process.Kill() })
		kept := func() []string {
			files, _ := filepath.Glob(filepath.Join(sh.dir, ".kometia-sim", "cases", "*.json"))
			return files
		}
		Eventually(ctx, kept).ShouldNot(BeEmpty())
		Expect(hunt.Process.Kill()).To(Succeed()) // SIGKILL
		Expect(hunt.Wait()).NotTo(Succeed())
		Expect(kept()).NotTo(BeEmpty())
		got := sh.run("replay", "--target", rec.URL)
		Expect(got.code).To(Equal(1), got.out+got.err)
		Expect(strings.Count(got.out, "STILL FAILS")).To(Equal(len(kept())))
	}, SpecTimeout(time.Minute))

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
