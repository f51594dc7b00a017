package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// toldAs is what a command says of an answer, as its JSON has it.
type toldAs struct {
	Code, Certainty, Title, Evidence, Hint string
	Fixes                                  []struct{ For, File, Code, Text string }
}

// firstTold is the first diagnosis in lines of JSON, or in what they hold.
func firstTold(data []byte) *toldAs {
	for line := range bytes.Lines(data) {
		var v any
		if json.Unmarshal(line, &v) != nil {
			continue
		}
		if d := within(v); d != nil {
			text, err := json.Marshal(d)
			Expect(err).NotTo(HaveOccurred())
			told := &toldAs{}
			Expect(json.Unmarshal(text, told)).To(Succeed())
			return told
		}
	}
	return nil
}

// within is the value under "diagnosis", wherever it stands.
func within(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if d := v["diagnosis"]; d != nil {
			return d
		}
		for _, inner := range v {
			if d := within(inner); d != nil {
				return d
			}
		}
	case []any:
		for _, inner := range v {
			if d := within(inner); d != nil {
				return d
			}
		}
	}
	return nil
}

var _ = Describe("the same answer", Label("whole", "unraced"), func() {
	DescribeTable("is told alike by send, run, fuzz and serve",
		func(ctx SpecContext, code string, answer http.HandlerFunc) {
			var picky atomic.Bool // refuses only what fuzz has to find
			rec := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				if picky.Load() && !bytes.Contains(body, []byte(`"default_address":null`)) {
					w.WriteHeader(http.StatusNoContent)
					return
				}
				answer(w, r)
			}))
			DeferCleanup(rec.Close)
			url := rec.URL + "/kometia/webhook"
			sh := newShell()
			file := func(name string) []byte {
				data, err := os.ReadFile(filepath.Join(sh.dir, name))
				Expect(err).NotTo(HaveOccurred())
				return data
			}

			sent := firstTold([]byte(sh.run("send", "customer.created", "--no-probe", "--json", "--to", url).out))
			Expect(sent).NotTo(BeNil())
			Expect(sent.Code).To(Equal(code))
			Expect(sent.Fixes).NotTo(BeEmpty())

			sh.run("run", "KOM-ACK-001", "KOM-CSR-001", "--no-probe", "--target", url, "--report", "json=run.json")
			ran := firstTold(file("run.json"))

			s := startServe(GinkgoT().TempDir(), "--seed", "7")
			s.must(ctx, "/_sim/subscriptions", fmt.Sprintf(`{"url": %q, "kinds": ["order.placed"]}`, url), nil)
			s.must(ctx, "/_sim/emit", `{"kinds": ["order.placed"], "wait": true}`, nil)
			var one json.RawMessage
			s.must(ctx, fmt.Sprintf("/_sim/deliveries/%d", s.everything(ctx)[0].ID), "", &one)
			var flat bytes.Buffer
			Expect(json.Compact(&flat, one)).To(Succeed())
			served := firstTold(flat.Bytes())

			picky.Store(true)
			sh.run("fuzz", "customer.created", "--no-probe", "--target", url, "--seed", "7", "--max-requests", "400", "--report", "json=fuzz.json")
			hunted := firstTold(file("fuzz.json"))

			for command, told := range map[string]*toldAs{"run": ran, "serve": served, "fuzz": hunted} {
				Expect(told).NotTo(BeNil(), command)
				Expect(told.Code).To(Equal(sent.Code), command)
				Expect(told.Certainty).To(Equal(sent.Certainty), command)
				Expect(told.Title).To(Equal(sent.Title), command)
				Expect(told.Evidence).To(Equal(sent.Evidence), command)
				Expect(told.Hint).To(Equal(sent.Hint), command)
				Expect(told.Fixes).NotTo(BeEmpty(), command)
				Expect(told.Fixes[0]).To(Equal(sent.Fixes[0]), command)
			}
		},
		Entry("Laravel's 419", SpecTimeout(2*time.Minute), "csrf.laravel", page(419, "<!DOCTYPE html><html><head><title>Page Expired</title></head><body>419 | Page Expired</body></html>")),
		Entry("a redirect to the slash", SpecTimeout(2*time.Minute), "redirect.slash", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", r.URL.Path+"/")
			w.WriteHeader(http.StatusMovedPermanently)
		}),
		Entry("Express that breaks", SpecTimeout(2*time.Minute), "server.debug-page", page(500,
			"<!DOCTYPE html><html><head><title>Error</title></head><body><pre>TypeError: x is not a function<br> &nbsp; &nbsp;at webhook (/srv/app.js:7:3)</pre></body></html>")),
		Entry("a wall in front of it or its own refusal", SpecTimeout(2*time.Minute), "auth.forbidden", page(403,
			"<!DOCTYPE HTML><html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1><p>You don't have permission to access this resource.</p></body></html>")),
	)
})

// page answers with a page of HTML.
func page(status int, text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}
