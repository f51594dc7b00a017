package main_test

import (
	"os"
	"os/exec"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = It("has the licence of every module of the program in NOTICE", func(ctx SpecContext) {
	notice, err := os.ReadFile("../../NOTICE")
	Expect(err).NotTo(HaveOccurred())
	list := exec.CommandContext(ctx, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", ".")
	out, err := list.Output()
	Expect(err).NotTo(HaveOccurred())
	modules := map[string]bool{}
	for _, module := range strings.Fields(strings.ReplaceAll(string(out), " ", "@")) {
		modules[module] = true
	}
	Expect(len(modules)).To(BeNumerically(">", 10))
	for module := range modules {
		path, version, _ := strings.Cut(module, "@")
		Expect(string(notice)).To(ContainSubstring("\n"+path+" "+version+"\n"), "make notice writes it anew")
	}
})
