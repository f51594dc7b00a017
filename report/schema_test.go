package report_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/xeipuuv/gojsonschema"

	"github.com/kometia-sim/kometia-sim/report/ndjson"
	"github.com/kometia-sim/kometia-sim/report/ndjson/ndjsontest"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("the schema of the NDJSON", Label("unraced"), func() {
	It("takes every line of every golden file, and knows each of its fields", func() {
		files, err := filepath.Glob("testdata/*.ndjson.golden")
		Expect(err).NotTo(HaveOccurred())
		Expect(len(files)).To(BeNumerically(">=", 20))
		for _, name := range files {
			data, err := os.ReadFile(name)
			Expect(err).NotTo(HaveOccurred())
			Expect(ndjsontest.Mistakes(string(data))).To(BeEmpty(), name)
		}
	})
	It("takes what hostile, huge and filled runs write", func() {
		for name, r := range storedRuns() {
			Expect(ndjsontest.Mistakes(writeAs("json", r, view.Options{}))).To(BeEmpty(), name)
		}
		Expect(ndjsontest.Mistakes(writeAs("json", filled(), view.Options{}))).To(BeEmpty())
	})
	It("is a schema of draft-07 that refuses what is no line", func() {
		_, err := gojsonschema.NewSchemaLoader().Compile(gojsonschema.NewBytesLoader(ndjson.Schema))
		Expect(err).NotTo(HaveOccurred())
		good := strings.SplitAfter(writeAs("json", fixtures()["red"], view.Options{}), "\n")
		for _, spoil := range [][2]string{
			{`"type":"check"`, `"type":"chek"`},
			{`"result":"fail"`, `"result":"failed"`},
			{`"outcome":"no_response"`, `"outcome":"lost"`},
			{`"duration_ms":310`, `"duration_ms":"310"`},
		} {
			Expect(good[1]).To(ContainSubstring(spoil[0]))
			Expect(ndjsontest.Mistakes(strings.Replace(good[1], spoil[0], spoil[1], 1))).NotTo(BeEmpty(), spoil[1])
		}
	})
})

// filled is a run every field of which says something.
func filled() *verdict.Report {
	r := &verdict.Report{}
	n := 0
	fill(reflect.ValueOf(r).Elem(), &n)
	r.Run.Lang = lang.English
	for i := range r.Results {
		res := &r.Results[i]
		res.Level, res.Verdict, res.Diagnosis.Certainty, res.Diagnosis.Rule = verdict.Must, verdict.Fail, diagnose.Likely, ""
		for a := range res.Attempts {
			res.Attempts[a].Outcome, res.Attempts[a].Made, res.Attempts[a].Error, res.Attempts[a].Fault = "no_response", nil, "reset: x", "refuse"
		}
		for c := range res.Cases {
			res.Cases[c].Verdict = verdict.Pass
			for a := range res.Cases[c].Attempts {
				of := &res.Cases[c].Attempts[a]
				of.Outcome, of.Made, of.Exchange, of.Error, of.Fault = "no_response", nil, nil, "", "lose-answer"
			}
		}
	}
	for i := range r.Run.Planned {
		r.Run.Planned[i].Level = verdict.Should
	}
	r.Run.Command = verdict.CommandFuzz
	return r
}

// fill gives every field a value of its own.
func fill(v reflect.Value, n *int) {
	*n++
	switch at := v.Addr().Interface().(type) {
	case *time.Time:
		*at = time.Date(2026, 1, 1, 0, 0, *n, 1000**n, time.UTC)
		return
	case *time.Duration:
		*at = time.Duration(*n)*time.Second + 1234567
		return
	case *wire.Note:
		*at = "body-cut"
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type().Field(i).Name != "Made" {
				fill(v.Field(i), n)
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), reflect.ValueOf(*n))
	case reflect.String:
		v.SetString("text " + strings.Repeat("x", *n%7) + string(rune('a'+*n%26)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint64:
		v.SetUint(uint64(*n))
	default:
		Fail("no value for " + v.Type().String())
	}
}

var _ = Describe("a run that is stored", Label("unraced"), func() {
	It("loses no field of the result model", func() {
		was := filled()
		back := readBack(writeAs("json", was, view.Options{})).Report
		Expect(back).To(Equal(was))
	})
})
