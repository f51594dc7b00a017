package shop

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// Ordinals of what stands in the shop, in the shop's own mint. The products
// begin at ordShop.
const (
	ordCategories   = 300
	ordGateways     = 340
	ordBlogs        = 360
	ordPosts        = 370
	ordPages        = 400
	ordEditor       = 430
	ordCollections  = 440 // and their rules behind them
	ordCollectRules = 470
)

// standingOrders is how many orders the shop already has.
const standingOrders = 8

// Standing gives what is in the shop before anything happens in it: its
// products, collections, categories, gateways, blogs, posts and pages, and a few
// orders of the last weeks with their customers and shipments. No event tells of
// them. It is a function of the World alone; none is there twice; the trees are
// the caller's.
func (w *World) Standing() ([]*jsontree.Object, error) {
	out := w.Products()
	seen := map[string]bool{}
	for _, p := range w.products {
		seen[p.ID] = true
	}
	out = append(out, w.collections()...)
	out = append(out, w.content()...)
	stories := [][]string{
		{"order.placed"},
		{"order.placed", "order.paid"},
		{"order.placed", "order.paid", "fulfillment.created"},
		{"order.placed", "order.paid", "fulfillment.created", "fulfillment.updated"},
	}
	for i := range standingOrders {
		events, err := w.Draft(Story{
			Key: Key{Name: "standing", Index: i}, Kinds: stories[i%len(stories)],
			At: w.Start().Add(-time.Duration(2+i*5) * day * time.Second), Gap: 5 * time.Hour,
		})
		if err != nil {
			return nil, err
		}
		for _, o := range w.Objects(events[len(events)-1]) {
			id, _ := o.Lookup("id")
			if s, _ := id.(string); !seen[s] {
				seen[s] = true
				out = append(out, o)
			}
		}
	}
	return out, nil
}

// collections are those that the shop has, made as a story makes one.
func (w *World) collections() (out []*jsontree.Object) {
	r := stream(w.seed, Key{Name: "shop"}, "collections")
	for i, g := range w.tables.collections {
		c := describeCollection(r, &g, w.start-between(r, newest, oldest-30*day), slug(g.title)+"-"+w.ids)
		c.ID = w.mint.cuid("col", c.CreatedAt, ordCollections+i)
		for j := range c.Rules {
			c.Rules[j].ID = w.mint.cuid("rul", c.CreatedAt, ordCollectRules+i)
		}
		out = append(out, jsontree.OfStruct(&c))
	}
	return out
}

// content is what no event carries.
func (w *World) content() (out []*jsontree.Object) {
	r := stream(w.seed, Key{Name: "shop"}, "content")
	made := func() int64 { return w.start - between(r, newest, oldest-30*day) }
	editor := w.mint.cuid("usr", w.start-oldest, ordEditor)

	ids, places := map[string]*string{}, map[string]int64{}
	for i, b := range w.tables.categories {
		at := made()
		c := objects.Category{
			ID: w.mint.cuid("cat", at, ordCategories+i), Object: objects.TypeCategory, Permalink: slug(b.title), Title: b.title,
			Order: places[b.parent], ParentID: ids[b.parent], CreatedAt: at, UpdatedAt: at,
		}
		places[b.parent]++
		ids[b.title] = &c.ID
		out = append(out, jsontree.OfStruct(&c))
	}

	known := map[string]bool{}
	for _, g := range w.tables.gateways {
		if known[g.name] {
			continue
		}
		known[g.name] = true
		at, text := made(), w.tables.gatewayTexts[g.name]
		o := objects.Gateway{
			ID: w.mint.cuid("gtw", at, ordGateways+len(known)), Object: objects.TypeGateway, Name: text.name, Source: g.name, Driver: g.name,
			IsEnabled: true, Settings: map[string]string{"public_key": "key_"}, CreatedAt: at, UpdatedAt: at,
		}
		if text.shown != "" {
			o.DisplayName = &text.shown
		}
		if text.instructions != "" {
			o.Settings = map[string]string{"instructions": text.instructions}
		}
		out = append(out, jsontree.OfStruct(&o))
	}

	blogs := map[string]string{}
	for i, title := range w.tables.blogs {
		at := made()
		b := objects.Blog{
			ID: w.mint.cuid("blg", at, ordBlogs+i), Object: objects.TypeBlog, Permalink: slug(title), Title: title, MetaTitle: title,
			CreatedAt: at, UpdatedAt: at,
		}
		blogs[title] = b.ID
		out = append(out, jsontree.OfStruct(&b))
	}
	for i, p := range w.tables.posts {
		at := made()
		o := objects.Post{
			ID: w.mint.cuid("pst", at, ordPosts+i), Object: objects.TypePost, Permalink: slug(p.title), Title: p.title, Summary: p.summary,
			Content: "<p>" + p.content + "</p>", MetaTitle: p.title, BlogID: blogs[p.blog], UserID: editor, IsPublished: true,
			PublishedAt: &at, CreatedAt: at, UpdatedAt: at,
		}
		if p.summary != "" {
			o.MetaDescription = &p.summary
		}
		out = append(out, jsontree.OfStruct(&o))
	}
	for i, p := range w.tables.standingPages {
		at := made()
		o := objects.Page{
			ID: w.mint.cuid("pag", at, ordPages+i), Object: objects.TypePage, Permalink: slug(p.title), Title: p.title,
			Content: "<p>" + p.content + "</p>", MetaTitle: p.title, IsPublished: !p.draft, CreatedAt: at, UpdatedAt: at,
		}
		if !p.draft {
			o.PublishedAt = &at
		}
		out = append(out, jsontree.OfStruct(&o))
	}
	return out
}

// Picked says which products stand in a collection of the shop that is filled by
// hand: of those that the shop carries a third, always the same. None are in any
// other collection, nor in a nil World's.
func (w *World) Picked(collectionID string) func(productID string) bool {
	picked := map[string]bool{}
	if w != nil {
		for _, c := range w.collections() {
			if c.Text("id") != collectionID {
				continue
			}
			for i := range w.products {
				if hashString(hashString(w.seed, c.Text("title")), w.products[i].good.slug)%3 == 0 {
					picked[w.products[i].ID] = true
				}
			}
		}
	}
	return func(productID string) bool { return picked[productID] }
}

// Categories gives the ids of the shop's categories that products with these
// tags belong to; none for a nil World.
func (w *World) Categories(tags []string) (ids []string) {
	if w == nil {
		return nil
	}
	for i, c := range w.content()[:len(w.tables.categories)] {
		if slices.ContainsFunc(w.tables.categories[i].tags, func(tag string) bool { return slices.Contains(tags, tag) }) {
			ids = append(ids, c.Text("id"))
		}
	}
	return ids
}
