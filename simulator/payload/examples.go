package payload

import (
	"math/rand/v2"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// example sends a documented sample inside of an event of the shop, under the
// identities of the shop's object: the sample's own are the same in every
// account, so a receiver would be right to have seen them.
func (g *Generator) example(index, n uint64, r *rand.Rand) (*Case, error) {
	k := g.kinds[n%uint64(len(g.kinds))]
	round := n / uint64(len(g.kinds))
	if len(k.examples) == 0 || round >= uint64(2*len(k.examples)) {
		// All were sent, twice. What the shop tells is as good as a sample.
		return g.mutated(k, index, r)
	}
	c, err := g.draft(k, g.story(index, 0))
	if err != nil {
		return nil, err
	}
	at := place{{name: "data"}, {name: "object"}}
	drafted, _ := get(c.Tree, at)
	sample := jsontree.Clone(k.examples[round%uint64(len(k.examples))])
	adopt(sample, drafted, r)
	set(c.Tree, at, sample)
	c.changed, c.Changed = []place{at}, []string{"data.object"}
	c.Name = "the documented sample"
	if g.cfg.Catalogue.Validate(k.Name, c.Tree) != nil {
		return g.mutated(k, index, r)
	}
	if !g.coverage.complete() {
		g.coverage.book(k.top, c.Tree)
	}
	return c, nil
}

// adopt gives a sample the identities and times of an object that the shop drafted:
// its members that name the object are the object's, every other id is a fresh
// one, the same for the same id.
func adopt(sample, drafted any, r *rand.Rand) {
	s, ok1 := sample.(*jsontree.Object)
	t, ok2 := drafted.(*jsontree.Object)
	if !ok1 || !ok2 {
		return
	}
	renamed := map[string]string{}
	for _, m := range t.Members {
		was, there := s.Lookup(m.Name)
		if !there {
			continue
		}
		from, ok1 := was.(string)
		to, ok2 := m.Value.(string)
		switch {
		case ok1 && ok2 && isID(from) && isID(to) && from[:3] == to[:3]:
			renamed[from] = to
		case m.Name == "number", m.Name == "email", m.Name == "permalink":
			s.Set(m.Name, m.Value)
		case strings.HasSuffix(m.Name, "_at") && was != nil && m.Value != nil:
			s.Set(m.Name, m.Value)
		}
	}
	for i := range s.Members {
		slugs(s.Members[i].Value, r)
	}
	rename(s, func(text string) string {
		if !isID(text) {
			return text
		}
		if _, known := renamed[text]; !known {
			fresh := renewID(text, r)
			renamed[text] = fresh[:17] + "ksim" + fresh[21:]
		}
		return renamed[text]
	})
}

// slugs gives the objects inside of a sample permalinks of their own: under a
// fresh id an old permalink would be another object's.
func slugs(v any, r *rand.Rand) {
	switch v := v.(type) {
	case *jsontree.Object:
		for i := range v.Members {
			if text, ok := v.Members[i].Value.(string); ok && v.Members[i].Name == "permalink" && text != "" {
				v.Members[i].Value = text + "-" + characters(r, 8)
			}
			slugs(v.Members[i].Value, r)
		}
	case []any:
		for _, e := range v {
			slugs(e, r)
		}
	}
}

// rename replaces every text in a tree.
func rename(v any, to func(string) string) any {
	switch v := v.(type) {
	case *jsontree.Object:
		for i := range v.Members {
			v.Members[i].Value = rename(v.Members[i].Value, to)
		}
	case []any:
		for i := range v {
			v[i] = rename(v[i], to)
		}
	case string:
		return to(v)
	}
	return v
}

// isID reports whether a text is an id of the platform.
func isID(s string) bool {
	if len(s) != 29 || s[3] != '_' || s[4] != 'c' {
		return false
	}
	return strings.Trim(s[:3], "abcdefghijklmnopqrstuvwxyz") == "" && strings.Trim(s[5:], base36) == ""
}
