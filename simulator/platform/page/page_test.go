package page_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/net/html"

	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/platform/control"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("the page", func() {
	var s *site
	BeforeEach(func(ctx SpecContext) { s = open(ctx, control.Door{}) })

	It("leads from an added webhook to an expired delivery", func(ctx SpecContext) {
		Expect(s.get("/").text()).To(And(ContainSubstring("Add webhook"), ContainSubstring("No deliveries yet.")))
		Expect(s.post("/webhooks", "url", " "+hooks+" ", "kinds", "order.placed", "kinds", "order.paid")).To(Equal("/?done=added"))
		Expect(s.get("/?done=added").text()).To(And(ContainSubstring("Webhook added."), ContainSubstring(hooks)))
		s.receivers.answer(&wire.Outcome{Status: 419, Body: []byte("<title>Page Expired</title>"), BodyBytes: 27, Header: []wire.Field{{Name: "Content-Type", Value: "text/html"}}})
		Expect(s.post("/emit", "kinds", "order.placed", "back", "/")).To(Equal("/?done=sent"))
		s.advance(ctx, "2h")
		one := s.get("/deliveries/1")
		Expect(one.text()).To(And(ContainSubstring("3 of 49"), ContainSubstring("csrf.laravel"), ContainSubstring("validateCsrfTokens"),
			ContainSubstring("Page Expired"), ContainSubstring("Attempts 1–3"), ContainSubstring("curl")))
		Expect(strings.Count(one.body, `<li class="bad" title`)).To(Equal(3))
		Expect(strings.Count(one.body, `<li class="later" title`)).To(Equal(45))
		Expect(s.get("/expiring").text()).To(ContainSubstring("in 46h0m0s"))
		s.advance(ctx, "48h")
		one = s.get("/deliveries/1")
		Expect(one.text()).To(And(ContainSubstring("49 of 49"), ContainSubstring("It has expired"), Not(ContainSubstring("Send again now"))))
		Expect(strings.Count(one.body, `<li class="bad" title`)).To(Equal(49))
		refused := s.do(http.MethodPost, "/deliveries/1/redeliver", nil)
		Expect(refused.status).To(Equal(409))
		Expect(s.get("/deliveries?state=expired").text()).To(ContainSubstring("order.placed"))
		Expect(s.get("/deliveries?state=pending").text()).To(ContainSubstring("No deliveries yet."))
		Expect(s.get("/expiring").text()).To(ContainSubstring("Nothing waits for a retry."))
		c := s.do(http.MethodGet, "/deliveries/1/case", nil)
		Expect(c.header.Get("Content-Disposition")).To(ContainSubstring("delivery-1.json"))
	})
	It("sends again what has not expired, and shows that it was asked for", func(ctx SpecContext) {
		s.post("/webhooks", "url", hooks, "kinds", "order.paid")
		s.post("/emit", "kinds", "order.paid")
		s.advance(ctx, "1s")
		Expect(s.post("/deliveries/1/redeliver")).To(Equal("/deliveries/1?done=redelivered"))
		s.advance(ctx, "1s")
		Expect(s.get("/deliveries/1").text()).To(And(ContainSubstring("asked for by you"), ContainSubstring("204, received")))
	})
	It("breaks a webhook by a click, and mends it", func(ctx SpecContext) {
		s.post("/webhooks", "url", hooks, "kinds", "order.paid")
		Expect(s.post("/webhooks/1/fault", "fault", "lose-answer", "times", "2", "back", "/webhooks/1")).To(Equal("/webhooks/1?done=changed"))
		Expect(s.get("/webhooks/1").text()).To(ContainSubstring("the response is lost: 2 more attempts"))
		Expect(s.get("/").text()).To(ContainSubstring("Fails on purpose: the response is lost (2)"))
		s.post("/emit", "kinds", "order.paid")
		s.advance(ctx, "1h")
		Expect(s.get("/deliveries/1").text()).To(ContainSubstring("answered 204, and the response was lost"))
		s.post("/webhooks/1/fault", "fault", "timeout", "times", "-1")
		Expect(s.get("/webhooks/1").text()).To(ContainSubstring("the time runs out (the response is not waited for): until you take it away"))
		s.post("/webhooks/1/fault", "fault", "")
		Expect(s.get("/webhooks/1").text()).To(ContainSubstring("No fault."))
		Expect(s.do(http.MethodPost, "/webhooks/1/fault", values("fault", "explode")).status).To(Equal(422))
	})
	It("changes and removes a webhook, and forgets everything", func() {
		s.post("/webhooks", "url", hooks, "kinds", "order.paid")
		Expect(s.post("/webhooks/1", "url", hooks+"2", "kinds", "product.updated")).To(Equal("/webhooks/1?done=changed"))
		Expect(s.get("/webhooks/1").body).To(MatchRegexp(`value="product.updated" checked`))
		Expect(s.post("/webhooks/1/remove")).To(Equal("/?done=removed"))
		Expect(s.do(http.MethodGet, "/webhooks/1", nil).status).To(Equal(404))
		Expect(s.do(http.MethodPost, "/reset", nil).status).To(Equal(422))
		Expect(s.post("/reset", "sure", "yes")).To(Equal("/?done=reset"))
	})
	It("shows no password of a URL, and keeps it where a form is saved as it was shown", func() {
		secret, _ := strings.CutPrefix(hooks, "http://")
		secret = "http://ana:hunter2@" + secret + "?token=0123456789abcdef0123"
		shown := wire.Redact(secret)
		s.post("/webhooks", "url", secret, "kinds", "order.paid")
		s.post("/emit", "kinds", "order.paid")
		for _, path := range []string{"/", "/webhooks/1", "/deliveries", "/deliveries/1", "/events"} {
			Expect(s.get(path).body).NotTo(Or(ContainSubstring("hunter2"), ContainSubstring("0123456789abcdef")), path)
		}
		Expect(s.get("/webhooks/1").body).To(ContainSubstring(`value="` + html.EscapeString(shown) + `"`))
		s.post("/webhooks/1", "url", shown, "kinds", "product.updated")
		Expect(s.Subscriptions()[0].URL).To(Equal(secret))
		Expect(s.Subscriptions()[0].Kinds).To(Equal([]string{"product.updated"}))
		s.post("/webhooks/1", "url", hooks, "kinds", "order.paid")
		Expect(s.Subscriptions()[0].URL).To(Equal(hooks))
	})
	It("says beside the form what is wrong with it, and keeps what was typed", func() {
		bad := s.do(http.MethodPost, "/webhooks", values("url", `javascript:alert("1")`))
		Expect(bad.status).To(Equal(422))
		Expect(bad.text()).To(And(ContainSubstring("not of http"), ContainSubstring("choose at least one event kind")))
		Expect(bad.body).To(ContainSubstring(`value="javascript:alert(&#34;1&#34;)"`))
		Expect(s.do(http.MethodPost, "/webhooks", values("url", strings.Repeat("x", 1<<20), "kinds", "order.paid")).status).To(Equal(422))
		large := s.do(http.MethodPost, "/webhooks", values("url", strings.Repeat("x", 5<<20)))
		Expect(large.status).To(BeElementOf(413, 422))
		s.post("/webhooks", "url", hooks, "kinds", "order.paid")
		worse := s.do(http.MethodPost, "/webhooks/1", values("url", "ftp://x", "kinds", "order.pade"))
		Expect(worse.status).To(Equal(422))
		Expect(worse.text()).To(ContainSubstring("did you mean order.paid?"))
		Expect(worse.body).To(ContainSubstring(`value="ftp://x"`))
	})
	It("asks before anything goes to another machine, and says so as long as it does", func() {
		const away = "http://away.example/webhook"
		asked := s.do(http.MethodPost, "/webhooks", values("url", away, "kinds", "order.paid"))
		Expect(asked.status).To(Equal(422))
		Expect(asked.text()).To(And(ContainSubstring("http://away.example/webhook is not this computer"), ContainSubstring("Send there: it is mine")))
		Expect(asked.body).To(ContainSubstring(`name="elsewhere" value="` + away + `">`))
		Expect(s.Subscriptions()).To(BeEmpty())
		other := s.do(http.MethodPost, "/webhooks", values("url", away+"/2", "kinds", "order.paid", "elsewhere", away))
		Expect(other.status).To(Equal(422), "what was confirmed is another URL")

		Expect(s.post("/webhooks", "url", away, "kinds", "order.paid", "elsewhere", away)).To(Equal("/?done=added"))
		Expect(s.get("/").text()).To(ContainSubstring("Another computer: safe mode holds."))
		Expect(s.get("/webhooks/1").text()).To(ContainSubstring("Another computer: safe mode holds."))
		s.post("/webhooks/1", "url", away, "kinds", "order.placed")
		moved := s.do(http.MethodPost, "/webhooks/1", values("url", away+"/2", "kinds", "order.paid"))
		Expect(moved.status).To(Equal(422))
		s.post("/webhooks/1", "url", hooks, "kinds", "order.paid")
		Expect(s.get("/").text()).NotTo(ContainSubstring("Another computer"))
	})
	It("goes the ways of the clock", func(ctx SpecContext) {
		Expect(s.post("/clock/play", "speed", "60", "back", "/expiring?done=sent")).To(Equal("/expiring"))
		Expect(s.get("/").text()).To(ContainSubstring("60×"))
		s.post("/clock/play", "speed", "0")
		Expect(s.get("/").text()).To(ContainSubstring("stands still"))
		s.post("/webhooks", "url", hooks, "kinds", "order.paid")
		s.receivers.answer(&wire.Outcome{Status: 500})
		s.post("/emit", "kinds", "order.paid")
		s.post("/clock/finish")
		Expect(s.Rest(ctx)).To(Succeed())
		Expect(s.get("/").text()).To(ContainSubstring("1 expired"))
		for _, form := range [][]string{{"/clock/advance", "by", "soon"}, {"/clock/advance", "by", "-1h"}, {"/clock/play", "speed", "fast"}, {"/clock/play", "speed", "NaN"}} {
			Expect(s.do(http.MethodPost, form[0], values(form[1:]...)).status).To(Equal(422), form[2])
		}
	})

	Describe("an editor", func() {
		payload := func() string {
			GinkgoHelper()
			a := s.get("/emit?kinds=order.paid")
			doc, err := html.Parse(strings.NewReader(a.body))
			Expect(err).NotTo(HaveOccurred())
			area := find(doc, "textarea")
			Expect(area).To(HaveLen(1))
			return area[0].FirstChild.Data
		}
		It("offers an event that has not happened, and sends it as it was changed", func(ctx SpecContext) {
			s.post("/webhooks", "url", hooks, "kinds", "order.paid")
			text := payload()
			Expect(s.get("/events").text()).To(ContainSubstring("Nothing has happened yet."))
			changed := strings.Replace(text, `"customer_note": null`, `"customer_note": "Sin nueces"`, 1)
			changed = strings.ReplaceAll(changed, "\n", "\r\n") // as browsers send it
			Expect(s.post("/emit", "payload", changed)).To(Equal("/deliveries?done=sent"))
			Expect(s.get("/events").text()).To(ContainSubstring("order.paid"))
			s.advance(ctx, "1s")
			if strings.Contains(changed, "Sin nueces") {
				Expect(s.get("/deliveries/1").text()).To(ContainSubstring("Sin nueces"))
			}
		})
		It("says beside the line what its schema refuses, and sends it when told to", func() {
			lines := strings.Split(payload(), "\n")
			at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, `"financial_status"`) })
			Expect(at).To(BeNumerically(">", 0))
			lines[at] = strings.Replace(lines[at], `"paid"`, `7`, 1)
			text := strings.Join(lines, "\n")
			bad := s.do(http.MethodPost, "/emit", values("payload", text))
			Expect(bad.status).To(Equal(422))
			Expect(bad.text()).To(And(ContainSubstring("Nothing was sent"), ContainSubstring(fmt.Sprint("Line ", at+1, " data.object.financial_status"))))
			Expect(html.UnescapeString(bad.body)).To(ContainSubstring(lines[at]))
			Expect(s.get("/events").text()).To(ContainSubstring("Nothing has happened yet."))
			Expect(s.post("/emit", "payload", text, "anyway", "yes")).To(Equal("/deliveries?done=sent"))
		})
		It("checks while one types", func() {
			check := func(text string) (found []map[string]any) {
				a := s.do(http.MethodPost, "/emit/check", nil, func(r *http.Request) {
					r.Header.Set("Content-Type", "text/plain")
					r.Body = http.MaxBytesReader(nil, readCloser{strings.NewReader(text)}, 1<<20)
				})
				Expect(a.status).To(Equal(200))
				Expect(json.Unmarshal([]byte(a.body), &found)).To(Succeed())
				return found
			}
			text := payload()
			Expect(check(text)).To(BeEmpty())
			Expect(check(text[:len(text)/2])[0]).To(HaveKeyWithValue("line", BeNumerically(">", 3)))
			Expect(check(strings.Replace(text, `"is_gift": `, `"is_gift": 1`, 1))).NotTo(BeEmpty())
			Expect(check("")).NotTo(BeEmpty())
			Expect(check(strings.Repeat("[", 100000))).NotTo(BeEmpty())
		})
		It("knows no story of unknown kinds", func() {
			a := s.do(http.MethodGet, "/emit?kinds=order.payed", nil)
			Expect(a.status).To(Equal(422))
			Expect(a.text()).To(ContainSubstring("did you mean order.paid?"))
			Expect(s.do(http.MethodGet, "/emit", nil).status).To(Equal(422))
		})
	})

	It("lets no receiver and no caller write into it", func(ctx SpecContext) {
		evil := `</pre><script>alert(1)</script><img src=x onerror=alert(2)>` + "\x1b[31m\u202e\u2066\x00"
		s.receivers.answer(&wire.Outcome{
			Status: 500, Reason: evil, Body: []byte(evil), BodyBytes: int64(len(evil)), Header: []wire.Field{{Name: "X-Evil", Value: evil}, {Name: "Location", Value: "javascript:alert(3)"}},
		})
		s.post("/webhooks", "url", hooks+"?a=<b>", "kinds", "order.paid")
		s.post("/webhooks", "url", hooks, "kinds", "order.paid")
		s.post("/emit", "kinds", "order.paid")
		s.advance(ctx, "1h")
		c := apiCall("/api/v1/"+evil, evil)
		s.Note(c)
		seen := 0
		for _, path := range []string{"/", "/deliveries", "/deliveries/1", "/deliveries/2", "/webhooks/1", "/events", "/api-log", "/expiring", "/api-log?about=" + url.QueryEscape(evil), "/deliveries?event=" + url.QueryEscape(evil)} {
			a := s.get(path)
			Expect(a.body).NotTo(ContainSubstring("<script>alert"), path)
			Expect(a.body).NotTo(ContainSubstring("<img"), path)
			Expect(a.body).NotTo(MatchRegexp(`href="javascript`), path)
			Expect(a.body).NotTo(MatchRegexp("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]"), path)
			seen += strings.Count(a.body, "&lt;script&gt;alert")
		}
		Expect(seen).To(BeNumerically(">=", 4), "it was shown, as text")
	})
	It("leads nowhere else", func() {
		for _, to := range []string{"//evil.example", "https://evil.example", `/\evil.example`, "javascript:alert(1)", "", "/x\r\nSet-Cookie: a=b"} {
			Expect(s.post("/language", "lang", "es", "back", to)).To(Equal("/"), to)
		}
		Expect(s.post("/language", "lang", "es", "back", "/deliveries?state=expired")).To(Equal("/deliveries?state=expired"))
	})
	It("does nothing for a page of another origin, nor under a name of someone else's", func() {
		for _, change := range []func(*http.Request){
			func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
			func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
			func(r *http.Request) {
				r.Host = "evil.example:8090"
				r.Header.Set("Origin", "http://evil.example:8090")
			},
		} {
			Expect(s.do(http.MethodPost, "/webhooks", values("url", hooks, "kinds", "order.paid"), change).status).To(Equal(403))
		}
		Expect(s.do(http.MethodGet, "/", nil, func(r *http.Request) { r.Host = "evil.example" }).status).To(Equal(403))
		Expect(s.Subscriptions()).To(BeEmpty())
	})
	It("loads nothing from elsewhere, and may not be framed", func() {
		a := s.get("/")
		policy := a.header.Get("Content-Security-Policy")
		Expect(policy).To(And(ContainSubstring("default-src 'none'"), ContainSubstring("frame-ancestors 'none'"), Not(ContainSubstring("unsafe"))))
		Expect(a.header.Get("X-Content-Type-Options")).To(Equal("nosniff"))
		for _, name := range []string{"style.css", "page.js", "icon.svg"} {
			Expect(s.get("/static/" + name).body).NotTo(BeEmpty())
		}
		Expect(s.do(http.MethodGet, "/static/../page.go", nil).status).NotTo(Equal(200))
	})

	It("is whole: every link leads somewhere, every field has a label, every id is there once, in both languages", func(ctx SpecContext) {
		s.post("/webhooks", "url", hooks, "kinds", "order.paid", "kinds", "order.placed")
		s.post("/webhooks", "url", hooks+"/2", "kinds", "order.paid")
		s.receivers.answer(&wire.Outcome{Status: 500})
		for range 30 {
			s.post("/emit", "kinds", "order.placed,order.paid")
		}
		s.advance(ctx, "49h")
		s.post("/webhooks/1/fault", "fault", "refuse", "times", "2")
		s.post("/emit", "kinds", "order.paid")
		s.Note(apiCall("/api/v1/events", ""))
		visited := map[string]bool{}
		for _, language := range []string{"es", "en"} {
			s.language = language
			todo, seen := []string{"/", "/nowhere-else"}, map[string]bool{}
			for len(todo) > 0 {
				path := todo[0]
				todo = todo[1:]
				if seen[path] || strings.HasPrefix(path, "/api/v1/") || strings.HasPrefix(path, "/_sim/") {
					continue
				}
				seen[path] = true
				visited[path] = true
				a := s.do(http.MethodGet, path, nil)
				if path == "/nowhere-else" {
					Expect(a.status).To(Equal(404))
				} else {
					Expect(a.status).To(Equal(200), path)
				}
				if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
					continue
				}
				for _, link := range whole(a.body, path, language) {
					if len(seen)+len(todo) < 120 {
						todo = append(todo, link)
					}
				}
			}
		}
		Expect(len(visited)).To(BeNumerically(">", 60))
	}, NodeTimeout(time.Minute))

	It("has both languages of each text", func() {
		texts := 0
		Expect(fs.WalkDir(os.DirFS("templates"), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			content, err := os.ReadFile(filepath.Join("templates", path))
			for _, m := range regexp.MustCompile(`\bsay\b([^}]*)\}\}`).FindAllStringSubmatch(string(content), -1) {
				texts++
				Expect(m[1]).To(MatchRegexp(`^ "[^"]+" "[^"]+"$`), path)
			}
			return err
		})).To(Succeed())
		Expect(texts).To(BeNumerically(">", 80))
		s.language = "fr"
		Expect(s.get("/").body).To(ContainSubstring(`<html lang="es">`))
	})
})

var _ = Describe("the page behind a token", func() {
	It("asks for it, remembers it, and shows nothing without", func(ctx SpecContext) {
		s := open(ctx, control.Door{Token: "a-long-secret"})
		first := s.do(http.MethodGet, "/deliveries", nil)
		Expect(first.status).To(Equal(303))
		Expect(first.header.Get("Location")).To(Equal("/login"))
		Expect(s.get("/login").text()).To(ContainSubstring("The value of --token"))
		Expect(s.get("/static/style.css").body).NotTo(BeEmpty())
		Expect(s.do(http.MethodPost, "/login", values("token", "guess")).status).To(Equal(401))
		Expect(s.do(http.MethodPost, "/webhooks", values("url", hooks, "kinds", "order.paid")).status).To(Equal(401))
		in := s.do(http.MethodPost, "/login", values("token", "a-long-secret"))
		Expect(in.status).To(Equal(303))
		cookie := in.header.Get("Set-Cookie")
		Expect(cookie).To(And(ContainSubstring("HttpOnly"), ContainSubstring("SameSite=Strict")))
		value, _, _ := strings.Cut(cookie, ";")
		with := func(r *http.Request) { r.Header.Set("Cookie", value) }
		Expect(s.do(http.MethodGet, "/", nil, with).status).To(Equal(200))
		Expect(s.do(http.MethodPost, "/webhooks", values("url", hooks, "kinds", "order.paid"), with).status).To(Equal(303))
		other := func(r *http.Request) { r.Header.Set("Origin", "https://evil.example") }
		Expect(s.do(http.MethodPost, "/webhooks", values("url", hooks, "kinds", "order.paid"), with, other).status).To(Equal(403))
		Expect(s.do(http.MethodPost, "/login", values("token", "a-long-secret"), other).status).NotTo(Equal(303))
	})
})

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// apiCall is a call of the API as its log has it.
func apiCall(path, query string) api.Call {
	return api.Call{Method: "GET", Path: path, Query: query, Status: 404, At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}
