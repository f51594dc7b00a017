package fuzz_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
)

// keptCase is a case as fuzz keeps one.
func keptCase() *fuzz.Saved {
	return &fuzz.Saved{
		Version: 1, ID: "0123456789", Tool: "kometia-sim 0.1.0", Oracle: oracle.NoHang, Level: verdict.Must,
		Kind: "order.placed", Class: payload.Plausible, Phase: payload.Coverage, What: "a text of 0 characters", Code: "500",
		Steps: []fuzz.Step{{
			Kind: "order.placed", Event: "evt_1", At: time.Unix(0, 0).UTC(), Headers: []string{"QTogYg=="}, Body: []string{"e30="},
			Object: "ord_1", ObjectType: "order", Number: "#1001",
		}},
	}
}

var _ = Describe("a case that was passed on", func() {
	read := func(content []byte) error {
		GinkgoHelper()
		file := filepath.Join(GinkgoT().TempDir(), "case.json")
		Expect(os.WriteFile(file, content, 0o600)).To(Succeed())
		_, err := fuzz.ReadCase(file)
		return err
	}

	It("is read as it was kept, with a mark that an editor put before it", func() {
		data, err := json.Marshal(keptCase())
		Expect(err).NotTo(HaveOccurred())
		Expect(read(data)).To(Succeed())
		Expect(read(append([]byte("\ufeff"), data...))).To(Succeed())
	})

	DescribeTable("is refused for a field that fuzz does not write", func(field string, change func(*fuzz.Saved)) {
		c := keptCase()
		change(c)
		data, err := json.Marshal(c)
		Expect(err).NotTo(HaveOccurred())
		err = read(data)
		Expect(err).To(MatchError(And(ContainSubstring(field), Not(ContainSubstring("\ntouch")), Not(ContainSubstring("\x1b")))))
	},
		Entry("an id that begins a command", "id", func(c *fuzz.Saved) { c.ID = "0123\ntouch /tmp/x" }),
		Entry("an id that leads out of the folder", "id", func(c *fuzz.Saved) { c.ID = "../../../x" }),
		Entry("a kind that begins a command", "kind", func(c *fuzz.Saved) { c.Kind = "a.b\ntouch /tmp/x" }),
		Entry("a step's kind", "step 1: kind", func(c *fuzz.Saved) { c.Steps[0].Kind = "a.b\ntouch /tmp/x" }),
		Entry("an event for an observer's shell", "step 1: event", func(c *fuzz.Saved) { c.Steps[0].Event = "$(touch /tmp/x)" }),
		Entry("an object", "step 1: object", func(c *fuzz.Saved) { c.Steps[0].Object = "';touch /tmp/x;'" }),
		Entry("a number", "step 1: number", func(c *fuzz.Saved) { c.Steps[0].Number = "`touch /tmp/x`" }),
		Entry("a tool with an escape sequence", "tool", func(c *fuzz.Saved) { c.Tool = "\x1b[2J" }),
		Entry("a code", "code", func(c *fuzz.Saved) { c.Code = "500\n" }),
		Entry("a level", "level", func(c *fuzz.Saved) { c.Level = "fatal" }),
		Entry("a phase", "phase", func(c *fuzz.Saved) { c.Phase = "x" }),
		Entry("a class", "class", func(c *fuzz.Saved) { c.Class = "x" }),
		Entry("a header of two lines", "step 1: headers", func(c *fuzz.Saved) { c.Steps[0].Headers = []string{"QTogYg0KQzogZA=="} }),
		Entry("copies without end", "step 1: 100000 copies", func(c *fuzz.Saved) { c.Steps[0].Copies = 100000 }),
	)

	DescribeTable("is refused before it is parsed", func(say, content string) {
		Expect(read([]byte(content))).To(MatchError(ContainSubstring(say)))
	},
		Entry("when it is deep", "more than 20 levels", strings.Repeat("[", 1<<20)),
		Entry("when it is many", "more than 400000 values", `{"steps":[`+strings.Repeat("{},", 500_000)),
		Entry("when it is large", "more than 16 MiB", strings.Repeat(" ", 16<<20+1)),
	)

	It("is refused when it never ends", func() {
		_, err := fuzz.ReadCase("/dev/zero")
		Expect(err).To(MatchError(ContainSubstring("not a regular file")))
	})
})
