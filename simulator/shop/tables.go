package shop

import (
	"bufio"
	"embed"
	"errors"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

//go:embed data/*.txt
var dataFiles embed.FS

// tables is what the shop's world is made from: the embedded data, read once
// per World. Nothing changes it afterwards.
type tables struct {
	places        []place
	firstNames    []word
	secondNames   []string
	lastNames     []word
	streets       []string
	interiors     []string
	references    []string
	customerMemos []string // what the shop's staff writes about a customer
	companies     []string
	customerNotes []string
	giftMessages  []string
	orderNotes    []string
	goods         []good
	vendorNotes   []string
	editions      []string
	collections   []group
	twists        []string
	rates         []rate
	gateways      []gateway
	carriers      []string
	pages         []string
	referrers     []string

	categories    []branch
	gatewayTexts  map[string]gatewayText
	blogs         []string
	posts         []post
	standingPages []writtenPage
}

// word is a name with its form in ASCII for emails.
type word struct{ text, slug string }

// place is a city with its postcodes.
type place struct {
	state, code, city string
	first, last       int
	hoods             []string
}

// good is a kind of product that shops of this world may sell.
type good struct {
	name, slug, mark string // mark: the letters that its sku codes begin with
	vendor           string
	low, high        int64 // pesos
	weight           int64 // grams; 0 when digital
	digital          bool
	tags             []string
	options          []option
	excerpt          string
}

type option struct {
	name   string
	values []string
}

// group is a collection that shops of this world may have.
type group struct{ title, slug, kind, field, condition, value, text string }

type rate struct {
	kind  string
	cents int64
	title string
}

type gateway struct {
	name string
	cash bool // paid outside: pending first, succeeded later
}

// branch is a category with the tags whose products belong to it; parent is the
// title of the one above it, "" at the root.
type branch struct {
	title, parent string
	tags          []string
}

// gatewayText is what the store says of a way to pay.
type gatewayText struct{ name, shown, instructions string }

// post is an article: what it says and in which blog.
type post struct{ blog, title, summary, content string }

type writtenPage struct {
	title, content string
	draft          bool
}

// loadTables reads the embedded data. All mistakes are joined; there are none
// unless the data was edited.
func loadTables() (*tables, error) {
	r := reader{}
	t := &tables{}
	r.file("data/places.txt")
	for _, f := range r.rows("", 6) {
		t.places = append(t.places, place{
			state: f[0], code: f[1], city: f[2], first: r.number(f[3]), last: r.number(f[4]), hoods: list(f[5]),
		})
	}

	r.file("data/people.txt")
	t.firstNames = words(r.lines("first names"))
	t.secondNames = r.lines("second names")
	t.lastNames = words(r.lines("last names"))
	t.streets = r.lines("streets")
	t.interiors = r.lines("interiors")
	t.references = r.lines("references")
	t.customerMemos = r.lines("notes")
	t.companies = r.lines("companies")
	t.customerNotes = r.lines("customer notes")
	t.giftMessages = r.lines("gift messages")
	t.orderNotes = r.lines("order notes")

	r.file("data/goods.txt")
	for _, f := range r.rows("products", 9) {
		g := good{
			name: f[0], slug: slug(f[0]), vendor: f[1], tags: list(f[5]), excerpt: f[8], digital: f[4] == "digital",
			low: int64(r.number(f[2])), high: int64(r.number(f[3])),
		}
		g.mark = strings.ToUpper(strings.ReplaceAll(g.slug, "-", "")[:4])
		if !g.digital {
			g.weight = int64(r.number(f[4]))
		}
		for _, column := range f[6:8] {
			if name, values, ok := strings.Cut(column, ":"); ok {
				g.options = append(g.options, option{name: name, values: list(values)})
			}
		}
		t.goods = append(t.goods, g)
	}
	t.vendorNotes = r.lines("vendor notes")
	t.editions = r.lines("editions")
	for _, f := range r.rows("collections", 6) {
		t.collections = append(t.collections, group{
			title: f[0], slug: slug(f[0]), kind: f[1], field: f[2], condition: f[3], value: f[4], text: f[5],
		})
	}
	t.twists = r.lines("collection twists")
	for _, f := range r.rows("shipping", 3) {
		t.rates = append(t.rates, rate{kind: f[0], cents: int64(r.number(f[1])), title: f[2]})
	}
	for _, f := range r.rows("gateways", 2) {
		t.gateways = append(t.gateways, gateway{name: f[0], cash: f[1] == "cash"})
	}
	t.carriers = r.lines("carriers")
	t.pages = r.lines("pages")
	t.referrers = r.lines("referrers")
	t.loadContent(&r)
	if err := errors.Join(r.mistakes...); err != nil {
		return nil, lang.Errorf("shop: datos incluidos: %s", "shop: embedded data: %s", err)
	}
	return t, nil
}

// loadContent reads what no event carries.
func (t *tables) loadContent(r *reader) {
	r.file("data/content.txt")
	for _, f := range r.rows("categories", 3) {
		t.categories = append(t.categories, branch{title: f[0], parent: f[1], tags: list(f[2])})
	}
	t.gatewayTexts = map[string]gatewayText{}
	for _, f := range r.rows("gateways", 4) {
		t.gatewayTexts[f[0]] = gatewayText{name: f[1], shown: f[2], instructions: f[3]}
	}
	t.blogs = r.lines("blogs")
	for _, f := range r.rows("posts", 4) {
		t.posts = append(t.posts, post{blog: f[0], title: f[1], summary: f[2], content: f[3]})
	}
	for _, f := range r.rows("pages", 3) {
		t.standingPages = append(t.standingPages, writtenPage{title: f[0], draft: f[1] == "draft", content: f[2]})
	}
}

// reader takes apart the embedded data files: sections of lines, columns
// divided by " | ", # for comments.
type reader struct {
	name     string
	sections map[string][]string
	mistakes []error
}

func (r *reader) file(name string) {
	r.name, r.sections = name, map[string][]string{}
	f, err := dataFiles.Open(name)
	if err != nil {
		r.mistakes = append(r.mistakes, err)
		return
	}
	defer func() { _ = f.Close() }()
	section := ""
	s := bufio.NewScanner(f)
	for s.Scan() {
		line := strings.TrimSpace(s.Text())
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			section = strings.Trim(line, "[]")
		default:
			r.sections[section] = append(r.sections[section], line)
		}
	}
	if err := s.Err(); err != nil {
		r.mistakes = append(r.mistakes, lang.Errorf("%s: %s", "%s: %s", name, err))
	}
}

func (r *reader) lines(section string) []string {
	lines := r.sections[section]
	if len(lines) == 0 {
		r.mistakes = append(r.mistakes, lang.Errorf("%s: la sección %q no tiene líneas", "%s: section %q has no lines", r.name, section))
	}
	return lines
}

func (r *reader) rows(section string, columns int) [][]string {
	lines := r.lines(section)
	rows := make([][]string, 0, len(lines))
	for _, line := range lines {
		fields := strings.Split(line, "|")
		if len(fields) != columns {
			r.mistakes = append(r.mistakes, lang.Errorf("%s: %q tiene %d columnas, no %d", "%s: %q has %d columns, not %d", r.name, line, len(fields), columns))
			continue
		}
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		rows = append(rows, fields)
	}
	return rows
}

func (r *reader) number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		r.mistakes = append(r.mistakes, lang.Errorf("%s: %q no es un número", "%s: %q is no number", r.name, s))
	}
	return n
}

func list(s string) []string {
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func words(lines []string) []word {
	out := make([]word, len(lines))
	for i, line := range lines {
		out[i] = word{text: line, slug: strings.ReplaceAll(slug(line), "-", "")}
	}
	return out
}

// slug writes a Spanish text as it stands in a permalink: lower-case ASCII
// letters and digits with hyphens between the words.
func slug(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range strings.ToLower(s) {
		switch r {
		case 'á':
			r = 'a'
		case 'é':
			r = 'e'
		case 'í':
			r = 'i'
		case 'ó':
			r = 'o'
		case 'ú', 'ü':
			r = 'u'
		case 'ñ':
			r = 'n'
		}
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			out = append(out, byte(r))
		case len(out) > 0 && out[len(out)-1] != '-':
			out = append(out, '-')
		}
	}
	return strings.TrimRight(string(out), "-")
}
