package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// route is one operation of the API. The description of the API is made from the
// same table that requests go by.
type route struct {
	method string // GET stands for HEAD too
	path   string // below root: "orders/{order}/fulfillments"
	public bool   // a public key opens it
	title  lang.Text
	answer func(*ask) (*jsontree.Object, error)

	gives   string   // type of the object, or of the list's elements; "" when nothing is given
	list    bool     // it gives a list
	bare    bool     // a list without pages
	tree    bool     // categories come with their children
	filters []string // query parameters, besides those of pages
	status  int      // of success; 0 is 200
	body    string   // type of the object whose fields the body has; "" when there is none
	fields  []string // of the body
	needs   []string // of these, those without which nothing is created
}

// matches takes the arguments out of a path.
func (r *route) matches(parts []string) (map[string]string, bool) {
	pattern := strings.Split(r.path, "/")
	if len(pattern) != len(parts) {
		return nil, false
	}
	args := map[string]string{}
	for i, p := range pattern {
		if name, ok := strings.CutPrefix(p, "{"); ok && parts[i] != "" {
			args[strings.TrimSuffix(name, "}")] = parts[i]
		} else if p != parts[i] {
			return nil, false
		}
	}
	return args, true
}

// route finds what answers a request.
func (a *ask) route(parts []string) (*route, error) {
	method := a.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var allowed []string
	for _, r := range routes() {
		args, ok := r.matches(parts)
		if !ok || !reads(r.method) && (a.key.Writer == nil || a.Shop == nil) {
			continue
		}
		if r.method == method {
			a.args = args
			return &r, nil
		}
		allowed = append(allowed, r.method)
	}
	if own, ok := ownType(parts); ok {
		if method == http.MethodGet {
			return &route{answer: func(a *ask) (*jsontree.Object, error) { return a.one(own, parts[1]) }}, nil
		}
		allowed = append(allowed, http.MethodGet)
	}
	if len(allowed) == 0 {
		return nil, notFound("there is nothing at this path")
	}
	if slices.Contains(allowed, http.MethodGet) {
		allowed = append(allowed, http.MethodHead)
	}
	slices.Sort(allowed)
	a.header.Set("Allow", strings.Join(slices.Compact(allowed), ", "))
	return nil, &problem{http.StatusMethodNotAllowed, "method_not_allowed", "this path takes " + a.header.Get("Allow")}
}

// ownType is the type of a path such as carts/{id}, of an object that only a
// user's schema file knows.
func ownType(parts []string) (string, bool) {
	if len(parts) != 2 || parts[1] == "" {
		return "", false
	}
	objectType, ok := strings.CutSuffix(parts[0], "s")
	return objectType, ok && objectType != "" && !slices.Contains(schemas.Builtin().Objects(), objectType)
}

// routes is the API. Of two that a path matches the first answers.
func routes() []route {
	all := []route{
		{
			path: "categories/tree", gives: "category", list: true, bare: true, tree: true, public: true, answer: (*ask).categoryTree,
			title: lang.Text{ES: "El árbol de categorías", EN: "The tree of categories"},
		},
		{
			path: "categories/{category}/tree", gives: "category", tree: true, public: true, answer: (*ask).categoryTree,
			title: lang.Text{ES: "Una categoría con lo que está debajo", EN: "A category with all below it"},
		},
	}
	for _, r := range resources() {
		all = append(all,
			route{
				path: r.path, gives: r.objectType, list: true, bare: r.bare, public: r.public, filters: r.filters, answer: r.list,
				title: r.all,
			},
			route{path: r.path + "/{" + r.objectType + "}", gives: r.objectType, public: r.public, answer: r.one, title: r.single})
	}
	all = append(all,
		route{
			path: "orders/{order}/fulfillments", gives: "fulfillment", list: true, answer: (*ask).shipments,
			title: lang.Text{ES: "Los envíos de un pedido", EN: "The fulfillments of an order"},
		},
		route{
			path: "orders/{order}/fulfillments/{fulfillment}", gives: "fulfillment", answer: (*ask).shipment,
			title: lang.Text{ES: "Un envío de un pedido", EN: "A fulfillment of an order"},
		},
		route{
			path: "customers/{customer}/addresses", gives: "customer_address", list: true, answer: (*ask).addresses,
			title: lang.Text{ES: "Las direcciones de un cliente", EN: "The addresses of a customer"},
		},
		route{
			path: "customers/{customer}/addresses/{customer_address}", gives: "customer_address", answer: (*ask).addresses,
			title: lang.Text{ES: "Una dirección de un cliente", EN: "An address of a customer"},
		},
		route{
			path: "collections/{collection}/products", gives: "product", list: true, public: true, filters: productFilters()[2:],
			answer: (*ask).collected, title: lang.Text{ES: "Los productos de una colección", EN: "The products of a collection"},
		},
		route{
			path: "products/{product}/categories", gives: "category", list: true, public: true, answer: (*ask).productCategories,
			title: lang.Text{ES: "Las categorías de un producto", EN: "The categories of a product"},
		},
	)
	for i := range all {
		all[i].method = http.MethodGet
	}
	return append(all, writes()...)
}

// resource is a type of object that is found by its id under a path of its own.
type resource struct {
	objectType, path string
	public, bare     bool
	filters          []string
	all, single      lang.Text
}

func resources() []resource {
	return []resource{
		{
			objectType: "event", path: "events", all: lang.Text{ES: "Los eventos, el más nuevo primero", EN: "The events, newest first"},
			single: lang.Text{ES: "Un evento: así se comprueba que es de la tienda", EN: "An event: this is how you verify that it is your store's"},
		},
		{objectType: "order", path: "orders", all: lang.Text{ES: "Los pedidos", EN: "The orders"}, single: lang.Text{ES: "Un pedido", EN: "An order"}},
		{
			objectType: "product", path: "products", public: true, filters: productFilters(),
			all: lang.Text{ES: "Los productos", EN: "The products"}, single: lang.Text{ES: "Un producto", EN: "A product"},
		},
		{objectType: "sku", path: "skus", filters: productFilters(), all: lang.Text{ES: "Los skus", EN: "The skus"}, single: lang.Text{ES: "Un sku", EN: "A sku"}},
		{objectType: "customer", path: "customers", all: lang.Text{ES: "Los clientes", EN: "The customers"}, single: lang.Text{ES: "Un cliente", EN: "A customer"}},
		{
			objectType: "collection", path: "collections", public: true,
			all: lang.Text{ES: "Las colecciones", EN: "The collections"}, single: lang.Text{ES: "Una colección", EN: "A collection"},
		},
		{
			objectType: "category", path: "categories", public: true,
			all: lang.Text{ES: "Las categorías", EN: "The categories"}, single: lang.Text{ES: "Una categoría", EN: "A category"},
		},
		{
			objectType: "gateway", path: "gateways", bare: true, all: lang.Text{ES: "Las formas de pago", EN: "The ways to pay"},
			single: lang.Text{ES: "Una forma de pago", EN: "A way to pay"},
		},
		{objectType: "blog", path: "blogs", public: true, all: lang.Text{ES: "Los blogs", EN: "The blogs"}, single: lang.Text{ES: "Un blog", EN: "A blog"}},
		{objectType: "post", path: "posts", public: true, all: lang.Text{ES: "Los artículos", EN: "The articles"}, single: lang.Text{ES: "Un artículo", EN: "An article"}},
		{objectType: "page", path: "pages", public: true, all: lang.Text{ES: "Las páginas", EN: "The pages"}, single: lang.Text{ES: "Una página", EN: "A page"}},
	}
}

// list answers a page of a type.
func (r resource) list(a *ask) (*jsontree.Object, error) {
	q, err := a.query(r.objectType, r.filters)
	if err != nil {
		return nil, err
	}
	if r.objectType == "category" {
		return a.page(flat{a.key.Store}, r.objectType, q)
	}
	if !r.bare {
		return a.page(a.key.Store, r.objectType, q)
	}
	found, _, err := a.key.Store.List(a.Context(), r.objectType, q)
	return dataOf(found), err
}

func (r resource) one(a *ask) (*jsontree.Object, error) {
	return a.one(r.objectType, a.args[r.objectType])
}

// one answers an object by its id.
func (a *ask) one(objectType, id string) (*jsontree.Object, error) {
	o, err := a.find(objectType, id)
	if err != nil {
		return nil, err
	}
	return object("data", o), nil
}

// dataOf is the body of a list without pages.
func dataOf(all []*jsontree.Object) *jsontree.Object {
	list := make([]any, len(all))
	for i, o := range all {
		list[i] = o
	}
	return object("data", list)
}
