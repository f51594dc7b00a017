package diagnose

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// maxProbes is how many further requests a Prober makes in all.
const maxProbes = 4

// Sender makes a request; *wire.Client is one.
type Sender interface {
	Do(ctx context.Context, r *wire.Request) *wire.Outcome
}

// Probe is a request that a diagnosis made by itself, and what came of it.
type Probe struct {
	Request *wire.Request
	Outcome *wire.Outcome
}

// Prober diagnoses like its table and, where an answer has more than one
// explanation, asks the receiver what tells them apart: at most four requests
// in all, each question once. It is not safe for concurrent use.
type Prober struct {
	table  *Table
	sender Sender
	left   int
	asked  map[string]*wire.Outcome // by question
}

// NewProber makes a prober that asks through the sender; nil asks nothing.
func NewProber(t *Table, s Sender) *Prober {
	return &Prober{table: t, sender: s, left: maxProbes, asked: map[string]*wire.Outcome{}}
}

// Diagnose is [Table.Diagnose], made surer by what probes bring to light. The
// probes are those of this call; what an earlier one has learned costs nothing.
func (p *Prober) Diagnose(ctx context.Context, req *wire.Request, out *wire.Outcome) (*Diagnosis, []Probe) {
	d := p.table.Diagnose(req, out)
	if d == nil || p.sender == nil || d.Certainty == Certain || req == nil || req.Target == nil {
		return d, nil
	}
	for _, q := range questions() {
		if !q.arises(d, out) {
			continue
		}
		answer, known := p.asked[q.name]
		var made []Probe
		if !known {
			if p.left == 0 {
				return d, nil
			}
			probe := q.ask(req)
			p.left--
			answer = p.sender.Do(ctx, probe)
			p.asked[q.name] = answer
			made = []Probe{{Request: probe, Outcome: answer}}
		}
		if answer.Err != nil {
			return d, made // silence tells nothing apart
		}
		return q.learn(p, d, req, out, answer), made
	}
	return d, nil
}

// question is one thing that a probe can find out.
type question struct {
	name   string
	arises func(d *Diagnosis, out *wire.Outcome) bool
	ask    func(r *wire.Request) *wire.Request
	learn  func(p *Prober, d *Diagnosis, req *wire.Request, out, answer *wire.Outcome) *Diagnosis
}

func questions() []question {
	return []question{
		{
			// Middleware that runs before routing refuses a path that cannot
			// exist just the same; a route that refuses does not.
			name:   "nowhere",
			arises: func(d *Diagnosis, _ *wire.Outcome) bool { return IsCSRF(d.Code) && d.Certainty == Possible },
			ask: func(r *wire.Request) *wire.Request {
				return changed(r, func(c *wire.Request) {
					if t, err := r.Target.WithRequestURI("/kometia-sim-no-existe-9f3x"); err == nil {
						c.Target = t
					}
				})
			},
			learn: func(_ *Prober, d *Diagnosis, _ *wire.Request, out, answer *wire.Outcome) *Diagnosis {
				if answer.Status == out.Status && bytes.Equal(answer.Body, out.Body) {
					d.Certainty = Likely
					d.Evidence = also(d.Evidence,
						"una ruta que no existe responde lo mismo: rechaza antes de buscar la ruta",
						"a path that does not exist answers the same: it refuses before it looks for the route")
				} else {
					d.Evidence = also(d.Evidence,
						"una ruta que no existe responde "+strconv.Itoa(answer.Status)+": rechaza esta ruta",
						"a path that does not exist answers "+strconv.Itoa(answer.Status)+": it is this route that refuses")
				}
				return d
			},
		},
		{
			// A redirect to the root may hide a failed validation: who asks for
			// JSON is told.
			name:   "accept",
			arises: func(d *Diagnosis, _ *wire.Outcome) bool { return d.Code == "redirect.validation" },
			ask: func(r *wire.Request) *wire.Request {
				return changed(r, func(c *wire.Request) {
					c.Header = wire.Override(c.Header, []wire.Field{{Name: "Accept", Value: "application/json"}})
				})
			},
			learn: func(p *Prober, d *Diagnosis, req *wire.Request, _, answer *wire.Outcome) *Diagnosis {
				told := "con Accept: application/json responde " + strconv.Itoa(answer.Status)
				saying := "with Accept: application/json it answers " + strconv.Itoa(answer.Status)
				switch answer.Status {
				case http.StatusUnprocessableEntity:
					return p.become(d, req, "redirect.validation", Certain, told, saying)
				case http.StatusUnauthorized:
					return p.become(d, req, "redirect.login", Certain, told, saying)
				}
				return d
			},
		},
		{
			// What answers a GET as well is no receiver of webhooks.
			name: "get",
			arises: func(d *Diagnosis, _ *wire.Outcome) bool {
				return slices.Contains([]string{"ack.static-file", "route.not-found", "method.not-allowed"}, d.Code)
			},
			ask: func(r *wire.Request) *wire.Request {
				return changed(r, func(c *wire.Request) { c.Method, c.Body = http.MethodGet, nil })
			},
			learn: func(p *Prober, d *Diagnosis, req *wire.Request, out, answer *wire.Outcome) *Diagnosis {
				switch same := bytes.Equal(answer.Body, out.Body); {
				case d.Code == "ack.static-file" && answer.Acknowledged() && same:
					return p.become(d, req, d.Code, Certain, "un GET recibe los mismos bytes", "a GET gets the same bytes")
				case d.Code == "ack.static-file":
					return nil // it answers a POST otherwise, so it is no file
				case answer.Acknowledged():
					return p.become(d, req, "method.not-allowed", Likely,
						"un GET a la misma URL responde "+strconv.Itoa(answer.Status), "a GET of the same URL answers "+strconv.Itoa(answer.Status))
				}
				return d
			},
		},
		{
			// A firewall refuses what a text looks like; the same event without
			// its texts passes.
			name: "plainer",
			arises: func(d *Diagnosis, _ *wire.Outcome) bool {
				return d.Code == "waf.blocked" || d.Code == "auth.forbidden" && d.Certainty == Possible
			},
			ask: func(r *wire.Request) *wire.Request {
				return changed(r, func(c *wire.Request) { c.Body = plainer(r.Body) })
			},
			learn: func(p *Prober, d *Diagnosis, req *wire.Request, out, answer *wire.Outcome) *Diagnosis {
				if answer.Status == out.Status || answer.Status == http.StatusForbidden {
					return d
				}
				return p.become(d, req, "waf.blocked", Likely,
					"el mismo evento sin sus textos recibe "+strconv.Itoa(answer.Status), "the same event without its texts gets "+strconv.Itoa(answer.Status))
			},
		},
	}
}

// changed is a copy of the request on a connection of its own.
func changed(r *wire.Request, change func(*wire.Request)) *wire.Request {
	c := *r
	c.Fresh = true
	change(&c)
	return &c
}

// plainer is the event with every text in its object emptied that does more
// than name something. A body that is no JSON stays out of it: "{}".
func plainer(body []byte) []byte {
	doc, err := jsontree.Parse(body)
	if err != nil {
		return []byte("{}")
	}
	return jsontree.Encode(plain(doc.Root), jsontree.PHP)
}

func plain(v any) any {
	switch v := v.(type) {
	case *jsontree.Object:
		out := &jsontree.Object{}
		for _, m := range v.Members {
			out.Set(m.Name, plain(m.Value))
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = plain(v[i])
		}
		return out
	case string:
		if strings.ContainsAny(v, "<>'\"&;/\\ ()=%$@") {
			return ""
		}
	}
	return v
}

// also adds to what was seen.
func also(seen lang.Text, es, en string) lang.Text {
	return lang.Text{ES: seen.ES + "; " + es, EN: seen.EN + "; " + en}
}

// become is the diagnosis under another code, or with another certainty, for
// what a probe has shown.
func (p *Prober) become(d *Diagnosis, req *wire.Request, code string, certainty Certainty, es, en string) *Diagnosis {
	entry, known := p.table.Entry(code)
	if !known {
		return d
	}
	out := *d
	out.Certainty, out.Evidence = certainty, also(d.Evidence, es, en)
	if code != d.Code {
		out.Code, out.Hint, out.Fixes = code, putPath(entry.Hint, req.Target.URL()), entry.FixesFor(req.Target.URL(), d.Receivers...)
	}
	return &out
}
