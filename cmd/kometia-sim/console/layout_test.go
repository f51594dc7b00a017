package console_test

import (
	"bytes"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/charmbracelet/x/ansi"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func TestConsole(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "cmd/kometia-sim/console")
}

var _ = Describe("a sheet", func() {
	rows := [][]string{
		{"KOM-DUP-001", "MUST", "Answers a duplicate with 2xx, however long this title may be for a narrow terminal"},
		{"KOM-X-1", "", "short"},
	}
	of := func(width int, env map[string]string) *console.Terminal {
		return &console.Terminal{Lang: lang.English, Host: &console.Host{OutWidth: width, Getenv: func(name string) string { return env[name] }}}
	}
	It("is as wide as its terminal, the last column wrapped below itself", func() {
		var b bytes.Buffer
		Expect(of(60, nil).Sheet(0).Rows(rows, &b)).To(Succeed())
		Expect(b.String()).To(ContainSubstring("\x1b[1m"))
		lines := strings.Split(strings.TrimSpace(ansi.Strip(b.String())), "\n")
		Expect(lines).To(Equal([]string{
			"KOM-DUP-001  MUST  Answers a duplicate with 2xx, however",
			"                   long this title may be for a narrow",
			"                   terminal",
			"KOM-X-1            short",
		}))
	})
	It("has no colour where the user wants none", func() {
		var b bytes.Buffer
		Expect(of(60, map[string]string{"NO_COLOR": "1"}).Sheet(0).Rows(rows, &b)).To(Succeed())
		Expect(b.String()).NotTo(ContainSubstring("\x1b"))
	})
	It("leaves each row one line where there is no terminal", func() {
		var b bytes.Buffer
		Expect(of(0, nil).Sheet(0).Rows(rows, &b)).To(Succeed())
		Expect(strings.Count(b.String(), "\n")).To(Equal(2))
		Expect(b.String()).NotTo(ContainSubstring("\x1b"))
	})
	It("wraps a page at its terminal, and no wider than it reads well", func() {
		for width, most := range map[int]int{40: 40, 60: 60, 200: 88, 0: 88} {
			p := of(width, nil).Page()
			p.Title("KOM-DUP-001", "Answers a duplicate with 2xx")
			p.Paragraph("Why it matters", strings.Repeat("A duplicate that is refused is repeated. ", 9))
			widest := 0
			for line := range strings.Lines(p.String()) {
				widest = max(widest, ansi.StringWidth(strings.TrimSuffix(line, "\n")))
			}
			Expect(widest).To(And(BeNumerically("<=", most), BeNumerically(">", most-12)), "%d", width)
		}
	})
})
