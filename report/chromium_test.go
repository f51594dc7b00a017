package report_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// own are the hosts that Chromium calls by itself, whatever the page.
var own = regexp.MustCompile(`\.(google|googleapis|gstatic|gvt1)\.com(:\d+)?$`)

// The page as a browser takes it. Chromium is among the runtimes that
// .ci/runtimes installs: without it these specs are left out loudly, in CI
// they fail.
var _ = Describe("the HTML report in Chromium", Label("chromium", "whole", "unraced"), Ordered, func() {
	var (
		binary   string
		folder   string
		proxy    *httptest.Server
		requests func() []string
	)

	BeforeAll(func() {
		for _, name := range []string{"chromium", "google-chrome", "chromium-browser"} {
			if path, err := exec.LookPath(name); err == nil {
				binary = path
				break
			}
		}
		if binary == "" {
			lacking("the HTML report was not looked at in a browser: Chromium is missing\ninstall: .ci/runtimes, or apt-get install --no-install-recommends chromium")
		}
		// Every request of the browser goes to this proxy, wherever it was meant
		// to go; the pages themselves are files.
		var mu sync.Mutex
		var seen []string
		proxy = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			if !own.MatchString(r.Host) {
				seen = append(seen, r.Method+" "+r.URL.String())
			}
			w.WriteHeader(http.StatusNotFound)
		}))
		DeferCleanup(proxy.Close)
		requests = func() []string {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(seen)
		}
		folder = GinkgoT().TempDir()
	})

	write := func(name, content string) {
		GinkgoHelper()
		Expect(os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600)).To(Succeed())
	}
	// browse opens a file and gives the page as it is once it has settled, and
	// what the console said of it.
	browse := func(ctx context.Context, name string) (dom string, console []string) {
		GinkgoHelper()
		command := exec.CommandContext(ctx, binary,
			"--headless", "--hide-scrollbars", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
			"--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--disable-breakpad", "--disable-extensions",
			"--allow-file-access-from-files", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=4000",
			"--proxy-server="+proxy.URL, "--proxy-bypass-list=<-loopback>",
			"--user-data-dir="+GinkgoT().TempDir(), "--dump-dom", "file://"+filepath.Join(folder, name))
		var out, log strings.Builder
		command.Stdout, command.Stderr = &out, &log
		command.WaitDelay = time.Second
		Expect(command.Run()).To(Succeed(), "%s", &log)
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, ":CONSOLE") {
				console = append(console, strings.TrimSpace(line))
			}
		}
		return out.String(), console
	}

	It("would be seen to talk, load or overflow if it did", func(ctx SpecContext) {
		write("bad.html", `<!DOCTYPE html><meta http-equiv="Content-Security-Policy" content="script-src 'none'"><script>1</script>
<img src="http://evil.example/x.png"><div style="width:900px">wide</div>`)
		write("bad-frame.html", frames([]string{"bad.html"}, 390))
		dom, console := browse(ctx, "bad-frame.html")
		Expect(console).To(ContainElement(ContainSubstring("Content Security Policy")))
		Expect(requests()).To(ContainElement(ContainSubstring("http://evil.example/x.png")))
		Expect(measured(dom)).To(HaveKeyWithValue("bad.html", BeNumerically(">", 390)))
	}, SpecTimeout(time.Minute))

	It("says nothing to the console, asks the network for nothing and fits a phone", func(ctx SpecContext) {
		before := len(requests())
		all := fixtures()
		all["evil"], all["huge"] = evil(), huge(3)
		var names []string
		for name, r := range all {
			file := name + ".html"
			write(file, page(r, view.Options{Lang: lang.Spanish, CauseTitle: titles}))
			names = append(names, file)
		}
		slices.Sort(names)
		for _, width := range []int{320, 390, 1280} {
			write("all.html", frames(names, width))
			dom, console := browse(ctx, "all.html")
			Expect(console).To(BeEmpty(), "at %d px", width)
			widths := measured(dom)
			for _, name := range names {
				Expect(widths[name]).To(And(BeNumerically(">", 0), BeNumerically("<=", width)), "%s at %d px", name, width)
				if name != "evil.html" { // its ids are sentences
					Expect(widths["cut:"+name]).To(BeZero(), "%s at %d px: a number in the matrix is cut", name, width)
				}
			}
		}
		Expect(requests()[before:]).To(BeEmpty())
	}, SpecTimeout(3*time.Minute))

	It("lets no text of a receiver run", func(ctx SpecContext) {
		write("evil.html", page(evil(), view.Options{Lang: lang.English}))
		dom, console := browse(ctx, "evil.html")
		Expect(console).To(BeEmpty())
		Expect(dom).To(ContainSubstring("<title>Does not conform · Conformance report · kometia-sim</title>"))
		Expect(dom).To(ContainSubstring("&lt;script&gt;document.title='owned'&lt;/script&gt;"))
	}, SpecTimeout(time.Minute))

	It("opens what a link leads to, and shows the checks of one verdict without a script", func(ctx SpecContext) {
		write("mixed.html", page(fixtures()["mixed"], view.Options{Lang: lang.English, CauseTitle: titles}))
		write("clicks.html", `<!DOCTYPE html><link rel=icon href=data:,><pre id=widths></pre><iframe name=a src="mixed.html#KOM-ACK-001" width=1280 height=800></iframe><script>onload = () => {
  const d = document.querySelector("iframe").contentDocument, is = (what, ok) => widths.textContent += "[" + what + " " + (ok ? 1 : 0) + "]";
  const body = d.getElementById("KOM-ACK-001"), top = body.closest("article").getBoundingClientRect().top;
  is("folded", [...d.querySelectorAll("article details")].some(x => !x.open));
  is("open", body.closest("details").open);
  is("seen", top >= 0 && top < 800);
  const shown = () => [...d.querySelectorAll("article")].filter(x => x.checkVisibility()).map(x => x.classList[1]);
  const all = shown();
  is("all", new Set(all).size > 4);
  d.getElementById("_show-fail").checked = true;
  is("fail", shown().filter(x => x != "fail").length == 1 && shown().includes("fail")); // and what the link leads to
  d.getElementById("_show-all").checked = true;
  is("again", shown().length == all.length);
}</script>`)
		dom, console := browse(ctx, "clicks.html")
		Expect(console).To(BeEmpty())
		Expect(measured(dom)).To(Equal(map[string]int{"folded": 1, "open": 1, "seen": 1, "all": 1, "fail": 1, "again": 1}))
	}, SpecTimeout(time.Minute))

	It("has nothing that axe finds fault with", func(ctx SpecContext) {
		axe, err := os.ReadFile("testdata/axe/node_modules/axe-core/axe.min.js")
		if err != nil {
			lacking("the HTML report was not held against axe: axe-core is missing\ninstall: .ci/runtimes, or npm ci --prefix report/testdata/axe")
		}
		write("axe.js", string(axe))
		all := fixtures()
		all["bad"] = all["green"]
		frames := "<!DOCTYPE html><link rel=icon href=data:,><pre id=widths></pre>"
		want := map[string]int{}
		for _, name := range []string{"red", "green", "mixed", "gate", "unreachable", "bad"} {
			out := page(all[name], view.Options{Lang: lang.English, CauseTitle: titles})
			// axe is a script, which the page itself forbids.
			out = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`).ReplaceAllString(out, "")
			if name == "bad" {
				out = strings.Replace(out, "<html lang", "<html data-lang", 1)
			}
			out += `<script src="axe.js"></script><script>for (const d of document.querySelectorAll("details")) d.open = true;
axe.run(document, {resultTypes: ["violations"]}).then(r => { for (const v of r.violations) console.warn(v.id, v.nodes[0].html);
  parent.document.getElementById("widths").textContent += "[" + frameElement.name + " " + (1 + r.violations.length) + "]" })</script>`
			for _, scheme := range []string{"light", "dark"} {
				file := name + "-" + scheme + ".html"
				if scheme == "dark" {
					out = strings.ReplaceAll(out, "@media (prefers-color-scheme: dark)", "@media (min-width: 1px)")
				}
				write(file, out)
				frames += fmt.Sprintf("<iframe name=%q src=%q width=%d height=800></iframe>", file, file, map[string]int{"light": 390, "dark": 1280}[scheme])
				want[file] = 1
			}
		}
		write("axe.html", frames)
		dom, console := browse(ctx, "axe.html")
		want["bad-light.html"], want["bad-dark.html"] = 2, 2
		Expect(measured(dom)).To(Equal(want), "%s", strings.Join(console, "\n"))
	}, SpecTimeout(2*time.Minute))
})

// lacking leaves a spec out loudly; in CI it fails.
func lacking(message string) {
	GinkgoHelper()
	switch os.Getenv("CI") {
	case "", "0", "false":
		rule := strings.Repeat("!", 80)
		fmt.Fprintf(os.Stderr, "\n%s\n%s\n%s\n", rule, message, rule)
		Skip(message)
	}
	Fail(message)
}

// frames is a page that shows others at a width, everything in them unfolded,
// and writes down how wide they are in truth, and how many numbers of the matrix
// are cut.
func frames(names []string, width int) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><link rel=icon href=data:,><pre id=widths></pre>")
	for _, name := range names {
		fmt.Fprintf(&b, "<iframe name=%q src=%q width=%d height=800></iframe>", name, name, width)
	}
	b.WriteString(`<script>onload = () => {
  for (const f of document.querySelectorAll("iframe")) {
    for (const d of f.contentDocument.querySelectorAll("details")) d.open = true;
    widths.textContent += "[" + f.name + " " + f.contentDocument.documentElement.scrollWidth + "]";
    const cut = [...f.contentDocument.querySelectorAll(".tile span")].filter(s => s.scrollWidth > s.clientWidth && s.className == "");
    widths.textContent += "[cut:" + f.name + " " + cut.length + "]";
  }
}</script>`)
	return b.String()
}

func measured(dom string) map[string]int {
	widths := map[string]int{}
	for _, m := range regexp.MustCompile(`\[(\S+) (\d+)\]`).FindAllStringSubmatch(dom, -1) {
		var n int
		if _, err := fmt.Sscan(m[2], &n); err == nil {
			widths[m[1]] = n
		}
	}
	return widths
}
