package view_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

var _ = Describe("Safe", func() {
	DescribeTable("shows", func(in, want string) {
		Expect(view.Safe(in)).To(Equal(want))
	},
		Entry("plain text as it is", "Página no encontrada «404» 日本 👩‍👧", "Página no encontrada «404» 日本 👩‍👧"),
		Entry("an escape sequence", "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`),
		Entry("an OSC sequence", "\x1b]0;title\a", `\x1b]0;title\x07`),
		Entry("a C1 control", "\u009b31m", `\u009b31m`),
		Entry("DEL and NUL", "\x7f\x00", `\x7f\x00`),
		Entry("a bidirectional override", "abc\u202etxt.exe\u2066", `abc\u202etxt.exe\u2066`),
		Entry("a byte order mark", "\ufeffhi", `\ufeffhi`),
		Entry("a tag character", "\U000e0041", `\U000e0041`),
		Entry("line ends", "a\nb\r\nc\rd\u2028e", `a⏎b⏎c\rd\u2028e`),
		Entry("a tab", "a\tb", `a\tb`),
		Entry("invalid UTF-8", "a\xff\xc3(", `a\xff\xc3(`),
		Entry("a noncharacter", "\uffff", `\uffff`),
		Entry("the replacement character as it is", "\ufffd", "\ufffd"),
	)
	It("bounds what it lets through", func() {
		got := view.Safe(strings.Repeat("a", 10_000))
		Expect(utf8.RuneCountInString(got)).To(Equal(view.SafeLimit))
		Expect(got).To(HaveSuffix("…"))
		exact := strings.Repeat("é", view.SafeLimit)
		Expect(view.Safe(exact)).To(Equal(exact))
	})
	It("is bounded, idempotent and without controls, whatever the bytes", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			in := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
				rapid.StringMatching(`[\x{0}-\x{20}\x{1b}\x{80}-\x{9f}\x{2020}-\x{2070}\x{fff0}-\x{ffff}]{0,600}`)).Draw(t, "in")
			out := view.Safe(in)
			if !utf8.ValidString(out) || utf8.RuneCountInString(out) > view.SafeLimit {
				t.Fatalf("%q", out)
			}
			if i := strings.IndexFunc(out, forbidden); i >= 0 {
				t.Fatalf("%q at %d", out, i)
			}
			if again := view.Safe(out); again != out {
				t.Fatalf("%q then %q", out, again)
			}
		})
	})
})

// forbidden reports what may reach no output.
func forbidden(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f
}

var _ = Describe("numbers", func() {
	DescribeTable("money", func(cents int64, want string) {
		Expect(view.Money(cents, "MXN")).To(Equal(want))
	},
		Entry(nil, int64(145000), "$1,450.00 MXN"),
		Entry(nil, int64(0), "$0.00 MXN"),
		Entry(nil, int64(99), "$0.99 MXN"),
		Entry(nil, int64(99999), "$999.99 MXN"),
		Entry(nil, int64(123456789), "$1,234,567.89 MXN"),
		Entry(nil, int64(-5), "-$0.05 MXN"),
		Entry(nil, int64(-1<<63), "-$92,233,720,368,547,758.08 MXN"),
	)
	DescribeTable("sizes", func(n int, want string) { Expect(view.Size(n)).To(Equal(want)) },
		Entry(nil, 0, "0 B"), Entry(nil, 999, "999 B"), Entry(nil, 1000, "1.0 KB"), Entry(nil, 2811, "2.8 KB"),
		Entry(nil, 999_949, "999.9 KB"), Entry(nil, 999_950, "1.0 MB"), Entry(nil, 16<<20, "16.8 MB"),
	)
	DescribeTable("latencies", func(d time.Duration, want string) { Expect(view.Latency(d)).To(Equal(want)) },
		Entry(nil, 800*time.Microsecond, "0.8 ms"), Entry(nil, 990*time.Microsecond, "1 ms"), Entry(nil, 41*time.Millisecond, "41 ms"),
		Entry(nil, 999_600*time.Microsecond, "1 s"), Entry(nil, 6200*time.Millisecond, "6.2 s"), Entry(nil, 125*time.Second, "2 min 5 s"),
		Entry(nil, -2*time.Second, "-2 s"),
	)
	DescribeTable("lengths of runs", func(d time.Duration, want string) { Expect(view.Elapsed(d)).To(Equal(want)) },
		Entry(nil, 8*time.Millisecond, "8 ms"), Entry(nil, 100*time.Millisecond, "0.1 s"), Entry(nil, 10*time.Second, "10 s"),
		Entry(nil, 59_960*time.Millisecond, "1 min"), Entry(nil, time.Duration(0), "0.0 ms"),
	)
	DescribeTable("virtual time", func(d time.Duration, want string) { Expect(view.Offset(d)).To(Equal(want)) },
		Entry(nil, time.Duration(0), "+0 h"), Entry(nil, time.Hour, "+1 h"), Entry(nil, 48*time.Hour+10*time.Minute, "+48 h 10 min"),
		Entry(nil, 90*time.Second, "+1 min 30 s"), Entry(nil, 250*time.Millisecond, "+250 ms"), Entry(nil, -time.Minute, "-1 min"),
	)
	DescribeTable("ids", func(id, want string) { Expect(view.ShortID(id)).To(Equal(want)) },
		Entry("ours", "evn_cmjv0x2k40001ksim9f3xq7ab", "evn_...9f3xq7ab"),
		Entry("another's", "ord_cjld2cjxh0000qzrmn831i7rn", "ord_...n831i7rn"),
		Entry("short", "evn_1", "evn_1"),
		Entry("none", "", ""),
	)
})

var _ = Describe("the dictionary", func() {
	It("has every phrase in both languages, with the same verbs", func() {
		verbs := regexp.MustCompile(`%[a-z]`)
		checked := 0
		var walk func(name string, es, en reflect.Value)
		walk = func(name string, es, en reflect.Value) {
			Expect(es.Kind()).To(Equal(en.Kind()), name)
			switch es.Kind() {
			case reflect.String:
				Expect(es.String()).NotTo(BeEmpty(), name)
				Expect(en.String()).NotTo(BeEmpty(), name)
				Expect(verbs.FindAllString(es.String(), -1)).To(Equal(verbs.FindAllString(en.String(), -1)), name)
				checked++
			case reflect.Struct:
				for i := range es.NumField() {
					walk(name+"."+es.Type().Field(i).Name, es.Field(i), en.Field(i))
				}
			case reflect.Map:
				Expect(es.Len()).To(And(BeNumerically(">", 0), Equal(en.Len())), name)
				for _, key := range es.MapKeys() {
					walk(fmt.Sprintf("%s[%v]", name, key), es.MapIndex(key), en.MapIndex(key))
				}
			case reflect.Slice:
				Expect(es.Len()).To(And(BeNumerically(">", 0), Equal(en.Len())), name)
				for i := range es.Len() {
					walk(fmt.Sprintf("%s[%d]", name, i), es.Index(i), en.Index(i))
				}
			}
		}
		walk("words", reflect.ValueOf(*view.In(lang.Spanish)), reflect.ValueOf(*view.In(lang.English)))
		Expect(checked).To(BeNumerically(">", 200))
	})
})
