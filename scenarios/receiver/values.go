package receiver

import (
	"encoding/json"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// Same reports whether what a receiver keeps is what an event said, as far as
// databases and the libraries in front of them change a value without losing
// any of it. The table "What counts as the same value" in docs/configuration.md
// is its specification. Which of the two was said and which was kept makes no
// difference.
func Same(said, kept any) bool {
	said, kept = Native(said), Native(kept)
	if empty(said) || empty(kept) {
		return empty(said) && empty(kept)
	}
	switch said := said.(type) {
	case []any:
		other, isList := kept.([]any)
		return isList && slices.EqualFunc(said, other, Same)
	case map[string]any:
		other, isObject := kept.(map[string]any)
		return isObject && sameFields(said, other) && sameFields(other, said)
	}
	text, isText := said.(string)
	other, keptText := kept.(string)
	switch {
	case isText && keptText:
		return Normal(text) == Normal(other) || sameInstant(text, other)
	case isText:
		return spells(kept, text)
	case keptText:
		return spells(said, other)
	}
	a, aIsNumber := Number(said)
	b, bIsNumber := Number(kept)
	return aIsNumber && bIsNumber && a.Cmp(b) == 0
}

// sameFields reports whether b has every field of a. One that is empty may be
// missing.
func sameFields(a, b map[string]any) bool {
	for name, v := range a {
		if !Same(v, b[name]) {
			return false
		}
	}
	return true
}

// empty reports whether there is nothing in a value: Oracle and Laravel keep an
// empty text as null, Django null as an empty text.
func empty(v any) bool {
	text, isText := v.(string)
	return v == nil || isText && strings.TrimSpace(text) == ""
}

// spells reports whether a text is how a database or a language writes a number
// or a truth value.
func spells(v any, text string) bool {
	text = strings.TrimSpace(text)
	if b, isBool := v.(bool); isBool {
		switch strings.ToLower(text) {
		case "true", "t":
			return b
		case "false", "f":
			return !b
		}
	}
	n, isNumber := Number(v)
	if !isNumber {
		return false
	}
	if m, isNumber := Number(text); isNumber {
		return n.Cmp(m) == 0
	}
	at, isTime := instant(text)
	_, isBool := v.(bool)
	return isTime && !isBool && n.IsInt() && n.Num().IsInt64() && n.Num().Int64() == at.Unix() && at.Nanosecond() == 0
}

// Native is a value as JSON has it, whether it comes from an event's tree, from
// an observer's answer or from Go.
func Native(v any) any {
	switch v := v.(type) {
	case nil, bool, string, json.Number, []any, map[string]any:
		return v
	}
	return jsontree.Native(v)
}

// Normal is a text as it is compared: composed, without spaces around it, its
// lines ended alike.
func Normal(text string) string {
	return strings.ReplaceAll(norm.NFC.String(strings.TrimSpace(text)), "\r\n", "\n")
}

// Numbers that are longer than this, or have a larger exponent, are not read.
const (
	maxDigits   = 1000
	maxExponent = 1000
)

// number is a number as databases and languages write it. Text of another form
// that could be read as one is a code (a postcode 06700, a phone +52, an article
// 1e3): as a number it loses something.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)?(\.[0-9]+)?([eE][+-][0-9]+)?$`)

// Number reads a number, text that is written as a database writes one, or a
// truth value as 0 or 1.
func Number(v any) (*big.Rat, bool) {
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
		if text = strings.TrimSpace(v); len(text) > maxDigits || !number.MatchString(text) {
			return nil, false
		}
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

// sameInstant reports whether two texts are one instant in two spellings.
func sameInstant(a, b string) bool {
	x, ok1 := instant(a)
	y, ok2 := instant(b)
	return ok1 && ok2 && x.Equal(y)
}

// instant reads a time with its zone. Without a zone nobody knows which instant
// is meant, and a guess could make a right value look like an older one.
func instant(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if len(text) < len("2006-01-02T15:04:05Z") || len(text) > 40 {
		return time.Time{}, false
	}
	for _, zone := range []string{"Z07:00", "-07", "-0700", " -0700", " MST"} {
		for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
			at, err := time.Parse(layout+zone, text)
			// Go reads any abbreviation as UTC.
			if err == nil && (zone != " MST" || strings.HasSuffix(text, " UTC")) {
				return at, true
			}
		}
	}
	return time.Time{}, false
}

// SaysDeleted reports whether a state says of itself that its object was
// deleted: a receiver that keeps what is deleted has nothing of it either. A
// field of that name that the state_map names is a field like any other.
func SaysDeleted(state map[string]any, stateMap map[string]string) bool {
	if _, own := stateMap["deleted"]; own {
		return false
	}
	n, isNumber := Number(state["deleted"])
	return Same(true, state["deleted"]) || isNumber && n.Sign() > 0
}
