package verdict

import (
	"bytes"
	"errors"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// ReadKnown reads a list of known failures: lines of an id or a glob, with an
// optional reason behind "#". It is held against ids, those of all checks there
// are, so that one list serves every selection. All mistakes of it come at once.
func ReadKnown(name string, data []byte, ids []string) ([]Known, error) {
	var list []Known
	var errs []error
	seen := map[string]int{}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors on Windows write one
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		fail := func(es, en string, args ...any) {
			column := 1 + len(line) - len(strings.TrimLeft(line, " \t"))
			errs = append(errs, jsontree.Mistake(name, data, n, column, lang.Errorf(es, en, args...)))
		}
		if !utf8.ValidString(line) {
			fail("no es texto UTF-8", "is no UTF-8 text")
			continue
		}
		entry, reason, _ := strings.Cut(line, "#")
		words := strings.Fields(entry)
		if len(words) == 0 {
			continue
		}
		k := Known{Pattern: words[0], Reason: strings.TrimSpace(reason), File: name, Line: n}
		upper := strings.ToUpper(k.Pattern)
		if len(words) > 1 {
			fail("una prueba por línea; el motivo va después de #, como: %s  # %s", "one check a line; the reason goes behind #, as in: %s  # %s", words[0], strings.Join(words[1:], " "))
			continue
		}
		if _, err := path.Match(upper, ""); err != nil {
			fail("el patrón %q no se entiende (los comodines son * y ?)", "the pattern %q cannot be read (wildcards are * and ?)", k.Pattern)
			continue
		}
		if first, twice := seen[upper]; twice {
			fail("%s ya está en la línea %d", "%s stands in line %d already", k.Pattern, first)
			continue
		}
		seen[upper] = n
		if !matchesAny(&k, ids) {
			fail("ninguna prueba se llama %q%s (kometia-sim list checks las muestra)", "no check is named %q%s (kometia-sim list checks shows them)",
				k.Pattern, lang.DidYouMean(schemas.Suggest(upper, ids)))
			continue
		}
		list = append(list, k)
	}
	return list, errors.Join(errs...)
}

func matchesAny(k *Known, ids []string) bool {
	for _, id := range ids {
		if k.Matches(id) {
			return true
		}
	}
	return false
}
