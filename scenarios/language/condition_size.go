package language

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// sizeConditions ask what a search has found.
func sizeConditions() []Condition {
	return []Condition{
		&condition[Size]{
			key: "limit", editor: "A search met a refusal of an order of that size or of a smaller one.",
			means: lang.Text{
				ES: "`64 KB`: una búsqueda (`search`) topó con el rechazo de un pedido de ese tamaño, que ella prueba, o de uno menor; un 429, un 503 o un servidor que se va no son un rechazo",
				EN: "`64 KB`: a `search` met a refusal of an order of that size, one that it tries, or of a smaller one; a 429, a 503 or a server that goes away is no refusal",
			},
			check: checkLimit,
			holds: func(want Size, e *Evidence) bool { return e.Refused > 0 && e.Refused <= want.Bytes() },
		},
	}
}

// checkLimit refuses a size that no search tries: only what was tried is known.
func checkLimit(f *strictyaml.File, at string, want Size, in place) {
	if _, err := parseSize(string(want)); err != nil {
		f.Check(at, err)
		return
	}
	searched := false
	for i := range in.scenario.Cases {
		c := &in.scenario.Cases[i]
		for j := range c.Steps {
			if se := c.Steps[j].Search; se != nil {
				searched = true
				if !slices.Contains(se.Rungs(), want.Bytes()) {
					f.Fail(at, "%s: el caso %s no prueba ese tamaño", "%s: case %s does not try that size", want, c.Name)
				}
			}
		}
	}
	if !searched {
		f.Fail(at, "ningún paso lo busca", "no step searches for one")
	}
}

// LargestLimit is the largest size that a rule of the check asks for, in bytes.
func (c *Check) LargestLimit() (most int) {
	for i := range c.Judge {
		most = max(most, wanted[Size](&c.Judge[i], "limit").Bytes())
	}
	return most
}
