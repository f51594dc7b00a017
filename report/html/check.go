package html

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/report/view"
)

// More attempts than these are folded: the timeline tells them.
const attemptsOpen = 8

// check is the section of one check.
type check struct {
	*view.Check
	Anchor   string
	Timeline *timeline
	Table    attempts

	Cases                 []view.Case
	CasesCount, CasesMore string
}

// attempts is the table of a check's attempts.
type attempts struct {
	Rows    []view.Attempt
	Several bool // they are about several events
	Effects bool // some row counts effects
	Folded  bool
	Count   string
	More    string
}

func newChecks(v *view.Report) []check {
	w := v.Words
	anchors := anchorsOf(v.Checks)
	checks := make([]check, len(v.Checks))
	for i := range v.Checks {
		of := &v.Checks[i]
		c := check{Check: of, Anchor: anchors[i], Timeline: newTimeline(fmt.Sprintf("_t%d", i), of, w)}
		if n := len(of.Attempts); n > 0 {
			c.Table = attempts{
				Rows: of.Attempts[:min(n, view.ListShown)], Several: of.Several, Folded: n > attemptsOpen, Count: w.Attempts.Of(n),
				Effects: slices.ContainsFunc(of.Attempts, func(a view.Attempt) bool { return a.Effects != "" }),
				More:    over(n, w),
			}
		}
		if n := len(of.Cases); n > 0 {
			c.Cases = of.Cases[:min(n, view.ListShown)]
			c.CasesCount, c.CasesMore = w.CountCases.Of(n), over(n, w)
		}
		checks[i] = c
	}
	return checks
}

// over says how many of n a list leaves out.
func over(n int, w *view.Words) string {
	if n <= view.ListShown {
		return ""
	}
	return w.RowsLeftOut.Of(n - view.ListShown)
}

// anchorsOf gives every check an id for links: its own where it can be one, made
// unique where it is taken. Each begins with a letter; what else in a page has
// an id begins it with an underscore.
func anchorsOf(checks []view.Check) []string {
	used := map[string]bool{}
	anchors := make([]string, len(checks))
	for i := range checks {
		base := slug(checks[i].ID)
		a := base
		for n := 2; used[a]; n++ {
			a = fmt.Sprintf("%s-%d", base, n)
		}
		used[a] = true
		anchors[i] = a
	}
	return anchors
}

func slug(id string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		default:
			return '-'
		}
	}, id)
	if s == "" || s[0] == '-' || s[0] >= '0' && s[0] <= '9' {
		s = "check" + strings.TrimRight("-"+s, "-")
	}
	return s
}
