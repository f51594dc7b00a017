package receivers_test

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the READMEs", func() {
	It("start the receivers as the tests do", func() {
		var table map[string]struct {
			Source, Webhook string
			Build, Command  []string
		}
		text, err := os.ReadFile("receivers.yaml")
		Expect(err).NotTo(HaveOccurred())
		Expect(yaml.Unmarshal(text, &table)).To(Succeed())
		checked := 0
		for name, entry := range table {
			if len(entry.Command) == 0 || entry.Command[0] == "nginx" || strings.HasPrefix(entry.Command[0], "{dir}") {
				continue
			}
			folder, root := entry.Source, "-t public"
			if parent, child := filepath.Split(entry.Source); parent != "" { // one README for all flawed ones
				folder, root = parent, "-t "+child+"/public"
			}
			readme, err := os.ReadFile(filepath.Join("..", folder, "README.md"))
			Expect(err).NotTo(HaveOccurred(), name)
			command := strings.NewReplacer("{host}", "127.0.0.1:8000", "{port}", "8000").Replace(strings.Join(entry.Command, " "))
			Expect(string(readme)).To(ContainSubstring(strings.ReplaceAll(command, "-t public", root)), name)
			build := strings.Join(entry.Build, " ")
			Expect(string(readme)).To(ContainSubstring(build), name)
			Expect(string(readme)).To(ContainSubstring("--to http://127.0.0.1:8000"+entry.Webhook), name)
			checked++
		}
		Expect(checked).To(Equal(12))
	})
})
