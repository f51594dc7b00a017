package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// The measures of a timeline. Places along the axis are percentages, so that
// the picture grows with the page while marks and letters keep their size.
const (
	horizon     = 48 * time.Hour // Kometia gives up then
	tickEvery   = 12 * time.Hour
	ticksAtMost = 8
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
	Deeds       []tick // what else was done to it
	Keys        []key  // of the shapes that stand in it
	More        string // what there was no room for
}

type key struct {
	Shape string
	Text  lang.Text
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
	Shape string // ack, rej or mute
	Fault bool
	Says  string
}

// drawTimeline draws attempts, and what was done to the receiver among them;
// nil when there are none.
func (p *page) drawTimeline(name string, as []verdict.Attempt, events []verdict.Event) *timeline {
	if len(as) == 0 {
		return nil
	}
	w := &p.words.Page
	lo, hi := time.Duration(0), horizon
	for _, a := range as {
		lo, hi = min(lo, within(a.Offset)), max(hi, within(a.Offset))
	}
	for _, e := range events {
		lo, hi = min(lo, within(e.Offset)), max(hi, within(e.Offset))
	}
	at := func(d time.Duration) float64 {
		d = within(d)
		return plotFrom + plotWidth*(float64(d)-float64(lo))/(float64(hi)-float64(lo))
	}
	t := &timeline{Name: name, Title: fmt.Sprintf(w.TimelineTitle.In(p.tag), span(hi-lo))}
	var ids []string
	of := map[string][]verdict.Attempt{}
	for _, a := range as {
		if _, known := of[a.Event]; !known {
			ids = append(ids, a.Event)
		}
		of[a.Event] = append(of[a.Event], a)
	}
	drawn, y := 0, 0
	for _, event := range ids[:min(len(ids), lanesAtMost)] {
		group := slices.Clone(of[event])
		slices.SortStableFunc(group, func(a, b verdict.Attempt) int { return cmp.Compare(a.Offset, b.Offset) })
		l := lane{Name: strings.TrimSpace(Safe(group[0].Kind) + " " + shortID(event)), NameY: y + 12}
		y += nameRoom
		l.LineY = y + rowHeight/2
		gap := markGap
		if len(group) <= fewMarks {
			gap = markGapFew
		}
		var ends []float64 // where each row is taken up to
		for _, a := range group {
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
				X: percent(x), Y: l.LineY + row*rowHeight, Shape: shapeOf(a), Fault: a.Fault != "",
				Says: fmt.Sprintf(w.TimelineMark.In(p.tag), offset(a.Offset), a.Number, p.reply(a)),
			})
		}
		y += max(len(ends), 1)*rowHeight + laneGap
		t.Lanes = append(t.Lanes, l)
	}
	if drawn < len(as) {
		t.More = fmt.Sprintf(w.NotDrawn.In(p.tag), len(as)-drawn)
	}
	t.AxisY, t.LabelY, t.Height = y, y+16, y+axisRoom
	p.drawDeeds(t, events, at, hi)
	t.Keys = t.keys(w)
	t.Ticks = ticks(lo, hi, at)
	t.Says = fmt.Sprintf(w.TimelineSays.In(p.tag), t.Title, p.tell(as))
	for _, b := range t.Bands {
		t.Says += " " + b.Says + "."
	}
	for _, d := range t.Deeds {
		t.Says += " " + d.Label + "."
	}
	return t
}

// drawDeeds draws what was done to the receiver: an outage as a band, from when
// its store was taken away until it was given back; the rest as lines.
func (p *page) drawDeeds(t *timeline, events []verdict.Event, at func(time.Duration) float64, end time.Duration) {
	w := &p.words.Page
	for i, e := range events[:min(len(events), marksAtMost)] {
		switch e.Verb {
		case "up": // the end of a band
		case "down":
			until := end
			if j := slices.IndexFunc(events[i:], func(e verdict.Event) bool { return e.Verb == "up" }); j >= 0 {
				until = events[i+j].Offset
			}
			from, to := at(e.Offset), at(until)
			t.Bands = append(t.Bands, band{percent(from), percent(max(to-from, 0.5)), fmt.Sprintf(w.DeedAt.In(p.tag), offset(e.Offset), w.deed("down").In(p.tag))})
		default:
			says := fmt.Sprintf(w.DeedAt.In(p.tag), offset(e.Offset), w.deed(e.Verb).In(p.tag))
			t.Deeds = append(t.Deeds, tick{X: percent(at(e.Offset)), Label: says})
		}
	}
}

// keys explain the shapes that were drawn.
func (t *timeline) keys(w *pageWords) []key {
	used := map[string]bool{}
	for _, l := range t.Lanes {
		for _, m := range l.Marks {
			used[m.Shape] = true
			used["fault"] = used["fault"] || m.Fault
		}
	}
	used["deed"], used["outage"] = len(t.Deeds) > 0, len(t.Bands) > 0
	all := []key{{"ack", w.Acknowledged}, {"rej", w.Rejected}, {"mute", w.NoAnswerAtAll}, {"fault", w.WithFault}, {"deed", w.DeedKey}, {"outage", w.DeedDown}}
	return slices.DeleteFunc(all, func(k key) bool { return !used[k.Shape] })
}

// ticks are at whole multiples of twelve hours, thinned out where there would
// be many. Zero is always one of them.
func ticks(lo, hi time.Duration, at func(time.Duration) float64) []tick {
	step := tickEvery
	for (hi-lo)/step >= ticksAtMost {
		step *= 2
	}
	var out []tick
	for d := lo / step * step; d <= hi; d += step {
		k := tick{X: percent(at(d)), Label: span(d), Anchor: "middle"}
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

// tell says in words what a timeline shows: how many attempts had which
// answer, in the order of their first appearance.
func (p *page) tell(as []verdict.Attempt) string {
	var answers []string
	n := map[string]int{}
	for _, a := range as {
		s := p.reply(a)
		if n[s] == 0 {
			answers = append(answers, s)
		}
		n[s]++
	}
	var parts []string
	for i, s := range answers {
		if i == lanesAtMost {
			parts = append(parts, "…")
			break
		}
		parts = append(parts, fmt.Sprintf("%d × %s", n[s], s))
	}
	return strings.Join(parts, ", ")
}

func shapeOf(a verdict.Attempt) string {
	switch a.Outcome {
	case acknowledged:
		return "ack"
	case noResponse:
		return "mute"
	default:
		return "rej"
	}
}

// reply is what one attempt brought, and what we did to it.
func (p *page) reply(a verdict.Attempt) string {
	var said string
	switch {
	case a.Status > 0:
		said = strconv.Itoa(a.Status)
	case a.Error == "" && a.Fault != "":
		return p.words.fault(a.Fault, p.tag)
	default:
		said = p.words.NoAnswer.In(p.tag)
		if why := p.failureText(a.Error); why != "" {
			said += ": " + why
		}
	}
	if a.Fault != "" {
		said += ", " + p.words.fault(a.Fault, p.tag)
	}
	return said
}

// within keeps an offset where the length of an axis can be reckoned.
func within(d time.Duration) time.Duration {
	const century = 100 * 365 * 24 * time.Hour
	return max(min(d, century), -century)
}

func percent(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) + "%" }
