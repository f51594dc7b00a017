package wire_test

import (
	"bytes"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("a transcript", func() {
	request := func(url string, fields ...wire.Field) *wire.Request {
		GinkgoHelper()
		target, err := wire.ParseTarget(url)
		Expect(err).NotTo(HaveOccurred())
		return &wire.Request{Target: target, Header: fields, Body: []byte(`{"kind":"order.placed"}`)}
	}

	It("shows the request as it was sent and the response as it came", func() {
		t := wire.Transcribe(request("http://127.0.0.1:8000/hook?x=1", wire.Field{Name: "Content-Type", Value: "application/json"}), &wire.Outcome{
			Status: 500, Proto: "HTTP/1.1", Reason: "Oh no", Header: []wire.Field{{Name: "Server", Value: "x"}, {Name: "X-Empty"}},
			Body: []byte("<script>\x1b[2J\xff"), BodyBytes: 70_000,
		}, 4096)
		Expect(t).To(Equal(&wire.Transcript{
			Request: wire.Shown{
				Head: "POST /hook?x=1 HTTP/1.1\nHost: 127.0.0.1:8000\nContent-Type: application/json\nContent-Length: 23",
				Body: `{"kind":"order.placed"}`, Length: 23,
			},
			Answer: wire.Shown{Head: "HTTP/1.1 500 Oh no\nServer: x\nX-Empty: ", Body: "<script>\x1b[2J\xff", Length: 70_000},
		}))
	})

	It("has no response where none came", func() {
		Expect(wire.Transcribe(request("http://h/"), nil, 10).Answer).To(BeZero())
		Expect(wire.Transcribe(request("http://h/"), &wire.Outcome{Err: &wire.Error{Kind: wire.ErrReset}}, 10).Answer).To(BeZero())
	})

	It("cuts bodies between characters", func() {
		o := &wire.Outcome{Status: 200, Body: []byte("añb")}
		Expect(wire.Transcribe(request("http://h/"), o, 2).Answer.Body).To(Equal("a"))
		Expect(wire.Transcribe(request("http://h/"), o, 3).Answer.Body).To(Equal("añ"))
		o.Body = []byte("\xbf\xbf\xbf\xbf\xbf\xbf")
		Expect(wire.Transcribe(request("http://h/"), o, 4).Answer.Body).To(HaveLen(4))
	})

	const secret = "hunter2-hunter2"
	DescribeTable("shows no secret of the request, not even one that the response repeats",
		func(url string, fields ...wire.Field) {
			r := request(url, fields...)
			head := string(wire.AppendHead(nil, r))
			Expect(head).To(ContainSubstring(secret), "it is sent, though")
			echo := strings.ReplaceAll(head, "\r\n", "\n") + "user " + secret
			t := wire.Transcribe(r, &wire.Outcome{
				Status: 500, Reason: secret, Body: []byte(echo),
				Header: []wire.Field{{Name: "X-Echo", Value: "got " + secret}, {Name: "Location", Value: "/?t=" + secret}},
			}, 4096)
			all := t.Request.Head + t.Request.Body + t.Answer.Head + t.Answer.Body
			Expect(all).NotTo(ContainSubstring(secret))
			Expect(all).To(ContainSubstring("***"))
		},
		Entry("in Authorization", "http://h/", wire.Field{Name: "Authorization", Value: "Bearer " + secret}),
		Entry("in a cookie", "http://h/", wire.Field{Name: "Cookie", Value: "a=b; sid=" + secret}),
		Entry("in a header of the user's", "http://h/", wire.Field{Name: "X-Api-Key", Value: secret}),
		Entry("in the query", "http://h/?token="+secret+"&b=2"),
	)

	It("hides user and password of the URL in all their forms", func() {
		r := request("http://ana:" + secret + "@h/")
		t := wire.Transcribe(r, &wire.Outcome{Status: 401, Body: []byte("bad YW5hOmh1bnRlcjItaHVudGVyMg== ana:" + secret + " " + secret)}, 4096)
		Expect(t.Request.Head).To(ContainSubstring("Authorization: Basic ***"))
		Expect(t.Answer.Body).To(Equal("bad *** *** ***"))
	})

	DescribeTable("hides what the response gives away of its own", func(body, want string) {
		t := wire.Transcribe(request("http://h/"), &wire.Outcome{Status: 500, Body: []byte(body)}, 4096)
		Expect(t.Answer.Body).To(Equal(want))
	},
		Entry(nil, `APP_KEY=base64:abcdef==`, `APP_KEY=***`),
		Entry(nil, `'DB_PASSWORD' => 's3cr3t!'`, `'DB_PASSWORD' => '***'`),
		Entry(nil, `{"api_key":"abcd1234"}`, `{"api_key":"***"}`),
		Entry(nil, `<td>SECRET_KEY</td><td class="code">django-insecure</td>`, `<td>SECRET_KEY</td><td class="code">***</td>`),
		Entry(nil, `postgres://app:pw@db/x`, `postgres://***@db/x`),
		Entry(nil, `key sk_live_abcd1234`, `key ***`),
		Entry("prose is left alone", `CSRF token mismatch; the password is wrong: no`, `CSRF token mismatch; the password is wrong: no`),
		Entry("an address is left alone", `http://127.0.0.1:8000/a@b`, `http://127.0.0.1:8000/a@b`),
	)

	It("keeps the names and attributes of cookies", func() {
		t := wire.Transcribe(request("http://h/"), &wire.Outcome{Status: 302, Proto: "HTTP/1.1", Header: []wire.Field{
			{Name: "Set-Cookie", Value: "laravel_session=eyJpdiI6; path=/; HttpOnly"},
			{Name: "set-cookie", Value: "odd"},
			{Name: "Location", Value: "https://u:p@h/login?token=abc#frag"},
			{Name: "WWW-Authenticate", Value: `Basic realm="x"`},
		}}, 10)
		Expect(t.Answer.Head).To(Equal("HTTP/1.1 302\nSet-Cookie: laravel_session=***; path=/; HttpOnly\nset-cookie: ***\nLocation: https://***@h/login?token=***\nWWW-Authenticate: Basic realm=\"x\""))
	})

	It("is bounded and takes any bytes", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
			limit := rapid.IntRange(0, 20).Draw(t, "limit")
			r := request("http://h/")
			r.Body = bytes.Repeat(body, 2000)
			out := wire.Transcribe(r, &wire.Outcome{Status: 200, Body: body}, limit)
			if len(out.Answer.Body) > limit || len(out.Request.Body) > 16<<10 {
				t.Fatalf("%q over %d, or %d of the request", out.Answer.Body, limit, len(out.Request.Body))
			}
		})
	})
})

var _ = Describe("a request that is kept for show", func() {
	shown := func(method, url string, body string, fields ...wire.Field) (*wire.Request, wire.Shown) {
		GinkgoHelper()
		target, err := wire.ParseTarget(url)
		Expect(err).NotTo(HaveOccurred())
		r := &wire.Request{Target: target, Method: method, Header: fields, Body: []byte(body)}
		return r, wire.Transcribe(r, nil, 4096).Request
	}
	It("becomes the command that the request itself does", func() {
		r, s := shown("", "https://example.com/hook?x=1", `{"kind":"it's"}`, wire.Field{Name: "Content-Type", Value: "application/json"}, wire.Field{Name: "X-Empty"})
		Expect(s.Curl("https://example.com/hook", 10*time.Second)).To(Equal(wire.Curl(r, 10*time.Second)))
	})
	It("keeps its method, and hides what was hidden", func() {
		_, s := shown("PUT", "http://h/a?token=hunter2-hunter2", "{}", wire.Field{Name: "Authorization", Value: "Bearer hunter2-hunter2"})
		Expect(s.Curl("http://h/", time.Second)).To(And(
			ContainSubstring("-X PUT 'http://h/a?token=***'"), ContainSubstring("'Authorization: Bearer ***'"), Not(ContainSubstring("hunter2"))))
	})
	It("becomes none where it is not kept whole, or is no request", func() {
		_, s := shown("", "http://h/", strings.Repeat("x", 17_000))
		Expect(s.Curl("http://h/", time.Second)).To(BeEmpty())
		Expect(wire.Shown{Head: "HTTP/1.1 200 OK"}.Curl("http://h/", time.Second)).To(BeEmpty())
		Expect(wire.Shown{}.Curl("http://h/", time.Second)).To(BeEmpty())
	})
})
