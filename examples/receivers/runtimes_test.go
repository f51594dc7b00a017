package receivers_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// The installer runs here with stand-ins for apt, dpkg, id, php and ruby, so that it installs nothing.
var _ = Describe("the installer of the runtimes", func() {
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
		command.Env = []string{"PATH=" + stubs + ":/usr/bin:/bin", "CI=" + ci, "STUBS=" + stubs, "RUNTIMES_POLICY=" + filepath.Join(stubs, "policy-rc.d")}
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
		stub("ruby", "exit 0")
		stub("puma", "exit 0")
		stub("nginx", "exit 0")
		stub("sudo", "exit 1")
		stub("sleep", "exit 0")
		stub("id", "echo 1000")
		// Records what was asked, and whether services were kept from starting meanwhile.
		stub("apt-get", `echo "$@ policy=$("$STUBS/policy-rc.d"; echo $?)" >>"$STUBS/calls"
case "$*" in *install*) touch "$STUBS/installed" ;; esac`)
		// The Laravel of the table is a file and not a program: without it the specs below would see one package more.
		if _, err := os.Stat("/usr/share/php/Illuminate/Foundation/Application.php"); err != nil {
			Skip("php-laravel-framework is not installed here")
		}
	})

	It("does nothing when all is there", func(ctx SpecContext) {
		stub("dpkg-query", "for p in 1 2 3 4 5 6 7 8; do echo installed; done")
		code, out := run(ctx, "true")
		Expect(code).To(BeZero())
		Expect(out).To(BeEmpty())
		Expect(calls()).To(BeEmpty())
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
				ContainSubstring("apt-get install --no-install-recommends php-sqlite3 php-curl\n"),
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
})
