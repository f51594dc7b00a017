package language_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/language/languagetest"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
)

// member is a place of the scenario language: where it stands in a file, the
// schema of it, and its Go type.
type member struct {
	path   []string // without indices: cases, steps, emit, spelling
	schema map[string]any
	of     reflect.Type
}

func (m member) String() string { return strings.Join(m.path, ".") }

// members walks the Go types and the schema side by side, and finds every key
// that only one of them has, and every type that differs.
func members() (all []member, differ []string) {
	GinkgoHelper()
	var root map[string]any
	Expect(json.Unmarshal(language.Schema(), &root)).To(Succeed())
	definitions := root["definitions"].(map[string]any)
	used := map[string]bool{}
	resolve := func(s map[string]any) map[string]any {
		if ref, ok := s["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/definitions/")
			used[name] = true
			return definitions[name].(map[string]any)
		}
		return s
	}
	var visit func(path []string, s map[string]any, t reflect.Type)
	visit = func(path []string, s map[string]any, t reflect.Type) {
		s = resolve(s)
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t == reflect.TypeFor[language.Rule]() {
			t = language.RuleType()
		}
		all = append(all, member{path, s, t})
		want := map[reflect.Kind]string{
			reflect.String: "string", reflect.Int: "integer", reflect.Float64: "number", reflect.Bool: "boolean",
			reflect.Slice: "array", reflect.Map: "object", reflect.Struct: "object", reflect.Int64: "string",
		}[t.Kind()]
		if s["type"] != want {
			differ = append(differ, fmt.Sprintf("%v: the schema says %v, Go %v", path, s["type"], t))
		}
		switch t.Kind() {
		case reflect.Int64:
			Expect(t).To(Equal(reflect.TypeFor[time.Duration]()), "%v", path)
			Expect(s).To(Equal(definitions["duration"]), "%v", path)
		case reflect.Slice:
			visit(path, s["items"].(map[string]any), t.Elem())
		case reflect.Struct:
			properties, _ := s["properties"].(map[string]any)
			if s["additionalProperties"] != false {
				differ = append(differ, fmt.Sprintf("%v: the schema takes any key", path))
			}
			known := map[string]bool{}
			for i := range t.NumField() {
				f := t.Field(i)
				if !f.IsExported() {
					continue
				}
				name := f.Tag.Get("yaml")
				known[name] = true
				sub, ok := properties[name].(map[string]any)
				if !ok {
					differ = append(differ, fmt.Sprintf("%v: the schema has no %s", path, name))
					continue
				}
				visit(append(slices.Clone(path), name), sub, f.Type)
			}
			for name := range properties {
				if !known[name] {
					differ = append(differ, fmt.Sprintf("%v: only the schema has %s", path, name))
				}
			}
		}
	}
	visit(nil, root, reflect.TypeFor[language.Scenario]())
	for name := range definitions {
		if !used[name] && name != "answers" {
			differ = append(differ, "definition that nothing refers to: "+name)
		}
	}
	return all, differ
}

// with is the plain scenario with a value in the place of a member, as YAML.
func with(path []string, value any) string {
	GinkgoHelper()
	var doc map[string]any
	Expect(yaml.Unmarshal([]byte(languagetest.Plain), &doc)).To(Succeed())
	at := doc
	for i, name := range path[:len(path)-1] {
		next := path[i+1]
		switch below := at[name].(type) {
		case map[string]any:
			at = below
		case []any:
			at = within(below, name, next, func(list []any) { doc := at; doc[name] = list })
		case nil:
			made := map[string]any{}
			if isList[name] {
				at[name] = []any{made}
			} else {
				at[name] = made
			}
			at = made
		}
	}
	at[path[len(path)-1]] = value
	text, err := yaml.Marshal(doc)
	Expect(err).NotTo(HaveOccurred())
	return string(text)
}

// isList are the lists of objects that the plain scenario does not have.
var isList = map[string]bool{"marks": true}

// within is the entry of a list that the next member goes into: of steps the
// one that has it, or a new one.
func within(list []any, name, next string, set func([]any)) map[string]any {
	for _, e := range list {
		if m := e.(map[string]any); name != "steps" || m[next] != nil {
			return m
		}
	}
	made := map[string]any{}
	set(append(list, made))
	return made
}

// mistakesOf is what the decoder has against a scenario; "" when nothing.
func mistakesOf(text string) string {
	GinkgoHelper()
	file := filepath.Join(GinkgoT().TempDir(), "mine.yaml")
	Expect(os.WriteFile(file, []byte(text), 0o600)).To(Succeed())
	suite, err := language.Builtin()
	Expect(err).NotTo(HaveOccurred())
	if err := suite.Add(file); err != nil {
		return err.Error()
	}
	return ""
}

var _ = Describe("the published schema of scenarios", func() {
	It("has the keys and types of the Go structs, and no others", func() {
		all, differ := members()
		Expect(differ).To(BeEmpty())
		Expect(len(all)).To(BeNumerically(">", 90))
	})

	It("is what the declarations make it", func() {
		const file = "testdata/scenario.schema.golden.json"
		if os.Getenv("UPDATE_GOLDEN") != "" {
			Expect(os.WriteFile(file, language.Schema(), 0o644)).To(Succeed())
		}
		golden, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(language.Schema())).To(Equal(string(golden)), "make golden writes it anew")
	})

	It("has the enumerations of the decoder", func() {
		const nobody = "zzz-nobody"
		noneOf := regexp.MustCompile(`"` + nobody + `" is none of ([^\n(]*?)(?: \(did you mean|\n|$)`)
		// What these may say depends on the rest of the file.
		byFile := []string{"checks.judge.cases"}
		// These are told by a pattern.
		patterned := []string{"cases.steps.deliver.faults"}
		all, _ := members()
		seen := 0
		for i, m := range all {
			if m.of.Kind() != reflect.String || slices.Contains(byFile, m.String()) || slices.Contains(patterned, m.String()) || m.of == reflect.TypeFor[lang.Text]() {
				continue
			}
			// A list is its own member before its items are.
			value := any(nobody)
			if i > 0 && slices.Equal(all[i-1].path, m.path) && all[i-1].of.Kind() == reflect.Slice {
				value = []any{nobody}
			}
			var decoder []string
			if told := noneOf.FindStringSubmatch(mistakesOf(with(m.path, value))); told != nil {
				decoder = strings.Split(told[1], ", ")
			}
			var schema []string
			if enum, ok := m.schema["enum"].([]any); ok {
				seen++
				for _, e := range enum {
					schema = append(schema, e.(string))
				}
			}
			empty := func(s string) bool { return s == "" } // the same as leaving it out
			decoder, schema = slices.DeleteFunc(decoder, empty), slices.DeleteFunc(schema, empty)
			if len(schema)+len(decoder) > 0 {
				Expect(schema).To(ConsistOf(decoder), "%s", m)
			}
		}
		Expect(seen).To(BeNumerically(">=", 17))
	})

	It("takes the faults that there are, and no others", func() {
		for _, f := range append(fault.Kinds(), "", "hang-up 1ms", "hang-up 1.5s", "hang-up +1us", "hang-up 25%", "hang-up 100%", "hang-up 101%",
			"hang-up 0%", "hang-up soon", "hang-up  1ms", "cut-fin 60%", "cut-rst 1%", "cut-rst 100%", "cut-rst 1ms", "cut-fin 060%", "drip 1%", "hangup", " ") {
			text := strings.Replace(languagetest.Plain, "deliver: {}", "deliver: {attempts: 2, faults: ['"+f+"']}", 1)
			text = strings.Replace(text, "group: plain", "group: plain\nconsent: malformed", 1)
			_, err := fault.Parse(f)
			Expect(languagetest.Refusal(text) == nil).To(Equal(err == nil), "%q: %v", f, languagetest.Refusal(text))
		}
	})

	It("has the bounds of the decoder", func() {
		bounds := regexp.MustCompile(`-1: give a number from 0 to (\d+)`)
		all, _ := members()
		seen := 0
		for _, m := range all {
			if m.of.Kind() != reflect.Int || m.String() == "cases.safely" { // which times bounds
				continue
			}
			seen++
			told := bounds.FindStringSubmatch(mistakesOf(with(m.path, -1)))
			Expect(told).NotTo(BeNil(), "%s", m)
			most, err := strconv.ParseFloat(told[1], 64)
			Expect(err).NotTo(HaveOccurred())
			if most > 1e9 {
				Expect(m.schema).NotTo(HaveKey("maximum"), "%s", m)
			} else {
				Expect(m.schema).To(HaveKeyWithValue("maximum", most), "%s", m)
			}
			Expect(m.schema).To(HaveKeyWithValue("minimum", BeNumerically("<=", 1)), "%s", m)
		}
		Expect(seen).To(BeNumerically(">=", 5))
	})

	It("says something of every field", func() {
		all, _ := members()
		for i, m := range all {
			if i > 0 && slices.Equal(all[i-1].path, m.path) {
				continue // the items of a list, which says it
			}
			Expect(m.schema).To(Or(HaveKey("title"), HaveKey("description")), "%s", m)
		}
	})

	It("takes every scenario of the catalogue and of the documentation", func() {
		files, err := filepath.Glob("../catalogue/*.yaml")
		Expect(err).NotTo(HaveOccurred())
		Expect(len(files)).To(BeNumerically(">=", 10))
		for _, file := range append(files, "../../docs/example-scenario.yaml") {
			text, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			Expect(languagetest.Refusal(string(text))).To(Succeed(), file)
		}
		for _, page := range []string{"../../docs/scenarios.md", "../../docs/scenarios.es.md"} {
			text, err := os.ReadFile(page)
			Expect(err).NotTo(HaveOccurred())
			_, rest, found := strings.Cut(string(text), "```yaml\n")
			Expect(found).To(BeTrue())
			block, _, _ := strings.Cut(rest, "```")
			Expect(languagetest.Refusal(block)).To(Succeed(), page)
			Expect(mistakesOf(block)).To(BeEmpty(), page)
		}
	})

	DescribeTable("refuses what the decoder refuses",
		func(from, to string) {
			Expect(languagetest.Plain).To(ContainSubstring(from))
			text := strings.Replace(languagetest.Plain, from, to, 1)
			Expect(languagetest.Refusal(text)).NotTo(Succeed())
			Expect(mistakesOf(text)).NotTo(BeEmpty())
		},
		Entry("an unknown key", "group: plain", "gruop: plain"),
		Entry("no name", "family: mine", "family: ''"),
		Entry("a step of two fields", "- emit: {}", "- {emit: {}, settle: true}"),
		Entry("an empty step", "- emit: {}", "- {}"),
		Entry("no duration", "deliver: {}", "deliver: {at: 1 hora}"),
		Entry("an id in lower case", "id: MY-SHOP-001", "id: mine"),
		Entry("no evidence", "evidence: [wire]", "evidence: []"),
		Entry("a pattern that nothing matches", `"2xx"`, `"0200"`),
		Entry("a code of two digits", `"2xx"`, `"99"`),
		Entry("two ways to judge", "    judge:\n", "    slow: {count: 1, then: warn}\n    judge:\n"),
		Entry("a given that asks for nothing", "evidence: [wire]", "evidence: [wire]\n    given: {delivery: []}"),
		Entry("no verdict", "{then: fail}", "{}"),
		Entry("too much of a body", "emit: {}", "emit: {truncate: 1}"),
		Entry("half a request", "name: plain", "name: plain\n    times: 1.5"),
	)

	DescribeTable("takes the durations that the decoder takes",
		func(d string) {
			text := strings.Replace(languagetest.Plain, "deliver: {}", "deliver: {at: "+d+"}", 1)
			Expect(mistakesOf(text)).To(BeEmpty())
			Expect(languagetest.Refusal(text)).To(Succeed())
		},
		Entry(nil, "1h"), Entry(nil, "47h30m"), Entry(nil, "1.5s"), Entry(nil, "250ms"),
	)
})
