package diagnose

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// condition is a compiled whenData.
type condition struct {
	status   []statusRange
	terms    []term
	any, not []condition
}

type statusRange struct{ from, to int }

// term is one thing that must hold. It adds what it saw to the pieces that
// evidence is made of.
type term struct {
	// key tells equal terms: two conditions with equal keys match the same.
	key   string
	match func(f *facts, seen *[]piece) bool
}

// piece is something that was seen, for the evidence.
type piece struct {
	kind  pieceKind
	name  string
	value string
}

type pieceKind string

const (
	pieceTitle    pieceKind = "title"
	pieceMatch    pieceKind = "match"
	pieceHeader   pieceKind = "header"
	pieceCookie   pieceKind = "cookie"
	pieceLocation pieceKind = "location"
	pieceEmpty    pieceKind = "empty"
	pieceError    pieceKind = "error"
	pieceNote     pieceKind = "note"
)

func (c *condition) match(f *facts, seen *[]piece) bool {
	if c.status != nil && !slices.ContainsFunc(c.status, func(r statusRange) bool {
		return f.out.Err == nil && f.out.Status >= r.from && f.out.Status <= r.to
	}) {
		return false
	}
	before := len(*seen)
	if c.matchRest(f, seen) {
		return true
	}
	*seen = (*seen)[:before]
	return false
}

func (c *condition) matchRest(f *facts, seen *[]piece) bool {
	for i := range c.terms {
		if !c.terms[i].match(f, seen) {
			return false
		}
	}
	if c.any != nil && !slices.ContainsFunc(c.any, func(a condition) bool { return a.match(f, seen) }) {
		return false
	}
	var ignored []piece
	return !slices.ContainsFunc(c.not, func(n condition) bool { return n.match(f, &ignored) })
}

// compile makes a condition; all mistakes are joined. A trusting compilation
// leaves patterns alone until they are needed: few of them ever are.
func compile(w whenData, trusting bool) (condition, error) {
	c := &compiler{trusting: trusting}
	c.statuses(w.Status)
	c.oneOf("error", w.Error, errorKinds())
	c.oneOf("note", w.Note, notes())
	c.oneOf("chain", w.Chain, chains())
	c.oneOf("location", w.Location, relations())
	c.transport(w)
	c.header(w)
	c.bodyTerms(w)
	c.flag("empty", w.Empty, (*facts).empty, piece{kind: pieceEmpty})
	c.request(w.Request)
	for _, a := range w.Any {
		c.out.any = append(c.out.any, c.nested(a))
	}
	for _, n := range w.Not {
		c.out.not = append(c.out.not, c.nested(n))
	}
	return c.out, errors.Join(c.errs...)
}

type compiler struct {
	trusting bool
	out      condition
	errs     []error
}

// pattern is a regular expression that is compiled when it is first used.
type pattern struct {
	source string
	once   sync.Once
	re     *regexp.Regexp
}

func (p *pattern) get() *regexp.Regexp {
	p.once.Do(func() {
		if p.re == nil {
			p.re = regexp.MustCompile(p.source) // a test compiles all of them
		}
	})
	return p.re
}

func (p *pattern) in(s string) bool { return p.get().MatchString(s) }

func (c *compiler) nested(w whenData) condition {
	inner, err := compile(w, c.trusting)
	if err != nil {
		c.errs = append(c.errs, err)
	} else if inner.bare() {
		c.fail("una condición vacía dentro de any o not", "an empty condition inside any or not")
	}
	return inner
}

func (c *compiler) fail(es, en string, args ...any) {
	c.errs = append(c.errs, lang.Errorf(es, en, args...))
}

func (c *compiler) add(key string, match func(f *facts, seen *[]piece) bool) {
	c.out.terms = append(c.out.terms, term{key: key, match: match})
}

func (c *compiler) pattern(name, source string) *pattern {
	p := &pattern{source: source}
	if c.trusting {
		return p
	}
	re, err := regexp.Compile(source)
	switch {
	case err != nil:
		c.fail("%s: %s", "%s: %s", name, err)
	case re.MatchString(""):
		c.fail("%s: %q cumple con todo", "%s: %q matches everything", name, source)
	}
	p.re = re
	return p
}

// statuses reads 419, 4xx and 520-527.
func (c *compiler) statuses(words []string) {
	for _, w := range words {
		var r statusRange
		var err error
		if class, ok := strings.CutSuffix(w, "xx"); ok {
			r.from, err = strconv.Atoi(class)
			r.from, r.to = 100*r.from, 100*r.from+99
		} else {
			from, to, isRange := strings.Cut(w, "-")
			if !isRange {
				to = from
			}
			var other error
			r.from, err = strconv.Atoi(from)
			r.to, other = strconv.Atoi(to)
			err = errors.Join(err, other)
		}
		if err != nil || r.from < 100 || r.to > 999 || r.from > r.to {
			c.fail("status: %q no es un código, una clase (4xx) ni un rango (520-527)",
				"status: %q is no status, class (4xx) or range (520-527)", w)
		}
		c.out.status = append(c.out.status, r)
	}
}

func (c *compiler) transport(w whenData) {
	if len(w.Error) > 0 {
		c.add("error "+key(w.Error), func(f *facts, seen *[]piece) bool {
			if f.out.Err == nil || !slices.Contains(w.Error, string(f.out.Err.Kind)) {
				return false
			}
			*seen = append(*seen, piece{kind: pieceError})
			return true
		})
	}
	if w.ErrorText != "" {
		re := c.pattern("error_text", w.ErrorText)
		c.add("error_text "+w.ErrorText, func(f *facts, _ *[]piece) bool { return re.in(f.failure().EN) })
	}
	if len(w.Note) > 0 {
		c.add("note "+key(w.Note), func(f *facts, seen *[]piece) bool {
			for _, n := range f.out.Notes {
				if slices.Contains(w.Note, string(n)) {
					*seen = append(*seen, piece{kind: pieceNote, value: string(n)})
					return true
				}
			}
			return false
		})
	}
	if len(w.Chain) > 0 {
		c.add("chain "+key(w.Chain), func(f *facts, _ *[]piece) bool { return slices.Contains(w.Chain, string(f.out.Chain())) })
	}
	if len(w.Location) > 0 {
		c.add("location "+key(w.Location), func(f *facts, seen *[]piece) bool {
			r := f.redirect()
			if !slices.Contains(w.Location, string(r.relation)) {
				return false
			}
			if r.shown != "" {
				*seen = append(*seen, piece{kind: pieceLocation, value: r.shown})
			}
			return true
		})
	}
	c.flag("same_path", w.SamePath, func(f *facts) bool { return f.redirect().samePath }, piece{})
}

func (c *compiler) header(w whenData) {
	names := make([]string, 0, len(w.Header))
	for name := range w.Header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		re := c.pattern("header", w.Header[name])
		if strings.EqualFold(name, "Set-Cookie") {
			c.fail("header: las cookies se buscan por nombre, con cookie", "header: cookies are matched by name, with cookie")
		}
		c.add("header "+strings.ToLower(name)+" "+w.Header[name], func(f *facts, seen *[]piece) bool {
			for _, v := range f.out.Values(name) {
				if re.in(v) {
					*seen = append(*seen, piece{kind: pieceHeader, name: name, value: v})
					return true
				}
			}
			return false
		})
	}
	if w.Cookie == "" {
		return
	}
	re := c.pattern("cookie", w.Cookie)
	c.add("cookie "+w.Cookie, func(f *facts, seen *[]piece) bool {
		for _, name := range f.cookies() {
			if re.in(name) {
				*seen = append(*seen, piece{kind: pieceCookie, value: name})
				return true
			}
		}
		return false
	})
}

func (c *compiler) bodyTerms(w whenData) {
	c.flag("json", w.JSON, (*facts).json, piece{})
	c.flag("page", w.Page, (*facts).page, piece{})
	if w.Over > 0 {
		c.add(fmt.Sprint("over ", w.Over), func(f *facts, _ *[]piece) bool { return len(f.body) > w.Over })
	}
	if w.Under > 0 {
		c.add(fmt.Sprint("under ", w.Under), func(f *facts, _ *[]piece) bool { return len(f.text()) < w.Under })
	}
	if w.Title != "" {
		re := c.pattern("title", w.Title)
		c.add("title "+w.Title, func(f *facts, seen *[]piece) bool {
			if f.title() == "" || !re.in(f.title()) {
				return false
			}
			*seen = append(*seen, piece{kind: pieceTitle, value: f.title()})
			return true
		})
	}
	if len(w.Contains) > 0 {
		if slices.Contains(w.Contains, "") {
			c.fail("contains: un texto vacío está en todo", "contains: an empty text is in everything")
		}
		c.add("contains "+key(w.Contains), func(f *facts, seen *[]piece) bool {
			for _, s := range w.Contains {
				if strings.Contains(f.body, s) {
					*seen = append(*seen, piece{kind: pieceMatch, value: untagged(s)})
					return true
				}
			}
			return false
		})
	}
	c.search("body", w.Body, func(f *facts) string { return f.body }, false)
	c.search("text", w.Text, (*facts).text, true)
}

// search adds a pattern over a long text. What its first group holds is
// quoted, else the match; widen quotes the sentence around it.
func (c *compiler) search(name, source string, of func(*facts) string, widen bool) {
	if source == "" {
		return
	}
	re := c.pattern(name, source)
	c.add(name+" "+source, func(f *facts, seen *[]piece) bool {
		s := of(f)
		at := re.get().FindStringSubmatchIndex(s)
		if at == nil {
			return false
		}
		found := s[at[0]:at[1]]
		switch {
		case len(at) > 3 && at[2] >= 0:
			found = s[at[2]:at[3]]
		case widen:
			found = sentence(s, at[0], at[1])
		}
		if !widen {
			found = untagged(found)
		}
		*seen = append(*seen, piece{kind: pieceMatch, value: found})
		return true
	})
}

func (c *compiler) flag(name string, want *bool, is func(*facts) bool, saw piece) {
	if want == nil {
		return
	}
	c.add(fmt.Sprint(name, " ", *want), func(f *facts, seen *[]piece) bool {
		if is(f) != *want {
			return false
		}
		if *want && saw.kind != "" {
			*seen = append(*seen, saw)
		}
		return true
	})
}

func (c *compiler) request(w *requestData) {
	if w == nil {
		return
	}
	c.flag("accept_json", w.AcceptJSON, func(f *facts) bool { return f.acceptJSON }, piece{})
	if len(w.Method) > 0 {
		c.add("method "+key(w.Method), func(f *facts, _ *[]piece) bool { return slices.Contains(w.Method, f.method) })
	}
	if w.Scheme != "" {
		c.add("scheme "+w.Scheme, func(f *facts, _ *[]piece) bool { return f.url != nil && f.url.Scheme == w.Scheme })
	}
	c.ofURL("host", w.Host, (*url.URL).Hostname)
	c.ofURL("path", w.Path, func(u *url.URL) string { return u.Path })
	if len(w.Port) > 0 {
		c.add("port "+key(w.Port), func(f *facts, _ *[]piece) bool { return slices.Contains(w.Port, f.port()) })
	}
	if w.Over > 0 {
		c.add(fmt.Sprint("sent over ", w.Over), func(f *facts, _ *[]piece) bool { return f.sent > w.Over })
	}
}

// ofURL adds a pattern for a part of the URL that was asked.
func (c *compiler) ofURL(name, source string, part func(*url.URL) string) {
	if source == "" {
		return
	}
	re := c.pattern(name, source)
	c.add("asked "+name+" "+source, func(f *facts, _ *[]piece) bool { return f.url != nil && re.in(part(f.url)) })
}

func (c *compiler) oneOf(name string, words []string, known any) {
	if c.trusting || len(words) == 0 {
		return
	}
	list := fmt.Sprint(known)
	for _, w := range words {
		if !slices.Contains(strings.Fields(strings.Trim(list, "[]")), w) {
			c.fail("%s: no existe %q; use uno de %s", "%s: unknown %q, want one of %s", name, w, list)
		}
	}
}

func key(words []string) string {
	sorted := slices.Clone(words)
	slices.Sort(sorted)
	return strings.Join(sorted, "|")
}

func errorKinds() []wire.ErrorKind {
	return []wire.ErrorKind{
		wire.ErrDNS, wire.ErrConnectRefused, wire.ErrConnectTimeout, wire.ErrConnect,
		wire.ErrReset, wire.ErrClosed, wire.ErrTimeout, wire.ErrNotHTTP, wire.ErrTLSUntrusted, wire.ErrTLSExpired,
		wire.ErrTLSHostname, wire.ErrTLSPlainHTTP, wire.ErrTLSVersion, wire.ErrTLS, wire.ErrEndless1xx, wire.ErrMalformed,
	}
}

func chains() []wire.Chain {
	return []wire.Chain{wire.ChainSelfSigned, wire.ChainIncomplete, wire.ChainWeak, wire.ChainLinked}
}

func notes() []wire.Note {
	return []wire.Note{
		wire.NoteBodyCut, wire.NoteBodyEndless, wire.NoteBodySlow, wire.NoteBodyMalformed, wire.NoteBodyExtra,
		wire.NoteHeaderTooLarge, wire.NoteHeaderCut, wire.NoteHeaderBad, wire.NoteHeaderSlow, wire.NoteStatusLine, wire.NoteUnasked, wire.NoteEarly,
	}
}
