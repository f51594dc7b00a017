package secret_test

import (
	"strings"
	"testing"

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
