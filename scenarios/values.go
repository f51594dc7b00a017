package scenarios

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// sameValue reports whether what a receiver keeps is what an event said, as far
// as databases go: a number is the same as text that spells it (1450, "1450",
// "1450.00"), true is 1 and "true", null is the same as nothing at all, and
// text is compared in the same normal form and without spaces round it.
func sameValue(said, seen any) bool {
	said, seen = plainValue(said), plainValue(seen)
	if said == nil || seen == nil {
		return said == nil && seen == nil
	}
	if list, ok := said.([]any); ok {
		other, ok := seen.([]any)
		return ok && slices.EqualFunc(list, other, sameValue)
	}
	if object, ok := said.(map[string]any); ok {
		return sameMembers(object, seen)
	}
	text, isText := said.(string)
	kept, keptText := seen.(string)
	if isText && keptText {
		return normal(text) == normal(kept)
	}
	_, isBool := said.(bool)
	_, keptBool := seen.(bool)
	a, aIsNumber := asNumber(said)
	b, bIsNumber := asNumber(seen)
	switch {
	case aIsNumber && bIsNumber:
		return a.Cmp(b) == 0
	case isBool && keptText:
		return strings.EqualFold(normal(kept), strconv.FormatBool(said.(bool)))
	case keptBool && isText:
		return strings.EqualFold(normal(text), strconv.FormatBool(seen.(bool)))
	}
	return false
}

// sameMembers compares objects member by member; one that is null may be
// missing.
func sameMembers(said map[string]any, seen any) bool {
	other, ok := seen.(map[string]any)
	if !ok {
		return false
	}
	for name, v := range said {
		if !sameValue(v, other[name]) {
			return false
		}
	}
	for name, v := range other {
		if _, known := said[name]; !known && v != nil {
			return false
		}
	}
	return true
}

// plainValue is a value as JSON has it, whether it comes from an event's tree,
// from an observer's answer or from Go.
func plainValue(v any) any {
	switch v := v.(type) {
	case nil, bool, string, json.Number, []any, map[string]any:
		return v
	}
	return jsontree.Native(v)
}

// normal is text as it is compared.
func normal(text string) string { return norm.NFC.String(strings.TrimSpace(text)) }

// Of numbers that are longer than this, or have a larger exponent, the text is
// compared.
const (
	maxDigits   = 1000
	maxExponent = 1000
)

// asNumber reads a number, text that spells one, or a truth value as 0 or 1.
func asNumber(v any) (*big.Rat, bool) {
	var text string
	switch v := v.(type) {
	case bool:
		if v {
			return big.NewRat(1, 1), true
		}
		return new(big.Rat), true
	case json.Number:
		text = v.String()
	case string:
		text = strings.TrimSpace(v)
	default:
		return nil, false
	}
	if text == "" || len(text) > maxDigits || strings.Trim(text, "0123456789+-.eE") != "" {
		return nil, false
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if e, err := strconv.Atoi(text[i+1:]); err != nil || e > maxExponent || e < -maxExponent {
			return nil, false
		}
	}
	return new(big.Rat).SetString(text)
}
