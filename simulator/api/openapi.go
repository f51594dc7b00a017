package api

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// documentPath is where the description is, below root. It is open to
// everybody.
const documentPath = "openapi.json"

// Document describes the API in OpenAPI 3.1, in a language; nil is the built-in
// catalogue. The tree is the caller's: another API of the same server may be
// added to its paths and components, whose names are those of the objects, Error
// and Pagination. Paths are below the server's root, "/api/v1".
func Document(c *schemas.Catalogue, tag lang.Tag) *jsontree.Object {
	if c == nil {
		c = schemas.Builtin()
	}
	d := describer{c, tag}
	all := object()
	for _, name := range c.Objects() {
		all.Set(name, d.schema(name))
	}
	all.Set("Error", d.problem())
	all.Set("Pagination", pagination())
	paths := object()
	for _, r := range routes() {
		path := "/" + r.path
		item, _ := paths.Lookup(path)
		operations, ok := item.(*jsontree.Object)
		if !ok {
			operations = object()
			paths.Set(path, operations)
		}
		operations.Set(strings.ToLower(r.method), d.operation(r))
	}
	return object(
		"openapi", "3.1.0",
		"info", object(
			"title", d.say("API de Kometia, simulada", "Kometia's API, simulated"),
			"version", "v1",
			"description", d.say(
				"Lo que un receptor de webhooks necesita para comprobar lo que recibió, y las escrituras que causan eventos.",
				"What a receiver of webhooks needs to verify what it got, and the writes that cause events."),
		),
		"servers", []any{object("url", root)},
		"security", []any{object("basic", []any{}), object("bearer", []any{})},
		"paths", paths,
		"webhooks", d.webhooks(),
		"components", object(
			"securitySchemes", object(
				"basic", object("type", "http", "scheme", "basic",
					"description", d.say("La llave como usuario, sin contraseña.", "The key as user name, without a password.")),
				"bearer", object("type", "http", "scheme", "bearer"),
			),
			"schemas", all,
		),
	)
}

// document answers the description, in the language that lang= asks for.
func (a *ask) document() *jsontree.Object {
	tag := lang.English
	if a.URL.Query().Get("lang") == "es" {
		tag = lang.Spanish
	}
	return Document(a.Catalogue, tag)
}

type describer struct {
	catalogue *schemas.Catalogue
	tag       lang.Tag
}

func (d describer) say(es, en string) string { return lang.Text{ES: es, EN: en}.In(d.tag) }

func ref(name string) *jsontree.Object { return object("$ref", "#/components/schemas/"+name) }

// schema is an object's schema as a component: what it refers to is a component
// too.
func (d describer) schema(name string) *jsontree.Object {
	text, err := d.catalogue.Schema(name)
	if err != nil {
		return object() // of a catalogue's own object there is one
	}
	doc, err := jsontree.Parse(text)
	if err != nil {
		return object()
	}
	o, _ := doc.Root.(*jsontree.Object)
	o.Delete("$schema")
	o.Delete("$id")
	if v, ok := o.Lookup("definitions"); ok {
		if own, ok := v.(*jsontree.Object); ok {
			for _, other := range d.catalogue.Objects() {
				own.Delete(other)
			}
			if len(own.Members) == 0 {
				o.Delete("definitions")
			}
		}
	}
	d.place(o, name)
	return o
}

// place points references to components, and leaves what is only ours out.
func (d describer) place(v any, name string) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			d.place(e, name)
		}
	case *jsontree.Object:
		if es, ok := v.Lookup("x-description-es"); ok && d.tag == lang.Spanish {
			v.Set("description", es)
		}
		v.Members = slices.DeleteFunc(v.Members, func(m jsontree.Member) bool { return strings.HasPrefix(m.Name, "x-") })
		for i := range v.Members {
			m := &v.Members[i]
			if target, ok := m.Value.(string); ok && m.Name == "$ref" {
				m.Value = d.target(target, name)
			} else if m.Name != "examples" && m.Name != "enum" && m.Name != "const" {
				d.place(m.Value, name)
			}
		}
	}
}

func (d describer) target(target, name string) string {
	if rest, ok := strings.CutPrefix(target, "#/definitions/"); ok {
		if to, _, _ := strings.Cut(rest, "/"); slices.Contains(d.catalogue.Objects(), to) {
			return "#/components/schemas/" + rest
		}
	}
	return "#/components/schemas/" + name + strings.TrimPrefix(target, "#")
}

// webhooks are what Kometia sends: an event of each kind.
func (d describer) webhooks() *jsontree.Object {
	all := object()
	for _, k := range d.catalogue.Kinds() {
		event := object("allOf", []any{ref("event"), object("properties", object(
			"kind", object("const", k.Name), "data", object("properties", object("object", ref(k.Object)))))})
		all.Set(k.Name, object("post", object(
			"summary", k.Title.In(d.tag), "operationId", "on"+k.Name,
			"requestBody", object("required", true, "content", object("application/json", object("schema", event))),
			"responses", object(
				"2XX", object("description", d.say("Recibido.", "Received.")),
				"default", object("description", d.say("No recibido: se repite cada hora por dos días.", "Not received: it is sent again every hour for two days.")),
			),
		)))
	}
	return all
}

func (d describer) problem() *jsontree.Object {
	types := []any{
		"authentication_error", "permission_error", "not_found", "method_not_allowed", "invalid_request", "echo_loop", "rate_limit", "internal",
	}
	return object("type", "object", "required", []any{"error"}, "properties", object(
		"error", object("type", "object", "required", []any{"type", "message"}, "properties", object(
			"type", object("type", "string", "enum", types), "message", object("type", "string")))))
}

func pagination() *jsontree.Object {
	count := func() *jsontree.Object { return object("type", "integer", "minimum", json.Number("1")) }
	orNull := func(kind string) *jsontree.Object { return object("type", []any{kind, "null"}) }
	return object("type", "object",
		"required", []any{"current_page", "previous_page", "next_page", "per_page", "from", "to", "total_pages", "total_items", "links"},
		"properties", object(
			"current_page", count(), "previous_page", orNull("integer"), "next_page", orNull("integer"), "per_page", count(),
			"from", orNull("integer"), "to", orNull("integer"), "total_pages", count(),
			"total_items", object("type", "integer", "minimum", json.Number("0")),
			"links", object("type", "object", "required", []any{"previous_page", "next_page"}, "properties", object(
				"previous_page", orNull("string"), "next_page", orNull("string"))),
		))
}

func (d describer) operation(r route) *jsontree.Object {
	o := object("summary", r.title.In(d.tag), "operationId", operationID(r))
	parameters := []any{}
	for part := range strings.SplitSeq(r.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			name = strings.TrimSuffix(name, "}")
			parameters = append(parameters, object("name", name, "in", "path", "required", true, "schema", object("type", "string")))
		}
	}
	if r.list && !r.bare {
		for _, p := range []struct{ name, most string }{{"page", ""}, {"per_page", strconv.Itoa(maxPerPage)}} {
			schema := object("type", "integer", "minimum", json.Number("1"))
			if p.most != "" {
				schema.Set("maximum", json.Number(p.most))
				schema.Set("default", integer(defaultPerPage))
			}
			parameters = append(parameters, object("name", p.name, "in", "query", "schema", schema))
		}
	}
	for _, name := range r.filters {
		parameters = append(parameters, filterParameter(name))
	}
	if len(parameters) > 0 {
		o.Set("parameters", parameters)
	}
	if r.body != "" {
		o.Set("requestBody", object("content", object("application/json", object("schema", d.body(r)))))
	}
	o.Set("responses", d.responses(r))
	return o
}

func operationID(r route) string {
	words := strings.FieldsFunc(r.path, func(c rune) bool { return c == '/' || c == '{' || c == '}' || c == '_' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.ToLower(r.method) + strings.Join(words, "")
}

func filterParameter(name string) *jsontree.Object {
	schema := object("type", "string")
	switch name {
	case "active", "published", "listable":
		schema = object("type", "boolean")
	case "price[min]", "price[max]":
		schema = object("type", "integer", "minimum", json.Number("0"))
	case "sort_by":
		values := make([]any, len(sorts()))
		for i, s := range sorts() {
			values[i] = s
		}
		schema = object("type", "string", "enum", values)
	case "options[NAME]":
		return object("name", "options", "in", "query", "style", "deepObject", "explode", true,
			"schema", object("type", "object", "additionalProperties", object("type", "string")))
	}
	return object("name", name, "in", "query", "schema", schema)
}

// body is the schema of a write: its fields as the object has them, but for
// those that are written in another form than they are read.
func (d describer) body(r route) *jsontree.Object {
	schema := d.schema(r.body)
	known, _ := jsontree.Get(schema, "properties")
	properties, _ := known.(*jsontree.Object)
	fields := object()
	for _, name := range r.fields {
		var of any = object()
		switch name {
		case "tags", "vendor", "skus", "images", "image", "items":
		case "modifiers":
			if r.body == "product" {
				of, _ = properties.Lookup(name)
			}
		default:
			of, _ = properties.Lookup(name)
		}
		fields.Set(name, of)
	}
	o := object("type", "object", "properties", fields)
	if len(r.needs) > 0 {
		names := make([]any, len(r.needs))
		for i, n := range r.needs {
			names[i] = n
		}
		o.Set("required", names)
	}
	return o
}

func (d describer) responses(r route) *jsontree.Object {
	content := func(schema *jsontree.Object) *jsontree.Object {
		return object("application/json", object("schema", schema))
	}
	all := object()
	status := r.status
	if status == 0 {
		status = http.StatusOK
	}
	ok := object("description", http.StatusText(status))
	if r.gives != "" {
		one := ref(r.gives)
		if r.tree {
			one = object("allOf", []any{one, object("required", []any{"children"})})
		}
		schema := object("type", "object", "required", []any{"data"}, "properties", object("data", one))
		if r.list {
			schema.Set("properties", object("data", object("type", "array", "items", one)))
		}
		if r.list && !r.bare {
			schema = object("type", "object", "required", []any{"meta", "data"}, "properties", object(
				"meta", object("type", "object", "required", []any{"pagination"}, "properties", object("pagination", ref("Pagination"))),
				"data", object("type", "array", "items", ref(r.gives))))
		}
		ok.Set("content", content(schema))
	}
	all.Set(strconv.Itoa(status), ok)
	problems := []int{http.StatusUnauthorized}
	if !r.public {
		problems = append(problems, http.StatusForbidden)
	}
	if strings.Contains(r.path, "{") {
		problems = append(problems, http.StatusNotFound)
	}
	if r.list && !r.bare || !reads(r.method) && r.method != http.MethodDelete {
		problems = append(problems, http.StatusUnprocessableEntity)
	}
	if r.body != "" {
		problems = append(problems, http.StatusRequestEntityTooLarge)
	}
	for _, s := range problems {
		all.Set(strconv.Itoa(s), object("description", http.StatusText(s), "content", content(ref("Error"))))
	}
	return all
}
