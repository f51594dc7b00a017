// Package docs_test writes the pages that are made of the product's own data,
// and holds of all pages what a reader takes for granted: links lead somewhere,
// both languages have the same parts, and the words are those of the field.
//
//	UPDATE_GOLDEN=1 go test ./docs
package docs_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

func TestDocs(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "docs")
}

// data reads a file of docs/data, strictly.
func data(name string, into any) {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join("data", name))
	Expect(err).NotTo(HaveOccurred())
	Expect(strictyaml.Read(name, text, into).Err()).To(Succeed())
}

// pageName is the file of a page in one language.
func pageName(name string, tag lang.Tag) string {
	if tag == lang.Spanish {
		return name + ".es.md"
	}
	return name + ".md"
}

// generated holds that a page is what its data say; UPDATE_GOLDEN writes it.
func generated(name string, tag lang.Tag, want string) {
	GinkgoHelper()
	file := pageName(name, tag)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		Expect(os.WriteFile(file, []byte(want), 0o644)).To(Succeed())
	}
	got, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	Expect(string(got)).To(Equal(want), "make golden writes it anew")
}

// say picks the text of one language.
func say(tag lang.Tag) func(es, en string) string {
	return func(es, en string) string { return lang.Text{ES: es, EN: en}.In(tag) }
}

// cell is a text as it may stand in a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

// checkLinks links the ids of checks to their place in the catalog.
func checkLinks(tag lang.Tag, ids []string) string {
	links := make([]string, len(ids))
	for i, id := range ids {
		links[i] = "[" + id + "](" + pageName("catalogue", tag) + "#" + strings.ToLower(id) + ")"
	}
	return strings.Join(links, ", ")
}
