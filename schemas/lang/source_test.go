package lang_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// What a user may read is made with lang.Errorf, lang.Textf, lang.Text or a
// function that takes a Spanish and an English text as they do, its parameters
// named es and en. So a text in one language only does not compile, and here
// the source is walked for what the compiler cannot see.
var _ = Describe("the texts of the source", Label("unraced"), Ordered, func() {
	var files map[string]*ast.File
	set := token.NewFileSet()

	BeforeAll(func() {
		files = map[string]*ast.File{}
		for _, dir := range []string{"schemas", "retryclock", "simulator", "scenarios", "report", "cmd"} {
			err := filepath.WalkDir(filepath.Join("../..", dir), func(path string, _ fs.DirEntry, err error) error {
				if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
					return err
				}
				name, err := filepath.Rel("../..", path)
				if err == nil {
					files[name], err = parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
				}
				return err
			})
			Expect(err).NotTo(HaveOccurred())
		}
	})

	each := func(visit func(file string, n ast.Node)) {
		for name, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				visit(name, n)
				return true
			})
		}
	}
	at := func(n ast.Node) string { return set.Position(n.Pos()).String() }

	It("are in both languages, with the same arguments", func() {
		// place is where es stands among the parameters of a function.
		type place struct {
			index  int
			format bool // arguments follow
		}
		places := map[string]place{}
		in := func(file, name string) string {
			if ast.IsExported(name) {
				return name
			}
			return filepath.Dir(file) + "." + name
		}
		note := func(file, name string, t *ast.FuncType) {
			i := 0
			last := t.Params.List[max(len(t.Params.List)-1, 0):]
			for _, field := range t.Params.List {
				for j, param := range field.Names {
					if param.Name == "es" && j+1 < len(field.Names) && field.Names[j+1].Name == "en" {
						_, variadic := last[0].Type.(*ast.Ellipsis)
						places[in(file, name)] = place{i + j, variadic}
					}
				}
				i += max(len(field.Names), 1)
			}
		}
		each(func(file string, n ast.Node) {
			switch n := n.(type) {
			case *ast.FuncDecl:
				note(file, n.Name.Name, n.Type)
			case *ast.AssignStmt:
				if f, ok := n.Rhs[0].(*ast.FuncLit); ok && len(n.Rhs) == 1 {
					if name, ok := n.Lhs[0].(*ast.Ident); ok {
						note(file, name.Name, f.Type)
					}
				}
			}
		})
		Expect(places).To(HaveKeyWithValue("Errorf", place{0, true}))

		var wrong []string
		checked := 0
		each(func(file string, n ast.Node) {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return
			}
			found, ok := places[in(file, called(call))]
			i := found.index
			if !ok || len(call.Args) < i+2 {
				return
			}
			es, isText := literal(call.Args[i])
			en, both := literal(call.Args[i+1])
			if !isText || !both {
				return
			}
			checked++
			args := len(call.Args) - i - 2
			switch {
			case strings.TrimSpace(es) == "" || strings.TrimSpace(en) == "":
				wrong = append(wrong, at(call)+": one language is empty")
			case !slices.Equal(verbs(es), verbs(en)):
				wrong = append(wrong, at(call)+": the verbs differ: "+es+" | "+en)
			case found.format && len(verbs(en)) > args && !call.Ellipsis.IsValid() || strings.Contains(en, "%w"):
				wrong = append(wrong, at(call)+": "+en+" does not fit its arguments")
			case es == en && regexp.MustCompile(`[a-z]{2,} [a-z]{2,}`).MatchString(en) && !strings.HasPrefix(en, "kometia-sim "):
				wrong = append(wrong, at(call)+": not translated: "+en)
			}
		})
		Expect(wrong).To(BeEmpty())
		Expect(checked).To(BeNumerically(">", 300))
	})

	It("are whole where they are written as a lang.Text", func() {
		var wrong []string
		each(func(_ string, n ast.Node) {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return
			}
			keys := map[string]string{}
			for _, e := range lit.Elts {
				if pair, ok := e.(*ast.KeyValueExpr); ok {
					if key, ok := pair.Key.(*ast.Ident); ok && (key.Name == "ES" || key.Name == "EN") {
						text, isText := literal(pair.Value)
						keys[key.Name] = text
						if isText && text == "" {
							wrong = append(wrong, at(lit)+": "+key.Name+" is empty")
						}
					}
				}
			}
			if len(keys) == 1 {
				wrong = append(wrong, at(lit)+": a text in one language")
			}
		})
		Expect(wrong).To(BeEmpty())
	})

	It("are no errors in English only", func() {
		var wrong []string
		each(func(file string, n ast.Node) {
			call, ok := n.(*ast.CallExpr)
			if !ok || slices.ContainsFunc(inEnglish, func(dir string) bool { return strings.HasPrefix(filepath.ToSlash(file), dir) }) {
				return
			}
			if f, ok := call.Fun.(*ast.SelectorExpr); ok {
				if x, ok := f.X.(*ast.Ident); ok && (x.Name == "fmt" && f.Sel.Name == "Errorf" || x.Name == "errors" && f.Sel.Name == "New") {
					wrong = append(wrong, at(call)+": make it with lang.Errorf")
				}
			}
		})
		Expect(wrong).To(BeEmpty())
	})
})

// inEnglish is where errors are not made with lang.Errorf: what the practice
// receiver responds is a receiver's, in English; receivertest helps tests; of
// cmd, a stack trace and a message that is in the user's language already.
var inEnglish = []string{"simulator/practice/", "scenarios/receiver/receivertest/", "cmd/kometia-sim/app.go", "cmd/kometia-sim/target/practice.go"}

func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	default:
		return ""
	}
}

// literal is the text of a string literal, or of several that are added up.
func literal(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		x, okX := literal(e.X)
		y, okY := literal(e.Y)
		return x + y, okX && okY && e.Op == token.ADD
	default:
		return "", false
	}
}

// verbs are the verbs of a format, each behind the number of its argument.
func verbs(format string) []string {
	var out []string
	for _, m := range regexp.MustCompile(`%(?:\[(\d+)\])?([-+# 0-9.*]*)([a-zA-Z])`).FindAllStringSubmatch(strings.ReplaceAll(format, "%%", ""), -1) {
		n := m[1]
		if n == "" {
			n = strconv.Itoa(len(out) + 1)
		}
		out = append(out, n+m[2]+m[3])
	}
	slices.Sort(out)
	return out
}
