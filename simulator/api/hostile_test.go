package api_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"pgregory.net/rapid"
)

// survives sends a request and holds its answer against what every answer is.
func (w *world) survives(t interface {
	Helper()
	Fatalf(string, ...any)
}, method, target, key string, body []byte,
) {
	t.Helper()
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(method + " " + target + " HTTP/1.1\r\nHost: api.test\r\n\r\n")))
	if err != nil {
		return // net/http refuses it before any handler
	}
	r = r.WithContext(context.Background())
	r.Body = http.NoBody
	if len(body) > 0 {
		r.Body = httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/", bytes.NewReader(body)).Body
	}
	r.Header.Set("Authorization", key)
	rec := httptest.NewRecorder()
	w.handler.ServeHTTP(rec, r)
	if rec.Code >= 500 {
		t.Fatalf("%s %q %q: %d %s", method, target, body, rec.Code, rec.Body)
	}
	if rec.Code != http.StatusNoContent && !json.Valid(rec.Body.Bytes()) {
		t.Fatalf("%s %q %q: no JSON: %s", method, target, body, rec.Body)
	}
	for _, k := range []string{secret, public} {
		if strings.Contains(rec.Body.String(), k) && !bytes.Contains(body, []byte(k)) && !strings.Contains(target, k) {
			t.Fatalf("%s %q: the key stands in the response", method, target)
		}
	}
}

// FuzzAPI sends whatever it likes, with the right key.
func FuzzAPI(f *testing.F) {
	w, err := openWorld(7)
	if err != nil {
		f.Fatal(err)
	}
	RegisterTestingT(f)
	seeds := 0
	for _, path := range []string{
		"products?price[min]=1&options[Talla]=Chica&sort_by=name-ascending&q=a", "skus?listable=true", "categories/tree", "events?page=99999999999999999999",
		"orders/" + w.standing("orders", 0) + "/fulfillments", "products/" + w.standing("products", 0), "customers/" + w.standing("customers", 0) + "/addresses",
	} {
		for _, method := range []string{"GET", "POST", "DELETE", "HEAD", "OPTIONS"} {
			f.Add(method, "/api/v1/"+path, []byte(`{"name":"x","skus":[{"price":1,"modifiers":{"a":"b"}}],"items":[{"id":"x","quantity":1}],"tags":[{}],"images":[{"url":"%"}]}`))
			seeds++
		}
	}
	if seeds != 35 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, method, target string, body []byte) {
		w.survives(t, method, target, "Bearer "+secret, body)
	})
}

// TestHostileRequests sends requests that are nearly right: those reach deepest.
func TestHostileRequests(t *testing.T) {
	RegisterTestingT(t)
	w, err := openWorld(7)
	if err != nil {
		t.Fatal(err)
	}
	words := []string{
		"products", "skus", "orders", "customers", "collections", "categories", "tree", "events", "fulfillments", "addresses", "cancel", "gateways",
		w.standing("products", 0), w.standing("skus", 0), w.standing("orders", 0), w.standing("customers", 0), w.standing("collections", 0),
		"openapi.json", "", "..", "%00", "%2f", "\u202e", "a b", "carts", strings.Repeat("x", 5000),
	}
	names := []string{
		"name", "title", "kind", "email", "skus", "images", "tags", "vendor", "modifiers", "items", "id", "quantity", "price", "in_stock", "data", "object",
		"product_id", "image", "url", "filename", "notes", "available_at", "tracking_code", "", "\x00", "<script>",
	}
	var value *rapid.Generator[any]
	value = rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 9).Draw(t, "what") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return json.Number(rapid.SampledFrom([]string{"0", "-1", "1e400", "1.5", "99999999999999999999999", "3"}).Draw(t, "number"))
		case 3:
			return rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[any] { return value }), 0, 3).Draw(t, "list")
		case 4, 5:
			return rapid.MapOfN(rapid.SampledFrom(names), rapid.Deferred(func() *rapid.Generator[any] { return value }), 0, 4).Draw(t, "object")
		case 6:
			return rapid.SampledFrom(words).Draw(t, "word")
		default:
			return rapid.String().Draw(t, "text")
		}
	})
	queries := []string{"", "?page=2&per_page=3", "?price[min]=x", "?options[a]=b&options[]=", "?sort_by=", "?q=%ff", "?active=maybe", "?%zz", "?page=-0", "?lang=es"}
	order := "orders/" + w.standing("orders", 0)
	paths := []string{
		"products", "collections", "customers", "skus", "products/" + w.standing("products", 1), "skus/" + w.standing("skus", 1),
		"collections/" + w.standing("collections", 1), "customers/" + w.standing("customers", 1), order + "/fulfillments",
		order + "/fulfillments/x", order + "/fulfillments/x/cancel",
	}
	sent := 0
	rapid.Check(t, func(t *rapid.T) {
		for range 20 {
			sent++
			path := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 5).Draw(t, "path"), "/")
			fields := rapid.MapOfN(rapid.SampledFrom(names), value, 0, 5).Draw(t, "body")
			if rapid.Bool().Draw(t, "near") {
				path = rapid.SampledFrom(paths).Draw(t, "right path")
				fields = map[string]any{rapid.SampledFrom(names).Draw(t, "field"): value.Draw(t, "value")}
				if of := map[string]string{"products": "name", "collections": "title", "customers": "email"}[path]; of != "" {
					fields[of] = "a@example.com"
				}
			}
			target := "/api/v1/" + path + rapid.SampledFrom(queries).Draw(t, "query")
			body, err := json.Marshal(fields)
			if err != nil {
				t.Fatal(err)
			}
			if rapid.IntRange(0, 9).Draw(t, "cut") == 0 {
				body = body[:len(body)/2]
			}
			key := rapid.SampledFrom([]string{"Bearer " + secret, "Bearer " + secret, "Bearer " + secret, "Bearer " + public, "", "Basic %%", "Bearer"}).Draw(t, "key")
			w.survives(t, rapid.SampledFrom([]string{"GET", "POST", "POST", "DELETE", "PUT", "HEAD", "BREW"}).Draw(t, "method"), target, key, body)
		}
	})
	if sent < 1000 {
		t.Fatalf("only %d requests", sent)
	}
	if len(w.happened) == 0 {
		t.Fatal("no request wrote anything: they are not nearly right")
	}
}
