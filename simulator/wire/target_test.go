package wire_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("ParseTarget", func() {
	DescribeTable("keeps the URL given as the URL used",
		func(raw, host, uri string) {
			t := target(raw)
			Expect(t.URL()).To(Equal(raw))
			Expect(t.Host()).To(Equal(host))
			Expect(t.RequestURI()).To(Equal(uri))
		},
		Entry("plain", "http://localhost:8000/kometia/webhook", "localhost:8000", "/kometia/webhook"),
		Entry("no path", "http://localhost", "localhost", "/"),
		Entry("query without path", "http://localhost?a=1", "localhost", "/?a=1"),
		Entry("default port left out of Host", "http://localhost:80/", "localhost", "/"),
		Entry("default port of https", "https://localhost:443/", "localhost", "/"),
		Entry("http port on https", "https://localhost:80/", "localhost:80", "/"),
		Entry("leading zeros in the port", "http://localhost:08000/", "localhost:8000", "/"),
		Entry("empty port", "http://localhost:/x", "localhost", "/x"),
		Entry("escapes as given", "http://h/%7euser/a%2Fb/%c3%b1?q=%20", "h", "/%7euser/a%2Fb/%c3%b1?q=%20"),
		Entry("semicolons, dots and double slashes", "http://h//a/../b;v=1//?x=1;y=2", "h", "//a/../b;v=1//?x=1;y=2"),
		Entry("empty query", "http://h/x?", "h", "/x?"),
		Entry("fragment never sent", "http://h/x?a=1#top", "h", "/x?a=1"),
		Entry("fragment after the host", "http://h#top", "h", "/"),
		Entry("brackets and quotes in the query", `http://h/x?a[]=1&b="'`, "h", `/x?a[]=1&b="'`),
		Entry("only bytes outside ASCII are encoded", "http://h/año?ñ=1", "h", "/a%C3%B1o?%C3%B1=1"),
		Entry("IPv6", "http://[::1]:8000/x", "[::1]:8000", "/x"),
		Entry("IPv6 with zone", "http://[fe80::1%25eth0]/x", "[fe80::1]", "/x"),
		Entry("IPv4", "http://127.0.0.1:8000", "127.0.0.1:8000", "/"),
		Entry("international name", "https://compañía.example/x", "xn--compaa-7va5a.example", "/x"),
		Entry("userinfo is not part of Host", "http://user:pa%20ss@h/x", "h", "/x"),
		Entry("scheme in capitals", "HTTP://h/x", "h", "/x"),
		Entry("underscore in the name", "http://web_app:3000/", "web_app:3000", "/"),
		Entry("final dot", "http://localhost./", "localhost.", "/"),
		Entry("@ in the path", "http://h/x@y?z=a@b", "h", "/x@y?z=a@b"),
	)

	DescribeTable("says what is wrong and how to fix it",
		func(raw, want string) {
			_, err := wire.ParseTarget(raw)
			Expect(err).To(MatchError(ContainSubstring(want)))
			Expect(err.Error()).NotTo(ContainSubstring("hunter2"))
			Expect(err.Error()).NotTo(ContainSubstring("\n"))
		},
		Entry("empty", "", "it is empty: use for example http://localhost:8000/"),
		Entry("no scheme", "localhost:8000/x", "missing scheme: use http://localhost:8000/x"),
		Entry("no scheme, a URL in the query", "localhost:8000/x?u=http://y", "missing scheme: use http://localhost:8000/x?u=http://y"),
		Entry("no scheme, address", "127.0.0.1:8000", "missing scheme: use http://127.0.0.1:8000"),
		Entry("network path", "//localhost/x", "missing scheme: use http://localhost/x"),
		Entry("only a path", "/x", "missing scheme: use http://localhost:8000/x"),
		Entry("no scheme before ://", "://localhost/x", "missing scheme: use http://localhost/x"),
		Entry("one slash", "http:/localhost/x", "malformed scheme: use http://localhost/x"),
		Entry("no slash", "https:localhost/x", "malformed scheme: use https://localhost/x"),
		Entry("no scheme but a password", "user:hunter2@localhost/x", "missing scheme: use http://***@localhost/x"),
		Entry("other scheme", "ftp://localhost/x", `unsupported scheme "ftp": use http or https`),
		Entry("no host", "http:///x", "missing host"),
		Entry("nothing after the scheme", "http://", "missing host"),
		Entry("scheme alone", "http:", "missing host"),
		Entry("only a port", "http://:8000/", "missing host"),
		Entry("only a user", "http://user:hunter2@/x", "missing host"),
		Entry("port not a number", "http://localhost:80a/", `bad port "80a": use a number from 1 to 65535`),
		Entry("port too large", "http://localhost:65536/", `bad port "65536"`),
		Entry("port zero", "http://localhost:0/", `bad port "0"`),
		Entry("negative port", "http://localhost:-1/", `bad port "-1"`),
		Entry("space in front", " http://localhost/a", "there are blanks at the beginning or the end: remove them"),
		Entry("space behind", "http://localhost/a ", "there are blanks at the beginning or the end: remove them"),
		Entry("space", "http://localhost/a b", "space at position 19: write it as %20"),
		Entry("line feed", "http://localhost/a\nX: y", `control character '\n' at position 19`),
		Entry("NUL", "http://localhost/\x00", "control character"),
		Entry("DEL", "http://localhost/\x7f", "control character"),
		Entry("bad escape", "http://localhost/%zz", `bad escape "%zz": write a percent sign as %25`),
		Entry("short escape", "http://localhost/100%", `bad escape "%": write a percent sign as %25`),
		Entry("bad escape in the query", "http://localhost/?q=100%&b", `bad escape "%&b"`),
		Entry("bad escape in the password", "http://user:hunter2%@h/", "bad escape in the user or password"),
		Entry("slash in the password", "http://user:hunter2/x@h/", `write "/", "?" and "#" in a password as %2F`),
		Entry("hash in the password", "http://user:hunter2#x@h/", `write "/", "?" and "#" in a password as %2F`),
		Entry("IPv6 without brackets", "http://::1:8000/", "write an IPv6 address in brackets"),
		Entry("open bracket", "http://[::1/", "the bracket is not closed"),
		Entry("text after the bracket", "http://[::1]x/", "after the bracket only a port may follow"),
		Entry("IPv4 in brackets", "http://[127.0.0.1]/", "bad IPv6 address"),
		Entry("line feed in the zone", "http://[fe80::1%250a%0a]/", "bad IPv6 address"),
		Entry("empty label", "http://a..b/", "every part between dots"),
		Entry("escape in the host", "http://a%41/", "cannot stand in a host name"),
		Entry("comma in the host", "http://a,b/", "cannot stand in a host name"),
		Entry("backslash in the host", `http://a\b/`, "cannot stand in a host name"),
		Entry("bad international name", "http://ñ\u2028.example/", "no valid international name"),
	)

	DescribeTable("hides secrets for show",
		func(raw, want string) {
			t := target(raw)
			Expect(t.String()).To(Equal(want))
			for _, verb := range []string{"%v", "%+v", "%s", "%#v", "%q"} {
				Expect(fmt.Sprintf(verb, t)).NotTo(ContainSubstring("hunter2"))
			}
		},
		Entry("nothing to hide", "http://h:1/x?a=1", "http://h:1/x?a=1"),
		Entry("user and password", "http://user:hunter2@h/x", "http://***@h/x"),
		Entry("user alone", "http://hunter2@h/x", "http://***@h/x"),
		Entry("@ in the password", "http://u:a@hunter2@h/x", "http://***@h/x"),
		Entry("token", "http://h/x?token=hunter2&a=1", "http://h/x?token=***&a=1"),
		Entry("any spelling", "http://h/x?Api-Key=hunter2;X_SIGNATURE=hunter2&access%5Ftoken=hunter2", "http://h/x?Api-Key=***;X_SIGNATURE=***&access%5Ftoken=***"),
		Entry("escaped name", "http://h/x?%74oken=hunter2", "http://h/x?%74oken=***"),
		Entry("client secret and password", "http://h/x?client_secret=hunter2&password=hunter2&sig=hunter2", "http://h/x?client_secret=***&password=***&sig=***"),
		Entry("fragment", "http://h/x#access_token=hunter2", "http://h/x"),
		Entry("flag without value", "http://h/x?token", "http://h/x?token"),
	)

	DescribeTable("knows loopback without DNS",
		func(host string, want bool) { Expect(target("http://" + host + "/").Loopback()).To(Equal(want)) },
		Entry(nil, "127.0.0.1", true), Entry(nil, "127.8.9.10:99", true), Entry(nil, "[::1]", true),
		Entry(nil, "[::ffff:127.0.0.1]", true), Entry(nil, "localhost", true), Entry(nil, "LocalHost.", true),
		Entry(nil, "app.localhost:3000", true), Entry(nil, "0.0.0.0:8000", true), Entry(nil, "[::]:8000", true),
		Entry(nil, "128.0.0.1", false), Entry(nil, "localhost.example.com", false), Entry(nil, "notlocalhost", false),
		Entry(nil, "127.0.0.1.nip.io", false), Entry(nil, "127.1", false), Entry(nil, "2130706433", false),
		Entry(nil, "[::2]", false), Entry(nil, "10.0.0.1", false), Entry(nil, "localtest.me", false),
	)

	DescribeTable("knows public hosts without DNS",
		func(host string, want bool) { Expect(target("http://" + host + "/").Public()).To(Equal(want)) },
		Entry(nil, "tienda.mx", true), Entry(nil, "Erp.Tienda.MX.:8443", true), Entry(nil, "example.com", true),
		Entry(nil, "pruebas.latest", true), Entry(nil, "internal.tienda.mx", true), Entry(nil, "münchen.de", true),
		Entry(nil, "8.8.8.8", true), Entry(nil, "172.32.0.1", true), Entry(nil, "[2606:4700::1]", true),
		Entry(nil, "127.0.0.1", false), Entry(nil, "0.0.0.0", false), Entry(nil, "[::1]", false), Entry(nil, "127.1", false),
		Entry(nil, "10.1.2.3", false), Entry(nil, "172.16.0.1", false), Entry(nil, "192.168.1.1", false),
		Entry(nil, "169.254.0.1", false), Entry(nil, "100.64.0.1", false), Entry(nil, "203.0.113.7", false),
		Entry(nil, "[fd00::1]", false), Entry(nil, "[fe80::1%25eth0]", false), Entry(nil, "[::ffff:10.0.0.1]", false),
		Entry(nil, "[2001:db8::1]", false), Entry(nil, "localhost", false), Entry(nil, "app.localhost", false),
		Entry(nil, "web", false), Entry(nil, "web.", false), Entry(nil, "app_1", false), Entry(nil, "raspi.local", false),
		Entry(nil, "app.TEST.", false), Entry(nil, "shop.example", false), Entry(nil, "erp.internal", false),
		Entry(nil, "a.invalid", false), Entry(nil, "nas.home.arpa", false),
	)

	It("gives the same server with another path", func() {
		t := target("https://user:pass@h:444/x?a=1#f")
		other, err := t.WithRequestURI("/nope?b")
		Expect(err).NotTo(HaveOccurred())
		Expect(other.URL()).To(Equal("https://user:pass@h:444/nope?b"))
		Expect(other.Scheme() + " " + other.Hostname() + " " + other.Port() + " " + other.Path()).To(Equal("https h 444 /nope"))
		Expect(other.Secure()).To(BeTrue())
		crossed, err := t.WithOtherScheme()
		Expect(err).NotTo(HaveOccurred())
		Expect(crossed.Secure()).NotTo(Equal(t.Secure()))
		Expect(crossed.Port()).To(Equal(t.Port()))
		Expect(crossed.RequestURI()).To(Equal(t.RequestURI()))
		Expect(crossed.URL()).NotTo(ContainSubstring("@"))

		_, err = t.WithRequestURI("/a b")
		Expect(err).To(MatchError(ContainSubstring("space at position")))
	})

	It("hides what it can of a URL that is none", func() {
		Expect(wire.Redact("//u:p@h/x?key=1")).To(Equal("//***@h/x?key=***"))
		Expect(wire.Redact("/login?next=/x&token=1")).To(Equal("/login?next=/x&token=***"))
		Expect(wire.SecretName("monkey_business")).To(BeFalse())
	})
})
