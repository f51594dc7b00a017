package language

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// mistakes collects all that is wrong with one scenario, each with its place.
type mistakes struct {
	source []byte
	file   *ast.File // parsed when the first place is looked for
	errs   []error
}

// second is the place of what follows the first document of a file.
const second = "---"

// add tells a mistake at a place of the file, such as
// "cases[0].steps[1].deliver".
func (m *mistakes) add(at, format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if at != second {
		err = fmt.Errorf("%s: %w", at, err)
	}
	if t := m.token(at); t != nil {
		err = fmt.Errorf("[%d:%d] %w\n%s", t.Position.Line, t.Position.Column, err, m.show(t.Position))
	}
	m.errs = append(m.errs, err)
}

// show is the line of a place with a caret below, in the look of the parser's
// own errors.
func (m *mistakes) show(at *token.Position) string {
	lines := strings.Split(string(m.source), "\n")
	line := ""
	if at.Line <= len(lines) {
		line = strings.TrimRight(lines[at.Line-1], "\r")
	}
	head := fmt.Sprintf("> %2d | ", at.Line)
	return head + line + "\n" + strings.Repeat(" ", len(head)+max(at.Column-1, 0)) + "^"
}

// oneOf tells a name that is none of those known.
func (m *mistakes) oneOf(at, got string, among ...string) {
	if !slices.Contains(among, got) {
		m.add(at, "%q is none of %s%s", got, strings.Join(among, ", "), didYouMean(got, among))
	}
}

// whole tells a number that is none of 0 to most. The decoder would cut a
// fraction off without a word.
func (m *mistakes) whole(at string, got, most int) {
	if got != 0 {
		m.wholeOrNone(at, got, most)
	}
}

// wholeOrNone is whole for a number that means something when it is zero.
func (m *mistakes) wholeOrNone(at string, got, most int) {
	if got < 0 || got > most {
		m.add(at, "%d: give a number from 0 to %d", got, most)
		return
	}
	if _, fraction := m.node(at).(*ast.FloatNode); fraction {
		m.add(at, "give a whole number")
	}
}

func (m *mistakes) err() error { return errors.Join(m.errs...) }

// token is the first token at a place, or at what is nearest above it when
// the file has nothing there.
func (m *mistakes) token(at string) *token.Token {
	for {
		if n := m.node(at); n != nil {
			return firstToken(n)
		}
		if at == "" {
			return nil
		}
		at = at[:max(strings.LastIndexAny(at, ".["), 0)]
	}
}

func (m *mistakes) node(at string) ast.Node {
	if m.file == nil {
		file, err := parser.ParseBytes(m.source, 0)
		if err != nil {
			return nil
		}
		m.file = file
	}
	if at == second {
		if len(m.file.Docs) < 2 || m.file.Docs[1].Body == nil {
			return nil
		}
		return m.file.Docs[1].Body
	}
	path := "$"
	if at != "" {
		path += "." + at
	}
	p, err := yaml.PathString(path)
	if err != nil {
		return nil
	}
	n, err := p.FilterFile(m.file)
	if err != nil {
		return nil
	}
	return n
}

// firstToken is where a node begins: for a mapping its first key and not the
// colon behind it.
func firstToken(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 {
			return firstToken(n.Values[0])
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	case *ast.SequenceNode:
		if len(n.Values) > 0 {
			return firstToken(n.Values[0])
		}
	}
	return n.GetToken()
}

// mistake tells what keeps an emit step from being played, with the line of the
// member of it that is wrong; "" is the step itself.
func (s *Scenario) Mistake(c *Case, e *Emit, member string, err error) error {
	for i := range s.Cases {
		for j := range s.Cases[i].Steps {
			if &s.Cases[i] == c && s.Cases[i].Steps[j].Emit == e {
				m := &mistakes{source: s.source}
				m.add(fmt.Sprintf("cases[%d].steps[%d].emit%s", i, j, member), "%w", err)
				return fmt.Errorf("%s: %w", s.file, m.err())
			}
		}
	}
	return fmt.Errorf("%s: %w", s.file, err)
}

// durations tells the members that have to be a duration and are none.
func (m *mistakes) durations() error {
	file, err := parser.ParseBytes(m.source, 0)
	if err != nil {
		return nil
	}
	for _, doc := range file.Docs {
		ast.Walk(visit(func(n ast.Node) {
			pair, ok := n.(*ast.MappingValueNode)
			if !ok || !slices.Contains([]string{"at", "after", "over", "offset"}, pair.Key.GetToken().Value) {
				return
			}
			value := pair.Value.GetToken()
			if _, err := time.ParseDuration(value.Value); err != nil && pair.Value.Type() == ast.StringType {
				m.errs = append(m.errs, fmt.Errorf("[%d:%d] %s: %q is no duration: write it like 90m, 3h or 47h30m\n%s",
					value.Position.Line, value.Position.Column, pair.Key.GetToken().Value, value.Value, m.show(value.Position)))
			}
		}), doc.Body)
	}
	return m.err()
}

// visit is a function that a syntax tree is walked with.
type visit func(ast.Node)

// Visit implements ast.Visitor.
func (v visit) Visit(n ast.Node) ast.Visitor {
	v(n)
	return v
}
