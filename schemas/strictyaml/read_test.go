package strictyaml_test

import (
	"fmt"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

type shop struct {
	Name    string            `yaml:"name,filled"`
	Open    bool              `yaml:"open"`
	Staff   int               `yaml:"staff"`
	Tax     float64           `yaml:"tax"`
	Wait    time.Duration     `yaml:"wait,filled"`
	Address netip.Addr        `yaml:"address"`
	Note    *string           `yaml:"note"`
	Title   lang.Text         `yaml:"title"`
	Tags    []string          `yaml:"tags,filled"`
	Labels  map[string]string `yaml:"labels"`
	Extra   any               `yaml:"extra"`
	Command command           `yaml:"command"`
	Rooms   []room            `yaml:"rooms"`
	Hidden  string
	inside
}

type inside struct {
	Depth int `yaml:"depth"`
}

type room struct {
	Beds int   `yaml:"beds"`
	Next *room `yaml:"next"`
}

// command takes a list and refuses a text with what to write in its place.
type command []string

func (c *command) ReadYAML(n strictyaml.Node) {
	if text, ok := n.Text(); ok {
		n.Fail("escriba [%s]", "write [%s]", strings.Join(strings.Fields(text), ", "))
		return
	}
	n.Into((*[]string)(c))
}

func read(text string) (s shop, f *strictyaml.File) {
	f = strictyaml.Read("shop.yaml", []byte(text), &s)
	return s, f
}

var _ = Describe("a YAML file", func() {
	It("is read by the types of what it fills", func() {
		s, f := read("\ufeffname: 0042\nopen: true\nstaff: 3\ntax: 16\nwait: 90m\naddress: 127.0.0.1\nnote: \"\"\ntitle: {es: uno, en: one}\n" +
			"tags: [a, 1.10]\nlabels: {x: 1}\nextra: {n: null, f: 1.5, l: [1, -1, true, t]}\ncommand: [a, b]\ndepth: 2\nrooms:\n  - beds: 2\n    next: {beds: 1}\n  - {next: null}\n")
		Expect(f.Err()).NotTo(HaveOccurred())
		empty := ""
		Expect(s).To(Equal(shop{
			Name: "0042", Open: true, Staff: 3, Tax: 16, Wait: 90 * time.Minute, Address: netip.MustParseAddr("127.0.0.1"), Note: &empty,
			Title: lang.Text{ES: "uno", EN: "one"}, Tags: []string{"a", "1.10"}, Labels: map[string]string{"x": "1"},
			Extra:   map[string]any{"n": nil, "f": 1.5, "l": []any{uint64(1), int64(-1), true, "t"}},
			Command: command{"a", "b"}, inside: inside{Depth: 2}, Rooms: []room{{Beds: 2, Next: &room{Beds: 1}}, {}},
		}))
	})

	It("may be empty", func() {
		for _, text := range []string{"", "# later\n", "---\n", "null\n"} {
			s, f := read(text)
			Expect(f.Err()).NotTo(HaveOccurred())
			Expect(f.Empty()).To(BeTrue(), "%q", text)
			Expect(s).To(BeZero())
		}
	})

	It("may repeat itself with anchors, aliases and merge keys", func() {
		s, f := read("labels: {a: &a uno, b: *a}\nrooms:\n  - &first {beds: 1}\n  - {<<: *first, next: *first}\n  - {<<: [*first, {beds: 4}], beds: 3}\n")
		Expect(f.Err()).NotTo(HaveOccurred())
		Expect(s.Labels).To(Equal(map[string]string{"a": "uno", "b": "uno"}))
		Expect(s.Rooms[1]).To(Equal(room{Beds: 1, Next: &room{Beds: 1}}))
		Expect(s.Rooms[2].Beds).To(Equal(3))
	})

	DescribeTable("points at what is wrong, in both languages", func(text, es, en string) {
		_, f := read(text)
		Expect(lang.In(f.Err(), lang.Spanish)).To(HavePrefix("shop.yaml:" + es + "\n"))
		Expect(lang.In(f.Err(), lang.English)).To(HavePrefix("shop.yaml:" + en + "\n"))
	},
		Entry("an unknown key", "nam: x", `1:1: no existe la clave "nam" (¿quiso decir name?)`, `1:1: unknown key "nam" (did you mean name?)`),
		Entry("one that nothing is near", "title: {zzz: x}", `1:9: no existe la clave "zzz" (hay en, es)`, `1:9: unknown key "zzz" (known: en, es)`),
		Entry("a field without a tag", "Hidden: x", `1:1: no existe la clave "Hidden" (hay address, command, depth, extra, labels, name, note, open, rooms, staff, tags, tax, title, wait)`, `1:1: unknown key "Hidden" (known: address, command, depth, extra, labels, name, note, open, rooms, staff, tags, tax, title, wait)`),
		Entry("a key twice", "staff: 1\nstaff: 2", `2:1: la clave "staff" está dos veces`, `2:1: the key "staff" stands twice`),
		Entry("a list for a text", "name:\n  - a", "2:5: se esperaba un texto, hay una lista", "2:5: expected a text, found a list"),
		Entry("null for a text", "name:", "1:7: se esperaba un texto, hay nada", "1:7: expected a text, found nothing"),
		Entry("nothing in a text", "name: ''", "1:7: está vacío: dé un valor, o quite la clave", "1:7: it is empty: give a value, or leave the key out"),
		Entry("true for a text", "name: true", "1:7: se esperaba un texto, hay true o false sin comillas", "1:7: expected a text, found true or false without quotes"),
		Entry("a text for true", "open: 'true'", "1:7: se esperaba true o false, hay un texto", "1:7: expected true or false, found a text"),
		Entry("half a number", "staff: 1.5", "1:8: dé un número entero", "1:8: give a whole number"),
		Entry("a quoted number", "staff: '1'", "1:8: se esperaba un número entero, hay un texto", "1:8: expected a whole number, found a text"),
		Entry("a huge number", "staff: 18446744073709551615", "1:8: el número es demasiado grande", "1:8: the number is too large"),
		Entry("a text for a number", "tax: a", "1:6: se esperaba un número, hay un texto", "1:6: expected a number, found a text"),
		Entry("a duration without a unit", "wait: 10", "1:7: se esperaba una duración con unidad, como 10s, 90m o 48h", "1:7: expected a duration with its unit, such as 10s, 90m or 48h"),
		Entry("no duration at all", "wait: 0s", "1:7: se esperaba una duración mayor que cero, como 10s, 90m o 48h", "1:7: expected a duration of more than zero, such as 10s, 90m or 48h"),
		Entry("a text for a list", "tags: a", "1:7: se esperaba una lista, como [uno, dos], hay un texto", "1:7: expected a list, such as [one, two], found a text"),
		Entry("an empty list", "tags: []", "1:7: la lista está vacía: dé al menos un valor, o quite la clave", "1:7: the list is empty: give at least one value, or leave the key out"),
		Entry("a list for keys", "title: [a]", "1:9: se esperaba un bloque de claves con valores, hay una lista", "1:9: expected keys with values, found a list"),
		Entry("a list at the top", "- a", "1:3: se esperaba un bloque de claves con valores, hay una lista", "1:3: expected keys with values, found a list"),
		Entry("what a type refuses", "address: x", `1:10: ParseAddr("x"): unable to parse IP`, `1:10: ParseAddr("x"): unable to parse IP`),
		Entry("what a reader refuses", "command: a  b", "1:10: escriba [a, b]", "1:10: write [a, b]"),
		Entry("two documents", "staff: 1\n---\nstaff: 2", "3:1: un segundo documento (tras ---); deje solo uno", "3:1: a second document (after ---); keep only one"),
		Entry("no YAML", "staff: 1\n tax: 2", "1:8: no es YAML: ahí no pueden ir más dos puntos: ponga el texto entre comillas", "1:8: no YAML: mapping value is not allowed in this context"),
		Entry("an alias of nothing", "name: *x", `1:7: no existe el alias "x"`, `1:7: there is no alias "x"`),
	)

	It("reports all mistakes at once, in the order of the file", func() {
		s, f := read("staff: x\nrooms: [{beds: a}, {bed: 1}]\nopen: 1\ntax: 0.16\n")
		f.Fail("rooms[1]", "una cama", "a bed") // it follows from bed
		f.Fail("staff", "pocos", "few")         // it could not be read
		f.Fail("tax", "%v: poco", "%v: too little", s.Tax)
		f.Fail("rooms[0].next.beds", "falta", "missing")
		f.Fail("", "sin nombre", "no name") // the whole is wrong already
		f.Check("tax", nil)
		Expect(s.Tax).To(Equal(0.16))
		Expect(f.Err()).To(MatchError(strings.Join([]string{
			"shop.yaml:1:8: expected a whole number, found a text", "  1 | staff: x", "    |        ^",
			"shop.yaml:2:10: rooms[0].next.beds: missing", "  2 | rooms: [{beds: a}, {bed: 1}]", "    |          ^",
			"shop.yaml:2:16: expected a whole number, found a text", "  2 | rooms: [{beds: a}, {bed: 1}]", "    |                ^",
			`shop.yaml:2:21: unknown key "bed" (did you mean beds?)`, "  2 | rooms: [{beds: a}, {bed: 1}]", "    |                     ^",
			"shop.yaml:3:7: expected true or false, found a number", "  3 | open: 1", "    |       ^",
			"shop.yaml:4:6: tax: 0.16: too little", "  4 | tax: 0.16", "    |      ^",
		}, "\n")))
		Expect(lang.Mistakes(f.Err())).To(HaveLen(6))
	})

	It("has a place for what is found later, and none for what is not in it", func() {
		_, f := read("rooms: [{beds: 1}]\n")
		Expect(f.Mistake("rooms[0].beds", "mal", "bad")).To(MatchError(HavePrefix("shop.yaml:1:16: rooms[0].beds: bad\n")))
		Expect(f.Mistake("", "mal", "bad")).To(MatchError("shop.yaml: bad"))
		_, f = read("")
		f.Fail("name", "falta", "missing")
		Expect(f.Err()).To(MatchError("shop.yaml: name: missing"))
	})

	It("tells nothing more about a file that is no YAML", func() {
		_, f := read("a: [")
		f.Fail("name", "falta", "missing")
		Expect(lang.Mistakes(f.Err())).To(HaveLen(1))
	})

	It("comes to an end with aliases that repeat each other", func() {
		bomb := "extra:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
		for _, c := range "12345678" {
			to, from := string(c), string(c-1)
			bomb += "  a" + to + ": &a" + to + " [" + strings.Repeat("*a"+from+", ", 9) + "*a" + from + "]\n"
		}
		_, f := read(bomb)
		Expect(f.Err()).To(MatchError(ContainSubstring("repeat too much")))
		for _, endless := range []string{"extra: &a [*a]", "extra: &a {<<: *a}", "extra: &a {<<: [*a, *a]}", "rooms: [&a {next: *a}]"} {
			_, f = read(endless)
			Expect(f.Err()).To(MatchError(ContainSubstring("nested too deep")), endless)
			Expect(lang.Mistakes(f.Err())).To(HaveLen(1), endless)
		}
	})

	It("takes numbers that JSON has none of for what they are", func() {
		s, f := read("tax: .inf\nextra: .nan")
		Expect(f.Err()).NotTo(HaveOccurred())
		Expect(math.IsInf(s.Tax, 1)).To(BeTrue())
		Expect(math.IsNaN(s.Extra.(float64))).To(BeTrue())
	})
})

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"name: a", "rooms: [{beds: 1}]", "a: &a [*a]", "<<: {a: 1}", "? a\n: b", "!!str 1", "- - -", "a: |\n  x", "---\n---", "{", "*a: 1", "&a {<<: *a}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, file := read(text)
		file.Fail("rooms[0].beds", "mal", "bad")
		if err := file.Err(); err == nil || lang.In(err, lang.Spanish) == "" {
			t.Fatal("no mistake")
		}
	})
}

var _ = DescribeTable("what no person writes is refused before it is parsed", func(content, say string) {
	// The parser alone took from ten seconds to minutes, and gigabytes.
	var into map[string]any
	err := strictyaml.Read("f.yaml", []byte(content), &into).Err()
	Expect(err).To(MatchError(ContainSubstring(say)))
	Expect(len(err.Error())).To(BeNumerically("<", 20_000))
},
	Entry("open brackets", strings.Repeat("[", 200_000), "f.yaml:1:101: it is nested too deep"),
	Entry("open braces", "a: "+strings.Repeat("{a: ", 200_000), "it is nested too deep"),
	Entry("lists of lists", strings.Repeat("- ", 200_000), "it is nested too deep"),
	Entry("keys of keys", strings.Repeat("? ", 200_000), "it is nested too deep"),
	Entry("indentation", steps(1400), "it is nested too deep"),
	Entry("many keys", manyKeys(60_000), "there is too much in this file"),
	Entry("a long list", "a: ["+strings.Repeat("a, ", 200_000)+"a]", "there is too much in this file"),
	Entry("a large file", "a: "+strings.Repeat("a", 2<<20), "more than 1024 KiB"),
)

var _ = It("tells the first mistakes of very many", func() {
	var into struct {
		A string `yaml:"a"`
	}
	err := strictyaml.Read("f.yaml", []byte(manyKeys(10_000)), &into).Err()
	Expect(err).To(MatchError(And(ContainSubstring(`f.yaml:1:1: unknown key "k0"`), ContainSubstring("f.yaml: and 9970 more mistakes"))))
})

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: x\n", i)
	}
	return b.String()
}

func steps(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}
