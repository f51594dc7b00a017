package view

import (
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// BodyLine is one line of a body as it is shown.
type BodyLine struct {
	Text   string
	Marked bool // it holds, or is part of, a field in question
}

// Indented lays JSON out with one field a line, and marks the fields at paths such
// as data.object.items[0].name, all of their lines. Names, values and their
// spelling stay as they are; only the space between them is ours. Of a body that
// was cut off for show the beginning is laid out. ok is false for what is no JSON,
// how that is written may be what matters, and for what is too deep to be read.
func Indented(body string, cut bool, marks []string) (lines []BodyLine, ok bool) {
	l := layout{rest: strings.TrimSpace(body), marks: marks}
	if !strings.HasPrefix(l.rest, "{") && !strings.HasPrefix(l.rest, "[") {
		return nil, false
	}
	if _, err := jsontree.Parse([]byte(l.rest)); err != nil && !cut {
		return nil, false
	}
	for l.rest != "" {
		if !l.token() {
			return nil, false
		}
	}
	l.end()
	return l.lines, len(l.lines) > 1
}

// deepest is how deep a body may be nested that is laid out. What goes deeper, such
// as the thousands of lists that a check sends, tells nothing by its indentation and
// would take as long as its depth for each of its lines.
const deepest = 64

// layout is JSON half laid out.
type layout struct {
	rest  string
	marks []string
	lines []BodyLine
	line  strings.Builder
	open  []container
	named bool // the next value has its name on this line already
}

// container is an object or a list whose end is still to come.
type container struct {
	list bool
	n    int    // of the element in a list
	name string // of the field that is being read
}

// path is where the value that is being read stands.
func (l *layout) path() string {
	path := ""
	for _, c := range l.open {
		if c.list {
			path = jsontree.JoinIndex(path, c.n)
		} else {
			path = jsontree.JoinName(path, c.name)
		}
	}
	return path
}

func (l *layout) marked() bool {
	if len(l.marks) == 0 {
		return false
	}
	path := l.path()
	return slices.ContainsFunc(l.marks, func(m string) bool {
		rest, found := strings.CutPrefix(path, m)
		return found && m != "" && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// end ends the line that is being written.
func (l *layout) end() {
	if text := l.line.String(); strings.TrimSpace(text) != "" {
		l.lines = append(l.lines, BodyLine{Text: text, Marked: l.marked()})
	}
	l.line.Reset()
}

// begin begins a line at the depth of what it holds.
func (l *layout) begin(depth int) {
	l.end()
	l.line.WriteString(strings.Repeat("  ", depth))
}

// token takes the next token over, and reports false for what is no JSON.
func (l *layout) token() bool {
	c := l.rest[0]
	var top *container
	if n := len(l.open); n > 0 {
		top = &l.open[n-1]
	}
	switch c {
	case ' ', '\t', '\r', '\n':
		l.rest = l.rest[1:]
		return true
	case '{', '[':
		l.take(1)
		l.rest = strings.TrimLeft(l.rest, " \t\r\n")
		if l.rest != "" && l.rest[0] == c+2 { // } and ] come two behind { and [
			l.take(1)
			l.named = false
			return len(l.open) > 0
		}
		l.opened(c == '[')
		return len(l.open) <= deepest
	case '}', ']':
		if top == nil || top.list != (c == ']') {
			return false
		}
		l.end()
		l.open = l.open[:len(l.open)-1]
		l.begin(len(l.open))
		l.take(1)
		return len(l.open) > 0 || strings.TrimSpace(l.rest) == ""
	case ',':
		if top == nil {
			return false
		}
		l.take(1)
		l.end()
		top.n++
		top.name = ""
		l.begin(len(l.open))
		return true
	case ':':
		if top == nil || top.list || l.named {
			return false
		}
		l.take(1)
		l.line.WriteByte(' ')
		l.named = true
		return true
	}
	return l.scalar(top)
}

func (l *layout) opened(list bool) {
	l.end()
	l.open = append(l.open, container{list: list})
	l.named = false
	l.begin(len(l.open))
}

// scalar takes a string, a number or a word over.
func (l *layout) scalar(top *container) bool {
	if top == nil {
		return false
	}
	n := strings.IndexAny(l.rest, ",:{}[] \t\r\n\"")
	if l.rest[0] == '"' {
		n = closing(l.rest)
	}
	if n < 0 {
		n = len(l.rest)
	}
	if n == 0 {
		return false
	}
	if !top.list && !l.named {
		top.name = strings.Trim(l.rest[:n], `"`)
	}
	l.take(n)
	if l.named {
		l.named = false
	}
	return true
}

// closing is where the string at the beginning of s is over; negative where it is
// cut off.
func closing(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// take writes the next bytes as they are.
func (l *layout) take(n int) {
	l.line.WriteString(l.rest[:n])
	l.rest = l.rest[n:]
}
