package scenarios

import (
	"math"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
)

// bisection looks for the largest size that is taken. It goes up the rungs while
// they are taken; from the first refusal on it halves the range between the
// largest taken and the smallest refused. It knows only sizes that were tried:
// zero means that none was taken, or none refused.
type bisection struct {
	rungs          []int // ascending
	left           int   // how many may still be tried
	climbed        int   // how many rungs were
	taken, refused int
}

// next is the size to try; false when there is none left, or none worth it.
func (b *bisection) next() (size int, more bool) {
	if b.left <= 0 {
		return 0, false
	}
	if b.refused == 0 {
		if b.climbed == len(b.rungs) {
			return 0, false
		}
		return b.rungs[b.climbed], true
	}
	low := max(b.taken, language.MinSize)
	size = int(math.Sqrt(float64(low) * float64(b.refused)))
	// An order grows by its lines, and a line is most of a KB.
	return size, min(size-low, b.refused-size) >= language.Kilobyte/2
}

// learn records what became of the event that was sent for the size to try; it
// may be a little smaller.
func (b *bisection) learn(size int, taken bool) {
	b.left--
	if b.refused == 0 {
		b.climbed++
	}
	if taken {
		b.taken = size
	} else {
		b.refused = size
	}
}
