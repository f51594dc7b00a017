package diagnose_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
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
		Expect(d.Code).To(Equal("route.not-found"))
		Expect(d.Or).To(Equal("method.not-allowed"))
		Expect(d.Certainty).To(Equal(diagnose.Likely))
		Expect(d.Evidence.EN).To(ContainSubstring("a GET of the same URL answers 200"))
		Expect(d.Hint.EN).To(ContainSubstring("if it is method.not-allowed"))
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
		Expect(probes).To(HaveLen(2), "a GET first")
		Expect(string(probes[1].Request.Body)).To(Equal(`{"id":"evn_1","kind":"product.created","data":{"object":{"description":""}}}`))
	})

	It("takes a bare 403 for CSRF when a GET gives a token", func(ctx SpecContext) {
		for _, page := range []*wire.Outcome{
			answered(200, "a page", "Set-Cookie", "XSRF-TOKEN=secret; Path=/"),
			answered(200, `<form><input type="hidden" name="__RequestVerificationToken" value="secret"></form>`),
			answered(405, "", "Set-Cookie", "crumb=secret"),
		} {
			d, probes := diagnosed(ctx, func(r *wire.Request) *wire.Outcome {
				if r.Method == http.MethodGet {
					return page
				}
				return answered(403, "")
			})
			Expect(d.Code).To(Equal("csrf.generic"))
			Expect(d.Certainty).To(Equal(diagnose.Likely))
			Expect(d.Or).To(BeEmpty())
			Expect(d.Evidence.EN).NotTo(ContainSubstring("secret"))
			Expect(probes).To(HaveLen(1))
		}
		d, _ := diagnosed(ctx, func(*wire.Request) *wire.Outcome { return answered(403, "", "Set-Cookie", "PHPSESSID=x") })
		Expect(d.Code).To(Equal("auth.forbidden"))
	})

	Describe("a 404", func() {
		// A receiver whose 404s are all one page, but for a route that knows more.
		page := func(text string) *wire.Outcome { return answered(404, text) }
		on := func(ctx SpecContext, route func(r *wire.Request) *wire.Outcome) *diagnose.Diagnosis {
			d, _ := diagnosed(ctx, func(r *wire.Request) *wire.Outcome {
				if r.Target.Path() == request.Target.Path() {
					return route(r)
				}
				return page("<h1>Not Found</h1><!-- request KnAdEf -->" + r.Target.Path() + " 1234")
			})
			return d
		}

		It("of every path is the router's", func(ctx SpecContext) {
			d := on(ctx, func(r *wire.Request) *wire.Outcome { return page("<h1>Not Found</h1>" + r.Target.Path() + " 9876") })
			Expect(d.Code).To(Equal("route.not-found"))
			Expect(d.Certainty).To(Equal(diagnose.Likely))
			Expect(d.Or).To(BeEmpty())
		})

		It("of a router's page whose GET passes lacks a POST route", func(ctx SpecContext) {
			d := on(ctx, func(r *wire.Request) *wire.Outcome {
				if r.Method == http.MethodGet {
					return answered(200, "a page")
				}
				return page("Cannot POST /kometia/webhook")
			})
			Expect(d.Code).To(Equal("route.not-found"))
			Expect(d.Or).To(Equal("method.not-allowed"))
		})

		It("of a URL that takes POST, as its router says, is the application's own", func(ctx SpecContext) {
			by := func(allow string) *diagnose.Diagnosis {
				return on(ctx, func(r *wire.Request) *wire.Outcome {
					switch r.Method {
					case http.MethodGet:
						return answered(200, "a page")
					case http.MethodOptions:
						Expect(r.Body).To(BeEmpty())
						return answered(405, "", "Allow", allow)
					}
					return page("<h1>Not Found</h1>")
				})
			}
			d := by("GET, POST")
			Expect(d.Code).To(Equal("body.invalid"))
			Expect(d.Title.EN).To(HavePrefix("Your code answered 404"))
			Expect(d.Evidence.EN).To(ContainSubstring("GET, POST"))
			d = by("GET, HEAD")
			Expect(d.Code).To(Equal("method.not-allowed"))
			Expect(d.Or).To(BeEmpty())
		})

		It("of a long page is held against another by its title", func(ctx SpecContext) {
			d, _ := diagnosed(ctx, func(r *wire.Request) *wire.Outcome {
				noise := strings.Repeat("what else there is ", 150) + strings.Repeat("more ", len(r.Target.Path()))
				return answered(404, "<html><title>Nothing at "+r.Target.Path()+"</title><body>"+noise+"</body></html>", "Content-Type", "text/html")
			})
			Expect(d.Code).To(Equal("route.not-found"))
		})

		It("that reads otherwise than that of a path beside it is the application's own", func(ctx SpecContext) {
			d := on(ctx, func(*wire.Request) *wire.Outcome { return page("order not found") })
			Expect(d.Code).To(Equal("body.invalid"))
			Expect(d.Title.EN).To(HavePrefix("Your code answered 404"))
			Expect(d.Evidence.EN).To(ContainSubstring("another 404"))
		})

		It("that an empty event does not get is the application's own", func(ctx SpecContext) {
			d := on(ctx, func(r *wire.Request) *wire.Outcome {
				if string(r.Body) == "{}" {
					return answered(422, "")
				}
				return page("<h1>Not Found</h1>")
			})
			Expect(d.Code).To(Equal("body.invalid"))
			Expect(d.Evidence.EN).To(ContainSubstring("an empty event gets 422"))
		})

		It("of a URL whose GET is 405 may be either", func(ctx SpecContext) {
			d := on(ctx, func(r *wire.Request) *wire.Outcome {
				if r.Method == http.MethodGet {
					return answered(405, "", "Allow", "POST")
				}
				return page("<h1>Not Found</h1>")
			})
			Expect(d.Code).To(Equal("route.not-found"))
			Expect(d.Certainty).To(Equal(diagnose.Possible))
			Expect(d.Or).To(Equal("body.invalid"))
		})

		It("of a URL that took another event is the application's own, without a question", func(ctx SpecContext) {
			s := &site{answer: func(*wire.Request) *wire.Outcome { return page("<h1>Not Found</h1>") }}
			p := diagnose.NewProber(diagnose.Builtin(), s)
			p.Diagnose(ctx, request, answered(204, ""))
			d, made := p.Diagnose(ctx, request, page("<h1>Not Found</h1>"))
			Expect(d.Code).To(Equal("body.invalid"))
			Expect(d.Certainty).To(Equal(diagnose.Likely))
			Expect(made).To(BeEmpty())
		})
	})

	Describe("a connection that ends without a response", func() {
		ended := func(kind wire.ErrorKind) *wire.Outcome {
			return &wire.Outcome{Connected: true, Err: &wire.Error{Kind: kind, Err: errors.New("ended")}}
		}
		by := func(ctx SpecContext, url string, kind wire.ErrorKind, other *wire.Outcome) *diagnose.Diagnosis {
			t, err := wire.ParseTarget(url)
			Expect(err).NotTo(HaveOccurred())
			request.Target = t
			d, probes := diagnosed(ctx, func(r *wire.Request) *wire.Outcome {
				if r.Target.Scheme() == t.Scheme() {
					return ended(kind)
				}
				Expect(r.Body).To(BeEmpty(), "the event goes nowhere else")
				return other
			})
			Expect(probes).To(HaveLen(1))
			return d
		}

		It("is told from the wrong scheme by asking with the other one", func(ctx SpecContext) {
			for _, kind := range []wire.ErrorKind{wire.ErrReset, wire.ErrClosed, wire.ErrTimeout} {
				d := by(ctx, "http://127.0.0.1:8000/k", kind, ended(wire.ErrTLSUntrusted))
				Expect(d.Code).To(Equal("tls.plain-http"), string(kind))
				Expect(d.Certainty).To(Equal(diagnose.Certain))
				Expect(d.Hint.EN).To(ContainSubstring("http:// to https://"))
			}
			for _, kind := range []wire.ErrorKind{wire.ErrTLS, wire.ErrTimeout} {
				d := by(ctx, "https://127.0.0.1:8000/k", kind, answered(404, ""))
				Expect(d.Code).To(Equal("tls.plain-http"), string(kind))
				Expect(d.Certainty).To(Equal(diagnose.Certain))
				Expect(d.Hint.EN).To(ContainSubstring("https:// to http://"))
			}
		})

		It("is surely silence where the URL has answered before, without a question", func(ctx SpecContext) {
			s := &site{answer: func(*wire.Request) *wire.Outcome { return ended(wire.ErrTimeout) }}
			p := diagnose.NewProber(diagnose.Builtin(), s)
			p.Diagnose(ctx, request, answered(204, ""))
			d, made := p.Diagnose(ctx, request, ended(wire.ErrTimeout))
			Expect(d.Code).To(Equal("timeout.response"))
			Expect(d.Certainty).To(Equal(diagnose.Certain))
			Expect(d.Evidence.EN).To(ContainSubstring("has answered before"))
			Expect(made).To(BeEmpty())
		})

		It("stays what it is when the other scheme gets nothing either", func(ctx SpecContext) {
			d := by(ctx, "http://127.0.0.1:8000/k", wire.ErrReset, ended(wire.ErrTLS))
			Expect(d.Code).To(Equal("connect.reset"))
			Expect(d.Certainty).To(Equal(diagnose.Certain))
			d = by(ctx, "http://127.0.0.1:8000/k", wire.ErrTimeout, ended(wire.ErrTimeout))
			Expect(d.Code).To(Equal("timeout.response"))
			Expect(d.Certainty).To(Equal(diagnose.Certain))
			d = by(ctx, "https://127.0.0.1:8000/k", wire.ErrTLS, ended(wire.ErrClosed))
			Expect(d.Code).To(Equal("tls.version"))
			Expect(d.Certainty).To(Equal(diagnose.Possible))
		})

		It("is asked about only where nothing came", func(ctx SpecContext) {
			h2c := &wire.Outcome{Connected: true, Err: &wire.Error{Kind: wire.ErrNotHTTP, Err: errors.New(`the response is not HTTP/1.1 but starts with "\x00\x00\x00\x04\x00\x00\x00\x00\x00"`)}}
			d, made := diagnosed(ctx, func(*wire.Request) *wire.Outcome { return h2c })
			Expect(made).To(BeEmpty())
			Expect(d.Title.EN).To(ContainSubstring("HTTP/2"))
			Expect(d.Certainty).To(Equal(diagnose.Likely))
		})

		It("is asked about only until the URL has spoken", func(ctx SpecContext) {
			s := &site{answer: func(*wire.Request) *wire.Outcome { return ended(wire.ErrTLSUntrusted) }}
			p := diagnose.NewProber(diagnose.Builtin(), s)
			p.Diagnose(ctx, request, answered(204, ""))
			d, made := p.Diagnose(ctx, request, ended(wire.ErrReset))
			Expect(d.Code).To(Equal("connect.reset"))
			Expect(made).To(BeEmpty())
		})
	})

	It("names the fields that a validation refused", func(ctx SpecContext) {
		d, _ := diagnosed(ctx, func(r *wire.Request) *wire.Outcome {
			if slices.ContainsFunc(r.Header, func(f wire.Field) bool { return f.Name == "Accept" }) {
				return answered(422, `{"message":"The given data was invalid.","errors":{"order_id":["required"],"email":["required"]}}`)
			}
			return answered(302, "", "Location", "http://127.0.0.1:8000")
		})
		Expect(d.Code).To(Equal("redirect.validation"))
		Expect(d.Evidence.EN).To(ContainSubstring("does not accept email, order_id"))
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

	It("asks nothing without a sender, of what is certain, or of a normal 2xx", func(ctx SpecContext) {
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
