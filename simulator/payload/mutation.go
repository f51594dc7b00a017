package payload

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// mutation is one thing that is changed in an event that the shop made.
type mutation struct {
	place place
	label string // what the value becomes: "null", "300 characters"
	// value makes the new value; nil drops the member.
	value func(was any, s *synth) any
	// lines asks for an order of that many lines instead.
	lines int
	// odd says that no shop would send it, so that a receiver may refuse it.
	odd bool
	// soft says that it rests on what is inferred about the platform: to refuse
	// it weighs as SHOULD (a level never exceeds its provenance).
	soft bool
	// rank puts what breaks receivers most often first.
	rank int
}

func (m *mutation) name() string {
	return m.place.String() + ": " + m.label
}

func constant(v any) func(any, *synth) any {
	return func(any, *synth) any { return jsontree.Clone(v) }
}

func number(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

// enumerate lists what the schema of a kind lets vary: every null, boundary,
// enum value and optional member, and the plausible extremes of what it leaves
// open. Places inside of arrays are those of the first element.
func enumerate(top *view) []mutation {
	var list []mutation
	var walk func(v *view, p place, open []*view)
	walk = func(v *view, p place, open []*view) {
		if slices.Contains(open, v) || len(p) > 12 {
			return
		}
		open = append(open[:len(open):len(open)], v)
		if len(p) > 0 && !fixed(p, v) {
			list = append(list, vary(v, p)...)
		}
		for _, m := range v.members {
			at := p.to(step{name: m.name})
			if !m.required && !v.closed && !structural(at) {
				list = append(list,
					mutation{place: at, label: "absent", rank: 1},
					mutation{place: at, label: "present", rank: 3, value: func(was any, s *synth) any {
						if was != nil {
							return was
						}
						return s.value(m.view, 0)
					}})
			}
			walk(m.view, at, open)
		}
		if v.items != nil {
			walk(v.items, p.to(step{}), open)
		}
	}
	walk(top, nil, nil)
	slices.SortStableFunc(list, func(a, b mutation) int { return a.rank - b.rank })
	return list
}

// structural says which members make an event an event: they are not varied.
func structural(p place) bool {
	switch p.String() {
	case "id", "object", "kind", "data", "data.object":
		return true
	}
	return false
}

// fixed says what is never varied because it names the event or its objects:
// identities stay fresh and unique, or a receiver would be right to refuse them.
func fixed(p place, v *view) bool {
	if structural(p) || v.fixed {
		return true
	}
	return identifies(p.last(), v)
}

// identifies reports whether a member's values tell objects apart.
func identifies(name string, v *view) bool {
	if name == "id" || name == "number" {
		return true
	}
	return v.pattern != nil && strings.Contains(v.pattern.String(), "_c[0-9a-z]{24}") && !v.takes("null")
}

// timely reports whether a member is a moment in Unix seconds.
func timely(name string, v *view) bool {
	return strings.HasSuffix(name, "_at") && v.takes("integer")
}

// vary lists what can become of one value.
func vary(v *view, p place) []mutation {
	var list []mutation
	name := p.last()
	soft := v.provenance == schemas.Inferred || v.provenance == schemas.Assumed
	add := func(m mutation) {
		m.place = p
		m.soft = m.soft || soft
		list = append(list, m)
	}
	if v.types == nil {
		return nil
	}
	nullable := slices.Contains(v.types, "null")
	if nullable {
		add(mutation{label: "null", value: constant(nil), rank: 0})
		add(mutation{label: "not null", rank: 2, value: func(was any, s *synth) any {
			if was != nil {
				return was
			}
			return s.some(v, name)
		}})
	}
	if len(v.enum) > 0 {
		for _, e := range v.enum {
			add(mutation{label: string(jsontree.Encode(e, jsontree.Plain)), value: constant(e), rank: 1})
		}
		return list
	}
	if v.takes("boolean") {
		add(mutation{label: "true", value: constant(true), rank: 2})
		add(mutation{label: "false", value: constant(false), rank: 2})
	}
	if v.takes("integer") {
		numbers(v, name, add)
	}
	if v.takes("string") {
		texts(v, name, add)
	}
	if slices.Contains(v.types, "array") {
		arrays(v, name, add)
	}
	return list
}

// some is a value other than null.
func (s *synth) some(v *view, name string) any {
	switch {
	case timely(name, v):
		return number(s.now)
	case v.takes("array") && !v.takes("object") && !v.takes("string"):
		return []any{}
	default:
		return s.value(v, 0)
	}
}

// monetary reports whether a member holds an amount in cents.
func monetary(name string) bool {
	for _, word := range []string{"price", "amount", "subtotal", "taxes", "discount", "shipping_rate"} {
		if strings.Contains(name, word) {
			return name != "discount_codes"
		}
	}
	return false
}

func numbers(v *view, name string, add func(mutation)) {
	at := func(n json.Number, label string, odd bool, rank int) {
		add(mutation{label: label, value: constant(n), odd: odd, rank: rank})
	}
	if v.min.set {
		n := v.min.value
		if i, ok := integer(n); ok && v.min.exclusive {
			n = number(i + 1)
		}
		// That a time is the year 1970 breaks no rule of the schema and is never
		// true: a receiver that refuses old news may refuse it.
		at(n, string(n), timely(name, v), 0)
	}
	if v.max.set {
		n := v.max.value
		if i, ok := integer(n); ok && v.max.exclusive {
			n = number(i - 1)
		}
		at(n, string(n), false, 0)
	}
	if v.multiple != "" {
		at(json.Number(v.multiple), v.multiple, false, 1)
	}
	switch {
	case timely(name, v):
	case v.multiple != "":
	case monetary(name):
		if !v.min.set {
			at("0", "0", false, 0)
		}
		at("2147483648", "2147483648", false, 0)
		at("1", "1", false, 1)
		at("2147483647", "2147483647", false, 2)
		at("16777217", "16777217", false, 2) // no float of 32 bits holds it
		// Amounts whose hundredths no binary fraction holds.
		at("1999", "1999", false, 1)
		at("115", "115", false, 1)
		at("107374182437", "107374182437", true, 3)
	default:
		if !v.min.set {
			at("0", "0", false, 1)
			at("-1", "-1", true, 2)
		}
		at("1000", "1000", false, 2)
		at("2147483648", "2147483648", true, 2)
	}
}

// written reports whether people write what a member holds: there every
// character of theirs can come.
func written(name string) bool {
	for _, word := range []string{
		"name", "title", "note", "message", "description", "excerpt", "reason", "address1", "address2", "city", "company",
		"references", "vendor",
	} {
		if strings.Contains(name, word) && name != "filename" && name != "original_filename" && name != "source_name" {
			return true
		}
	}
	return name == "state" || name == "value"
}

// numbered are digits that a member may hold which is a text of them, the first a
// zero: what is kept as a number loses that. Parcel services of Mexico number with 22.
func numbered(name string) string {
	switch name {
	case "tracking_code":
		return "005500000001"
	case "postcode":
		return "01000"
	case "barcode":
		return "0012345678905"
	}
	return ""
}

// long reports whether people write at length there.
func long(name string) bool {
	for _, word := range []string{"note", "message", "description", "excerpt", "reason", "references"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// prose repeats words up to a length, as people fill a field.
func prose(length int) string {
	const words = "Entregar en la puerta azul, tocar dos veces y esperar. "
	return strings.Repeat(words, length/len(words)+1)[:length]
}

func texts(v *view, name string, add func(mutation)) {
	text := func(label, s string, odd bool, rank int) {
		add(mutation{label: label, value: constant(s), odd: odd, rank: rank})
	}
	if v.format == "email" {
		// In front of what is there, so that it stays unique.
		before := func(label, prefix string, rank int) {
			add(mutation{label: label, rank: rank, value: func(was any, _ *synth) any {
				mail, _ := was.(string)
				if mail == "" {
					mail = formatted("email")
				}
				return prefix + mail
			}})
		}
		before("with a plus sign", "compras+", 1)
		before("of 64 characters before the @", strings.Repeat("a", 24)+".", 2)
		return
	}
	if digits := numbered(name); digits != "" && (v.pattern == nil || v.pattern.MatchString(digits)) {
		add(mutation{label: "digits that begin with 0", rank: 0, value: func(was any, _ *synth) any {
			if own, _ := was.(string); name == "tracking_code" {
				return digits + own // in front of what is there, so that it stays unique
			}
			return digits
		}})
	}
	if v.pattern != nil {
		if v.pattern.MatchString("") {
			text(`""`, "", false, 0)
		}
		if v.pattern.MatchString("https://example.com/") {
			text("a URL of 600 characters", "https://example.com/?q="+strings.Repeat("a", 577), false, 1)
		}
		return
	}
	if v.format != "" {
		add(mutation{label: "another " + v.format, value: constant(formatted(v.format)), rank: 2})
		return
	}
	unique := name == "permalink" || name == "code"
	if v.minLength <= 0 {
		text(`""`, "", false, 0)
	} else {
		// One and the same for every object, so it can collide where a receiver
		// keeps it unique; and nobody calls anything that.
		text(strconv.Itoa(v.minLength)+" characters", strings.Repeat("x", v.minLength), true, 2)
	}
	if v.maxLength >= 0 {
		text(strconv.Itoa(v.maxLength)+" characters", prose(v.maxLength), false, 0)
	}
	if unique || v.maxLength >= 0 && v.maxLength < 300 {
		return
	}
	if name == "browser_ip" {
		text("an IPv6 address", "2001:db8:85a3::8a2e:370:7334", false, 1)
		return
	}
	if !written(name) {
		text("300 characters", strings.Repeat("0123456789", 30), true, 2)
		return
	}
	// The extremes that a year of orders brings by itself.
	text("an emoji", "Ana 😀 Ríos", false, 0)
	text("255 characters", prose(255), false, 1)
	text("300 characters", prose(300), false, 0)
	text("an apostrophe", "O'Higgins", false, 0)
	text("quotes, markup and a backslash", `Tom & Jerry <b>"1\2"</b> 100%`, false, 1)
	text("right to left and combining", "شارع n\u0303andu\u0301", false, 1)
	if long(name) {
		text("0", "0", false, 1) // which some languages take for nothing
		// What makes a receiver slow takes longest to be looked into, so it comes first.
		text("5000 characters", prose(5000), false, -1)
		text("3000 times a and an end", strings.Repeat("a", 3000)+"!", false, -1)
		text("two lines", "primera línea\r\nsegunda línea", false, 1)
	}
	text("spaces around", "  Ana  ", false, 2)
	text("a NUL character", "Ana\x00Ríos", true, 3)
}

func arrays(v *view, name string, add func(mutation)) {
	// No order is without lines and no product without a variant.
	bare := name == "items" || name == "skus"
	low := max(v.minItems, 0)
	add(mutation{label: strconv.Itoa(low) + " elements", odd: bare && low == 0, rank: 1, value: sized(v, low)})
	if v.maxItems >= 0 {
		add(mutation{label: strconv.Itoa(v.maxItems) + " elements", rank: 1, value: sized(v, v.maxItems)})
	}
	if v.items == nil {
		return
	}
	if v.maxItems < 0 || v.maxItems > 1 {
		add(mutation{label: "2 elements", rank: 2, value: sized(v, max(2, low))})
	}
	many := 61 // no multiple of what pages and batches have
	if v.maxItems >= 0 && v.maxItems < many {
		return
	}
	if name == "items" {
		add(mutation{label: "61 elements", rank: 0, lines: many})
		return
	}
	add(mutation{label: "61 elements", rank: 1, odd: name == "modifiers", value: sized(v, many)})
}

// sized makes an array of a length: what is there, cut or repeated under ids of
// its own.
func sized(v *view, length int) func(any, *synth) any {
	return func(was any, s *synth) any {
		list, _ := was.([]any)
		out := make([]any, 0, length)
		for len(out) < length {
			var e any
			switch {
			case len(out) < len(list):
				out = append(out, jsontree.Clone(list[len(out)]))
				continue
			case len(list) > 0:
				e = renewed(jsontree.Clone(list[len(out)%len(list)]), s.rand)
			case v.items != nil:
				e = s.value(v.items, 0)
			default:
				e = "texto"
			}
			if text, ok := e.(string); ok && v.unique {
				e = text + strconv.Itoa(len(out))
			}
			out = append(out, e)
		}
		return out
	}
}

// renewed gives a copied object ids of its own, and those members by which
// receivers tell objects apart.
func renewed(v any, r *rand.Rand) any {
	o, ok := v.(*jsontree.Object)
	if !ok {
		return v
	}
	for i := range o.Members {
		m := &o.Members[i]
		text, ok := m.Value.(string)
		if !ok {
			continue
		}
		switch m.Name {
		case "id":
			m.Value = renewID(text, r)
		case "permalink", "code", "src", "url", "filename":
			if text != "" {
				m.Value = text + "-" + characters(r, 6)
			}
		}
	}
	return o
}

const base36 = "0123456789abcdefghijklmnopqrstuvwxyz"

func characters(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = base36[r.IntN(36)]
	}
	return string(b)
}

// renewID draws the parts of a cuid that are not its time and its host.
func renewID(id string, r *rand.Rand) string {
	if len(id) != 29 {
		return id
	}
	return id[:13] + characters(r, 4) + id[17:21] + characters(r, 8)
}
