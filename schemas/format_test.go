package schemas_test

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

var _ = Describe("formats", Ordered, func() {
	var c *schemas.Catalogue

	BeforeAll(func() {
		var properties []string
		for _, format := range []string{
			"date", "date-time", "email", "hostname", "idn-email", "ipv4", "ipv6", "iri", "iri-reference", "json-pointer", "regex",
			"relative-json-pointer", "time", "uri", "uri-reference", "uri-template", "uuid",
		} {
			properties = append(properties, fmt.Sprintf(`%q: {"format": %q}`, format, format))
		}
		var err error
		c, err = schemas.Load(overlay(map[string]string{"a.json": `{"x-object": "formats", "properties": {` + strings.Join(properties, ",") + `}}`}))
		Expect(err).NotTo(HaveOccurred())
	})

	holds := func(format string, value any) bool {
		return verdict(c.ValidateObject("formats", &jsontree.Object{Members: []jsontree.Member{{Name: format, Value: value}}}))
	}

	DescribeTable("are strict", func(format string, good, bad []string) {
		for _, s := range good {
			Expect(holds(format, s)).To(BeTrue(), "%s %q", format, s)
		}
		for _, s := range bad {
			Expect(holds(format, s)).To(BeFalse(), "%s %q", format, s)
		}
		for _, v := range []any{nil, true, number("5"), number("1E400"), []any{}, &jsontree.Object{}} {
			Expect(holds(format, v)).To(BeTrue(), "%s of %v", format, v)
		}
	},
		Entry("email", "email",
			[]string{"joe@example.com", "j.o+e@a-b.example.com", "joe@localhost", "o'neil@example.com", strings.Repeat("j", 64) + "@example.com"},
			[]string{
				"", "joe", "@example.com", "joe@", "joe@@example.com", "Joe <joe@example.com>", "<joe@example.com>", "jöe@example.com", "joe@exämple.com", ".joe@example.com",
				"joe.@example.com", "j..e@example.com", "joe@-example.com", "joe@example..com", "joe@example.com.", "joe@example.com\n", " joe@example.com",
				"joe@exa mple.com", strings.Repeat("j", 65) + "@example.com", "joe@" + strings.Repeat("a", 64) + ".com",
			}),
		Entry("idn-email", "idn-email", []string{"jöe@example.com"}, []string{"", "joe", "Joe <joe@example.com>"}),
		Entry("hostname", "hostname", []string{"a", "example.com", "xn--a-0"}, []string{"", "-a", "a-", "a..b", "a_b", "a.", strings.Repeat("a.", 127) + "aa"}),
		Entry("ipv4", "ipv4", []string{"127.0.0.1", "255.255.255.255"}, []string{"", "1.2.3", "256.1.1.1", "01.2.3.4", "::ffff:1.2.3.4", "::1.2.3.4", "1.2.3.4 ", "1.2.3.4/8"}),
		Entry("ipv6", "ipv6", []string{"::1", "::ffff:1.2.3.4", "2001:db8::1"}, []string{"", "1.2.3.4", "::1%eth0", "1:2", "::g"}),
		Entry("date", "date", []string{"2026-02-28", "2024-02-29"}, []string{"", "2026-02-29", "2026-2-28", "20260228", "2026-02-28T00:00:00Z"}),
		Entry("time", "time", []string{"12:00:00Z", "23:59:60Z", "12:00:00.5+05:30"}, []string{"", "12:00:00", "24:00:00Z", "12:00Z", "12:00:00,5Z", "12:00:00+24:00"}),
		Entry("date-time", "date-time", []string{"2026-01-01T00:00:00Z", "2026-01-01t00:00:00.123-06:00", "2016-12-31T23:59:60Z"},
			[]string{"", "2026-01-01", "12:00:00", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z", "2026-01-01T00:00:00Z "}),
		Entry("uri", "uri", []string{"https://a.example/b?c#d", "mailto:joe@example.com", "urn:a:b"}, []string{"", "/a", "a b:c", "http://a b", `http://a\b`, "http://ñ", "http://[::1", "1a:b", "http://a/{b}"}),
		Entry("uri-reference", "uri-reference", []string{"", "/a", "a", "#b", "https://a"}, []string{"a b", `a\b`, "%zz", "ñ"}),
		Entry("iri", "iri", []string{"https://ñ.example/á"}, []string{"", "/ñ", "https://ñ b"}),
		Entry("iri-reference", "iri-reference", []string{"/ñ", ""}, []string{"a b", `\`}),
		Entry("uri-template", "uri-template", []string{"/a/{id}", "", "/{a}{b}"}, []string{"/{a", "/a}", "/{}", "/ {a}"}),
		Entry("uuid", "uuid", []string{"123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"}, []string{"", "123e4567e89b12d3a456426614174000", "g23e4567-e89b-12d3-a456-426614174000"}),
		Entry("regex", "regex", []string{"", "^a+$"}, []string{"(", "a**"}),
		Entry("json-pointer", "json-pointer", []string{"", "/a/0", "/~0~1"}, []string{"a", "/~2", "#/a"}),
		Entry("relative-json-pointer", "relative-json-pointer", []string{"0", "1/a", "2#"}, []string{"", "/a", "01", "-1"}),
	)
})
