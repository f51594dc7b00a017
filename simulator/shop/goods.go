package shop

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

const (
	day = 24 * 3600
	// reach is how far before the world's start a story may begin. Whatever
	// stories find in place (products, customers) is older than that and than
	// the days that an order needs to be paid and shipped.
	reach  = 60 * day
	oldest = 900 * day
	newest = 75 * day

	// shopProducts is how many products the shop carries.
	shopProducts = 24

	cdn = "https://cdn.kometia-static.com/mitienda/images/"
)

// Ordinals of ids: in the shop's own mint and in a story's.
const (
	ordChannel = 1
	ordRates   = 10
	ordVendors = 100
	ordTags    = 200
	ordShop    = 1000 // products of the shop, 64 each

	ordOrder       = 1
	ordCart        = 2
	ordCheckout    = 3
	ordCustomer    = 4
	ordAddresses   = 5
	ordFulfillment = 8
	ordCollection  = 10
	ordRules       = 11
	ordTransaction = 16
	ordProduct     = 64  // 64 of them
	ordForeign     = 256 // objects that only an overlay knows
	ordItems       = 1024
)

// A product takes one ordinal for itself, two for its images and the rest for
// its skus.
const perProduct = 64

type (
	shippingRate = objects.ShippingLine
	vendor       = objects.Vendor
	tag          = objects.Tag
)

// product is a product as it stands in the shop, with what a cart needs to know.
type product struct {
	objects.Product
	good    *good
	taxable bool
}

// stock fills the shop: the same for every story of the world.
func (w *World) stock() {
	shopKey := Key{Name: "shop"}
	w.mint = newMint(w.ids, "shop", shopKey)
	r := stream(w.seed, shopKey, "shop")
	w.channel = w.mint.cuid("chn", w.start-oldest, ordChannel)

	for i, at := range r.Perm(len(w.tables.rates))[:4] {
		line := w.tables.rates[at]
		w.rates = append(w.rates, shippingRate{
			ID: w.mint.cuid("shr", w.start-oldest+3600, ordRates+i), Kind: line.kind, Price: line.cents,
			Source: "platform", Title: line.title, Reference: line.title,
		})
	}

	w.vendors, w.tags = map[string]vendor{}, map[string]tag{}
	for i := range w.tables.goods {
		g := &w.tables.goods[i]
		if _, ok := w.vendors[g.vendor]; !ok {
			w.vendors[g.vendor] = w.newVendor(r, g.vendor, len(w.vendors))
		}
		for _, title := range g.tags {
			if _, ok := w.tags[title]; !ok {
				w.tags[title] = w.newTag(r, title, len(w.tags))
			}
		}
	}

	w.byID = make(map[string]*product, shopProducts)
	w.products = make([]product, 0, shopProducts)
	for i, at := range r.Perm(len(w.tables.goods))[:shopProducts] {
		g := &w.tables.goods[at]
		created := w.start - between(r, newest, oldest-30*day)
		unique := w.ids + string(base36[i/36]) + string(base36[i%36])
		w.products = append(w.products, w.newProduct(r, &w.mint, g, created, ordShop+i*perProduct, unique))
		w.byID[w.products[i].ID] = &w.products[i]
	}
}

func (w *World) newVendor(r *rand.Rand, name string, i int) vendor {
	created := w.start - between(r, oldest-20*day, oldest)
	v := vendor{
		ID: w.mint.cuid("vnd", created, ordVendors+i), Object: objects.TypeVendor, Permalink: slug(name) + "-" + w.ids,
		Name: name, CreatedAt: created, UpdatedAt: created + between(r, 0, 20*day),
	}
	if chance(r, 40) {
		v.Description = &w.tables.vendorNotes[r.IntN(len(w.tables.vendorNotes))]
	}
	return v
}

func (w *World) newTag(r *rand.Rand, title string, i int) tag {
	created := w.start - between(r, oldest-20*day, oldest)
	t := tag{
		ID: w.mint.cuid("tag", created, ordTags+i), Object: objects.TypeTag, Permalink: slug(title) + "-" + w.ids, Title: title,
	}
	if chance(r, 70) { // the samples show both
		t.CreatedAt, t.UpdatedAt = &created, &created
	}
	return t
}

// newProduct makes a product that came into being at a second, with ids from
// the ordinal on.
func (w *World) newProduct(r *rand.Rand, m *mint, g *good, created int64, ordinal int, unique string) product {
	p := product{good: g, taxable: chance(r, 20)}
	p.ID = m.cuid("prd", created, ordinal)
	p.Object = objects.TypeProduct
	p.Permalink = g.slug + "-" + unique
	p.Name = g.name
	if chance(r, 75) {
		p.Excerpt = &g.excerpt
	}
	p.Description = "<h2>" + g.name + "</h2>\r\n<p>" + g.excerpt + ".</p>"
	p.Price = cents(r, g.low, g.high)
	if chance(r, 30) {
		p.ComparedPrice = p.Price + p.Price/400*100 + 5000
	}
	p.MetaTitle = g.name
	if chance(r, 60) {
		p.MetaDescription = &g.excerpt
	}
	p.Vendor = w.vendors[g.vendor]
	p.Tags = make([]objects.Tag, len(g.tags))
	for i, title := range g.tags {
		p.Tags[i] = w.tags[title]
	}
	p.IsActive = true
	p.CreatedAt, p.UpdatedAt = created, created
	p.AvailableAt = created

	p.Images = []objects.File{}
	for i := range r.IntN(3) {
		p.Images = append(p.Images, newImage(r, m, g, created, ordinal+1+i, i, unique))
	}
	if len(p.Images) > 0 {
		p.ImageURL = &p.Images[0].URL
	}
	addSkus(r, m, &p, ordinal+3, unique)
	return p
}

func newImage(r *rand.Rand, m *mint, g *good, created int64, ordinal, i int, unique string) objects.File {
	name := g.slug + "-" + unique + "-" + strconv.Itoa(i+1) + ".jpg"
	return objects.File{
		ID: m.cuid("fil", created, ordinal), Object: objects.TypeFile, Filename: name,
		OriginalFilename: "IMG_" + strconv.FormatInt(between(r, 1000, 9999), 10) + ".JPG",
		Src:              cdn + name, URL: cdn + name + "?v=" + strconv.FormatInt(created, 10), MimeType: "image/jpeg",
		Size: between(r, 40_000, 900_000), CreatedAt: created, UpdatedAt: created,
	}
}

// addSkus gives the product its variants: every combination of the options'
// values, or the one default sku.
func addSkus(r *rand.Rand, m *mint, p *product, ordinal int, unique string) {
	type variant struct{ values []string }
	variants := []variant{{}}
	for _, o := range p.good.options {
		p.Modifiers = append(p.Modifiers, o.name)
		var next []variant
		for _, v := range variants {
			for _, value := range o.values {
				next = append(next, variant{append(v.values[:len(v.values):len(v.values)], value)})
			}
		}
		variants = next
	}
	counted := !p.good.digital && chance(r, 85)
	barcoded := chance(r, 40)
	code := p.good.mark + "-" + strings.ToUpper(unique)
	for i, v := range variants {
		s := objects.Sku{
			ID: m.cuid("sku", p.CreatedAt, ordinal+i), Object: objects.TypeSku, Permalink: "default", Name: "Default",
			Price: p.Price, ComparedPrice: p.ComparedPrice, IsTaxable: p.taxable, StockPolicy: "none", WeightUnit: "gr",
			IsShippingRequired: !p.good.digital, Position: int64(i + 1), ProductID: p.ID, CreatedAt: p.CreatedAt, UpdatedAt: p.CreatedAt,
			IsListable: i == 0, ImageURL: p.ImageURL,
		}
		if len(v.values) > 0 {
			s.Modifiers = v.values
			s.Name = strings.Join(v.values, " / ")
			s.Permalink = slug(s.Name)
		}
		number := code + "-" + strconv.Itoa(i+1)
		s.Code = &number
		if counted {
			stock, low := r.Int64N(120), between(r, 0, 10)
			s.StockPolicy, s.InStock, s.LowThreshold = "overall", &stock, &low
			s.IsBackorderable = chance(r, 20)
			notify := chance(r, 50)
			s.IsNotify = &notify
		}
		if p.good.digital {
			s.WeightUnit = "kg" // as the sample's sku without a weight has it
		} else {
			weight := p.good.weight
			s.Weight, s.WeightSource = &weight, &weight
		}
		if barcoded {
			s.Barcode = barcode(hash(m.base, uint64(ordinal+i)))
		}
		p.Skus = append(p.Skus, s)
	}
}

// barcode is an EAN-13 of the range 200-299, which shops number as they like,
// with its check digit.
func barcode(h uint64) string {
	b := []byte("2000000000000")
	for i := 1; i < 12; i++ {
		b[i] = byte('0' + h%10)
		h /= 10
	}
	sum := 0
	for i, c := range b[:12] {
		sum += int(c-'0') * (1 + i%2*2)
	}
	b[12] = byte('0' + (10-sum%10)%10)
	return string(b)
}

// cents draws a price from a range in pesos, with an ending as shops write it.
func cents(r *rand.Rand, low, high int64) int64 {
	pesos := between(r, low, high)
	switch {
	case pesos < 100 || chance(r, 15):
		return pesos*100 + []int64{0, 50, 90, 99}[r.IntN(4)]
	case chance(r, 50):
		return (pesos - pesos%10 + 9) * 100
	default:
		return (pesos - pesos%10) * 100
	}
}

// revise gives the product as it is after its n-th update; 0 is as it was made.
// Two updates in a row differ in name, texts, prices and stock.
func (w *World) revise(p *product, seed uint64, key Key, n int, at int64) product {
	q := *p
	q.UpdatedAt = at
	if n == 0 {
		return q
	}
	r := stream(seed, key, "product update "+strconv.Itoa(n))
	edition := w.tables.editions[(key.Index+n)%len(w.tables.editions)]
	excerpt := p.good.excerpt + " (" + edition + ")"
	q.Name = p.Name + " " + edition
	q.MetaTitle = q.Name
	q.Excerpt, q.MetaDescription = &excerpt, &excerpt
	q.Description = "<h2>" + q.Name + "</h2>\r\n<p>" + excerpt + ".</p>"
	// The peso that n adds keeps two updates in a row apart.
	q.Price = p.Price/20000*10000 + 5000 + between(r, 1, 40)*1000 + int64(n)*100
	if q.Price == p.Price {
		q.Price += 50
	}
	q.ComparedPrice = p.Price + 9900 + int64(n)*100
	q.Skus = make([]objects.Sku, len(p.Skus))
	for i, s := range p.Skus {
		s.Price, s.ComparedPrice, s.UpdatedAt = q.Price, q.ComparedPrice, at
		if s.InStock != nil {
			stock := *s.InStock/2 + int64(n)*3 + 130 + r.Int64N(3)
			s.InStock = &stock
		}
		q.Skus[i] = s
	}
	return q
}
