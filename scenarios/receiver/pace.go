package receiver

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Pace is how many requests a receiver takes at the most. The zero value is no
// limit.
type Pace struct {
	Requests int
	Per      time.Duration
}

// errPace is what an unreadable pace is told with.
var errPace = lang.Errorf("escriba un número y una unidad de tiempo, como 60/m o 30/s",
	"write a number and a unit of time, such as 60/m or 30/s")

var pacePattern = regexp.MustCompile(`^([1-9][0-9]{0,5})/(s|m|h)$`)

// ParsePace reads 30/s, 60/m or 1000/h.
func ParsePace(s string) (Pace, error) {
	part := pacePattern.FindStringSubmatch(s)
	if part == nil {
		return Pace{}, errPace
	}
	n, err := strconv.Atoi(part[1])
	if err != nil {
		return Pace{}, errPace
	}
	return Pace{n, map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[part[2]]}, nil
}

// Spacing is how far the beginnings of two requests are apart; zero is no limit.
func (p Pace) Spacing() time.Duration {
	if p.Requests <= 0 {
		return 0
	}
	// Rounded up: a limit that is missed by a hair is missed.
	return (p.Per + time.Duration(p.Requests) - 1) / time.Duration(p.Requests)
}

// String writes the pace as ParsePace reads it; "" is no limit.
func (p Pace) String() string {
	if p.Requests <= 0 {
		return ""
	}
	return fmt.Sprintf("%d/%s", p.Requests, map[time.Duration]string{time.Second: "s", time.Minute: "m", time.Hour: "h"}[p.Per])
}
