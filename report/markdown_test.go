package report_test

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/report/markdown"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func comment(r *verdict.Report, o view.Options) string {
	GinkgoHelper()
	return writeAs("markdown", r, o)
}

var (
	ourTags = regexp.MustCompile(`^(<details>|</details>|<summary>.*</summary>)$`)
	// live is what means something to a reader of Markdown outside of code:
	// tags, links, mentions, references, autolinks, commits.
	live = regexp.MustCompile(`<|(?:^|[^\\])\[|@[^\s&]|[^&\\]#\d|#[0-9]|!\d|://|(?i:www\.[a-z])|(?i:gh-\d)|\b[0-9a-f]{7,40}\b|[^\\]\*[^*]*[^\\]\*[^*]`)
)

// inert fails on Markdown in which a text could have become markup.
func inert(out string) error {
	fence, depth := "", 0
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		ticks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence != "":
			if line == fence {
				fence = ""
			} else if len(ticks) >= len(fence) {
				return fmt.Errorf("%q ends a block", line)
			}
			continue
		case len(ticks) >= 3 && !strings.Contains(line[len(ticks):], "`"):
			fence = ticks
			continue
		case line == "<details>":
			depth++
		case line == "</details>":
			depth--
		}
		if ourTags.MatchString(line) {
			line = strings.NewReplacer("<details>", "", "</details>", "", "<summary>", "", "</summary>", "", "<b>", "", "</b>", "", "&#8203;", " ", "&#36;", "", "&#124;", "").Replace(line)
			if strings.ContainsAny(line, "<>") || strings.Contains(line, "://") || regexp.MustCompile(`@[^\s&]|#\d`).MatchString(line) {
				return fmt.Errorf("alive in a summary: %q", line)
			}
			continue
		}
		rest, err := withoutSpans(line)
		if err != nil {
			return err
		}
		if m := live.FindString(strings.NewReplacer("**", "", "&#8203;", " ", "&#36;", "", "&#124;", "").Replace(rest)); m != "" {
			return fmt.Errorf("%q is alive in %q", m, line)
		}
		if strings.HasPrefix(line, "|") {
			rest = regexp.MustCompile(`\\.`).ReplaceAllString(line, "")
			if strings.Count(rest, "|") < 4 || strings.Count(rest, "|") > 7 || !strings.HasSuffix(rest, "|") {
				return fmt.Errorf("cells of %q", line)
			}
		}
	}
	if fence != "" || depth != 0 {
		return fmt.Errorf("something is left open")
	}
	return nil
}

// withoutSpans takes the code spans out of a line; a backtick that begins none
// must be escaped.
func withoutSpans(line string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(line); {
		if line[i] == '\\' && i+1 < len(line) {
			b.WriteString(line[i : i+2])
			i += 2
			continue
		}
		if line[i] != '`' {
			b.WriteByte(line[i])
			i++
			continue
		}
		n := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
		end := -1
		for j := i + n; j < len(line); {
			m := len(line[j:]) - len(strings.TrimLeft(line[j:], "`"))
			if m == n {
				end = j
				break
			}
			j += max(m, 1)
		}
		if end < 0 {
			return "", fmt.Errorf("a code span without an end in %q", line)
		}
		i = end + n
	}
	return b.String(), nil
}

var _ = Describe("the Markdown report", func() {
	all := fixtures()
	all["evil"] = evil()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for _, tag := range []lang.Tag{lang.Spanish, lang.English} {
			It(fmt.Sprintf("shows %s in %s", name, tag), func() {
				out := comment(all[name], view.Options{Lang: tag, CauseTitle: titles})
				Expect(inert(out)).To(Succeed())
				golden(fmt.Sprintf("run-%s.%s.markdown", name, tag), out)
			})
		}
	}
	It("fits into a comment whatever the run, and says what it left out", func() {
		for _, n := range []int{3, 30, 300} {
			out := comment(huge(n), view.Options{Lang: lang.English})
			Expect(len(out)).To(BeNumerically("<", markdown.Limit))
			Expect(inert(out)).To(Succeed())
			if n > 3 {
				Expect(out).To(MatchRegexp(`For their length \d+ details were left out\.`))
			}
			Expect(out).To(ContainSubstring("KOM-BIG-00000"))
		}
	})
	It("is within its bound for hostile runs of any size", func() {
		rapid.Check(GinkgoT(), func(t *rapid.T) {
			r := anyReport(t)
			for len(r.Results) > 0 && len(r.Results) < 30 {
				r.Results = append(r.Results, r.Results...)
			}
			var b bytes.Buffer
			if err := markdown.Write(&b, view.New(r, anyOptions(t))); err != nil || b.Len() > markdown.Limit {
				t.Fatalf("%d bytes, %v", b.Len(), err)
			}
		})
	})
	It("tells checks with one cause once", func() {
		out := comment(all["red"], view.Options{Lang: lang.English})
		Expect(strings.Count(out, "<summary>✗ ")).To(Equal(1))
		Expect(out).To(ContainSubstring("**Same cause** `KOM-DUP-002`, `KOM-DUP-003 (4 of 15 cases)`"))
	})
})
