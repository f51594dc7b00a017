// Package strictjson reads JSON as a careful receiver does: what cannot be acted on
// without guessing is an error. It stands on encoding/json and shares no parser with
// the side that sends, so that a mistake there cannot cancel itself out here.
package strictjson

import (
	"encoding/json"
	"fmt"
)

// Unambiguous reports why data is not exactly one JSON value in which no object
// has a name twice: parsers differ on which of two counts, so that the one that
// checks an event and the one that acts on it may read different events.
func Unambiguous(data []byte) error {
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

// Members opens a JSON object. A map keeps names apart that differ in case
// only, which a Go struct would not.
func Members(what string, data json.RawMessage) (map[string]json.RawMessage, error) {
	var m map[string]json.RawMessage
	if len(data) == 0 || json.Unmarshal(data, &m) != nil || m == nil {
		return nil, fmt.Errorf("not an event: %s is no object", what)
	}
	return m, nil
}

// Text is a member that is a text and not empty.
func Text(m map[string]json.RawMessage, name string) (string, error) {
	var s string
	if json.Unmarshal(m[name], &s) != nil || s == "" {
		return "", fmt.Errorf("not an event: field %q is no text or empty", name)
	}
	return s, nil
}

// Seconds reads a time in Unix seconds; without the member, or with null, it is
// missing.
func Seconds(m map[string]json.RawMessage, name string, missing int64) (int64, error) {
	v := m[name]
	if len(v) == 0 || string(v) == "null" {
		return missing, nil
	}
	var n int64
	if err := json.Unmarshal(v, &n); err != nil {
		return 0, fmt.Errorf("not an event: field %q is no time in seconds", name)
	}
	return n, nil
}
