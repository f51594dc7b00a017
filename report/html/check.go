package html

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/report/view"
)

// More attempts than these are folded: the timeline tells them.
const attemptsOpen = 8

// shortest is how long a check takes at the least that did something.
const shortest = 50 * time.Microsecond

// changesShown is how many differences from a normal event are listed.
const changesShown = 40

// check is the section of one check.
type check struct {
	*view.Check
	Anchor   string
	Timeline *timeline
	Table    attempts

	Cases                 []view.Case
	CasesCount, CasesMore string

	Changes     []view.Change
	ChangesMore string
	Notes       []string // but for those that tell a change

	Opened bool // told in full without being asked: not what one before it tells, too

	Took  string // how long testing it took; "" for nothing
	Wires []wire
}

// wire is one exchange as the page shows it.
type wire struct {
	*view.Exchange
	Sent, Got body
}

// body is a message's body: the neighbourhood of what is marked in it, and the
// whole where that is more.
type body struct {
	Head, More string
	Shown      []view.BodyLine
	Whole      []view.BodyLine // nil where all of it is shown
	Marked     bool
}

// Around a line that is marked this many others are shown.
const neighbours = 4

func newBody(m *view.Message) body {
	b := body{Head: m.Head, More: m.More, Shown: m.Body}
	b.Marked = slices.ContainsFunc(m.Body, func(l view.BodyLine) bool { return l.Marked })
	if !b.Marked {
		return b
	}
	near := make([]bool, len(m.Body))
	for i, l := range m.Body {
		if l.Marked {
			for j := max(i-neighbours, 0); j < min(i+neighbours+1, len(near)); j++ {
				near[j] = true
			}
		}
	}
	var shown []view.BodyLine
	for i, l := range m.Body {
		switch {
		case near[i]:
			shown = append(shown, l)
		case i == 0 || near[i-1]:
			shown = append(shown, view.BodyLine{Text: "⋮"})
		}
	}
	if len(shown)+neighbours < len(m.Body) {
		b.Shown, b.Whole = shown, m.Body
	}
	return b
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
		c := check{Check: of, Notes: of.Notes, Anchor: anchors[i], Timeline: newTimeline(fmt.Sprintf("_t%d", i), of, w)}
		if n := len(of.Attempts); n > 0 {
			c.Table = attempts{
				Rows: of.Attempts[:min(n, view.ListShown)], Several: of.Several, Folded: n > attemptsOpen, Count: w.Attempts.Of(n),
				Effects: slices.ContainsFunc(of.Attempts, func(a view.Attempt) bool { return a.Effects != "" }),
				More:    more(n, view.ListShown, w),
			}
			if len(of.Changes) > 0 {
				c.Table.Rows = slices.Clone(c.Table.Rows)
				for j := range c.Table.Rows { // what stands out in it is told as its changes
					c.Table.Rows[j].Sent, _, _ = strings.Cut(c.Table.Rows[j].Sent, " (")
				}
			}
		}
		if n := len(of.Cases); n > 0 {
			c.Cases = of.Cases[:min(n, view.ListShown)]
			c.CasesCount, c.CasesMore = w.CountCases.Of(n), more(n, view.ListShown, w)
		}
		c.Opened = of.Open && !of.Told || of.Alone
		if of.Elapsed >= shortest {
			c.Took = view.Elapsed(of.Elapsed)
		}
		if n := len(of.Changes); n > 0 {
			c.Notes = slices.DeleteFunc(slices.Clone(of.Notes), func(note string) bool {
				return slices.ContainsFunc(of.Changes, func(d view.Change) bool { return strings.HasPrefix(note, d.Path+" ") })
			})
			c.Changes, c.ChangesMore = of.Changes[:min(n, changesShown)], more(n, changesShown, w)
		}
		for j := range of.Exchanges {
			x := &of.Exchanges[j]
			c.Wires = append(c.Wires, wire{x, newBody(&x.Sent), newBody(&x.Got)})
		}
		checks[i] = c
	}
	return checks
}

// more says how many of n a list of at most so many leaves out.
func more(n, most int, w *view.Words) string {
	if n <= most {
		return ""
	}
	return w.RowsLeftOut.Of(n - most)
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
