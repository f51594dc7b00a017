package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// A room is a package: what its files, types and settings have grown to.
type room struct {
	lines   int
	files   map[string]int
	methods map[string]int
	fields  map[string]int
}

// rooms measures every package of the module, its specs left out.
func rooms(root string) map[string]*room {
	measured := map[string]*room{}
	Expect(filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); path != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		folder := filepath.Dir(path)
		if measured[folder] == nil {
			measured[folder] = &room{files: map[string]int{}, methods: map[string]int{}, fields: map[string]int{}}
		}
		lines := set.File(file.Pos()).LineCount()
		measured[folder].files[path] = lines
		if !strings.HasSuffix(path, "_test.go") {
			measured[folder].lines += lines
			measured[folder].furnish(file)
		}
		return nil
	})).To(Succeed())
	return measured
}

// furnish counts the methods of a file's types and the fields of its Configs.
func (r *room) furnish(file *ast.File) {
	for _, declaration := range file.Decls {
		switch declared := declaration.(type) {
		case *ast.FuncDecl:
			if declared.Recv != nil {
				r.methods[receiverOf(declared.Recv.List[0].Type)]++
			}
		case *ast.GenDecl:
			for _, spec := range declared.Specs {
				named, ok := spec.(*ast.TypeSpec)
				if !ok || !strings.HasSuffix(named.Name.Name, "Config") {
					continue
				}
				if structure, ok := named.Type.(*ast.StructType); ok {
					for _, field := range structure.Fields.List {
						r.fields[named.Name.Name] += max(1, len(field.Names))
					}
				}
			}
		}
	}
}

func receiverOf(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.StarExpr:
		return receiverOf(of.X)
	case *ast.IndexExpr:
		return receiverOf(of.X)
	case *ast.IndexListExpr:
		return receiverOf(of.X)
	case *ast.Ident:
		return of.Name
	}
	return ""
}

var _ = Describe("the house", func() {
	It("keeps rooms small enough to know one's way in", func() {
		measured := rooms("..")
		Expect(len(measured)).To(BeNumerically(">", 40), "packages walked")
		var methods, fields int
		for folder, room := range measured {
			Expect(room.lines).To(BeNumerically("<=", 4000), "lines of package %s, tests left out: divide it by subject", folder)
			for file, lines := range room.files {
				Expect(lines).To(BeNumerically("<=", 450), "lines of %s: divide it by subject", file)
			}
			for name, count := range room.methods {
				Expect(count).To(BeNumerically("<=", 30), "methods of %s in %s: let a part of it be a value of its own", name, folder)
				methods += count
			}
			for name, count := range room.fields {
				Expect(count).To(BeNumerically("<=", 20), "fields of %s in %s: nest them by subject", name, folder)
				fields += count
			}
		}
		Expect(methods).To(BeNumerically(">", 1000), "methods counted")
		Expect(fields).To(BeNumerically(">", 50), "fields counted")
	})
})
