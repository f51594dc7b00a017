package practice_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kometia-sim/kometia-sim/simulator/practice"
)

// seeds are bodies on both sides of the border between event and no event.
func seeds() []string {
	good := placed("1")
	return []string{
		good, good[:len(good)-1], good + " ", good + "{}", "", "[]", "7", "null", `"`, `{"a":"\`,
		`{"id":"\ud800","object":"event","kind":"x","data":{"object":{"id":"a","object":"b"}}}`,
		strings.Replace(good, `"kind"`, `"ki\u006ed"`, 1), strings.Replace(good, "{", `{"id":1,`, 1),
		strings.Repeat("[", 20000), `{"a":{"b":[{"c":"}{][\\\""}]}}`, "\xff\xfe",
	}
}

// FuzzDelivery: no body makes the receiver fail, and what it refuses leaves no
// trace.
func FuzzDelivery(f *testing.F) {
	all := seeds()
	if len(all) != 16 {
		f.Fatalf("%d seeds, want 16", len(all))
	}
	for _, s := range all {
		f.Add([]byte(s))
	}
	r, err := practice.New(context.Background(), practice.Config{DB: filepath.Join(f.TempDir(), "p.sqlite")})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = r.Close() })
	f.Fuzz(func(t *testing.T, body []byte) {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "/webhook", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		w := &discard{header: http.Header{}}
		r.ServeHTTP(w, req)
		if w.status != http.StatusNoContent && w.status != http.StatusBadRequest {
			t.Fatalf("status %d", w.status)
		}
	})
}
