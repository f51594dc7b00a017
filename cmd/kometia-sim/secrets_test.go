package main_test

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("a secret", func() {
	const key = "correct-horse-9"
	var sh *shell
	BeforeEach(func() { sh = newShell() })

	It("of the user reaches no output, not even where the receiver repeats it", func() {
		r := newReceiver(500)
		r.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write([]byte("debug: " + req.Header.Get("X-Api-Key") + " " + req.URL.RawQuery + " in " + req.URL.Path))
		})
		sh.env["HOOK_KEY"] = key
		path := "/hooks/9f8a7d6c5b4a39281706f5e4"
		sh.write("kometia-sim.yaml", "target: http://shop:passw0rd-1@"+strings.TrimPrefix(r.URL, "http://")+path+"?id=a1b2c3d4e5f6a7b8c9d0\nheaders: {X-Api-Key: '${HOOK_KEY}'}\n")
		all := ""
		for _, args := range [][]string{
			{"send", "order.paid"},
			{"send", "order.paid", "--json"},
			{"send", "order.paid", "--dry-run"},
			{"run", "KOM-ACK-001", "--verbose", "--report", "json=r.json", "--report", "junit=r.xml", "--report", "html=r.html", "--report", "markdown=r.md"},
			{"fuzz", "order.paid", "--max-requests", "5"},
		} {
			res := sh.run(args...)
			Expect(res.code).NotTo(Equal(2), res.err)
			all += res.out + res.err
		}
		for _, name := range []string{"r.json", "r.xml", "r.html", "r.md"} {
			all += sh.read(name)
		}
		kept := 0
		Expect(filepath.WalkDir(filepath.Join(sh.dir, ".kometia-sim"), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			all += string(data)
			kept++
			return err
		})).To(Succeed())
		Expect(kept).To(BeNumerically(">", 1))
		Expect(all).To(ContainSubstring("***"))
		for _, s := range []string{key, "passw0rd-1", "9f8a7d6c5b4a39281706f5e4", "a1b2c3d4e5f6a7b8c9d0"} {
			Expect(all).NotTo(ContainSubstring(s))
		}
		Expect(sh.run("send", "order.paid", "--curl").out).To(ContainSubstring(key), "what is to be run needs it")
	})

	It("of the user reaches no output in a spelling of the receiver's own either", func() {
		const key = `q83/vX+9"Kz&1x`
		r := newReceiver(500)
		r.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			got := req.Header.Get("X-Api-Key")
			quoted, _ := json.Marshal(got)
			_, _ = w.Write([]byte(strings.ReplaceAll(string(quoted), "/", `\/`) + " " + html.EscapeString(got) + " " + url.QueryEscape(got)))
		})
		sh.env["HOOK_KEY"] = key
		sh.write("kometia-sim.yaml", "target: "+r.URL+"\nheaders: {X-Api-Key: '${HOOK_KEY}'}\n")
		res := sh.run("run", "KOM-ACK-001", "--verbose", "--report", "json=r.json", "--report", "junit=r.xml", "--report", "html=r.html", "--report", "markdown=r.md")
		Expect(res.code).To(Equal(1), res.err)
		all := res.out + res.err
		for _, name := range []string{"r.json", "r.xml", "r.html", "r.md"} {
			Expect(sh.read(name)).To(ContainSubstring("***"))
			all += sh.read(name)
		}
		for _, part := range []string{"vX", "Kz"} {
			at := strings.Index(all, part)
			Expect(at).To(Equal(-1), "%s", all[max(at-200, 0):max(at, 0)+120])
		}
		lines(sh.read("r.json"))
	})

	DescribeTable("does not show in the excerpt of a mistake", func(config string) {
		sh.write("kometia-sim.yaml", config)
		res := sh.run("send", "order.paid")
		Expect(res.code).To(Equal(2))
		Expect(res.err).To(And(ContainSubstring("kometia-sim.yaml:"), ContainSubstring("*"), Not(ContainSubstring(key))))
	},
		Entry("of its own line", "headers:\n  Authorization: [Bearer "+key+"]\n"),
		Entry("of a line that is no YAML", "headers:\n  X-Token: {"+key+": ]\n"),
		Entry("of a line below its key", "api:\n  key:\n    "+key+": x\n"),
		Entry("of a URL", "target: x\ntarget: http://u:"+key+"@h/\n"),
	)

	DescribeTable("may come from the environment", func(value, want string) {
		sh.env["HOOK_KEY"] = key
		r := newReceiver(204)
		sh.write("kometia-sim.yaml", "target: "+r.URL+"\nheaders: {X-It: '"+value+"'}\n")
		res := sh.run("send", "order.paid", "--lang", "en")
		if len(r.got()) == 0 {
			Expect(res.code).To(Equal(2))
			Expect(res.err).To(ContainSubstring(want))
			return
		}
		Expect(r.heads[0].Get("X-It")).To(Equal(want))
	},
		Entry("whole", "${HOOK_KEY}", key),
		Entry("within", "a ${HOOK_KEY} b", "a "+key+" b"),
		Entry("and need not", "$${HOOK_KEY} $1 $$", "${HOOK_KEY} $1 $$"),
		Entry("that lacks it", "${NO_SUCH}", "the variable NO_SUCH has no value in the environment (if it is to stay as it is, write $${NO_SUCH})"),
		Entry("by its name only", "${HOOK_KEY:-x}", "${HOOK_KEY:-x} is no variable such as ${NAME}"),
	)

	DescribeTable("may come from a file", func(config, flag, want string) {
		r := newReceiver(204)
		r.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			r.ServeHTTP(w, req)
			_, _ = w.Write([]byte("you sent " + req.Header.Get("X-It")))
		})
		sh.write("conf/kometia-sim.yaml", "target: "+r.URL+"\n"+config)
		sh.write("conf/key", key+"\r\n")
		sh.write("lines", "X-It: "+key+"\n\nX-Two: b\n")
		sh.write("empty", "\n")
		args := []string{"send", "order.paid", "--config", "conf/kometia-sim.yaml"}
		if flag != "" {
			args = append(args, "-H", flag)
		}
		res := sh.run(args...)
		Expect(res.out + res.err).NotTo(ContainSubstring(key))
		if len(r.got()) == 0 {
			Expect(res.code).To(Equal(2))
			Expect(res.err).To(ContainSubstring(want))
			return
		}
		Expect(r.heads[0].Get("X-It")).To(Equal(want))
	},
		Entry("beside the config", "headers: {X-It: '${file:key}'}\n", "", key),
		Entry("within a value", "headers: {X-It: 'Bearer ${file:key}'}\n", "", "Bearer "+key),
		Entry("that is not there", "headers: {X-It: '${file:no-such}'}\n", "", "${file:no-such} cannot be read: no such file or directory"),
		Entry("that is empty", "headers: {X-It: '${file:../empty}'}\n", "", "../empty is empty"),
		Entry("that is a folder", "headers: {X-It: '${file:.}'}\n", "", "is a directory"),
		Entry("that is no value of its key", "pace: '${file:key}'\n", "", "kometia-sim.yaml:2:"),
		Entry("of headers", "", "@lines", key),
		Entry("of headers, which wins over the config", "headers: {X-It: b}\n", "@lines", key),
		Entry("of headers that is not there", "", "@no-such", "-H @no-such: "),
		Entry("of headers that is empty", "", "@empty", "-H @empty: the file is empty"),
		Entry("of no headers", "", "@conf/key", "@conf/key: header without a colon"),
	)
})
