package judge

import (
	"maps"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/emit"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Content is what an exchange of a sweep sends.
type Content struct {
	*emit.Swept
	N       int
	Changes []string // what is out of the ordinary
	Enough  bool     // each of the changes is enough by itself for what was odd
	Beside  bool     // it is odd only with others beside it
	only    []string // of a plain content that does nothing: changes with which it does
}

// RefusedContent reports whether a content was refused for what it says.
func RefusedContent(x *Exchange) bool {
	_, stood := inTheWay(x)
	return !stood && !x.Acknowledged()
}

// VanishedContent reports whether a content was acknowledged and did nothing.
func VanishedContent(x *Exchange) bool {
	return x.Acknowledged() && x.Seen != nil && x.Seen.Err == nil && !x.Seen.Meant && !x.Seen.Shared && x.Seen.D0 > 0 && x.Seen.Count == 0
}

// IdlePlain reports whether a content did something although a plain one of the
// case did nothing: what a receiver acts on, its normal events are, too.
func IdlePlain(c *Case) func(*Exchange) bool {
	plain := slices.ContainsFunc(c.Exchanges, func(x *Exchange) bool {
		return x.Content != nil && x.Content.N == 0 && x.Acknowledged() && x.Seen != nil && x.Seen.Err == nil && !x.Seen.Meant && !x.Seen.Shared && x.Seen.Count == 0
	})
	return func(x *Exchange) bool {
		return plain && x.Acknowledged() && x.Seen != nil && x.Seen.Err == nil && x.Seen.Count > 0
	}
}

// PlainIdle reports whether nothing was done for the plain content of a case either,
// once what belongs before it had come: then it shows nothing of contents.
func (c *Case) PlainIdle() bool {
	return slices.ContainsFunc(c.Exchanges, func(x *Exchange) bool {
		return x.Content != nil && x.Content.N == 0 && x.Follows && VanishedContent(x)
	})
}

// passesOver reports whether nothing was done for an exchange of a sweep, whatever it
// says: its plain content was passed over, too.
func (c *Case) passesOver(x *Exchange) bool {
	return x.Content != nil && x.Follows && VanishedContent(x) && c.PlainIdle()
}

// Swept are the exchanges of a case whose contents are out of the ordinary and odd, as
// the sweep sent them.
func (c *Case) Swept(odd func(*Exchange) bool) (all []*Exchange) {
	for _, x := range c.Exchanges {
		if x.Content != nil && x.Name == x.Content.Step.Name() && len(x.Content.Changes) > 0 && odd(x) {
			all = append(all, x)
		}
	}
	return all
}

// telling ranks an exchange among those that failed alike: first one of which it is
// known what is enough for that, last one that failed for others beside it.
func telling(e *Exchange) int {
	switch {
	case e == nil || e.Content == nil:
		return 1
	case e.Content.Beside:
		return 0
	case e.Content.Enough:
		return 2
	}
	return 1
}

// crowded words that an event was lost beside others, which is done alone.
func (f *Finding) crowded() {
	f.found = beside(f.found, lang.Text{ES: "enviado de nuevo por separado, sí se atendió", EN: "sent again on its own, it was processed"})
	f.fault = lang.Text{ES: "Pierde eventos que aceptó cuando llegan junto con otros", EN: "Loses events it acknowledged when others arrive along with them"}
	f.fix = lang.Text{
		ES: "Procese cada evento en su propia transacción: si procesa varios a la vez, que uno que falla no descarte ni deshaga los demás, y que lo que falla quede para otro intento. No guarde datos de una petición en variables que comparten varias.",
		EN: "Process each event in its own transaction: if you process several at once, one that fails must neither drop nor undo the others, and what fails must be kept for another try. Do not keep request data in variables that requests share.",
	}
	f.cause = "neighbours"
}

// NoteOnly tells the plain content of a case which changes make the receiver act.
func (c *Case) NoteOnly(acting *Exchange) {
	for _, x := range c.Exchanges {
		if x.Content != nil && x.Content.N == 0 && x.Name == x.Content.Step.Name() {
			x.Content.only = acting.Content.Changes
		}
	}
}

// altered asks whether a field that the plain contents were kept in has another
// value than this content says; restyled asks only for case or spaces.
func altered(e *Exchange, restyled bool) ruling {
	if e.Content == nil || len(e.Content.Relations) == 0 {
		return unknown(textNoObject.both())
	}
	l := e.History.Last()
	if r := l.sees(); !r.known {
		return r
	}
	if l.Newest != e.Version || e.Version.gone {
		return unknown(textNoneTaken.both())
	}
	var held []string
	line := e.contents()
	for i := range line.Kept {
		held = append(held, line.Kept[i].Name)
	}
	for _, v := range model.Kept(line) {
		if restyled == (v.Breach == model.Restyled) {
			return ruling{known: true, yes: true, found: v.Found}
		}
	}
	return ruling{known: true, found: textHeld(held)}
}

// contents are the fields of a swept exchange's object that normal contents are kept in.
func (e *Exchange) contents() *model.Line {
	line, state := &model.Line{Acknowledged: true, Changed: e.Content.Changes}, e.History.Last().State
	for _, field := range slices.Sorted(maps.Keys(e.Content.Relations)) {
		rel := e.Content.Relations[field]
		if said, err := jsontree.Get(e.Version.Tree, rel.Path); err == nil {
			line.Kept = append(line.Kept, model.Field{Name: field, Relation: rel, Kept: state[field], Said: said, By: e.Version.event()})
		}
	}
	return line
}

// textContent tells what was out of the ordinary about a content that failed.
func textContent(found lang.Text, c *Content) lang.Text {
	const most = 3
	names := c.Changes
	if len(c.only) > 0 {
		names = c.only
	}
	if len(names) > most {
		names = append(slices.Clone(names[:most]), "…")
	}
	switch {
	case len(names) == 0:
		return found
	case len(c.only) > 0:
		return beside(found, lang.Textf("un evento normal no tiene efecto, pero uno con %s sí", "a normal event has no effect, but one with %s does", strings.Join(names, ", ")))
	case c.Enough && len(names) == 1:
		return beside(found, lang.Textf("basta %s", "%s is enough", names[0]))
	case c.Enough:
		return beside(found, lang.Textf("basta cualquiera: %s", "any is enough: %s", strings.Join(names, ", ")))
	}
	return beside(found, lang.Textf("con %s", "with %s", strings.Join(names, ", ")))
}
