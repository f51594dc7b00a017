package verdict_test

import (
	"testing"

	_ "github.com/onsi/ginkgo/v2" // for its flags: one command line runs the tests of all packages

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func FuzzReadKnown(f *testing.F) {
	for _, seed := range []string{"", "A-1", "A-1 # why", "A-* # x\nA-1", "\ufeffA-1\r\n", "[", "# only", "A-1 B-2", "\xff", "a-1\na-1"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := verdict.ReadKnown("known.txt", data, []string{"A-1", "B-2"})
		if err != nil {
			if lang.In(err, lang.Spanish) == "" {
				t.Fatal("no text")
			}
			return
		}
		for _, k := range list {
			if k.Pattern == "" || k.Line < 1 || k.File != "known.txt" {
				t.Fatalf("%+v", k)
			}
		}
	})
}
