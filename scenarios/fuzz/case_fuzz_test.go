package fuzz_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
)

// A case that is taken has nothing in it that could leave its place in a command,
// a file name or a line.
func FuzzCase(f *testing.F) {
	plain, err := json.Marshal(keptCase())
	if err != nil {
		f.Fatal(err)
	}
	for _, change := range []string{"", "0123456789→../../../x", "order.placed→order.placed\\ntouch x", "evt_1→$(id)", "500→5\\u001b[2J", "QTogYg==→QTogYg0KQjogYw==", "coverage→histories", "[\"e30=\"]→[\"e\",\"30=\"]"} {
		from, to, _ := strings.Cut(change, "→")
		f.Add([]byte(strings.ReplaceAll(string(plain), from, to)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := fuzz.ParseCase("case.json", data)
		if err != nil {
			return
		}
		words := []string{c.ID, c.Kind, c.Oracle, string(c.Level), string(c.Phase), string(c.Class)}
		for i := range c.Steps {
			s := &c.Steps[i]
			words = append(words, s.Kind, s.Event, s.Object, s.ObjectType, s.Number)
			fields, err := s.Fields()
			if err != nil {
				t.Fatal(err)
			}
			for _, field := range fields {
				if field.Check() != nil {
					t.Fatalf("%q", field)
				}
			}
		}
		for _, w := range words {
			if strings.ContainsAny(w, "/\\$`'\"\n\r\x1b;&| ") {
				t.Fatalf("%q", w)
			}
		}
		_, _ = c.Moments(retryclock.DefaultPolicy())
	})
}
