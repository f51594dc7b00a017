package main_test

import (
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("send", func() {
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("changes and removes what it is told to, and warns when the schema is left", func() {
		r := newReceiver(200)
		res := sh.run("send", "order.paid", "--to", r.URL, "--set", "data.object.total_price=100", "--set", "data.object.email=a=b@example.com")
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.err).NotTo(ContainSubstring("warning"))
		Expect(values(r.got()[0])).To(SatisfyAll(HaveKeyWithValue("total_price", 100.0), HaveKeyWithValue("email", "a=b@example.com")))
		Expect(res.out).To(ContainSubstring("$1.00 MXN"))
		res = sh.run("send", "order.paid", "--to", r.URL, "--set", "data.object.total_price=mucho", "--unset", "data.object.items")
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.err).To(ContainSubstring("no longer keeps to its schema"))
		Expect(values(r.got()[1])).To(HaveKeyWithValue("total_price", "mucho"))
		Expect(values(r.got()[1])).NotTo(HaveKey("items"))
	})

	It("sends the bytes of --data as they are", func() {
		r := newReceiver(200)
		sh.write("raw.bin", "no json \x00\xff\r\n")
		res := sh.run("send", "--data", "raw.bin", "--to", r.URL)
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.err).To(ContainSubstring("no valid event"))
		Expect(string(r.got()[0])).To(Equal("no json \x00\xff\r\n"))

		sh.stdin = sh.run("send", "product.created", "--dry-run").out
		res = sh.run("send", "--data", "-", "--to", r.URL)
		Expect(res.code).To(Equal(0), res.err)
		Expect(res.err).To(BeEmpty())
		Expect(res.out).To(ContainSubstring("product.created"))
		Expect(string(r.got()[1])).To(Equal(sh.stdin))
	})

	It("refuses more than 16 MiB of data", func() {
		sh.stdin = strings.Repeat(" ", 16<<20+1)
		res := sh.run("send", "--data", "-", "--to", newReceiver(200).URL)
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(ContainSubstring("more than 16 MiB"))
	})

	It("shows instead of sending", func() {
		r := newReceiver(200)
		res := sh.run("send", "order.paid", "--dry-run", "--to", r.URL+"/a?b=c", "-H", "X-One: 1")
		Expect(res.code).To(Equal(0))
		Expect(res.err).To(HavePrefix("POST /a?b=c HTTP/1.1\r\nHost: "))
		Expect(res.err).To(ContainSubstring("X-One: 1\r\n"))
		Expect(json.Valid([]byte(res.out))).To(BeTrue())
		Expect(res.out).NotTo(HaveSuffix("\n"))
		Expect(sh.run("send", "order.paid", "--dry-run").code).To(Equal(0), "no target is needed")
		Expect(r.got()).To(BeEmpty())
		Expect(filepath.Join(sh.dir, ".kometia-sim")).NotTo(BeADirectory())
	})

	DescribeTable("prints a curl command that sends the same bytes", func(ctx context.Context, data string) {
		if _, err := exec.LookPath("curl"); err != nil {
			Skip("SKIPPED: curl is not installed, so --curl is unproved here")
		}
		r := newReceiver(200)
		sh.stdin = data
		args := []string{"send", "--data", "-", "--allow-empty", "--to", r.URL + "/it's?a=$HOME&b=`x`", "-H", "X-Quote: it's \"$HOME\"", "-H", "X-Empty:"}
		res := sh.run(append(args, "--curl")...)
		Expect(res.code).To(Equal(0), res.err)
		Expect(sh.run(args...).code).To(Equal(0))
		cmd := exec.CommandContext(ctx, "sh", sh.write("it.sh", res.out))
		out, err := cmd.CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), string(out))
		Expect(r.got()).To(HaveLen(2))
		Expect(r.got()[1]).To(Equal(r.got()[0]))
		Expect(r.heads[1]).To(Equal(r.heads[0]))
		Expect(r.paths[1]).To(Equal(r.paths[0]))
	},
		Entry("an event", `{"id":"evn_1","note":"it's \u00e9 \/ @x"}`, NodeTimeout(10*time.Second)),
		Entry("starting with @", "@/etc/passwd", NodeTimeout(10*time.Second)),
		Entry("several lines", "{\n  \"a\": \"ñ$(x)\"\n}\n", NodeTimeout(10*time.Second)),
		Entry("empty", "", NodeTimeout(10*time.Second)),
		Entry("binary", "\x00\xff\x1b[31m\r\n", NodeTimeout(10*time.Second)),
		Entry("large", strings.Repeat(`{"a":"it's"}`, 200_000), NodeTimeout(20*time.Second)),
	)

	It("counts different events", func() {
		r := newReceiver(200)
		res := sh.run("send", "order.placed", "--count", "3", "--to", r.URL, "--json")
		Expect(res.code).To(Equal(0))
		seen := map[any]bool{}
		for _, l := range ofType(lines(res.out), "result") {
			seen[l["event"]] = true
		}
		Expect(seen).To(HaveLen(3))
	})
})

// values are the members of data.object.
func values(body []byte) map[string]any {
	var event struct {
		Data struct {
			Object map[string]any `json:"object"`
		} `json:"data"`
	}
	_ = json.Unmarshal(body, &event)
	return event.Data.Object
}
