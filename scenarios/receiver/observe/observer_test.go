package observe_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

var _ = Describe("a config", func() {
	DescribeTable("is told all that is wrong with it", func(cfg observe.Config, mistakes ...string) {
		o, err := observe.New(context.Background(), cfg)
		Expect(o).To(BeNil())
		Expect(err).To(HaveOccurred())
		for _, m := range mistakes {
			Expect(err).To(MatchError(ContainSubstring(m)))
		}
	},
		Entry("nothing", observe.Config{}, "command, url, log or sink is needed, none is given"),
		Entry("two", observe.Config{URL: "http://x/{event.id}", Command: []string{"x"}}, "command and url are given"),
		Entry("two and a sink", observe.Config{URL: "http://x/{event.id}", Command: []string{"x"}, Sinks: at("127.0.0.1:0")}, "command and url and sink are given"),
		Entry("two sinks of one name", observe.Config{Sinks: []observe.SinkConfig{{Name: "erp", Address: "127.0.0.1:0"}, {Name: "erp", Address: "127.0.0.1:0"}}}, `"erp" stands twice`),
		Entry("a key that is no header", observe.Config{Sinks: at("127.0.0.1:0"), SinkKey: "a key"}, `sink_key: "a key" is no header`),
		Entry("a key without a path", observe.Config{Sinks: at("127.0.0.1:0"), SinkKey: "body."}, `sink_key: "body." is no path`),
		Entry("all at once", observe.Config{
			Command: []string{"{event.id}", "{event.ids}"}, URL: "ftp://h/{pedido}", Log: observe.LogConfig{File: "/nowhere/x.log", Pattern: "("},
			Sinks: at("0.0.0.0:99"), Dir: "/nowhere", Timeout: -1, StateMap: map[string]string{"a": "data.[", "b": "object.price", "": "data.object"},
		},
			"a placeholder cannot be the program", "{event.ids} (did you mean {event.id}?)", "unknown placeholder {pedido}", "missing closing )",
			"/nowhere: no such file", "127.0.0.1:99", "timeout -1ns is negative", "state_map: a:", "state_map: b: \"object.price\" is no path", "without a name"),
		Entry("placeholder misspelt", observe.Config{Command: []string{"x", "{event_id}"}}, "did you mean {event.id}?"),
		Entry("placeholder short", observe.Config{Command: []string{"x", "{id}"}}, "unknown placeholder {id}"),
		Entry("URL without a host", observe.Config{URL: "http:///x"}, "no http:// or https:// address"),
		Entry("URL that is none", observe.Config{URL: "http://u:secret@h:port/x"}, "http://***@h:port/x", "port"),
		Entry("braces in a URL", observe.Config{URL: "http://h/{ event.id }"}, "braces"),
		Entry("placeholder in the host", observe.Config{URL: "http://{event.id}/x"}, "part of the host"),
		Entry("log without a pattern", observe.Config{Log: observe.LogConfig{File: "x.log"}}, "pattern is missing"),
		Entry("log without a file", observe.Config{Log: observe.LogConfig{Pattern: "x"}}, "file is missing"),
		Entry("log that is a folder", observe.Config{Log: observe.LogConfig{File: os.TempDir(), Pattern: "x"}}, "no regular file"),
		Entry("state of a log", observe.Config{Log: observe.LogConfig{File: "x.log", Pattern: "x"}, StateMap: map[string]string{"a": "data.object.price"}}, "state_map needs url or command: log shows nothing"),
		Entry("state of a sink", observe.Config{Sinks: at("127.0.0.1:0"), StateMap: map[string]string{"a": "data.object.price"}}, "sink shows nothing of what is kept"),
		Entry("sink without a port", observe.Config{Sinks: at("127.0.0.1")}, "write for example 127.0.0.1:9099"),
		Entry("sink with a bad port", observe.Config{Sinks: at("127.0.0.1:web")}, `"web" is no port`),
		Entry("sink for everyone", observe.Config{Sinks: at(":9099")}, "write 127.0.0.1:9099"),
		Entry("folder that is a file", observe.Config{Sinks: at("127.0.0.1:0"), Dir: "observer_test.go"}, "is no folder"),
	)

	It("hides the password of a URL", func() {
		_, err := observe.New(context.Background(), observe.Config{URL: "http://u:geheim@h:port/x"})
		Expect(err.Error()).NotTo(ContainSubstring("geheim"))
	})

	It("lets arguments have braces of their own", func() {
		must(observe.Config{Command: []string{"awk", "{print $1}", `{"a":1}`, "{print}", "{event.id}"}})
	})

	It("takes every good state_map", func() {
		must(observe.Config{URL: "http://h/{event.id}", StateMap: map[string]string{"precio": "data.object.price", "uno": `data.object.items[0]["a.b"]`}})
	})

	DescribeTable("names its way", func(cfg observe.Config, way string, zero bool) {
		Expect(cfg.Way()).To(Equal(way))
		Expect(cfg.Zero()).To(Equal(zero))
	},
		Entry(nil, observe.Config{}, "", true),
		Entry(nil, observe.Config{Dir: "x", StateMap: map[string]string{"a": "b"}}, "", true),
		Entry(nil, observe.Config{Command: []string{"x"}}, "command", false),
		Entry(nil, observe.Config{URL: "x"}, "url", false),
		Entry(nil, observe.Config{Log: observe.LogConfig{Pattern: "x"}}, "log", false),
		Entry(nil, observe.Config{Sinks: at("x")}, "sink", false),
		Entry(nil, observe.Config{Sinks: at("x"), URL: "x"}, "url+sink", false),
	)

	It("tells whom it can be asked about", func() {
		product := observe.Subject{EventID: "evn_c1", ObjectID: "prd_c1"}
		Expect(observe.Config{URL: "http://h/{event.id}/{object.id}"}.Covers(product)).To(BeTrue())
		Expect(observe.Config{URL: "http://h/?n={order.number}"}.Covers(product)).To(BeFalse())
		Expect(observe.Config{Command: []string{"x", "{order.number}"}}.Covers(product)).To(BeFalse())
		Expect(observe.Config{Command: []string{"x", "{order.number}"}}.Covers(subject(1))).To(BeTrue())
		Expect(observe.Config{Sinks: at("127.0.0.1:0")}.Covers(product)).To(BeTrue())
	})

	It("frees the port of a sink when something else is wrong", func() {
		_, err := observe.New(context.Background(), observe.Config{Sinks: append(at("127.0.0.1:0"), at("192.0.2.1:99")...), URL: "http://h/{event.id}"})
		Expect(err).To(HaveOccurred())
	})

	It("resolves a log file against its folder", func(ctx SpecContext) {
		dir := GinkgoTB().TempDir()
		o := must(observe.Config{Dir: dir, Log: observe.LogConfig{File: "app.log", Pattern: "x"}})
		Expect(os.WriteFile(filepath.Join(dir, "app.log"), []byte(strings.Repeat("x evn_c1\n", 3)), 0o600)).To(Succeed())
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{3}))
	})
})
