package jsontree_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func syntaxError(err error) *jsontree.SyntaxError {
	GinkgoHelper()
	var s *jsontree.SyntaxError
	Expect(errors.As(err, &s)).To(BeTrue(), "%v", err)
	return s
}

var _ = Describe("parsing", func() {
	It("keeps order, duplicates and the text of numbers", func() {
		doc, err := jsontree.Parse([]byte(` {"b":1.50,"a":[-0,1E+2],"b":"\u00e9\ud83d\ude00\/"} `))
		Expect(err).NotTo(HaveOccurred())
		Expect(doc.Root).To(Equal(obj("b", json.Number("1.50"), "a", []any{json.Number("-0"), json.Number("1E+2")}, "b", "é😀/")))
		Expect(doc.Duplicates()).To(Equal([]jsontree.Duplicate{{Path: "b", Line: 1, Column: 26}}))
	})

	DescribeTable("says what is wrong and where", func(text string, line, column int, want string) {
		_, err := jsontree.Parse([]byte(text))
		s := syntaxError(err)
		Expect(s.Msg.EN).To(ContainSubstring(want))
		Expect(s.Msg.ES).NotTo(Equal(s.Msg.EN))
		Expect([]int{s.Line, s.Column}).To(Equal([]int{line, column}))
		Expect(s.Error()).To(HavePrefix(fmt.Sprintf("line %d, column %d: ", line, column)))
	},
		Entry(nil, "", 1, 1, "expected a value, found the end of the input"),
		Entry(nil, "{\n \"é\": 01}", 2, 7, "leading zero"),
		Entry(nil, `{"a":1,}`, 1, 7, "a comma after the last field"),
		Entry(nil, `[1,]`, 1, 3, "a comma after the last element"),
		Entry(nil, `[1 2]`, 1, 4, "expected , or ] after an array's element, found '2'"),
		Entry(nil, `{"a" 1}`, 1, 6, "expected : after a field's name"),
		Entry(nil, `{a:1}`, 1, 2, "expected a field's name in double quotes, found 'a'"),
		Entry(nil, `{"a":1 "b":2}`, 1, 8, "expected , or } after an object's field"),
		Entry(nil, `'a'`, 1, 1, `expected a value, found '\''`),
		Entry(nil, `"abc`, 1, 1, "a string that never ends"),
		Entry(nil, "\"a\nb\"", 1, 3, `control character '\n' in a string: escape it`),
		Entry(nil, `"\x"`, 1, 2, `JSON has no escape \x`),
		Entry(nil, `"\u12g4"`, 1, 2, `\u without four hex digits`),
		Entry(nil, `"\ud800"`, 1, 2, "half of a surrogate pair"),
		Entry(nil, `"\udc00\ud800"`, 1, 2, "half of a surrogate pair"),
		Entry(nil, `"\`, 1, 2, "a string that never ends"),
		Entry(nil, `tru`, 1, 1, "expected true"),
		Entry(nil, `-`, 1, 1, "a number that is not JSON"),
		Entry(nil, `1.`, 1, 1, "a number that is not JSON"),
		Entry(nil, `NaN`, 1, 1, "expected a value, found 'N'"),
		Entry(nil, `{} {}`, 1, 4, "expected the end after the JSON value, found '{'"),
		Entry(nil, "\ufeff{}", 1, 1, "byte order mark"),
		Entry(nil, "{\"a\":\"\xff\"}", 1, 7, "byte 0xff is not UTF-8"),
	)

	It("points at the place", func() {
		_, err := jsontree.Parse([]byte("{\n\t\"price\": 01,\n}"))
		Expect(syntaxError(err).Excerpt).To(Equal("  2 |  \"price\": 01,\n    |           ^"))
	})

	It("shows a piece of a long line only, without control characters", func() {
		_, err := jsontree.Parse([]byte(`{"a":"` + strings.Repeat("x", 1000) + "\x1b[2J" + strings.Repeat("y", 1000) + `"}`))
		excerpt := syntaxError(err).Excerpt
		lines := strings.Split(excerpt, "\n")
		Expect(lines).To(HaveLen(2))
		Expect(len([]rune(lines[0]))).To(BeNumerically("<", 90))
		Expect(lines[0]).To(And(HavePrefix("  1 | …x"), ContainSubstring("x\ufffd[2Jy"), HaveSuffix("y…")))
		Expect([]rune(lines[0])[strings.Index(lines[1], "^")]).To(Equal('\ufffd'))
	})

	It("bounds the depth as encoding/json does", func() {
		deep := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
		doc, err := jsontree.Parse(deep(10_000))
		Expect(err).NotTo(HaveOccurred())
		Expect(jsontree.Encode(doc.Root, jsontree.PHP)).To(Equal(deep(10_000)))
		_, err = jsontree.Parse(deep(10_001))
		Expect(err).To(MatchError(ContainSubstring("nested deeper than 10000")))
		_, err = jsontree.Parse([]byte(strings.Repeat(`{"a":`, 1<<20)))
		Expect(err).To(MatchError(ContainSubstring("nested deeper than 10000")))
	})

	It("finds the duplicates of a large object, and stops listing them", func() {
		var b strings.Builder
		b.WriteString(`{"k0":0`)
		for i := range 5000 {
			fmt.Fprintf(&b, `,"k%d":%d`, i%2500, i)
		}
		b.WriteString("}")
		doc, err := jsontree.Parse([]byte(b.String()))
		Expect(err).NotTo(HaveOccurred())
		Expect(doc.Duplicates()).To(HaveLen(100))
		Expect(doc.Duplicates()[0].Path).To(Equal("k0"))
	})

	It("knows where values stood", func() {
		doc, err := jsontree.Parse([]byte("{\n  \"ñ\": {\"items\": [1,\n    {\"price\": 2}]},\n  \"ñ\": {\"items\": [\n7]}\n}"))
		Expect(err).NotTo(HaveOccurred())
		at := func(path string) []int {
			line, column := doc.Position(path)
			return []int{line, column}
		}
		Expect(at("")).To(Equal([]int{1, 1}))
		Expect(at("ñ")).To(Equal([]int{4, 8}), "the last of two counts")
		Expect(at("ñ.items[0]")).To(Equal([]int{5, 1}))
		Expect(at("ñ.items[3].price")).To(Equal([]int{4, 18}), "the nearest that exists")
		Expect(at("other.x")).To(Equal([]int{1, 1}))
		Expect(at("no path [")).To(Equal([]int{1, 1}))
		Expect(doc.Mistake("a.json", "ñ.items[0]", lang.Errorf("mal", "bad"))).To(MatchError("a.json:5:1: bad\n  5 | 7]}\n    | ^"))
	})
})
