package model

import (
	"encoding/json"
	"fmt"
	"html"
	"math/big"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Damage is what became of a value that is kept otherwise than an event says it, as
// far as the value that is kept gives it away. The zero Damage says nothing.
type Damage string

// The damages: to letters that are no ASCII, to texts, to numbers, to any value.
const (
	Replaced   Damage = "replaced"   // "?" or U+FFFD in the place of letters
	Misread    Damage = "misread"    // UTF-8 taken for Latin-1 or Windows-1252
	CutAtEmoji Damage = "cut-emoji"  // at a character beyond the basic plane
	Dropped    Damage = "dropped"    // letters that are no ASCII are gone
	Unaccented Damage = "unaccented" // their accents are gone

	Cut       Damage = "cut"
	CutAtSign Damage = "cut-sign" // at a character that means something elsewhere: markup, a quote
	FirstLine Damage = "first-line"
	Escaped   Damage = "escaped" // for HTML, SQL or JSON
	Stripped  Damage = "stripped"

	Clamped Damage = "clamped" // the largest number that a column holds, or what is left of it there
	Inexact Damage = "inexact"
	NoCents Damage = "no-cents"

	Emptied   Damage = "emptied"
	Defaulted Damage = "defaulted" // another value stands for one that is 0, empty or null
	Numbered  Damage = "numbered"  // a text of digits became a number
	Unemptied Damage = "unemptied" // what was there before stays where the event says nothing
)

// DamageOf tells what became of a value; "" where it gives nothing away, or is whole.
func DamageOf(said, kept any) Damage {
	if receiver.Same(said, kept) {
		return ""
	}
	switch {
	case blank(kept) && !blank(said):
		return Emptied
	case blank(said) && !blank(kept):
		return Defaulted
	}
	if text, isText := said.(string); isText {
		if numbered(text, kept) {
			return Numbered
		}
		if seen, isText := kept.(string); isText {
			return damageOfText(text, seen)
		}
	}
	if n, ok := receiver.Number(said); ok {
		if seen, ok := receiver.Number(kept); ok {
			return damageOfNumber(n, seen)
		}
	}
	return ""
}

// numbered reports whether what is kept of a text of digits is their number: without the
// zeros in front, or, of many digits, as near as a float comes.
func numbered(said string, kept any) bool {
	n, isNumber := new(big.Int).SetString(said, 10)
	if !isNumber || strings.Trim(said, "0123456789") != "" {
		return false
	}
	seen, isNumber := new(big.Rat).SetString(fmt.Sprint(kept))
	if !isNumber {
		return false
	}
	exact := new(big.Rat).SetInt(n)
	return compareAbs(new(big.Rat).Sub(exact, seen), new(big.Rat).Quo(exact, big.NewRat(1<<50, 1))) <= 0
}

func blank(v any) bool {
	n, isNumber := receiver.Number(v) // false is 0
	return v == nil || v == "" || isNumber && n.Sign() == 0
}

func damageOfText(said, seen string) Damage {
	if d := DamageOfLetters(said, seen); d != "" {
		return d
	}
	said, seen = receiver.Normal(said), receiver.Normal(seen)
	switch rest, begins := strings.CutPrefix(said, seen); {
	case begins && strings.HasPrefix(rest, "\n"):
		return FirstLine
	case begins && strings.IndexAny(strings.TrimLeft(rest, " "), signs) == 0:
		return CutAtSign
	case begins:
		return Cut
	case escapes(said, seen):
		return Escaped
	case strings.TrimSpace(markup.ReplaceAllString(said, "")) == seen:
		return Stripped
	}
	return ""
}

// signs are characters at which code cuts that takes a text for something else.
const signs = "<>&\"'\\;\x00"

var (
	markup    = regexp.MustCompile(`<[^>]*>`)
	slashed   = regexp.MustCompile(`\\(['"\\])`)
	backslash = regexp.MustCompile(`\\u[0-9a-fA-F]{4}|\\/|\\n`)
)

// escapes reports whether seen is said, escaped for where it is no longer.
func escapes(said, seen string) bool {
	var decoded string
	return html.UnescapeString(seen) == said || slashed.ReplaceAllString(seen, "$1") == said || strings.ReplaceAll(seen, "''", "'") == said ||
		backslash.MatchString(seen) && json.Unmarshal([]byte(`"`+seen+`"`), &decoded) == nil && receiver.Normal(decoded) == said
}

// damageOfNumber tells what became of an amount in cents.
func damageOfNumber(said, seen *big.Rat) Damage {
	diff := new(big.Rat).Sub(said, seen)
	hundred, million := big.NewRat(100, 1), big.NewRat(1_000_000, 1)
	cents := new(big.Rat).Quo(seen, hundred).IsInt() && !new(big.Rat).Quo(said, hundred).IsInt()
	switch {
	case seen.IsInt() && said.Cmp(seen) > 0 && full(seen.Num()), seen.IsInt() && said.IsInt() && wraps(said.Num(), seen.Num()):
		return Clamped
	case cents && compareAbs(diff, hundred) < 0:
		return NoCents
	case compareAbs(said, hundred) >= 0 && (compareAbs(diff, big.NewRat(1, 1)) <= 0 || compareAbs(diff, new(big.Rat).Quo(said, million)) <= 0):
		return Inexact
	}
	return ""
}

func compareAbs(a, b *big.Rat) int { return new(big.Rat).Abs(a).Cmp(new(big.Rat).Abs(b)) }

// full reports whether a number is the largest of some column: of so many bits, or of so
// many digits.
func full(n *big.Int) bool {
	next := new(big.Int).Add(n, big.NewInt(1))
	if n.Cmp(big.NewInt(127)) < 0 {
		return false
	}
	digits := next.String()
	return strings.Trim(digits, "0") == "1" || new(big.Int).And(next, n).Sign() == 0
}

// wraps reports whether seen is what a column of 16 or 32 bits keeps of said.
func wraps(said, seen *big.Int) bool {
	for _, bits := range []uint{16, 32} {
		size := new(big.Int).Lsh(big.NewInt(1), bits)
		if said.CmpAbs(new(big.Int).Rsh(size, 1)) >= 0 && new(big.Int).Mod(new(big.Int).Sub(said, seen), size).Sign() == 0 {
			return true
		}
	}
	return false
}

// DamageOfLetters tells what became of the letters of a text that are no ASCII; "" for
// nothing that is known for certain: a receiver may keep a text in capitals, or only the
// first word of it.
func DamageOfLetters(said, seen string) Damage {
	raw, spaced := strings.TrimSpace(seen), strings.HasSuffix(seen, " ")
	said, seen = receiver.Normal(said), receiver.Normal(seen)
	marks := func(s string) int { return strings.Count(s, "?") + strings.Count(s, string(utf8.RuneError)) }
	switch {
	case said == seen || seen == "":
		return ""
	case marks(seen) > marks(said) && others(seen) < others(said) && strings.HasPrefix(ASCII(said), ASCII(seen)):
		return Replaced
	case misreads(said, raw):
		return Misread
	case strings.HasPrefix(said, seen):
		// A column that is too short cuts anywhere.
		rest := said[len(seen):]
		if spaced {
			rest = strings.TrimLeft(rest, " ")
		}
		if next, _ := utf8.DecodeRuneInString(rest); next > 0xFFFF {
			return CutAtEmoji
		}
		return ""
	case withoutMarks(said) == withoutMarks(seen):
		return Unaccented
	case thinned(said, seen):
		return Dropped
	}
	return ""
}

// ASCII is a text without the letters that are not ASCII, and without the
// characters that stand in for them.
func ASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf || r == '?' {
			return -1
		}
		return r
	}, s)
}

// others counts the letters that are no ASCII.
func others(s string) (n int) {
	for _, r := range s {
		if r >= utf8.RuneSelf && r != utf8.RuneError {
			n++
		}
	}
	return n
}

// withoutMarks is a text without accents.
func withoutMarks(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// misreads reports whether seen is said, its bytes taken for letters.
func misreads(said, seen string) bool {
	for _, table := range []*charmap.Charmap{charmap.ISO8859_1, charmap.Windows1252} {
		if wrong, err := table.NewDecoder().String(said); err == nil && strings.TrimSpace(wrong) == seen {
			return true
		}
	}
	return false
}

// thinned reports whether seen is said without some letters, none of them ASCII.
func thinned(said, seen string) bool {
	rest := []rune(seen)
	for _, r := range said {
		switch {
		case len(rest) > 0 && rest[0] == r:
			rest = rest[1:]
		case r < utf8.RuneSelf && !unicode.IsSpace(r):
			return false
		}
	}
	return len(rest) == 0
}

// Cause is what a damage probably has in common with others; "" for none.
func (d Damage) Cause() string {
	switch d {
	case Replaced, Misread, CutAtEmoji, Dropped, Unaccented:
		return "charset"
	}
	return string(d)
}

// damageText says of a damage what it is, the fault in the third person, and what mends it.
type damageText struct{ found, fault, fix lang.Text }

func (d Damage) texts() damageText {
	return map[Damage]damageText{
		Replaced:   {found: lang.Text{ES: "hay ? o U+FFFD en lugar de letras", EN: "letters are replaced by ? or U+FFFD"}},
		Misread:    {found: lang.Text{ES: "el UTF-8 se leyó como Latin-1", EN: "UTF-8 was read as Latin-1"}},
		CutAtEmoji: {found: lang.Text{ES: "está cortado en un emoji", EN: "it is cut off at an emoji"}},
		Dropped:    {found: lang.Text{ES: "faltan letras que no son ASCII", EN: "non-ASCII letters are missing"}},
		Unaccented: {found: lang.Text{ES: "faltan los acentos", EN: "the accents are missing"}},
		Cut: {
			found: lang.Text{ES: "está recortado", EN: "it is cut off"},
			fault: lang.Text{ES: "Recorta textos largos", EN: "Truncates long texts"},
			fix: lang.Text{
				ES: "Use una columna con espacio para lo que puede llegar (TEXT, o VARCHAR(255) para nombres y correos) y no recorte el texto en el código. Haga que la base rechace lo que no cabe (modo estricto) en vez de recortarlo.",
				EN: "Make the column long enough for what may come (TEXT, or VARCHAR(255) for names and emails), and do not truncate the text in your code. Have the database reject what does not fit (strict mode) instead of truncating it.",
			},
		},
		CutAtSign: {
			found: lang.Text{ES: "está recortado en un signo", EN: "it is cut off at a special character"},
			fault: lang.Text{ES: "Recorta textos en ciertos signos", EN: "Truncates texts at certain characters"},
			fix: lang.Text{
				ES: "Guarde el texto tal cual: sin strip_tags ni expresiones regulares que lo limpien, y con parámetros en la consulta; < y las comillas son parte de lo que escribió el cliente. Escápelo al mostrarlo.",
				EN: "Store the text as it is: no strip_tags and no regular expression that cleans it, and with parameters in the query; < and quotes are part of what the customer wrote. Escape it when you display it.",
			},
		},
		FirstLine: {
			found: lang.Text{ES: "solo está la primera línea", EN: "only the first line is there"},
			fault: lang.Text{ES: "Guarda solo la primera línea de un texto", EN: "Stores only the first line of a text"},
			fix: lang.Text{
				ES: "Guarde el texto con sus saltos de línea (\\n o \\r\\n): no lo parta ni lo lea línea por línea.",
				EN: "Store the text with its line breaks (\\n or \\r\\n): do not split it or read it line by line.",
			},
		},
		Escaped: {
			found: lang.Text{ES: "sus signos quedaron escapados", EN: "its characters are escaped"},
			fault: lang.Text{ES: "Guarda los textos escapados", EN: "Stores texts escaped"},
			fix: lang.Text{
				ES: "Guarde el texto tal cual y escápelo al mostrarlo (htmlspecialchars, html.escape): en la base, los parámetros de la consulta ya lo protegen.",
				EN: "Store the text as it is and escape it when you display it (htmlspecialchars, html.escape); in the database, query parameters already protect it.",
			},
		},
		Stripped: {
			found: lang.Text{ES: "se le quitó el marcado", EN: "its markup was removed"},
			fault: lang.Text{ES: "Quita el marcado de los textos", EN: "Strips the markup from texts"},
			fix: lang.Text{
				ES: "Guarde el texto tal cual, con su HTML, y límpielo al mostrarlo. Si quitar el marcado es a propósito, dígalo en `intended:`.",
				EN: "Store the text as it is, HTML included, and sanitize it when you display it. If removing the markup is on purpose, say so under `intended:`.",
			},
		},
		Clamped: {
			found: lang.Text{ES: "es lo que cabe en la columna", EN: "that is what fits into the column"},
			fault: lang.Text{ES: "No guarda montos grandes", EN: "Does not store large amounts"},
			fix: lang.Text{
				ES: "Guarde los montos en enteros de 64 bits (BIGINT), en centavos, y que la base rechace lo que no cabe (modo estricto) en vez de recortarlo.",
				EN: "Store amounts as 64-bit integers (BIGINT), in cents, and have the database reject what does not fit (strict mode) instead of clamping it.",
			},
		},
		Inexact: {
			found: lang.Text{ES: "se perdió en un redondeo", EN: "it was lost in rounding"},
			fault: lang.Text{ES: "Pierde centavos al redondear", EN: "Loses cents to rounding"},
			fix: lang.Text{
				ES: "Calcule y guarde los montos como enteros de centavos (BIGINT) o con un tipo decimal; nunca con float ni double, ni con int(x * 100).",
				EN: "Compute and store amounts as integer cents (BIGINT) or with a decimal type; never with float or double, nor with int(x * 100).",
			},
		},
		NoCents: {
			found: lang.Text{ES: "le faltan los centavos", EN: "its cents are missing"},
			fault: lang.Text{ES: "Quita los centavos de los montos", EN: "Drops the cents of amounts"},
			fix: lang.Text{
				ES: "Los montos llegan en centavos: no los divida entre 100 con enteros. Guárdelos en centavos (BIGINT) o en un decimal de dos cifras.",
				EN: "Amounts come in cents: do not divide them by 100 with integers. Store them in cents (BIGINT) or in a two-digit decimal.",
			},
		},
		Defaulted: {
			found: lang.Text{ES: "hay otro valor en su lugar", EN: "another value stands in its place"},
			fault: lang.Text{ES: "Pone un valor propio donde el evento dice 0, vacío o null", EN: "Puts a value of its own where the event says 0, empty or null"},
			fix: lang.Text{
				ES: "Use lo que dice el evento también cuando es 0, false o texto vacío: `??` y no `||`, y ningún valor por omisión salvo cuando el campo falta.",
				EN: "Use what the event says even when it is 0, false or an empty string: `??` and not `||`, and no default except when the field is missing.",
			},
		},
		Numbered: {
			found: lang.Text{ES: "quedó como número", EN: "it became a number"},
			fault: lang.Text{ES: "Guarda como número un texto de dígitos", EN: "Stores a text of digits as a number"},
			fix: lang.Text{
				ES: "Guarde códigos postales, teléfonos y códigos en columnas de texto, y no los convierta a número: 01000 no es 1000, y un número de 20 cifras se redondea.",
				EN: "Store postcodes, phone numbers and codes in text columns, and do not convert them to numbers: 01000 is not 1000, and a number of 20 digits is rounded.",
			},
		},
		Unemptied: {
			fault: lang.Text{ES: "Conserva el valor anterior cuando un cambio vacía el campo", EN: "Keeps the previous value when an update empties the field"},
			fix: lang.Text{
				ES: "Guarde lo que dice el evento también cuando es null, texto vacío, 0 o false: sin COALESCE con el valor anterior ni `if (valor)`. Si es a propósito, dígalo en `intended:`.",
				EN: "Store what the event says even when it is null, an empty string, 0 or false: no COALESCE with the previous value and no `if (value)`. If this is on purpose, say so under `intended:`.",
			},
		},
		Emptied: {
			found: lang.Text{ES: "está vacío", EN: "it is empty"},
			fault: lang.Text{ES: "Guarda vacío un campo que en el evento trae un valor", EN: "Stores an empty field although the event has a value"},
			fix: lang.Text{
				ES: "Guarde el valor que dice el evento, y no un valor por omisión cuando el texto o el número se sale de lo común.",
				EN: "Store the value that the event says, not a default when the text or the number is unusual.",
			},
		},
	}[d]
}

// Text says what the damage is; zero for none.
func (d Damage) Text() lang.Text { return d.texts().found }

// of says what the damage to a value is.
func (d Damage) of(kept any) lang.Text {
	if text, isText := kept.(string); d == Cut && isText {
		return lang.Textf("%s a los %d caracteres", "%s after %d characters", d.Text(), utf8.RuneCountInString(text))
	}
	return d.Text()
}

// Fault says in one line what a receiver does that damages values so, in the third
// person; zero for no damage.
func (d Damage) Fault() lang.Text {
	if d.Cause() == "charset" {
		return lang.Text{ES: "Daña los acentos, los emojis u otras letras que no son ASCII", EN: "Damages non-ASCII letters and emoji"}
	}
	return d.texts().fault
}

// fix is what mends the damage to a field.
func (d Damage) fix(field string) lang.Text {
	switch {
	case d == "":
		return fixAltered(field)
	case d.Cause() == "charset":
		return lang.Text{
			ES: "Use UTF-8 de punta a punta; en MySQL, utf8mb4 en la tabla y en la conexión. No pase el texto por latin1, utf8_decode ni un filtro de ASCII.",
			EN: "Use UTF-8 from end to end; in MySQL, utf8mb4 for the table and for the connection. Do not pass the text through latin1, utf8_decode or a filter for ASCII.",
		}
	}
	return d.texts().fix
}
