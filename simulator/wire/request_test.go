package wire_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

var _ = Describe("AppendHead", func() {
	head := func(r *wire.Request) string { return string(wire.AppendHead(nil, r)) }

	It("writes the fields in the given order and spelling", func() {
		Expect(head(&wire.Request{
			Target: target("http://localhost:8000/hook?a=%20"),
			Header: []wire.Field{{"content-TYPE", "application/json"}, {"X-B", ""}, {"X-A", "1"}, {"X-A", "2"}},
			Body:   []byte("{}"),
		})).To(Equal("POST /hook?a=%20 HTTP/1.1\r\nHost: localhost:8000\r\ncontent-TYPE: application/json\r\nX-B: \r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 2\r\n\r\n"))
	})

	It("makes Authorization of user and password", func() {
		Expect(head(&wire.Request{Target: target("http://u%40x:p%3Aw@h/")})).
			To(Equal("POST / HTTP/1.1\r\nHost: h\r\nAuthorization: Basic dUB4OnA6dw==\r\nContent-Length: 0\r\n\r\n"))
	})

	It("lets the caller's fields replace its own", func() {
		Expect(head(&wire.Request{
			Target: target("http://u:p@h/"),
			Header: []wire.Field{{"authorization", "Bearer x"}, {"host", "other"}, {"content-length", "7"}},
			Body:   []byte("{}"),
		})).To(Equal("POST / HTTP/1.1\r\nauthorization: Bearer x\r\nhost: other\r\ncontent-length: 7\r\n\r\n"))
		Expect(head(&wire.Request{
			Target: target("http://h/"),
			Header: []wire.Field{{"Transfer-Encoding", "chunked"}},
			Body:   []byte("0\r\n\r\n"),
		})).To(Equal("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"))
	})

	It("leaves Content-Length out of a GET without body", func() {
		Expect(head(&wire.Request{Target: target("http://h/"), Method: "GET"})).To(Equal("GET / HTTP/1.1\r\nHost: h\r\n\r\n"))
		Expect(head(&wire.Request{Target: target("http://h/"), Method: "GET", Body: []byte("x")})).To(HaveSuffix("Content-Length: 1\r\n\r\n"))
		Expect(head(&wire.Request{Target: target("http://h/"), Method: "PUT"})).To(HaveSuffix("Content-Length: 0\r\n\r\n"))
	})
})

var _ = Describe("ParseField", func() {
	DescribeTable("reads",
		func(s, name, value string) {
			Expect(wire.ParseField(s)).To(Equal(wire.Field{Name: name, Value: value}))
		},
		Entry(nil, "X-A: b", "X-A", "b"),
		Entry(nil, "X-A:b:c ", "X-A", "b:c"),
		Entry(nil, "X-A:", "X-A", ""),
		Entry(nil, "x_a:\tñ", "x_a", "ñ"),
	)
	DescribeTable("refuses without showing the value",
		func(s, want string) {
			_, err := wire.ParseField(s)
			Expect(err).To(MatchError(ContainSubstring(want)))
			Expect(err.Error()).NotTo(ContainSubstring("hunter2"))
		},
		Entry("no colon", "hunter2", "header without a colon"),
		Entry("no name", ": hunter2", "header without a name"),
		Entry("blank in the name", "X A: hunter2", `bad header name "X A"`),
		Entry("blank before the colon", "X-A : hunter2", "bad header name"),
		Entry("line feed in the name", "X\nA: hunter2", "bad header name"),
		Entry("CR LF in the value", "X-A: hunter2\r\nX-B: 1", `header "X-A": its value has the control character '\r' at position 8`),
		Entry("NUL", "X-A: hunter2\x00", "control character"),
		Entry("letters outside ASCII in the name", "Ñ: hunter2", "bad header name"),
	)
})

var _ = Describe("Override", func() {
	It("puts fields in the place of those of the same name", func() {
		base := []wire.Field{{"User-Agent", "k"}, {"Content-Type", "application/json"}, {"Accept", "*/*"}}
		over := []wire.Field{{"X-New", "1"}, {"content-type", "text/plain"}, {"X-New", "2"}}
		Expect(wire.Override(base, over)).To(Equal([]wire.Field{
			{"User-Agent", "k"}, {"content-type", "text/plain"}, {"Accept", "*/*"}, {"X-New", "1"}, {"X-New", "2"},
		}))
		Expect(wire.Override(nil, nil)).To(BeEmpty())
	})
	It("replaces all of a name by all of a name", func() {
		base := []wire.Field{{"A", "1"}, {"B", "1"}, {"A", "2"}}
		Expect(wire.Override(base, []wire.Field{{"a", "3"}, {"a", "4"}})).To(Equal([]wire.Field{{"a", "3"}, {"a", "4"}, {"B", "1"}}))
	})
})

var _ = Describe("a request that cannot be sent", func() {
	DescribeTable("is refused, and nothing leaves",
		func(ctx SpecContext, r wire.Request, want string) {
			s := answering("HTTP/1.1 204 No Content\r\n\r\n", false)
			if r.Method != "no target" {
				r.Target = s.Target
			}
			out := patient().Do(ctx, &r)
			Expect(out.Err).To(HaveOccurred())
			Expect(out.Err.Kind).To(Equal(wire.ErrRequest))
			Expect(out.Err.Error()).To(ContainSubstring(want))
			Expect(strings.Contains(out.Err.Error(), "\n")).To(BeFalse())
			Expect(out.Connected).To(BeFalse())
			Expect(s.accepted.Load()).To(BeZero())
		},
		Entry("header", wire.Request{Header: []wire.Field{{"A", "b\r\nC: d"}}}, "control character"),
		Entry("name", wire.Request{Header: []wire.Field{{"A\n", "b"}}}, "bad header name"),
		Entry("method", wire.Request{Method: "GET / HTTP/1.1\r\n"}, "bad method"),
		Entry("no target", wire.Request{Method: "no target"}, "without a target"),
	)
})
