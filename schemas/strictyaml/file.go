// Package strictyaml reads the YAML files that people write: the config,
// scenarios, tables. A key that nothing reads, a key that stands twice and a
// value of the wrong type are mistakes, and all mistakes of a file come at
// once, in both languages, each with file, line, column and the line itself:
//
//	f := strictyaml.Read(name, data, &config)
//	if config.Port > 65535 {
//		f.Fail("server.port", "%d: use de 1 a 65535", "%d: use 1 to 65535", config.Port)
//	}
//	return f.Err()
//
// What a value may be follows from the type that it is read into; see Read.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/secret"
)

// File is a file that was read, and what is wrong with it.
type File struct {
	name     string // as shown
	data     []byte
	empty    bool
	places   map[string]*token.Position // by path, of everything that was read
	anchors  map[string]ast.Node
	nodes    int // read so far, those behind aliases each time
	depth    int // of what is being read
	mistakes []mistake
	untold   int // mistakes beyond mostMistakes
}

// mostMistakes is how many mistakes are told: whoever sees these knows where to
// begin, and each takes a look through the file.
const mostMistakes = 30

// full reports whether one more mistake would only be counted.
func (f *File) full() bool { return len(f.mistakes) >= mostMistakes }

type mistake struct {
	path string
	at   token.Position // zero when the file has no such place
	err  error
}

// Name is the file's name, as it is shown.
func (f *File) Name() string { return f.name }

// Empty reports whether the file holds nothing but comments.
func (f *File) Empty() bool { return f.empty }

// Err is all that is wrong, in the order of the file; nil when nothing is.
func (f *File) Err() error {
	slices.SortStableFunc(f.mistakes, func(a, b mistake) int {
		if a.at.Line != b.at.Line {
			return a.at.Line - b.at.Line
		}
		return a.at.Column - b.at.Column
	})
	var errs []error
	for _, m := range f.mistakes {
		errs = append(errs, m.err)
	}
	if f.untold > 0 {
		errs = append(errs, lang.Errorf("%s: y %d errores más", "%s: and %d more mistakes", f.name, f.untold))
	}
	return errors.Join(errs...)
}

// Fail adds a mistake at a path such as "cases[0].steps[1].deliver"; "" is the
// file as a whole. Where the file has nothing of that path, the mistake stands
// at what is nearest above. A path that could not be read already has its
// mistake, of which this one would only be a consequence: it is left out.
func (f *File) Fail(path, es, en string, args ...any) {
	if slices.ContainsFunc(f.mistakes, func(m mistake) bool { return within(path, m.path) || within(m.path, path) }) {
		return
	}
	if f.full() {
		f.untold++
		return
	}
	m := mistake{path: path, err: f.Mistake(path, es, en, args...)}
	if at := f.place(path); at != nil {
		m.at = *at
	}
	f.mistakes = append(f.mistakes, m)
}

// Check adds err, unless it is nil, as Fail does.
func (f *File) Check(path string, err error) {
	if err != nil {
		f.Fail(path, "%s", "%s", err)
	}
}

// Mistake makes the error that Fail adds, for what is found when the file has
// long been read.
func (f *File) Mistake(path, es, en string, args ...any) error {
	what := lang.Errorf(es, en, args...)
	if path != "" {
		what = lang.Errorf("%s: %s", "%s: %s", path, what)
	}
	at := f.place(path)
	if at == nil {
		return lang.Errorf("%s: %s", "%s: %s", f.name, what)
	}
	return f.at(at, what)
}

func (f *File) at(p *token.Position, what error) error {
	return jsontree.Mistake(f.name, f.hidden(p.Line), p.Line, p.Column, what)
}

// hidden is the file for an excerpt of a line: what stands below the key of a
// secret, in lines of its own, does not tell by itself that it is one.
func (f *File) hidden(line int) []byte {
	lines := bytes.SplitAfter(f.data, []byte{'\n'})
	if line > len(lines) {
		return f.data
	}
	indent := func(l []byte) int { return len(l) - len(bytes.TrimLeft(l, " -")) }
	deep := indent(lines[line-1])
	for i := line - 2; i >= 0 && deep > 0; i-- {
		if len(bytes.TrimSpace(lines[i])) == 0 || indent(lines[i]) >= deep {
			continue
		}
		deep = indent(lines[i])
		key, _, found := strings.Cut(strings.Trim(string(lines[i]), " -\r\n"), ":")
		if found && secret.Name(strings.Trim(key, `"'`)) {
			lines[line-1] = []byte(secret.All(strings.TrimRight(string(lines[line-1]), "\r\n")) + "\n")
			return bytes.Join(lines, nil)
		}
	}
	return f.data
}

// place is where a path begins, or what is nearest above it; nil for an empty
// file and for the file as a whole.
func (f *File) place(path string) *token.Position {
	for path != "" {
		if p := f.places[path]; p != nil {
			return p
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return nil
}

// within reports whether a path is another or leads into it.
func within(path, other string) bool {
	rest, ok := strings.CutPrefix(path, other)
	return ok && (other == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}

// reject adds a mistake of the reading itself.
func (f *File) reject(n ast.Node, path, es, en string, args ...any) {
	if f.full() {
		f.untold++
		return
	}
	at := first(n).Position
	f.mistakes = append(f.mistakes, mistake{path, *at, f.at(at, lang.Errorf(es, en, args...))})
}

// parse finds the one document of the file; nil when there is none.
func (f *File) parse() (root ast.Node) {
	whole := func(err error) { f.mistakes = append(f.mistakes, mistake{err: err}) }
	// The parser is a third party's, and what it reads is anyone's.
	defer func() {
		if p := recover(); p != nil {
			whole(lang.Errorf("%s: no es YAML: %v", "%s: no YAML: %v", f.name, p))
			root = nil
		}
	}()
	if err := bound(f.data); err != nil {
		whole(lang.Errorf("%s: %s", "%s: %s", f.name, err))
		return nil
	}
	tokens := lexer.Tokenize(string(f.data))
	if at, err := boundTokens(tokens); err != nil {
		whole(f.at(at, err))
		return nil
	}
	parsed, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if bad, ok := errors.AsType[yaml.Error](err); ok && bad.GetToken() != nil {
		whole(f.at(bad.GetToken().Position, lang.Errorf("no es YAML: %s", "no YAML: %s", lang.Said(bad.GetMessage()))))
		return nil
	} else if err != nil {
		whole(lang.Errorf("%s: no es YAML: %s", "%s: no YAML: %s", f.name, err))
		return nil
	}
	for _, doc := range parsed.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.NullType || doc.Body.Type() == ast.CommentType:
		case root != nil:
			f.reject(doc.Body, "---", "un segundo documento (tras ---); deje solo uno", "a second document (after ---); keep only one")
		default:
			root = doc.Body
		}
	}
	if f.empty = root == nil; !f.empty {
		ast.Walk(f, root)
	}
	return root
}

// Visit implements ast.Visitor: it notes what the anchors name.
func (f *File) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok {
		f.anchors[a.Name.GetToken().Value] = a.Value
	}
	return f
}

// first is where a node begins: for a mapping its first key and not the colon
// behind it.
func first(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 {
			return first(n.Values[0])
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	case *ast.SequenceNode:
		if len(n.Values) > 0 {
			return first(n.Values[0])
		}
	}
	return n.GetToken()
}

func newFile(name string, data []byte) *File {
	return &File{
		name: name, data: bytes.TrimPrefix(data, []byte("\ufeff")), // some editors on Windows write one
		places: map[string]*token.Position{}, anchors: map[string]ast.Node{},
	}
}

func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

func member(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
