package report_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// The floors of the package and what each may stand on. A new format is held by
// the rule for writers without being named here.
var _ = Describe("the floors", func() {
	const module = "github.com/kometia-sim/kometia-sim/"

	// imports are those of a folder, tests apart.
	imports := func(folder string) (out []string) {
		GinkgoHelper()
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		Expect(err).NotTo(HaveOccurred())
		Expect(files).NotTo(BeEmpty())
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
			Expect(err).NotTo(HaveOccurred())
			for _, spec := range file.Imports {
				path, err := strconv.Unquote(spec.Path.Value)
				Expect(err).NotTo(HaveOccurred())
				out = append(out, path)
			}
		}
		return out
	}
	var folders []string
	BeforeEach(func() {
		folders = []string{"."}
		entries, err := os.ReadDir(".")
		Expect(err).NotTo(HaveOccurred())
		for _, e := range entries {
			if e.IsDir() && e.Name() != "testdata" {
				folders = append(folders, e.Name())
			}
		}
		Expect(len(folders)).To(BeNumerically(">=", 8))
	})

	It("know the result model and not the catalogue", func() {
		for _, folder := range folders {
			for _, path := range imports(folder) {
				if strings.HasPrefix(path, module+"scenarios") {
					Expect(path).To(Equal(module+"scenarios/verdict"), folder)
				}
			}
		}
	})
	It("hold a view that knows no format", func() {
		for _, path := range imports("view") {
			Expect(path).NotTo(Or(HavePrefix(module+"report"), HavePrefix("encoding"), HavePrefix("html"), HavePrefix("text/"), Equal("io")))
		}
	})
	It("hold writers that know the view and no other writer", func() {
		for _, folder := range folders[1:] {
			for _, path := range imports(folder) {
				if strings.HasPrefix(path, module+"report") {
					Expect(path).To(BeElementOf(module+"report/view", module+"report/columns"), folder)
				}
			}
		}
	})
})
