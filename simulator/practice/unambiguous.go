package practice

import (
	"encoding/json"
	"fmt"
)

// unambiguous reports why data is not exactly one JSON value in which no object
// has a name twice: parsers differ on which of two counts, so that the one that
// checks an event and the one that acts on it may read different events.
func unambiguous(data []byte) error {
	// What follows relies on valid JSON, and on its depth being bounded
	// (10,000), which this sees to.
	if !json.Valid(data) {
		var v json.RawMessage
		return fmt.Errorf("not JSON: %w", json.Unmarshal(data, &v))
	}
	type member struct {
		object int // number of the object in the text, in order of opening
		name   string
	}
	const array = -1
	var (
		seen    = map[member]struct{}{}
		open    []int // numbers of the objects and arrays that are open
		objects int
		name    bool // a string that comes now is a name
	)
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{':
			open = append(open, objects)
			objects++
			name = true
		case '[':
			open = append(open, array)
			name = false
		case '}', ']':
			open = open[:len(open)-1]
			name = false
		case ':':
			name = false
		case ',':
			name = open[len(open)-1] != array
		case '"':
			start, escaped := i, false
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					escaped = true
					i++
				}
			}
			if !name {
				continue
			}
			m := member{open[len(open)-1], string(data[start+1 : i])}
			if escaped {
				// "\u0069d" is "id" as well.
				if err := json.Unmarshal(data[start:i+1], &m.name); err != nil {
					return err
				}
			}
			if _, twice := seen[m]; twice {
				return fmt.Errorf("name %q stands twice in one object", m.name)
			}
			seen[m] = struct{}{}
		}
	}
	return nil
}
