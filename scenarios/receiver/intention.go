package receiver

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Intention is what the receiver does in a way of its own, on purpose: nothing for
// a test order, a mail only for gifts. Neither effects nor what is kept of the
// events that it covers are held against the receiver; their answers are.
type Intention struct {
	// Kinds are event kinds, or globs of them such as order.*; none means all.
	Kinds []string
	// When names members and the values of which each has to have one, and Unless
	// those of which none may have one. Within a path, [] is any element of a list;
	// a member that is missing is null.
	When, Unless map[string][]any
}

// Covers reports whether an event is one that the intention is about.
func (i *Intention) Covers(kind string, tree *jsontree.Object) bool {
	if len(i.Kinds) > 0 && !slices.ContainsFunc(i.Kinds, func(glob string) bool { return fits(glob, kind) }) {
		return false
	}
	for at, values := range i.When {
		if !says(tree, at, values) {
			return false
		}
	}
	for at, values := range i.Unless {
		if says(tree, at, values) {
			return false
		}
	}
	return true
}

func fits(glob, kind string) bool {
	ok, err := path.Match(glob, kind)
	return err == nil && ok
}

// says reports whether what an event has at a path is one of some values.
func says(tree *jsontree.Object, at string, values []any) bool {
	return slices.ContainsFunc(valuesAt(tree, at), func(said any) bool {
		return slices.ContainsFunc(values, func(v any) bool { return Same(said, v) })
	})
}

// valuesAt are the values at a path, several where it goes through lists.
func valuesAt(root any, at string) []any {
	before, after, through := strings.Cut(at, "[]")
	v, err := jsontree.Get(root, strings.TrimPrefix(before, "."))
	if !through {
		if err != nil {
			v = nil
		}
		return []any{v}
	}
	list, _ := v.([]any)
	var all []any
	for _, element := range list {
		all = append(all, valuesAt(element, after)...)
	}
	return all
}

// Check tells what of the intention can never be, by the events that there are.
func (i *Intention) Check(c *schemas.Catalogue) error {
	var kinds []schemas.Kind
	for _, k := range c.Kinds() {
		if len(i.Kinds) == 0 || slices.ContainsFunc(i.Kinds, func(glob string) bool { return fits(glob, k.Name) }) {
			kinds = append(kinds, k)
		}
	}
	for _, glob := range i.Kinds {
		if !slices.ContainsFunc(c.Kinds(), func(k schemas.Kind) bool { return fits(glob, k.Name) }) {
			if _, err := c.Kind(glob); err != nil {
				return err
			}
		}
	}
	if len(i.When)+len(i.Unless) == 0 && len(i.Kinds) == 0 {
		return lang.Errorf("dígalo de algunos eventos: con kinds, when o unless", "say it of some events: with kinds, when or unless")
	}
	for _, at := range slices.Sorted(maps.Keys(both(i.When, i.Unless))) {
		member, within := strings.CutPrefix(at, "data.object.")
		if end := strings.IndexAny(member, ".["); end >= 0 {
			member = member[:end]
		}
		if !within || member == "" {
			return lang.Errorf("%q no es la ruta de un campo del objeto, como data.object.is_gift", "%q is no path of a field of the object, such as data.object.is_gift", at)
		}
		var names []string
		for _, k := range kinds {
			members, err := c.Members(k.Object)
			if err != nil {
				return err
			}
			for _, m := range members {
				names = append(names, m.Name)
			}
		}
		if !slices.Contains(names, member) {
			return lang.Errorf("ningún evento de esos tiene %s%s", "no such event has %s%s", at, lang.DidYouMean(schemas.Suggest(member, names)))
		}
	}
	return nil
}

func both(a, b map[string][]any) map[string][]any {
	all := maps.Clone(a)
	if all == nil {
		all = map[string][]any{}
	}
	maps.Copy(all, b)
	return all
}

// Means reports whether what the receiver makes of an event is its own affair, as
// its owner says.
func (r *Receiver) Means(kind string, tree *jsontree.Object) bool {
	return tree != nil && slices.ContainsFunc(r.cfg.Intended, func(i Intention) bool { return i.Covers(kind, tree) })
}

// Intended are the intentions of its owner.
func (r *Receiver) Intended() []Intention { return r.cfg.Intended }
