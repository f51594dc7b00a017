package judge

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// lacks names the keys of the config that would have to be there for a case to
// be played; none when it can be.
func lacks(h *receiver.Hooks, c *language.Case) (keys []string) {
	for _, verb := range c.Verbs() {
		for _, key := range h.Lacks(verb) {
			if !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// unmoved takes back a verdict when the receiver's clock should have moved with
// ours and did not: only two days test a memory of two days.
func (f *Finding) unmoved(e *Exchange) {
	if e.Unmoved {
		f.Verdict, f.Because, f.note = verdict.NotObserved, "", lang.Text{}
		f.Reason, f.enable = textUnmoved.both(), textEnableOffset.both()
	}
}
