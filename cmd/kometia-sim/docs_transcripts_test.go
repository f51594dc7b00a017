package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// A transcript is a command that a page shows, in a block of sh of one line, and
// what it prints, in the block of text behind a comment that says so:
//
//	```sh
//	kometia-sim run --target practice
//	```
//
//	<!-- prints, exit 1 -->
//	```text
//	...
//	```
//
// "prints N lines, exit 1" shows the first N of them. UPDATE_GOLDEN=1 writes the
// blocks anew.
var transcript = regexp.MustCompile("(?s)```sh\n(kometia-sim [^\n]+)\n```\n(?:\n[^`\n][^\n]*\n)?\n<!-- prints(?: ([0-9]+) lines)?, exit ([0-9]+) -->\n```text\n(.*?)```")

// unsteady is what differs from run to run: how long something took, the port of
// a receiver of the run's own, and where a line therefore breaks.
var unsteady = []struct {
	what *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`\b[0-9.]+ (?:µs|ms|s|min)\b(?: [0-9]+ s\b)?`), "TIME"},
	{regexp.MustCompile(`(?:127\.0\.0\.1|localhost):[0-9]+`), "ADDRESS"},
	{regexp.MustCompile(`\\?\s+`), " "},
}

func steady(text string) string {
	for _, u := range unsteady {
		text = u.what.ReplaceAllString(text, u.as)
	}
	return text
}

// checkTranscripts runs the commands of the transcripts of a page, in its
// language, and compares what they print. What listens on port 8000 there is a
// receiver that answers 204.
func checkTranscripts(sh *shell, file string, least int) {
	GinkgoHelper()
	const example = "http://localhost:8000"
	rec := newReceiver(204)
	text, err := os.ReadFile(file)
	Expect(err).NotTo(HaveOccurred())
	page := string(text)
	found := transcript.FindAllStringSubmatch(page, -1)
	Expect(len(found)).To(BeNumerically(">=", least), file)
	for _, m := range found {
		whole, command, lines, exit, shown := m[0], m[1], m[2], m[3], m[4]
		got := sh.run(shellWords(strings.ReplaceAll(command, example, rec.URL))[1:]...)
		Expect(strconv.Itoa(got.code)).To(Equal(exit), "%s: %s\n%s%s", file, command, got.out, got.err)
		printed := strings.ReplaceAll(got.out, rec.URL, example)
		if n, err := strconv.Atoi(lines); err == nil {
			all := strings.SplitAfter(printed, "\n")
			Expect(len(all)).To(BeNumerically(">", n), command)
			printed = strings.Join(all[:n], "")
		}
		if os.Getenv("UPDATE_GOLDEN") != "" && steady(printed) != steady(shown) {
			page = strings.Replace(page, whole, strings.TrimSuffix(whole, shown+"```")+printed+"```", 1)
			Expect(os.WriteFile(file, []byte(page), 0o644)).To(Succeed())
			continue
		}
		if lines == "" {
			Expect(steady(shown)).To(Equal(steady(printed)), "%s: %s: UPDATE_GOLDEN=1 writes it anew", file, command)
		} else { // lines break elsewhere where a port or a time is longer
			Expect(shorter(steady(printed), steady(shown))).To(BeTrue(), "%s: %s: UPDATE_GOLDEN=1 writes it anew\n%s", file, command, printed)
		}
	}
}

// shorter reports whether two texts agree but for their last words.
func shorter(a, b string) bool {
	n := min(len(a), len(b)) - 60
	return n > 0 && a[:n] == b[:n]
}

// shellWords splits a line as a shell does; single quotes are all that the pages
// use.
func shellWords(line string) (words []string) {
	for _, m := range regexp.MustCompile(`'([^']*)'|(\S+)`).FindAllStringSubmatch(line, -1) {
		words = append(words, m[1]+m[2])
	}
	return words
}

var _ = DescribeTable("what the pages say that commands print", Label("whole"),
	func(page string, least int) {
		for suffix, locale := range map[string]string{".md": "en_US.UTF-8", ".es.md": "es_MX.UTF-8"} {
			sh := newShell()
			sh.env["LANG"] = locale
			checkTranscripts(sh, filepath.Join("../..", fmt.Sprint(page, suffix)), least)
		}
	},
	Entry(nil, "docs/reports", 3),
	Entry(nil, "README", 1),
)
