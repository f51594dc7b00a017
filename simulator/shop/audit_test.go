package shop_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// The audit reads events as a receiver does, from their bytes, and knows nothing
// of how they were made.

type object = map[string]any

var (
	phonePattern  = regexp.MustCompile(`^25\d{8}$`)
	documentation = []netip.Prefix{
		netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
	}
)

var idPattern = regexp.MustCompile(`\b[a-z]{3}_c[0-9a-z]{24}`)

var start = time.Date(2026, 3, 14, 15, 9, 26, 0, time.UTC)

func world(seed uint64, ids string) *shop.World {
	w, err := shop.New(shop.Config{Seed: seed, IDs: ids, Start: start})
	if err != nil {
		panic(err)
	}
	return w
}

func decode(body []byte) object {
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	var v object
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

func integer(o object, name string) int64 {
	n, ok := o[name].(json.Number)
	if !ok {
		panic(fmt.Sprintf("%s is %T, no number", name, o[name]))
	}
	v, err := n.Int64()
	if err != nil {
		panic(err)
	}
	return v
}

func elements(o object, name string) []object {
	var out []object
	for _, e := range o[name].([]any) {
		out = append(out, e.(object))
	}
	return out
}

// second is the time in an id.
func second(id string) int64 {
	ms, err := strconv.ParseInt(id[5:13], 36, 64)
	if err != nil {
		panic(err)
	}
	return ms / 1000
}

// everyObject calls f for each JSON object inside v.
func everyObject(v any, f func(object)) {
	switch v := v.(type) {
	case object:
		f(v)
		for _, e := range v {
			everyObject(e, f)
		}
	case []any:
		for _, e := range v {
			everyObject(e, f)
		}
	}
}

type findings []error

func (f *findings) want(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

func same[T comparable](f *findings, what string, got, want T) {
	f.want(got == want, "%s: %v, expected %v", what, got, want)
}

// audit says everything that is wrong with the events of one story.
func audit(w *shop.World, events []*shop.Event) error {
	var f findings
	last := int64(0)
	audited := map[string]object{} // the shop's products are the same at every event
	own := map[string]bool{}
	for _, e := range events {
		own[e.ObjectID] = true
	}
	for _, e := range events {
		body := e.Body(jsontree.PHP)
		event := decode(body)
		at := e.At.Unix()
		f.want(at > last, "time stands still at %s", e.Kind)
		last = at
		auditEnvelope(&f, e, event)
		auditBytes(&f, body, at)
		auditTimes(&f, event, at)
		auditHarmless(&f, event)

		carried := event["data"].(object)["object"].(object)
		known := map[string]object{}
		for _, tree := range w.Objects(e) {
			if id, _ := tree.Lookup("id"); audited[id.(string)] != nil {
				known[id.(string)] = audited[id.(string)]
				continue
			}
			bytes := jsontree.Encode(tree, jsontree.PHP)
			auditBytes(&f, bytes, at)
			o := decode(bytes)
			auditTimes(&f, o, at)
			id := o["id"].(string)
			_, twice := known[id]
			f.want(!twice, "%s: the API has %s twice", e.Kind, id)
			known[id] = o
			if o["object"] == "product" && !own[id] {
				audited[id] = o
			}
		}
		switch {
		case strings.HasSuffix(e.Kind, ".deleted"):
			f.want(known[e.ObjectID] == nil, "%s: the API still has it", e.Kind)
		case known[e.ObjectID] == nil:
			f.want(false, "%s: the API does not have its object", e.Kind)
		default:
			f.want(reflect.DeepEqual(known[e.ObjectID], carried), "%s: the API says otherwise", e.Kind)
		}
		switch e.ObjectType {
		case "order":
			auditOrder(&f, carried, known)
			same(&f, "number", e.Number, carried["number"].(string))
			same(&f, "total", e.Total, integer(carried, "total_price"))
		case "fulfillment":
			order := known[carried["order_id"].(string)]
			if order == nil {
				f.want(false, "%s: the API has no order", e.Kind)
				continue
			}
			auditOrder(&f, order, known)
			auditFulfillment(&f, carried, order)
		case "customer":
			auditCustomer(&f, carried)
		case "product":
			auditProduct(&f, carried)
		}
	}
	auditStory(&f, events)
	return errors.Join(f...)
}

func auditEnvelope(f *findings, e *shop.Event, event object) {
	same(f, "event object", event["object"].(string), "event")
	same(f, "event id", event["id"].(string), e.ID)
	same(f, "event kind", event["kind"].(string), e.Kind)
	same(f, "event created_at", integer(event, "created_at"), e.At.Unix())
	same(f, "event updated_at", integer(event, "updated_at"), e.At.Unix())
	carried := event["data"].(object)["object"].(object)
	same(f, "object id", carried["id"].(string), e.ObjectID)
	same(f, "object type", carried["object"].(string), e.ObjectType)
	same(f, "object updated_at", integer(carried, "updated_at") <= e.At.Unix(), true)
}

// auditBytes holds what is true of every id, wherever it stands.
func auditBytes(f *findings, body []byte, at int64) {
	f.want(strings.Contains(string(body), `\/`), "no \\/ in %s", body)
	for _, id := range idPattern.FindAllString(string(body), -1) {
		same(f, "host of "+id, id[17:21], "ksim")
		f.want(second(id) <= at, "%s is of the future", id)
	}
}

func auditTimes(f *findings, v any, at int64) {
	everyObject(v, func(o object) {
		for name, value := range o {
			if n, ok := value.(json.Number); ok && strings.HasSuffix(name, "_at") {
				t, _ := n.Int64()
				f.want(t <= at, "%s %d is after the event, %d", name, t, at)
			}
		}
		id, isString := o["id"].(string)
		created, isNumber := o["created_at"].(json.Number)
		if isString && isNumber {
			same(f, "second of "+id, second(id), integer(o, "created_at"))
			f.want(integer(o, "updated_at") >= integer(o, "created_at"), "%s: updated before %s", id, created)
		}
	})
}

func auditHarmless(f *findings, v any) {
	everyObject(v, func(o object) {
		if email, ok := o["email"].(string); ok {
			f.want(strings.HasSuffix(email, "@example.com"), "email %s", email)
		}
		if phone, ok := o["phone"].(string); ok {
			f.want(phonePattern.MatchString(phone), "phone %s", phone)
		}
		if ip, ok := o["browser_ip"].(string); ok {
			address, err := netip.ParseAddr(ip)
			f.want(err == nil && slices.ContainsFunc(documentation, func(p netip.Prefix) bool { return p.Contains(address) }), "address %s", ip)
		}
		if test, ok := o["is_test"].(bool); ok {
			f.want(test, "is_test is false")
		}
	})
}

func auditOrder(f *findings, o object, known map[string]object) {
	number, err := strconv.ParseInt(o["number"].(string), 10, 64)
	f.want(err == nil && number > 0 && number <= 1<<31-1, "order number %v", o["number"])
	var quantity, price, weight, taxes int64
	products := map[string]bool{}
	shipped := int64(0)
	for _, it := range elements(o, "items") {
		q, p := integer(it, "quantity"), integer(it, "price")
		total := p * q
		if it["discount"] != nil {
			total -= integer(it, "discount")
		}
		same(f, "item total", integer(it, "total"), total)
		f.want(total >= 0, "item total %d", total)
		quantity += q
		price += total
		weight += q * integer(it, "weight")
		taxes += total * integer(it, "tax_rate") / 100
		shipped += integer(it, "fulfilled")
		f.want(integer(it, "fulfilled") <= q, "more shipped than bought")
		same(f, "item's order", it["order_id"].(string), o["id"].(string))
		name := it["product_name"].(string)
		if it["sku_name"] != "" {
			name += " " + it["sku_name"].(string)
		}
		same(f, "item name", it["name"].(string), name)
		auditReference(f, it, o, known)
		products[it["product_id"].(string)] = true
	}
	same(f, "total_items", integer(o, "total_items"), quantity)
	same(f, "total_products", integer(o, "total_products"), int64(len(products)))
	same(f, "total_items_price", integer(o, "total_items_price"), price)
	same(f, "subtotal_price", integer(o, "subtotal_price"), price)
	same(f, "total_weight", integer(o, "total_weight"), weight)
	same(f, "total_taxes", integer(o, "total_taxes"), taxes)
	same(f, "total_price", integer(o, "total_price"), price-integer(o, "total_discount")+integer(o, "shipping_rate")+taxes)
	f.want(integer(o, "total_price") > 0 && integer(o, "total_price") <= 1<<31-1, "total_price %d", integer(o, "total_price"))
	same(f, "shipping_lines.price", integer(o["shipping_lines"].(object), "price"), integer(o, "shipping_rate"))
	f.want(integer(o, "created_at") <= integer(o, "placed_at"), "placed before created")
	f.want(second(o["cart_id"].(string)) <= integer(o, "created_at"), "the cart is younger than the order")

	switch o["fulfillment_status"] {
	case "unfulfilled":
		same(f, "shipped", shipped, 0)
	case "fulfilled":
		same(f, "shipped", shipped, quantity)
	case "partial":
		f.want(shipped > 0 && shipped < quantity, "partial: %d of %d", shipped, quantity)
	}
	auditPayment(f, o)

	customer := known[o["customer_id"].(string)]
	if customer == nil {
		f.want(false, "the API has no customer of the order")
		return
	}
	same(f, "customer's email", customer["email"].(string), o["email"].(string))
	f.want(integer(customer, "created_at") <= integer(o, "created_at"), "the customer is younger than the order")
	for _, name := range []string{"shipping", "billing"} {
		address := o[name].(object)["address"].(object)
		same(f, "country", address["country_code"].(string), "MX")
	}
}

// auditReference looks an order's line up in the shop.
func auditReference(f *findings, it, o object, known map[string]object) {
	product := known[it["product_id"].(string)]
	if product == nil {
		f.want(false, "the API has no product of the line")
		return
	}
	f.want(integer(product, "created_at") <= integer(o, "created_at"), "the product is younger than the order")
	same(f, "line's permalink", it["permalink"].(string), product["permalink"].(string))
	for _, sku := range elements(product, "skus") {
		if sku["id"] != it["sku_id"] {
			continue
		}
		same(f, "line's code", it["code"].(string), sku["code"].(string))
		if integer(product, "updated_at") <= integer(o, "created_at") { // else it was changed after it was bought
			same(f, "line's price", integer(it, "price"), integer(sku, "price"))
			same(f, "line's product", it["product_name"].(string), product["name"].(string))
		}
		return
	}
	f.want(false, "the product has no sku %s", it["sku_id"])
}

func auditPayment(f *findings, o object) {
	transactions := elements(o, "transactions")
	ids := map[string]bool{}
	for _, t := range transactions {
		ids[t["id"].(string)] = true
	}
	succeeded, newest := int64(0), int64(1<<62)
	for _, t := range transactions {
		same(f, "transaction's order", t["order_id"].(string), o["id"].(string))
		same(f, "transaction's gateway", t["gateway"].(string), o["gateway"].(string))
		same(f, "transaction's amount", integer(t, "amount"), integer(o, "total_price"))
		if t["status"] == "succeeded" {
			succeeded += integer(t, "amount")
		}
		if parent, ok := t["parent_id"].(string); ok {
			f.want(ids[parent], "no transaction %s", parent)
		}
		f.want(integer(t, "created_at") <= newest, "transactions: not newest first")
		newest = integer(t, "created_at")
	}
	switch o["financial_status"] {
	case "paid":
		same(f, "money received", succeeded, integer(o, "total_price"))
	case "pending":
		same(f, "money received", succeeded, 0)
	}
	if o["gateway"] == "manual" && o["financial_status"] == "paid" {
		same(f, "transactions of a manual payment", len(transactions), 2)
	}
}

func auditFulfillment(f *findings, o, order object) {
	bought := map[string]object{}
	for _, it := range elements(order, "items") {
		bought[it["id"].(string)] = it
	}
	all := int64(0)
	items := elements(o, "items")
	for _, it := range items {
		line := bought[it["id"].(string)]
		if line == nil {
			f.want(false, "shipped what was not bought: %s", it["id"])
			continue
		}
		q := integer(it, "fulfilled_quantity")
		all += q
		f.want(q > 0, "nothing of a line shipped")
		same(f, "fulfilled", integer(line, "fulfilled"), q)
		same(f, "fulfilled_weight", integer(it, "fulfilled_weight"), q*integer(it, "weight"))
		delete(it, "fulfilled_quantity")
		delete(it, "fulfilled_weight")
		f.want(reflect.DeepEqual(it, line), "a line differs from the order's")
	}
	same(f, "items_count", integer(o, "items_count"), int64(len(items)))
	same(f, "kind is full", o["kind"] == "full", all == integer(order, "total_items"))
	f.want(integer(o, "created_at") >= integer(order, "placed_at"), "shipped before placed")
}

func auditCustomer(f *findings, o object) {
	same(f, "customer's name", o["name"].(string), o["first_name"].(string)+" "+o["last_name"].(string))
	addresses := elements(o, "addresses")
	primary := 0
	for _, a := range addresses {
		if a["is_primary"] == true {
			primary++
			f.want(reflect.DeepEqual(o["default_address"], any(a)), "the default address is not the primary one")
		}
	}
	same(f, "primary addresses", primary, min(1, len(addresses)))
	same(f, "has a default address", o["default_address"] != nil, len(addresses) > 0)
}

func auditProduct(f *findings, o object) {
	for i, sku := range elements(o, "skus") {
		same(f, "sku's product", sku["product_id"].(string), o["id"].(string))
		same(f, "sku's position", integer(sku, "position"), int64(i+1))
		same(f, "stock is counted", sku["in_stock"] != nil, sku["stock_policy"] == "overall")
		same(f, "sku's modifiers", sku["modifiers"] == nil, o["modifiers"] == nil)
	}
}

// auditStory compares the events with each other.
func auditStory(f *findings, events []*shop.Event) {
	ids, objects := map[string]bool{}, map[string]string{}
	var customer, order, product object
	rank := map[string]int{}
	for _, e := range events {
		f.want(!ids[e.ID], "event id twice")
		ids[e.ID] = true
		if id, ok := objects[e.ObjectType]; ok {
			same(f, "one "+e.ObjectType+" a story", e.ObjectID, id)
		}
		objects[e.ObjectType] = e.ObjectID
		o := decode(e.Body(jsontree.Plain))["data"].(object)["object"].(object)
		switch e.ObjectType {
		case "customer":
			customer = o
		case "product":
			product = o
		case "order":
			if order != nil {
				for _, name := range []string{"number", "email", "total_price", "created_at", "placed_at", "cart_id", "shipping", "billing", "customer_id"} {
					f.want(reflect.DeepEqual(o[name], order[name]), "order's %s: %v, before %v", name, o[name], order[name])
				}
				f.want(integer(o, "updated_at") > integer(order, "updated_at"), "the order's updated_at stands still")
			}
			order = o
			paid := 0
			if o["financial_status"] == "paid" {
				paid = 1
			}
			f.want(paid >= rank["paid"], "no longer paid")
			rank["paid"] = paid
		}
	}
	if customer != nil && order != nil {
		same(f, "the story's customer", order["customer_id"], customer["id"])
		same(f, "the story's email", order["email"], customer["email"])
	}
	if product != nil && order != nil {
		found := false
		for _, it := range elements(order, "items") {
			found = found || it["product_id"] == product["id"]
		}
		f.want(found, "the order is not of the story's product")
	}
}
