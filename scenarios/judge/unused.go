package judge

import (
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
)

// Live learns what is kept of an object whose events were told in order, plainly.
func (c *Judge) Live(h *History) {
	last, key := h.Last(), h.LifeKey()
	c.Follows.Take(key, last.Newest, last.State, c.Paths)
	_, differing := h.fields(c.Paths)
	if c.unused == nil {
		c.unused = map[string]bool{}
	}
	c.unused[key] = len(differing) > 0 && !slices.ContainsFunc(differing, func(field string) bool { _, follows := c.Follows[key][field]; return follows })
}

// unhandled takes back what a receiver is blamed for that does nothing about a kind, alone
// or in order: it acknowledges events that it does not use.
func (c *Judge) unhandled(f *Finding, e *Exchange) {
	if f.Verdict != verdict.Fail && f.Verdict != verdict.Warn || e.History == nil || e.Version == nil || !e.Acknowledged() || !e.idle() || e.Seen.D0 > 0 || !c.Alone.bare(e) {
		return
	}
	if c.unused[e.History.LifeKey()] {
		*f = Finding{Verdict: verdict.NotObserved, Reason: TextNoEffects(e.Kind), found: f.found, by: e}
	}
}
