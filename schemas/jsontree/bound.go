package jsontree

import "github.com/kometia-sim/kometia-sim/schemas/lang"

// Bound is how much JSON a file may hold, to be checked before it is parsed: a
// few megabytes of brackets become gigabytes of values.
type Bound struct {
	Depth  int // levels of arrays and objects
	Values int // of any kind, the names of fields included
	Digits int // of one number; 0 is any: to compute with a million takes seconds
}

// Check looks at data once, from its beginning to its end, and does not care
// whether it is JSON.
func (b Bound) Check(data []byte) error {
	depth, values, digits := 0, 0, 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
			values++
		case '}', ']':
			depth--
		case ',', ':':
			values++
		case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
			if digits++; b.Digits > 0 && digits > b.Digits {
				return lang.Errorf("un número de más de %d dígitos", "a number of more than %d digits", b.Digits)
			}
			continue
		}
		digits = 0
		if depth > b.Depth {
			return lang.Errorf("más de %d niveles de listas y objetos", "more than %d levels of arrays and objects", b.Depth)
		}
		if values > b.Values {
			return lang.Errorf("más de %d valores", "more than %d values", b.Values)
		}
	}
	return nil
}
