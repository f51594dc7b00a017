package payload

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
)

// matching makes a text that fits a pattern: exactly, where the pattern is of
// the kind that schemas have (classes, repeats, alternatives between anchors).
// What else it may hold is left out; the validator has the last word.
func matching(pattern string, r *rand.Rand) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	match(&b, re.Simplify(), r)
	return b.String()
}

func match(b *strings.Builder, re *syntax.Regexp, r *rand.Rand) {
	repeat := func(low, high int) {
		for range low + r.IntN(high-low+1) {
			match(b, re.Sub[0], r)
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(ofClass(re.Rune, r))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte(byte('a' + r.IntN(26)))
	case syntax.OpCapture:
		match(b, re.Sub[0], r)
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			match(b, sub, r)
		}
	case syntax.OpAlternate:
		match(b, re.Sub[r.IntN(len(re.Sub))], r)
	case syntax.OpStar:
		repeat(0, 4)
	case syntax.OpPlus:
		repeat(1, 4)
	case syntax.OpQuest:
		repeat(0, 1)
	case syntax.OpRepeat:
		high := re.Max
		if high < 0 {
			high = re.Min + 4
		}
		repeat(re.Min, high)
	}
}

// ofClass draws a character of a class, a printable ASCII one where it has any.
func ofClass(ranges []rune, r *rand.Rand) rune {
	var plain []rune
	for i := 0; i+1 < len(ranges); i += 2 {
		for c := max(ranges[i], ' '); c <= min(ranges[i+1], '~'); c++ {
			plain = append(plain, c)
		}
	}
	if len(plain) > 0 {
		return plain[r.IntN(len(plain))]
	}
	if len(ranges) == 0 {
		return 'a'
	}
	return ranges[0]
}
