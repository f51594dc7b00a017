package settings

import (
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/strictyaml"
)

const (
	// FileName is the config of a working folder.
	FileName = "kometia-sim.yaml"
	// maxFile is far more than any config that a person writes, maxSecret than any key.
	maxFile, maxSecret = 1 << 20, 64 << 10
)

// File is kometia-sim.yaml: what is written for each key of the table. The zero
// File is no file.
type File struct {
	path          string // absolute
	held          map[string]*held
	from          Sources
	secrets       []string // what was read from files
	Subscriptions []Subscription
	Intended      []receiver.Intention
}

// Subscription is one receiver and the event kinds that it asked for.
type Subscription struct {
	URL   string
	Kinds []string // nil means not declared
}

// held is what the file has for one key.
type held struct {
	row   Setting
	file  *File
	texts []string
	pairs []Pair
}

// Pair is a key of the user's own and its value, in the order of the file.
type Pair struct{ Key, Value string }

// Parse reads a config; name is how its mistakes call it. All of them come at
// once, beside what could be read. ${NAME} in a value stands for a variable of the
// environment, ${file:PATH} for what a file holds.
func Parse(name string, data []byte, from Sources) (*File, error) {
	f := &File{held: map[string]*held{}, from: from}
	for _, s := range Table() {
		// The rows of a receiver's flags share their key; the last one documents it.
		if s.Key != "" && s.Form != Group && s.Form != Receivers && s.Form != Intentions {
			f.held[s.Key] = &held{row: s, file: f}
		}
	}
	read := strictyaml.Read(name, data, &group{file: f})
	f.check(read)
	return f, read.Err()
}

func (f *File) text(key string) string {
	if h := f.held[key]; h != nil && len(h.texts) > 0 {
		return h.texts[0]
	}
	return ""
}

func (f *File) list(key string) []string {
	if h := f.held[key]; h != nil {
		return h.texts
	}
	return nil
}

func (f *File) pairs(key string) []Pair {
	if h := f.held[key]; h != nil {
		return h.pairs
	}
	return nil
}

// beside resolves a path of the file against the folder of the file.
func (f *File) beside(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(filepath.Dir(f.path), name)
}

// check finds the mistakes that lie between keys.
func (f *File) check(read *strictyaml.File) {
	if f.text("target") != "" && len(f.Subscriptions) > 0 {
		read.Fail("subscriptions", "target y subscriptions a la vez: deje uno de los dos", "both target and subscriptions: keep one of them")
	}
	ways := 0
	file, pattern := f.text("observe.log.file"), f.text("observe.log.pattern")
	for _, given := range []bool{len(f.list("observe.command")) > 0, f.text("observe.url") != "", file != "" || pattern != ""} {
		if given {
			ways++
		}
	}
	if ways > 1 {
		read.Fail("observe", "elija solo uno de command, url y log", "choose one of command, url and log")
	}
	if (file == "") != (pattern == "") {
		read.Fail("observe.log", "necesita file y pattern", "needs file and pattern")
	}
	for _, two := range [][2]string{{"down", "up"}, {"up", "down"}} {
		if f.list(two[0]) != nil && f.list(two[1]) == nil {
			read.Fail(two[0], "down y up van juntos", "down and up belong together")
		}
	}
	read.Check("retry", f.policy().Validate())
}

// policy is the retry policy: Kometia's, with what the file changes.
func (f *File) policy() retryclock.Policy {
	p := retryclock.DefaultPolicy()
	if d, err := parseDuration(f.text("retry.interval")); err == nil {
		p.Interval = d
	}
	if d, err := parseDuration(f.text("retry.window")); err == nil {
		p.Window = d
	}
	return p
}

// group reads the keys that stand within a key; prefix "" is the whole file.
type group struct {
	file   *File
	prefix string
}

// ReadYAML implements strictyaml.Reader.
func (g *group) ReadYAML(n strictyaml.Node) {
	keys := map[string]any{}
	for _, s := range Table() {
		rest, within := strings.CutPrefix(s.Key, g.prefix)
		if !within || rest == "" || strings.Contains(rest, ".") {
			continue
		}
		switch s.Form {
		case Group:
			keys[rest] = &group{g.file, s.Key + "."}
		case Receivers:
			keys[rest] = &subscriptions{g.file}
		case Intentions:
			keys[rest] = &intentions{g.file}
		default:
			keys[rest] = g.file.held[s.Key]
		}
	}
	n.Keys(keys)
}

// ReadYAML implements strictyaml.Reader.
func (h *held) ReadYAML(n strictyaml.Node) {
	switch h.row.Form {
	case Pairs:
		h.readPairs(n)
	case Many, Words:
		h.readList(n)
	case Named:
		h.readNamed(n)
	case Switch:
		h.readSwitch(n)
	default:
		h.readText(n)
	}
}

func (h *held) readSwitch(n strictyaml.Node) {
	var on bool
	if n.Into(&on) {
		h.texts = append(h.texts, strconv.FormatBool(on))
	}
}

func (h *held) readText(n strictyaml.Node) {
	var value string
	switch ok := n.Into(&value); {
	case !ok:
		return
	case value == "":
		n.Fail("está vacío: dé un valor, o quite la clave", "it is empty: give a value, or leave the key out")
		return
	}
	value, err := h.file.expand(value)
	if err != nil {
		n.Fail("%s", "%s", err)
		return
	}
	h.texts = append(h.texts, value)
	if h.row.Type.Check == nil {
		return
	}
	if err := h.row.Type.Check(value); err != nil {
		n.Fail("%s", "%s", err)
	}
}

func (h *held) readList(n strictyaml.Node) {
	if value, ok := n.Text(); ok && h.row.Form == Words {
		n.Fail("un comando es una lista de palabras, sin shell: [%s]", "a command is a list of words, without a shell: [%s]",
			strings.Join(strings.Fields(value), ", "))
		return
	}
	for _, e := range n.Elements() {
		h.readText(e)
	}
	if h.texts == nil {
		h.texts = []string{}
		n.Fail("se esperaba una lista, como [uno, dos]", "expected a list, such as [one, two]")
	}
}

// readNamed reads one value, several, or several with names, as pairs; the key of
// one without a name is empty.
func (h *held) readNamed(n strictyaml.Node) {
	one := func(name string, n strictyaml.Node) {
		before := len(h.texts)
		h.readText(n)
		if len(h.texts) > before {
			h.pairs = append(h.pairs, Pair{name, h.texts[before]})
		}
	}
	switch {
	case n.IsList():
		for _, e := range n.Elements() {
			pairs := []strictyaml.Pair(nil)
			if e.IsMapping() {
				pairs = e.Pairs()
			}
			// Within [ ] the library takes 127.0.0.1:9099 for a key and its value.
			if len(pairs) == 1 {
				if port, ok := pairs[0].Value.Text(); ok && digits(port) {
					h.readAddress(e, pairs[0].Key+":"+port)
					continue
				}
			}
			one("", e)
		}
	case n.IsMapping():
		for _, p := range n.Pairs() {
			one(p.Key, p.Value)
		}
	default:
		one("", n)
		return
	}
	if h.texts == nil {
		n.Fail("está vacío: dé un valor, o quite la clave", "it is empty: give a value, or leave the key out")
	}
}

func digits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// readAddress takes a value without a name that stands at n.
func (h *held) readAddress(n strictyaml.Node, value string) {
	h.texts, h.pairs = append(h.texts, value), append(h.pairs, Pair{"", value})
	if err := h.row.Type.Check(value); err != nil {
		n.Fail("%s", "%s", err)
	}
}

func (h *held) readPairs(n strictyaml.Node) {
	for _, p := range n.Pairs() {
		value, ok := p.Value.Text()
		if !ok {
			p.Value.Fail(`se esperaba un texto entre comillas, como "1"`, `expected a quoted text, such as "1"`)
			continue
		}
		value, err := h.file.expand(value)
		if err != nil {
			p.Value.Fail("%s", "%s", err)
			continue
		}
		if h.row.Type.CheckPair != nil {
			if err := h.row.Type.CheckPair(p.Key, value); err != nil {
				p.Fail("%s", "%s", err)
				continue
			}
		}
		h.pairs = append(h.pairs, Pair{p.Key, value})
	}
}

// subscriptions reads the list of receivers.
type subscriptions struct{ file *File }

// ReadYAML implements strictyaml.Reader.
func (s *subscriptions) ReadYAML(n strictyaml.Node) {
	elements := n.Elements()
	for _, e := range elements {
		address, kinds := &held{row: Setting{Type: url()}, file: s.file}, &held{row: Setting{Form: Many}, file: s.file}
		e.Keys(map[string]any{"url": address, "kinds": kinds})
		if len(address.texts) == 0 {
			e.Fail("a esta suscripción le falta url", "this subscription has no url")
			continue
		}
		s.file.Subscriptions = append(s.file.Subscriptions, Subscription{URL: address.texts[0], Kinds: kinds.texts})
	}
	if len(elements) == 0 {
		n.Fail("se esperaba una lista, como [{url: http://localhost:8000/webhook, kinds: [order.placed]}]",
			"expected a list, such as [{url: http://localhost:8000/webhook, kinds: [order.placed]}]")
	}
}

// intentions reads the list of what the receiver does on purpose.
type intentions struct{ file *File }

// ReadYAML implements strictyaml.Reader.
func (i *intentions) ReadYAML(n strictyaml.Node) {
	elements := n.Elements()
	for _, e := range elements {
		kinds, when, unless := &held{row: Setting{Form: Many}, file: i.file}, &conditions{}, &conditions{}
		e.Keys(map[string]any{"kinds": kinds, "when": when, "unless": unless})
		i.file.Intended = append(i.file.Intended, receiver.Intention{Kinds: kinds.texts, When: when.members, Unless: unless.members})
	}
	if len(elements) == 0 {
		n.Fail("se esperaba una lista, como [{kinds: [order.*], when: {data.object.is_test: true}}]",
			"expected a list, such as [{kinds: [order.*], when: {data.object.is_test: true}}]")
	}
}

// conditions reads members and the values that they may have: one, or a list.
type conditions struct{ members map[string][]any }

// ReadYAML implements strictyaml.Reader.
func (c *conditions) ReadYAML(n strictyaml.Node) {
	for _, p := range n.Pairs() {
		values := []strictyaml.Node{p.Value}
		if p.Value.IsList() {
			values = p.Value.Elements()
		}
		for _, one := range values {
			var v any
			if !one.Into(&v) {
				return
			}
			if c.members == nil {
				c.members = map[string][]any{}
			}
			c.members[p.Key] = append(c.members[p.Key], v)
		}
	}
	if c.members == nil {
		n.Fail("se esperaban campos y sus valores, como {data.object.is_test: true}", "expected fields and their values, such as {data.object.is_test: true}")
	}
}

// confirmed are the assumptions that the file confirms.
func (f *File) confirmed() (ids []string) {
	for _, p := range f.pairs("assume") {
		ids = append(ids, p.Key)
	}
	return ids
}

// language is the one that the file asks for; "" when it asks for none.
func (f *File) language() lang.Tag {
	if f.text("lang") == "" {
		return ""
	}
	tag, err := lang.Detect(f.text("lang"), nil)
	if err != nil {
		return ""
	}
	return tag
}
