//go:build unix

package observe_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

// shell is an observer that runs a script with the placeholders as $1, $2 ...
func shell(script string, args ...string) observe.Config {
	return observe.Config{Command: append([]string{"sh", "-c", script, "sh"}, args...)}
}

var _ = Describe("a command", func() {
	DescribeTable("is refused before the first request when its program is not there", func(program, text string) {
		_, err := observe.New(context.Background(), observe.Config{Command: []string{program, "{event.id}"}, Dir: GinkgoTB().TempDir()})
		Expect(err).To(MatchError(text))
	},
		Entry("by name", "no-such-program", "observe: command: program no-such-program not found"),
		Entry("by path", "./no-such-program", "observe: command: program ./no-such-program not found"),
	)

	It("finds its program in the working folder", func(ctx SpecContext) {
		dir := GinkgoTB().TempDir()
		Expect(os.WriteFile(filepath.Join(dir, "effects"), []byte("#!/bin/sh\necho 3\n"), 0o700)).To(Succeed())
		o := must(observe.Config{Command: []string{"./effects", "{event.id}"}, Dir: dir})
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{3}))
	})

	DescribeTable("answers for one event", func(ctx SpecContext, printed string, effects int, state map[string]any) {
		o := must(shell(`printf '%s\n' "$2"`, "{event.id}", printed))
		readings, err := o.Observe(ctx, []observe.Subject{subject(1)})
		Expect(err).NotTo(HaveOccurred())
		Expect(readings).To(HaveLen(1))
		Expect(readings[0].Effects).To(Equal(effects))
		if state == nil {
			Expect(readings[0].State).To(BeNil())
		} else {
			Expect(readings[0].State).To(HaveLen(len(state)))
			Expect(readings[0].State["precio"]).To(BeEquivalentTo(state["precio"]))
		}
	},
		Entry("an integer", "2", 2, nil),
		Entry("with spaces", "  0  ", 0, nil),
		Entry("with a byte order mark", "\ufeff3", 3, nil),
		Entry("an object", `{"effects":1}`, 1, nil),
		Entry("with a state", `{"effects":1,"state":{"precio":12.50}}`, 1, map[string]any{"precio": "12.50"}),
		Entry("without a state", `{"effects":1,"state":null}`, 1, nil),
		Entry("a map by event", `{"evn_c1":4,"evn_c2":9}`, 4, nil),
		Entry("a map by object", `{"ord_c1":{"effects":5,"state":{"precio":1}}}`, 5, map[string]any{"precio": "1"}),
	)

	DescribeTable("is told what is wrong with its response", func(ctx SpecContext, printed, es, en string) {
		o := must(shell(`printf '%s\n' "$2"`, "{event.id}", printed))
		_, err := o.Observe(ctx, []observe.Subject{subject(1)})
		e := failure(err)
		Expect(e.Kind).To(Equal(observe.Unreadable))
		Expect(e.What).To(Equal("observe.command"))
		Expect(e.Subject).To(Equal("evn_c1"))
		Expect(e.Text.ES).To(Equal(es))
		Expect(e.Text.EN).To(Equal(en))
		Expect(err).To(MatchError("observe.command: evn_c1: " + en))
	},
		Entry("words", "no hay base\nmás", "la respuesta no es un número ni JSON: no hay base", "the response is neither a number nor JSON: no hay base"),
		Entry("nothing", "", "la respuesta está vacía", "the response is empty"),
		Entry("negative", "-1", "la cuenta -1 es negativa: -1", "the count -1 is negative: -1"),
		Entry("broken number", "1.5", "la cuenta 1.5 no es un entero: 1.5", "the count 1.5 is no whole number: 1.5"),
		Entry("endless number", "99999999999", "la cuenta 99999999999 no es un entero: 99999999999", "the count 99999999999 is no whole number: 99999999999"),
		Entry("two values", "1 2", "la respuesta no es un número ni JSON: 1 2", "the response is neither a number nor JSON: 1 2"),
		Entry("an error in JSON", `{"error":"x"}`, `la respuesta no dice "effects" ni "state": {"error":"x"}`, `the response has neither "effects" nor "state": {"error":"x"}`),
		Entry("effects that are nothing", `{"effects":null}`, `"effects" es null: {"effects":null}`, `"effects" is null: {"effects":null}`),
		Entry("an effect that is no number", `{"effects":{"mail":"x"}}`, `la respuesta no es un número: {"effects":{"mail":"x"}}`, `the response is no number: {"effects":{"mail":"x"}}`),
		Entry("a text", `"1"`, `la respuesta no es un número: "1"`, `the response is no number: "1"`),
		Entry("a list", `[1]`, `la respuesta no es un número: [1]`, `the response is no number: [1]`),
		Entry("state that is none", `{"effects":1,"state":[]}`, `"state" no es un objeto: {"effects":1,"state":[]}`, `"state" is no object: {"effects":1,"state":[]}`),
		Entry("control characters", "\x1b[31mrojo\x07\xff", "la respuesta no es un número ni JSON: ·[31mrojo··", "the response is neither a number nor JSON: ·[31mrojo··"),
		Entry("a long line", strings.Repeat("a", 300),
			"la respuesta no es un número ni JSON: "+strings.Repeat("a", 200)+"…", "the response is neither a number nor JSON: "+strings.Repeat("a", 200)+"…"),
	)

	DescribeTable("is told how it failed", func(ctx SpecContext, cfg observe.Config, kind observe.Kind, en string) {
		_, err := must(cfg).Observe(ctx, subjects(3))
		e := failure(err)
		Expect(e.Kind).To(Equal(kind))
		Expect(e.Text.EN).To(HavePrefix(en))
		Expect(e.Subject).To(HavePrefix("evn_c"))
	},
		Entry("exit code", shell("echo 1; echo ' could not connect' >&2; echo more >&2; exit 3", "{event.id}"), observe.Failed, "sh ended with exit status 3: could not connect"),
		Entry("signal", shell("kill -9 $$", "{event.id}"), observe.Failed, "sh ended with signal: killed"),
		Entry("too much", shell("head -c 8388609 /dev/zero | tr '\\0' 1", "{event.id}"), observe.Unreadable, "the response is longer than 8 MiB"),
	)

	It("is not asked with a value that the subject lacks", func(ctx SpecContext) {
		o := must(shell("echo 1", "{order.number}"))
		s := subject(1)
		s.EventKind, s.OrderNumber = "product.updated", ""
		_, err := o.Observe(ctx, []observe.Subject{s})
		e := failure(err)
		Expect(e.Kind).To(Equal(observe.Unnamed))
		Expect(e.Text.EN).To(Equal("an event product.updated has no {order.number}"))
		Expect(e.Text.ES).To(Equal("un evento product.updated no tiene {order.number}"))
	})

	It("is killed with its children when it is slow", func(ctx SpecContext) {
		marker := filepath.Join(GinkgoTB().TempDir(), "pid")
		cfg := shell(`sh -c 'echo $$ > "$1"; exec sleep 600' sh "$1" & wait`, marker, "{event.id}")
		cfg.Timeout = 300 * time.Millisecond
		_, err := must(cfg).Observe(ctx, []observe.Subject{subject(1)})
		Expect(failure(err).Kind).To(Equal(observe.Slow))
		Expect(failure(err).Text.EN).To(Equal("sh took longer than 300ms"))
		pid, err := os.ReadFile(marker) // also proof that the child ran
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() bool { return alive(strings.TrimSpace(string(pid))) }).Should(BeFalse())
	}, SpecTimeout(20*time.Second))

	It("ends with its caller, which is no failure of it", func(ctx SpecContext) {
		o := must(shell("exec sleep 600", "{event.id}"))
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		_, err := o.Observe(short, subjects(20))
		Expect(err).To(MatchError(context.DeadlineExceeded))
	}, SpecTimeout(20*time.Second))

	It("does not wait for what it leaves running, and ends it", func(ctx SpecContext) {
		file := filepath.Join(GinkgoTB().TempDir(), "pid")
		o := must(shell("sleep 600 & echo $! > $2; echo 7", "{event.id}", file))
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{7}))
		pid, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() bool { return alive(strings.TrimSpace(string(pid))) }).Should(BeFalse())
	}, SpecTimeout(20*time.Second))

	It("gets its arguments as they are, past any shell", func(ctx SpecContext) {
		dir := GinkgoTB().TempDir()
		o := must(shell(`printf '%s|' "$@" > "$1"; echo 0`, filepath.Join(dir, "out"),
			"{event.id}", "{event.kind}/{object.type}", "{object.id}", "n={order.number}"))
		s := subject(1)
		s.ObjectID = "ord_1; $(rm -rf /) {event.id}"
		counts(ctx, o, s)
		got, err := os.ReadFile(filepath.Join(dir, "out"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(got)).To(HaveSuffix("|evn_c1|order.placed/order|ord_1; $(rm -rf /) {event.id}|n=90001|"))
	})

	It("has the folder and the environment that it was given", func(ctx SpecContext) {
		dir := GinkgoTB().TempDir()
		Expect(os.WriteFile(filepath.Join(dir, "n"), []byte("4"), 0o600)).To(Succeed())
		cfg := shell(`echo "$(cat n)$KOMETIA_TEST"`, "{event.id}")
		cfg.Dir, cfg.Env = dir, func() []string { return []string{"KOMETIA_TEST=2"} }
		Expect(counts(ctx, must(cfg), subject(1))).To(Equal([]int{42}))
	})

	It("runs several at once, but not all", func(ctx SpecContext) {
		dir := GinkgoTB().TempDir()
		// Each counts those that run with it.
		o := must(shell(`mkdir "$1/$2"; ls "$1" | wc -l >> "$1.log"; rmdir "$1/$2"; echo "${2#evn_c}"`, filepath.Join(dir, "d"), "{event.id}"))
		Expect(os.Mkdir(filepath.Join(dir, "d"), 0o700)).To(Succeed())
		got := counts(ctx, o, subjects(40)...)
		for i, n := range got {
			Expect(n).To(Equal(i))
		}
		log, err := os.ReadFile(filepath.Join(dir, "d.log"))
		Expect(err).NotTo(HaveOccurred())
		for _, n := range strings.Fields(string(log)) {
			Expect(n).To(HaveLen(1))
			Expect(n <= "8").To(BeTrue(), n)
		}
	}, SpecTimeout(time.Minute))

	Context("without placeholders", func() {
		It("is asked once for all, with a list of ids", func(ctx SpecContext) {
			file := filepath.Join(GinkgoTB().TempDir(), "in")
			o := must(shell(`cat > "$1"; echo '{"evn_c0":1,"evn_c2":{"effects":2,"state":{"a":1}},"otro":7}'`, file))
			two := subjects(3)
			two[1].ObjectID = two[0].ObjectID
			readings, err := o.Observe(ctx, two)
			Expect(err).NotTo(HaveOccurred())
			Expect(effects(readings)).To(Equal([]int{1, 0, 2}))
			Expect(readings[2].State).To(HaveKey("a"))
			asked, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			Expect(string(asked)).To(Equal(`["evn_c0","ord_c0","evn_c1","evn_c2","ord_c2"]`))
			Expect(counts(ctx, o)).To(BeEmpty())
		})

		It("may count by object", func(ctx SpecContext) {
			o := must(shell(`cat > /dev/null; echo '{"ord_c0":1}'`))
			Expect(counts(ctx, o, subjects(2)...)).To(Equal([]int{1, 0}))
		})

		It("counts by event for ever once it did", func(ctx SpecContext) {
			dir := GinkgoTB().TempDir()
			o := must(observe.Config{Command: []string{"cat", "answer"}, Dir: dir})
			answer := func(text string) {
				Expect(os.WriteFile(filepath.Join(dir, "answer"), []byte(text), 0o600)).To(Succeed())
			}
			answer(`{"evn_c0":1,"ord_c0":2,"ord_c1":{"effects":5,"state":{"a":1}}}`)
			Expect(counts(ctx, o, subjects(2)...)).To(Equal([]int{1, 0}))
			answer(`{"ord_c1":{"effects":5,"state":{"a":1}}}`)
			readings, err := o.Observe(ctx, []observe.Subject{subject(1)})
			Expect(err).NotTo(HaveOccurred())
			Expect(readings[0].Effects).To(BeZero())
			Expect(readings[0].State).To(HaveKey("a"))
		})

		DescribeTable("has to print a map", func(ctx SpecContext, printed, text string) {
			o := must(shell(`cat > /dev/null; printf '%s' "$1"`, printed))
			_, err := o.Observe(ctx, subjects(2))
			Expect(failure(err).Kind).To(Equal(observe.Unreadable))
			Expect(err).To(MatchError(ContainSubstring(text)))
		},
			Entry("a number", "3", "expected a map by id"),
			Entry("one observation", `{"effects":3}`, "expected a map by id"),
			Entry("an error", `{"error":"no table"}`, "error: the response is no number"),
			Entry("a negative", `{"evn_c0":-2}`, "evn_c0: the count -2 is negative"),
		)

		It("need not read its input", func(ctx SpecContext) {
			o := must(observe.Config{Command: []string{"echo", "{}"}})
			Expect(counts(ctx, o, subjects(5000)...)).To(HaveLen(5000))
		})
	})
})
