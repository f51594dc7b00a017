package html

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/report/view"
)

// The measures of the histogram; see timeline for the percentages.
const (
	barsHeight   = 96
	barsTop      = 18 // room for a number above the tallest bar
	barsAxis     = barsTop + barsHeight
	barsRoom     = barsAxis + 22
	bucketsShown = 6  // at least
	fewestShown  = 10 // of fewer responses a picture says no more than the table of them
	barLabels    = 6  // at most, along the axis
)

// histogram is how long the answers of a run took.
type histogram struct {
	Says   string
	Height int
	AxisY  int
	LabelY int
	Bars   []bar
	Ticks  []tick
}

type bar struct {
	X, Width, Mid string
	Y, Height     int
	Count         int
	CountY        int
	Says          string
}

// newHistogram draws the latencies of a run; nil when there are few.
func newHistogram(v *view.Report) *histogram {
	w, ds := v.Words, v.Latencies
	if len(ds) < fewestShown {
		return nil
	}
	edges := bucketEdges()
	counts := make([]int, len(edges)-1)
	for _, d := range ds {
		i, exact := slices.BinarySearch(edges, d)
		if !exact {
			i--
		}
		counts[min(i, len(counts)-1)]++
	}
	first, last := 0, len(counts)-1
	for counts[first] == 0 {
		first++
	}
	for counts[last] == 0 {
		last--
	}
	for last-first+1 < bucketsShown {
		if last < len(counts)-1 {
			last++
		}
		if first > 0 && last-first+1 < bucketsShown {
			first--
		}
	}
	n, tallest := last-first+1, slices.Max(counts)
	h := &histogram{Height: barsRoom, AxisY: barsAxis, LabelY: barsAxis + 16}
	width := plotWidth / float64(n)
	for i := range n {
		count, left := counts[first+i], plotFrom+width*float64(i)
		if i%((n+barLabels-1)/barLabels) == 0 {
			h.Ticks = append(h.Ticks, tick{X: percent(left), Label: bucketLabel(edges[first+i]), Anchor: "middle"})
		}
		if count == 0 {
			continue
		}
		tall := max(int(math.Round(barsHeight*float64(count)/float64(tallest))), 2)
		h.Bars = append(h.Bars, bar{
			X: percent(left + width*0.06), Width: percent(width * 0.88), Mid: percent(left + width/2),
			Y: barsAxis - tall, Height: tall, Count: count, CountY: barsAxis - tall - 5,
			Says: fmt.Sprintf(w.LatencyBar, bucketLabel(edges[first+i]), bucketLabel(edges[first+i+1]), w.Answers.Of(count)),
		})
	}
	h.Ticks[0].Anchor = "start"
	h.Says = fmt.Sprintf(w.LatencySays, view.Latency(quantile(ds, 0.5)), view.Latency(quantile(ds, 0.95)), view.Latency(ds[len(ds)-1]),
		w.Answers.Of(len(ds)))
	return h
}

// bucketEdges go by 1, 2 and 5 from a tenth of a millisecond to 50 s; below
// and above are a bucket each.
func bucketEdges() []time.Duration {
	edges := []time.Duration{0}
	for decade := 100 * time.Microsecond; decade <= 10*time.Second; decade *= 10 {
		edges = append(edges, decade, 2*decade, 5*decade)
	}
	return append(edges, math.MaxInt64)
}

func bucketLabel(d time.Duration) string {
	switch d {
	case 0:
		return strconv.Itoa(0)
	case math.MaxInt64:
		return "∞"
	default:
		return view.Latency(d)
	}
}

// quantile is the nearest rank in sorted values.
func quantile(ds []time.Duration, q float64) time.Duration {
	return ds[max(int(math.Ceil(q*float64(len(ds))))-1, 0)]
}
