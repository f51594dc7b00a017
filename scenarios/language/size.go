package language

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

// Bodies are measured as the settings of servers measure them: a KB is 1024 bytes.
// Every order is at least as large as the smallest size that can be asked for, and
// the shop has no lines for one above the largest.
const (
	Kilobyte = 1 << 10
	megabyte = 1 << 20
	MinSize  = 4 * Kilobyte
	maxSize  = 2 * megabyte
)

// maxSearch is how many events a search may send.
const maxSearch = 20

var sizePattern = regexp.MustCompile(`^([0-9]{1,4}) ?(KB|MB)$`)

// Size is a size as it is written, such as "64 KB".
type Size string

// Bytes is how many the size is; zero for one that cannot be read.
func (s Size) Bytes() int {
	n, _ := parseSize(string(s))
	return n
}

// parseSize reads a size such as "64 KB" or "2 MB".
func parseSize(s string) (int, error) {
	part := sizePattern.FindStringSubmatch(s)
	if part == nil {
		return 0, lang.Errorf("%q no es un tamaño: escriba algo como 64 KB o 2 MB", "%q is no size: write it like 64 KB or 2 MB", s)
	}
	n, err := strconv.Atoi(part[1])
	if err != nil {
		return 0, err
	}
	unit := Kilobyte
	if part[2] == "MB" {
		unit = megabyte
	}
	if n *= unit; n < MinSize || n > maxSize {
		return 0, lang.Errorf("%s: dé un tamaño de %s a %s", "%s: give a size from %s to %s", s, TextSize(MinSize), TextSize(maxSize))
	}
	return n, nil
}

// TextSize tells a size in KB or MB.
func TextSize(n int) string {
	if n >= megabyte-Kilobyte/2 {
		return strconv.FormatFloat(float64(n)/megabyte, 'f', 1, 64) + " MB"
	}
	return strconv.Itoa((n+Kilobyte/2)/Kilobyte) + " KB"
}

func (s *Search) validate(f *strictyaml.File, at string) {
	if s.Kind == "" {
		f.Fail(at+".kind", "falta kind: diga el de un pedido, que puede ser tan grande como se pida", "kind is missing: name that of an order, which can be as large as is asked for")
	}
	if len(s.Sizes) == 0 {
		f.Fail(at+".sizes", "ninguno: dé los tamaños que se prueban, como [64 KB, 150 KB]", "none: give the sizes to try, such as [64 KB, 150 KB]")
	}
	for i, text := range s.Sizes {
		size, err := parseSize(string(text))
		switch {
		case err != nil:
			f.Fail(fmt.Sprintf("%s.sizes[%d]", at, i), "%s", "%s", err)
		case i > 0 && size <= s.Sizes[i-1].Bytes():
			f.Fail(fmt.Sprintf("%s.sizes[%d]", at, i), "%s: dé los tamaños de menor a mayor", "%s: give the sizes in ascending order", text)
		}
	}
	enough := func(member string, n int) {
		whole(f, at+member, n, maxSearch)
		if n >= 0 && n < len(s.Sizes) {
			f.Fail(at+member, "%d: tiene %d tamaños que probar", "%d: it has %d sizes to try", n, len(s.Sizes))
		}
	}
	enough(".requests", s.Requests)
	if s.Safely != nil {
		enough(".safely", *s.Safely)
	}
}

// Rungs are the sizes that are tried on the way up, in bytes.
func (s *Search) Rungs() (sizes []int) {
	for _, size := range s.Sizes {
		sizes = append(sizes, size.Bytes())
	}
	return sizes
}
