package verdict

import "github.com/kometia-sim/kometia-sim/schemas/lang"

// Counted says how many effects there were, n, against the clean ones that a single
// normal delivery has.
func Counted(n, clean int) lang.Text {
	effects := lang.Textf("%d efectos", "%d effects", n)
	if n == 1 {
		effects = lang.Text{ES: "1 efecto", EN: "1 effect"}
	}
	if n == clean {
		return lang.Textf("%s, como en una entrega normal", "%s, as after a normal delivery", effects)
	}
	return lang.Textf("%s en lugar de %d", "%s instead of %d", effects, clean)
}
