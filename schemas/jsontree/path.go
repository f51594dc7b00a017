package jsontree

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/nearest"
)

// PathError says why a path leads nowhere.
type PathError struct {
	// Path is the whole path as given.
	Path string
	// At is the part of it that exists; "" is the root.
	At string
	// Reason says what is wrong there, in both languages.
	Reason error

	missing string   // the name that is not there; "" when it is no name that is wrong
	names   []string // that are
}

// Suggestion is the name that was probably meant; "" when none is near. It is
// looked for only when it is asked for: a caller that only tries whether a path
// exists has no use for it.
func (e *PathError) Suggestion() string {
	if e.missing == "" {
		return ""
	}
	return nearest.Name(e.missing, e.names)
}

// Error implements error.
func (e *PathError) Error() string { return e.In(lang.English) }

// In implements lang.Bilingual.
func (e *PathError) In(tag lang.Tag) string {
	return lang.Textf("ruta %q: %s%s", "path %q: %s%s", e.Path, e.Reason, lang.DidYouMean(e.Suggestion())).In(tag)
}

// step is one part of a path: a member's name, or an index when name is unset.
type step struct {
	name  string
	index int // -1 for a name
}

// JoinName is the path of a member: path.name, or path["a.b"] for a name that
// a path cannot hold bare.
func JoinName(path, name string) string {
	if name == "" || strings.ContainsAny(name, ".[]\"") || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return path + "[" + string(Encode(name, Plain)) + "]"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// JoinIndex is the path of an array's element: path[i].
func JoinIndex(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

func (s step) join(path string) string {
	if s.index >= 0 {
		return JoinIndex(path, s.index)
	}
	return JoinName(path, s.name)
}

// splitPath reads a path. The empty path is the root.
func splitPath(path string) ([]step, error) {
	bad := func(es, en string, args ...any) error {
		return &PathError{Path: path, Reason: lang.Errorf(es, en, args...)}
	}
	var steps []step
	for rest := path; rest != ""; {
		if rest[0] == '[' {
			end := strings.IndexByte(rest, ']')
			if strings.HasPrefix(rest, `["`) {
				end = quotedEnd(rest)
			}
			if end < 0 {
				return nil, bad("falta ] tras %q", "no closing ] after %q", rest)
			}
			inside := rest[1:end]
			rest = rest[end+1:]
			if strings.HasPrefix(inside, `"`) {
				doc, err := Parse([]byte(inside))
				if err != nil {
					return nil, bad("%s no es un nombre entre comillas", "%s is no quoted name", inside)
				}
				steps = append(steps, step{name: doc.Root.(string), index: -1})
			} else {
				index, err := strconv.Atoi(inside)
				if err != nil || index < 0 || inside != strconv.Itoa(index) {
					return nil, bad(`[%s] no es un índice: escriba [0], o ["nombre"]`, `[%s] is no index: write [0], or ["name"]`, inside)
				}
				steps = append(steps, step{index: index})
			}
			if rest != "" && rest[0] != '.' && rest[0] != '[' {
				return nil, bad("se esperaba . o [ antes de %q", "expected . or [ before %q", rest)
			}
			if rest == "." {
				return nil, bad("termina en un punto", "ends in a dot")
			}
			if rest != "" && rest[0] == '.' {
				rest = rest[1:]
				if rest[0] == '[' {
					return nil, bad("un punto antes de %q", "a dot before %q", rest)
				}
			}
			continue
		}
		end := strings.IndexAny(rest, ".[")
		name, next := rest, ""
		if end >= 0 {
			name, next = rest[:end], rest[end:]
		}
		if name == "" {
			return nil, bad("un nombre vacío", "an empty name")
		}
		if strings.ContainsAny(name, "]\"") {
			return nil, bad(`escriba el nombre %q como ["..."]`, `write the name %q as ["..."]`, name)
		}
		steps = append(steps, step{name: name, index: -1})
		if next != "" && next[0] == '.' {
			next = next[1:]
			if next == "" {
				return nil, bad("termina en un punto", "ends in a dot")
			}
			if next[0] == '[' {
				return nil, bad("un punto antes de %q", "a dot before %q", next)
			}
		}
		rest = next
	}
	return steps, nil
}

// quotedEnd finds the ] that closes ["...", the quotes of which may hold
// escapes and brackets; -1 when there is none.
func quotedEnd(s string) int {
	for i := 2; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			if i+1 < len(s) && s[i+1] == ']' {
				return i + 1
			}
			return -1
		}
	}
	return -1
}

// descend takes one step; at is the path so far, for the error.
func descend(v any, s step, path, at string) (any, error) {
	where := lang.Same(at)
	if at == "" {
		where = lang.Text{ES: "la raíz", EN: "the root"}
	}
	bad := func(es, en string, args ...any) *PathError {
		return &PathError{Path: path, At: at, Reason: lang.Errorf(es, en, args...)}
	}
	if s.index >= 0 {
		a, ok := v.([]any)
		if !ok {
			return nil, bad("%s es %s, así que no tiene elemento [%d]", "%s is %s, so it has no element [%d]", where, describe(v), s.index)
		}
		if s.index >= len(a) {
			return nil, bad("%s tiene %s, así que no hay [%d]", "%s has %s, so there is no [%d]", where, elements(len(a)), s.index)
		}
		return a[s.index], nil
	}
	o, ok := v.(*Object)
	if !ok {
		return nil, bad("%s es %s, así que no tiene el campo %q", "%s is %s, so it has no field %q", where, describe(v), s.name)
	}
	value, ok := o.Lookup(s.name)
	if !ok {
		err := bad("%s no tiene el campo %q", "%s has no field %q", where, s.name)
		err.missing, err.names = s.name, o.Names()
		return nil, err
	}
	return value, nil
}

func elements(n int) lang.Text {
	if n == 1 {
		return lang.Text{ES: "1 elemento", EN: "1 element"}
	}
	return lang.Textf("%d elementos", "%d elements", n)
}

func describe(v any) lang.Text {
	switch v := v.(type) {
	case *Object:
		return lang.Text{ES: "un objeto", EN: "an object"}
	case []any:
		return lang.Text{ES: "una lista", EN: "an array"}
	case string:
		return lang.Text{ES: "un texto", EN: "a string"}
	case json.Number:
		return lang.Text{ES: "un número", EN: "a number"}
	case bool:
		return lang.Text{ES: "un booleano", EN: "a boolean"}
	case nil:
		return lang.Same("null")
	default:
		return lang.Textf("un %T", "a %T", v)
	}
}

// Get returns the value at a path; the empty path is root itself. The error is
// a *PathError.
func Get(root any, path string) (any, error) {
	steps, err := splitPath(path)
	if err != nil {
		return nil, err
	}
	return walk(root, steps, path)
}

func walk(v any, steps []step, path string) (any, error) {
	at := ""
	for _, s := range steps {
		next, err := descend(v, s, path, at)
		if err != nil {
			return nil, err
		}
		v, at = next, s.join(at)
	}
	return v, nil
}

// SetPath replaces the value at a path, which must exist: a mistyped path is a
// *PathError and never a new member.
func SetPath(root any, path string, v any) error {
	steps, err := splitPath(path)
	if err != nil {
		return err
	}
	if len(steps) == 0 {
		return &PathError{Path: path, Reason: lang.Errorf("la raíz misma no se puede reemplazar", "the root itself cannot be replaced")}
	}
	last := steps[len(steps)-1]
	parent, err := walk(root, steps[:len(steps)-1], path)
	if err != nil {
		return err
	}
	if _, err := descend(parent, last, path, pathOf(steps[:len(steps)-1])); err != nil {
		return err
	}
	if last.index >= 0 {
		parent.([]any)[last.index] = v
	} else {
		parent.(*Object).Set(last.name, v)
	}
	return nil
}

// DeletePath removes the member or the element at a path, which must exist.
// An element of a root that is itself an array cannot be removed.
func DeletePath(root any, path string) error {
	steps, err := splitPath(path)
	if err != nil {
		return err
	}
	if len(steps) == 0 {
		return &PathError{Path: path, Reason: lang.Errorf("la raíz misma no se puede quitar", "the root itself cannot be removed")}
	}
	last := steps[len(steps)-1]
	above := steps[:len(steps)-1]
	parent, err := walk(root, above, path)
	if err != nil {
		return err
	}
	if _, err := descend(parent, last, path, pathOf(above)); err != nil {
		return err
	}
	if last.index < 0 {
		parent.(*Object).Delete(last.name)
		return nil
	}
	if len(above) == 0 {
		return &PathError{Path: path, Reason: lang.Errorf("la raíz es una lista, que no se puede acortar", "the root is an array, which cannot be shortened in place")}
	}
	a := parent.([]any)
	shorter := make([]any, 0, len(a)-1)
	shorter = append(append(shorter, a[:last.index]...), a[last.index+1:]...)
	return SetPath(root, pathOf(above), shorter)
}

func pathOf(steps []step) string {
	path := ""
	for _, s := range steps {
		path = s.join(path)
	}
	return path
}

// ParseValue reads a value as given on a command line: JSON when it is JSON,
// else the text itself as a string. So 100 is a number, "100" with its quotes
// a string, null null, and hola a string.
func ParseValue(s string) any {
	doc, err := Parse([]byte(s))
	if err != nil {
		return s
	}
	return doc.Root
}
