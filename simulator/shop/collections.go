package shop

import (
	"math/rand/v2"
	"strconv"

	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// newCollection makes a story's collection, which came into being at a second.
func (s *story) newCollection(created int64) objects.Collection {
	r := stream(s.w.seed, s.shape, "collection")
	g := pick(r, s.w.tables.collections)
	c := describeCollection(r, &g, created, g.slug+"-"+s.mint.unique())
	c.ID = s.mint.cuid("col", created, ordCollection)
	for i := range c.Rules {
		c.Rules[i].ID = s.mint.cuid("rul", created, ordRules)
	}
	return c
}

// describeCollection makes a collection that has everything but ids.
func describeCollection(r *rand.Rand, g *group, created int64, permalink string) objects.Collection {
	c := objects.Collection{
		Object: objects.TypeCollection, Permalink: permalink,
		Title: g.title, Description: "<p>" + g.text + "</p>", MetaTitle: g.title, MetaDescription: g.text, Kind: g.kind,
		SortingRule: "manual", IsVisible: !chance(r, 10), CreatedAt: created, UpdatedAt: created,
		VisibleAt: created - created%60, // the admin sets it to the minute
		Rules:     []objects.CollectionRule{},
	}
	c.ImageURL = cdn + c.Permalink + ".jpg?v=" + strconv.FormatInt(created, 10)
	if chance(r, 30) {
		c.SortingRule = "name-desc"
	}
	if g.kind == "smart" {
		c.Rules = append(c.Rules, objects.CollectionRule{
			Object: objects.TypeCollectionRule, Field: g.field, Condition: g.condition, Value: g.value,
		})
	}
	return c
}

// reviseCollection gives the collection as it is after its n-th update. Two
// updates in a row differ in title, texts, sorting rule and image.
func reviseCollection(c objects.Collection, base *objects.Collection, twist string, n int, at int64) objects.Collection {
	c.Title = base.Title + ": " + twist
	c.MetaTitle = c.Title
	c.MetaDescription = base.MetaDescription + ". " + twist
	c.Description = "<p>" + c.MetaDescription + "</p>"
	c.SortingRule = []string{"manual", "name-desc"}[n%2]
	if base.SortingRule == "manual" {
		c.SortingRule = []string{"name-desc", "manual"}[(n+1)%2]
	}
	c.ImageURL = cdn + base.Permalink + ".jpg?v=" + strconv.FormatInt(at, 10)
	c.UpdatedAt = at
	return c
}
