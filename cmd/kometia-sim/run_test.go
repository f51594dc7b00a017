package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("run", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("finds no fault in the practice receiver, in three formats", Label("whole"), func() {
		tmp := GinkgoT().TempDir()
		GinkgoT().Setenv("TMPDIR", tmp)
		res := sh.run("run", "--target", "practice", "--report", "json=r.json", "--report", "junit=r.xml", "--report", "terminal=r.txt")
		Expect(res.code).To(Equal(0), res.out+res.err)
		Expect(res.err).To(ContainSubstring("Plan"))
		Expect(res.out).To(And(ContainSubstring("CONFORMS"), ContainSubstring("r.json")))
		data, err := os.ReadFile(filepath.Join(sh.dir, "r.json"))
		Expect(err).NotTo(HaveOccurred())
		all := lines(string(data))
		Expect(all[0]).To(And(HaveKeyWithValue("type", "run"), HaveKeyWithValue("tool", "kometia-sim 0.1.0")))
		Expect(len(ofType(all, "check"))).To(BeNumerically(">=", 16))
		Expect(all[len(all)-1]).To(And(HaveKeyWithValue("type", "end"), HaveKeyWithValue("fail", 0.0), HaveKeyWithValue("exit", 0.0), HaveKeyWithValue("inconclusive", 0.0)))
		Expect(all[len(all)-1]["must_observed"]).To(Equal(all[len(all)-1]["must_total"]))
		data, err = os.ReadFile(filepath.Join(sh.dir, "r.xml"))
		Expect(err).NotTo(HaveOccurred())
		Expect(xml.Unmarshal(data, &struct{}{})).To(Succeed())
		data, err = os.ReadFile(filepath.Join(sh.dir, "r.txt"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(data)).To(ContainSubstring("CONFORMS"))
		Expect(os.ReadDir(tmp)).To(BeEmpty(), "the practice receiver takes its database with it")
	})

	It("counts what the receiver does as the config says", func() {
		var mu sync.Mutex
		var log bytes.Buffer // what the receiver has done, a line for each effect
		file := sh.write("receiver.log", "")
		r := newReceiver(204)
		r.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			var event struct{ ID, Kind string }
			mu.Lock()
			defer mu.Unlock()
			if json.NewDecoder(req.Body).Decode(&event) != nil || event.Kind == "" {
				w.WriteHeader(http.StatusBadRequest)
				return
			}
			fmt.Fprintf(&log, "pedido creado %s\n", event.ID)
			Expect(os.WriteFile(file, log.Bytes(), 0o600)).To(Succeed())
		})
		sh.write("kometia-sim.yaml", "target: "+r.URL+"\nobserve: {log: {file: receiver.log, pattern: 'pedido creado .*'}}\ndrain: ['true']\n")
		res := sh.run("run", "KOM-RTY-003", "KOM-RTY-001", "--report", "json")
		Expect(res.code).To(Equal(1), res.out+res.err)
		got := map[any]any{}
		for _, c := range ofType(lines(res.out), "check") {
			got[c["id"]] = c["result"]
		}
		Expect(got).To(Equal(map[any]any{"KOM-RTY-001": "pass", "KOM-RTY-003": "fail"}))
		// A log shows no state, and what is proposed has to be something that can stand there.
		res = sh.run("run", "KOM-ORD-002")
		Expect(res.out).To(MatchRegexp(`(?s)In place of log:, put under observe:.*url: .*state_map: `), res.err)
		Expect(res.out).NotTo(ContainSubstring("already:"))
	})

	It("is red once for a missing CSRF exemption", func() {
		res := sh.run("run", "--target", "practice:csrf", "--report", "json")
		Expect(res.code).To(Equal(1), res.err)
		var red []any
		for _, c := range ofType(lines(res.out), "check") {
			if c["result"] == "fail" {
				red = append(red, c["id"])
			}
		}
		Expect(red).To(Equal([]any{"KOM-CSR-001"}))
	})

	It("exits 3 when nobody listens", func() {
		res := sh.run("run", "--target", "http://"+deadAddress())
		Expect(res.code).To(Equal(3), res.out)
	})

	It("plays what is asked for", func() {
		res := sh.run("run", "KOM-ACK-*", "--skip", "KOM-ACK-003", "--target", newReceiver(204).URL, "--report", "json", "--seed", "7")
		var ids []any
		for _, c := range ofType(lines(res.out), "check") {
			ids = append(ids, c["id"])
			Expect(c["reproduce"]).To(ContainSubstring("--seed 7"))
		}
		Expect(ids).To(ConsistOf("KOM-ACK-001", "KOM-ACK-002", "KOM-ACK-004", "KOM-ACK-005"))
	})

	It("sends its own headers and says what it made", func() {
		r := newReceiver(204)
		res := sh.run("run", "KOM-ACK-001", "--target", r.URL, "-H", "X-One: 1", "--kinds", "order.paid,order.placed", "--ids", "zz99")
		Expect(res.code).To(Equal(0), res.out+res.err)
		Expect(r.heads[0].Get("X-One")).To(Equal("1"))
		Expect(sh.run("ids", "zz99").out).To(ContainSubstring("order number\t" + values(r.got()[0])["number"].(string)))
	})

	It("says how long a pace will take, and takes it from the config", func() {
		r := newReceiver(204)
		args := []string{"run", "KOM-DUP-001", "--kinds", "order.paid", "--target", r.URL}
		Expect(sh.run(append(args, "--pace", "50/s")...).err).To(ContainSubstring("at 50/s"))
		sh.write("kometia-sim.yaml", "pace: 40/s\n")
		Expect(sh.run(args...).err).To(ContainSubstring("at 40/s"))
		Expect(sh.run(append(args, "--pace", "50/s")...).err).To(ContainSubstring("at 50/s"))
		sh.write("kometia-sim.yaml", "pace: 40\n")
		res := sh.run(args...)
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(And(ContainSubstring("kometia-sim.yaml:1:7"), ContainSubstring("such as 60/m or 30/s")))
	})

	It("takes the kinds of the subscription", func() {
		r := newReceiver(204)
		sh.write("kometia-sim.yaml", "subscriptions: [{url: "+r.URL+", kinds: [order.paid]}]\n")
		Expect(sh.run("run", "KOM-ACK-001").code).To(Equal(0))
		for _, body := range r.got() {
			Expect(string(body)).To(ContainSubstring(`"kind":"order.paid"`))
		}
	})

	DescribeTable("exits 2 before anything is sent", func(say string, args ...string) {
		r := newReceiver(204)
		sh.write("typo.yaml", "family: x\ngruop: plain\n")
		res := sh.run(append([]string{"run", "--target", r.URL}, args...)...)
		Expect(res.code).To(Equal(2), res.out)
		Expect(res.err).To(ContainSubstring(say))
		Expect(res.err).NotTo(ContainSubstring("goroutine"))
		Expect(r.got()).To(BeEmpty())
	},
		Entry("report format", "--report", "--report", "jsno=x"),
		Entry("report folder", "there is no folder", "--report", "junit=nope/x.xml"),
		Entry("report on a folder", "is a folder", "--report", "junit=."),
		Entry("report path", "is missing", "--report", "junit="),
		Entry("two on stdout", "cannot both go to standard output", "--report", "junit", "--report", "json"),
		Entry("kinds", "did you mean order.paid?", "--kinds", "order.piad"),
		Entry("allow", "did you mean burst?", "--allow", "brust"),
		Entry("pace", "such as 60/m or 30/s", "--pace", "60"),
		Entry("require", "only effects", "--require", "x"),
		Entry("scenario file with a typo", "typo.yaml", "typo.yaml"),
		Entry("unreadable scenario file", "nope.yaml", "nope.yaml"),
		Entry("nothing selected", "KOM-ACK-001", "KOM-ACK-001", "--skip", "KOM-ACK-001x"),
	)

	It("reports what was done when it is interrupted", func(ctx context.Context) {
		r := newReceiver(204)
		inner := r.Config.Handler
		r.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			r.mu.Lock()
			if len(r.bodies) == 5 {
				close(sh.stop)
			}
			r.mu.Unlock()
			inner.ServeHTTP(w, req)
		})
		res := sh.runContext(ctx, "run", "--target", r.URL, "--report", "json")
		Expect(res.code).To(Equal(130), res.err)
		all := lines(res.out)
		Expect(all[len(all)-1]).To(HaveKeyWithValue("exit", BeNumerically("==", 130)))
	}, NodeTimeout(20*time.Second))

	It("draws what is sent only on a terminal, and leaves nothing of it", func() {
		args := []string{"send", "order.created", "--to", newReceiver(204).URL}
		Expect(sh.run(args...).err).NotTo(ContainSubstring("→"))
		sh.width = 100
		Expect(sh.run(args...).err).To(ContainSubstring("\r\x1b[K→ order.created\r\x1b[K"))
	})

	It("draws progress only on a terminal that is no CI", func() {
		args := []string{"run", "KOM-ACK-*", "--target", newReceiver(204).URL}
		Expect(sh.run(args...).err).NotTo(ContainSubstring("\r"))
		sh.width = 100
		Expect(sh.run(args...).err).To(ContainSubstring("\r\x1b[K"))
		sh.env["CI"] = "true"
		Expect(sh.run(args...).err).NotTo(ContainSubstring("\r"))
	})
})

var _ = Describe("receive", func() {
	It("prints its URL and the config that observes it, and ends on interrupt", func(ctx context.Context) {
		sh := newShell()
		address := deadAddress()
		done := make(chan result)
		go func() { done <- sh.runContext(ctx, "receive", "--listen", address, "--db", "mine.sqlite") }()
		client := newShell()
		Eventually(func() int {
			return client.run("send", "order.paid", "--to", "http://"+address+"/webhook").code
		}).WithTimeout(5 * time.Second).Should(Equal(0))
		close(sh.stop)
		res := <-done
		Expect(res.code).To(Equal(0), res.err)
		url, config, _ := strings.Cut(res.out, "\n")
		Expect(url).To(Equal("http://" + address + "/webhook"))
		client.write("kometia-sim.yaml", config)
		Expect(client.run("list", "events").code).To(Equal(0), "the printed config is valid")
		Expect(filepath.Join(sh.dir, "mine.sqlite")).To(BeAnExistingFile())
		Expect(res.err).To(ContainSubstring("POST /webhook 204"))
	}, NodeTimeout(20*time.Second))

	It("works on each delivery for as long as it is told, as flag or by the environment", func(ctx SpecContext) {
		for _, ways := range [][]string{{"--delay", "80ms"}, nil} {
			sh := newShell()
			if ways == nil {
				sh.env["KOMETIA_SIM_PRACTICE_DELAY"] = "80ms"
			}
			address := deadAddress()
			done := make(chan result)
			go func() {
				defer GinkgoRecover()
				done <- sh.runContext(ctx, append([]string{"receive", "--listen", address}, ways...)...)
			}()
			client := newShell()
			var last result
			Eventually(func() int {
				last = client.run("send", "order.paid", "--to", "http://"+address+"/webhook", "--json")
				return last.code
			}).WithTimeout(5 * time.Second).Should(Equal(0))
			close(sh.stop)
			Expect((<-done).code).To(Equal(0))
			Expect(ofType(lines(last.out), "attempt")[0]["latency_ms"]).To(BeNumerically(">=", 80))
		}
		res := newShell().run("receive", "--delay", "20")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring("such as 20ms"))
	}, SpecTimeout(20*time.Second))

	It("says when its address is taken", func() {
		sh := newShell()
		r := newReceiver(200)
		res := sh.run("receive", "--listen", strings.TrimPrefix(r.URL, "http://"))
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring("--listen"))
	})
})
