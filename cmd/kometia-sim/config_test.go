package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/goccy/go-yaml"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/santhosh-tekuri/jsonschema/v6"

	main "github.com/kometia-sim/kometia-sim/cmd/kometia-sim"
)

const fullConfig = `target: http://localhost:8000/kometia/webhook
timeout: 10s
headers: {X-Debug: "1", X-Number: 2}
lang: en
api: {listen: 127.0.0.1:8091, key: sk_test_1}
observe:
  log: {file: storage/logs/laravel.log, pattern: 'pedido creado .*'}
  state_map: {precio: data.object.price}
drain: [php, artisan, queue:work, --stop-when-empty]
start: [./start]
kill: [./kill]
restart: [./restart]
down: [./down]
up: [./up]
ready: http://localhost:8000/up
allow: [burst, malformed]
known_failing: kometia-known.txt
pace: 60/m
schemas: ./kometia-schemas
assume: {timeout: confirmed}
retry: {interval: 1h, window: 48h}
live_orders: true
intended: [{kinds: [product.*], when: {data.object.is_active: false}, unless: {data.object.price: [0, null]}}]
`

var _ = Describe("kometia-sim.yaml", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("takes every key", func() {
		Expect(main.ReadConfig("f", []byte(fullConfig))).To(Succeed())
		Expect(main.ReadConfig("f", []byte("subscriptions: [{url: http://localhost/a, kinds: [order.paid]}, {url: http://localhost/b}]"))).To(Succeed())
		for _, sink := range []string{"127.0.0.1:9099", "[127.0.0.1:9099, 127.0.0.1:9098]", "{erp: 127.0.0.1:9099, mail: 127.0.0.1:9098}"} {
			Expect(main.ReadConfig("f", []byte("observe: {sink: "+sink+", sink_key: body.order.id, url: 'http://localhost/{event.id}'}"))).To(Succeed(), sink)
		}
		for _, empty := range []string{"", "# nothing\n", "---\n"} {
			Expect(main.ReadConfig("f", []byte(empty))).To(Succeed(), "%q", empty)
		}
	})

	It("reads what Windows' Notepad writes", func() {
		sh.write("kometia-sim.yaml", "\ufefftarget: http://"+deadAddress()+"\r\nlang: es\r\n")
		Expect(sh.run("send", "order.paid").code).To(Equal(3))
	})

	DescribeTable("points at what is wrong", func(content, place, say string) {
		sh.write("kometia-sim.yaml", content)
		res := sh.run("send", "order.paid")
		Expect(res.code).To(Equal(2))
		Expect(res.out).To(BeEmpty())
		Expect(res.err).To(ContainSubstring("kometia-sim.yaml:" + place))
		Expect(res.err).To(ContainSubstring(say))
		Expect(res.err).NotTo(ContainSubstring("goroutine"))
	},
		Entry("unknown key", "timeout: 10s\ntarjet: http://localhost\n", "2:1: ", `unknown key "tarjet" (did you mean target?)`),
		Entry("unknown key within", "api: {lisen: 127.0.0.1:1}\n", "1:7: ", "did you mean listen?"),
		Entry("unknown key, nothing near", "zzz: 1\n", "1:1: ", "known: allow, api, assume"),
		Entry("key twice", "timeout: 1s\ntimeout: 2s\n", "2:1: ", "timeout"),
		Entry("duration without unit", "timeout: 10\n", "1:10: ", "such as 10s"),
		Entry("negative duration", "retry: {interval: -1h}\n", "1:19: ", "such as 10s"),
		Entry("no URL", "target: localhost:8000/x\n", "1:9: ", "http://localhost:8000/x"),
		Entry("no host", "target: http:///x\n", "1:9: ", "missing host"),
		Entry("unknown flaw", "target: practice:nope\n", "1:9: ", "list flaws"),
		Entry("command as text", "drain: php artisan queue:work\n", "1:8: ", "[php, artisan, queue:work]"),
		Entry("sink without a port", "observe: {sink: [127.0.0.1:1, localhost]}\n", "1:31: ", "is no address"),
		Entry("named sink without a port", "observe: {sink: {erp: localhost}}\n", "1:23: ", "is no address"),
		Entry("no sink at all", "observe: {sink: {}}\n", "1:17: ", "it is empty"),
		Entry("bad key of a sink", "observe: {sink_key: \"a b\"}\n", "1:21: ", "is no header"),
		Entry("bad class", "allow: [brust]\n", "1:9: ", "did you mean burst?"),
		Entry("bad header", "headers: {\"a b\": x}\n", "1:11: ", "bad header name"),
		Entry("bad language", "lang: fr\n", "1:7: ", "use es or en"),
		Entry("bad assumption", "assume: {timout: confirmed}\n", "1:10: ", "did you mean timeout?"),
		Entry("unconfirmed assumption", "assume: {timeout: maybe}\n", "1:10: ", "write confirmed"),
		Entry("subscription without url", "subscriptions:\n  - kinds: [order.paid]\n", "2:", "no url"),
		Entry("a list at the top", "- a\n", "1:", "expected keys"),
		Entry("no YAML", "target: [\n", "", "no YAML"),
		Entry("a tab", "api:\n\tlisten: x\n", "", "no YAML"),
		Entry("two documents", "lang: es\n---\nlang: en\n", "3:", "second document"),
	)

	It("draws a caret under it", func() {
		sh.write("kometia-sim.yaml", "lang: en\n  \nretry: {intervall: 1h}\n")
		Expect(sh.run("send", "order.paid").err).To(Equal(strings.Join([]string{
			`kometia-sim: error: kometia-sim.yaml:3:9: unknown key "intervall" (did you mean interval?)`,
			`    3 | retry: {intervall: 1h}`,
			`      |         ^`, "",
		}, "\n")))
	})

	It("tells all mistakes at once", func() {
		sh.write("kometia-sim.yaml", "tarjet: x\ntimeout: 10\nlang: fr\nallow: [x]\ntarget: http://localhost\nsubscriptions: [{url: http://localhost}]\ndown: [x]\nobserve: {url: x, command: [x]}\nretry: {interval: 2h, window: 1ms}\n")
		err := sh.run("run").err
		for _, say := range []string{"tarjet", ":2:10", ":3:7", ":4:9", "both target and subscriptions", "down and up", "choose one of"} {
			Expect(err).To(ContainSubstring(say))
		}
	})

	It("reads the file that --config names, and fails when there is none", func() {
		r := newReceiver(200)
		sh.write("other.yaml", "target: "+r.URL+"\nlang: es\n")
		Expect(sh.run("send", "order.paid", "--config", "other.yaml").out).To(ContainSubstring("RECIBIDO"))
		res := sh.run("send", "order.paid", "--config", "nope.yaml")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring("nope.yaml"))
	})

	It("is described by the published schema, key by key", func() {
		printed := sh.run("schema", "config").out
		parsed, err := jsonschema.UnmarshalJSON(strings.NewReader(printed))
		Expect(err).NotTo(HaveOccurred())
		compiler := jsonschema.NewCompiler()
		Expect(compiler.AddResource("config.json", parsed)).To(Succeed())
		schema, err := compiler.Compile("config.json")
		Expect(err).NotTo(HaveOccurred())
		asJSON, err := yaml.YAMLToJSON([]byte(fullConfig))
		Expect(err).NotTo(HaveOccurred())
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
		Expect(err).NotTo(HaveOccurred())
		Expect(schema.Validate(instance)).To(Succeed())

		var root map[string]any
		Expect(json.Unmarshal([]byte(printed), &root)).To(Succeed())
		objects := 0
		var visit func(schema map[string]any, wrap string)
		visit = func(schema map[string]any, wrap string) {
			properties, ok := schema["properties"].(map[string]any)
			if !ok {
				return
			}
			objects++
			err := main.ReadConfig("f", []byte(fmt.Sprintf(wrap, "zzzzzz: 1")))
			Expect(err).To(HaveOccurred())
			known := regexp.MustCompile(`known: ([^)]*)\)`).FindStringSubmatch(err.Error())
			Expect(known).NotTo(BeNil(), err.Error())
			var names []string
			for name := range properties {
				names = append(names, name)
			}
			sort.Strings(names)
			Expect(strings.Split(known[1], ", ")).To(Equal(names))
			for name, property := range properties {
				p := property.(map[string]any)
				if items, ok := p["items"].(map[string]any); ok {
					visit(items, fmt.Sprintf(wrap, name+": [{%s}]"))
				}
				visit(p, fmt.Sprintf(wrap, name+": {%s}"))
			}
		}
		visit(root, "{%s}")
		Expect(objects).To(Equal(7))
	})
})
