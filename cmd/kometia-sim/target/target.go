// Package target is where events go: a URL as the user gave it, or a practice
// receiver that is started for the occasion.
package target

import (
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Target is where events go. The zero Target is none.
type Target struct {
	Wire     *wire.Target // nil until the practice receiver has been started
	Practice bool
	Flaw     string // of the practice receiver; "" is the good one
	Word     string // as the user named it, redacted
}

// Parse reads what the user calls a target: a URL, practice or practice:NAME.
func Parse(raw string) (Target, error) {
	name, flaw, named := strings.Cut(raw, ":")
	if name != "practice" {
		t, err := wire.ParseTarget(raw)
		return Target{Wire: t, Word: wire.Redact(raw)}, err
	}
	t := Target{Practice: true, Flaw: flaw, Word: raw}
	if !named {
		return t, nil
	}
	return t, CheckFlaw(flaw)
}

// Kept reports whether the target may be kept: it holds no secret.
func (t *Target) Kept() bool { return t.Practice || t.Word == t.Wire.URL() }

// Traits are what has to be known of the practice receiver; the zero Flaw for
// any other target, and for the good one.
func (t *Target) Traits() practice.Flaw {
	for _, f := range practice.Flaws() {
		if t.Practice && f.Name == t.Flaw {
			return f
		}
	}
	return practice.Flaw{}
}

// CheckFlaw refuses what is no practice receiver.
func CheckFlaw(name string) error {
	var names []string
	for _, f := range practice.Flaws() {
		if f.Name == name {
			return nil
		}
		names = append(names, f.Name)
	}
	return lang.Errorf("no existe el receptor de práctica %q%s (kometia-sim list flaws los muestra)", "unknown practice receiver %q%s (kometia-sim list flaws shows them)",
		name, lang.DidYouMean(schemas.Suggest(name, names)))
}
