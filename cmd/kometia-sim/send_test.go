package main_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("send", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("exits 0 on a 200 and says so in two lines, and then with what it was made", func() {
		r := newReceiver(200)
		res := sh.run("send", "order.created", "--to", r.URL+"/kometia/webhook")
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.out).To(ContainSubstring("order.created  evn_"))
		Expect(res.out).To(ContainSubstring("200"))
		Expect(res.out).To(MatchRegexp(`\nseed \d+  ids \w{4}  start \S+\s+\(with them, the same bytes\)\n$`))
		Expect(res.err).To(BeEmpty())
		Expect(r.got()).To(HaveLen(1))
		Expect(r.heads[0]).To(HaveKeyWithValue("Content-Type", []string{"application/json"}))
		Expect(r.heads[0]).To(HaveKeyWithValue("User-Agent", []string{"Kometia-Sim/0.1.0"}))
		Expect(r.heads[0]).To(HaveLen(3)) // and Content-Length
		Expect(r.paths).To(Equal([]string{"/kometia/webhook"}))
	})

	It("exits 1 on a 301, after one attempt, following nothing", func() {
		r := newReceiver(301)
		res := sh.run("send", "order.created", "--to", r.URL, "--json")
		Expect(res.code).To(Equal(1))
		Expect(r.got()).To(HaveLen(1))
		attempts := ofType(lines(res.out), "attempt")
		Expect(attempts).To(HaveLen(1))
		Expect(attempts[0]["diagnosis"]).To(HaveKeyWithValue("code", HavePrefix("redirect.")))
	})

	It("exits 3 when nobody listens, also after the whole window", func() {
		res := sh.run("send", "order.created", "--to", "http://"+deadAddress())
		Expect(res.code).To(Equal(3))
		res = sh.run("send", "order.created", "--to", "http://"+deadAddress(), "--retry", "--json")
		Expect(res.code).To(Equal(3))
		all := lines(res.out)
		Expect(ofType(all, "attempt")).To(HaveLen(49))
		Expect(ofType(all, "end")).To(ConsistOf(HaveKeyWithValue("exit", BeNumerically("==", 3))))
	})

	It("exits 1 when the TLS handshake fails", func() {
		r := newReceiver(200)
		res := sh.run("send", "order.created", "--to", strings.Replace(r.URL, "http:", "https:", 1))
		Expect(res.code).To(Equal(1))
		Expect(r.got()).To(BeEmpty())
	})

	DescribeTable("exits 2 on bad usage, sending nothing",
		func(say string, args ...string) {
			r := newReceiver(200)
			for i, a := range args {
				args[i] = strings.ReplaceAll(a, "URL", r.URL)
			}
			res := sh.run(append([]string{"send"}, args...)...)
			Expect(res.code).To(Equal(2), res.out)
			Expect(res.err).To(ContainSubstring(say))
			Expect(res.out).To(BeEmpty())
			Expect(r.got()).To(BeEmpty())
		},
		Entry("unknown kind", `unknown event kind "order.creatd" (did you mean order.created?)`, "order.creatd", "--to", "URL"),
		Entry("several unknown kinds", `"order.piad" (did you mean order.paid?)`, "order.creatd", "order.piad", "--to", "URL"),
		Entry("no kind", "no event kind", "--to", "URL"),
		Entry("no target", "no target: use --to URL", "order.created"),
		Entry("no scheme", "http://localhost:8000/x", "order.created", "--to", "localhost:8000/x"),
		Entry("no host", "missing host", "order.created", "--to", "http:///x"),
		Entry("unknown path", "did you mean total_price?", "order.created", "--to", "URL", "--set", "data.object.total_pric=100"),
		Entry("unknown path to remove", "--unset", "order.created", "--to", "URL", "--unset", "data.object.nope"),
		Entry("--set without value", "--set", "order.created", "--to", "URL", "--set", "data.object.total_price"),
		Entry("unknown flag", "unknown flag --tto (did you mean --to?)", "order.created", "--tto", "URL"),
		Entry("flag without value", "--to needs a value", "order.created", "--to"),
		Entry("bad seed", "--seed", "order.created", "--to", "URL", "--seed", "-1"),
		Entry("bad ids", "--ids", "order.created", "--to", "URL", "--ids", "../x"),
		Entry("bad start", "--start", "order.created", "--to", "URL", "--start", "ayer"),
		Entry("bad timeout", "--timeout", "order.created", "--to", "URL", "--timeout", "10"),
		Entry("bad header", "-H", "order.created", "--to", "URL", "-H", "nope"),
		Entry("bad style", "--style", "order.created", "--to", "URL", "--style", "ruby"),
		Entry("bad envelope", "--envelope", "order.created", "--to", "URL", "--envelope", "date"),
		Entry("bad count", "--count", "order.created", "--to", "URL", "--count", "0"),
		Entry("unreadable data", "nope.json", "--data", "nope.json", "--to", "URL"),
		Entry("unreadable schemas", "nope", "order.created", "--to", "URL", "--schemas", "nope"),
		Entry("unreadable certificates", "nope.pem", "order.created", "--to", "URL", "--ca", "nope.pem"),
		Entry("--again with nothing sent", "nothing has been sent", "--again"),
		Entry("--again with a kind", "the kind is given already", "order.created", "--again"),
		Entry("--again with a seed", "--again and --seed", "--again", "--seed", "7"),
		Entry("dry run as curl", "--dry-run and --curl", "order.created", "--dry-run", "--curl"),
		Entry("unknown practice receiver", "kometia-sim list flaws", "order.created", "--to", "practice:nope"),
		Entry("unknown language", `unknown language "fr"`, "order.created", "--to", "URL", "--lang", "fr"),
	)

	It("tells all mistakes of one command line at once", func() {
		res := sh.run("send", "order.created", "--to", "localhost", "--seed", "x", "--style", "ruby", "--timeout", "1")
		Expect(res.code).To(Equal(2))
		for _, flag := range []string{`"localhost"`, "--seed", "--style", "--timeout"} {
			Expect(res.err).To(ContainSubstring(flag))
		}
	})

	It("sends nothing on the word of a schema that cannot judge it", func() {
		sh.write("own/order.priced.json", `{"$schema":"http://json-schema.org/draft-07/schema#","$id":"https://kometia-sim.invalid/kinds/order.priced.json",
			"x-kind":{"name":"order.priced","object":"order","title":{"es":"a","en":"a"},"provenance":"assumed"},
			"allOf":[{"$ref":"https://kometia-sim.invalid/objects/event.json"}],
			"properties":{"kind":{"type":"string","const":"order.priced"},"data":{"type":"object","properties":{"object":{"type":"object","properties":{"total_price":{"type":"number","not":{"type":"number","enum":[1,2]}}}}}}}}`)
		r := newReceiver(204)
		res := sh.run("send", "order.priced", "--schemas", "own", "--set", "data.object.total_price=1E400", "--to", r.URL)
		Expect(res.code).To(Equal(2), res.err)
		Expect(res.err).To(And(ContainSubstring("panic"), ContainSubstring("1E400"), Not(ContainSubstring("nil pointer"))))
		Expect(r.got()).To(BeEmpty())
	})

	It("says with what the same bytes can be made again", func() {
		r := newReceiver(204)
		res := sh.run("send", "order.placed", "--to", r.URL, "--seed", "7", "--ids", "4k2p", "--start", "2026-01-01")
		Expect(res.out).To(ContainSubstring("seed 7  ids 4k2p  start 2026-01-01T00:00:00Z"))
	})

	It("puts the event into an envelope when asked", func() {
		bare := sh.run("send", "order.placed", "--dry-run", "--seed", "7", "--start", "2026-01-01")
		data := sh.run("send", "order.placed", "--dry-run", "--seed", "7", "--start", "2026-01-01", "--envelope", "data")
		Expect(data.code).To(Equal(0))
		Expect(strings.TrimSpace(data.out)).To(Equal(`{"data":` + strings.TrimSpace(bare.out) + `}`))
	})

	It("dates no event of a story in the future, unless told to", func() {
		last := func(args ...string) int64 {
			r := newReceiver(204)
			Expect(sh.run(append([]string{"send", "order.placed", "order.paid", "fulfillment.created", "--to", r.URL}, args...)...).code).To(Equal(0))
			var event struct {
				CreatedAt int64 `json:"created_at"`
			}
			Expect(json.Unmarshal(r.got()[2], &event)).To(Succeed())
			return event.CreatedAt
		}
		Expect(last()).To(BeNumerically("<=", time.Now().Unix()))
		told := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
		Expect(last("--start", told.Format(time.RFC3339))).To(Equal(told.Unix() + 2))
	})

	It("plays the 48 hours: 49 attempts, hourly, the same bytes, expired", func() {
		r := newReceiver(500)
		res := sh.run("send", "order.placed", "--to", r.URL, "--retry", "--json")
		Expect(res.code).To(Equal(1))
		all := lines(res.out)
		attempts := ofType(all, "attempt")
		Expect(attempts).To(HaveLen(49))
		for i, a := range attempts {
			Expect(a).To(HaveKeyWithValue("offset_s", BeNumerically("==", 3600*i)))
			Expect(a).To(HaveKeyWithValue("outcome", "rejected"))
			Expect(r.got()[i]).To(Equal(r.got()[0]))
		}
		Expect(ofType(all, "result")).To(ConsistOf(SatisfyAll(
			HaveKeyWithValue("outcome", "expired"), HaveKeyWithValue("attempts", BeNumerically("==", 49)),
			HaveKeyWithValue("last_offset_s", BeNumerically("==", 172800)))))
		Expect(all[0]).To(HaveKeyWithValue("type", "run"))
		Expect(all[len(all)-1]).To(Equal(map[string]any{"type": "end", "delivered": 0.0, "failed": 1.0, "exit": 1.0}))
	})

	It("stops retrying when it is acknowledged", func() {
		r := newReceiver(500, 500, 500, 204)
		res := sh.run("send", "order.placed", "--to", r.URL, "--retry", "--json")
		Expect(res.code).To(Equal(0))
		Expect(ofType(lines(res.out), "result")).To(ConsistOf(SatisfyAll(
			HaveKeyWithValue("outcome", "delivered"), HaveKeyWithValue("attempts", BeNumerically("==", 4)))))
		Expect(r.got()).To(HaveLen(4))
	})

	It("takes the retry policy of the config", func() {
		sh.write("kometia-sim.yaml", "retry: {interval: 30m, window: 1h}\n")
		res := sh.run("send", "order.placed", "--to", newReceiver(500).URL, "--retry", "--json")
		Expect(ofType(lines(res.out), "attempt")).To(HaveLen(3))
	})

	It("sends the same bytes for the same seed and start, others for another", func() {
		r := newReceiver(200)
		for _, args := range [][]string{
			{"--seed", "7", "--start", "2026-01-01"},
			{"--start=2026-01-01T00:00:00Z", "--seed=7"},
			{"--seed", "8", "--start", "2026-01-01"},
			{"--seed", "7", "--start", "2026-01-01", "--ids", "new"},
		} {
			Expect(sh.run(append([]string{"send", "order.placed", "--to", r.URL}, args...)...).code).To(Equal(0))
		}
		got := r.got()
		Expect(got[1]).To(Equal(got[0]))
		Expect(got[2]).NotTo(Equal(got[0]))
		Expect(got[3]).NotTo(Equal(got[0]))
		Expect(values(got[3])["total_price"]).To(Equal(values(got[0])["total_price"]), "the seed alone fixes the shape")
	})

	It("has nothing in common between two sends without a seed", func() {
		r := newReceiver(200)
		for range 2 {
			Expect(sh.run("send", "order.placed", "--to", r.URL).code).To(Equal(0))
		}
		one, two := values(r.got()[0]), values(r.got()[1])
		Expect(one).To(HaveKey("email"))
		for _, name := range []string{"id", "number", "email"} {
			Expect(one[name]).NotTo(Equal(two[name]))
		}
	})

	It("tells one story with several kinds", func() {
		r := newReceiver(200)
		res := sh.run("send", "order.placed", "order.paid", "fulfillment.created", "--to", r.URL)
		Expect(res.code).To(Equal(0), res.err)
		got := r.got()
		Expect(got).To(HaveLen(3))
		Expect(values(got[0])["id"]).To(Equal(values(got[1])["id"]))
		Expect(string(got[2])).To(ContainSubstring(values(got[0])["id"].(string)))
	})

	It("repeats the last send byte for byte, keeping no secret", func() {
		r := newReceiver(500)
		Expect(sh.run("send", "order.placed", "order.paid", "--to", r.URL, "-H", "X-Api-Key: s3cret").code).To(Equal(1))
		res := sh.run("send", "--again")
		Expect(res.code).To(Equal(1))
		Expect(res.err).To(ContainSubstring("X-Api-Key"))
		Expect(r.got()[2:]).To(Equal(r.got()[:2]))
		kept, err := os.ReadFile(filepath.Join(sh.dir, ".kometia-sim", "last.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(kept)).NotTo(ContainSubstring("s3cret"))
		info, err := os.Stat(filepath.Join(sh.dir, ".kometia-sim", "last.json"))
		Expect(err).NotTo(HaveOccurred())
		Expect(info.Mode().Perm()).To(Equal(os.FileMode(0o600)))
		Expect(os.ReadFile(filepath.Join(sh.dir, ".kometia-sim", ".gitignore"))).To(BeEquivalentTo("*\n"))
	})

	It("does not keep a target with a password", func() {
		r := newReceiver(200)
		secret := strings.Replace(r.URL, "http://", "http://user:s3cret@", 1)
		res := sh.run("send", "order.placed", "--to", secret, "--json")
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.out + res.err).NotTo(ContainSubstring("s3cret"))
		Expect(r.heads[0].Get("Authorization")).To(Equal("Basic " + base64.StdEncoding.EncodeToString([]byte("user:s3cret"))))
		Expect(filepath.Walk(sh.dir, func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			Expect(string(data)).NotTo(ContainSubstring("s3cret"), path)
			return err
		})).To(Succeed())
		res = sh.run("send", "--again")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring("give --to URL"))
		Expect(sh.run("send", "--again", "--to", r.URL).code).To(Equal(0))
		r.status = []int{500}
		res = sh.run("send", "order.placed", "--to", secret)
		Expect(strings.Join(strings.Fields(res.out), " ")).To(ContainSubstring("send --again --to 'http://***@" + strings.TrimPrefix(r.URL, "http://") + "' --retry"))
		Expect(sh.run("send", "order.placed", "--to", r.URL).out).To(ContainSubstring("send --again\n"))
	})

	It("says that a damaged last send is damaged", func() {
		sh.write(".kometia-sim/last.json", `{"version":1,"events":[`)
		res := sh.run("send", "--again", "--to", "http://localhost")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring("damaged"))
	})

	It("takes flags before and after the arguments, and -- as their end", func() {
		r := newReceiver(200)
		for _, args := range [][]string{
			{"send", "--to", r.URL, "order.paid", "--seed=7", "-H", "Accept: text/html, */*"},
			{"--lang", "es", "send", "order.paid", "-to=" + r.URL},
			{"send", "--to", r.URL, "--", "order.paid"},
			{"send", "order.paid", "--set", "data.object.total_price=-1", "--to", r.URL},
		} {
			res := sh.run(args...)
			Expect(res.code).To(Equal(0), "%v: %s", args, res.err)
		}
		Expect(r.heads[0].Values("Accept")).To(Equal([]string{"text/html, */*"}))
		res := sh.run("send", "--to", r.URL, "--", "order.paid", "--json")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring(`"--json"`))
	})

	It("finds its target by flag, environment and config, in that order", func() {
		a, b, c := newReceiver(200), newReceiver(200), newReceiver(200)
		sh.write("kometia-sim.yaml", "target: "+c.URL+"\nheaders: {X-Debug: \"1\"}\n")
		Expect(sh.run("send", "order.paid").code).To(Equal(0))
		sh.env["KOMETIA_SIM_TARGET"] = b.URL
		Expect(sh.run("send", "order.paid").code).To(Equal(0))
		Expect(sh.run("send", "order.paid", "--to", a.URL).code).To(Equal(0))
		Expect([]int{len(a.got()), len(b.got()), len(c.got())}).To(Equal([]int{1, 1, 1}))
		Expect(c.heads[0].Get("X-Debug")).To(Equal("1"))
	})

	It("asks which of several subscriptions is meant", func() {
		r := newReceiver(200)
		sh.write("kometia-sim.yaml", "subscriptions: [{url: "+r.URL+"}, {url: http://localhost:1}]\n")
		res := sh.run("send", "order.paid")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring("choose one with --to"))
		Expect(sh.run("send", "order.paid", "--to", r.URL).code).To(Equal(0))
	})

	It("speaks Spanish where nothing says otherwise", func() {
		sh.env = map[string]string{}
		res := sh.run("send", "order.creatd", "--to", "http://localhost")
		Expect(res.err).To(Equal("kometia-sim: error: no existe el tipo de evento \"order.creatd\" (¿quiso decir order.created?)\n"))
	})

	It("colours only a terminal that wants it", func() {
		r := newReceiver(500)
		args := []string{"send", "order.paid", "--to", r.URL}
		Expect(sh.run(args...).out).NotTo(ContainSubstring("\x1b"))
		sh.width = 100
		Expect(sh.run(args...).out).To(ContainSubstring("\x1b["))
		for _, env := range [][2]string{{"NO_COLOR", "1"}, {"TERM", "dumb"}, {"CI", "true"}} {
			sh.env = map[string]string{env[0]: env[1]}
			Expect(sh.run(args...).out).NotTo(ContainSubstring("\x1b"), env[0])
		}
		sh.env = map[string]string{"CI": "", "NO_COLOR": ""}
		Expect(sh.run(args...).out).To(ContainSubstring("\x1b["))
	})

	It("lets nothing of a hostile response reach the terminal raw", func(ctx context.Context) {
		evil := "\x1b]0;owned\x07\x1b[2J\u202e<script>alert(1)</script>\x9b31m"
		addr := rawServer(ctx, "HTTP/1.1 500 "+evil+"\r\nX-Evil: "+evil+"\r\nLocation: "+evil+"\r\nContent-Type: text/html\r\nContent-Length: 99999\r\n\r\n<title>"+evil+"</title>"+evil)
		for _, args := range [][]string{{}, {"--json"}, {"--retry"}} {
			res := sh.run(append([]string{"send", "order.paid", "--to", "http://" + addr}, args...)...)
			Expect(res.code).To(Equal(1))
			for _, raw := range []string{"\x1b", "\x07", "\u202e", "\x9b"} {
				Expect(res.out + res.err).NotTo(ContainSubstring(raw))
			}
		}
	}, NodeTimeout(20*time.Second))

	It("warns of an error behind a 200 and still exits 0", func(ctx context.Context) {
		body := "<br />\n<b>Fatal error</b>:  Uncaught Error: Call to undefined function x() in /srv/w.php:3\nStack trace:\n#0 {main}\n  thrown in <b>/srv/w.php</b> on line <b>3</b><br />\n"
		addr := rawServer(ctx, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\nX-Powered-By: PHP/8.3\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
		res := sh.run("send", "order.paid", "--to", "http://"+addr)
		Expect(res.code).To(Equal(0))
		Expect(res.out).To(ContainSubstring("ack.php-error"))
	}, NodeTimeout(10*time.Second))

	It("ends at the first interrupt with what was done", func() {
		close(sh.stop)
		res := sh.run("send", "order.paid", "--count", "5", "--to", newReceiver(200).URL, "--json")
		Expect(res.code).To(Equal(130))
		all := lines(res.out)
		Expect(all[len(all)-1]).To(HaveKeyWithValue("exit", BeNumerically("==", 130)))
	})

	DescribeTable("stops waiting for input that does not come", func(ctx context.Context, args ...string) {
		pipe := filepath.Join(sh.dir, "pipe")
		Expect(exec.CommandContext(ctx, "mkfifo", pipe).Run()).To(Succeed())
		var never io.Closer
		sh.input, never = io.Pipe()
		DeferCleanup(func() {
			Expect(never.Close()).To(Succeed())
			f, err := os.OpenFile(pipe, os.O_RDWR, 0) // lets those go who wait for a writer
			Expect(err).NotTo(HaveOccurred())
			Expect(f.Close()).To(Succeed())
		})
		close(sh.stop)
		res := sh.run(args...)
		Expect(res.code).To(Equal(130))
		Expect(res.out).To(BeEmpty())
		Expect(res.err).NotTo(ContainSubstring("error")) // that it is interrupted may be told in time or not
	},
		Entry("data", NodeTimeout(10*time.Second), "send", "--data", "-", "--to", "http://127.0.0.1:9"),
		Entry("data from a pipe", NodeTimeout(10*time.Second), "send", "--data", "pipe", "--to", "http://127.0.0.1:9"),
		Entry("events", NodeTimeout(10*time.Second), "validate", "-"),
		Entry("events from a pipe", NodeTimeout(10*time.Second), "validate", "pipe"),
		Entry("config from a pipe", NodeTimeout(10*time.Second), "list", "events", "--config", "pipe"),
	)

	It("ends at once at the second", func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		asked := make(chan struct{})
		hang := make(chan struct{})
		r := newReceiver(200)
		r.Config.Handler = http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
			close(asked)
			select {
			case <-hang:
			case <-req.Context().Done():
			}
		})
		DeferCleanup(func() { close(hang) })
		go func() {
			<-asked
			cancel()
		}()
		Expect(sh.runContext(ctx, "send", "order.paid", "--to", r.URL).code).To(Equal(130))
	}, NodeTimeout(8*time.Second))

	It("answers as the API while it sends", func() {
		asked := make(chan string, 3)
		r := newReceiver(200)
		var url, key string
		r.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			body, _ := io.ReadAll(req.Body)
			id, _ := values(body)["id"].(string)
			call, _ := http.NewRequestWithContext(req.Context(), http.MethodGet, url+"/orders/"+id, nil)
			call.SetBasicAuth(key, "")
			answer, err := http.DefaultClient.Do(call)
			if err != nil {
				asked <- err.Error()
				return
			}
			defer answer.Body.Close()
			text, _ := io.ReadAll(answer.Body)
			asked <- fmt.Sprint(answer.StatusCode, " ", strings.Contains(string(text), `"total_price":4200`))
			w.WriteHeader(204)
		})
		address := deadAddress()
		url, key = "http://"+address+"/api/v1", "sk_test_mine"
		sh.env["KOMETIA_SIM_API_KEY"] = key
		res := sh.run("send", "order.paid", "--to", r.URL, "--api", address, "--set", "data.object.total_price=4200")
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.err).To(ContainSubstring(url))
		Expect(res.err).NotTo(ContainSubstring(key))
		Expect(asked).To(Receive(Equal("200 true")))
		Expect(res.err).NotTo(ContainSubstring("another key"))

		key = "sk_live_of_mine"
		res = sh.run("send", "order.paid", "--to", r.URL, "--api", address, "--lang", "en")
		Expect(asked).To(Receive(Equal("401 false")))
		Expect(res.err).To(ContainSubstring("Your server asked the simulated API with another key (questions: 1, each answered 401)"))
	})
})
