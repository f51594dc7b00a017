package settings_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/settings"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func TestSettings(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "cmd/kometia-sim/settings")
}

var _ = Describe("the table of settings", func() {
	It("is what the published schema was made of", func() {
		made, err := settings.MakeSchema()
		Expect(err).NotTo(HaveOccurred())
		if os.Getenv("UPDATE_GOLDEN") != "" {
			Expect(os.WriteFile("config.schema.json", made, 0o644)).To(Succeed())
			return
		}
		Expect(string(settings.Schema)).To(Equal(string(made)), "run UPDATE_GOLDEN=1 go test ./cmd/kometia-sim/settings when the change is meant")
	})

	It("says each flag once to a command, in both languages, and names its value", func() {
		rows := settings.Table()
		Expect(len(rows)).To(BeNumerically(">", 60))
		seen := map[string]bool{}
		for _, s := range rows {
			Expect(s.Flag + s.Key).NotTo(BeEmpty())
			if s.Flag == "" {
				Expect(s.Help.IsZero()).To(BeTrue(), s.Key)
				continue
			}
			Expect(strings.Fields(s.In)).NotTo(BeEmpty(), s.Flag)
			for _, command := range strings.Fields(s.In) {
				Expect(seen[command+" "+s.Flag]).To(BeFalse(), "%s --%s", command, s.Flag)
				seen[command+" "+s.Flag] = true
			}
			if s.Hidden {
				continue
			}
			for _, tag := range []lang.Tag{lang.Spanish, lang.English} {
				quotes := strings.Count(s.Help.In(tag), "`")
				Expect(s.Help.In(tag)).NotTo(BeEmpty(), s.Flag)
				Expect(quotes).To(Equal(map[bool]int{true: 0, false: 2}[s.Form == settings.Switch]), "--%s: %s", s.Flag, s.Help.In(tag))
			}
		}
	})

	It("describes every key to editors but those that lie in a key that is described", func() {
		for _, s := range settings.Table() {
			if s.Key != "" && s.Flag == "" && !strings.Contains(s.Key, ".") {
				Expect(s.About).NotTo(BeEmpty(), s.Key)
			}
		}
	})

	DescribeTable("is documented, as far as the file and the environment go", func(page string) {
		text, err := os.ReadFile("../../../docs/" + page)
		Expect(err).NotTo(HaveOccurred())
		for _, s := range settings.Table() {
			key := s.Key[strings.LastIndex(s.Key, ".")+1:]
			Expect(string(text)).To(ContainSubstring(s.Env))
			Expect(key == "" || strings.Contains(string(text), key+":")).To(BeTrue(), "%s in %s", s.Key, page)
		}
	}, Entry(nil, "configuration.md"), Entry(nil, "configuration.es.md"))

	It("has for each key that a flag also sets the same type in every row", func() {
		types := map[string][]string{}
		for _, s := range settings.Table() {
			if s.Key != "" && s.Form != settings.Group {
				types[s.Key] = append(types[s.Key], s.Type.Schema)
			}
		}
		for key, all := range types {
			Expect(slices.Compact(all)).To(HaveLen(1), key)
		}
	})
})

var _ = Describe("intended", func() {
	It("is read with its kinds, members and values", func() {
		f, err := settings.Parse("kometia-sim.yaml", []byte(`
live_orders: true
intended:
  - {kinds: [product.*], when: {data.object.is_active: false}}
  - unless: {data.object.status: [placed, null], data.object.total_price: 0}
`), settings.Sources{})
		Expect(err).NotTo(HaveOccurred())
		Expect(f.Intended).To(HaveLen(2))
		Expect(f.Intended[0].Kinds).To(Equal([]string{"product.*"}))
		Expect(f.Intended[0].When).To(HaveKeyWithValue("data.object.is_active", []any{false}))
		Expect(f.Intended[1].Unless).To(HaveKeyWithValue("data.object.status", []any{"placed", nil}))
		Expect(f.Intended[1].Unless["data.object.total_price"]).To(HaveLen(1))
	})

	DescribeTable("is refused where it says nothing", func(text, mistake string) {
		_, err := settings.Parse("kometia-sim.yaml", []byte(text), settings.Sources{})
		Expect(err).To(MatchError(ContainSubstring(mistake)))
	},
		Entry(nil, "intended: []", "expected a list"),
		Entry(nil, "intended: [{wen: {data.object.is_active: false}}]", "when"),
		Entry(nil, "intended: [{when: {}}]", "expected fields"),
		Entry(nil, "live_orders: perhaps", "live_orders"),
	)
})
