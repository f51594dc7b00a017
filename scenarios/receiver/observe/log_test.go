package observe_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"pgregory.net/rapid"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

func text(s string) *string { return &s }

var _ = Describe("a log", func() {
	var dir, file string
	BeforeEach(func() {
		dir = GinkgoTB().TempDir()
		file = filepath.Join(dir, "laravel.log")
	})
	write := func(name string, text ...string) {
		GinkgoHelper()
		f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		Expect(err).NotTo(HaveOccurred())
		_, err = f.WriteString(strings.Join(text, ""))
		Expect(err).NotTo(HaveOccurred())
		Expect(f.Close()).To(Succeed())
	}
	follow := func(pattern string) observe.Observer {
		GinkgoHelper()
		return must(observe.Config{Log: observe.LogConfig{File: file, Pattern: pattern}})
	}

	DescribeTable("is doubted before the first request when it would show nothing", func(content *string, es, en string) {
		if content != nil {
			write(file, *content)
		}
		doubts := observe.Config{Log: observe.LogConfig{File: "laravel.log", Pattern: "pedido creado"}, Dir: dir}.Doubts()
		if en == "" {
			Expect(doubts).To(BeEmpty())
			return
		}
		Expect(doubts).To(HaveLen(1))
		Expect(doubts[0].ES).To(And(ContainSubstring(es), ContainSubstring(file)))
		Expect(doubts[0].EN).To(And(ContainSubstring(en), ContainSubstring(file)))
	},
		Entry("no file", nil, "todavía no existe", "does not exist yet"),
		Entry("an empty file", new(string), "", ""),
		Entry("a pattern that never matched", text("local.INFO: inicio\nlocal.INFO: order created evn_c1\n"), "ninguna de las 2 líneas", `none of the 2 lines`),
		Entry("lines without an id", text("pedido creado 4711\notra\n"), "ninguna tiene el id", "none has the id"),
		Entry("a pattern that has matched", text("inicio\r\npedido creado evn_c1\r\n"), "", ""),
		Entry("one that matched long ago", text("pedido creado evn_c1\n"+strings.Repeat("x\n", 1<<20)), "ninguna de las", "none of the"),
	)

	DescribeTable("counts lines", func(ctx SpecContext, lines string, want int) {
		o := follow("pedido|mail")
		write(file, lines)
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{want}))
	},
		Entry("with the event", "pedido evn_c1\n", 1),
		Entry("with the object", "pedido ord_c1\n", 1),
		Entry("with both, once", "pedido ord_c1 evn_c1 evn_c1\n", 1),
		Entry("one of each", "pedido evn_c1 ord_c1\nmail ord_c1\n", 2),
		Entry("not of another event about the object", "pedido evn_c2 ord_c1\n", 0),
		Entry("not of another object", "pedido ord_c2\n", 0),
		Entry("not without the pattern", "evn_c1\n", 0),
		Entry("not of a longer id", "pedido evn_c11\npedido evn_c1X\npedido evn_c1a\n", 0),
		Entry("in quotes, words and JSON", `pedido "evn_c1"`+"\n"+`pedido {\"id\":\"evn_c1\"}`+"\npedido_evn_c1_v2\npedido=%22evn_c1%22\n", 4),
		Entry("with CRLF", "pedido evn_c1\r\npedido evn_c1\r\n", 2),
		Entry("in broken UTF-8", "\xff pedido \xfeevn_c1\xff\n", 1),
		Entry("only when they have ended", "pedido evn_c1\npedido evn_c1", 1),
		Entry("empty", "\n\n\n", 0),
	)

	It("anchors the pattern to the line", func(ctx SpecContext) {
		o := follow(`^pedido creado .*c1$`)
		write(file, "pedido creado evn_c1\r\nx pedido creado evn_c1\npedido creado evn_c1 \n")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{1}))
	})

	It("begins behind what was there", func(ctx SpecContext) {
		write(file, "pedido evn_c1\nantes ")
		o := follow("pedido")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{0}))
		write(file, "pedido evn_c1\npedido evn_c1\n")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{1}), "a line that began before is not ours")
	})

	It("counts a line once its end has come", func(ctx SpecContext) {
		o := follow("pedido")
		write(file, "pedido ev")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{0}))
		write(file, "n_c1")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{0}))
		write(file, "\n")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{1}))
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{1}))
	})

	It("waits for a file that is not there yet", func(ctx SpecContext) {
		o := follow("pedido")
		Expect(counts(ctx, o, subjects(2)...)).To(Equal([]int{0, 0}))
		write(file, "pedido evn_c1\n")
		Expect(counts(ctx, o, subjects(2)...)).To(Equal([]int{0, 1}))
	})

	It("goes on after a truncation", func(ctx SpecContext) {
		write(file, strings.Repeat("antes\n", 100))
		o := follow("pedido")
		write(file, "pedido evn_c1\npedido ev")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{1}))
		Expect(os.Truncate(file, 0)).To(Succeed())
		write(file, "pedido evn_c1\n")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{2}))
	})

	It("goes on after rotations, and reads the old file to its end", func(ctx SpecContext) {
		o := follow("pedido")
		write(file, "pedido evn_c1\n")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{1}))
		write(file, "pedido evn_c1\n")
		Expect(os.Rename(file, file+".1")).To(Succeed())
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{2}), "no new file yet")
		write(file+".1", "pedido evn_c1\n")
		write(file, "pedido evn_c1\n")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{4}))
		write(file+".1", "pedido evn_c1\n")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{5}), "a worker still writes to the old file")
		for i := range 20 {
			Expect(os.Remove(file)).To(Succeed())
			write(file, "pedido evn_c1\n")
			Expect(counts(ctx, o, subject(1))).To(Equal([]int{6 + i}), "a new file of the same name")
		}
	})

	It("looks at the beginning of a line without end", func(ctx SpecContext) {
		o := follow("pedido")
		long := strings.Repeat("x", 1<<20)
		write(file, "pedido evn_c1 ", long, long, " evn_c2\n", "pedido evn_c3\n")
		Expect(counts(ctx, o, subjects(4)...)).To(Equal([]int{0, 1, 0, 1}))
	})

	It("says when it cannot be read", func(ctx SpecContext) {
		o := follow("pedido")
		Expect(os.Mkdir(file, 0o700)).To(Succeed())
		_, err := o.Observe(ctx, subjects(1))
		Expect(failure(err).Kind).To(Equal(observe.Missing))
		Expect(err).To(MatchError(ContainSubstring("no regular file")))
	})

	It("tells when its folder has gone", func(ctx SpecContext) {
		o := follow("pedido")
		Expect(os.Remove(dir)).To(Succeed())
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{0}))
		Expect(os.Mkdir(dir, 0o700)).To(Succeed())
		write(file, "pedido evn_c1\n")
		Expect(counts(ctx, o, subject(1))).To(Equal([]int{1}))
	})

	It("sees each line once, however it is written, cut, rotated and asked for", func(ctx SpecContext) {
		round := 0
		rapid.Check(GinkgoTB(), func(t *rapid.T) {
			round++
			file := filepath.Join(dir, fmt.Sprintf("%d.log", round))
			o, err := observe.New(context.Background(), observe.Config{Log: observe.LogConfig{File: file, Pattern: "pedido"}})
			Expect(err).NotTo(HaveOccurred())
			defer func() { Expect(observe.Close(o)).To(Succeed()) }()
			want := make([]int, 4)
			line, sent, rotations := "", 0, 0
			for range rapid.IntRange(1, 30).Draw(t, "steps") {
				switch rapid.SampledFrom([]string{"write", "write", "write", "look", "rotate"}).Draw(t, "step") {
				case "write":
					if sent == len(line) {
						n := rapid.IntRange(0, 3).Draw(t, "event")
						line, sent = fmt.Sprintf("pedido %s evn_c%d\n", strings.Repeat("é", rapid.IntRange(0, 50).Draw(t, "length")), n), 0
					}
					to := rapid.IntRange(sent+1, len(line)).Draw(t, "to")
					write(file, line[sent:to])
					if sent = to; sent == len(line) {
						want[line[len(line)-2]-'0']++
					}
				case "look":
					Expect(counts(ctx, o, subjects(4)...)).To(Equal(want))
				case "rotate":
					// Two rotations between two looks lose the file between.
					Expect(counts(ctx, o, subjects(4)...)).To(Equal(want))
					if _, err := os.Stat(file); err == nil && sent == len(line) {
						rotations++
						Expect(os.Rename(file, fmt.Sprintf("%s.%d", file, rotations))).To(Succeed())
					}
				}
			}
			Expect(counts(ctx, o, subjects(4)...)).To(Equal(want))
		})
	})
})
