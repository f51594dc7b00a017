package scenarios_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/language/languagetest"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// scenarioOf is the scenario that holds a check.
func scenarioOf(id string) *language.Scenario {
	GinkgoHelper()
	suite, err := language.Builtin()
	Expect(err).NotTo(HaveOccurred())
	suite, err = suite.Select([]string{id}, nil)
	Expect(err).NotTo(HaveOccurred())
	return suite.Scenarios()[0]
}

// nulled lists the members that a case changes to null.
func nulled(c *language.Case) (paths []string) {
	for _, step := range c.Steps {
		if step.Emit == nil {
			continue
		}
		for path, v := range step.Emit.Set {
			if v == nil {
				paths = append(paths, path)
			}
		}
	}
	slices.Sort(paths)
	return paths
}

// nullable lists the members of an object that its schema lets be null, as
// paths into the first element of every list.
func nullable(object, at string) (paths []string) {
	GinkgoHelper()
	data, err := schemas.Builtin().Schema(object)
	Expect(err).NotTo(HaveOccurred())
	var walk func(schema map[string]any, at string)
	walk = func(schema map[string]any, at string) {
		if ref, ok := schema["$ref"].(string); ok {
			name := strings.TrimSuffix(filepath.Base(ref), ".json")
			paths = append(paths, nullable(name, at)...)
			return
		}
		if allOf, ok := schema["allOf"].([]any); ok {
			for _, s := range allOf {
				walk(s.(map[string]any), at)
			}
		}
		if items, ok := schema["items"].(map[string]any); ok {
			walk(items, at+"[0]")
		}
		properties, _ := schema["properties"].(map[string]any)
		for name, p := range properties {
			p := p.(map[string]any)
			types, _ := p["type"].([]any)
			if slices.Contains(types, any("null")) {
				Expect(p["x-provenance"]).To(BeElementOf("documented", "sample"), "%s.%s", at, name)
				paths = append(paths, at+"."+name)
			}
			walk(p, at+"."+name)
		}
	}
	var schema map[string]any
	Expect(json.Unmarshal(data, &schema)).To(Succeed())
	walk(schema, at)
	return paths
}

var _ = Describe("null", func() {
	It("is tried in every field that the schemas let be null, one at a time and then in all", func() {
		s := scenarioOf("KOM-PAY-001")
		for kind, object := range map[string]string{"order.placed": "order", "product.updated": "product", "customer.updated": "customer"} {
			want := nullable(object, "data.object")
			slices.Sort(want)
			want = slices.DeleteFunc(want, func(path string) bool {
				// The same address stands in addresses, where it can be null.
				return path == "data.object.default_address.company"
			})
			Expect(want).NotTo(BeEmpty())
			var single, all []string
			for i := range s.Cases {
				c := &s.Cases[i]
				switch paths := nulled(c); {
				case c.Steps[0].Emit.Kind != kind:
				case len(paths) == 1:
					single = append(single, paths...)
				default:
					all = paths
				}
			}
			slices.Sort(single)
			Expect(single).To(Equal(want), kind)
			Expect(all).To(Equal(want), kind)
		}
	})
})

var _ = Describe("the plan for another machine", Label("unraced"), func() {
	It("keeps within its bounds with all that is harmless, observed or not", func() {
		suite, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		for _, observed := range []bool{false, true} {
			cfg := configFor("http://127.0.0.1:9/")
			if observed {
				cfg = practise(practice.Config{})
			}
			cfg.Safe = true
			runner, err := newRunner(cfg, suite)
			Expect(err).NotTo(HaveOccurred())
			plan := runner.Plan()
			Expect(plan.Events).To(BeNumerically("<=", 60))
			Expect(plan.Requests).To(BeNumerically("<=", 180))
			Expect(plan.Refused).To(Equal([]string{"burst", "load", "malformed", "methods", "restart"}))
			cfg.Allow = []string{"malformed"}
			runner, err = newRunner(cfg, suite)
			Expect(err).NotTo(HaveOccurred(), "with --allow malformed")
			Expect(runner.Plan().Classes["malformed"]).To(BeNumerically(">", 0))
			cfg.Allow = []string{"burst"}
			runner, err = newRunner(cfg, suite)
			Expect(err).NotTo(HaveOccurred(), "with --allow burst")
			if observed { // copies that race are judged by their effects
				Expect(runner.Plan().Classes["burst"]).To(BeNumerically(">", 0))
			}
		}
	})

	It("says that it is at most that where the gate may be done early", func() {
		for want, ids := range map[bool][]string{true: {"KOM-PAY-002"}, false: {"KOM-PAY-002", "KOM-ACK-001"}} {
			suite, err := language.Builtin()
			Expect(err).NotTo(HaveOccurred())
			suite, err = suite.Select(ids, nil)
			Expect(err).NotTo(HaveOccurred())
			runner, err := newRunner(configFor("http://127.0.0.1:9/"), suite)
			Expect(err).NotTo(HaveOccurred())
			Expect(runner.Plan().AtMost).To(Equal(want))
		}
	})

	It("names what a check needs besides consent", func(ctx SpecContext) {
		cfg := configFor(receive(nil).URL)
		cfg.Safe = true
		rep := run(ctx, cfg, "KOM-MAL-003", "KOM-MAL-004")
		Expect(result(rep, "KOM-MAL-003").Enable.EN).To(Equal("--allow malformed"))
		Expect(result(rep, "KOM-MAL-004").Enable.EN).To(HavePrefix("--allow malformed\nobserve: "))
	})

	It("leaves out the cases that are for this machine only", func(ctx SpecContext) {
		rec := receive(nil)
		cfg := configFor(rec.URL)
		cfg.Safe = true
		rep := run(ctx, cfg, "KOM-PAY-001", "KOM-PAY-002")
		Expect(result(rep, "KOM-PAY-001").Verdict).To(Equal(verdict.Pass))
		Expect(result(rep, "KOM-PAY-001").Cases).To(HaveLen(1))
		Expect(result(rep, "KOM-PAY-002").Cases).To(HaveLen(1))
		// Besides these two, what the gate needs to know of their kind.
		Expect(rec.received()).To(HaveLen(4))
	}, SpecTimeout(5*time.Minute))
})

var _ = Describe("spoilt bodies", func() {
	It("keep the event's id and are spoilt in the way of their name", func(ctx SpecContext) {
		rec := receive(nil)
		rep := run(ctx, configFor(rec.URL), "KOM-MAL-002")
		Expect(result(rep, "KOM-MAL-002").Verdict).To(Equal(verdict.Pass))
		spoilt := map[string]int{}
		for _, p := range rec.received() {
			Expect(p.Body).To(MatchRegexp(`^\{"id":"evn_[0-9a-z]{25}"`))
			_, err := jsontree.Parse([]byte(p.Body))
			doc, _ := jsontree.Parse([]byte(p.Body))
			switch {
			case !utf8.ValidString(p.Body):
				spoilt["invalid-utf8"]++
			case strings.Contains(p.Body, strings.Repeat("[", 10000)):
				spoilt["deep"]++
				Expect(strings.Count(p.Body, "[")).To(Equal(strings.Count(p.Body, "]")))
			case strings.Contains(p.Body, `"created_at":1`+strings.Repeat("0", 399)+`,`):
				spoilt["digits"]++
				Expect(err).NotTo(HaveOccurred())
			case strings.Count(p.Body, `"pending_webhooks":`) == 2:
				spoilt["duplicate-keys"]++
				Expect(doc.Duplicates()).To(HaveLen(1))
			default:
				Expect(err).NotTo(HaveOccurred())
			}
		}
		Expect(spoilt).To(Equal(map[string]int{"invalid-utf8": 1, "deep": 1, "digits": 1, "duplicate-keys": 1}))
	}, SpecTimeout(5*time.Minute))
})

var _ = Describe("leaks", Label("unraced"), func() {
	It("are none where the responses only repeat what was sent", func(ctx SpecContext) {
		rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
			w.Header().Set("X-Event", strconv.Quote(p.Event.ID))
			_, _ = io.WriteString(w, "Error: processed "+p.Body)
			return true
		}).URL))
		Expect(result(rep, "KOM-LEA-001").Verdict).To(Equal(verdict.Pass))
		Expect(result(rep, "KOM-LEA-001").Found.EN).To(MatchRegexp(`nothing revealing in \d{3,} responses`))
	}, SpecTimeout(5*time.Minute))

	DescribeTable("are found wherever they are",
		func(ctx SpecContext, body, what string) {
			once := false
			rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
				if once || !p.Valid {
					return false
				}
				once = true
				w.WriteHeader(http.StatusOK)
				_, _ = io.WriteString(w, body)
				return true
			}).URL), "KOM-LEA-001")
			got := result(rep, "KOM-LEA-001")
			Expect(got.Verdict).To(Equal(verdict.Warn))
			Expect(got.Found.EN).To(ContainSubstring(what))
			Expect(got.Attempts).To(HaveLen(1))
		},
		Entry("PHP", SpecTimeout(5*time.Minute), "<br />\n<b>Warning</b>:  Undefined array key \"x\" in <b>/srv/hook.php</b> on line <b>3</b><br />", "PHP error"),
		Entry("PHP without HTML", SpecTimeout(5*time.Minute), "PHP Fatal error:  Uncaught Exception: x in /srv/hook.php:3\nStack trace:\n#0 {main}\n  thrown in /srv/hook.php on line 3", "PHP stack trace"),
		Entry("Laravel", SpecTimeout(5*time.Minute), `{"message":"x","exception":"RuntimeException","file":"\/var\/www\/app\/Hook.php","line":12,"trace":[]}`, "Laravel"),
		Entry("Python", SpecTimeout(5*time.Minute), "Traceback (most recent call last):\n  File \"/srv/a.py\"", "Python"),
		Entry("Ruby", SpecTimeout(5*time.Minute), "app/controllers/hook.rb:12:in `create'", "Ruby"),
		Entry("Node", SpecTimeout(5*time.Minute), "<pre>Error: x<br> &nbsp; &nbsp;at csrf (/srv/node_modules/csurf/index.js:112:19)<br></pre>", "Node"),
		Entry("Java", SpecTimeout(5*time.Minute), "java.lang.NullPointerException\n\tat mx.tienda.Hook.handle(Hook.java:31)", "Java"),
		Entry(".NET", SpecTimeout(5*time.Minute), `   at Tienda.Hook.Post(Event e) in C:\src\Hook.cs:line 9`, ".NET"),
		Entry("Go", SpecTimeout(5*time.Minute), "panic: x\n\ngoroutine 7 [running]:\nmain.main()", "Go"),
		Entry("a key", SpecTimeout(5*time.Minute), "Authorization: sk_"+strings.Repeat("a1", 14)+"b", "Kometia secret key"),
		Entry("a database", SpecTimeout(5*time.Minute), "could not connect to postgres://tienda:s3creto@db:5432/tienda", "database password"),
	)

	It("are found in the answers to what is malformed, too, and told in no text of their own", func(ctx SpecContext) {
		rep := run(ctx, practise(practice.Config{Flaw: "leaks-trace"}))
		got := result(rep, "KOM-LEA-001")
		Expect(got.Found.EN).To(Equal("Python traceback"))
		Expect(rep.Results[len(rep.Results)-2:]).To(ContainElement(HaveField("ID", "KOM-LEA-001")), "it is about the whole run")
	}, SpecTimeout(5*time.Minute))
})

var _ = Describe("cookies and clock", func() {
	cookies := func(name string, value func(n int) string) func(http.ResponseWriter, *http.Request, post) bool {
		n := 0
		return func(w http.ResponseWriter, _ *http.Request, _ post) bool {
			n++
			http.SetCookie(w, &http.Cookie{Name: name, Value: value(n)})
			return false
		}
	}
	DescribeTable("a cookie tells of a session when it has a session's name and is new each time",
		func(ctx SpecContext, name string, value func(int) string, want verdict.Verdict) {
			rep := run(ctx, configFor(receive(cookies(name, value)).URL), "KOM-CSR-002")
			Expect(result(rep, "KOM-CSR-002").Verdict).To(Equal(want))
		},
		Entry("Laravel", SpecTimeout(5*time.Minute), "mi_tienda_session", strconv.Itoa, verdict.Info),
		Entry("Express", SpecTimeout(5*time.Minute), "connect.sid", strconv.Itoa, verdict.Info),
		Entry("ASP.NET", SpecTimeout(5*time.Minute), "ASP.NET_SessionId", strconv.Itoa, verdict.Info),
		Entry("the same for all", SpecTimeout(5*time.Minute), "PHPSESSID", func(int) string { return "x" }, verdict.Pass),
		Entry("AWS", SpecTimeout(5*time.Minute), "AWSALB", strconv.Itoa, verdict.Pass),
		Entry("Cloudflare", SpecTimeout(5*time.Minute), "__cf_bm", strconv.Itoa, verdict.Pass),
		Entry("Imperva", SpecTimeout(5*time.Minute), "incap_ses_123", strconv.Itoa, verdict.Pass),
		Entry("none", SpecTimeout(5*time.Minute), "PHPSESSID", func(int) string { return "" }, verdict.Pass),
	)

	DescribeTable("the Date tells of a clock",
		func(ctx SpecContext, date func() []string, want verdict.Verdict, found string) {
			rep := run(ctx, configFor(receive(func(w http.ResponseWriter, _ *http.Request, _ post) bool {
				w.Header()["Date"] = date()
				return false
			}).URL), "KOM-CLK-001")
			Expect(result(rep, "KOM-CLK-001").Verdict).To(Equal(want))
			Expect(result(rep, "KOM-CLK-001").Found.EN).To(ContainSubstring(found))
		},
		Entry("right", SpecTimeout(5*time.Minute), func() []string { return []string{time.Now().UTC().Format(http.TimeFormat)} }, verdict.Pass, "clock is right"),
		Entry("near", SpecTimeout(5*time.Minute), func() []string { return []string{time.Now().UTC().Add(-50 * time.Second).Format(http.TimeFormat)} }, verdict.Pass, "behind"),
		Entry("behind", SpecTimeout(5*time.Minute), func() []string { return []string{time.Now().UTC().Add(-2 * time.Minute).Format(http.TimeFormat)} }, verdict.Info, "behind"),
		Entry("ahead", SpecTimeout(5*time.Minute), func() []string { return []string{time.Now().UTC().Add(2 * time.Minute).Format(http.TimeFormat)} }, verdict.Info, "ahead"),
		Entry("unreadable", SpecTimeout(5*time.Minute), func() []string { return []string{"noon"} }, verdict.Info, "without a Date"),
		Entry("none", SpecTimeout(5*time.Minute), func() []string { return nil }, verdict.Info, "without a Date"),
	)
})

var _ = Describe("a step that makes another event", func() {
	var rec *receiver

	BeforeEach(func() { rec = receive(nil) })

	play := func(ctx SpecContext, emit string) (map[string]any, error) {
		GinkgoHelper()
		file := filepath.Join(GinkgoT().TempDir(), "mine.yaml")
		Expect(os.WriteFile(file, []byte(strings.Replace(languagetest.Plain, "emit: {}", "emit: "+emit, 1)), 0o600)).To(Succeed())
		suite, err := language.Builtin()
		Expect(err).NotTo(HaveOccurred())
		if err := suite.Add(file); err != nil {
			return nil, err
		}
		suite, err = suite.Select([]string{"MY-*"}, nil)
		Expect(err).NotTo(HaveOccurred())
		runner, err := newRunner(configFor(rec.URL), suite)
		if err != nil {
			return nil, err
		}
		_, err = runner.Run(ctx)
		Expect(err).NotTo(HaveOccurred())
		posts := rec.received() // the last is the sentinel
		var sent map[string]any
		Expect(json.Unmarshal([]byte(posts[len(posts)-2].Body), &sent)).To(Succeed())
		return sent, nil
	}

	It("has as many lines as asked for", func(ctx SpecContext) {
		sent, err := play(ctx, "{kind: order.placed, lines: 100}")
		Expect(err).NotTo(HaveOccurred())
		items, err := jsontree.Get(jsontree.Of(sent), "data.object.items")
		Expect(err).NotTo(HaveOccurred())
		Expect(items).To(HaveLen(100))
	}, SpecTimeout(5*time.Minute))

	It("gets new members, and is wrapped", func(ctx SpecContext) {
		sent, err := play(ctx, `{kind: order.placed, envelope: data, add: {nuevo: 1, data.object.otro: {a: [2]}, "data.object.items[0].tercero": null}}`)
		Expect(err).NotTo(HaveOccurred())
		Expect(slices.Collect(maps.Keys(sent))).To(Equal([]string{"data"}))
		for path, want := range map[string]any{"data.nuevo": json.Number("1"), "data.data.object.items[0].tercero": nil} {
			got, err := jsontree.Get(jsontree.Of(sent), path)
			Expect(err).NotTo(HaveOccurred())
			if want == nil {
				Expect(got).To(BeNil())
			} else {
				Expect(got).To(Equal(want))
			}
		}
	}, SpecTimeout(5*time.Minute))

	DescribeTable("is refused before the first request where it cannot be made",
		func(ctx SpecContext, emit, message string) {
			_, err := play(ctx, emit)
			Expect(err).To(MatchError(ContainSubstring(message)))
			Expect(rec.received()).To(BeEmpty())
		},
		Entry("a member that it has", SpecTimeout(5*time.Minute), "{add: {kind: x}}", "has that field already"),
		Entry("into a list", SpecTimeout(5*time.Minute), `{kind: order.placed, add: {"data.object.items[9]": 1}}`, "plain name"),
		Entry("into what is no object", SpecTimeout(5*time.Minute), "{add: {kind.x: 1}}", "kind is no object"),
		Entry("into nothing", SpecTimeout(5*time.Minute), "{add: {data.objetc.x: 1}}", "object"),
		Entry("no number", SpecTimeout(5*time.Minute), "{add: {x: .inf}}", "neither NaN nor an infinity"),
		Entry("too many lines", SpecTimeout(5*time.Minute), "{lines: 4001}", "from 0 to 4000"),
		Entry("an unknown body", SpecTimeout(5*time.Minute), "{body: deeep}", "did you mean deep?"),
		Entry("a spoilt body without consent", SpecTimeout(5*time.Minute), "{body: deep}", "consent: malformed"),
		Entry("an unknown envelope", SpecTimeout(5*time.Minute), "{envelope: dta}", "did you mean data?"),
	)
})
