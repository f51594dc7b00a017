package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/report"
	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Whatever a stored run says, every format tells it, and nothing of it leaves its
// place.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/run-*.ndjson.golden")
	if err != nil || len(files) < 10 {
		f.Fatal(len(files), err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		lines := bytes.SplitAfter(bytes.TrimSuffix(data, []byte("\n")), []byte("\n"))
		last := len(lines) - 1
		data = bytes.Join([][]byte{lines[0], lines[last-1], lines[last]}, nil) // small, so that much is tried
		f.Add(data)
		f.Add(data[:len(data)*2/3]) // cut off
		f.Add(bytes.ReplaceAll(data, []byte(`"offset_s":0`), []byte(`"offset_s":1e300`)))
		f.Add(bytes.ReplaceAll(data, []byte("KOM-"), []byte("\\u001b[2J\\n::error::##[x]")))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		runs, err := ndjson.Read(bytes.NewReader(data))
		if err != nil {
			if lang.In(err, lang.Spanish) == "" {
				t.Fatal("no text")
			}
			return
		}
		if len(runs) > 2 || len(data) > 64<<10 {
			return // the same, only slower
		}
		for _, run := range runs {
			for _, format := range report.Formats() {
				if format.Name == "html" { // which has specs of its own, and is slow
					continue
				}
				var b bytes.Buffer
				if err := format.Write(&b, run.Report, run.Options); err != nil {
					t.Fatal(format.Name, err)
				}
				out := b.String()
				if strings.ContainsAny(out, "\x1b\x00\x07\x7f\u202e") || !utf8.ValidString(out) {
					t.Fatalf("%s: %q", format.Name, out)
				}
				switch format.Name {
				case "junit", "badge":
					if err := wellFormed(out); err != nil {
						t.Fatal(format.Name, err)
					}
				case "json":
					if _, err := ndjson.Read(&b); err != nil {
						t.Fatalf("%v in %q", err, out)
					}
				}
			}
			view.Compare(run.Report, run.Report, run.Options)
		}
	})
}
