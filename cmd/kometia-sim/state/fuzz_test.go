package state_test

import (
	"strings"
	"testing"

	_ "github.com/onsi/ginkgo/v2" // for its flags: one command line runs the tests of all packages

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/state"
)

// What --again takes up cannot lead out of the folder or add to a request.
func FuzzRecall(f *testing.F) {
	for _, seed := range []string{
		"", "{}", `{"version":1,"target":"http://h/","headers":["X-A"],"seed":1,"ids":"4k2p","start":"2026-01-01T00:00:00Z","events":[{"id":"e","kind":"order.paid","due":"2026-01-01T00:00:00Z","body":"e30="}]}`,
		`{"version":1,"ids":"../../x","events":[{}]}`, `{"version":1,"ids":"4k2p","headers":["A\r\nB"],"events":[{}]}`, strings.Repeat("[", 100),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		last, err := state.Of("x").Recall(func(string, int64) ([]byte, error) { return data, nil })
		if err != nil {
			return
		}
		if len(last.IDs) != 4 || strings.ContainsAny(last.IDs, "/\\.\n") {
			t.Fatalf("%+v", last)
		}
		for _, name := range last.Headers {
			if strings.ContainsAny(name, ": \r\n\x00") {
				t.Fatalf("%q", name)
			}
		}
	})
}
