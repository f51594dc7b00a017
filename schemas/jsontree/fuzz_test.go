package jsontree_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// lone finds \u escapes that are half of a surrogate pair, which encoding/json
// takes and replaces and Parse refuses.
func lone(data []byte) bool {
	escape := regexp.MustCompile(`\\(u[0-9a-fA-F]{4}|[^u])`)
	high := false
	end := 0
	for _, at := range escape.FindAllIndex(data, -1) {
		e := bytes.ToLower(data[at[0]:at[1]])
		isHigh := e[1] == 'u' && e[2] == 'd' && (e[3] == '8' || e[3] == '9' || e[3] == 'a' || e[3] == 'b')
		isLow := e[1] == 'u' && e[2] == 'd' && e[3] >= 'c'
		if high != isLow || (isLow && at[0] != end) {
			return true
		}
		high, end = isHigh, at[1]
	}
	return high
}

func FuzzParse(f *testing.F) {
	seeds, err := filepath.Glob("testdata/seeds/*")
	if err != nil || len(seeds) != 24 {
		f.Fatalf("%d seeds (%v), want 24: has the folder moved?", len(seeds), err)
	}
	for _, path := range seeds {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := jsontree.Parse(data)
		want := json.Valid(data) && utf8.Valid(data) && !lone(data)
		if (err == nil) != want {
			t.Fatalf("err %v, want valid %v", err, want)
		}
		if err != nil {
			var e *jsontree.SyntaxError
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 || e.Offset < 0 || e.Offset > len(data) || e.Msg.IsZero() || len(e.Excerpt) > 1024 {
				t.Fatalf("%#v", err)
			}
			return
		}
		for _, style := range jsontree.Styles() {
			out := jsontree.Encode(doc.Root, style)
			again, err := jsontree.Parse(out)
			if err != nil {
				t.Fatalf("%s: %v: %s", style, err, out)
			}
			if !bytes.Equal(jsontree.Encode(again.Root, style), out) {
				t.Fatalf("%s does not come back: %s", style, out)
			}
		}
		if !bytes.Equal(jsontree.Encode(jsontree.Clone(doc.Root), jsontree.PHP), jsontree.Encode(doc.Root, jsontree.PHP)) {
			t.Fatal("a clone differs")
		}
	})
}
