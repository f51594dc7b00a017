package payload

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
)

// spelling is one way of writing an event, right or wrong.
type spelling struct {
	name  string
	class Class
	// write writes the event of a case; nil means that it cannot.
	write func(g *Generator, c *Case, r *rand.Rand) []byte
}

// written makes a case of the bytes phase.
func (g *Generator) written(index, n uint64, r *rand.Rand) (*Case, error) {
	all := g.spellings
	s := all[n%uint64(len(all))]
	k := g.kinds[(n/uint64(len(all))+n)%uint64(len(g.kinds))]
	c, err := g.draft(k, g.story(index, 0))
	if err != nil {
		return nil, err
	}
	c.Body = s.write(g, c, r)
	c.Name, c.Class = s.name, s.class
	if s.class != Equal {
		c.Tree = nil
	}
	return c, nil
}

// styled writes an event in another style than the run's.
func styled(style jsontree.Style) func(*Generator, *Case, *rand.Rand) []byte {
	return func(g *Generator, c *Case, _ *rand.Rand) []byte { return delivery.Body(c.Tree, g.cfg.Envelope, style) }
}

// instead is a body that has nothing to do with the event.
func instead(body string) func(*Generator, *Case, *rand.Rand) []byte {
	return func(*Generator, *Case, *rand.Rand) []byte { return []byte(body) }
}

// edited changes the usual bytes.
func edited(edit func(body []byte, r *rand.Rand) []byte) func(*Generator, *Case, *rand.Rand) []byte {
	return func(g *Generator, c *Case, r *rand.Rand) []byte { return edit(g.Body(c.Tree), r) }
}

// with adds a raw member at the end of the event.
func with(raw string) func(*Generator, *Case, *rand.Rand) []byte {
	return edited(func(body []byte, _ *rand.Rand) []byte {
		return append(append(body[:len(body)-1:len(body)-1], ','), raw+"}"...)
	})
}

// inObject adds a raw member at the beginning of data.object.
func inObject(raw string) func(*Generator, *Case, *rand.Rand) []byte {
	return edited(func(body []byte, _ *rand.Rand) []byte {
		at := bytes.Index(body, []byte(`"object":{`))
		if at < 0 {
			return append(body, raw...)
		}
		at += len(`"object":{`)
		return slices.Concat(body[:at], []byte(raw+","), body[at:])
	})
}

func spellings() []spelling {
	return []spelling{
		{"indented", Equal, styled(jsontree.Pretty)},
		{"cut in the middle", Cut, edited(func(b []byte, r *rand.Rand) []byte { return b[:1+r.IntN(len(b)-2)] })},
		{"fields in another order", Equal, func(g *Generator, c *Case, r *rand.Rand) []byte {
			return g.Body(shuffled(c.Tree, r).(*jsontree.Object))
		}},
		{"invalid UTF-8", Invalid, inObject("\"x\":\"\xff\xfe\xc0\xaf\"")},
		{"in UTF-8 without escapes", Equal, styled(jsontree.Plain)},
		{"the id twice", Invalid, edited(func(b []byte, _ *rand.Rand) []byte {
			return append([]byte(`{"id":"evn_cmwsdom9ggcyrksim3f9hunt2",`), b[1:]...)
		})},
		{"spaces and lines around every sign", Equal, func(g *Generator, c *Case, _ *rand.Rand) []byte {
			body := delivery.Body(c.Tree, g.cfg.Envelope, jsontree.Pretty)
			return append(append([]byte("\r\n\t "), bytes.ReplaceAll(body, []byte("\n"), []byte(" \r\n\t"))...), "\r\n"...)
		}},
		{"1,000 lists in each other", Invalid, with(`"x":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000))},
		{"fields in reverse", Equal, func(g *Generator, c *Case, _ *rand.Rand) []byte {
			return g.Body(reversed(c.Tree).(*jsontree.Object))
		}},
		{"the number 1E400", Invalid, inObject(`"x":1E400`)},
		{"every letter escaped", Equal, func(g *Generator, c *Case, _ *rand.Rand) []byte {
			return escaped(g.Body(c.Tree))
		}},
		{"a byte order mark", Invalid, edited(func(b []byte, _ *rand.Rand) []byte { return append([]byte("\xef\xbb\xbf"), b...) })},
		{"empty", Broken, instead("")},
		{"a number of 400 digits", Invalid, inObject(`"x":` + strings.Repeat("9", 400))},
		{"[]", Invalid, instead("[]")},
		{"cut at the last brace", Cut, edited(func(b []byte, _ *rand.Rand) []byte { return b[:len(b)-1] })},
		{"7", Invalid, instead("7")},
		{"null", Invalid, instead("null")},
		{"a text", Invalid, instead(`"evento"`)},
		{"{}", Invalid, instead("{}")},
		{"100,000 lists in each other", Invalid, with(`"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000))},
		{"lists without an end", Broken, instead(strings.Repeat("[", 20_000))},
		{"half of a surrogate pair", Invalid, inObject(`"x":"\ud800"`)},
		{"NUL bytes behind it", Broken, edited(func(b []byte, _ *rand.Rand) []byte { return append(b, 0, 0, 0) })},
		{"a second event behind it", Broken, edited(func(b []byte, _ *rand.Rand) []byte { return append(b, `{"id":"x"}`...) })},
		{"in UTF-16", Broken, edited(func(b []byte, _ *rand.Rand) []byte { return inUTF16(b) })},
		{"in single quotes", Broken, edited(func(b []byte, _ *rand.Rand) []byte { return bytes.ReplaceAll(b, []byte(`"`), []byte(`'`)) })},
		{"a comma too many", Broken, edited(func(b []byte, _ *rand.Rand) []byte { return append(b[:len(b)-1:len(b)-1], ",}"...) })},
		{"with a comment", Broken, edited(func(b []byte, _ *rand.Rand) []byte { return append([]byte("/* hola */"), b...) })},
		{"NaN", Broken, inObject(`"x":NaN`)},
		{"a control character in a text", Broken, inObject("\"x\":\"a\x01b\"")},
		{"a form", Broken, instead("id=evn_1&kind=order.placed&data%5Bobject%5D=1")},
		{"XML", Broken, instead(`<?xml version="1.0"?><event><id>1</id></event>`)},
		{"binary", Broken, func(_ *Generator, _ *Case, r *rand.Rand) []byte {
			b := make([]byte, 256+r.IntN(256))
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			b[0] = 0
			return b
		}},
		{"a field of 100 kB", Invalid, inObject(`"` + strings.Repeat("a", 100_000) + `":1`)},
		{"__proto__ and constructor", Invalid, inObject(`"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}`)},
		{"the kind twice", Invalid, with(`"kind":"order.desconocido"`)},
		{"a digit changed to a letter", Broken, edited(func(b []byte, _ *rand.Rand) []byte {
			at := bytes.LastIndexAny(b, "0123456789")
			return slices.Concat(b[:at], []byte("x"), b[at+1:])
		})},
	}
}

// shuffled puts the members of every object in another order.
func shuffled(v any, r *rand.Rand) any {
	switch v := v.(type) {
	case *jsontree.Object:
		o := &jsontree.Object{Members: slices.Clone(v.Members)}
		r.Shuffle(len(o.Members), func(i, j int) { o.Members[i], o.Members[j] = o.Members[j], o.Members[i] })
		for i := range o.Members {
			o.Members[i].Value = shuffled(o.Members[i].Value, r)
		}
		return o
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = shuffled(v[i], r)
		}
		return list
	default:
		return v
	}
}

func reversed(v any) any {
	switch v := v.(type) {
	case *jsontree.Object:
		o := &jsontree.Object{Members: slices.Clone(v.Members)}
		slices.Reverse(o.Members)
		for i := range o.Members {
			o.Members[i].Value = reversed(o.Members[i].Value)
		}
		return o
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = reversed(v[i])
		}
		return list
	default:
		return v
	}
}

// escaped writes every ASCII letter of a text as \u and four digits. Texts with a
// digit stay as they are: identities have one, and it must be possible to find
// them in a body and to put others in their place.
func escaped(body []byte) []byte {
	const hex = "0123456789abcdef"
	out := make([]byte, 0, 4*len(body))
	for i := 0; i < len(body); i++ {
		out = append(out, body[i])
		if body[i] != '"' {
			continue
		}
		end := i + 1
		for body[end] != '"' {
			if body[end] == '\\' {
				end++
			}
			end++
		}
		text := body[i+1 : end]
		i = end
		if bytes.ContainsAny(text, "0123456789\\") {
			out = append(out, text...)
		} else {
			for _, c := range text {
				if c < 0x80 {
					out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
				} else {
					out = append(out, c)
				}
			}
		}
		out = append(out, '"')
	}
	return out
}

func inUTF16(body []byte) []byte {
	units := utf16.Encode([]rune(string(body)))
	out := make([]byte, 0, 2*len(units)+2)
	out = append(out, 0xff, 0xfe)
	for _, u := range units {
		out = append(out, byte(u), byte(u>>8))
	}
	return out
}
