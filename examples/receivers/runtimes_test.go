package receivers_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// The installer runs here with a list of its own and stand-ins for apt, npm, dpkg, id and php, so that it installs nothing.
var _ = Describe("the installer of the runtimes", Label("whole"), func() {
	var stubs string

	stub := func(name, script string) {
		GinkgoHelper()
		Expect(os.WriteFile(filepath.Join(stubs, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700)).To(Succeed())
	}
	run := func(ctx context.Context, ci string) (int, string) {
		GinkgoHelper()
		script, err := filepath.Abs("../../.ci/runtimes")
		Expect(err).NotTo(HaveOccurred())
		command := exec.CommandContext(ctx, script)
		command.Env = []string{
			"PATH=" + stubs + ":/usr/bin:/bin", "CI=" + ci, "STUBS=" + stubs,
			"RUNTIMES_TABLE=" + filepath.Join(stubs, "receivers", "runtimes.tsv"), "RUNTIMES_POLICY=" + filepath.Join(stubs, "policy-rc.d"),
		}
		out, err := command.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			Expect(err).NotTo(HaveOccurred())
		}
		return command.ProcessState.ExitCode(), string(out)
	}
	calls := func() string {
		text, err := os.ReadFile(filepath.Join(stubs, "calls"))
		if errors.Is(err, os.ErrNotExist) {
			return ""
		}
		Expect(err).NotTo(HaveOccurred())
		return string(text)
	}

	BeforeEach(func() {
		stubs = GinkgoT().TempDir()
		stub("dpkg-query", "exit 1")
		stub("php", `test -e "$STUBS/installed"`)
		stub("sudo", "exit 1")
		stub("sleep", "exit 0")
		stub("id", "echo 1000")
		// Records what was asked, and whether services were kept from starting meanwhile.
		stub("apt-get", `echo "$@ policy=$("$STUBS/policy-rc.d"; echo $?)" >>"$STUBS/calls"
case "$*" in *install*) touch "$STUBS/installed" ;; esac`)
		stub("npm", `echo "npm $@ in $(basename "$PWD")" >>"$STUBS/calls"; mkdir -p node_modules`)
		for _, folder := range []string{"receivers", "tienda"} {
			Expect(os.Mkdir(filepath.Join(stubs, folder), 0o700)).To(Succeed())
		}
		table := "php-cli\tcommand -v php\nphp-sqlite3\tphp -r sqlite\nphp-curl\tphp -r curl\n"
		Expect(os.WriteFile(filepath.Join(stubs, "receivers", "runtimes.tsv"), []byte(table), 0o600)).To(Succeed())
	})

	It("takes no folder of the examples for a Python package", func() {
		table, err := os.ReadFile("runtimes.tsv")
		Expect(err).NotTo(HaveOccurred())
		asked := 0
		for line := range strings.Lines(string(table)) {
			if strings.Contains(line, "python3 ") {
				asked++
				Expect(line).To(ContainSubstring("python3 -I "), "else it imports from the working folder")
			}
		}
		Expect(asked).To(BeNumerically(">=", 3))
	})

	It("does nothing when all is there", func(ctx SpecContext) {
		stub("dpkg-query", "for p in php-cli php-sqlite3 php-curl; do echo $p=installed; done")
		code, out := run(ctx, "true")
		Expect(code).To(BeZero())
		Expect(out).To(BeEmpty())
		Expect(calls()).To(BeEmpty())
	}, SpecTimeout(limit))

	It("does not take for installed what dpkg has only heard of", func(ctx SpecContext) {
		stub("dpkg-query", "echo php-cli=installed; echo php-sqlite3=installed; echo php-curl=config-files; exit 1")
		_, out := run(ctx, "")
		Expect(out).To(ContainSubstring("runtimes: missing: php-curl\n"))
	}, SpecTimeout(limit))

	It("believes the probes where dpkg does not know", func(ctx SpecContext) {
		stub("php", "exit 0")
		code, out := run(ctx, "true")
		Expect(code).To(BeZero())
		Expect(out).To(BeEmpty())
		Expect(calls()).To(BeEmpty())
	}, SpecTimeout(limit))

	It("says loudly what is missing when it is not root, and fails in CI only", func(ctx SpecContext) {
		for ci, want := range map[string]int{"": 0, "false": 0, "true": 1} {
			code, out := run(ctx, ci)
			Expect(code).To(Equal(want), "CI=%q", ci)
			Expect(out).To(And(
				ContainSubstring("runtimes: missing: php-sqlite3 php-curl\n"),
				ContainSubstring("apt-get install --no-install-recommends php-sqlite3 php-curl "),
			))
		}
		Expect(calls()).To(BeEmpty())
	}, SpecTimeout(limit))

	It("installs as root what is missing, without starting services", func(ctx SpecContext) {
		stub("id", "echo 0")
		code, _ := run(ctx, "true")
		Expect(code).To(BeZero())
		Expect(calls()).To(Equal("-q -o DPkg::Lock::Timeout=120 update policy=101\n" +
			"-q -o DPkg::Lock::Timeout=120 install -y --no-install-recommends php-sqlite3 php-curl policy=101\n"))
		Expect(filepath.Join(stubs, "policy-rc.d")).NotTo(BeAnExistingFile())
	}, SpecTimeout(limit))

	It("keeps a policy that is there", func(ctx SpecContext) {
		stub("id", "echo 0")
		stub("policy-rc.d", "exit 104")
		code, _ := run(ctx, "")
		Expect(code).To(BeZero())
		Expect(calls()).To(ContainSubstring("policy=104"))
		Expect(filepath.Join(stubs, "policy-rc.d")).To(BeAnExistingFile())
	}, SpecTimeout(limit))

	It("tries again, then package by package, then says what is missing", func(ctx SpecContext) {
		stub("id", "echo 0")
		stub("apt-get", `echo "$@" >>"$STUBS/calls"; exit 100`)
		code, out := run(ctx, "true")
		Expect(code).To(Equal(1))
		Expect(out).To(ContainSubstring("runtimes: missing: php-sqlite3 php-curl\n"))
		update := "-q -o DPkg::Lock::Timeout=120 update\n"
		install := "-q -o DPkg::Lock::Timeout=120 install -y --no-install-recommends php-sqlite3 php-curl\n"
		one := "-q install -y --no-install-recommends "
		Expect(calls()).To(Equal(update + update + update + install + install + install + one + "php-sqlite3\n" + one + "php-curl\n"))
	}, SpecTimeout(limit))

	Describe("with npm packages", func() {
		BeforeEach(func() {
			stub("php", "exit 0")
			table := "php-cli\tcommand -v php\nnpm:tienda\tcd tienda && test -e node_modules\n"
			Expect(os.WriteFile(filepath.Join(stubs, "receivers", "runtimes.tsv"), []byte(table), 0o600)).To(Succeed())
		})

		It("installs them from the lock file, root or not, and once", func(ctx SpecContext) {
			for range 2 {
				code, _ := run(ctx, "true")
				Expect(code).To(BeZero())
				Expect(calls()).To(Equal("npm ci --ignore-scripts --no-audit --no-fund in tienda\n"))
			}
		}, SpecTimeout(limit))

		It("tries again, then says what is missing", func(ctx SpecContext) {
			stub("npm", `echo "npm $1" >>"$STUBS/calls"; exit 1`)
			code, out := run(ctx, "true")
			Expect(code).To(Equal(1))
			Expect(calls()).To(Equal("npm ci\nnpm ci\nnpm ci\n"))
			Expect(out).To(And(
				ContainSubstring("runtimes: missing: npm:tienda\n"),
				ContainSubstring("    npm ci --prefix examples/tienda\n"),
				Not(ContainSubstring("apt-get")),
			))
		}, SpecTimeout(limit))
	})
})
