// Package diagnose says why an attempt was not what it should have been, and
// how to mend it in the framework of the receiver.
//
// All it knows is data (data/): the codes with their texts and fixes, and the
// rules that lead from an answer, or from the lack of one, to a code. Teaching
// it another framework is adding one file to data/receivers, without any Go.
// [Builtin] gives the table of that data, [Table.Diagnose] judges one attempt,
// [Table.Entry] has the page behind a code:
//
//	table := diagnose.Builtin()
//	if d := table.Diagnose(req, out); d != nil {
//		fmt.Fprintln(w, d.Code, d.Evidence.In(tag))
//	}
//
// Of the rules that match, the one with the most certain verdict wins; among
// equals the special one (data/receivers) goes before the general one
// (data/general), and within a file the earlier before the later. Certain is
// said only of what cannot be anything else.
package diagnose

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Certainty says how sure a diagnosis is.
type Certainty string

// The certainties. Certain is said only of what cannot be anything else.
const (
	Certain  Certainty = "certain"
	Likely   Certainty = "likely"
	Possible Certainty = "possible"
)

// Diagnosis is why an attempt was not what it should have been.
type Diagnosis struct {
	// Code is stable: csrf.laravel, redirect.slash, connect.refused ...
	Code      string
	Certainty Certainty
	// Title is the cause in one line.
	Title lang.Text
	// General is that of the code's entry.
	General bool
	// Or is a code that explains what was seen as well; "" for none. Title and
	// Hint then name both, and the hint says what tells them apart.
	Or string
	// Evidence is what was seen, on one line, unescaped: it may quote the
	// receiver (80 characters of it at most, no control characters), so whoever
	// prints it has to escape it for the place where it prints.
	Evidence lang.Text
	// Hint is the fix in one line.
	Hint lang.Text
	// Fixes are the fixes of the code with the webhook's path put in, those
	// of the recognised framework first. A terminal shows the first two.
	Fixes []Fix
	// Receivers are the frameworks and servers that were recognised, as their
	// ids in the data (laravel, nginx ...), the surest first; none is usual.
	Receivers []string
	// Rule is the id of the rule that spoke, for tests and bug reports.
	Rule string

	// router says that a 404 is surely the router's, whatever it lacks.
	router bool
}

// Diagnose says why the attempt was not what it should have been. Nil means
// that there is nothing to say: a plain 2xx, or an attempt that failed on
// our side (cancelled, or never fit to be sent). Every other answer and every failure to get one has a diagnosis.
// A request of nil means a POST of JSON to an unknown place.
//
// A 2xx whose body is empty, JSON or a word or two is not suspicious, whatever
// it says: there the receiver's own code answered, unless the header is that of
// a file.
func (t *Table) Diagnose(req *wire.Request, out *wire.Outcome) *Diagnosis {
	if out == nil || ours(out.Err) {
		return nil
	}
	f := newFacts(req, out)
	plain := out.Err == nil && out.Acknowledged() && (f.empty() || f.json() || f.aWord())
	if plain && !f.served() {
		return nil
	}
	t.load()
	f.login = t.login
	for i := range t.rules {
		r := &t.rules[i]
		if plain && r.code != staticFile {
			continue
		}
		var seen []piece
		if r.when.match(f, &seen) {
			return t.tell(r, f, seen)
		}
	}
	return nil
}

// staticFile is the one code that a plain 2xx can have.
const staticFile = "ack.static-file"

// ours reports whether the receiver had no part in the failure.
func ours(err *wire.Error) bool {
	return err.Ours() || err != nil && err.Kind == wire.ErrHungUp
}

// tell makes the diagnosis of the rule that matched.
func (t *Table) tell(r *rule, f *facts, seen []piece) *Diagnosis {
	entry := t.byCode[r.code]
	receivers := t.recognise(r, f)
	first := append(append([]string(nil), r.first...), receivers...)
	hint := entry.Hint
	if !r.hint.IsZero() {
		hint = r.hint
	}
	title := entry.Title
	if !r.title.IsZero() {
		title = r.title
	}
	d := &Diagnosis{
		Code:      r.code,
		Certainty: r.certainty,
		Title:     title,
		General:   entry.General,
		Evidence:  r.evidence.fill(f, seen),
		Hint:      putPath(hint, f.target),
		Fixes:     entry.FixesFor(f.target, first...),
		Receivers: receivers,
		Rule:      r.id,
	}
	if f.compressed != "" {
		d.Evidence = also(d.Evidence, lang.Text{
			ES: "el cuerpo vino comprimido con " + quote(f.compressed) + " y no se pudo leer",
			EN: "the body came compressed with " + quote(f.compressed) + " and could not be read",
		})
	}
	if r.or != "" {
		t.orElse(d, f.target, r.or, r.apart)
	}
	return d
}

// orElse names a second explanation of what was seen, and what tells the two
// apart. A fix of each stands on top.
func (t *Table) orElse(d *Diagnosis, target, code string, apart lang.Text) {
	other := t.byCode[code]
	fixes := other.FixesFor(target, d.Receivers...)
	hint := putPath(other.Hint, target)
	apart = putPath(apart, target)
	d.Or = code
	d.Title = lang.Text{ES: d.Title.ES + ", o bien: " + other.Title.ES, EN: d.Title.EN + ", or: " + other.Title.EN}
	d.Hint = lang.Text{
		ES: d.Hint.ES + "; si es " + code + ", " + hint.ES + ". Para distinguirlos: " + apart.ES,
		EN: d.Hint.EN + "; if it is " + code + ", " + hint.EN + ". How to know which: " + apart.EN,
	}
	d.Fixes = slices.Concat(d.Fixes[:1], fixes[:1], d.Fixes[1:], fixes[1:])
}

// recognise lists the receivers that the answer bears a sign of; the one whose
// rule spoke comes first.
func (t *Table) recognise(r *rule, f *facts) []string {
	var ids []string
	if r.receiver != "" {
		ids = append(ids, r.receiver)
	}
	for i := range t.signs {
		s := &t.signs[i]
		if s.receiver != r.receiver && s.match(f) {
			ids = append(ids, s.receiver)
		}
	}
	return ids
}
