// Package lang holds texts in the two languages of the product, Spanish and
// English, and decides which of them a user reads.
package lang

// Tag names a language: Spanish or English.
type Tag string

// The languages that every text of the product exists in.
const (
	Spanish Tag = "es"
	English Tag = "en"
)

// Text is one text in both languages.
type Text struct {
	ES string `json:"es" yaml:"es"`
	EN string `json:"en" yaml:"en"`
}

// Same is a text that reads alike in both languages, such as a name.
func Same(s string) Text { return Text{ES: s, EN: s} }

// In returns the text in the language of tag; an unknown tag reads Spanish.
func (t Text) In(tag Tag) string {
	if tag == English {
		return t.EN
	}
	return t.ES
}

// IsZero reports whether the text is empty in both languages.
func (t Text) IsZero() bool { return t.ES == "" && t.EN == "" }
