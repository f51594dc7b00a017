package api

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// productFilters are the query parameters that Kometia documents for lists of
// products and skus. A collection's products take all but the first two.
func productFilters() []string {
	return []string{"permalink", "id", "active", "published", "listable", "price[min]", "price[max]", "options[NAME]", "q", "sort_by"}
}

func sorts() []string {
	return []string{"name-ascending", "name-descending", "created-ascending", "created-descending", "price-ascending", "price-descending"}
}

// wants is a condition of a list; all have to hold.
type wants func(*jsontree.Object) bool

// query reads the filters that a list takes. Parameters that Kometia does not
// document are ignored.
func (a *ask) query(objectType string, filters []string) (q Query, err error) {
	if len(filters) == 0 {
		return Query{}, nil
	}
	values := a.URL.Query()
	if a.key.Public {
		values.Set("active", "true")
		values.Set("published", "true")
	}
	var all []wants
	for _, name := range []string{"permalink", "id"} {
		if given := values.Get(name); given != "" && slices.Contains(filters, name) {
			list := strings.Split(given, ",")
			all = append(all, func(o *jsontree.Object) bool { return slices.Contains(list, o.Text(name)) })
		}
	}
	for _, read := range []func(url.Values, string) (wants, error){a.states, prices, options, words} {
		want, err := read(values, objectType)
		if err != nil {
			return Query{}, err
		}
		if want != nil {
			all = append(all, want)
		}
	}
	if len(all) > 0 {
		q.Keep = func(o *jsontree.Object) bool {
			return !slices.ContainsFunc(all, func(want wants) bool { return !want(o) })
		}
	}
	q.Compare, err = sorting(values)
	return q, err
}

// states reads active, published and listable. A sku is active and published as
// its product is.
func (a *ask) states(values url.Values, objectType string) (wants, error) {
	wanted := map[string]bool{}
	for _, name := range []string{"active", "published", "listable"} {
		switch given := values.Get(name); given {
		case "":
		case "true", "1":
			wanted[name] = true
		case "false", "0":
			wanted[name] = false
		default:
			return nil, invalid("%s is true or false, not %q", name, given)
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	return func(o *jsontree.Object) bool {
		product, skus := o, o.Objects("skus")
		if objectType == "sku" {
			skus = inside{o}
			product, _ = a.key.Store.Find(a.Context(), "product", o.Text("product_id"))
		}
		active, _ := product.Lookup("is_active")
		is := map[string]bool{
			"active":    active != false, // what does not say so is
			"published": a.published(product),
			"listable": slices.ContainsFunc(skus, func(s *jsontree.Object) bool {
				listable, _ := s.Lookup("is_listable")
				return listable == true
			}),
		}
		for name, want := range wanted {
			if is[name] != want {
				return false
			}
		}
		return true
	}, nil
}

func (a *ask) published(product *jsontree.Object) bool {
	since, ok := whole(product, "available_at")
	return !ok || a.Today == nil || since <= a.Today().Unix()
}

// prices reads price[min] and price[max], in cents, both included.
func prices(values url.Values, _ string) (wants, error) {
	var bounds [2]int64
	given := [2]string{values.Get("price[min]"), values.Get("price[max]")}
	for i, name := range []string{"price[min]", "price[max]"} {
		n, err := strconv.ParseInt(given[i], 10, 64)
		if given[i] != "" && (err != nil || n < 0) {
			return nil, invalid("%s is a whole number of cents, not %q", name, given[i])
		}
		bounds[i] = n
	}
	if given[0] == "" && given[1] == "" {
		return nil, nil
	}
	return func(o *jsontree.Object) bool {
		price, _ := whole(o, "price")
		return price >= bounds[0] && (given[1] == "" || price <= bounds[1])
	}, nil
}

// options reads options[color]=rojo: one sku has to have all of them.
func options(values url.Values, objectType string) (wants, error) {
	wanted := map[string]string{}
	for name := range values {
		if rest, ok := strings.CutPrefix(name, "options["); ok && strings.HasSuffix(rest, "]") {
			wanted[folded(strings.TrimSuffix(rest, "]"))] = folded(values.Get(name))
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	if objectType == "sku" {
		return nil, invalid("the simulated API filters products by options, not skus")
	}
	return func(o *jsontree.Object) bool {
		names := list(o, "modifiers")
		return slices.ContainsFunc(o.Objects("skus"), func(s *jsontree.Object) bool {
			has := map[string]string{}
			for i, v := range list(s, "modifiers") {
				if i < len(names) {
					has[names[i]] = v
				}
			}
			for name, value := range wanted {
				if v, ok := has[name]; !ok || v != value {
					return false
				}
			}
			return true
		})
	}, nil
}

// list is a list of texts, folded.
func list(o *jsontree.Object, name string) (all []string) {
	v, _ := o.Lookup(name)
	values, _ := v.([]any)
	for _, e := range values {
		s, _ := e.(string)
		all = append(all, folded(s))
	}
	return all
}

// words reads q: every word of it has to stand in the name, the texts or a code.
func words(values url.Values, _ string) (wants, error) {
	sought := strings.Fields(folded(values.Get("q")))
	if len(sought) == 0 {
		return nil, nil
	}
	return func(o *jsontree.Object) bool {
		var said strings.Builder
		for _, part := range append(o.Objects("skus"), o) {
			for _, name := range []string{"name", "excerpt", "description", "code", "barcode"} {
				said.WriteString(folded(part.Text(name)))
				said.WriteByte('\n')
			}
		}
		return !slices.ContainsFunc(sought, func(word string) bool { return !strings.Contains(said.String(), word) })
	}, nil
}

// sorting reads sort_by; nil is the order of the list.
func sorting(values url.Values) (func(a, b *jsontree.Object) int, error) {
	given := values.Get("sort_by")
	if given == "" {
		return nil, nil
	}
	if !slices.Contains(sorts(), given) {
		return nil, invalid("sort_by is one of %s, not %q", strings.Join(sorts(), ", "), given)
	}
	by, direction, _ := strings.Cut(given, "-")
	compare := func(a, b *jsontree.Object) int {
		switch by {
		case "name":
			return cmp.Compare(folded(a.Text("name")), folded(b.Text("name")))
		case "created":
			return cmp.Compare(created(a), created(b))
		}
		x, _ := whole(a, "price")
		y, _ := whole(b, "price")
		return cmp.Compare(x, y)
	}
	if direction == "descending" {
		return func(a, b *jsontree.Object) int { return compare(b, a) }, nil
	}
	return compare, nil
}

// folded is a text without accents and capitals, for comparing.
func folded(s string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), strings.ToLower(s))
	if err != nil {
		return strings.ToLower(s)
	}
	return plain
}
