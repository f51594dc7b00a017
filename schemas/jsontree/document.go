package jsontree

import "github.com/kometia-sim/kometia-sim/schemas/lang"

// maxDuplicates bounds the list of repeated names: the first few are enough to
// find the mistake, a million would only fill the memory.
const maxDuplicates = 100

// SyntaxError says where bytes stop being JSON. Line and Column count from 1,
// columns in characters; Offset counts bytes from 0.
type SyntaxError struct {
	Line, Column, Offset int
	Msg                  lang.Text
	// Excerpt is the line with a caret under the place, ready to print; it
	// holds no control characters and is short whatever the input.
	Excerpt string
}

// Error implements error: one line, without the excerpt.
func (e *SyntaxError) Error() string { return e.In(lang.English) }

// In implements lang.Bilingual.
func (e *SyntaxError) In(tag lang.Tag) string {
	return lang.Textf("línea %d, columna %d: %s", "line %d, column %d: %s", e.Line, e.Column, e.Msg).In(tag)
}

// Document is parsed JSON that still knows where each value stood.
type Document struct {
	// Root is the tree.
	Root any

	data       []byte
	spans      span
	duplicates []Duplicate
}

// Duplicate is a member whose name stood before in the same object.
type Duplicate struct {
	Path         string
	Line, Column int // of the repeated name
}

// span is where a value begins, with its children in order.
type span struct {
	start    int
	children []span
}

// Duplicates lists the members whose name is repeated within their object, in
// document order; at most 100. The last of them counts.
func (d *Document) Duplicates() []Duplicate { return d.duplicates }

// Position returns the line and column, from 1, of the value at a path. For a
// path that does not exist it is the position of the last value on the way that
// does exist: the object in which the member is missing.
func (d *Document) Position(path string) (line, column int) {
	steps, err := splitPath(path)
	if err != nil {
		steps = nil
	}
	value, at := d.Root, &d.spans
	for _, s := range steps {
		i := s.index
		if s.index < 0 {
			o, ok := value.(*Object)
			if !ok {
				break
			}
			if i = o.index(s.name); i < 0 {
				break
			}
			value = o.Members[i].Value
		} else {
			a, ok := value.([]any)
			if !ok || i >= len(a) {
				break
			}
			value = a[i]
		}
		if i >= len(at.children) { // the tree was changed after parsing
			break
		}
		at = &at.children[i]
	}
	return Locate(d.data, at.start)
}

// Mistake is what is wrong with the value at a path of a file.
func (d *Document) Mistake(file, path string, what error) error {
	line, column := d.Position(path)
	return Mistake(file, d.data, line, column, what)
}
