package language

import (
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// Family is what the kinds of a run say of one type of objects.
type Family struct {
	Object string
	First  string // kind
	// Roles are the kinds by what they say: "{created}" is the first that a receiver
	// hears of an object (an order is placed), "{updated}" what follows (it is paid),
	// "{edited}" what may follow any number of times, "{deleted}" the end. Without a
	// kind there is no role.
	Roles map[string]string
}

// roles are the placeholders of a case for each family, with the actions that are
// meant, the preferred one first.
func roles() map[string][]schemas.Action {
	return map[string][]schemas.Action{
		"{created}": {schemas.Place, schemas.Create},
		"{updated}": {schemas.Pay, schemas.Update},
		"{edited}":  {schemas.Update},
		"{deleted}": {schemas.Delete},
	}
}

// FamiliesOf sorts kinds into their families, in the order in which they come.
func FamiliesOf(kinds []schemas.Kind) (out []Family) {
	for _, k := range kinds {
		if slices.ContainsFunc(out, func(f Family) bool { return f.Object == k.Object }) {
			continue
		}
		f := Family{Object: k.Object, First: k.Name, Roles: map[string]string{}}
		for role, actions := range roles() {
			for _, action := range actions {
				i := slices.IndexFunc(kinds, func(o schemas.Kind) bool { return o.Object == k.Object && o.Action == action })
				if i >= 0 {
					f.Roles[role] = kinds[i].Name
					break
				}
			}
		}
		out = append(out, f)
	}
	return out
}

// For is the case with a family's kinds in the places of their roles; nil when the
// family has no kind for one of them.
func (c *Case) For(f Family) *Case {
	out := *c
	out.Steps = slices.Clone(c.Steps)
	for i := range out.Steps {
		e := out.Steps[i].Emit
		if e == nil || !isRole(e.Kind) {
			continue
		}
		kind, ok := f.Roles[e.Kind]
		if !ok {
			return nil
		}
		filled := *e
		filled.Kind = kind
		out.Steps[i].Emit = &filled
	}
	return &out
}

func isRole(kind string) bool {
	_, ok := roles()[kind]
	return ok
}

// validateFamily checks that roles stand where they are filled, and nothing else
// does.
func (c *Case) validateFamily(f *strictyaml.File, at string) {
	used := false
	for i := range c.Steps {
		if e := c.Steps[i].Emit; e != nil && isRole(e.Kind) {
			used = true
		}
	}
	switch {
	case used && c.Each != "family":
		f.Fail(at+".each", "{created}, {updated}, {edited} y {deleted} son de los casos con `each: family`", "{created}, {updated}, {edited} and {deleted} belong to cases with `each: family`")
	case !used && c.Each == "family":
		f.Fail(at+".each", "ningún emit dice kind: \"{created}\", \"{updated}\" o \"{deleted}\": sin ellos, cada familia recibiría lo mismo", "no emit says kind: \"{created}\", \"{updated}\" or \"{deleted}\": without them each family would get the same")
	}
}

// TimeOfDay is a time of day in UTC as it is written, such as "12:59:30"; with
// "month-end" in front, that of the last day of a month.
type TimeOfDay string

// monthEnd stands in front of a TimeOfDay that is the last day's of a month.
const monthEnd = "month-end "

// Parse is how long after midnight it is; zero for the empty one.
func (t TimeOfDay) Parse() (time.Duration, error) {
	if t == "" {
		return 0, nil
	}
	at, err := time.Parse(time.TimeOnly, strings.TrimPrefix(string(t), monthEnd))
	if err != nil {
		return 0, lang.Errorf("%q no es una hora: escriba algo como 12:59:30, en UTC, o month-end 12:00:00", "%q is no time of day: write it like 12:59:30, in UTC, or month-end 12:00:00", string(t))
	}
	return at.Sub(at.Truncate(24 * time.Hour)), nil
}

// Last is the last such time of day that is not after a moment; that itself for
// the empty one.
func (t TimeOfDay) Last(before time.Time) time.Time {
	of, err := t.Parse()
	if t == "" || err != nil {
		return before
	}
	before = before.UTC()
	at := before.Truncate(24 * time.Hour).Add(of)
	if strings.HasPrefix(string(t), monthEnd) {
		return time.Date(before.Year(), before.Month(), 0, 0, 0, 0, 0, time.UTC).Add(of)
	}
	if at.After(before) {
		at = at.AddDate(0, 0, -1)
	}
	return at
}
