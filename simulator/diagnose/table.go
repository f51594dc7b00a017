package diagnose

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

//go:embed data
var embedded embed.FS

// compiled is the same data in a form that is read ten times faster: a
// command that sends one event must not spend its time on YAML. A test holds
// it equal to data/; UPDATE_GOLDEN=1 go test writes it anew.
//
//go:embed compiled.json
var compiled []byte

// Table is the codes and the rules. It is safe for concurrent use.
type Table struct {
	once    sync.Once
	entries []Entry
	byCode  map[string]*Entry
	rules   []rule
	signs   []sign
	login   *loginWords
	tokens  *tokenMarks
}

// tokenMarks tell the token of a CSRF protection, in any framework: a cookie
// of such a name, a field of such a name in a page. They are data.
type tokenMarks struct{ cookie, form *pattern }

// rule leads from what was seen to a code.
type rule struct {
	id, code, file string
	receiver       string // "" for a general rule
	certainty      Certainty
	when           condition
	evidence       evidence
	title, hint    lang.Text
	or             string
	apart          lang.Text
	first          []string
}

// sign is what a framework or server is recognised by, whatever went wrong.
type sign struct {
	receiver string
	weak     bool
	any      []condition
}

func (s *sign) match(f *facts) bool {
	var ignored []piece
	return slices.ContainsFunc(s.any, func(c condition) bool { return c.match(f, &ignored) })
}

// Load reads the embedded data. An error would be a mistake in the data that
// the tests of this package let pass.
func Load() (*Table, error) {
	data, err := fs.Sub(embedded, "data")
	if err != nil {
		return nil, err
	}
	return LoadFS(data)
}

// Builtin is the table of the embedded data, read when it is first needed: a
// receiver that answers with an empty 2xx costs nothing.
func Builtin() *Table { return &Table{} }

// LoadFS reads codes/*.yaml, receivers/*.yaml and general/*.yaml of fsys. All
// mistakes are joined: unknown keys, codes and placeholders, texts that lack a
// language, patterns that do not compile, rules that can never speak, codes
// that no rule leads to.
func LoadFS(fsys fs.FS) (*Table, error) {
	all, err := readFiles(fsys)
	if err != nil {
		return nil, err
	}
	return build(all, false)
}

// build makes the table. Trusting leaves out what the tests have checked.
func build(all files, trusting bool) (*Table, error) {
	b := &builder{t: &Table{byCode: map[string]*Entry{}}, ids: map[string]string{}, trusting: trusting}
	b.codes(all)
	for _, f := range all.Rules {
		b.file(f)
	}
	b.sort()
	if !trusting {
		b.check()
	}
	if err := errors.Join(b.errs...); err != nil {
		return nil, err
	}
	b.t.once.Do(func() {})
	return b.t, nil
}

// Compiled is the content that compiled.json has to have for the data of fsys.
func Compiled(fsys fs.FS) ([]byte, error) {
	all, err := readFiles(fsys)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err = enc.Encode(all)
	return out.Bytes(), err
}

// load reads the embedded data into a table of Builtin.
func (t *Table) load() {
	t.once.Do(func() {
		var all files
		err := json.Unmarshal(compiled, &all)
		var full *Table
		if err == nil {
			full, err = build(all, true)
		}
		if err != nil {
			panic("diagnose: embedded data: " + err.Error()) // a test loads it
		}
		t.entries, t.byCode, t.rules, t.signs, t.login, t.tokens = full.entries, full.byCode, full.rules, full.signs, full.login, full.tokens
	})
}

// Entries are all codes in the order of the catalogue.
func (t *Table) Entries() []Entry {
	t.load()
	return slices.Clone(t.entries)
}

// Codes are the names of all codes in the order of the catalogue.
func (t *Table) Codes() []string {
	t.load()
	codes := make([]string, len(t.entries))
	for i := range t.entries {
		codes[i] = t.entries[i].Code
	}
	return codes
}

// Families are the first parts of the codes (csrf, redirect ...) in the order
// of the catalogue.
func (t *Table) Families() []string {
	var families []string
	for _, code := range t.Codes() {
		if f := Family(code); !slices.Contains(families, f) {
			families = append(families, f)
		}
	}
	return families
}

// Entry gives the page of a code.
func (t *Table) Entry(code string) (Entry, bool) {
	t.load()
	e, ok := t.byCode[code]
	if !ok {
		return Entry{}, false
	}
	return *e, true
}

// CodesOf are the codes that rules lead to from a response of that status, those
// that can be certain first. What holds for a whole class (4xx) counts only where
// nothing says more.
func (t *Table) CodesOf(status int) []string {
	t.load()
	var narrow, wide []string
	for _, r := range t.rules {
		for _, s := range r.when.status {
			switch {
			case status < s.from || status > s.to:
			case s.to-s.from < 50:
				narrow = append(narrow, r.code)
			default:
				wide = append(wide, r.code)
			}
		}
	}
	if narrow == nil {
		narrow = wide
	}
	var codes []string
	for _, code := range narrow {
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	return codes
}

// Family is the part of a code before the first dot: csrf, redirect, tls ...
func Family(code string) string {
	family, _, _ := strings.Cut(code, ".")
	return family
}

// IsCSRF reports whether the code says that a CSRF protection refused the
// request.
func IsCSRF(code string) bool { return Family(code) == "csrf" }

// builder fills a table from the data and collects the mistakes.
type builder struct {
	t        *Table
	ids      map[string]string // rule id to file
	trusting bool
	errs     []error
}

func (b *builder) fail(es, en string, args ...any) {
	b.errs = append(b.errs, lang.Errorf(es, en, args...))
}

func (b *builder) codes(all files) {
	var list []codeData
	for _, f := range all.Codes {
		list = append(list, f.Codes...)
	}
	b.t.entries = make([]Entry, len(list))
	for i, c := range list {
		b.t.entries[i] = Entry{Code: c.Code, Title: c.Title, Cause: c.Cause, Check: c.Check, Hint: c.Hint, Fixes: fixes("", c.Fixes), General: c.General, generalFirst: c.GeneralFirst}
		if b.t.byCode[c.Code] != nil {
			b.fail("código %s: está dos veces", "code %s: stands twice", c.Code)
		}
		b.t.byCode[c.Code] = &b.t.entries[i]
	}
	own := map[string][]Fix{}
	for _, f := range all.Rules {
		for _, code := range sortedKeys(f.Fixes) {
			if b.t.byCode[code] == nil {
				b.fail("%s: fixes: no existe el código %q", "%s: fixes: unknown code %q", f.Name, code)
			}
			own[code] = append(own[code], fixes(f.Receiver, f.Fixes[code])...)
		}
	}
	for i, c := range list {
		e := &b.t.entries[i]
		e.Fixes = append(e.Fixes, own[c.Code]...)
		for _, from := range c.Borrow {
			if len(own[from]) == 0 {
				b.fail("código %s: borrow: %q no tiene arreglos de frameworks", "code %s: borrow: %q has no fixes of frameworks", c.Code, from)
			}
			e.Fixes = append(e.Fixes, own[from]...)
		}
		if !b.trusting {
			b.errs = append(b.errs, checkEntry(e)...)
		}
	}
}

func (b *builder) file(f namedRules) {
	if f.Special == (f.Receiver == "") {
		b.fail("%s: receiver: necesario en receivers/, no admitido en general/",
			"%s: receiver: needed in receivers/, refused in general/", f.Name)
	}
	if !b.trusting && f.Special && f.Source != "answers" && f.Source != "documentation" {
		b.fail("%s: source: answers o documentation", "%s: source: answers or documentation", f.Name)
	}
	if f.Login != nil {
		b.loginWords(f.Name, f.Login)
	}
	if f.Tokens != nil {
		b.tokenMarks(f.Name, f.Tokens)
	}
	s := sign{receiver: f.Receiver, weak: f.Weak}
	for i, w := range f.Signs {
		c, err := compile(w, b.trusting)
		if err == nil && c.bare() {
			err = lang.Errorf("está vacío", "it is empty")
		}
		if err != nil {
			b.fail("%s: signo %d: %s", "%s: sign %d: %s", f.Name, i+1, err)
			continue
		}
		s.any = append(s.any, c)
	}
	if len(s.any) > 0 {
		b.t.signs = append(b.t.signs, s)
	}
	for _, r := range f.Rules {
		b.rule(f, r)
	}
}

func (b *builder) loginWords(file string, d *loginData) {
	c := &compiler{trusting: b.trusting}
	words := &loginWords{path: c.pattern("path", d.Path), host: c.pattern("host", d.Host), back: c.pattern("back", d.Back)}
	if err := errors.Join(c.errs...); err != nil {
		b.fail("%s: login: %s", "%s: login: %s", file, err)
	}
	if b.t.login != nil {
		b.fail("%s: login: está dos veces", "%s: login: given twice", file)
	}
	b.t.login = words
}

func (b *builder) tokenMarks(file string, d *tokensData) {
	c := &compiler{trusting: b.trusting}
	marks := &tokenMarks{cookie: c.pattern("cookie", d.Cookie), form: c.pattern("form", d.Form)}
	if err := errors.Join(c.errs...); err != nil {
		b.fail("%s: tokens: %s", "%s: tokens: %s", file, err)
	}
	if b.t.tokens != nil {
		b.fail("%s: tokens: está dos veces", "%s: tokens: given twice", file)
	}
	b.t.tokens = marks
}

func (b *builder) rule(f namedRules, d ruleData) {
	where := fmt.Sprintf("%s: rule %q", f.Name, d.ID)
	if other, ok := b.ids[d.ID]; ok || d.ID == "" {
		b.fail("%s: el id está vacío o ya lo tiene %s", "%s: the id is empty or taken by %s", where, other)
	}
	b.ids[d.ID] = f.Name
	if certaintyRank(d.Certainty) < 0 {
		b.fail("%s: certainty %q no es certain, likely ni possible",
			"%s: certainty %q is none of certain, likely, possible", where, d.Certainty)
	}
	if half(d.Hint) {
		b.fail("%s: hint: hacen falta es y en", "%s: hint: es and en are both needed", where)
	}
	if half(d.Title) {
		b.fail("%s: title: hacen falta es y en", "%s: title: es and en are both needed", where)
	}
	if half(d.Apart) || d.Apart.IsZero() != (d.Or == "") {
		b.fail("%s: or y apart van juntos, apart en es y en", "%s: or and apart go together, apart in es and en", where)
	}
	if d.Or != "" && (b.t.byCode[d.Or] == nil || d.Or == d.Code) {
		b.fail("%s: or: no existe otro código %q", "%s: or: no other code is named %q", where, d.Or)
	}
	when, err := compile(d.When, b.trusting)
	if err != nil {
		b.fail("%s: %s", "%s: %s", where, err)
	}
	told, err := newEvidence(d.Evidence)
	if err != nil && !b.trusting {
		b.fail("%s: %s", "%s: %s", where, err)
	}
	r := rule{
		id: d.ID, code: d.Code, file: f.Name, receiver: f.Receiver, certainty: d.Certainty,
		when: when, evidence: told, title: d.Title, hint: d.Hint, or: d.Or, apart: d.Apart, first: d.First,
	}
	if e := b.t.byCode[d.Code]; e == nil {
		b.fail("%s: no existe el código %q", "%s: unknown code %q", where, d.Code)
	} else if !b.trusting {
		b.errs = append(b.errs, checkFirst(&r, e)...)
	}
	b.t.rules = append(b.t.rules, r)
}

// sort puts the rules and the signs in the order in which they are asked.
func (b *builder) sort() {
	slices.SortStableFunc(b.t.rules, func(x, y rule) int {
		return certaintyRank(x.certainty) - certaintyRank(y.certainty)
	})
	slices.SortStableFunc(b.t.signs, func(x, y sign) int {
		switch {
		case x.weak == y.weak:
			return 0
		case y.weak:
			return -1
		}
		return 1
	})
}

// check looks for what only shows when everything is there.
func (b *builder) check() {
	b.errs = append(b.errs, unreachable(b.t.rules)...)
	if b.t.login == nil {
		b.fail("general: ningún archivo dice qué es una página de login (login:)",
			"general: no file says what a login page is (login:)")
	}
	if b.t.tokens == nil {
		b.fail("general: ningún archivo dice cómo se llama un token de CSRF (tokens:)",
			"general: no file says what a CSRF token is called (tokens:)")
	}
	for i := range b.t.entries {
		code := b.t.entries[i].Code
		if !slices.ContainsFunc(b.t.rules, func(r rule) bool { return r.code == code }) {
			b.fail("código %s: ninguna regla lleva a él", "code %s: no rule leads to it", code)
		}
	}
}

// certaintyRank orders the certainties, the surest first.
func certaintyRank(c Certainty) int { return slices.Index([]Certainty{Certain, Likely, Possible}, c) }

func fixes(receiver string, list []fixData) []Fix {
	all := make([]Fix, 0, len(list))
	for _, d := range list {
		label := d.For
		if d.File != "" {
			label.ES, label.EN = label.ES+", "+d.File, label.EN+", "+d.File
		}
		all = append(all, Fix{
			For: label, Framework: receiver, Versions: d.Versions, File: d.File,
			Code: strings.TrimRight(d.Code, "\n"), Text: d.Text,
		})
	}
	return all
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
