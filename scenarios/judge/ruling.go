package judge

import (
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// ruling is the answer to a question about a state: yes or no, as far as the
// state can tell, and what was found; or why it cannot.
type ruling struct {
	known, yes bool
	found      lang.Text
	verdict    verdict.Verdict // of a check that cannot go by it
	why        lang.Text
	enable     lang.Text
}

// unknown is the ruling where nothing can be told, for want of evidence; stuck
// that where something stood in the way.
func unknown(why lang.Text) ruling { return ruling{verdict: verdict.NotObserved, why: why} }
func stuck(why lang.Text) ruling   { return ruling{verdict: verdict.Inconclusive, why: why} }

// standing compares an object with the newest event that was taken: how many of
// the fields that can be compared have its value, and which have not.
func (h *History) standing(paths map[string]string) (newest *Version, held, behind []string, r ruling) {
	l := h.Last()
	if r = l.sees(); !r.known {
		return nil, nil, nil, r
	}
	newest = l.Newest
	if newest == nil {
		return nil, nil, nil, stuck(textNoneTaken.both())
	}
	if newest.gone {
		if h.missing(l, paths) {
			return newest, nil, nil, ruling{known: true, found: textAbsent.both()}
		}
		return newest, nil, nil, unknown(textKeptDeleted.both())
	}
	if h.missing(l, paths) {
		return newest, nil, []string{""}, ruling{known: true, found: textAbsent.both()}
	}
	_, differing := h.fields(paths)
	if len(differing) == 0 {
		return newest, nil, nil, h.nothingDiffers(paths)
	}
	var strange []string
	var found lang.Text
	for _, field := range differing {
		like := h.like(paths[field], l.State[field])
		switch {
		case slices.Contains(like, newest):
			held = append(held, field)
		case len(like) > 0:
			if behind = append(behind, field); len(behind) == 1 {
				found = textBehind(field, l.State[field], like[len(like)-1], newest, paths[field])
			}
		default:
			strange = append(strange, field)
		}
	}
	if len(held)+len(behind) == 0 {
		return newest, nil, nil, unknown(textStrange(strange[0], l.State[strange[0]], newest, paths[strange[0]]))
	}
	if len(behind) == 0 {
		found = textHeld(held)
	}
	return newest, held, behind, ruling{known: true, found: found}
}

// isNewest asks whether every field that can be compared has the value of the
// newest event.
func (h *History) isNewest(paths map[string]string) ruling {
	_, _, behind, r := h.standing(paths)
	r.yes = r.known && len(behind) == 0
	return r
}

// isUpdated asks whether some field has the value of the newest event.
func (h *History) isUpdated(paths map[string]string) ruling {
	newest, held, _, r := h.standing(paths)
	r.yes = r.known && (len(held) > 0 || newest.gone)
	return r
}

// isOlder asks whether no field has the value of the newest event, of at least so many
// that could have: one alone may be kept from the first event on purpose. Of an object that
// was not there before either, although the event with which it came into being was
// taken, nothing is older: that had been lost, whatever came later.
func (h *History) isOlder(paths map[string]string, since, least int) ruling {
	if before := h.before(since); before != nil && before.Newest != nil && before.Newest.made && h.missing(before, paths) {
		return stuck(textNeverKept.both())
	}
	_, held, behind, r := h.standing(paths)
	r.yes = r.known && len(held) == 0 && len(behind) >= least
	return r
}

// isAbsent asks whether the receiver has nothing of the object.
func (h *History) isAbsent(paths map[string]string) ruling {
	l := h.Last()
	r := l.sees()
	r.yes = r.known && h.missing(l, paths)
	if r.yes {
		r.found = textAbsent.both()
	}
	return r
}

// isStale asks whether a version that came late made the object go back: some
// field had another value before and has that of an event older than the newest
// now. What was nothing before is only filled in. Of a deleted object only one
// that comes back is stale: a receiver that keeps deleted objects may still
// change them.
func (h *History) isStale(paths map[string]string, late *Version, since int) ruling {
	if since == 0 || since >= len(h.States) {
		return stuck(textInterrupted.both())
	}
	before, after := &h.States[since-1], &h.States[since]
	for _, l := range []*State{before, after} {
		if r := l.sees(); !r.known {
			return r
		}
	}
	newest := before.Newest
	if newest == nil || !late.At.Before(newest.At) {
		return ruling{verdict: verdict.NotApplicable, why: textNothingNewer.both()}
	}
	all, _ := h.fields(paths)
	changed := func(field string) bool { return !receiver.Same(before.State[field], after.State[field]) }
	if newest.gone {
		switch {
		case h.missing(before, paths) && !h.missing(after, paths):
			return ruling{known: true, yes: true, found: textCameBack(after.State)}
		case h.missing(before, paths) || !slices.ContainsFunc(all, changed):
			return ruling{known: true}
		}
		return unknown(textKeptDeleted.both())
	}
	_, differing := h.fields(paths)
	if len(differing) == 0 {
		return h.nothingDiffers(paths)
	}
	proof := []string{} // fields that tell the late event from the newest, and did
	for _, field := range differing {
		path := paths[field]
		had, has := before.State[field], after.State[field]
		like := h.like(path, has)
		if changed(field) && had != nil && !slices.Contains(like, newest) {
			for _, v := range slices.Backward(like) {
				if v.At.Before(newest.At) {
					return ruling{known: true, yes: true, found: textBehind(field, has, v, newest, path)}
				}
			}
		}
		if was := h.like(path, had); slices.Contains(was, newest) && !slices.Contains(was, late) {
			proof = append(proof, field)
		}
	}
	if len(proof) == 0 {
		field := differing[0]
		if like := h.like(paths[field], before.State[field]); len(like) > 0 {
			return unknown(textBehind(field, before.State[field], like[len(like)-1], newest, paths[field]))
		}
		return unknown(textStrange(field, before.State[field], newest, paths[field]))
	}
	return ruling{known: true, found: textHeld(proof)}
}

// isInOrder asks whether the object ended as that of the round in which the
// events came in their order did: in each field, with the value of the same
// version.
func (h *History) isInOrder(paths map[string]string, first *History) ruling {
	if first == nil {
		return stuck(textInterrupted.both())
	}
	mine, model := h.Last(), first.Last()
	for _, l := range []*State{mine, model} {
		if r := l.sees(); !r.known {
			return r
		}
	}
	if len(h.Versions) != len(first.Versions) || slices.ContainsFunc(append(slices.Clone(h.Versions), first.Versions...), func(v *Version) bool { return !v.Taken }) {
		return stuck(textNoneTaken.both())
	}
	lost, without := h.missing(mine, paths), first.missing(model, paths)
	if lost != without {
		if lost {
			return ruling{known: true, found: textAbsentHere.both()}
		}
		return ruling{known: true, found: textCameBack(mine.State)}
	}
	if lost {
		return ruling{known: true, yes: true, found: textAbsent.both()}
	}
	if h.Newest().gone {
		// A receiver that keeps deleted objects may keep any version of them.
		return ruling{known: true, yes: true}
	}
	_, differing := h.fields(paths)
	_, theirs := first.fields(paths)
	var compared []string
	for _, field := range differing {
		path := paths[field]
		should := first.like(path, model.State[field])
		if len(should) == 0 || !slices.Contains(theirs, field) {
			continue // made by the receiver itself
		}
		like := h.like(path, mine.State[field])
		if len(like) == 0 && mine.State[field] != nil {
			continue // of no version, whatever the order: this object's text was cut, say
		}
		if !slices.ContainsFunc(like, func(v *Version) bool {
			return slices.ContainsFunc(should, func(o *Version) bool { return o.name == v.name })
		}) {
			return ruling{known: true, found: textOutOfOrder(field, mine.State[field], h.named(should[len(should)-1].name), path)}
		}
		compared = append(compared, field)
	}
	if len(compared) == 0 {
		if len(differing) == 0 {
			return h.nothingDiffers(paths)
		}
		return unknown(textStrange(differing[0], mine.State[differing[0]], h.Versions[len(h.Versions)-1], paths[differing[0]]))
	}
	return ruling{known: true, yes: true, found: textHeld(compared)}
}

func (h *History) named(name string) *Version {
	i := slices.IndexFunc(h.Versions, func(v *Version) bool { return v.name == name })
	return h.Versions[i]
}

// isMangled asks whether the letters of some text of a version were damaged. It
// cannot tell where no field keeps a text that is not all ASCII as it was.
func (h *History) isMangled(paths map[string]string, of *Version) ruling {
	l := h.Last()
	if r := l.sees(); !r.known {
		return r
	}
	if !of.Taken || l.Newest != of {
		return stuck(textNoneTaken.both())
	}
	all, _ := h.fields(paths)
	var compared, odd []string
	for _, field := range all {
		said, isText := of.value(paths[field]).(string)
		if !isText || model.ASCII(said) == said || strings.Contains(said, "?") {
			continue
		}
		seen, isText := l.State[field].(string)
		if !isText {
			odd = append(odd, field)
			continue
		}
		switch d := model.DamageOfLetters(said, seen); {
		case d != "":
			return ruling{known: true, yes: true, found: textMangled(field, seen, said, d)}
		case receiver.Normal(said) == receiver.Normal(seen):
			compared = append(compared, field)
		default:
			odd = append(odd, field)
		}
	}
	switch {
	case len(compared) > 0:
		return ruling{known: true, found: textHeld(compared)}
	case len(odd) > 0:
		return unknown(textStrange(odd[0], l.State[odd[0]], of, paths[odd[0]]))
	}
	return h.noText(paths)
}
