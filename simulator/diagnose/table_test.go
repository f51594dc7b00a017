package diagnose_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing/fstest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

const minute = time.Minute

// catalogue is the stable list of codes, in its order.
const catalogue = `csrf.laravel csrf.django csrf.rails csrf.flask csrf.express csrf.rack csrf.generic
redirect.https redirect.slash redirect.login redirect.validation redirect.host redirect.other
route.not-found method.not-allowed auth.required auth.forbidden host.not-allowed waf.blocked
body.too-large body.unsupported-type body.invalid rate.limited server.error server.debug-page
gateway.bad gateway.unavailable gateway.timeout maintenance timeout.connect timeout.response
connect.refused connect.reset connect.dns connect.closed response.malformed
tls.untrusted tls.expired tls.hostname tls.plain-http tls.version
ack.php-error ack.static-file ack.default-page`

var _ = Describe("Table", func() {
	It("loads and has every code of the catalogue in both languages", func() {
		table, err := diagnose.Load()
		Expect(err).NotTo(HaveOccurred())
		Expect(table.Codes()).To(Equal(strings.Fields(catalogue)))
		for _, e := range table.Entries() {
			for _, tag := range []lang.Tag{lang.Spanish, lang.English} {
				Expect(e.Title.In(tag)).NotTo(BeEmpty(), e.Code)
				Expect(e.Title.In(tag)).NotTo(HaveSuffix("."), e.Code)
				Expect(e.Cause.In(tag)).To(HaveSuffix("."), e.Code)
				Expect(e.Check.In(tag)).To(HaveSuffix("."), e.Code)
				Expect(e.Hint.In(tag)).NotTo(BeEmpty(), e.Code)
				Expect(e.Hint.In(tag)).NotTo(ContainSubstring("\n"), e.Code)
				for _, f := range e.FixesFor("http://t.example/k") {
					Expect(f.For.In(tag)).NotTo(BeEmpty(), e.Code)
					Expect(f.Text.In(tag)+f.Code).NotTo(BeEmpty(), e.Code)
					Expect(f.Text.In(tag) + f.Code + f.File).NotTo(ContainSubstring("{path}"))
				}
			}
		}
	})

	It("reads from the compiled data what the YAML says (UPDATE_GOLDEN=1 writes it)", func() {
		want, err := diagnose.Compiled(os.DirFS("data"))
		Expect(err).NotTo(HaveOccurred())
		if os.Getenv("UPDATE_GOLDEN") != "" {
			Expect(os.WriteFile("compiled.json", want, 0o644)).To(Succeed())
			Skip("compiled.json was written; run again to test it")
		}
		have, err := os.ReadFile("compiled.json")
		Expect(err).NotTo(HaveOccurred())
		Expect(bytes.Equal(have, want)).To(BeTrue(), "data/ has changed: run UPDATE_GOLDEN=1 go test ./simulator/diagnose")

		full, err := diagnose.Load()
		Expect(err).NotTo(HaveOccurred())
		Expect(diagnose.Builtin().Entries()).To(Equal(full.Entries()))
		for _, f := range fixtures() {
			Expect(full.Diagnose(request(f.URL, ""), answer(f.File))).To(Equal(diagnose.Builtin().Diagnose(request(f.URL, ""), answer(f.File))), f.File)
		}
	})

	It("knows families and CSRF", func() {
		table := diagnose.Builtin()
		Expect(table.Families()).To(Equal(strings.Fields("csrf redirect route method auth host waf body rate server gateway maintenance timeout connect response tls ack")))
		Expect(diagnose.IsCSRF("csrf.generic")).To(BeTrue())
		Expect(diagnose.IsCSRF("auth.forbidden")).To(BeFalse())
		_, ok := table.Entry("csrf.laravle")
		Expect(ok).To(BeFalse())
	})

	It("gives out copies", func() {
		table := diagnose.Builtin()
		table.Entries()[0].Code = "x"
		Expect(table.Entries()[0].Code).To(Equal("csrf.laravel"))
	})

	DescribeTable("puts the path into a fix", func(target, bare, slashed string) {
		e, _ := diagnose.Builtin().Entry("csrf.laravel")
		fixes := e.FixesFor(target)
		Expect(fixes[0].Code).To(ContainSubstring("except: ['" + bare + "']"))
		Expect(fixes[1].Code).To(Equal("protected $except = ['" + slashed + "'];"))
	},
		Entry(nil, "http://t.example/a/b?c=d", "a/b", "/a/b"),
		Entry("a path alone", "/a/b", "a/b", "/a/b"),
		Entry("a slash at the end", "http://t.example/a/", "a/", "/a/"),
		Entry("the root", "http://t.example", "/", "/"),
		Entry("nothing", "", "kometia/webhook", "/kometia/webhook"),
		Entry("letters", "http://t.example/órdenes", "órdenes", "/órdenes"),
		Entry("what could end the string", "http://t.example/a'%27%24b", "a%27%27%24b", "/a%27%27%24b"),
		Entry("a line break", "http://t.example/a%0Ab", "a%0Ab", "/a%0Ab"),
		Entry("no URL", "http://[::1", "kometia/webhook", "/kometia/webhook"),
	)

	It("orders fixes: named first, then the rest as it stands", func() {
		e, _ := diagnose.Builtin().Entry("csrf.generic")
		fixes := e.FixesFor("", "django", "laravel <=10")
		Expect(fixes).To(HaveLen(len(e.Fixes)))
		Expect(fixes[0].Framework).To(Equal("django"))
		var old int
		for i, f := range fixes {
			if f.Versions == "<=10" {
				old = i
			}
		}
		Expect(fixes[old-1].Framework).To(Equal("django"))
		Expect(fixes[old+1].Framework).To(BeEmpty())
		slash, _ := diagnose.Builtin().Entry("redirect.slash")
		Expect(slash.FixesFor("", "django")[0].Framework).To(BeEmpty(), "the URL is at fault first")
	})

	DescribeTable("refuses data with mistakes", func(file, from, to, want string) {
		_, err := diagnose.LoadFS(data(file, from, to))
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
		Entry("an unknown key", "receivers/a.yaml", "status:", "estatus:", "estatus"),
		Entry("an unknown code", "receivers/a.yaml", "code: x.a", "code: x.z", `unknown code "x.z"`),
		Entry("fixes for an unknown code", "receivers/a.yaml", "  x.a:", "  x.z:", `unknown code "x.z"`),
		Entry("a bad pattern", "receivers/a.yaml", "'^A$'", "'('", "title: error parsing regexp"),
		Entry("a pattern for everything", "receivers/a.yaml", "'^A$'", "'A*'", "matches everything"),
		Entry("a bad status", "receivers/a.yaml", "[403]", "[43]", `"43" is no status`),
		Entry("a bad class", "receivers/a.yaml", "[403]", "[dxx]", `"dxx" is no status`),
		Entry("an unknown certainty", "receivers/a.yaml", "certainty: certain", "certainty: sure", `certainty "sure"`),
		Entry("a first that no fix has", "receivers/a.yaml", "first: [a]", "first: [b]", `no fix for "b"`),
		Entry("a placeholder that nothing fills", "receivers/a.yaml", "{status} es", "{estado} es", "unknown placeholder {estado}"),
		Entry("a template that would show cookies", "receivers/a.yaml", "{status} es", "{header:Set-Cookie}", "may be shown"),
		Entry("half an evidence", "receivers/a.yaml", ", en: '{status} en'", "", "es and en are both needed"),
		Entry("a header pattern for cookies", "receivers/a.yaml", "title: '^A$'", "header: {Set-Cookie: x}", "by name"),
		Entry("an unknown error kind", "general/b.yaml", "error: [dns]", "error: [dsn]", `unknown "dsn"`),
		Entry("an unknown location", "general/b.yaml", "error: [dns]", "location: [away]", `unknown "away"`),
		Entry("an empty alternative", "general/b.yaml", "error: [dns]", "any: [{}]", "empty condition"),
		Entry("a taken id", "general/b.yaml", "id: b", "id: a", "is empty or taken"),
		Entry("a rule that never speaks", "general/b.yaml", "error: [dns]", "status: [403], title: '^A$', text: more", "never speaks"),
		Entry("a receiver in general", "general/b.yaml", "rules:", "receiver: z\nrules:", "refused in general/"),
		Entry("no receiver", "receivers/a.yaml", "receiver: a", "", "needed in receivers/"),
		Entry("an empty sign", "receivers/a.yaml", "cookie: s", "", "sign 1: it is empty"),
		Entry("no login words", "general/b.yaml", "login: {path: p, host: h, back: b}", "", "login"),
		Entry("made from nothing", "receivers/a.yaml", "source: answers", "source: memory", "answers or documentation"),
		Entry("no token marks", "general/b.yaml", "tokens: {cookie: c, form: f}", "", "CSRF token"),
		Entry("a second cause that is not there", "general/b.yaml", "certainty: certain", "certainty: certain, or: x.c, apart: {es: a, en: a}", "x.c"),
		Entry("a second cause that nothing tells apart", "general/b.yaml", "certainty: certain", "certainty: certain, or: x.a", "apart"),
		Entry("a code twice", "codes/a.yaml", "code: x.b", "code: x.a", "stands twice"),
		Entry("half a title", "codes/a.yaml", "title: {es: t, en: t}", "title: {es: t}", "title: es and en are both needed"),
		Entry("no cause", "codes/a.yaml", "cause: {es: c, en: c}, ", "", "cause: es and en are both needed"),
		Entry("no fix", "codes/a.yaml", "borrow: [x.a]", "fixes: []", "no fix"),
		Entry("an empty fix", "codes/a.yaml", "code: c}", "file: c}", "neither code nor text"),
		Entry("borrowing from nobody", "codes/a.yaml", "borrow: [x.a]", "borrow: [x.b]", "borrow"),
		Entry("a code without a rule", "general/b.yaml", "code: x.b", "code: x.a", "code x.b: no rule leads to it"),
		Entry("no files", "codes/a.yaml", "", "gone", "no data files"),
	)

	It("joins all mistakes", func() {
		fsys := data("receivers/a.yaml", "certainty: certain", "certainty: sure")
		fsys["general/b.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(fsys["general/b.yaml"].Data), "dns", "dsn", 1))}
		_, err := diagnose.LoadFS(fsys)
		Expect(err).To(MatchError(And(ContainSubstring("sure"), ContainSubstring("dsn"))))
	})

	It("takes data without mistakes", func() {
		_, err := diagnose.LoadFS(data("codes/a.yaml", "", ""))
		Expect(err).NotTo(HaveOccurred())
	})
})

// data is a small sound table with one thing changed.
func data(file, from, to string) fstest.MapFS {
	files := map[string]string{
		"codes/a.yaml": `
codes:
  - {code: x.a, title: {es: t, en: t}, cause: {es: c, en: c}, check: {es: c, en: c}, hint: {es: h, en: h}, fixes: [{for: {es: f, en: f}, code: c}]}
  - {code: x.b, title: {es: t, en: t2}, cause: {es: c, en: c2}, check: {es: c, en: c}, hint: {es: h, en: h}, borrow: [x.a]}
`,
		"receivers/a.yaml": `
receiver: a
source: answers
signs: [{cookie: s}]
rules:
  - {id: a, code: x.a, certainty: certain, when: {status: [403], title: '^A$'}, first: [a], evidence: {es: '{status} es', en: '{status} en'}}
fixes:
  x.a: [{for: {es: f, en: f}, text: {es: t, en: t}}]
`,
		"general/b.yaml": `
login: {path: p, host: h, back: b}
tokens: {cookie: c, form: f}
rules:
  - {id: b, code: x.b, certainty: certain, when: {error: [dns]}}
`,
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		if name == file {
			if from == "" && to == "gone" {
				continue
			}
			Expect(text).To(ContainSubstring(from))
			text = strings.Replace(text, from, to, 1)
		}
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

var _ = It("lists the codes of a status, each once, also where only a class is known", func() {
	table := diagnose.Builtin()
	Expect(table.CodesOf(419)).To(Equal([]string{"csrf.laravel", "csrf.generic"}))
	Expect(table.CodesOf(302)).To(ContainElements("redirect.https", "redirect.login"))
	Expect(table.CodesOf(418)).NotTo(BeEmpty())
	for status := 200; status < 600; status++ {
		codes := table.CodesOf(status)
		Expect(codes).To(HaveLen(len(slices.Compact(slices.Sorted(slices.Values(codes))))))
	}
	Expect(table.CodesOf(1000)).To(BeEmpty())
})
