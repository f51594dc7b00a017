package jsontree_test

import (
	"encoding/json"
	"os/exec"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

func obj(members ...any) *jsontree.Object {
	o := &jsontree.Object{}
	for i := 0; i < len(members); i += 2 {
		o.Members = append(o.Members, jsontree.Member{Name: members[i].(string), Value: members[i+1]})
	}
	return o
}

var _ = Describe("writing a tree", func() {
	// The right column is what PHP 8's json_encode prints for the left one.
	DescribeTable("strings as PHP's json_encode writes them",
		func(s, want string) {
			Expect(string(jsontree.Encode(s, jsontree.PHP))).To(Equal(`"` + want + `"`))
			Expect(string(jsontree.Encode(obj(s, nil), jsontree.PHP))).To(Equal(`{"` + want + `":null}`))
		},
		Entry("nothing", "", ``),
		Entry("ASCII", "Calle Hamburgo #218 & <b>", `Calle Hamburgo #218 & <b>`),
		Entry("slash", "https://a/b", `https:\/\/a\/b`),
		Entry("quote and backslash", `a"b\c`, `a\"b\\c`),
		Entry("apostrophe", "d'accord", `d'accord`),
		Entry("short escapes", "\b\f\n\r\t", `\b\f\n\r\t`),
		Entry("other controls", "\x00\x01\x0b\x1f", `\u0000\u0001\u000b\u001f`),
		Entry("DEL, which PHP leaves alone", "\x7f", "\x7f"),
		Entry("C1 control", "\u0085", `\u0085`),
		Entry("Latin", "Envío estándar ñ ¡", `Env\u00edo est\u00e1ndar \u00f1 \u00a1`),
		Entry("combining accent", "e\u0301", `e\u0301`),
		Entry("line and paragraph separator", "\u2028\u2029", `\u2028\u2029`),
		Entry("euro and CJK", "€漢", `\u20ac\u6f22`),
		Entry("byte order mark and last of the plane", "\ufeff\uffff", `\ufeff\uffff`),
		Entry("replacement character", "\ufffd", `\ufffd`),
		Entry("first above the plane", "\U00010000", `\ud800\udc00`),
		Entry("emoji", "😀", `\ud83d\ude00`),
		Entry("emoji with modifier and joiner", "👩🏽‍💻", `\ud83d\udc69\ud83c\udffd\u200d\ud83d\udcbb`),
		Entry("last character of all", "\U0010ffff", `\udbff\udfff`),
	)

	It("agrees with PHP itself where it is installed", func(ctx SpecContext) {
		php, err := exec.LookPath("php")
		if err != nil {
			Skip("php is not installed")
		}
		var all strings.Builder
		for r := rune(0); r <= 0x2fff; r++ {
			if r < 0xd800 || r > 0xdfff {
				all.WriteRune(r)
			}
		}
		all.WriteString("\ue000\uffff\U00010000\U0001f600\U0010fffd")
		tree := obj("s", all.String(), "n", nil, "t", true, "f", false, "i", json.Number("-12"), "a", []any{}, "l", []any{json.Number("1"), "b"}, "o", obj("x/y", "z"))
		cmd := exec.CommandContext(ctx, php, "-r", `echo json_encode(json_decode(stream_get_contents(STDIN)));`)
		cmd.Stdin = strings.NewReader(string(jsontree.Encode(tree, jsontree.Plain)))
		out, err := cmd.Output()
		Expect(err).NotTo(HaveOccurred())
		Expect(string(jsontree.Encode(tree, jsontree.PHP))).To(Equal(string(out)))
	})

	It("keeps plain text plain", func() {
		Expect(string(jsontree.Encode("a/b é 😀 \u2028 \" \\ \n \x01 \x7f", jsontree.Plain))).
			To(Equal(`"a/b é 😀 ` + "\u2028" + ` \" \\ \n \u0001 ` + "\x7f" + `"`))
	})

	It("writes values in every style", func() {
		tree := obj("b", json.Number("1.50"), "a", []any{nil, true, false, obj(), []any{}}, "c", obj("d", "/"))
		Expect(string(jsontree.Encode(tree, jsontree.PHP))).To(Equal(`{"b":1.50,"a":[null,true,false,{},[]],"c":{"d":"\/"}}`))
		Expect(string(jsontree.Encode(tree, jsontree.Plain))).To(Equal(`{"b":1.50,"a":[null,true,false,{},[]],"c":{"d":"/"}}`))
		Expect(string(jsontree.Encode(tree, jsontree.Pretty))).To(Equal("{\n  \"b\": 1.50,\n  \"a\": [\n    null,\n    true,\n    false,\n    {},\n    []\n  ],\n  \"c\": {\n    \"d\": \"/\"\n  }\n}"))
	})

	It("appends", func() {
		Expect(string(jsontree.Append([]byte("x="), obj("a", "b"), jsontree.Plain))).To(Equal(`x={"a":"b"}`))
	})

	It("stays valid JSON with bytes that are not UTF-8", func() {
		for _, s := range []jsontree.Style{jsontree.PHP, jsontree.Plain, jsontree.Pretty} {
			out := jsontree.Encode("a\xff\xc3é", s)
			Expect(json.Valid(out)).To(BeTrue())
			doc, err := jsontree.Parse(out)
			Expect(err).NotTo(HaveOccurred())
			Expect(doc.Root).To(Equal("a\ufffd\ufffdé"))
		}
	})

	It("makes trees of what is none on the way", func() {
		Expect(string(jsontree.Encode(obj("n", 3, "l", []string{"a"}), jsontree.PHP))).To(Equal(`{"n":3,"l":["a"]}`))
		Expect(string(jsontree.Encode(map[string]any{"b": 1, "a": nil}, jsontree.Pretty))).To(Equal("{\n  \"a\": null,\n  \"b\": 1\n}"))
		Expect(string(jsontree.Encode([]any{(*jsontree.Object)(nil), json.Number("")}, jsontree.Pretty))).To(Equal("[\n  null,\n  0\n]"))
	})

	It("lists its styles, PHP first", func() {
		Expect(jsontree.Styles()).To(Equal([]jsontree.Style{jsontree.PHP, jsontree.Plain, jsontree.Pretty}))
	})
})
