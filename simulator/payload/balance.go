package payload

import (
	"encoding/json"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// balance makes the amounts of an order agree again after some of them were
// changed: a receiver that adds them up is a good receiver. What was changed
// stays; what follows from it follows.
func balance(order *jsontree.Object, changed []place) {
	b := ledger{order: order}
	if !b.open() {
		return
	}
	for _, p := range changed {
		if len(p) < 3 {
			continue
		}
		b.follow(p[2:]) // behind data.object
	}
	b.close()
}

// ledger is an order seen as amounts.
type ledger struct {
	order *jsontree.Object
	items []*jsontree.Object
}

// open reports whether the object is an order with lines.
func (b *ledger) open() bool {
	for _, name := range []string{"total_price", "subtotal_price", "total_discount", "shipping_rate", "total_taxes", "total_items_price"} {
		if _, ok := amount(b.order, name); !ok {
			return false
		}
	}
	v, _ := b.order.Lookup("items")
	list, _ := v.([]any)
	for _, e := range list {
		item, ok := e.(*jsontree.Object)
		if !ok {
			return false
		}
		for _, name := range []string{"price", "quantity", "total"} {
			if _, ok := amount(item, name); !ok {
				return false
			}
		}
		b.items = append(b.items, item)
	}
	return len(b.items) > 0
}

func amount(o *jsontree.Object, name string) (int64, bool) {
	v, _ := o.Lookup(name)
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	i, ok := integer(n)
	return i, ok && i > -1<<40 && i < 1<<40
}

func (b *ledger) get(name string) int64 {
	n, _ := amount(b.order, name)
	return n
}

func (b *ledger) put(name string, n int64) { b.order.Set(name, number(n)) }

// worth makes the first line cost so much, as one piece without discount.
func (b *ledger) worth(total int64) {
	item := b.items[0]
	item.Set("price", number(total))
	item.Set("quantity", number(1))
	item.Set("total", number(total))
	if _, ok := item.Lookup("discount"); ok {
		item.Set("discount", nil)
	}
}

func (b *ledger) others() (sum int64) {
	for _, item := range b.items[1:] {
		n, _ := amount(item, "total")
		sum += n
	}
	return sum
}

// goods makes the lines add up to a sum.
func (b *ledger) goods(sum int64) {
	if rest := sum - b.others(); rest >= 0 {
		b.worth(rest)
		return
	}
	v, _ := b.order.Lookup("items")
	b.order.Set("items", v.([]any)[:1])
	b.items = b.items[:1]
	b.worth(sum)
}

// follow makes one change true.
func (b *ledger) follow(p place) {
	switch {
	case len(p) == 3 && p[0].name == "items" && p[1].index < len(b.items):
		b.line(b.items[p[1].index], p[2].name)
	case len(p) == 3 && p[0].name == "transactions" && p[2].name == "amount":
		if v, ok := get(b.order, p); ok {
			b.order.Set("total_price", v)
			b.total()
		}
	case len(p) == 2 && p[0].name == "shipping_lines" && p[1].name == "price":
		if v, ok := get(b.order, p); ok {
			b.order.Set("shipping_rate", v)
		}
	case len(p) != 1:
	case p[0].name == "subtotal_price", p[0].name == "total_items_price":
		b.goods(b.get(p[0].name))
	case p[0].name == "total_price":
		b.total()
	}
}

// line makes a line agree with the member of it that was changed.
func (b *ledger) line(item *jsontree.Object, name string) {
	price, ok1 := amount(item, "price")
	quantity, ok2 := amount(item, "quantity")
	total, ok3 := amount(item, "total")
	discount, _ := amount(item, "discount")
	if !ok1 || !ok2 || !ok3 {
		return
	}
	switch name {
	case "total":
		item.Set("price", number(total))
		item.Set("quantity", number(1))
		if discount != 0 {
			item.Set("discount", nil)
		}
	case "discount":
		if discount > price*quantity {
			item.Set("price", number(discount))
			price = discount
		}
		item.Set("total", number(price*quantity-discount))
	case "price", "quantity":
		if discount > price*quantity {
			item.Set("discount", number(price*quantity))
			discount = price * quantity
		}
		item.Set("total", number(price*quantity-discount))
	}
}

// total makes the rest lead to the total price: by a discount when it is low, by
// a dearer first line when it is high.
func (b *ledger) total() {
	want := b.get("total_price")
	extra := b.get("shipping_rate") + b.get("total_taxes")
	var goods int64
	for _, item := range b.items {
		n, _ := amount(item, "total")
		goods += n
	}
	if want <= goods+extra {
		b.put("total_discount", goods+extra-want)
		return
	}
	b.put("total_discount", 0)
	b.worth(want - extra - b.others())
}

// close adds up.
func (b *ledger) close() {
	var goods, pieces int64
	for _, item := range b.items {
		n, _ := amount(item, "total")
		goods += n
		n, _ = amount(item, "quantity")
		pieces += n
	}
	discount, extra := b.get("total_discount"), b.get("shipping_rate")+b.get("total_taxes")
	if discount > goods+extra {
		b.worth(discount - extra - b.others())
		goods = discount - extra
	}
	b.put("total_items_price", goods)
	b.put("subtotal_price", goods)
	b.put("total_items", pieces)
	total := goods - discount + extra
	b.put("total_price", total)
	if line, _ := b.order.Lookup("shipping_lines"); line != nil {
		if o, ok := line.(*jsontree.Object); ok {
			o.Set("price", number(b.get("shipping_rate")))
		}
	}
	for _, t := range b.order.Objects("transactions") {
		t.Set("amount", number(total))
	}
}
