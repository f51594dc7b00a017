package schemas

import (
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Member is a member of an object, as its schema tells it.
type Member struct {
	Name string
	// Type is the JSON type, or several: "integer", "string or null", "array
	// of order_item", "customer_address or null".
	Type        string
	Required    bool
	Provenance  Provenance // "" when the schema does not say
	Description lang.Text  // zero for most
	Note        lang.Text  // what is inferred or assumed about it; zero for most
	Knob        string     // what changes that; "" for most
}

// Members lists the members of an object, or of the event, in the order in
// which Kometia writes them. An object built on another one (allOf) has its own
// members first and those of the other one after them. An unknown object is an
// *UnknownError.
func (c *Catalogue) Members(object string) ([]Member, error) {
	s, err := c.objectSource(object)
	if err != nil {
		return nil, err
	}
	return c.documents.members(s.tree, s, map[*jsontree.Object]bool{}), nil
}

func (d documents) members(node *jsontree.Object, s *source, seen map[*jsontree.Object]bool) []Member {
	if node == nil || seen[node] {
		return nil
	}
	seen[node] = true
	required := map[string]bool{}
	for _, name := range list(node, "required") {
		text, _ := name.(string)
		required[text] = true
	}
	var members []Member
	if properties, ok := node.Lookup("properties"); ok {
		for _, p := range properties.(*jsontree.Object).Members {
			m := Member{Name: p.Name, Required: required[p.Name]}
			if schema, ok := p.Value.(*jsontree.Object); ok {
				m.describe(schema, d, s)
			}
			members = append(members, m)
		}
	}
	for _, base := range list(node, "allOf") {
		if o, ok := base.(*jsontree.Object); ok {
			target, owner := d.follow(o, s)
			for _, m := range d.members(target, owner, seen) {
				if !hasMember(members, m.Name) {
					members = append(members, m)
				}
			}
		}
	}
	return members
}

func hasMember(members []Member, name string) bool {
	for _, m := range members {
		if m.Name == name {
			return true
		}
	}
	return false
}

// follow goes to what a $ref names; a schema without one is its own target.
func (d documents) follow(node *jsontree.Object, s *source) (*jsontree.Object, *source) {
	ref, ok := node.Lookup("$ref")
	if !ok {
		return node, s
	}
	document, target, _ := strings.Cut(absolute(ref.(string), s), "#")
	other := d.source(document)
	if other == nil {
		return nil, s
	}
	return other.schemas[target], other
}

func (m *Member) describe(schema *jsontree.Object, d documents, s *source) {
	m.Type = d.typeOf(schema, s)
	m.Provenance = Provenance(schema.Text("x-provenance"))
	m.Description = lang.Text{ES: schema.Text("x-description-es"), EN: schema.Text("description")}
	m.Note = note(schema)
	m.Knob = schema.Text("x-knob")
}

// typeOf words the type of a schema.
func (d documents) typeOf(schema *jsontree.Object, s *source) string {
	if target, owner := d.follow(schema, s); target != schema {
		if target != nil && target == owner.tree {
			return owner.name()
		}
		if target == nil {
			return ""
		}
		return d.typeOf(target, owner)
	}
	names := list(schema, "type")
	if one := schema.Text("type"); one != "" {
		names = []any{one}
	}
	words := make([]string, 0, len(names))
	for _, n := range names {
		word, _ := n.(string)
		inner, ok := any(nil), false
		switch word {
		case "array":
			if inner, ok = schema.Lookup("items"); ok {
				if o, isObject := inner.(*jsontree.Object); isObject {
					word += " of " + d.typeOf(o, s)
				}
			}
		case "object":
			if inner, ok = schema.Lookup("then"); ok {
				if o, isObject := inner.(*jsontree.Object); isObject {
					word = d.typeOf(o, s)
				}
			}
		}
		words = append(words, word)
	}
	return strings.Join(words, " or ")
}

func list(node *jsontree.Object, name string) []any {
	v, _ := node.Lookup(name)
	a, _ := v.([]any)
	return a
}

func note(node *jsontree.Object) lang.Text {
	v, _ := node.Lookup("x-note")
	o, ok := v.(*jsontree.Object)
	if !ok {
		return lang.Text{}
	}
	return lang.Text{ES: o.Text("es"), EN: o.Text("en")}
}

// Note returns what is inferred or assumed about a kind or an object as a
// whole; zero for most, and for a name that is unknown.
func (c *Catalogue) Note(name string) lang.Text {
	for _, id := range []string{kindID(name), objectID(name)} {
		if s := c.documents.source(id); s != nil {
			return note(s.tree)
		}
	}
	return lang.Text{}
}
