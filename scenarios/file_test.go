package scenarios_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kometia-sim/kometia-sim/scenarios"
	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/language/languagetest"
	undertest "github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

func FuzzScenarioFile(f *testing.F) {
	files, err := filepath.Glob("catalogue/*.yaml")
	if err != nil || len(files) < 10 {
		f.Fatalf("seed corpus: %d files, %v", len(files), err)
	}
	// To plan what the large files play takes so long that hardly anything is tried.
	const maxSeed = 6 << 10
	seeds := 1
	f.Add([]byte(languagetest.Plain))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(data) <= maxSeed {
			f.Add(data)
			seeds++
		}
	}
	if seeds < 20 {
		f.Fatalf("%d seeds", seeds)
	}
	dir := f.TempDir()
	target, err := wire.ParseTarget("http://127.0.0.1:9/")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(dir, "fuzz.yaml")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		// Whatever the file holds, it is read or refused, without a panic; and
		// so is what it asks the shop for.
		suite := new(language.Suite)
		if err := suite.Add(file); err != nil {
			if !strings.Contains(err.Error(), "fuzz.yaml") {
				t.Fatalf("the error does not name the file: %v", err)
			}
			return
		}
		rec, err := undertest.New(undertest.Config{Target: target})
		if err != nil {
			t.Fatal(err)
		}
		defer rec.Close()
		_, _ = scenarios.NewRunner(rec, scenarios.Config{Settings: emit.Settings{Seed: 7, IDs: "4k2p"}}, suite)
	})
}
