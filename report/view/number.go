package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Money shows an amount in cents as people write it: "$1,450.00 MXN".
func Money(cents int64, currency string) string {
	sign, whole := "", uint64(cents)
	if cents < 0 {
		sign, whole = "-", -whole
	}
	s := sign + "$" + grouped(whole/100) + fmt.Sprintf(".%02d", whole%100)
	if currency != "" {
		s += " " + Safe(currency)
	}
	return s
}

// Number shows how many there are of something: "812", "10,075".
func Number(n int) string {
	if n < 0 {
		return "-" + grouped(-uint64(n))
	}
	return grouped(uint64(n))
}

func grouped(n uint64) string {
	s := strconv.FormatUint(n, 10)
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// Size shows a number of bytes: "812 B", "2.8 KB", "1.2 MB", in thousands.
func Size(bytes int) string {
	switch n := float64(bytes); {
	case bytes < 1000:
		return strconv.Itoa(bytes) + " B"
	case n < 999_950:
		return strconv.FormatFloat(n/1e3, 'f', 1, 64) + " KB"
	default:
		return strconv.FormatFloat(n/1e6, 'f', 1, 64) + " MB"
	}
}

// Latency shows how long something took: "0.8 ms", "41 ms", "4.6 s", "2 min 5 s".
func Latency(d time.Duration) string { return lang.Duration(d) }

// Elapsed shows the length of a run, in seconds where it can: "8 ms", "0.1 s",
// "4.6 s", "10 s", "2 min 5 s".
func Elapsed(d time.Duration) string {
	if d < 50*time.Millisecond || d >= time.Second {
		return Latency(d)
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", d.Seconds()), ".0") + " s"
}

// Span shows a stretch of virtual time in its own largest units: "48 h",
// "48 h 10 min", "90 s" as "1 min 30 s", "250 ms".
func Span(d time.Duration) string {
	if d == 0 {
		return "0 h"
	}
	return lang.Span(d)
}

// Offset shows a virtual instant relative to the event: "+0 h", "+1 h".
func Offset(d time.Duration) string {
	if d < 0 {
		return Span(d)
	}
	return "+" + Span(d)
}

// ShortID leaves of an id what tells it from its neighbours: the prefix, and
// the tail, which is the random part of a cuid.
func ShortID(id string) string {
	id = Safe(id)
	prefix, _, found := strings.Cut(id, "_")
	if !found || len(id) < len(prefix)+16 || !printableASCII(id) {
		return id
	}
	return prefix + "_..." + id[len(id)-8:]
}
