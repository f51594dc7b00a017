package strictyaml

import (
	"github.com/goccy/go-yaml/token"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// What a file may hold is bounded before it is parsed: the parser's work grows
// with the square of depth and of length, and no file that a person writes has a
// tenth of this.
const (
	mostBytes  = 1 << 20
	mostTokens = 40_000
	// deepestFlow is how many [ and { may stand in one another, deepestColumn how
	// far from the margin the entries of a list or of a mapping may.
	deepestFlow   = 100
	deepestColumn = 400
)

func bound(data []byte) error {
	if len(data) > mostBytes {
		return lang.Errorf("más de %d KiB", "more than %d KiB", mostBytes>>10)
	}
	return nil
}

// boundTokens finds the place from which on it is too much.
func boundTokens(tokens token.Tokens) (*token.Position, error) {
	flow := 0
	for i, t := range tokens {
		if i >= mostTokens {
			return t.Position, lang.Errorf("hay demasiado en este archivo", "there is too much in this file")
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		}
		entry := t.Type == token.SequenceEntryType || t.Type == token.MappingKeyType || t.Type == token.MappingValueType
		if flow > deepestFlow || flow <= 0 && entry && t.Position.Column > deepestColumn {
			return t.Position, lang.Errorf("hay demasiados niveles", "it is nested too deep")
		}
	}
	return nil, nil
}
