package control

import (
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
)

// route is one thing that the control API does.
type route struct {
	method, path string
	summary      lang.Text
	query        string // names, separated by spaces
	in           string // JSON Schema of what is sent; "" for nothing
	out          any    // what is answered, as a zero value; nil is any JSON
	do           func(*http.Request) (any, error)
}

// What several routes take.
const (
	whole   = `{"type": "integer", "minimum": 0}`
	kinds   = `{"type": "array", "items": {"type": "string"}, "minItems": 1}`
	waiting = `{"type": "object", "additionalProperties": false, "properties": {"wait": {"type": "boolean"}}}`
)

// routes are all that there are, but for /_sim/watch and /healthz, which speak no
// JSON.
func (h *handler) routes() []route {
	text := func(es, en string) lang.Text { return lang.Text{ES: es, EN: en} }
	return []route{
		{http.MethodGet, "/_sim/status", text("Cuántas entregas hay en cada estado, y la hora", "How many deliveries are in each state, and the time"), "", "", statusView{}, h.status},
		{http.MethodGet, "/_sim/clock", text("La hora de la tienda y cómo pasa", "The shop's time, and how it passes"), "", "", clockView{}, h.clock},
		{
			http.MethodPost, "/_sim/clock/advance", text("Adelanta el reloj: se entrega todo lo que toque, en orden", "Advance the clock: all that becomes due is delivered, in order"), "",
			`{"type": "object", "additionalProperties": false, "required": ["by"], "properties": {"by": {"type": "string", "examples": ["48h"]}, "wait": {"type": "boolean"}}}`,
			clockView{},
			h.advance,
		},
		{http.MethodPost, "/_sim/clock/finish", text("Adelanta el reloj hasta que todo se recibió o expiró", "Advance the clock until all is acknowledged or has expired"), "", waiting, clockView{}, h.finish},
		{
			http.MethodPost, "/_sim/clock/play", text("Cuántos segundos pasan en uno; 0 detiene el reloj", "How many seconds pass in one; 0 stops the clock"), "",
			`{"type": "object", "additionalProperties": false, "required": ["speed"], "properties": {"speed": {"type": "number", "minimum": 0}}}`,
			clockView{},
			h.play,
		},
		{http.MethodGet, "/_sim/kinds", text("Los tipos de evento", "The event kinds"), "", "", listView[kindView]{}, h.kinds},
		{
			http.MethodPost, "/_sim/draft", text("Los cuerpos de una historia, para editarlos; nada sucede", "The payloads of a story, to be edited; nothing happens"), "",
			`{"type": "object", "additionalProperties": false, "required": ["kinds"], "properties": {"kinds": ` + kinds + `}}`,
			draftView{},
			h.draft,
		},
		{
			http.MethodPost, "/_sim/emit", text("Algo sucede en la tienda: una historia, o eventos editados", "Something happens in the shop: a story, or edited events"), "",
			`{"type": "object", "additionalProperties": false, "properties": {"kinds": ` + kinds + `, "count": ` + whole + `, "payloads": {"type": "array", "items": {"type": "object"}}, "anyway": {"type": "boolean"}, "wait": {"type": "boolean"}}}`,
			listView[eventView]{},
			h.emit,
		},
		{http.MethodGet, "/_sim/events", text("Lo que ha sucedido, lo más nuevo primero", "What has happened, newest first"), "before limit", "", listView[eventView]{}, h.events},
		{http.MethodGet, "/_sim/subscriptions", text("Los webhooks", "The webhooks"), "", "", listView[subscriptionView]{}, h.subscriptions},
		{
			http.MethodPost, "/_sim/subscriptions", text("Agrega un webhook; uno de otra computadora se confirma con other_machine", "Add a webhook; other_machine confirms one of another computer"), "",
			`{"type": "object", "additionalProperties": false, "required": ["url", "kinds"], "properties": {"url": {"type": "string"}, "kinds": ` + kinds + `, "other_machine": {"type": "boolean"}}}`,
			subscriptionView{},
			h.subscribe,
		},
		{http.MethodGet, "/_sim/subscriptions/{id}", text("Un webhook", "A webhook"), "", "", subscriptionView{}, byID(h.subscription)},
		{
			http.MethodPost, "/_sim/subscriptions/{id}", text("Cambia un webhook", "Change a webhook"), "",
			`{"type": "object", "additionalProperties": false, "properties": {"url": {"type": "string"}, "kinds": ` + kinds + `, "other_machine": {"type": "boolean"}}}`,
			subscriptionView{},
			byID(h.change),
		},
		{http.MethodDelete, "/_sim/subscriptions/{id}", text("Quita un webhook y lo que le faltaba recibir", "Remove a webhook, and what is still to be sent to it"), "", "", struct{}{}, byID(h.unsubscribe)},
		{
			http.MethodPost, "/_sim/subscriptions/{id}/fault", text("Echa a perder sus siguientes intentos: lose-answer, timeout, refuse...; vacío lo arregla", "Break its next attempts: lose-answer, timeout, refuse...; empty ends that"), "",
			`{"type": "object", "additionalProperties": false, "properties": {"fault": {"type": "string"}, "times": {"type": "integer"}}}`,
			subscriptionView{},
			byID(h.breaks),
		},
		{http.MethodGet, "/_sim/deliveries", text("Las entregas, la más nueva primero", "The deliveries, newest first"), "subscription state kind event before limit", "", listView[deliveryView]{}, h.deliveries},
		{http.MethodGet, "/_sim/deliveries/{id}", text("Una entrega con sus intentos, respuestas y diagnóstico", "A delivery with its attempts, responses and diagnosis"), "", "", deliveryView{}, byID(h.delivery)},
		{http.MethodPost, "/_sim/deliveries/{id}/redeliver", text("Un intento más, ahora; de lo que expiró, ninguno", "A further attempt now; none of what has expired"), "", waiting, deliveryView{}, byID(h.redeliver)},
		{http.MethodGet, "/_sim/deliveries/{id}/case", text("Un caso para kometia-sim replay", "A case for kometia-sim replay"), "", "", nil, byID(h.export)},
		{http.MethodGet, "/_sim/calls", text("Quién preguntó qué a la API", "What the API was asked, and with which key"), "before limit about", "", listView[callView]{}, h.calls},
		{http.MethodGet, "/_sim/keys", text("Las llaves de la API", "The keys of the API"), "", "", listView[keyView]{}, h.keys},
		{http.MethodPost, "/_sim/reset", text("Olvida todo menos llaves, semilla y hora", "Forget everything but keys, seed and time"), "", "", struct{}{}, h.reset},
	}
}

// Document describes both APIs in OpenAPI 3.1, in a language: that of the shop,
// and the control API beside it.
func Document(cfg Config, tag lang.Tag) *jsontree.Object {
	doc := api.Document(cfg.Platform.API().Catalogue, tag)
	paths, _ := doc.Lookup("paths")
	all, _ := paths.(*jsontree.Object)
	for _, r := range (&handler{cfg}).routes() {
		item, _ := all.Lookup(r.path)
		operations, ok := item.(*jsontree.Object)
		if !ok {
			operations = parsed(`{"servers": [{"url": "/"}]}`)
			all.Set(r.path, operations)
		}
		operations.Set(strings.ToLower(r.method), r.operation(tag))
	}
	return doc
}

func (r route) operation(tag lang.Tag) *jsontree.Object {
	o := parsed(`{"tags": ["control"], "security": [{}, {"bearer": []}]}`)
	o.Set("operationId", strings.ToLower(r.method)+strings.NewReplacer("/_sim", "", "/", "_", "{", "", "}", "").Replace(r.path))
	o.Set("summary", r.summary.In(tag))
	parameters := []any{}
	if strings.Contains(r.path, "{id}") {
		parameters = append(parameters, parsed(`{"name": "id", "in": "path", "required": true, "schema": `+whole+`}`))
	}
	for _, name := range strings.Fields(r.query) {
		schema := `{"type": "string"}`
		if strings.Contains("before limit subscription", name) {
			schema = whole
		}
		parameters = append(parameters, parsed(`{"name": "`+name+`", "in": "query", "schema": `+schema+`}`))
	}
	o.Set("parameters", parameters)
	if r.in != "" {
		o.Set("requestBody", parsed(`{"content": {"application/json": {"schema": `+r.in+`}}}`))
	}
	answer := jsontree.OfStruct(&struct{}{})
	if r.out != nil {
		answer = schemaOf(reflect.TypeOf(r.out))
	}
	good := parsed(`{"description": "OK", "content": {"application/json": {}}}`)
	_ = jsontree.SetPath(good, "content[\"application/json\"]", withSchema(answer)) // it is there
	responses := &jsontree.Object{}
	responses.Set("200", good)
	responses.Set("default", parsed(`{"description": "Error", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}`))
	o.Set("responses", responses)
	return o
}

func withSchema(schema *jsontree.Object) *jsontree.Object {
	o := &jsontree.Object{}
	o.Set("schema", schema)
	return o
}

// parsed is JSON that stands in this file.
func parsed(text string) *jsontree.Object {
	doc, err := jsontree.Parse([]byte(text))
	if err != nil {
		panic(err) // a spec reads them all
	}
	o, _ := doc.Root.(*jsontree.Object)
	return o
}

// schemaOf is the schema of what a value of a type is written as.
func schemaOf(t reflect.Type) *jsontree.Object {
	switch {
	case t == reflect.TypeFor[time.Time]():
		return parsed(`{"type": "string", "format": "date-time"}`)
	case t.Kind() == reflect.Pointer:
		o := schemaOf(t.Elem())
		if kind, ok := o.Lookup("type"); ok {
			o.Set("type", []any{kind, "null"})
		}
		return o
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return parsed(`{"type": "object"}`) // JSON that is an event
	case t.Kind() == reflect.Slice || t.Kind() == reflect.Array:
		o := parsed(`{"type": "array"}`)
		o.Set("items", schemaOf(t.Elem()))
		return o
	case t.Kind() == reflect.Map:
		o := parsed(`{"type": "object"}`)
		o.Set("additionalProperties", schemaOf(t.Elem()))
		return o
	case t.Kind() == reflect.Struct:
		return structSchema(t)
	case t.Kind() == reflect.Bool:
		return parsed(`{"type": "boolean"}`)
	case t.Kind() == reflect.String:
		return parsed(`{"type": "string"}`)
	case t.Kind() == reflect.Float64:
		return parsed(`{"type": "number"}`)
	default:
		return parsed(`{"type": "integer"}`)
	}
}

func structSchema(t reflect.Type) *jsontree.Object {
	properties, required := &jsontree.Object{}, []any{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		properties.Set(name, schemaOf(f.Type))
		if options != "omitempty" {
			required = append(required, name)
		}
	}
	o := parsed(`{"type": "object", "additionalProperties": false}`)
	o.Set("properties", properties)
	if len(required) > 0 {
		o.Set("required", required)
	}
	return o
}
