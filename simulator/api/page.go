package api

import (
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

const (
	defaultPerPage = 50
	maxPerPage     = 250 // Kometia documents no bound; one page must not be everything
)

// page answers the page of a list that the query asks for.
func (a *ask) page(store Store, objectType string, q Query) (*jsontree.Object, error) {
	query := a.URL.Query()
	number, err := positive(query, "page", 1)
	if err != nil {
		return nil, err
	}
	size, err := positive(query, "per_page", defaultPerPage)
	if err != nil {
		return nil, err
	}
	if size > maxPerPage {
		return nil, invalid("per_page is at most %d", maxPerPage)
	}
	q.Skip, q.Limit = math.MaxInt, size
	if number-1 < math.MaxInt/size {
		q.Skip = (number - 1) * size
	}
	found, total, err := store.List(a.Context(), objectType, q)
	if err != nil {
		return nil, err
	}
	pages := max(1, (total+size-1)/size)
	data := make([]any, len(found))
	for i, o := range found {
		data[i] = o
	}
	var from, to any
	if len(found) > 0 {
		from, to = integer(q.Skip+1), integer(q.Skip+len(found))
	}
	var previous, next, previousLink, nextLink any
	if number > 1 {
		p := min(number-1, pages) // of a page past the end, the last one
		previous, previousLink = integer(p), link(a.Request, p, size)
	}
	if number < pages {
		next, nextLink = integer(number+1), link(a.Request, number+1, size)
	}
	pagination := object(
		"current_page", integer(number),
		"previous_page", previous,
		"next_page", next,
		"per_page", integer(size),
		"from", from,
		"to", to,
		"total_pages", integer(pages),
		"total_items", integer(total),
		"links", object("previous_page", previousLink, "next_page", nextLink),
	)
	// meta stands before data in the only sample that shows it.
	return object("meta", object("pagination", pagination), "data", data), nil
}

func integer(n int) json.Number { return json.Number(strconv.Itoa(n)) }

// positive reads a parameter that counts from 1.
func positive(query url.Values, name string, missing int) (int, error) {
	if !query.Has(name) {
		return missing, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 1 {
		return 0, invalid("%s is a whole number from 1 on, not %q", name, query.Get(name))
	}
	return n, nil
}

// link is the address of another page, with the filters of this one.
func link(r *http.Request, number, size int) string {
	query := r.URL.Query()
	query.Set("page", strconv.Itoa(number))
	query.Set("per_page", strconv.Itoa(size))
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return (&url.URL{Scheme: scheme, Host: r.Host, Path: r.URL.Path, RawQuery: query.Encode()}).String()
}
