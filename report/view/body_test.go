package view_test

import (
	"encoding/json"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/report/view"
)

var _ = Describe("a JSON body laid out", func() {
	shown := func(lines []view.BodyLine) string {
		var out []string
		for _, l := range lines {
			mark := "  "
			if l.Marked {
				mark = "> "
			}
			out = append(out, mark+l.Text)
		}
		return strings.Join(out, "\n")
	}
	It("has a field a line, keeps every spelling and marks the fields in question", func() {
		body := `{"kind":"order\/x","n":1.50,"data":{"items":[{"name":"a, {\"b\"","tags":[]},{"name":"c"}],"address":{"zip":null},"empty":{}},"last":[1,2]}`
		lines, ok := view.Indented(body, false, []string{"data.items[1].name", "data.address"})
		Expect(ok).To(BeTrue())
		Expect(shown(lines)).To(Equal(`  {
    "kind": "order\/x",
    "n": 1.50,
    "data": {
      "items": [
        {
          "name": "a, {\"b\"",
          "tags": []
        },
        {
>         "name": "c"
        }
      ],
>     "address": {
>       "zip": null
>     },
      "empty": {}
    },
    "last": [
      1,
      2
    ]
  }`))
	})
	It("is as far as it goes where it was cut off for show", func() {
		lines, ok := view.Indented(`{"a":{"b":"wor`, true, []string{"a.b"})
		Expect(ok).To(BeTrue())
		Expect(shown(lines)).To(Equal("  {\n    \"a\": {\n>     \"b\": \"wor"))
	})
	DescribeTable("is none of ours where it is no JSON: how it is written may matter", func(body string) {
		_, ok := view.Indented(body, false, nil)
		Expect(ok).To(BeFalse())
	},
		Entry(nil, ""), Entry(nil, "<html>"), Entry(nil, `{"a":1 "b":2}`), Entry(nil, `{"a":{"b":"wor`), Entry(nil, `{"a":1}}`), Entry(nil, "[1,]"), Entry(nil, `"a"`))
	It("loses nothing of any JSON", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			value := rapid.MapOf(rapid.String(), rapid.OneOf(
				rapid.Float64().AsAny(), rapid.SliceOf(rapid.MapOf(rapid.StringMatching("[a-c]?"), rapid.String())).AsAny(),
			)).Draw(t, "value")
			body, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			lines, ok := view.Indented(string(body), false, nil)
			var b strings.Builder
			for _, l := range lines {
				b.WriteString(l.Text + "\n")
			}
			var again any
			if ok {
				if err := json.Unmarshal([]byte(b.String()), &again); err != nil {
					t.Fatal(err)
				}
				written, _ := json.Marshal(again)
				if string(written) != string(body) {
					t.Fatalf("%s became %s", body, written)
				}
			}
		})
	})
	It("takes no time over what is deep, nor fails on what is broken", func() {
		began := time.Now()
		for range 200 {
			_, ok := view.Indented(strings.Repeat("[", 8000)+strings.Repeat("]", 8000), false, []string{"a"})
			Expect(ok).To(BeFalse())
			_, ok = view.Indented(strings.Repeat("[", 16<<10), true, []string{"a"})
			Expect(ok).To(BeFalse())
		}
		Expect(time.Since(began)).To(BeNumerically("<", 20*time.Second), "it took minutes each")
		for _, body := range []string{strings.Repeat("[", 4096), strings.Repeat(`{"a":`, 800), `{"a"`, `{"a":,`, "{]", `{"`, "[,,", `{:`, `[}`} {
			view.Indented(body, true, []string{"a"})
		}
	})
})
