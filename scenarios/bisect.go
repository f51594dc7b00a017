package scenarios

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
)

// Bodies are measured as the settings of servers measure them: a KB is 1024
// bytes. No order is smaller than the least that can be asked for, and the shop
// has no lines for more than the most.
const (
	kilobyte = 1 << 10
	megabyte = 1 << 20
	minSize  = 4 * kilobyte
	maxSize  = 2 * megabyte
)

// maxSearch is how many events a search may send.
const maxSearch = 20

var sizePattern = regexp.MustCompile(`^([0-9]{1,4}) ?(KB|MB)$`)

// parseSize reads a size such as "64 KB" or "2 MB".
func parseSize(s string) (int, error) {
	part := sizePattern.FindStringSubmatch(s)
	if part == nil {
		return 0, fmt.Errorf("%q is no size: write it like 64 KB or 2 MB", s)
	}
	n, err := strconv.Atoi(part[1])
	if err != nil {
		return 0, err
	}
	unit := kilobyte
	if part[2] == "MB" {
		unit = megabyte
	}
	if n *= unit; n < minSize || n > maxSize {
		return 0, fmt.Errorf("%s: give a size from %s to %s", s, textSize(minSize), textSize(maxSize))
	}
	return n, nil
}

// textSize tells a size in KB or MB.
func textSize(n int) string {
	if n >= megabyte-kilobyte/2 {
		return strconv.FormatFloat(float64(n)/megabyte, 'f', 1, 64) + " MB"
	}
	return strconv.Itoa((n+kilobyte/2)/kilobyte) + " KB"
}

// bisection looks for the largest size that is taken: up the rungs while they
// are, and from the first that is not by halves between the largest taken and
// the smallest refused. It knows only sizes that were tried: zero means that
// none was taken, or none refused.
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
	low := max(b.taken, minSize)
	size = int(math.Sqrt(float64(low) * float64(b.refused)))
	// An order grows by its lines, and a line is most of a KB.
	return size, min(size-low, b.refused-size) >= kilobyte/2
}

// learn books what became of the event that was sent for the size to try; it
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

func (s *Search) validate(m *mistakes, at string) {
	if s.Kind == "" {
		m.add(at, "kind is missing: name that of an order, which can be as large as is asked for")
	}
	if len(s.Sizes) == 0 {
		m.add(at+".sizes", "none: give the sizes to try, such as [64 KB, 150 KB]")
	}
	for i, text := range s.Sizes {
		size, err := parseSize(text)
		switch {
		case err != nil:
			m.add(fmt.Sprintf("%s.sizes[%d]", at, i), "%w", err)
		case i > 0 && len(s.sizes) == i && size <= s.sizes[i-1]:
			m.add(fmt.Sprintf("%s.sizes[%d]", at, i), "%s: give the sizes in ascending order", text)
		}
		s.sizes = append(s.sizes, size)
	}
	enough := func(member string, n int) {
		m.wholeOrNone(at+member, n, maxSearch)
		if n >= 0 && n < len(s.Sizes) {
			m.add(at+member, "%d: it has %d sizes to try", n, len(s.Sizes))
		}
	}
	enough(".requests", s.Requests)
	if s.Safely != nil {
		enough(".safely", *s.Safely)
	}
}

// validateLimit checks that what a rule asks of a search is among the sizes that
// this tries: only what was tried is known.
func (r *Rule) validateLimit(m *mistakes, at string, s *Scenario) {
	if r.Limit == "" {
		return
	}
	var err error
	if r.limit, err = parseSize(r.Limit); err != nil {
		m.add(at, "%w", err)
		return
	}
	searched := false
	for i := range s.Cases {
		for j := range s.Cases[i].Steps {
			if se := s.Cases[i].Steps[j].Search; se != nil {
				searched = true
				if !slices.Contains(se.sizes, r.limit) {
					m.add(at, "%s: case %s does not try that size", r.Limit, s.Cases[i].Name)
				}
			}
		}
	}
	if !searched {
		m.add(at, "no step searches for one")
	}
}
