package lang

import (
	"fmt"
	"strings"
	"time"
)

// Durations are written alike in both languages.

// Duration shows how long something took: "0.8 ms", "41 ms", "4.6 s",
// "2 min 5 s".
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Duration(d.Abs())
	case d < 950*time.Microsecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < 999_500*time.Microsecond:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < 59_950*time.Millisecond:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
	default:
		return Span(d.Round(time.Second))
	}
}

// Span shows a stretch of time in its own largest units, none of them rounded
// away: "48 h", "48 h 10 min", "1 min 30 s", "250 ms".
func Span(d time.Duration) string {
	if d < 0 {
		return "-" + Span(d.Abs())
	}
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	d = d.Round(time.Second)
	var parts []string
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / u.size; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, u.name))
			d -= n * u.size
		}
	}
	return strings.Join(parts, " ")
}
