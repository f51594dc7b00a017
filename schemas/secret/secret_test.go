package secret_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/schemas/secret"
)

func TestSecret(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "schemas/secret")
}

var _ = DescribeTable("URL hides", func(raw, want string) { Expect(secret.URL(raw)).To(Equal(want)) },
	Entry("user and password", "http://u:p@h/x?key=1&a=2", "http://***@h/x?key=***&a=2"),
	Entry("a path that nobody can guess", "https://h/hooks/9f8a7d6c5b4a39281706f5e4/x", "https://h/hooks/***/x"),
	Entry("a UUID", "https://h/550e8400-e29b-41d4-a716-446655440000", "https://h/***"),
	Entry("a value that looks drawn", "http://h/?x=a1b2c3d4e5f6a7b8c9d0", "http://h/?x=***"),
	Entry("a key in a path", "http://h/sk_live_abcd1234/x", "http://h/***/x"),
	Entry("no words", "http://h/kometia/webhooks-de-la-tienda-2026/receive?page=12", "http://h/kometia/webhooks-de-la-tienda-2026/receive?page=12"),
	Entry("no id of an event of ours", "http://h/e/evn_cabc1ksim2def3ghi4jkl5", "http://h/e/evn_cabc1ksim2def3ghi4jkl5"),
)

var _ = DescribeTable("Shapes hides", func(text, want string) { Expect(secret.Shapes(text)).To(Equal(want)) },
	Entry("keys", "key sk_live_abcdef123456.", "key ***."),
	Entry("bearer tokens", "Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer ***"),
	Entry("JWTs", "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-_x y", "x *** y"),
	Entry("logins", "postgres://app:s3cret@db/x", "postgres://***@db/x"),
	Entry("nothing else", "no bearer of news, sk_ and eyJ", "no bearer of news, sk_ and eyJ"),
)

var _ = DescribeTable("Mask stars out, character for character,", func(line, want string) { Expect(secret.Mask(line)).To(Equal(want)) },
	Entry("what stands behind the key of a secret", "  Authorization: Basic abc", "  Authorization: ***** ***"),
	Entry("a quoted key", `  "X-Api-Key": "abc", a: b`, `  "X-Api-Key": ****** ** *`),
	Entry("a key in braces", "headers: {X-Token: abc}", "headers: {X-Token: ****"),
	Entry("a login", "target: http://u:hunter2@h/", "target: http://*********@h/"),
	Entry("no other line", "timeout: 10s", "timeout: 10s"),
)

var _ = Describe("Hider", func() {
	It("hides every spelling of a secret", func() {
		h := &secret.Hider{}
		h.Add(`pa"s&word`, "short")
		for _, s := range []string{`pa"s&word`, `pa\"s\u0026word`, "pa&#34;s&amp;word", "pa%22s%26word", "cGEicyZ3b3Jk"} {
			Expect(h.Hide("<" + s + ">")).To(Equal("<***>"))
		}
		Expect(h.Hide("short")).To(Equal("short"))
	})

	// What receivers make of a text, and our own formats of that.
	escapes := map[string]func(string) string{
		"JSON, slashes too, as PHP": func(s string) string { return strings.ReplaceAll(quotedJSON(s), "/", `\/`) },
		"JSON":                      quotedJSON,
		"JSON in ASCII, lower case": func(s string) string { return eachUnit(s, `\u%04x`) },
		"JSON in ASCII, upper case": func(s string) string { return eachUnit(s, `\u%04X`) },
		"HTML":                      html.EscapeString,
		"HTML in hexadecimal":       func(s string) string { return eachRune(s, "&#x%x;") },
		"HTML in decimal":           func(s string) string { return eachRune(s, "&#%d;") },
		"Markdown": func(s string) string {
			return strings.NewReplacer("%", "%&#8203;", "&", "&amp;&#8203;", "#", "#&#8203;").Replace(s)
		},
		"HTML by name":                  strings.NewReplacer("&", "&amp;", "/", "&sol;", "+", "&plus;", "=", "&equals;", `"`, "&quot;", "'", "&apos;").Replace,
		"a query":                       url.QueryEscape,
		"a path":                        url.PathEscape,
		"a path, all of it, lower case": func(s string) string { return eachByte(s, "%%%02x") },
		"a string of source code":       func(s string) string { return strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) },
		"a string of JavaScript":        func(s string) string { return eachRune(s, `\u{%x}`) },
		"a string of SQL":               func(s string) string { return strings.ReplaceAll(s, "'", "''") },
		"nothing":                       func(s string) string { return s },
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(escapes)), func(name string) bool { return name == "Markdown" }) // which is ours

	It("hides a secret in any spelling, and in that of a spelling, however it is cut into writes", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			value := rapid.StringOfN(rapid.RuneFrom([]rune("abAB019/+=&%\\\"'<>#;: ué\n😀")), 6, 20, -1).Draw(t, "value")
			first, second := rapid.SampledFrom(names).Draw(t, "first"), rapid.SampledFrom([]string{"JSON", "HTML", "Markdown", "nothing"}).Draw(t, "second")
			h := &secret.Hider{}
			h.Add(value)
			text := "<" + escapes[second](escapes[first](value)) + ">"
			if got := h.Hide(text); got != "<***>" {
				t.Fatalf("%q: %q became %q", value, text, got)
			}
			at := rapid.IntRange(0, len(text)).Draw(t, "at")
			var out strings.Builder
			w := h.Writer(&out)
			for _, part := range []string{text[:at], text[at:]} {
				if _, err := w.Write([]byte(part)); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Flush(); err != nil || strings.ReplaceAll(out.String(), "&#8203;", "") != "<***>" {
				t.Fatalf("%q in two: %q became %q", value, text, out.String())
			}
		})
	})

	It("hides a secret in base64, whatever stands around it", func() {
		h := &secret.Hider{}
		h.Add("q83/vX+9secret")
		for _, around := range []string{"", "a", "ab", "abc", "user:", "me@example.com:"} {
			for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
				Expect(h.Hide(encoding.EncodeToString([]byte(around+"q83/vX+9secret"+around)))).To(ContainSubstring("***"), around)
			}
		}
	})

	It("hides what an excerpt has cut of a secret", func() {
		h := &secret.Hider{}
		h.Add(`q83/vX+9"Kz&1x`)
		for text, want := range map[string]string{
			"q83/vX+…": "***…", `q83\/vX+9...`: "***...", `q83/vX+9"Kz&am…”`: "***…”", `q83/vX+9\u00…`: "***…", "q83/v…": "q83/v…", "q83/vX+9 a…": "q83/vX+9 a…",
		} {
			Expect(h.Hide(text)).To(Equal(want))
		}
	})

	It("leaves what is none as it is, and takes no long time for what looks like the beginning of many", func() {
		h := &secret.Hider{}
		h.Add("q83/vX+9secret")
		for _, text := range []string{"q83/vX", `q83\u002`, "a&amp;b 100 % + &#x", strings.Repeat(`\`, 1<<20), strings.Repeat("%25", 1<<18), "&" + strings.Repeat("amp;", 1<<18), strings.Repeat(`\u005c`, 1<<17), strings.Repeat("q83/", 1<<18)} {
			if h.Hide(text) != text { // too long for a matcher to show
				Fail(text[:6])
			}
		}
	})

	It("hides a secret however it is cut into writes, and loses nothing", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			h := &secret.Hider{}
			h.Add("abcabcab")
			text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "c", "abcabc", "abcabcab"})).Draw(t, "text"), "")
			var out strings.Builder
			w := h.Writer(&out)
			for rest := text; rest != ""; {
				n := rapid.IntRange(1, len(rest)).Draw(t, "n")
				if _, err := w.Write([]byte(rest[:n])); err != nil {
					t.Fatal(err)
				}
				rest = rest[n:]
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
			if out.String() != h.Hide(text) {
				t.Fatalf("%q became %q", text, out.String())
			}
		})
	})
})

func quotedJSON(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(quoted[1 : len(quoted)-1])
}

func eachRune(s, format string) string {
	var b strings.Builder
	for _, r := range s {
		fmt.Fprintf(&b, format, r)
	}
	return b.String()
}

func eachUnit(s, format string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, format, unit)
	}
	return b.String()
}

func eachByte(s, format string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, format, s[i])
	}
	return b.String()
}
