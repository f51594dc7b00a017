package main

import (
	"bytes"
	"errors"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// known reads the list of known failures that the flag or the config names. It
// is held against all checks there are, selected or not, so that a list serves
// every selection. All mistakes of it come at once.
func (s *session) known(set *settings, suite *language.Suite) ([]verdict.Known, error) {
	file, name := set.config.KnownFailing, set.config.KnownFailing
	if s.flags.IsSet("known-failing") {
		name = s.flags.String("known-failing")
		file = s.Path(name)
	}
	if name == "" {
		return nil, nil
	}
	data, err := s.ReadFile(file, maxConfig)
	if err != nil {
		return nil, lang.Errorf("--known-failing: %s", "--known-failing: %s", err)
	}
	return readKnown(name, data, suite.All())
}

// readKnown reads lines of an id or a glob, with an optional reason behind "#".
// ids are those of all checks.
func readKnown(name string, data []byte, ids []string) ([]verdict.Known, error) {
	var list []verdict.Known
	var errs []error
	seen := map[string]int{}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors on Windows write one
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		fail := func(es, en string, args ...any) {
			errs = append(errs, lang.Errorf("%s:%d: %s", "%s:%d: %s", name, n, lang.Errorf(es, en, args...)))
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
		k := verdict.Known{Pattern: words[0], Reason: strings.TrimSpace(reason), File: name, Line: n}
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

func matchesAny(k *verdict.Known, ids []string) bool {
	for _, id := range ids {
		if k.Matches(id) {
			return true
		}
	}
	return false
}
