package diagnose_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("Diagnose", func() {
	table := diagnose.Builtin()

	It("knows what real receivers answer", func() {
		seen := map[string]bool{}
		for _, f := range fixtures() {
			seen[f.File] = true
			By(f.File)
			d := table.Diagnose(request(f.URL, f.Accept), answer(f.File))
			if f.Code == "" {
				Expect(d).To(BeNil(), f.File)
				continue
			}
			Expect(d).NotTo(BeNil(), f.File)
			Expect(d.Code).To(Equal(f.Code), "%s: %+v", f.File, d)
			Expect(d.Certainty).To(Equal(f.Certainty), "%s: %+v", f.File, d)
			Expect(d.Evidence.ES+" "+d.Evidence.EN).To(ContainSubstring(f.Evidence), f.File)
			Expect(d.Fixes).NotTo(BeEmpty())
			if f.Fix != "" {
				Expect(d.Fixes[0].For.ES).To(Equal(f.Fix), f.File)
			}
			sound(d)
		}
		Expect(len(seen)).To(BeNumerically(">=", 150))
		for _, name := range answerFiles() {
			Expect(seen).To(HaveKey(name), "stands in no expectation")
		}
	})

	// RECEIVERS: failures that look like CSRF and are not.
	It("never takes a look-alike for certain CSRF", func() {
		for _, f := range fixtures() {
			for _, kind := range []string{"host", "rest-auth", "rest-perm", "403-meta", "trace-", "waf", "modsec", "fastapi", "valid", "429", "nginx", "apache", "sendstatus", "bare"} {
				if !strings.Contains(f.File, kind) {
					continue
				}
				if d := table.Diagnose(request(f.URL, ""), answer(f.File)); d != nil {
					Expect(diagnose.IsCSRF(d.Code)).To(BeFalse(), "%s: %s", f.File, d.Code)
				}
			}
		}
	})

	It("finds Rails' marker far into a page of 93 KB", func() {
		page := strings.Repeat("x", 4745-len("<html>")) // bytes before the marker, as measured
		body := "<html>" + page + "ActionController::InvalidAuthenticityToken" + strings.Repeat("y", 88000)
		out := &wire.Outcome{Status: 422, Body: []byte(body)[:64<<10], BodyBytes: int64(len(body))}
		d := table.Diagnose(request("", ""), out)
		Expect(d.Code).To(Equal("csrf.rails"))
		Expect(d.Certainty).To(Equal(diagnose.Certain))
	})

	It("shows the fix of the only Laravel that an old PHP can run first", func() {
		out := answer("laravel-419.http")
		for i := range out.Header {
			if out.Header[i].Name == "X-Powered-By" {
				out.Header[i].Value = "PHP/8.1.2"
			}
		}
		d := table.Diagnose(request("", ""), out)
		Expect(d.Fixes[0].For.ES).To(Equal("Laravel 10 o anterior, app/Http/Middleware/VerifyCsrfToken.php"))
		Expect(d.Fixes[1].For.ES).To(HavePrefix("Laravel 11 y 12"))
	})

	It("answers as the README shows", func() {
		d := table.Diagnose(request("http://localhost:8000/kometia/webhook", ""), answer("laravel-419.http"))
		Expect(d.Fixes[0].Code).To(Equal("->withMiddleware(function (Middleware $middleware) {\n    $middleware->validateCsrfTokens(except: ['kometia/webhook']);\n})"))
		Expect(d.Fixes[1].For.ES).To(Equal("Laravel 10 o anterior, app/Http/Middleware/VerifyCsrfToken.php"))
		Expect(d.Fixes[1].Code).To(Equal("protected $except = ['/kometia/webhook'];"))
		Expect(d.Evidence.ES).To(Equal("estado 419, título «Page Expired»"))
		Expect(d.Evidence.EN).To(Equal("status 419, title “Page Expired”"))
		Expect(d.Receivers).To(Equal([]string{"laravel", "php"}))
	})

	It("has nothing to say of a receipt", func() {
		for _, body := range []string{"", "OK", "received", "{}", `{"error":"Fatal error: x in /a.php on line 3"}`, "[1,2]", "true", `"<html>"`} {
			for _, status := range []int{200, 201, 202, 204, 299} {
				out := &wire.Outcome{Status: status, Body: []byte(body), BodyBytes: int64(len(body))}
				Expect(table.Diagnose(request("", ""), out)).To(BeNil(), "%d %s", status, body)
			}
		}
		Expect(table.Diagnose(nil, nil)).To(BeNil())
	})

	It("takes a long JSON body that was cut for JSON", func() {
		body := []byte(`{"log":"` + strings.Repeat("<b>Fatal error</b>: ", 4000))[:64<<10]
		Expect(table.Diagnose(nil, &wire.Outcome{Status: 200, Body: body, BodyBytes: 80000})).To(BeNil())
	})

	It("tells a PHP error that stands before, after and instead of JSON", func() {
		for _, body := range []string{
			"<br />\n<b>Fatal error</b>:  Uncaught Error: x in <b>/a.php</b> on line <b>3</b><br />\n{\"ok\":true}",
			"{\"ok\":true}<br />\n<b>Parse error</b>:  syntax error in <b>/a.php</b> on line <b>3</b><br />",
			"PHP Fatal error:  Uncaught Error: x in /a.php:3\nStack trace:\n#0 {main}",
			"\nFatal error: Uncaught Error: x in /a.php:3\n",
		} {
			d := table.Diagnose(nil, &wire.Outcome{Status: 200, Body: []byte(body), BodyBytes: int64(len(body))})
			Expect(d).NotTo(BeNil(), body)
			Expect(d.Code).To(Equal("ack.php-error"))
			Expect(d.Certainty).To(Equal(diagnose.Certain), body)
		}
	})

	DescribeTable("reads where a redirect leads", func(from, location, code string, certainty diagnose.Certainty) {
		out := &wire.Outcome{Status: 302, Header: []wire.Field{{Name: "Location", Value: location}}}
		d := table.Diagnose(request(from, ""), out)
		Expect(d.Code).To(Equal(code))
		Expect(d.Certainty).To(Equal(certainty))
		sound(d)
	},
		Entry(nil, "http://t.example/k", "https://t.example/k", "redirect.https", diagnose.Certain),
		Entry(nil, "http://t.example:8080/k", "https://T.example/k", "redirect.https", diagnose.Certain),
		Entry(nil, "http://t.example/", "https://t.example/", "redirect.https", diagnose.Certain),
		Entry(nil, "http://t.example", "https://t.example", "redirect.https", diagnose.Certain),
		Entry(nil, "http://t.example/k", "https://t.example/k/", "redirect.https", diagnose.Certain),
		Entry(nil, "http://t.example/k", "/k/", "redirect.slash", diagnose.Certain),
		Entry(nil, "http://t.example/k/", "http://t.example/k", "redirect.slash", diagnose.Certain),
		Entry(nil, "http://t.example//k", "/k", "redirect.slash", diagnose.Certain),
		Entry("behind a proxy", "https://t.example/k", "http://t.example/k/", "redirect.slash", diagnose.Certain),
		Entry(nil, "http://t.example/k", "k/", "redirect.slash", diagnose.Certain),
		Entry(nil, "http://t.example/k", "http://www.t.example/k", "redirect.host", diagnose.Certain),
		Entry(nil, "http://t.example/k", "https://www.t.example/k", "redirect.host", diagnose.Certain),
		Entry(nil, "http://t.example/k", "//otra.example/", "redirect.host", diagnose.Likely),
		Entry(nil, "http://t.example/k", "/login", "redirect.login", diagnose.Likely),
		Entry(nil, "http://t.example/k", "/users/sign_in", "redirect.login", diagnose.Likely),
		Entry(nil, "http://t.example/k", "/accounts/login/?next=/k", "redirect.login", diagnose.Likely),
		Entry(nil, "http://t.example/k", "/Account/Login?ReturnUrl=%2Fk", "redirect.login", diagnose.Likely),
		Entry(nil, "http://t.example/k", "/wp-login.php?redirect_to=x", "redirect.login", diagnose.Likely),
		Entry(nil, "http://t.example/k", "/iniciar-sesion", "redirect.login", diagnose.Likely),
		Entry(nil, "http://t.example/k", "/#/login", "redirect.login", diagnose.Likely),
		Entry(nil, "http://t.example/k", "https://accounts.google.com/o/x", "redirect.login", diagnose.Likely),
		Entry(nil, "http://t.example/k", "https://login.microsoftonline.com/x", "redirect.login", diagnose.Likely),
		Entry("to the login that the path is named for", "http://t.example/kometia/login", "/accounts/login/?next=/kometia/login", "redirect.login", diagnose.Likely),
		Entry(nil, "http://t.example/login-only", "http://t.example/login", "redirect.login", diagnose.Likely),
		Entry(nil, "http://t.example/login.php", "/login.html?x", "redirect.login", diagnose.Likely),
		Entry(nil, "http://t.example/auth/login/k", "/auth/login", "redirect.login", diagnose.Likely),
		Entry("a page that leads back", "http://t.example/k", "/cuenta?return_to=%2Fk", "redirect.login", diagnose.Likely),
		Entry("back to somewhere else", "http://t.example/k", "/cuenta?return_to=%2Fother", "redirect.other", diagnose.Likely),
		Entry("words of the target prove nothing", "http://t.example/auth/login/k", "/auth/login/other", "redirect.other", diagnose.Likely),
		Entry(nil, "http://t.example/login/k", "/login/k/", "redirect.slash", diagnose.Certain),
		Entry(nil, "http://t.example/k", "/catalogin", "redirect.other", diagnose.Likely),
		Entry("as Laravel writes it", "http://t.example/k", "http://t.example", "redirect.validation", diagnose.Likely),
		Entry(nil, "http://t.example/k", "http://t.example/", "redirect.validation", diagnose.Possible),
		Entry(nil, "http://t.example/k", "/", "redirect.validation", diagnose.Possible),
		Entry(nil, "http://t.example/k", "/gracias", "redirect.other", diagnose.Likely),
		Entry(nil, "http://t.example/k", "/k", "redirect.other", diagnose.Likely),
		Entry(nil, "http://t.example/k", "", "redirect.other", diagnose.Likely),
		Entry(nil, "http://t.example/k", "http://[::1", "redirect.other", diagnose.Likely),
	)

	It("shows no secret of a Location", func() {
		out := &wire.Outcome{Status: 302, Header: []wire.Field{{Name: "Location", Value: "https://u:secreto@t.example/login?key=secreto#secreto"}}}
		d := table.Diagnose(request("http://t.example/k", ""), out)
		Expect(fmt.Sprintf("%+v", d)).NotTo(ContainSubstring("secreto"))
		Expect(d.Evidence.EN).To(Equal("status 302, Location: https://t.example/login?…"))
	})

	It("takes a switch to another protocol for no response", func() {
		d := table.Diagnose(request("", ""), &wire.Outcome{Status: 101, Header: []wire.Field{{Name: "Upgrade", Value: "websocket"}}})
		Expect(d.Code).To(Equal("response.malformed"))
		Expect(d.Evidence.EN).To(Equal("status 101"))
		Expect(d.Hint.EN).To(ContainSubstring("WebSocket"))
	})

	It("knows the records that finders of frameworks miss", func() {
		for _, said := range []string{
			`{"message":"No query results for model [App\\Models\\Order] ord_1","exception":"x"}`,
			"<h1>ActiveRecord::RecordNotFound</h1><h2>Couldn't find Order with 'id'=ord_1</h2>",
			"<title>Page not found at /k</title><p>No Order matches the given query.</p>",
		} {
			d := table.Diagnose(request("", ""), &wire.Outcome{Status: 404, Body: []byte(said), BodyBytes: int64(len(said))})
			Expect(d.Code).To(Equal("body.invalid"), said)
			Expect(d.Title.EN).To(ContainSubstring("did not find a record"))
			sound(d)
		}
	})

	It("says of 300 and 304 that there is nothing to follow", func() {
		for _, status := range []int{300, 304} {
			d := table.Diagnose(request("http://t.example/k", ""), &wire.Outcome{Status: status, Header: []wire.Field{{Name: "Location", Value: "/k/"}}})
			Expect(d.Code).To(Equal("redirect.other"))
			Expect(d.Title.EN).To(ContainSubstring(fmt.Sprint(status)))
			sound(d)
		}
	})

	It("speaks of containers where a name has no domain", func() {
		for host, first := range map[string]string{"app": "docker", "host.docker.internal": "docker", "shop.example": ""} {
			d := table.Diagnose(request("http://"+host+":8000/k", ""), refused(wire.ErrDNS, "no such host"))
			Expect(d.Code).To(Equal("connect.dns"))
			Expect(d.Certainty).To(Equal(diagnose.Certain))
			Expect(strings.Contains(d.Hint.EN, "Docker network")).To(Equal(first != ""), host)
			Expect(d.Fixes[0].Framework).To(Equal(first), host)
		}
	})

	It("takes an application's later for one, and a proxy's for none", func() {
		later := func(header ...wire.Field) *diagnose.Diagnosis {
			return table.Diagnose(nil, &wire.Outcome{Status: 503, Header: append(header, wire.Field{Name: "Retry-After", Value: "120"})})
		}
		Expect(later().Code).To(Equal("maintenance"))
		Expect(later().Title.EN).To(ContainSubstring("later"))
		Expect(later(wire.Field{Name: "Server", Value: "nginx"}).Code).To(Equal("gateway.unavailable"))
		Expect(later(wire.Field{Name: "Via", Value: "1.1 vegur"}).Or).To(Equal("rate.limited"))
	})

	It("reads compressed bodies, whole and cut, within bounds", func() {
		coded := func(status int, body []byte, coding string) *diagnose.Diagnosis {
			return table.Diagnose(request("", ""), &wire.Outcome{Status: status, Body: body, BodyBytes: int64(len(body)), Header: []wire.Field{{Name: "Content-Encoding", Value: coding}}})
		}
		var noise strings.Builder // else all of it is a few bytes
		for i := range 60_000 {
			fmt.Fprintf(&noise, "<p>%d</p>\n", i*i)
		}
		packers := map[string]func(io.Writer) io.WriteCloser{
			"gzip":    func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) },
			"deflate": func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
			"br":      func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) },
			"zstd": func(w io.Writer) io.WriteCloser {
				z, err := zstd.NewWriter(w)
				Expect(err).NotTo(HaveOccurred())
				return z
			},
		}
		for coding, packer := range packers {
			var b bytes.Buffer
			w := packer(&b)
			_, err := io.WriteString(w, "<html><title>Page Expired</title>"+noise.String())
			Expect(err).NotTo(HaveOccurred())
			Expect(w.Close()).To(Succeed())
			page := b.Bytes()
			for _, body := range [][]byte{page, page[:64<<10]} {
				d := coded(419, body, coding)
				Expect(d.Rule).To(Equal("laravel-419"), coding)
				Expect(d.Evidence.EN).NotTo(ContainSubstring("compressed"), coding)
				sound(d)
			}
			// What is not what it says stays as it is.
			Expect(coded(403, []byte("CSRF token missing"), coding).Code).To(Equal("csrf.generic"), coding)
		}
		d := coded(403, []byte("\x9f\x2a\x80\xff"), "compress")
		Expect(d.Certainty).To(Equal(diagnose.Possible))
		Expect(d.Evidence.EN).To(HaveSuffix("the body came compressed with compress and could not be read"))
		sound(d)
	})

	It("names both of two causes that fit alike, and what tells them apart", func() {
		d := table.Diagnose(request("http://t.example/k", ""), answer("apache-403.http"))
		Expect(d.Code).To(Equal("auth.forbidden"))
		Expect(d.Or).To(Equal("waf.blocked"))
		Expect(d.Title.EN).To(ContainSubstring(", or: "))
		Expect(d.Hint.EN).To(And(ContainSubstring("if it is waf.blocked"), ContainSubstring("How to know which: ")))
		Expect(d.Fixes[0].Text.EN + d.Fixes[0].Code).NotTo(BeEmpty())
		waf, _ := table.Entry("waf.blocked")
		Expect(d.Fixes[1].For).To(BeElementOf(labels(waf)))
		sound(d)
	})

	It("knows a file by its header, whatever is in it", func() {
		file := func(header ...string) *diagnose.Diagnosis {
			out := &wire.Outcome{Status: 200, Body: []byte("hi"), BodyBytes: 2}
			for i := 0; i < len(header); i += 2 {
				out.Header = append(out.Header, wire.Field{Name: header[i], Value: header[i+1]})
			}
			return table.Diagnose(request("http://t.example/robots.txt", ""), out)
		}
		Expect(file("Last-Modified", "x", "Accept-Ranges", "bytes")).To(HaveField("Certainty", diagnose.Likely))
		Expect(file("Last-Modified", "x", "ETag", `"1"`)).To(HaveField("Rule", "static-named"), "by the ending of its path")
		Expect(file("Host", "t.example")).To(HaveField("Rule", "php-s-static"))
		Expect(file("Host", "t.example", "X-Powered-By", "PHP/8.2.0")).To(BeNil())
		Expect(file("ETag", `W/"1"`)).To(BeNil())
	})

	It("knows that JSON was asked for", func() {
		out := &wire.Outcome{Status: 302, Header: []wire.Field{{Name: "Location", Value: "http://t.example"}}}
		Expect(table.Diagnose(request("http://t.example/k", "application/json"), out).Code).To(Equal("redirect.other"))
	})

	DescribeTable("says why no response came", func(kind wire.ErrorKind, url, text, code string, certainty diagnose.Certainty) {
		d := table.Diagnose(request(url, ""), refused(kind, text))
		Expect(d).NotTo(BeNil())
		Expect(d.Code).To(Equal(code))
		Expect(d.Certainty).To(Equal(certainty))
		sound(d)
	},
		Entry(nil, wire.ErrDNS, "", "no such host", "connect.dns", diagnose.Certain),
		Entry(nil, wire.ErrConnectRefused, "", "connection refused", "connect.refused", diagnose.Certain),
		Entry(nil, wire.ErrConnectTimeout, "", "i/o timeout", "timeout.connect", diagnose.Certain),
		Entry(nil, wire.ErrConnect, "", "no route to host", "connect.refused", diagnose.Possible),
		Entry(nil, wire.ErrReset, "", "connection reset by peer", "connect.reset", diagnose.Likely),
		Entry(nil, wire.ErrClosed, "", "EOF", "connect.closed", diagnose.Likely),
		Entry(nil, wire.ErrClosed, "http://t.example:443/k", "EOF", "tls.plain-http", diagnose.Likely),
		// A port of TLS may be as silent to http as a slow program.
		Entry(nil, wire.ErrTimeout, "", "no response in 10s", "timeout.response", diagnose.Likely),
		Entry(nil, wire.ErrTimeout, "https://t.example/k", "no response in 10s", "timeout.response", diagnose.Certain),
		Entry(nil, wire.ErrNotHTTP, "", "malformed status line", "connect.closed", diagnose.Possible),
		Entry(nil, wire.ErrNotHTTP, "http://t.example/k", `status line "\x15\x03\x01"`, "tls.plain-http", diagnose.Certain),
		Entry(nil, wire.ErrTLSUntrusted, "https://t.example/k", "unknown authority", "tls.untrusted", diagnose.Certain),
		Entry(nil, wire.ErrTLSExpired, "https://t.example/k", "expired", "tls.expired", diagnose.Certain),
		Entry(nil, wire.ErrTLSHostname, "https://t.example/k", "not t.example", "tls.hostname", diagnose.Certain),
		Entry(nil, wire.ErrTLSPlainHTTP, "https://t.example/k", "not a TLS record", "tls.plain-http", diagnose.Certain),
		Entry(nil, wire.ErrTLSVersion, "https://t.example/k", "protocol version", "tls.version", diagnose.Certain),
		Entry(nil, wire.ErrTLS, "https://t.example/k", "remote error: tls: handshake failure", "tls.version", diagnose.Possible),
		Entry(nil, wire.ErrTLS, "https://t.example/k", "remote error: tls: unrecognized name", "tls.hostname", diagnose.Likely),
		Entry(nil, wire.ErrTLS, "https://t.example/k", "remote error: tls: certificate required", "auth.required", diagnose.Certain),
		Entry(nil, wire.ErrTLS, "https://t.example/k", "remote error: tls: bad certificate", "auth.required", diagnose.Likely),
		Entry(nil, wire.ErrTLS, "https://t.example/k", "t.example asked for a client certificate and ended the TLS handshake without one: tls: handshake failure", "auth.required", diagnose.Certain),
		Entry(nil, wire.ErrTLS, "https://t.example/k", "tls: no application protocol", "tls.version", diagnose.Likely),
		Entry(nil, wire.ErrTLS, "https://t.example/k", `t.example responds with something other than TLS: "<!DOC"`, "tls.plain-http", diagnose.Certain),
		Entry(nil, wire.ErrTimeout, "https://t.example/k", "the TLS handshake with t.example was not done in time", "timeout.response", diagnose.Possible),
		Entry("h2c of nginx", wire.ErrNotHTTP, "http://t.example/k", `the response is not HTTP/1.1 but starts with "\x00\x00\x12\x04\x00\x00\x00\x00\x00"`, "connect.closed", diagnose.Likely),
		Entry("h2c of Node", wire.ErrNotHTTP, "http://t.example/k", `the response is not HTTP/1.1 but starts with "\x00\x00\x00\x04\x00\x00\x00\x00\x00"`, "connect.closed", diagnose.Likely),
		Entry(nil, wire.ErrTLS, "https://t.example/k", `t.example responds with something other than TLS: "220 m"`, "connect.closed", diagnose.Possible),
		Entry(nil, wire.ErrMalformed, "", "the response with status 200 is malformed: a chunk", "response.malformed", diagnose.Certain),
		Entry(nil, wire.ErrTimeout, "", "no response in time, status 200 and a part of the header came", "response.malformed", diagnose.Certain),
		Entry(nil, wire.ErrReset, "", "the server reset the connection, status 200 and a part of the header came", "response.malformed", diagnose.Certain),
		Entry(nil, wire.ErrEndless1xx, "", "", "timeout.response", diagnose.Possible),
		Entry(nil, wire.ErrorKind("later"), "", "unknown", "connect.closed", diagnose.Possible),
	)

	DescribeTable("says what is missing of a chain that nobody trusts",
		func(chain []*x509.Certificate, evidence, hint string) {
			out := refused(wire.ErrTLSUntrusted, "unknown authority")
			out.TLS = &tls.ConnectionState{PeerCertificates: chain}
			d := table.Diagnose(request("https://t.example/k", ""), out)
			Expect(d.Code).To(Equal("tls.untrusted"))
			Expect(d.Certainty).To(Equal(diagnose.Certain))
			Expect(d.Evidence.EN).To(ContainSubstring(evidence))
			Expect(d.Hint.EN).To(ContainSubstring(hint))
			sound(d)
		},
		Entry("the intermediate", []*x509.Certificate{signed("t.example", "Spec R3")}, "signed by “Spec R3”", "fullchain.pem, not cert.pem"),
		Entry("an authority", []*x509.Certificate{signed("t.example", "t.example")}, "self-signed", "--ca"),
		Entry("only our trust", []*x509.Certificate{signed("t.example", "Spec R3"), signed("Spec R3", "Spec X1")}, "unknown authority", "full chain"),
	)

	It("does not blame the receiver when we broke off", func() {
		Expect(table.Diagnose(request("", ""), refused(wire.ErrCanceled, "context canceled"))).To(BeNil())
		Expect(table.Diagnose(request("", ""), refused(wire.ErrHungUp, "we closed the connection before a response"))).To(BeNil())
		Expect(table.Diagnose(request("", ""), refused(wire.ErrRequest, "bad header"))).To(BeNil())
	})

	It("says something of every failure and survives every response", func() {
		pieces := rapid.SampledFrom([]string{"<", "<title>", "</title>", "<script", "</script>", "<!--", "-->", "&lt;", "&#x1b;", "\x1b[31m", "\x00", "\xff\xfe", "csrf", " token ", "{", "\"", "é", "\u202e", "\u2028", "<b>Fatal error</b>:", "<pre>Forbidden</pre>", "Location", strings.Repeat("<", 500), "\n", "on line 3"})
		kinds := rapid.SampledFrom([]wire.ErrorKind{wire.ErrDNS, wire.ErrConnectRefused, wire.ErrConnectTimeout, wire.ErrConnect, wire.ErrReset, wire.ErrClosed, wire.ErrTimeout, wire.ErrNotHTTP, wire.ErrTLSUntrusted, wire.ErrTLSExpired, wire.ErrTLSHostname, wire.ErrTLSPlainHTTP, wire.ErrTLSVersion, wire.ErrTLS, wire.ErrEndless1xx, wire.ErrMalformed})
		names := rapid.SampledFrom([]string{"Location", "Set-Cookie", "Server", "Content-Type", "Allow", "X-Powered-By", "ETag", "WWW-Authenticate", "Retry-After", "CF-RAY"})
		req := request("http://t.example/k", "")
		rapid.Check(GinkgoT(), func(rt *rapid.T) {
			text := func(label string) string { return strings.Join(rapid.SliceOfN(pieces, 0, 12).Draw(rt, label), "") }
			out := &wire.Outcome{Status: rapid.IntRange(0, 999).Draw(rt, "status")}
			for range rapid.IntRange(0, 4).Draw(rt, "headers") {
				out.Header = append(out.Header, wire.Field{Name: names.Draw(rt, "name"), Value: text("value")})
			}
			out.Body = []byte(text("body"))
			out.BodyBytes = int64(len(out.Body))
			if rapid.Bool().Draw(rt, "failed") {
				out.Status, out.Err = 0, &wire.Error{Kind: kinds.Draw(rt, "kind")}
			}
			d := table.Diagnose(req, out)
			if d == nil {
				if !out.Acknowledged() {
					rt.Fatalf("no diagnosis of %+v", out)
				}
				return
			}
			sound(d)
		})
	})

	It("puts the framework before the server in front of it", func() {
		out := &wire.Outcome{Status: 404, Body: []byte(`{"message":"no route"}`), BodyBytes: 22, Header: []wire.Field{
			{Name: "Server", Value: "nginx/1.22.1"}, {Name: "X-Powered-By", Value: "Express"},
		}}
		d := table.Diagnose(request("", ""), out)
		Expect(d.Receivers).To(Equal([]string{"express", "nginx"}))
		Expect(d.Fixes[0].Framework).To(Equal("express"))
	})

	It("may be asked from many goroutines at once", func() {
		fresh, req := diagnose.Builtin(), request("", "")
		outs := []*wire.Outcome{answer("laravel-419.http"), answer("bare-403.http"), answer("nginx-502.http"), refused(wire.ErrDNS, "x")}
		var group sync.WaitGroup
		for i := range 16 {
			group.Go(func() { fresh.Diagnose(req, outs[i%len(outs)]) })
		}
		group.Wait()
		Expect(fresh.Diagnose(req, outs[0]).Code).To(Equal("csrf.laravel"))
	})

	It("judges hostile bodies as quickly as any", func(_ SpecContext) {
		for _, piece := range []string{"<", "<a", "<!--", "<script>", "<title>", "&", "csrf ", "<b>Warning</b>:", "\x1b[2J", "\xff", "a.b at c(", "<input type=", "\"message\":\"", "Uncaught "} {
			body := []byte(strings.Repeat(piece, 64<<10/len(piece)))
			for _, status := range []int{200, 403, 404, 422, 503} {
				if d := table.Diagnose(request("", ""), &wire.Outcome{Status: status, Body: body, BodyBytes: 1 << 20}); d != nil {
					sound(d)
				}
			}
		}
	}, NodeTimeout(minute))
})

// signed is a certificate as far as its names go.
func signed(subject, issuer string) *x509.Certificate {
	return &x509.Certificate{
		RawSubject: []byte(subject), RawIssuer: []byte(issuer),
		Subject: pkix.Name{CommonName: subject}, Issuer: pkix.Name{CommonName: issuer},
	}
}
