package model

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Breach is how an invariant was broken.
type Breach string

// The breaches, by invariant: done, once, nothing from what is broken, kept.
const (
	Lost     Breach = "lost"     // acknowledged, and fewer effects than its twin
	Ignored  Breach = "ignored"  // the same in another spelling of the same content
	Vanished Breach = "vanished" // the same, with none at all, for its content
	Fewer    Breach = "fewer"    // of another content: fewer than the plain one, not none; may be meant
	Doubled  Breach = "doubled"
	Acted    Breach = "acted" // on what never came whole
	Stale    Breach = "stale" // a field has what an older event says
	// Overlooked is the same after the newest event had come last, and by itself:
	// nothing went back then, the change was never made.
	Overlooked Breach = "overlooked"
	Altered    Breach = "altered"
	Restyled   Breach = "restyled" // other letter case or spaces; may be meant
)

// Violation is one breach of a line.
type Violation struct {
	Breach Breach
	// Field is the field of the state that it is about; empty for effects.
	Field string
	Found lang.Text
	// Damage is what became of the value, where it was altered.
	Damage Damage
	// Fix is what to do about it; empty where whoever asks knows better.
	Fix lang.Text
}

// Certain reports whether it is against the receiver: the others may be meant.
func (v *Violation) Certain() bool { return v.Breach != Fewer && v.Breach != Restyled }

// Hold lists how a line breaks the invariants, the gravest first.
func Hold(l *Line) (all []Violation) {
	for _, invariant := range []func(*Line) []Violation{Nothing, Once, Done, Kept} {
		all = append(all, invariant(l)...)
	}
	return all
}

// Done holds that what was acknowledged has at least the effects of its twin, each
// by its name. What is out of date need not be done.
func Done(l *Line) (all []Violation) {
	if all = lost(l); len(all) == 0 && l.Missing && l.Acknowledged && !l.Broken && !l.Late {
		return []Violation{{Breach: Lost, Found: lang.Text{ES: "no hay nada del objeto", EN: "nothing of the object is there"}, Fix: fixOf(Lost)}}
	}
	return all
}

// lost lists what a line lacks of the effects of its twin.
func lost(l *Line) (all []Violation) {
	x := l.Effects
	if x == nil || !l.Acknowledged || l.Broken || l.Late || l.Follows || x.Plain == 0 {
		return nil
	}
	if x.Count == 0 && len(l.Changed) > 0 {
		return []Violation{{
			Breach: Vanished, Fix: fixVanished(members(l.Changed)),
			Found: lang.Textf("%s; lo distinto del evento normal es %s", "%s; what differs from a normal event is %s", verdict.Counted(0, x.Plain), members(l.Changed)),
		}}
	}
	names, lines := l.parts()
	for i, one := range lines {
		if v, broken := fewer(one); broken {
			v.Found = Of(names[i], v.Found)
			all = append(all, v)
		}
	}
	return all
}

// fewer tells how a line has fewer effects than its twin.
func fewer(l *Line) (v Violation, broken bool) {
	x := l.Effects
	switch {
	case len(l.Changed) > 0 && x.Count < x.Plain:
		return Violation{
			Breach: Fewer,
			Found: lang.Textf("menos efectos que un evento normal (%d de %d), lo que puede ser a propósito; lo distinto es %s",
				"fewer effects than a normal event (%d of %d), which may be on purpose; what differs is %s", x.Count, x.Plain, members(l.Changed)),
		}, true
	case x.Count >= l.Twin():
		return Violation{}, false
	case l.Spelled != "":
		return Violation{Breach: Ignored, Found: verdict.Counted(x.Count, l.Twin())}, true
	}
	return Violation{Breach: Lost, Found: verdict.Counted(x.Count, l.Twin()), Fix: fixOf(Lost)}, true
}

// Once holds that nothing is done more often than for its twin.
func Once(l *Line) (all []Violation) {
	x := l.Effects
	if x == nil || l.Broken || x.Plain == 0 {
		return nil
	}
	names, lines := l.parts()
	for i, one := range lines {
		if n := one.Effects.Count; n > one.Twin() {
			all = append(all, Violation{Breach: Doubled, Found: Of(names[i], verdict.Counted(n, one.Twin())), Fix: fixOf(Doubled)})
		}
	}
	return all
}

// Nothing holds that nothing comes of what never came whole.
func Nothing(l *Line) []Violation {
	if !l.Broken || l.Effects == nil || l.Effects.Count == 0 {
		return nil
	}
	return []Violation{{Breach: Acted, Found: verdict.Counted(l.Effects.Count, 0), Fix: fixOf(Acted)}}
}

// Kept holds that every field which follows the event when that is delivered
// plainly has what the newest event says.
func Kept(l *Line) (all []Violation) {
	if !l.Acknowledged || l.Broken {
		return nil
	}
	for i := range l.Kept {
		f := &l.Kept[i]
		if f.Relation.Holds(f.Kept, f.Said) {
			continue
		}
		v := altered(f)
		for _, o := range f.Older {
			if f.Kept != nil && f.Relation.Holds(f.Kept, o.Value) {
				v = Violation{Breach: Stale, Field: f.Name, Fix: fixOf(Stale), Found: lang.Textf("%s es %s, como en %s, y el evento más nuevo, %s, dice %s",
					"%s is %s, as in %s, and the newest event, %s, says %s", f.Name, Shown(f.Kept), o.By, f.By, Shown(f.Said))}
			}
		}
		if v.Breach == Stale && l.InOrder {
			if v.Breach, v.Fix = Overlooked, fixOverlooked(l.Effects); blank(f.Said) && !blank(f.Kept) {
				v.Damage, v.Fix = Unemptied, Unemptied.fix(f.Name)
			}
		}
		if v.Breach == Altered && styled(f.Kept) != "" && styled(f.Kept) == styled(f.Said) {
			v.Breach, v.Damage, v.Fix = Restyled, "", fixAltered(f.Name)
		}
		if v.Breach != Stale && v.Breach != Overlooked && f.Other && len(l.Changed) == 0 && !receiver.Same(nil, f.Kept) {
			continue // what becomes of a value is the affair of those that are about contents
		}
		all = append(all, v)
	}
	return all
}

// altered is the violation of a field that has another value than the event says.
func altered(f *Field) Violation {
	d := DamageOf(f.Said, f.Relation.Whole(f.Kept))
	v := Violation{Breach: Altered, Field: f.Name, Damage: d, Fix: d.fix(f.Name)}
	v.Found = lang.Textf("%s es %s y el evento dice %s", "%s is %s and the event says %s", f.Name, Shown(f.Kept), Shown(f.Said))
	if d != "" {
		v.Found = lang.Textf("%s: %s", "%s: %s", v.Found, d.of(f.Kept))
	}
	return v
}

// styled is a text without what may differ by the receiver's taste: the case of
// its letters and its spaces. Empty for what is no text.
func styled(v any) string {
	text, _ := v.(string)
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text))
}

// members names those that made a difference.
func members(changed []string) string {
	const most = 3
	if len(changed) <= most {
		return strings.Join(changed, ", ")
	}
	return fmt.Sprintf("%s, … (%d)", strings.Join(changed[:most], ", "), len(changed))
}
