package diagnose

import (
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// facts are what one attempt shows. Whatever costs time is worked out when it
// is first asked for.
type facts struct {
	out        *wire.Outcome
	target     string
	url        *url.URL
	method     string
	acceptJSON bool
	sent       int
	login      *loginWords

	// raw is the body without its compression; cut says that more came than
	// was kept. body is valid UTF-8, so that its lower case has the same offsets.
	raw []byte
	cut bool
	// compressed names a compression that could not be undone; "" for none.
	compressed string
	body       string
	lower      lazy[string]
	titleText  lazy[string]
	words      lazy[string]
	isJSON     lazy[bool]
	isPage     lazy[bool]
	way        lazy[redirect]
}

type lazy[T any] struct {
	done  bool
	value T
}

func (l *lazy[T]) get(work func() T) T {
	if !l.done {
		l.value, l.done = work(), true
	}
	return l.value
}

func newFacts(req *wire.Request, out *wire.Outcome) *facts {
	raw, cut, left := decoded(out)
	f := &facts{out: out, method: "POST", raw: raw, cut: cut, compressed: left, body: strings.ToValidUTF8(string(raw), "\uFFFD")}
	if req == nil {
		return f
	}
	if req.Method != "" {
		f.method = req.Method
	}
	f.sent = len(req.Body)
	for _, h := range req.Header {
		if strings.EqualFold(h.Name, "Accept") && strings.Contains(strings.ToLower(h.Value), "json") {
			f.acceptJSON = true
		}
	}
	if req.Target != nil {
		f.target = req.Target.URL()
		if u, err := url.Parse(f.target); err == nil {
			f.url = u
		}
	}
	return f
}

// cookies are the names of the cookies that the answer sets. Their values are
// secrets and go nowhere.
func (f *facts) cookies() []string {
	var names []string
	for _, v := range f.out.Values("Set-Cookie") {
		name, _, _ := strings.Cut(v, "=")
		if name = strings.TrimSpace(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (f *facts) empty() bool { return f.out.BodyBytes == 0 && strings.TrimSpace(f.body) == "" }

// served reports whether the header has what web servers give to files: the
// time of their last change, or the Host that PHP's own server adds.
func (f *facts) served() bool { return f.out.Get("Last-Modified") != "" || f.out.Get("Host") != "" }

// aWord reports whether the body is short and plain: OK, received, true.
func (f *facts) aWord() bool { return len(f.body) <= 64 && !strings.ContainsAny(f.body, "<:") }

// json reports whether the body is JSON. Of a body that was cut, the beginning
// has to do.
func (f *facts) json() bool {
	return f.isJSON.get(func() bool {
		if json.Valid(f.raw) {
			return true
		}
		start := strings.TrimLeft(f.body, " \t\r\n")
		if start == "" || (start[0] != '{' && start[0] != '[') {
			return false
		}
		return f.cut || f.out.Noted(wire.NoteBodyCut) ||
			f.out.Noted(wire.NoteBodySlow) || f.out.Noted(wire.NoteBodyEndless)
	})
}

// page reports whether the body is a whole HTML page, not a word or two with
// a tag: PHP and Sinatra call every answer text/html.
func (f *facts) page() bool {
	return f.isPage.get(func() bool {
		start := f.lowerBody()
		start = strings.TrimPrefix(start[:min(len(start), 4096)], "\ufeff")
		for _, mark := range []string{"<!doctype html", "<html", "<head>", "<body", "<title"} {
			if strings.Contains(start, mark) {
				return true
			}
		}
		return false
	})
}

func (f *facts) lowerBody() string {
	return f.lower.get(func() string { return asciiLower(f.body) })
}

// title is the title of the page as a browser shows it, "" without one.
func (f *facts) title() string {
	return f.titleText.get(func() string {
		lower := f.lowerBody()
		open := strings.Index(lower, "<title")
		if open < 0 {
			return ""
		}
		from := endOf(lower, open, ">")
		n := strings.Index(lower[from:], "</title")
		if n < 0 {
			return ""
		}
		return squeeze(html.UnescapeString(f.body[from : from+n]))
	})
}

// textLimit is how many bytes of the visible text are looked at: what a page
// has to say about a refusal stands at its top, and patterns cost time.
const textLimit = 8 << 10

// text is what a reader sees at the top of the body.
func (f *facts) text() string {
	return f.words.get(func() string {
		var s string
		if f.json() {
			s = squeeze(f.body)
		} else {
			s = visible(f.body, f.lowerBody())
		}
		if len(s) > textLimit {
			s = strings.ToValidUTF8(s[:textLimit], "")
		}
		return s
	})
}

func (f *facts) redirect() redirect {
	return f.way.get(func() redirect { return f.login.analyse(f.url, f.out.Get("Location")) })
}

func (f *facts) port() string {
	if f.url == nil {
		return ""
	}
	if p := f.url.Port(); p != "" {
		return p
	}
	if f.url.Scheme == "https" {
		return "443"
	}
	return "80"
}

// issuer is who signed the server's certificate.
func (f *facts) issuer() string {
	c := f.out.Certificate()
	if c == nil {
		return ""
	}
	if c.Issuer.CommonName != "" {
		return c.Issuer.CommonName
	}
	return c.Issuer.String()
}

// failure is the text of the transport error; empty when a response came.
func (f *facts) failure() lang.Text {
	if f.out.Err == nil {
		return lang.Text{}
	}
	return f.out.Err.Text()
}
