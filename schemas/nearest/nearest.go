// Package nearest finds the name that a mistyped one was probably meant to be,
// for the "did you mean" of error messages.
package nearest

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// maxLength bounds the work on hostile input: no name of ours is longer.
const maxLength = 128

// Name returns the name among those given that is most like name, or "" when
// none is like enough to be worth naming. Case is ignored; of equally near
// names the first in alphabetical order wins, so that messages are stable.
func Name(name string, among []string) string {
	if name == "" || len(name) > maxLength {
		return ""
	}
	sorted := append([]string(nil), among...)
	sort.Strings(sorted)
	best, bestDistance := "", -1
	lower := strings.ToLower(name)
	for _, candidate := range sorted {
		if candidate == "" || len(candidate) > maxLength {
			continue
		}
		d := distance(lower, strings.ToLower(candidate))
		// One slip in four characters is a typo; more is another word. Short
		// names get one slip, so that "oder" still finds "order".
		limit := max(1, utf8.RuneCountInString(candidate)/4)
		if d <= limit && (bestDistance < 0 || d < bestDistance) {
			best, bestDistance = candidate, d
		}
	}
	if best == "" {
		best = byEnding(lower, sorted)
	}
	return best
}

// byEnding finds the only name that has name as one of its dotted or
// underscored ends ("price" among "unit_price", "placed" among "order.placed"):
// what someone types who forgot the first half. Two such names are no hint.
func byEnding(lower string, sorted []string) string {
	found := ""
	for _, candidate := range sorted {
		rest, ok := strings.CutSuffix(strings.ToLower(candidate), lower)
		if !ok || rest == "" || !strings.ContainsAny(rest[len(rest)-1:], "._-") {
			continue
		}
		if found != "" {
			return ""
		}
		found = candidate
	}
	return found
}

// distance counts the insertions, deletions, replacements and swaps of
// neighbours that turn a into b (optimal string alignment).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before := make([]int, len(y)+1)
	last := make([]int, len(y)+1)
	row := make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(y)]
}
