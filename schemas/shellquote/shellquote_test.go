package shellquote_test

import (
	"os/exec"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/schemas/shellquote"
)

func TestShellquote(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "shellquote")
}

var _ = DescribeTable("Word", func(s, want string) {
	Expect(shellquote.Word(s)).To(Equal(want))
},
	Entry("leaves a plain word alone", "KOM-RTY-002", "KOM-RTY-002"),
	Entry("leaves a plain URL alone", "http://127.0.0.1:8000/a-b_c.php", "http://127.0.0.1:8000/a-b_c.php"),
	Entry("quotes nothing at all", "", "''"),
	Entry("quotes an ampersand", "http://localhost/?a=1&b=2", "'http://localhost/?a=1&b=2'"),
	Entry("quotes a space", "a b", "'a b'"),
	Entry("quotes what is not ASCII", "año", "'año'"),
	Entry("quotes a home folder", "~/x", "'~/x'"),
	Entry("spells out an escape sequence", "a\x1b[2Jb", `'a'"$(printf '\033')"'[2Jb'`),
	Entry("spells out what turns text around", "a\u202eb", `'a'"$(printf '\342\200\256')"'b'`),
	Entry("spells out what is not UTF-8", "\xff", `"$(printf '\377')"`),
	Entry("leaves a line end", "a\nb", "'a\nb'"),
	Entry("quotes a quote", "it's", `'it'\''s'`),
)

var _ = It("Quote quotes what Word leaves alone", func() {
	Expect(shellquote.Quote("plain")).To(Equal("'plain'"))
})

// The shell itself is the judge: it must give every text back.
func TestShellGivesWordsBack(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh here")
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.Rune().Filter(func(r rune) bool { return r != 0 })).Draw(t, "text")
		out, err := exec.CommandContext(t.Context(), shell, "-c", "printf %s "+shellquote.Word(s)+shellquote.Quote(s)).Output()
		if err != nil || string(out) != s+s {
			t.Fatalf("%q came back as %q (%v)", s, out, err)
		}
	})
}
