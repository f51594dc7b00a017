package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = It("has the licence of every module of the program in NOTICE", func(ctx SpecContext) {
	notice, err := os.ReadFile("../../NOTICE")
	Expect(err).NotTo(HaveOccurred())
	modules := map[string]bool{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		list := exec.CommandContext(ctx, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", ".")
		list.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system)
		out, err := list.Output()
		Expect(err).NotTo(HaveOccurred())
		for _, module := range strings.Fields(strings.ReplaceAll(string(out), " ", "@")) {
			modules[module] = true
		}
	}
	Expect(len(modules)).To(BeNumerically(">", 10))
	for module := range modules {
		path, version, _ := strings.Cut(module, "@")
		Expect(string(notice)).To(ContainSubstring("\n"+path+" "+version+"\n"), "make notice writes it anew")
	}
})

var _ = It("has every module of a program in its bill of materials", Label("whole"), func(ctx SpecContext) {
	program, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	write := func() []byte {
		out, err := exec.CommandContext(ctx, "go", "-C", "../../.ci/sbom", "run", ".", program).Output()
		Expect(err).NotTo(HaveOccurred())
		return out
	}
	var bom struct {
		BOMFormat  string
		Metadata   struct{ Component struct{ Name string } }
		Components []struct{ Name, Version, PURL string }
	}
	written := write()
	Expect(json.Unmarshal(written, &bom)).To(Succeed())
	Expect(bom.BOMFormat).To(Equal("CycloneDX"))
	Expect(bom.Metadata.Component.Name).To(Equal("github.com/kometia-sim/kometia-sim"))
	listed := map[string]bool{}
	for _, c := range bom.Components {
		Expect(c.PURL).To(Equal("pkg:golang/" + c.Name + "@" + c.Version))
		listed[c.Name] = true
	}
	info, ok := debug.ReadBuildInfo()
	Expect(ok).To(BeTrue())
	Expect(len(info.Deps)).To(BeNumerically(">", 10))
	for _, m := range info.Deps {
		Expect(listed).To(HaveKey(m.Path))
	}
	Expect(listed).To(HaveKey("std"))
	Expect(write()).To(Equal(written))
})
