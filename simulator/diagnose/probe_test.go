package diagnose_test

import (
	"context"
	"errors"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// site answers as a receiver would, and remembers what it was asked.
type site struct {
	answer func(r *wire.Request) *wire.Outcome
	asked  []*wire.Request
}

func (s *site) Do(_ context.Context, r *wire.Request) *wire.Outcome {
	s.asked = append(s.asked, r)
	return s.answer(r)
}

func answered(status int, body string, header ...string) *wire.Outcome {
	o := &wire.Outcome{Status: status, Body: []byte(body), Proto: "HTTP/1.1"}
	for i := 0; i < len(header); i += 2 {
		o.Header = append(o.Header, wire.Field{Name: header[i], Value: header[i+1]})
	}
	return o
}

var _ = Describe("Prober", func() {
	const event = `{"id":"evn_1","kind":"product.created","data":{"object":{"description":"<script>select * from x</script>"}}}`
	var request *wire.Request

	BeforeEach(func() {
		target, err := wire.ParseTarget("http://127.0.0.1:8000/kometia/webhook")
		Expect(err).NotTo(HaveOccurred())
		request = &wire.Request{Target: target, Body: []byte(event), Header: []wire.Field{{Name: "Content-Type", Value: "application/json"}}}
	})

	diagnosed := func(ctx context.Context, answer func(r *wire.Request) *wire.Outcome) (*diagnose.Diagnosis, []diagnose.Probe) {
		s := &site{answer: answer}
		return diagnose.NewProber(diagnose.Builtin(), s).Diagnose(ctx, request, answer(request))
	}

	forbidden := func() *wire.Outcome {
		return answered(403, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n<pre>Forbidden</pre>\n</body>\n</html>\n",
			"X-Powered-By", "Express", "Content-Type", "text/html; charset=utf-8")
	}

	It("takes a refusal of every path for one before routing", func(ctx SpecContext) {
		d, probes := diagnosed(ctx, func(*wire.Request) *wire.Outcome { return forbidden() })
		Expect(d.Code).To(Equal("csrf.express"))
		Expect(d.Certainty).To(Equal(diagnose.Likely))
		Expect(d.Evidence.EN).To(ContainSubstring("does not exist answers the same"))
		Expect(probes).To(HaveLen(1))
		Expect(probes[0].Request.Target.Path()).NotTo(Equal(request.Target.Path()))
		Expect(probes[0].Request.Body).To(Equal(request.Body))
	})

	It("leaves a refusal of one path as it is", func(ctx SpecContext) {
		d, _ := diagnosed(ctx, func(r *wire.Request) *wire.Outcome {
			if r.Target.Path() == request.Target.Path() {
				return forbidden()
			}
			return answered(404, "no")
		})
		Expect(d.Certainty).To(Equal(diagnose.Possible))
		Expect(d.Evidence.EN).To(ContainSubstring("answers 404"))
	})

	It("asks for JSON when a redirect to the root may hide a failed validation", func(ctx SpecContext) {
		validating := func(status int) func(*wire.Request) *wire.Outcome {
			return func(r *wire.Request) *wire.Outcome {
				for _, f := range r.Header {
					if f.Name == "Accept" && f.Value == "application/json" {
						return answered(status, `{"message":"The given data was invalid."}`, "Content-Type", "application/json")
					}
				}
				return answered(302, "", "Location", "http://127.0.0.1:8000")
			}
		}
		d, _ := diagnosed(ctx, validating(422))
		Expect(d.Code).To(Equal("redirect.validation"))
		Expect(d.Certainty).To(Equal(diagnose.Certain))
		d, _ = diagnosed(ctx, validating(401))
		Expect(d.Code).To(Equal("redirect.login"))
		Expect(d.Certainty).To(Equal(diagnose.Certain))
		Expect(d.Hint.EN).NotTo(BeEmpty())
	})

	It("calls a file a file only when a GET gets the same bytes", func(ctx SpecContext) {
		page := func(text string) *wire.Outcome {
			return answered(200, "<html><body>"+text+"</body></html>", "Content-Type", "text/html", "ETag", `"1"`, "Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		}
		d, _ := diagnosed(ctx, func(*wire.Request) *wire.Outcome { return page("a file") })
		Expect(d.Code).To(Equal("ack.static-file"))
		Expect(d.Certainty).To(Equal(diagnose.Certain))
		d, _ = diagnosed(ctx, func(r *wire.Request) *wire.Outcome {
			if r.Method == http.MethodGet {
				return page("a form")
			}
			return page("received")
		})
		Expect(d).To(BeNil())
	})

	It("finds a route that is there for GET alone", func(ctx SpecContext) {
		d, _ := diagnosed(ctx, func(r *wire.Request) *wire.Outcome {
			if r.Method == http.MethodGet {
				return answered(200, "hello")
			}
			return answered(404, "nothing here")
		})
		Expect(d.Code).To(Equal("method.not-allowed"))
		Expect(d.Certainty).To(Equal(diagnose.Likely))
	})

	It("finds a firewall by an event without its texts", func(ctx SpecContext) {
		d, probes := diagnosed(ctx, func(r *wire.Request) *wire.Outcome {
			if strings.Contains(string(r.Body), "<script>") {
				return answered(403, "denied")
			}
			return answered(204, "")
		})
		Expect(d.Code).To(Equal("waf.blocked"))
		Expect(d.Certainty).To(Equal(diagnose.Likely))
		Expect(probes).To(HaveLen(1))
		Expect(string(probes[0].Request.Body)).To(Equal(`{"id":"evn_1","kind":"product.created","data":{"object":{"description":""}}}`))
	})

	It("asks each question once and never more than four in all", func(ctx SpecContext) {
		s := &site{answer: func(*wire.Request) *wire.Outcome { return forbidden() }}
		p := diagnose.NewProber(diagnose.Builtin(), s)
		first, made := p.Diagnose(ctx, request, forbidden())
		Expect(made).To(HaveLen(1))
		again, made := p.Diagnose(ctx, request, forbidden())
		Expect(made).To(BeEmpty())
		Expect(again.Certainty).To(Equal(first.Certainty))
		Expect(s.asked).To(HaveLen(1))
	})

	It("asks nothing without a sender, of what is certain, or of a plain 2xx", func(ctx SpecContext) {
		d, made := diagnose.NewProber(diagnose.Builtin(), nil).Diagnose(ctx, request, forbidden())
		Expect(made).To(BeEmpty())
		Expect(d.Certainty).To(Equal(diagnose.Possible))
		_, made = diagnosed(ctx, func(*wire.Request) *wire.Outcome { return answered(419, "<title>Page Expired</title>") })
		Expect(made).To(BeEmpty())
		d, made = diagnosed(ctx, func(*wire.Request) *wire.Outcome { return answered(204, "") })
		Expect(d).To(BeNil())
		Expect(made).To(BeEmpty())
	})

	It("learns nothing from silence", func(ctx SpecContext) {
		d, made := diagnosed(ctx, func(r *wire.Request) *wire.Outcome {
			if r.Target.Path() == request.Target.Path() {
				return forbidden()
			}
			return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrReset, Err: errors.New("reset")}}
		})
		Expect(made).To(HaveLen(1))
		Expect(d.Certainty).To(Equal(diagnose.Possible))
	})
})
