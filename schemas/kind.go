package schemas

import (
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Kind is an event kind of the catalogue. All that sets the events of one kind
// apart from those of another stands here, as data of its schema file: a story,
// a practice receiver and a history treat a kind that only the user knows like
// one of Kometia's.
type Kind struct {
	Name       string // "order.placed"
	Object     string // type of the object carried: "order"
	Title      lang.Text
	Provenance Provenance
	// Action is what such an event says of its object.
	Action Action
	// After names the kinds without which such an event cannot be: no payment
	// without its order. Catalogue.Before lists all that must have come before.
	// Read only; nil for most kinds.
	After []string
	// Set is what such an event changes in its object: path in data.object to
	// jsontree value. Read only; nil for most kinds.
	Set map[string]any
}

// Action is what an event says of its object.
type Action string

// The actions. Only an order is placed and paid.
const (
	Create Action = "create" // the object begins to be
	Place  Action = "place"  // the customer has ordered: for most shops the first that they hear
	Pay    Action = "pay"    // the order is paid from here on
	Update Action = "update" // anything else about it
	Delete Action = "delete" // the object is no more
)

func actions() []string {
	return []string{string(Create), string(Place), string(Pay), string(Update), string(Delete)}
}

// actionOf is the action of a kind whose schema names none: cart.created creates
// and cart.deleted deletes, everything else updates.
func actionOf(name string) Action {
	switch name[strings.LastIndexByte(name, '.')+1:] {
	case "created":
		return Create
	case "deleted":
		return Delete
	}
	return Update
}

// complete gives a kind the behaviour that its schema file does not state: that
// of the kind whose place it takes, if there is one.
func (k *Kind) complete(before *source) {
	if before != nil && k.After == nil {
		k.After = before.kind.After
	}
	switch {
	case k.Action != "":
	case before != nil:
		k.Action = before.kind.Action
	default:
		k.Action = actionOf(k.Name)
	}
}

// Deletes reports whether the object is gone with such an event.
func (k Kind) Deletes() bool { return k.Action == Delete }

// Begins reports whether such an event may be the first that a receiver hears of
// its object because the object is new.
func (k Kind) Begins() bool { return k.Action == Create || k.Action == Place }

// Before lists the kinds that must have come before an event of a kind, so that
// a receiver which says "not yet" to the event alone is served, in their order:
// those that After names, and what must have come before these; without any,
// the kind that creates the object comes before one that updates or deletes it.
// Nil for an unknown kind.
func (c *Catalogue) Before(name string) []string {
	var list []string
	seen := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		kind, err := c.Kind(name)
		if err != nil || seen[name] {
			return
		}
		seen[name] = true
		needs := kind.After
		if needs == nil && (kind.Action == Update || kind.Action == Delete) {
			needs = c.creators(kind.Object)
		}
		for _, need := range needs {
			add(need)
			if need != name && !slices.Contains(list, need) {
				list = append(list, need)
			}
		}
	}
	add(name)
	return list
}

// creators is the first kind that creates an object, if any does.
func (c *Catalogue) creators(object string) []string {
	for _, k := range c.kinds {
		if k.Object == object && k.Action == Create {
			return []string{k.Name}
		}
	}
	return nil
}

// checkAfter reports the kinds in After that nobody knows, and those that come
// after themselves.
func (c *Catalogue) checkAfter(s *source) []error {
	const at = "x-kind.after"
	var mistakes []error
	for _, name := range s.kind.After {
		if c.documents.source(kindID(name)) == nil {
			mistakes = append(mistakes, s.mistake(at, "no existe el tipo de evento %q%s", "unknown event kind %q%s", name, didYouMean(name, c.kindNames())))
		}
	}
	if mistakes == nil && c.comesAfter(s.kind, s.kind.Name, map[string]bool{}) {
		mistakes = append(mistakes, s.mistake(at, "%s tendría que venir antes de sí mismo", "%s would have to come before itself", s.kind.Name))
	}
	return mistakes
}

// comesAfter reports whether a kind needs another one, however far back.
func (c *Catalogue) comesAfter(k *Kind, name string, seen map[string]bool) bool {
	for _, need := range k.After {
		if need == name {
			return true
		}
		if s := c.documents.source(kindID(need)); s != nil && !seen[need] {
			seen[need] = true
			if c.comesAfter(s.kind, name, seen) {
				return true
			}
		}
	}
	return false
}

func (c *Catalogue) kindNames() []string {
	names := make([]string, len(c.kinds))
	for i, k := range c.kinds {
		names[i] = k.Name
	}
	return names
}
