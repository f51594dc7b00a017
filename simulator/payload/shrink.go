package payload

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// applied is a copy of a tree with changes made to it.
func applied(tree any, edits []edit) any {
	out := jsontree.Clone(tree)
	for _, e := range edits {
		if e.drop {
			drop(out, e.place)
		} else {
			set(out, e.place, jsontree.Clone(e.value))
		}
	}
	return out
}

// Shrinker makes a failing payload small: as close to the normal event as it can
// be, and what still differs as short as it can be.
type Shrinker struct {
	// Plain is the event as it would be without anything out of the ordinary.
	Plain any
	// Keep reports whether a candidate is still what the failing payload was: a
	// valid one stays valid.
	Keep func(candidate any) bool
	// Fails reports whether the receiver fails on a candidate. Once it is out of
	// budget it reports false.
	Fails func(candidate any) bool
}

// Shrink returns the smallest failing tree that it finds; failing itself when
// there is none. What it returns was seen to fail, or is failing.
func (s *Shrinker) Shrink(failing any) any {
	edits := differences(s.Plain, failing)
	if len(edits) == 0 {
		return failing
	}
	fails := func(edits []edit) bool {
		candidate := applied(s.Plain, edits)
		return s.Keep(candidate) && s.Fails(candidate)
	}
	if some := slices.DeleteFunc(slices.Clone(edits), edit.identity); len(some) > 0 && len(some) < len(edits) && fails(some) {
		edits = some
	}
	edits = Reduce(edits, fails)
	for i := range edits {
		if edits[i].drop {
			continue
		}
		was, _ := get(s.Plain, edits[i].place)
		edits[i].value = s.simplify(edits[i].value, was, func(v any) bool {
			with := slices.Clone(edits)
			with[i].value = v
			return fails(with)
		})
	}
	return applied(s.Plain, edits)
}

// simplify makes one value simpler while it fails. was is what stands in its
// place in the normal event.
func (s *Shrinker) simplify(v, was any, fails func(any) bool) any {
	switch v := v.(type) {
	case string:
		return simplifyText(v, fails)
	case json.Number:
		return simplifyNumber(v, was, fails)
	case []any:
		return s.simplifyList(v, fails)
	case *jsontree.Object:
		kept := Reduce(v.Members, func(members []jsontree.Member) bool { return fails(&jsontree.Object{Members: members}) })
		if len(kept) == 1 && fails(&jsontree.Object{}) {
			kept = nil
		}
		out := &jsontree.Object{Members: slices.Clone(kept)}
		for i := range out.Members {
			out.Members[i].Value = s.simplify(out.Members[i].Value, nil, func(inner any) bool {
				with := &jsontree.Object{Members: slices.Clone(out.Members)}
				with.Members[i].Value = inner
				return fails(with)
			})
		}
		return out
	default:
		return v
	}
}

func (s *Shrinker) simplifyList(list []any, fails func(any) bool) any {
	if len(list) == 0 {
		return list
	}
	if fails([]any{}) {
		return []any{}
	}
	// Most often the length is what matters, and then where it begins to.
	n := least(1, int64(len(list)), func(n int64) bool { return fails(list[:n:n]) })
	list = list[:n:n]
	if len(list) > 8 {
		return list
	}
	list = slices.Clone(Reduce(list, func(some []any) bool { return fails(some) }))
	for i := range list {
		list[i] = s.simplify(list[i], nil, func(inner any) bool {
			with := slices.Clone(list)
			with[i] = inner
			return fails(with)
		})
	}
	return list
}

func simplifyText(text string, fails func(any) bool) any {
	if text == "" || fails("") {
		return ""
	}
	runes := []rune(text)
	if utf8.RuneCountInString(text) > 1 {
		n := least(1, int64(len(runes)), func(n int64) bool { return fails(string(runes[:n])) })
		runes = runes[:n]
		// What stands in front of what matters.
		from := int64(len(runes)) - least(1, int64(len(runes)), func(n int64) bool { return fails(string(runes[int64(len(runes))-n:])) })
		runes = runes[from:]
	}
	plain := slices.Repeat([]rune{'a'}, len(runes))
	switch {
	case fails(string(plain)):
		return string(plain)
	case len(runes) <= 64:
		runes = Reduce(runes, func(some []rune) bool { return fails(string(some)) })
		for i, c := range runes {
			if c == 'a' {
				continue
			}
			with := slices.Clone(runes)
			with[i] = 'a'
			if fails(string(with)) {
				runes = with
			}
		}
	}
	return string(runes)
}

func simplifyNumber(n json.Number, was any, fails func(any) bool) any {
	for _, simple := range []json.Number{"0", "1", "2"} {
		if len(simple) <= len(n) && simple != n && !same(simple, was) && fails(simple) {
			return simple
		}
	}
	high, ok := integer(n)
	if !ok || high <= 0 {
		return n
	}
	low := int64(0)
	if from, ok := was.(json.Number); ok {
		if i, ok := integer(from); ok && i >= 0 && i < high {
			low = i + 1
		}
	}
	return number(least(low, high, func(i int64) bool { return i == high || fails(number(i)) }))
}

// ShrinkBytes makes a failing body that is no tree small.
func ShrinkBytes(body []byte, fails func([]byte) bool) []byte {
	if len(body) == 0 {
		return body
	}
	n := least(1, int64(len(body)), func(n int64) bool { return n == int64(len(body)) || fails(body[:n]) })
	body = body[:n]
	from := int64(len(body)) - least(1, int64(len(body)), func(n int64) bool { return n == int64(len(body)) || fails(body[int64(len(body))-n:]) })
	body = body[from:]
	if len(body) <= 4096 {
		body = Reduce(body, fails)
	}
	return body
}
