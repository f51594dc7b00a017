package shop

import (
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// ordHouse is the vendor of products that name none, behind those of the goods.
const ordHouse = 90

// Product creates a product or changes one.
//
// Where the documents are silent: tags and vendor may be names or objects with
// one; a sku with an id is changed, one without is added, and none that is not
// named goes away; images that are named take the place of those there were; the
// product's price is that of its cheapest sku.
func (wr Write) Product(was, fields *jsontree.Object) (*jsontree.Object, error) {
	p := wr.pen()
	created := was == nil
	if created {
		name := fields.Text("name")
		was = jsontree.OfStruct(&objects.Product{
			ID: p.id("prd"), Object: objects.TypeProduct, Permalink: p.permalink(name), MetaTitle: name, Vendor: p.w.house(), Tags: []objects.Tag{},
			Skus: []objects.Sku{}, Images: []objects.File{}, IsActive: true, AvailableAt: p.at, CreatedAt: p.at,
		})
		p.require(fields, "name")
	}
	o := jsontree.Clone(was).(*jsontree.Object)
	p.take(o, objects.TypeProduct, fields, "", []string{
		"permalink", "name", "excerpt", "description", "modifiers", "meta_title", "meta_description", "is_active", "available_at",
	}, []string{"tags", "vendor", "skus", "images"})
	if v, ok := fields.Lookup("tags"); ok {
		o.Set("tags", p.tags(v))
	}
	if v, ok := fields.Lookup("vendor"); ok && v != nil {
		o.Set("vendor", p.vendor(v))
	}
	if v, ok := fields.Lookup("images"); ok {
		images := p.images(o, v)
		o.Set("images", listOf(images))
		o.Set("image_url", nil)
		if len(images) > 0 {
			o.Set("image_url", images[0].Text("url"))
		}
	}
	skus := o.Objects("skus")
	given, _ := fields.Lookup("skus")
	for i, f := range p.objects(given, "skus") {
		skus = p.sku(o, skus, f, i)
	}
	if created && len(skus) == 0 {
		skus = p.sku(o, skus, &jsontree.Object{}, 0)
	}
	if created || given != nil {
		p.price(o, skus)
	}
	o.Set("updated_at", number(p.at))
	return p.done(objects.TypeProduct, o)
}

// house is the vendor of products that name none.
func (w *World) house() objects.Vendor {
	made := w.start - oldest
	return objects.Vendor{
		ID: w.mint.cuid("vnd", made, ordVendors+ordHouse), Object: objects.TypeVendor, Permalink: "mi-tienda-" + w.ids, Name: "Mi Tienda",
		CreatedAt: made, UpdatedAt: made,
	}
}

// price gives the product its skus and the price of the cheapest of them.
func (p *pen) price(o *jsontree.Object, skus []*jsontree.Object) {
	o.Set("skus", listOf(skus))
	cheapest, least := (*jsontree.Object)(nil), int64(0)
	for _, s := range skus {
		if n, ok := whole(s, "price"); ok && (cheapest == nil || n < least) {
			cheapest, least = s, n
		}
	}
	if cheapest != nil {
		o.Set("price", number(least))
		compared, _ := cheapest.Lookup("compared_price")
		o.Set("compared_price", compared)
	}
}

// tags gives the tags of a write: those of the shop where it has them.
func (p *pen) tags(v any) []any {
	list, ok := v.([]any)
	if !ok || len(list) > most {
		p.refuse("tags", "se espera una lista de a lo más %d textos", "expected a list of at most %d texts", most)
		return nil
	}
	out := make([]any, 0, len(list))
	for i, e := range list {
		title, _ := e.(string)
		if o, ok := e.(*jsontree.Object); ok {
			title = o.Text("title")
		}
		known, ok := p.w.tags[title]
		switch {
		case title == "":
			p.refuse(jsontree.JoinIndex("tags", i), "se espera el nombre de una etiqueta", "expected the name of a tag")
			continue
		case !ok:
			known = objects.Tag{ID: p.id("tag"), Object: objects.TypeTag, Permalink: p.permalink(title), Title: title, CreatedAt: &p.at, UpdatedAt: &p.at}
		}
		if o, ok := e.(*jsontree.Object); ok && o.Text("id") != "" {
			out = append(out, jsontree.Clone(o)) // written back as it was read
			continue
		}
		out = append(out, jsontree.OfStruct(&known))
	}
	return out
}

func (p *pen) vendor(v any) any {
	name, _ := v.(string)
	if o, ok := v.(*jsontree.Object); ok {
		if name = o.Text("name"); o.Text("id") != "" && name != "" {
			return jsontree.Clone(o)
		}
		for _, known := range p.w.vendors {
			if known.ID == o.Text("id") {
				name = known.Name
			}
		}
	}
	if name == "" {
		p.refuse("vendor", "se espera el nombre de un proveedor", "expected the name of a vendor")
		return nil
	}
	known, ok := p.w.vendors[name]
	if !ok {
		known = objects.Vendor{
			ID: p.id("vnd"), Object: objects.TypeVendor, Permalink: p.permalink(name), Name: name, CreatedAt: p.at, UpdatedAt: p.at,
		}
	}
	return jsontree.OfStruct(&known)
}

// images gives the product's images: those it has, by id, and new ones.
func (p *pen) images(product *jsontree.Object, v any) (out []*jsontree.Object) {
	has := product.Objects("images")
	for i, f := range p.objects(v, "images") {
		switch id, name, address := f.Text("id"), f.Text("filename"), f.Text("url"); {
		case id != "":
			if image := findIn(has, id); image != nil {
				out = append(out, image)
				continue
			}
			p.refuse(fieldOf("images", i, "id"), "el producto no tiene esa imagen", "the product has no such image")
		case name != "":
			out = append(out, p.image(name, cdn+name))
		case address != "":
			out = append(out, p.image(fileOf(address), address))
		default:
			p.refuse(jsontree.JoinIndex("images", i), "se espera id, filename o url", "expected id, filename or url")
		}
	}
	return out
}

// fileOf is the name of the file at an address.
func fileOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Path != "" {
		address = u.Path
	}
	return path.Base(address)
}

func (p *pen) image(name, address string) *jsontree.Object {
	kinds := map[string]string{".png": "image/png", ".gif": "image/gif", ".webp": "image/webp", ".svg": "image/svg+xml"}
	kind, ok := kinds[strings.ToLower(path.Ext(name))]
	if !ok {
		kind = "image/jpeg"
	}
	return jsontree.OfStruct(&objects.File{
		ID: p.id("fil"), Object: objects.TypeFile, Filename: name, OriginalFilename: name, Src: address, URL: address, MimeType: kind,
		Size: 48_000, CreatedAt: p.at, UpdatedAt: p.at,
	})
}

// sku changes the sku that a write names by its id, or adds one.
func (p *pen) sku(product *jsontree.Object, skus []*jsontree.Object, f *jsontree.Object, i int) []*jsontree.Object {
	var s *jsontree.Object
	if id := f.Text("id"); id != "" {
		if s = findIn(skus, id); s == nil {
			p.refuse(fieldOf("skus", i, "id"), "el producto no tiene ese sku", "the product has no such sku")
			return skus
		}
	} else {
		image, _ := product.Lookup("image_url")
		fresh := objects.Sku{
			ID: p.id("sku"), Object: objects.TypeSku, Permalink: "default", Name: "Default", StockPolicy: "none", WeightUnit: "gr",
			IsShippingRequired: true, IsListable: len(skus) == 0, Position: int64(len(skus) + 1), ProductID: product.Text("id"), CreatedAt: p.at,
		}
		s = jsontree.OfStruct(&fresh)
		s.Set("image_url", image)
		if n, ok := whole(f, "in_stock"); ok && n >= 0 {
			s.Set("stock_policy", "overall")
		}
		skus = append(skus, s)
	}
	field := jsontree.JoinIndex("skus", i)
	if v, ok := f.Lookup("modifiers"); ok && v != nil {
		p.modifiers(product, s, v, field)
	}
	p.take(s, objects.TypeSku, f, field, []string{
		"permalink", "name", "code", "barcode", "price", "compared_price", "is_listable", "is_taxable", "in_stock", "is_backorderable",
		"is_shipping_required", "is_notify", "stock_policy", "low_threshold", "weight", "weight_unit", "position",
	}, []string{"modifiers", "image"})
	if image, ok := f.Lookup("image"); ok {
		p.skuImage(product, s, image, field)
	}
	if s.Text("stock_policy") == "none" {
		s.Set("in_stock", nil)
	}
	s.Set("updated_at", number(p.at))
	return skus
}

// modifiers sets a sku's values of the product's modifiers. A request names them,
// {"talla": "Chica"}, a response lists them; both are taken.
func (p *pen) modifiers(product, s *jsontree.Object, v any, field string) {
	names, _ := product.Lookup("modifiers")
	list, _ := names.([]any)
	var values []any
	switch v := v.(type) {
	case []any:
		values = v
		if len(v) != len(list) {
			p.refuse(join(field, "modifiers"), "se esperan %d valores", "expected %d values", len(list))
		}
	case *jsontree.Object:
		for _, n := range list {
			name, _ := n.(string)
			value, ok := v.Lookup(name)
			if !ok {
				p.refuse(join(field, "modifiers"), "falta %q", "%q is missing", name)
			}
			values = append(values, value)
		}
		for _, m := range v.Members {
			if !slices.Contains(list, any(m.Name)) {
				p.refuse(join(join(field, "modifiers"), m.Name), "el producto no tiene ese modificador", "the product has no such modifier")
			}
		}
	default:
		p.refuse(join(field, "modifiers"), "se espera un objeto", "expected an object")
	}
	var words []string
	for _, value := range values {
		word, _ := value.(string)
		words = append(words, word)
	}
	s.Set("modifiers", jsontree.Clone(values))
	if name := strings.Join(words, " / "); name != "" {
		s.Set("name", name)
		if link := slug(name); link != "" {
			s.Set("permalink", link)
		}
	}
}

func (p *pen) skuImage(product, s *jsontree.Object, v any, field string) {
	o, _ := v.(*jsontree.Object)
	id, name, address := o.Text("id"), o.Text("filename"), o.Text("url")
	image := findIn(product.Objects("images"), id)
	switch {
	case v == nil:
		s.Set("image_url", nil)
	case id != "" && image != nil:
		s.Set("image_url", image.Text("url"))
	case id == "" && name != "":
		s.Set("image_url", cdn+name)
	case id == "" && address != "":
		s.Set("image_url", address)
	default:
		p.refuse(join(field, "image"), "se espera id de una imagen del producto, filename o url", "expected id of an image of the product, filename or url")
	}
}
