package shop

import (
	"math/rand/v2"
	"strconv"

	"github.com/brianvoe/gofakeit/v6"

	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// times says when an order came into being, was placed, paid and shipped. Zero
// is not yet.
type times struct{ created, placed, paid, shipped int64 }

// maxLines is the most lines that a story's ordinals have room for.
const maxLines = 4000

// newOrder makes the order as it stood when it was placed. own is the product
// that the story names, nil when it names none; it is the first line then.
func (s *story) newOrder(own *product) objects.Order {
	w, m, p, at := s.w, &s.mint, &s.customer.person, s.times
	r, t := stream(w.seed, s.shape, "order"), w.tables
	o := objects.Order{
		ID: m.cuid("ord", at.created, ordOrder), Object: objects.TypeOrder, Number: m.number(), Status: "placed",
		FinancialStatus: "pending", FulfillmentStatus: "unfulfilled", Email: p.email, SourceName: "web", Currency: "MXN",
		IsTest: w.test, CustomerID: s.customer.id(), ChannelID: w.channel,
		CartID:   m.cuid("crt", at.created-between(r, 1, 1800), ordCart),
		PlacedAt: at.placed, CreatedAt: at.created, UpdatedAt: at.placed,
	}
	d := orderDraft{s, r, &o}
	if s.shaped && s.lines > 0 {
		// As many lines as wanted, and all else as with those that are drawn.
		again, drawn, scratch := stream(w.seed, s.shape, "order"), *s, o
		between(again, 1, 1800) // the cart's
		drawn.lines = 0
		orderDraft{&drawn, r, &scratch}.fillItems(own)
		orderDraft{s, again, &o}.fillItems(own)
	} else {
		d.fillItems(own)
	}
	d.ship()
	if chance(r, 15) {
		o.TotalDiscount = o.SubtotalPrice / 1000 * 100 // a tenth, in whole pesos
	}
	o.TotalPrice = o.SubtotalPrice - o.TotalDiscount + o.ShippingRate + o.TotalTaxes

	buyer := s.customer.firstName(t) + " " + p.last
	o.Billing = p.places[0].contact(buyer, p.phones[0])
	o.Shipping = o.Billing
	if chance(r, 12) { // a gift goes to somebody else
		o.IsGift = true
		name := pick(r, t.firstNames).text + " " + pick(r, t.lastNames).text
		o.Shipping = p.places[1].contact(name, m.digits(w.phonePrefix, 2))
		if chance(r, 80) {
			o.GiftMessage = &t.giftMessages[r.IntN(len(t.giftMessages))]
		}
	}
	if chance(r, 25) {
		o.CustomerNote = &t.customerNotes[r.IntN(len(t.customerNotes))]
	}
	if chance(r, 8) {
		o.OrderNote = &t.orderNotes[r.IntN(len(t.orderNotes))]
	}
	d.visit()

	g := pick(r, t.gateways)
	o.Gateway = g.name
	o.Transactions = []objects.Transaction{d.charge(g)}
	return o
}

// orderDraft is the order of a story while it is drawn.
type orderDraft struct {
	*story
	r *rand.Rand
	o *objects.Order
}

// fillItems puts products of the shop into the order. Totals of items, weight
// and taxes follow from them.
func (d orderDraft) fillItems(own *product) {
	w, r, o, n := d.w, d.r, d.o, d.lines
	if n == 0 {
		n = 1 + []int{0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5}[r.IntN(11)]
	}
	o.Items = make([]objects.OrderItem, 0, n)
	order := r.Perm(len(w.products))
	for i := range n {
		p := &w.products[order[i%len(order)]]
		if i == 0 && p.good.digital && own == nil {
			// An order is never only of what is not shipped.
			order[0], order[1] = order[1], order[0]
			p = &w.products[order[0]]
		}
		k := &p.Skus[r.IntN(len(p.Skus))]
		if i == 0 && own != nil {
			p, k = own, &own.Skus[k.Position%int64(len(own.Skus))]
		}
		if i < len(order) || own != nil && i == len(order) { // the shop's first product is displaced by own
			o.TotalProducts++
		}
		o.Items = append(o.Items, d.newItem(p, k, i))
	}
	for i := range o.Items {
		it := &o.Items[i]
		o.TotalItems += it.Quantity
		o.TotalItemsPrice += it.Total
		o.TotalWeight += it.Weight * it.Quantity
		o.TotalTaxes += it.Total * it.TaxRate / 100
		o.IsShippingRequired = o.IsShippingRequired || it.IsShippingRequired
	}
	o.SubtotalPrice = o.TotalItemsPrice
}

func (d orderDraft) newItem(p *product, k *objects.Sku, i int) objects.OrderItem {
	r, o := d.r, d.o
	it := objects.OrderItem{
		ID: d.mint.cuid("itm", o.CreatedAt, ordItems+i), Object: objects.TypeOrderItem, Permalink: p.Permalink, Name: p.Name,
		ProductName: p.Name, Code: *k.Code, Price: k.Price, ComparedPrice: k.ComparedPrice, Quantity: 1, IsTaxable: p.taxable,
		IsShippingRequired: k.IsShippingRequired, OrderID: o.ID, ProductID: p.ID, SkuID: k.ID, CreatedAt: o.CreatedAt, UpdatedAt: o.CreatedAt,
	}
	if k.Weight != nil {
		it.Weight = *k.Weight
	}
	if len(k.Modifiers) > 0 {
		it.SkuName = k.Name
		it.Name += " " + k.Name
	}
	if chance(r, 70) {
		it.Vendor = &p.Vendor.Name
	}
	// A shipment has only its lines to show a "/" in.
	if len(k.Modifiers) < 2 || chance(r, 60) {
		it.Image = p.ImageURL
		if it.Image == nil {
			src := cdn + p.Permalink + ".jpg"
			it.Image = &src
		}
	}
	if p.taxable {
		it.TaxRate = 16
	}
	if d.lines <= 6 && chance(r, 25) {
		it.Quantity = between(r, 2, 4)
	}
	it.Total = it.Price * it.Quantity
	if chance(r, 12) {
		discount := it.Total * between(r, 1, 4) / 20
		it.Discount = &discount
		it.Total -= discount
	}
	return it
}

// ship chooses the shipping method: free for what is not shipped and for big
// orders, else one of the shop's rates.
func (d orderDraft) ship() {
	o, line := d.o, pick(d.r, d.w.rates)
	if !o.IsShippingRequired || o.SubtotalPrice >= 250_000 {
		line.Price, line.Kind, line.Title, line.Reference = 0, "price", "Envío gratis", "Envío gratis"
	}
	o.ShippingLines, o.ShippingRate = line, line.Price
}

// visit draws how the buyer came to the shop. Their network is one of the three
// that are reserved for documentation.
func (d orderDraft) visit() {
	w, r, o := d.w, d.r, d.o
	network := []string{"192.0.2.", "198.51.100.", "203.0.113."}[r.IntN(3)]
	o.BrowserIP = network + strconv.Itoa(1+r.IntN(254))
	o.UserAgent = userAgent(r)
	o.LandingSite = w.site + pick(r, w.tables.pages)
	if chance(r, 40) {
		o.LandingSite = w.site + "/productos/" + o.Items[0].Permalink
	}
	switch {
	case chance(r, 40):
		o.ReferringSite = w.site + "/checkouts/" + d.mint.cuid("chk", o.CreatedAt, ordCheckout) + "/complete"
	case chance(r, 30):
		o.ReferringSite = pick(r, w.tables.referrers)
	}
}

// userAgent draws a browser. gofakeit's own UserAgent also makes Firefox's,
// whose build date depends on today's year, so the bytes would change with it.
func userAgent(r *rand.Rand) string {
	f := gofakeit.NewCustom(source{rand.NewPCG(r.Uint64(), r.Uint64())})
	switch r.IntN(3) {
	case 0:
		return f.SafariUserAgent()
	case 1:
		return f.OperaUserAgent()
	default:
		return f.ChromeUserAgent()
	}
}

// charge is the payment as it stands before it was made.
func (d orderDraft) charge(g gateway) objects.Transaction {
	s, o := d.story, d.o
	c := objects.Transaction{
		ID: s.mint.cuid("tra", o.PlacedAt, ordTransaction), Object: objects.TypeTransaction, Amount: o.TotalPrice, Currency: o.Currency,
		Gateway: g.name, SourceName: "web", Kind: "charge", Status: "pending", IsTest: s.w.test, OrderID: o.ID,
		CreatedAt: o.PlacedAt, UpdatedAt: o.PlacedAt,
	}
	s.cash = g.cash
	s.authorization = strconv.FormatInt(between(d.r, 100_000, 999_999), 10)
	if s.shaped {
		s.authorization = strconv.FormatUint(100_000+hash(s.mint.base, 27)%900_000, 10)
	}
	if g.name != "manual" {
		// Processors number their charges, so this is identity and not shape.
		c.Reference = ptr(hex24(hash(s.mint.base, 24), hash(s.mint.base, 25)))
	}
	return c
}

// pay makes the order paid. A card's charge succeeds; what is paid outside (cash,
// bank) gets a second transaction that points to the first, newest first.
func (s *story) pay(o *objects.Order) {
	at := s.times.paid
	o.FinancialStatus = "paid"
	if !s.cash {
		c := o.Transactions[0]
		c.Status, c.UpdatedAt, c.Message = "succeeded", at, ptr("Transaction approved")
		c.Authorization = &s.authorization
		o.Transactions = []objects.Transaction{c}
		return
	}
	first := o.Transactions[0]
	c := first
	c.ID = s.mint.cuid("tra", at, ordTransaction+1)
	c.Status, c.ParentID, c.CreatedAt, c.UpdatedAt = "succeeded", &first.ID, at, at
	if c.Reference != nil {
		c.Message = ptr("Transaction approved")
	}
	o.Transactions = []objects.Transaction{c, first}
}

// newFulfillment ships the order's items, now and then only a part of them.
func (s *story) newFulfillment(o *objects.Order) objects.Fulfillment {
	r := stream(s.w.seed, s.shape, "fulfillment")
	f := objects.Fulfillment{
		ID: s.mint.cuid("ful", s.times.shipped, ordFulfillment), Object: objects.TypeFulfillment, Kind: "full", Status: "succeeded",
		IsCustomerNotified: chance(r, 70), OrderID: o.ID, CreatedAt: s.times.shipped, UpdatedAt: s.times.shipped,
	}
	s.carrier = r.IntN(len(s.w.tables.carriers))
	take := len(o.Items)
	half := int64(0) // of the last line, when not all of it goes
	if o.TotalItems > 1 && chance(r, 25) {
		f.Kind = "parcial"
		take = (len(o.Items) + 1) / 2
		if last := o.Items[take-1].Quantity; take == len(o.Items) {
			half = last / 2
		}
	}
	for i := range take {
		quantity := o.Items[i].Quantity
		if i == take-1 && half > 0 {
			quantity = half
		}
		f.Items = append(f.Items, objects.FulfillmentItem{
			FulfilledQuantity: quantity, FulfilledWeight: quantity * o.Items[i].Weight, OrderItem: o.Items[i],
		})
	}
	f.ItemsCount = int64(len(f.Items))
	s.track(&f, 0)
	return f
}

// track sets what the n-th update of a shipment changes: carrier and code.
func (s *story) track(f *objects.Fulfillment, n int) {
	carriers := s.w.tables.carriers
	f.Carrier = carriers[(s.carrier+n)%len(carriers)]
	code := hash(hash(s.mint.base, 26), uint64(n))
	f.TrackingCode = strconv.FormatUint(1_000_000_000+code%9_000_000_000, 10)
	if n > 0 {
		f.IsCustomerNotified = !f.IsCustomerNotified
	}
}

// fulfil writes into the order what the shipment has taken from it.
func fulfil(o *objects.Order, f *objects.Fulfillment, at int64) {
	items := make([]objects.OrderItem, len(o.Items))
	copy(items, o.Items)
	for i := range f.Items {
		items[i].Fulfilled = f.Items[i].FulfilledQuantity
		items[i].UpdatedAt = at
		f.Items[i].OrderItem = items[i]
	}
	o.Items = items
	o.FulfillmentStatus = "fulfilled"
	if f.Kind == "parcial" {
		o.FulfillmentStatus = "partial"
	}
}

func ptr[T any](v T) *T { return &v }

func hex24(a, b uint64) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 24)
	for i := range out {
		if i == 16 {
			a = b
		}
		out[i] = digits[a&15]
		a >>= 4
	}
	return string(out)
}
