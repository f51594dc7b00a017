package practice

import (
	"bytes"
	"encoding/json"
	"html"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// textFlaws keep something else than what they were told.
func textFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "latin1",
				Title: lang.Text{ES: "guarda ? en lugar de lo que no cabe en Latin-1", EN: "keeps ? in place of what Latin-1 does not have"},
				Fails: []string{"KOM-PAY-003", "KOM-PAY-004", "KOM-PAY-012"},
			},
			// A column, or a connection, of another character set.
			wrap: rewriting(func(_, s string) string {
				return strings.Map(func(c rune) rune {
					if c > 0xff {
						return '?'
					}
					return c
				}, s)
			}),
		},
		{
			Flaw: Flaw{
				Name:  "utf8mb3",
				Title: lang.Text{ES: "guarda los textos solo hasta el primer emoji", EN: "keeps texts up to the first emoji only"},
				Fails: []string{"KOM-PAY-003", "KOM-PAY-004", "KOM-PAY-012"},
			},
			// MySQL's utf8 has three bytes, and what comes behind a character
			// of four is cut off without a word when it is not strict.
			wrap: rewriting(func(_, s string) string {
				if i := strings.IndexFunc(s, func(c rune) bool { return c > 0xffff }); i >= 0 {
					return s[:i]
				}
				return s
			}),
		},
		{
			Flaw: Flaw{
				Name:  "cuts-names",
				Title: lang.Text{ES: "corta a 40 caracteres los nombres y las notas", EN: "cuts names and notes at 40 characters"},
				Fails: []string{"KOM-PAY-003", "KOM-PAY-012"},
			},
			wrap: rewriting(func(member, s string) string {
				if c := []rune(s); (strings.HasSuffix(member, "name") || strings.HasSuffix(member, "note")) && len(c) > 40 {
					return string(c[:40])
				}
				return s
			}),
		},
		{
			Flaw: Flaw{
				Name:  "escapes-html",
				Title: lang.Text{ES: "guarda los textos con su HTML escapado: &amp; en lugar de &", EN: "keeps texts with their HTML escaped: &amp; in place of &"},
				Fails: []string{"KOM-PAY-003", "KOM-PAY-012"},
			},
			wrap: rewriting(func(_, s string) string { return html.EscapeString(s) }),
		},
		{
			Flaw: Flaw{
				Name:  "zero-text",
				Title: lang.Text{ES: "toma el texto «0» por nada", EN: "takes the text \"0\" for nothing"},
				Fails: []string{"KOM-PAY-012"},
			},
			// empty("0") in PHP, or a text that was turned into a number and asked for truth.
			wrap: rewriting(func(_, s string) string {
				if s == "0" {
					return ""
				}
				return s
			}),
		},
		{
			Flaw: Flaw{
				Name:  "float-amounts",
				Title: lang.Text{ES: "calcula los montos en pesos con float y pierde un centavo de algunos", EN: "works out amounts in pesos with floats and loses a cent of some"},
				Fails: []string{"KOM-PAY-012"},
			},
			wrap: recounting(func(cents int64) int64 { return int64(float64(cents) / 100 * 100) }),
		},
		{
			Flaw: Flaw{
				Name:  "small-integer",
				Title: lang.Text{ES: "guarda los montos en una columna que llega a 16 777 215", EN: "keeps amounts in a column that goes up to 16,777,215"},
				Fails: []string{"KOM-PAY-004", "KOM-PAY-012"},
			},
			// MySQL's MEDIUMINT UNSIGNED, when it is not strict.
			wrap: recounting(func(cents int64) int64 { return min(cents, 1<<24-1) }),
		},
	}
}

// recounting changes every amount of an object before it is kept.
func recounting(change func(cents int64) int64) wrapping {
	return altering(func(member string, v any) any {
		n, isNumber := v.(json.Number)
		if cents, err := n.Int64(); isNumber && err == nil && strings.Contains(member, "price") {
			return json.Number(strconv.FormatInt(change(cents), 10))
		}
		return v
	})
}

// rewriting changes every text of an object before it is kept; change gets the
// name of the member, too.
func rewriting(change func(member, s string) string) wrapping {
	return altering(func(member string, v any) any {
		if s, isText := v.(string); isText {
			return change(member, s)
		}
		return v
	})
}

// altering changes every text and number of an object before it is kept.
func altering(change func(member string, v any) any) wrapping {
	return func(_ *Receiver, next handling) handling {
		return func(d *delivery) answer {
			if e, err := d.event(); err == nil && e.known() {
				d.parsed.object = rewritten(e.object, change)
			}
			return next(d)
		}
	}
}

func rewritten(object json.RawMessage, change func(member string, v any) any) json.RawMessage {
	var walk func(member string, v any) any
	walk = func(member string, v any) any {
		switch v := v.(type) {
		case string, json.Number:
			return change(member, v)
		case []any:
			for i := range v {
				v[i] = walk(member, v[i])
			}
		case map[string]any:
			for name := range v {
				v[name] = walk(name, v[name])
			}
		}
		return v
	}
	var v any
	dec := json.NewDecoder(bytes.NewReader(object))
	dec.UseNumber() // an amount keeps all its digits
	if dec.Decode(&v) != nil {
		return object
	}
	changed, err := json.Marshal(walk("", v))
	if err != nil {
		return object
	}
	return changed
}
