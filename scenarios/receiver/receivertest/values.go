// Package receivertest helps tests of what uses a receiver.
package receivertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// Pair is a row of the table "What counts as the same value" in
// docs/configuration.md: what an event said, what is kept, and whether that
// counts as the same.
type Pair struct {
	Said, Kept any
	Same       bool
	Row        string
}

// Pairs reads the table from a documentation page of either language. A table
// that is not found, or a row that cannot be read, is an error.
func Pairs(page string) ([]Pair, error) {
	data, err := os.ReadFile(page)
	if err != nil {
		return nil, err
	}
	var pairs []Pair
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 4 || !strings.HasPrefix(cells[0], "| `") {
			continue
		}
		p := Pair{Row: strings.TrimSpace(line)}
		switch cells[2] {
		case "same", "igual":
			p.Same = true
		case "different", "distinto":
		default:
			continue
		}
		if p.Said, err = value(strings.TrimPrefix(cells[0], "| ")); err == nil {
			p.Kept, err = value(cells[1])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %s: %w", page, p.Row, err)
		}
		pairs = append(pairs, p)
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("%s has no table of values", page)
	}
	return pairs, nil
}

// value reads a JSON value in backticks.
func value(cell string) (v any, err error) {
	dec := json.NewDecoder(bytes.NewReader([]byte(strings.Trim(cell, "`"))))
	dec.UseNumber()
	err = dec.Decode(&v)
	return v, err
}
