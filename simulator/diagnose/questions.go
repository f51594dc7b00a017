package diagnose

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// question is one thing that a probe can find out.
type question struct {
	name   string
	arises func(d *Diagnosis, req *wire.Request, out *wire.Outcome) bool
	// ask makes the request; nil when none can be made.
	ask func(r *wire.Request) *wire.Request
	// evenCertain says that it arises of what is certain too: that a connection
	// was closed is, but not why.
	evenCertain bool
	// firstContact says that it arises only as long as the URL never responded.
	firstContact bool
	// untaken says that it arises only as long as the URL took no event.
	untaken bool
	// patience is how long the answer may take; zero is as long as any.
	patience time.Duration
	// fromSilence says that an attempt without an answer teaches something too.
	fromSilence bool
	learn       func(p *Prober, d *Diagnosis, req *wire.Request, out, answer *wire.Outcome) *Diagnosis
}

// questions are asked in this order, each as long as nothing is certain.
func questions() []question {
	return []question{otherScheme(), nowhere(), acceptJSON(), get(), methods(), form(), sibling(), emptyEvent(), withoutTexts()}
}

// otherScheme: a server that speaks http to a URL that says https, or the other
// way round, often just closes the connection, and so does one that has
// crashed. Who answers to the other scheme is the former.
func otherScheme() question {
	return question{
		name: "scheme", evenCertain: true, firstContact: true, fromSilence: true, patience: 3 * time.Second,
		arises: func(d *Diagnosis, req *wire.Request, out *wire.Outcome) bool {
			if out.Err == nil || d.Code == "tls.plain-http" && d.Certainty == Certain {
				return false
			}
			kinds := []wire.ErrorKind{wire.ErrReset, wire.ErrClosed, wire.ErrTimeout}
			if req.Target.Secure() {
				kinds = []wire.ErrorKind{wire.ErrTLS, wire.ErrTimeout, wire.ErrReset, wire.ErrClosed}
				if out.TLS != nil && out.TLS.HandshakeComplete {
					return false
				}
			}
			return slices.Contains(kinds, out.Err.Kind)
		},
		ask: func(r *wire.Request) *wire.Request {
			other, err := r.Target.WithOtherScheme()
			if err != nil {
				return nil
			}
			return changed(r, func(c *wire.Request) { c.Target, c.Method, c.Body = other, http.MethodGet, nil })
		},
		learn: func(p *Prober, d *Diagnosis, req *wire.Request, _, answer *wire.Outcome) *Diagnosis {
			if req.Target.Secure() {
				if answer.Err != nil {
					return d
				}
				return p.become(d, req, "tls.plain-http", Certain, learned{
					seen: lang.Text{ES: "por http:// el mismo puerto responde " + strconv.Itoa(answer.Status), EN: "by http:// the same port answers " + strconv.Itoa(answer.Status)},
					hint: lang.Text{ES: "cambie https:// por http:// en la URL, o active TLS en ese puerto", EN: "change https:// to http:// in the URL, or turn TLS on for that port"},
				})
			}
			spoken := answer.Err == nil || answer.TLS != nil && answer.TLS.HandshakeComplete ||
				slices.Contains([]wire.ErrorKind{wire.ErrTLSUntrusted, wire.ErrTLSExpired, wire.ErrTLSHostname, wire.ErrTLSVersion}, answer.Err.Kind)
			if !spoken && slices.Contains([]string{"connect.reset", "connect.closed", "timeout.response"}, d.Code) && d.Certainty == Likely {
				return p.become(d, req, d.Code, Certain, seen("por https:// el puerto tampoco responde", "by https:// the port does not answer either"))
			}
			if !spoken {
				return d
			}
			return p.become(d, req, "tls.plain-http", Certain, learned{
				seen: lang.Text{ES: "el mismo puerto habla TLS", EN: "the same port speaks TLS"},
				hint: lang.Text{ES: "cambie http:// por https:// en la URL, o corrija el puerto", EN: "change http:// to https:// in the URL, or correct the port"},
			})
		},
	}
}

// nowhere: middleware that runs before routing refuses a path that cannot exist
// just the same; a route that refuses does not.
func nowhere() question {
	return question{
		name: "nowhere",
		arises: func(d *Diagnosis, _ *wire.Request, _ *wire.Outcome) bool {
			return IsCSRF(d.Code) && d.Certainty == Possible
		},
		ask: func(r *wire.Request) *wire.Request { return at(r, "/kometia-sim-no-existe-9f3x") },
		learn: func(p *Prober, d *Diagnosis, req *wire.Request, out, answer *wire.Outcome) *Diagnosis {
			if answer.Status == out.Status && bytes.Equal(answer.Body, out.Body) {
				return p.become(d, req, d.Code, Likely, seen("una ruta que no existe responde lo mismo: rechaza antes de buscar la ruta",
					"a path that does not exist answers the same: it refuses before it looks for the route"))
			}
			d.Evidence = also(d.Evidence, lang.Text{
				ES: "una ruta que no existe responde " + strconv.Itoa(answer.Status) + ": rechaza esta ruta",
				EN: "a path that does not exist answers " + strconv.Itoa(answer.Status) + ": it is this route that refuses",
			})
			return d
		},
	}
}

// acceptJSON: a redirect to the root may hide a failed validation. Who asks for
// JSON is told, with the fields.
func acceptJSON() question {
	return question{
		name:   "accept",
		arises: func(d *Diagnosis, _ *wire.Request, _ *wire.Outcome) bool { return d.Code == "redirect.validation" },
		ask: func(r *wire.Request) *wire.Request {
			return changed(r, func(c *wire.Request) {
				c.Header = wire.Override(c.Header, []wire.Field{{Name: "Accept", Value: "application/json"}})
			})
		},
		learn: func(p *Prober, d *Diagnosis, req *wire.Request, _, answer *wire.Outcome) *Diagnosis {
			l := seen("con Accept: application/json responde "+strconv.Itoa(answer.Status), "with Accept: application/json it answers "+strconv.Itoa(answer.Status))
			switch answer.Status {
			case http.StatusUnprocessableEntity:
				if fields := refusedFields(answer); fields != "" {
					l.seen.ES += " y no acepta " + fields
					l.seen.EN += " and does not accept " + fields
				}
				return p.become(d, req, "redirect.validation", Certain, l)
			case http.StatusUnauthorized:
				return p.become(d, req, "redirect.login", Certain, l)
			}
			return d
		},
	}
}

// refusedFields are the names in the errors of a 422, as Laravel and others
// write them: {"errors": {"email": [...]}}. They are quoted as the receiver's.
func refusedFields(answer *wire.Outcome) string {
	raw, _, _ := decoded(answer)
	var body struct {
		Errors map[string]json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(raw, &body) != nil || len(body.Errors) == 0 {
		return ""
	}
	return quote(strings.Join(sortedKeys(body.Errors), ", "))
}

// get: what answers a GET as well is no receiver of webhooks; a 405 to it says
// that the URL exists.
func get() question {
	return question{
		// Many routers answer 404, by their own page, where only GET is missing.
		name: "get", evenCertain: true,
		arises: func(d *Diagnosis, _ *wire.Request, out *wire.Outcome) bool {
			if d.Certainty == Certain {
				return d.Code == "route.not-found" && out.Status == http.StatusNotFound
			}
			return d.Code == staticFile || isNotFound(d, out) || out.Status == http.StatusMethodNotAllowed && d.Code == "method.not-allowed"
		},
		ask: asGet,
		learn: func(p *Prober, d *Diagnosis, req *wire.Request, out, answer *wire.Outcome) *Diagnosis {
			status := strconv.Itoa(answer.Status)
			l := seen("un GET a la misma URL responde "+status, "a GET of the same URL answers "+status)
			switch {
			case d.Code == staticFile:
				return p.file(d, req, out, answer)
			case !answer.Acknowledged() && (answer.Status != http.StatusMethodNotAllowed || d.Certainty == Certain):
				return d
			case d.Code == "method.not-allowed":
				if answer.Acknowledged() {
					return p.become(d, req, d.Code, Certain, l)
				}
				return d
			case answer.Acknowledged():
				router := d.Certainty == Certain
				d = p.become(d, req, d.Code, Likely, l)
				d.router = router
				p.table.orElse(d, req.Target.URL(), "method.not-allowed", lang.Text{
					ES: "vea si la ruta está declarada con post o solo con get",
					EN: "see whether the route is declared with post or only with get",
				})
				return d
			}
			d = p.become(d, req, d.Code, Possible, l)
			p.table.orElse(d, req.Target.URL(), "body.invalid", lang.Text{
				ES: "si la ruta existe para POST, el 404 es de su código, que no encontró un registro",
				EN: "if the route exists for POST, the 404 is your code's, which did not find a record",
			})
			return d
		},
	}
}

// methods: a router that names the methods of a URL says whether the 404 to POST
// was its own. It is asked only of a URL that is there: servers in front of an
// application name their methods for any path.
func methods() question {
	return question{
		name: "methods",
		arises: func(d *Diagnosis, _ *wire.Request, out *wire.Outcome) bool {
			return isNotFound(d, out) && d.Or == "method.not-allowed"
		},
		ask: func(r *wire.Request) *wire.Request {
			return changed(r, func(c *wire.Request) { c.Method, c.Body = http.MethodOptions, nil })
		},
		learn: func(p *Prober, d *Diagnosis, req *wire.Request, _, answer *wire.Outcome) *Diagnosis {
			named := strings.ToUpper(answer.Get("Allow"))
			if named == "" {
				return d
			}
			l := seen("para OPTIONS nombra los métodos "+quote(named), "to OPTIONS it names the methods "+quote(named))
			for method := range strings.SplitSeq(named, ",") {
				if strings.TrimSpace(method) == http.MethodPost {
					return p.become(d, req, "body.invalid", Likely, ownNotFound(l.seen))
				}
			}
			return p.become(d, req, "method.not-allowed", Likely, l)
		},
	}
}

// form: a site that protects its forms gives the token with the page. A URL that
// takes events is not protected, whatever else it refuses.
func form() question {
	return question{
		name: "get", untaken: true,
		arises: func(d *Diagnosis, _ *wire.Request, out *wire.Outcome) bool { return bare403(d, out) || bare400(d, out) },
		ask:    asGet,
		learn: func(p *Prober, d *Diagnosis, req *wire.Request, _, answer *wire.Outcome) *Diagnosis {
			return p.formToken(d, req, answer)
		},
	}
}

func asGet(r *wire.Request) *wire.Request {
	return changed(r, func(c *wire.Request) { c.Method, c.Body = http.MethodGet, nil })
}

// file holds a 2xx that looks like a file against what a GET gets.
func (p *Prober) file(d *Diagnosis, req *wire.Request, out, answer *wire.Outcome) *Diagnosis {
	switch {
	case answer.Acknowledged() && answer.BodyBytes == out.BodyBytes && bytes.Equal(answer.Body, out.Body):
		return p.become(d, req, d.Code, Certain, seen("un GET recibe los mismos bytes", "a GET gets the same bytes"))
	case d.Certainty == Possible:
		return nil // it answers a POST otherwise, so it is no file
	}
	return p.become(d, req, d.Code, Possible, seen("un GET recibe otra cosa", "a GET gets something else"))
}

// formToken looks for the token that a site gives with its pages.
func (p *Prober) formToken(d *Diagnosis, req *wire.Request, answer *wire.Outcome) *Diagnosis {
	f := newFacts(nil, answer)
	for _, name := range f.cookies() {
		if p.table.tokens.cookie.in(name) {
			name = quote(name)
			return p.become(d, req, "csrf.generic", Likely, seen("un GET a la misma URL pone la cookie "+name, "a GET of the same URL sets the cookie "+name))
		}
	}
	if found := p.table.tokens.form.get().FindString(f.body); found != "" {
		found = quote(found)
		return p.become(d, req, "csrf.generic", Likely, seen("un GET a la misma URL da un formulario con "+found, "a GET of the same URL gives a form with "+found))
	}
	return d
}

// sibling: a path beside the one that was asked, which cannot exist. If its 404
// reads otherwise, the one in question was not the router's.
func sibling() question {
	return question{
		name:   "sibling",
		arises: func(d *Diagnosis, _ *wire.Request, out *wire.Outcome) bool { return isNotFound(d, out) },
		ask:    func(r *wire.Request) *wire.Request { return at(r, besides(r.Target.Path())) },
		learn: func(p *Prober, d *Diagnosis, req *wire.Request, out, answer *wire.Outcome) *Diagnosis {
			if answer.Status != http.StatusNotFound || samePage(out, answer, req.Target.Path()) {
				return d
			}
			return p.become(d, req, "body.invalid", Likely, ownNotFound(lang.Text{
				ES: "una ruta que no existe responde otro 404: este es de su código",
				EN: "a path that does not exist answers another 404: this one is your code's",
			}))
		},
	}
}

// emptyEvent: a route that does not exist does not read what it is sent.
func emptyEvent() question {
	return question{
		name:   "empty",
		arises: func(d *Diagnosis, _ *wire.Request, out *wire.Outcome) bool { return isNotFound(d, out) },
		ask: func(r *wire.Request) *wire.Request {
			return changed(r, func(c *wire.Request) { c.Body = []byte("{}") })
		},
		learn: func(p *Prober, d *Diagnosis, req *wire.Request, _, answer *wire.Outcome) *Diagnosis {
			if slices.Contains([]int{http.StatusNotFound, http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, answer.Status) {
				return d
			}
			status := strconv.Itoa(answer.Status)
			return p.become(d, req, "body.invalid", Likely, ownNotFound(lang.Text{
				ES: "un evento vacío recibe " + status + ": la ruta existe y el 404 es de su código",
				EN: "an empty event gets " + status + ": the route exists, and the 404 is your code's",
			}))
		},
	}
}

// withoutTexts: a firewall refuses what a text looks like; the same event
// without its texts passes.
func withoutTexts() question {
	return question{
		name: "plainer",
		arises: func(d *Diagnosis, _ *wire.Request, out *wire.Outcome) bool {
			return d.Code == "waf.blocked" || bare403(d, out)
		},
		ask: func(r *wire.Request) *wire.Request {
			return changed(r, func(c *wire.Request) { c.Body = plainer(r.Body) })
		},
		learn: func(p *Prober, d *Diagnosis, req *wire.Request, out, answer *wire.Outcome) *Diagnosis {
			if answer.Status == out.Status || answer.Status == http.StatusForbidden {
				return d
			}
			status := strconv.Itoa(answer.Status)
			return p.become(d, req, "waf.blocked", Likely, seen("el mismo evento sin sus textos recibe "+status, "the same event without its texts gets "+status))
		},
	}
}

// isNotFound reports a 404 that may be the router's or the application's own.
func isNotFound(d *Diagnosis, out *wire.Outcome) bool {
	return d.Code == "route.not-found" && out.Status == http.StatusNotFound && d.Certainty != Certain && !d.router
}

func bare403(d *Diagnosis, out *wire.Outcome) bool {
	return d.Code == "auth.forbidden" && d.Certainty == Possible && out.Status == http.StatusForbidden
}

// bare400 reports a refusal without a word, as of an antiforgery filter.
func bare400(d *Diagnosis, out *wire.Outcome) bool {
	return d.Code == "body.invalid" && d.Certainty == Possible && out.Status == http.StatusBadRequest &&
		(out.BodyBytes == 0 || strings.EqualFold(strings.TrimSpace(string(out.Body)), "bad request"))
}

// ownNotFound is what to do about a 404 of the application's own.
func ownNotFound(seen lang.Text) learned {
	return learned{
		seen:  seen,
		title: lang.Text{ES: "Su código respondió 404: no encontró algo que este evento nombra", EN: "Your code answered 404: it did not find something that this event names"},
		hint: lang.Text{
			ES: "guarde el evento y responda 2xx aunque no tenga todavía ese registro; un 404 hace que Kometia lo repita",
			EN: "store the event and answer 2xx even if you do not have that record yet; a 404 makes Kometia send it again",
		},
	}
}

// besides is a path in the same folder, with the same ending, that cannot exist.
func besides(asked string) string {
	dir, name := path.Split(strings.TrimSuffix(asked, "/"))
	slash := asked[len(strings.TrimSuffix(asked, "/")):]
	return dir + "kometia-sim-no-existe-9f3x" + path.Ext(name) + slash
}

// longPage is how many characters of text a page has, at least, that says more
// than why it was sent: a site's own 404, or a debugger's. Much of it differs from
// one to the next.
const longPage = 2000

// samePage reports whether the answer to a path is the one of the path beside
// it, but for what names the path. Of long pages the titles are held against each
// other, where both have one.
func samePage(out, beside *wire.Outcome, asked string) bool {
	a, b := newFacts(nil, out), newFacts(nil, beside)
	if max(len(a.text()), len(b.text())) >= longPage && a.title() != "" && b.title() != "" {
		return words(a.title(), asked) == words(b.title(), besides(asked))
	}
	return words(a.text(), asked) == words(b.text(), besides(asked))
}

// words are those of a text but for the page's own path, numbers and ids, so that
// two pages of one template are equal.
func words(text, asked string) string {
	for _, p := range []string{strings.ReplaceAll(asked, "/", `\/`), asked, strings.Trim(asked, "/"), path.Base(asked)} {
		if len(p) > 1 {
			text = strings.ReplaceAll(text, p, " ")
		}
	}
	kept := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	kept = slices.DeleteFunc(kept, func(w string) bool { return strings.IndexFunc(w, unicode.IsDigit) >= 0 })
	return strings.Join(kept, " ")
}

// changed is a copy of the request on a connection of its own.
func changed(r *wire.Request, change func(*wire.Request)) *wire.Request {
	c := *r
	c.Fresh = true
	change(&c)
	return &c
}

// at is the request to another path of the same server; nil when there is none.
func at(r *wire.Request, uri string) *wire.Request {
	t, err := r.Target.WithRequestURI(uri)
	if err != nil {
		return nil
	}
	return changed(r, func(c *wire.Request) { c.Target = t })
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
