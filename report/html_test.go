package report_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/net/html"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

func page(r *verdict.Report, o view.Options) string {
	GinkgoHelper()
	return writeAs("html", r, o)
}

// inspect parses a page and fails on whatever a report may not have: anything
// that runs, loads or leads elsewhere, a link to nowhere, a check without a
// section.
func inspect(out string, checks int) (*html.Node, error) {
	root, err := html.Parse(strings.NewReader(out))
	if err != nil {
		return nil, err
	}
	allowed := strings.Fields(`html head meta title style body svg defs symbol circle path use rect line text g desc div header p b span a h1 h2 h3
		main section ul li dl dt dd table caption thead tbody tr th td small details summary pre code bdi figure figcaption footer article ol fieldset legend label input mark i`)
	ids := map[string]bool{}
	var refs []string
	sections := 0
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
		case html.CommentNode:
			return nil, fmt.Errorf("comment %q", n.Data)
		default:
			continue
		}
		if !slices.Contains(allowed, n.Data) {
			return nil, fmt.Errorf("element %s", n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "srcset":
				return nil, fmt.Errorf("attribute %s of %s", a.Key, n.Data)
			case n.Data == "input" && a.Key == "type" && a.Val != "radio":
				return nil, fmt.Errorf("input of type %s", a.Val)
			case a.Key == "id":
				if ids[a.Val] || a.Val == "" {
					return nil, fmt.Errorf("id %q twice or empty", a.Val)
				}
				ids[a.Val] = true
			case a.Key == "href":
				name, local := strings.CutPrefix(a.Val, "#")
				if !local {
					return nil, fmt.Errorf("link %q", a.Val)
				}
				refs = append(refs, name)
			case a.Key == "aria-labelledby":
				refs = append(refs, strings.Fields(a.Val)...)
			}
		}
		if n.Data == "article" {
			if bodies := classed(n, "div", "body"); len(bodies) != 1 || attr(bodies[0], "id") == "" || find(n, "h3") == nil {
				return nil, fmt.Errorf("a check without an id or a heading")
			}
			sections++
		}
	}
	for _, ref := range refs {
		if !ids[ref] {
			return nil, fmt.Errorf("link to %q, which is nowhere", ref)
		}
	}
	if sections != checks {
		return nil, fmt.Errorf("%d sections for %d checks", sections, checks)
	}
	style := text(find(root, "style"))
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		return nil, fmt.Errorf("the style sheet loads something")
	}
	sum := sha256.Sum256([]byte(style))
	for n := range root.Descendants() {
		if n.Data != "meta" || attr(n, "http-equiv") != "Content-Security-Policy" {
			continue
		}
		csp := attr(n, "content")
		if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") ||
			!strings.Contains(csp, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") {
			return nil, fmt.Errorf("policy %q", csp)
		}
		return root, nil
	}
	return nil, fmt.Errorf("no policy")
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func find(n *html.Node, name string) *html.Node {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name {
			return d
		}
	}
	return nil
}

func byID(n *html.Node, id string) *html.Node {
	GinkgoHelper()
	for d := range n.Descendants() {
		if attr(d, "id") != id {
			continue
		}
		if attr(d, "class") == "body ink" { // of a check: what a link opens
			return d.Parent.Parent
		}
		return d
	}
	Fail("no element with id " + id)
	return nil
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

func classed(n *html.Node, name, class string) []*html.Node {
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && d.Data == name && slices.Contains(strings.Fields(attr(d, "class")), class) {
			out = append(out, d)
		}
	}
	return out
}

var _ = Describe("the HTML report", Label("unraced"), func() {
	all := fixtures()
	all["evil"] = evil()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, tag := range []lang.Tag{lang.Spanish, lang.English} {
			It(fmt.Sprintf("of %s in %s stands for itself and is all linked up", name, tag), func() {
				o := view.Options{Lang: tag, CauseTitle: titles}
				out := page(all[name], o)
				root, err := inspect(out, len(all[name].Results))
				Expect(err).NotTo(HaveOccurred())
				Expect(attr(find(root, "html"), "lang")).To(Equal(string(tag)))
				Expect(strings.IndexFunc(out, func(r rune) bool { return r != '\n' && forbidden(r) })).To(Equal(-1))
				Expect(out).To(Equal(strings.ToValidUTF8(out, "")))
				Expect(out).To(Equal(page(all[name], o)), "the same run, the same bytes")
				sentence := view.Summarize(all[name], o).Sentence(tag)
				Expect(strings.ToLower(strings.TrimSpace(text(find(root, "h1"))))).To(Equal(strings.ToLower(sentence)))
			})
		}
	}

	parsed := func(r *verdict.Report) *html.Node {
		GinkgoHelper()
		root, err := inspect(page(r, view.Options{Lang: lang.English, CauseTitle: titles}), len(r.Results))
		Expect(err).NotTo(HaveOccurred())
		return root
	}

	It("tells a failure with its requirement, contrast, fix, reason and commands", func() {
		said := text(byID(parsed(all["red"]), "KOM-RTY-003"))
		for _, want := range []string{
			"Acts once on an event.", "1 effect", "2 effects", "a unique index on event_id", "the customer gets two parcels",
			"kometia-sim run KOM-RTY-003 --seed 7 --ids new", "kometia-sim explain KOM-RTY-003", "← duplicate", "response lost by us", "KOM-DUP-003 (4 of 15 cases)",
		} {
			Expect(said).To(ContainSubstring(want))
		}
	})
	It("tells a diagnosis with its certainty, evidence and the fix as code for each version", func() {
		r := fixtures()["gate"]
		r.Results[0].Diagnosis.Fixes = []diagnose.Fix{
			{For: es("Laravel 11 y 12, bootstrap/app.php", "Laravel 11 and 12, bootstrap/app.php"), Code: "->withMiddleware(function ($m) {\n    $m->x();\n})"},
			{For: es("Laravel 10", "Laravel 10"), Code: "protected $except = ['/kometia/webhook'];"},
		}
		section := byID(parsed(r), "KOM-CSR-001")
		Expect(text(section)).To(And(ContainSubstring("Laravel refused the POST for CSRF"), ContainSubstring("csrf.laravel, certain"), ContainSubstring("status 419, title “Page Expired”")))
		pre := find(section, "pre")
		Expect(text(pre)).To(Equal("->withMiddleware(function ($m) {\n    $m->x();\n})"))
	})
	It("shows what went over the wire as text, JSON a field a line, and how to send it again", func() {
		section := byID(parsed(all["gate"]), "KOM-CSR-001")
		shown := classed(section, "div", "wire")
		Expect(shown).To(HaveLen(1))
		Expect(text(shown[0])).To(And(
			ContainSubstring("POST /kometia/webhook HTTP/1.1\nHost: localhost:8000"), ContainSubstring("Content-Length: 36\n\n{\n  \"kind\": \"order.placed\",\n"),
			ContainSubstring(`--data-raw '{"kind":"order.placed","data":"..."}'`),
			ContainSubstring("laravel_session=***"), ContainSubstring("\n    <title>Page Expired</title>\n"), ContainSubstring("… (6.6 KB in all)"),
		))
		Expect(classed(byID(parsed(all["red"]), "KOM-RTY-003"), "div", "wire")).To(BeEmpty())
	})
	It("says what became of a response that we threw away, and does not repeat a request", func() {
		r, f := fixtures()["red"], doubled()
		for i := range f.Attempts {
			f.Attempts[i].Exchange = expired()
		}
		f.Attempts = append(f.Attempts, attempt(3, 2*time.Hour, 0))
		f.Attempts[2].Error, f.Attempts[2].Outcome = "reset: x", "no_response"
		f.Attempts[2].Exchange = &wire.Transcript{Request: expired().Request}
		r.Results = []verdict.Result{f}
		shown := classed(parsed(r), "div", "wire")
		Expect(shown).To(HaveLen(3))
		Expect(text(shown[0])).To(And(ContainSubstring("+0 h, attempt 1"), ContainSubstring("Response: 204, response lost by us"), Not(ContainSubstring("The same request."))))
		Expect(text(shown[1])).To(And(ContainSubstring("+1 h, attempt 2"), ContainSubstring("The same request."), ContainSubstring("Page Expired")))
		Expect(text(shown[2])).To(HaveSuffix("Response: No response: the server reset the connection\n"))
	})
	It("leads from what could not be judged to what stood in the way", func() {
		var hrefs []string
		for _, a := range classed(byID(parsed(all["gate"]), "KOM-PAY-003"), "a", "id") {
			hrefs = append(hrefs, attr(a, "href"))
		}
		Expect(hrefs).To(ConsistOf("#KOM-CSR-001"))
	})
	It("draws 49 attempts over the 48 hours", func() {
		section := byID(parsed(all["mixed"]), "KOM-PAY-001")
		Expect(classed(section, "g", "rej")).To(HaveLen(48))
		last := classed(section, "g", "mute")
		Expect(last).To(HaveLen(1))
		Expect(attr(find(last[0], "use"), "x")).To(Equal("97.50%"))
		Expect(text(find(last[0], "title"))).To(Equal("+48 h, attempt 49: no response: the server reset the connection"))
		Expect(text(find(section, "desc"))).To(Equal("Attempts over 48 h of virtual time: 48 × 500, 1 × no response: the server reset the connection."))
	})
	It("draws what lies beyond the 48 hours, what is dated back, and copies below one another", func() {
		r, f := fixtures()["mixed"], refused()
		f.Attempts = []verdict.Attempt{attempt(1, -12*time.Hour, 204), attempt(1, 0, 204), attempt(2, 0, 204), attempt(3, 60*time.Hour, 204)}
		r.Results = []verdict.Result{f}
		marks := classed(parsed(r), "g", "ack")
		Expect(marks).To(HaveLen(4))
		var xs, ys []string
		for _, m := range marks {
			xs, ys = append(xs, attr(find(m, "use"), "x")), append(ys, attr(find(m, "use"), "y"))
		}
		Expect(xs).To(Equal([]string{"2.50%", "18.33%", "18.33%", "97.50%"}))
		Expect(ys[1]).NotTo(Equal(ys[2]))
		Expect([]string{ys[0], ys[1]}).To(HaveEach(ys[3]))
	})
	It("draws what was done to the receiver: lines, and an outage as a band", func() {
		r, f := fixtures()["red"], doubled()
		f.Events = []verdict.Event{{Verb: "down", Offset: -30 * time.Minute}, {Verb: "up", Offset: 30 * time.Minute}, {Verb: "restart", Offset: 12 * time.Hour}}
		r.Results = []verdict.Result{f}
		section := byID(parsed(r), "KOM-RTY-003")
		Expect(classed(section, "rect", "outage")).To(HaveLen(1))
		Expect(attr(classed(section, "rect", "outage")[0], "x")).To(Equal("2.50%"))
		Expect(classed(section, "line", "event")).To(HaveLen(1))
		Expect(text(find(section, "desc"))).To(HaveSuffix(" -30 min: the server without its database or queue. +12 h: the server was restarted."))
		Expect(text(find(section, "figcaption"))).To(ContainSubstring("the server was restarted or killedthe server without its database or queue"))
		Expect(classed(byID(parsed(fixtures()["red"]), "KOM-RTY-003"), "line", "event")).To(BeEmpty())
	})
	It("counts each response once in the histogram, though several checks tell it", func() {
		r := fixtures()["mixed"]
		a, c := attempt(1, 0, 204), attempt(1, 2*time.Hour, 0)
		a.Latency = 3 * time.Millisecond
		one, two := passed("KOM-ACK-001"), passed("KOM-ACK-002")
		one.Attempts, two.Attempts = []verdict.Attempt{a, c}, []verdict.Attempt{a}
		two.Cases = []verdict.Case{{Attempts: []verdict.Attempt{a}}}
		for i := range 8 {
			b := attempt(1, time.Duration(i)*time.Hour, 204)
			b.Latency = 700 * time.Millisecond
			two.Cases = append(two.Cases, verdict.Case{Attempts: []verdict.Attempt{b}})
		}
		r.Results = []verdict.Result{one, two}
		Expect(text(parsed(r))).NotTo(ContainSubstring("Median"), "nine responses are a table, no chart")
		b := attempt(1, 9*time.Hour, 204)
		b.Latency = 700 * time.Millisecond
		r.Results[1].Cases = append(r.Results[1].Cases, verdict.Case{Attempts: []verdict.Attempt{b}})
		root := parsed(r)
		Expect(text(byID(root, "_ld"))).To(HaveSuffix(" 2 ms to 5 ms: 1 response. 500 ms to 1 s: 9 responses."))
		Expect(classed(root, "rect", "bar")).To(HaveLen(2))
	})
	It("orders the checks by subject, what passed as a number", func() {
		matrix := classed(parsed(all["mixed"]), "table", "matrix")[0]
		Expect(text(find(matrix, "thead"))).To(Equal("TopicResult"))
		quiet := 0
		for _, r := range all["mixed"].Results {
			if r.Verdict == verdict.Pass || r.Verdict == verdict.NotApplicable {
				quiet++
			}
		}
		Expect(classed(matrix, "a", "tile")).To(HaveLen(len(all["mixed"].Results) - quiet))
		Expect(classed(matrix, "span", "count")).To(HaveLen(quiet), "one of each subject")
		Expect(attr(classed(matrix, "a", "warn")[0], "href")).To(Equal("#KOM-LAT-002"))
	})
	It("orders no rules of fuzz, each of which is about something else", func() {
		r := *all["mixed"]
		r.Run.Hunt = true
		Expect(classed(parsed(&r), "table", "matrix")).To(BeEmpty())
	})
	It("says what to add so that more is tested, once, and which checks that is about", func() {
		root := parsed(all["mixed"])
		section := byID(root, "_observe").Parent
		Expect(strings.Count(text(section), "Add to kometia-sim.yaml:")).To(Equal(1))
		Expect(text(section)).To(And(ContainSubstring("--allow malformed"), ContainSubstring("KOM-DUR-001KOM-DUP-005")))
		Expect(text(parsed(all["green"]))).NotTo(ContainSubstring("Add to kometia-sim.yaml:"))
	})
	It("says at the head what is wrong, why and what to fix, and the facts of the run at the end", func() {
		r := fixtures()["red"]
		r.Run.Name, r.Run.Began = "practice:no-dedupe", start.Add(time.Hour)
		said := text(parsed(r))
		at := -1
		for _, want := range []string{"practice:no-dedupe", "Does not conform", "Fails because it", "What to fix", "2 effects", "Why it matters", "a unique index", "By topic", "Failed", "How it was run", "Seed", "Ended"} {
			next := strings.Index(said[at+1:], want)
			Expect(next).To(BeNumerically(">=", 0), "%s, in its place", want)
			at += 1 + next
		}
	})
	It("shows what stands between backticks as code, but in commands, and how many there are in thousands", func() {
		r := fixtures()["red"]
		r.Results[0].Fix, r.Results[0].Diagnosis = es("Decida por `kind`", "Decide by `kind`"), nil
		r.Results[0].Reproduce = "kometia-sim run '`id`'"
		r.Results[0].Elapsed = 1
		r.Run.Plan.Requests = 10_075
		out := page(r, view.Options{Lang: lang.English})
		Expect(out).To(And(ContainSubstring("Decide by <code>kind</code>"), ContainSubstring("kometia-sim run &#39;`id`&#39;"), ContainSubstring("10,075 POSTs")))
		Expect(out).NotTo(ContainSubstring("0.0 ms"))
	})
	It("is filtered by verdict without a script", func() {
		root := parsed(all["mixed"])
		style := text(find(root, "style"))
		var shown []string
		for n := range root.Descendants() {
			if n.Data == "input" {
				shown = append(shown, strings.TrimPrefix(attr(n, "id"), "_show-"))
			}
		}
		Expect(len(shown)).To(BeNumerically(">", 4))
		for _, mark := range shown[1:] {
			Expect(style).To(ContainSubstring(".page:has(#_show-%s:checked) .matter:not(.of-%s, :has(:target))", mark, mark))
			Expect(classed(root, "section", "of-"+mark)).To(HaveLen(1))
		}
	})
	It("tells a finding with what differs from a normal event, marked in the request", func() {
		f := doubled()
		f.ID, f.Cause, f.Notes = "valid-accepted", "", []lang.Text{es("data.name = x", `data.name = "aaa" ("Ana" in a normal event)`), es("2 casos", "2 cases")}
		f.Attempts = []verdict.Attempt{attempt(1, 0, 500)}
		f.Attempts[0].Changed = []string{"data.name"}
		f.Attempts[0].Exchange = &wire.Transcript{Request: wire.Shown{Head: "POST / HTTP/1.1\nHost: h", Body: `{"data":{"name":"aaa","id":1}}`, Length: 30}}
		f.Finding = &verdict.Finding{ID: "1a2b", Kind: "order.placed", Changes: []verdict.Change{{Path: "data.name", Normal: `"Ana"`, Here: `"aaa"`}, {Path: "data.zip", Normal: "1"}}}
		same := f
		same.Variant = "order.paid 2b3c"
		r := fixtures()["red"]
		r.Results = []verdict.Result{f, same}
		root := parsed(r)
		Expect(classed(byID(root, "_fixes").Parent, "ol", "fixes")).To(HaveLen(1))
		fixes := classed(root, "ol", "fixes")[0]
		Expect(text(fixes)).To(And(ContainSubstring(`data.name = "aaa"`), ContainSubstring("Also in"), ContainSubstring("order.paid 2b3c")))
		Expect(strings.Count(text(fixes), "Why it matters")).To(Equal(1), "one card for what breaks alike")
		section := byID(root, "valid-accepted")
		Expect(text(classed(section, "table", "changes")[0])).To(And(ContainSubstring(`data.name"Ana""aaa"`), ContainSubstring("data.zip1missing")))
		Expect(text(find(section, "mark"))).To(Equal(`    "name": "aaa",`))
		Expect(text(section)).To(And(ContainSubstring("2 cases"), Not(ContainSubstring("; normally"))))
	})
	It("says what changed since an earlier run, with links to what there is", func() {
		now, before := fixtures()["red"], fixtures()["red"]
		before.Results = []verdict.Result{passed("KOM-RTY-003"), passed("KOM-OLD-001")}
		o := view.Options{Lang: lang.English, CauseTitle: titles, Baseline: before}
		root, err := inspect(page(now, o), len(now.Results))
		Expect(err).NotTo(HaveOccurred())
		section := byID(root, "_since").Parent
		Expect(text(section)).To(And(ContainSubstring("1 worse"), ContainSubstring("KOM-RTY-003 passed → failed: 2 effects"), ContainSubstring("1 gone"), ContainSubstring("KOM-OLD-001")))
		Expect(attr(find(section, "a"), "href")).To(Equal("#KOM-RTY-003"))
		Expect(text(parsed(now))).NotTo(ContainSubstring("What changed"))
	})
	It("draws no timeline of what was all at one instant", func() {
		r, f := fixtures()["red"], doubled()
		f.Attempts = []verdict.Attempt{attempt(1, time.Hour, 204), attempt(1, time.Hour, 204)}
		r.Results = []verdict.Result{f}
		Expect(classed(byID(parsed(r), "KOM-RTY-003"), "svg", "chart")).To(BeEmpty())
	})
	It("folds what passed and opens what failed", func() {
		root := parsed(all["red"])
		open := func(id string) bool {
			return slices.ContainsFunc(find(byID(root, id), "details").Attr, func(a html.Attribute) bool { return a.Key == "open" })
		}
		Expect(open("KOM-RTY-003")).To(BeTrue())
		Expect(open("KOM-ACK-001")).To(BeFalse())
	})
	It("shows hostile answers as text", func() {
		root := parsed(evil())
		Expect(text(root)).To(And(ContainSubstring("<script>document.title='owned'</script>"), ContainSubstring(`\x1b[31mred\x1b[0m`),
			ContainSubstring(`\xff\xfe invalid \xc3(`), ContainSubstring(`\u202egnp.exe`)))
	})
})
