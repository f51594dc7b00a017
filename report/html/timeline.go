package html

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/report/view"
)

// The measures of a timeline. Places along the axis are percentages, so that
// the picture grows with the page while marks and letters keep their size.
const (
	ticksAtMost = 5    // their labels have to fit a phone
	plotFrom    = 2.5  // percent
	plotWidth   = 95.0 // percent
	// Marks nearer to each other than markGap percent stand below one another;
	// an hour of 48 is 2 %. Few marks stand further apart, so that they can be
	// told on a phone.
	markGap    = 1.9
	markGapFew = 4
	fewMarks   = 12
	rowHeight  = 15
	nameRoom   = 18 // for the name of a lane
	laneGap    = 10
	axisRoom   = 24

	lanesAtMost = 8
	rowsAtMost  = 8
	marksAtMost = 400 // of one timeline
)

// timeline is the attempts of a check along the virtual time.
type timeline struct {
	Name        string // begins the ids of its title and description
	Title, Says string
	Height      int
	AxisY       int
	LabelY      int
	Ticks       []tick
	Lanes       []lane
	Bands       []band // while the receiver was without its store
	Events      []tick // what else was done to it
	Keys        []key  // of the shapes that stand in it
	More        string // what there was no room for
}

type key struct {
	Shape string
	Text  string
}

type tick struct{ X, Label, Anchor string }

type band struct{ X, Width, Says string }

type lane struct {
	Name  string
	NameY int
	LineY int
	Marks []mark
}

type mark struct {
	X     string
	Y     int
	Shape view.Shape
	Fault bool
	Says  string
}

// newTimeline draws the attempts of a check, and what was done to the receiver
// among them, from the first to the last; nil where all were at one instant: then
// there is nothing that a picture shows better than a table.
func newTimeline(name string, c *view.Check, w *view.Words) *timeline {
	if len(c.Attempts) == 0 {
		return nil
	}
	lo := within(c.Attempts[0].Offset)
	hi := lo
	for _, a := range c.Attempts {
		lo, hi = min(lo, within(a.Offset)), max(hi, within(a.Offset))
	}
	for _, e := range c.Events {
		lo, hi = min(lo, within(e.Offset)), max(hi, within(e.Offset))
	}
	if lo == hi {
		return nil
	}
	at := func(d time.Duration) float64 {
		return plotFrom + plotWidth*(float64(within(d))-float64(lo))/(float64(hi)-float64(lo))
	}
	t := &timeline{Name: name, Title: fmt.Sprintf(w.TimelineTitle, view.Span(hi-lo)), Ticks: ticks(lo, hi, at)}
	t.drawAttempts(c.Attempts, at, w)
	t.drawEvents(c.Events, at, hi)
	t.Keys = t.keys(w)
	t.Says = fmt.Sprintf(w.TimelineSays, t.Title, view.Tell(c.Attempts))
	for _, b := range t.Bands {
		t.Says += " " + b.Says + "."
	}
	for _, e := range t.Events {
		t.Says += " " + e.Label + "."
	}
	return t
}

// drawAttempts gives each event a lane, and marks that would touch rows of
// their own in it.
func (t *timeline) drawAttempts(as []view.Attempt, at func(time.Duration) float64, w *view.Words) {
	var ids []string
	of := map[string][]view.Attempt{}
	for _, a := range as {
		if _, known := of[a.Event]; !known {
			ids = append(ids, a.Event)
		}
		of[a.Event] = append(of[a.Event], a)
	}
	drawn, y := 0, 0
	for _, event := range ids[:min(len(ids), lanesAtMost)] {
		group := of[event]
		slices.SortStableFunc(group, func(a, b view.Attempt) int { return cmp.Compare(a.Offset, b.Offset) })
		l := lane{Name: group[0].Name, NameY: y + 12}
		y += nameRoom
		l.LineY = y + rowHeight/2
		gap := markGap
		if len(group) <= fewMarks {
			gap = markGapFew
		}
		var ends []float64 // where each row is taken up to
		for i := range group {
			a := &group[i]
			x := at(a.Offset)
			row := slices.IndexFunc(ends, func(end float64) bool { return x-end >= gap })
			if row < 0 {
				row = len(ends)
				if row == rowsAtMost || drawn == marksAtMost {
					continue
				}
				ends = append(ends, 0)
			}
			ends[row] = x
			drawn++
			l.Marks = append(l.Marks, mark{
				X: percent(x), Y: l.LineY + row*rowHeight, Shape: a.Shape, Fault: a.Fault != "",
				Says: fmt.Sprintf(w.TimelineMark, a.At, a.Number, a.Reply()),
			})
		}
		y += max(len(ends), 1)*rowHeight + laneGap
		t.Lanes = append(t.Lanes, l)
	}
	if drawn < len(as) {
		t.More = fmt.Sprintf(w.NotDrawn, len(as)-drawn)
	}
	t.AxisY, t.LabelY, t.Height = y, y+16, y+axisRoom
}

// drawEvents draws what was done to the receiver: an outage as a band, from when
// its database was taken away until it was given back; the rest as lines.
func (t *timeline) drawEvents(events []view.Event, at func(time.Duration) float64, end time.Duration) {
	for i, e := range events[:min(len(events), marksAtMost)] {
		switch e.Verb {
		case "up": // the end of a band
		case "down":
			until := end
			if j := slices.IndexFunc(events[i:], func(e view.Event) bool { return e.Verb == "up" }); j >= 0 {
				until = events[i+j].Offset
			}
			from, to := at(e.Offset), at(until)
			t.Bands = append(t.Bands, band{percent(from), percent(max(to-from, 0.5)), e.Says})
		default:
			t.Events = append(t.Events, tick{X: percent(at(e.Offset)), Label: e.Says})
		}
	}
}

// keys explain the shapes that were drawn.
func (t *timeline) keys(w *view.Words) []key {
	used := map[string]bool{"event": len(t.Events) > 0, "outage": len(t.Bands) > 0}
	for _, l := range t.Lanes {
		for _, m := range l.Marks {
			used[string(m.Shape)] = true
			used["fault"] = used["fault"] || m.Fault
		}
	}
	all := []key{
		{string(view.Ack), w.Acknowledged},
		{string(view.Rejected), w.Rejected},
		{string(view.Mute), w.NoAnswerAtAll},
		{"fault", w.WithFault},
		{"event", w.ProcessEventKey},
		{"outage", w.Outage},
	}
	return slices.DeleteFunc(all, func(k key) bool { return !used[k.Shape] })
}

// tickSteps are the distances that ticks may have, and after them their doubles.
func tickSteps() []time.Duration {
	var out []time.Duration
	for _, unit := range []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond} {
		out = append(out, unit, 2*unit, 5*unit)
	}
	for _, unit := range []time.Duration{time.Second, time.Minute} {
		out = append(out, unit, 2*unit, 5*unit, 10*unit, 15*unit, 30*unit)
	}
	return append(out, time.Hour, 2*time.Hour, 3*time.Hour, 6*time.Hour, 12*time.Hour)
}

// ticks are at whole multiples of a round distance, so many as there is room for.
func ticks(lo, hi time.Duration, at func(time.Duration) float64) []tick {
	step := time.Duration(0)
	for _, step = range tickSteps() {
		if (hi-lo)/step < ticksAtMost {
			break
		}
	}
	for (hi-lo)/step >= ticksAtMost {
		step *= 2
	}
	first := lo / step * step
	if first < lo {
		first += step
	}
	var out []tick
	for d := first; d <= hi; d += step {
		k := tick{X: percent(at(d)), Label: view.Span(d), Anchor: "middle"}
		switch x := at(d); {
		case x < plotFrom+4:
			k.Anchor = "start"
		case x > plotFrom+plotWidth-4:
			k.Anchor = "end"
		}
		out = append(out, k)
	}
	return out
}

// within keeps an offset where the length of an axis can be reckoned.
func within(d time.Duration) time.Duration {
	const century = 100 * 365 * 24 * time.Hour
	return max(min(d, century), -century)
}

func percent(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) + "%" }
