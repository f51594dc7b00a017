//go:build unix

package main_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
)

// forgetful remembers events in memory, and acts by writing a line.
const forgetful = `import http.server, json, sys, threading
seen, lock = set(), threading.Lock()
class Receiver(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(204); self.end_headers()
    def do_POST(self):
        try:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["id"]
        except Exception:
            self.send_response(400); self.end_headers(); return
        with lock:
            if event not in seen:
                seen.add(event)
                with open("effects.log", "a") as f: f.write("efecto " + event + "\n")
        self.send_response(204); self.end_headers()
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
`

// mayDouble is what KOM-DUR-001 may say of a receiver without lasting memory:
// that it did something twice, when the kill hits that moment; never that
// something was lost.
const mayDouble = "pass, or doubled"

var _ = Describe("hooks of real receivers", Label("whole", "unraced"), func() {
	DescribeTable("kill them and start them again, with the commands of kometia-sim.yaml",
		func(ctx context.Context, name, serve, ready, observe string, want map[string]string) {
			available, err := receivers.Require(ctx, os.Stderr, name)
			Expect(err).NotTo(HaveOccurred())
			if !slices.Contains(available, name) {
				Skip(name + " cannot be started here")
			}
			examples, err := filepath.Abs("../../examples")
			Expect(err).NotTo(HaveOccurred())
			sh := newShell()
			sh.write("forgetful.py", forgetful)
			sh.write("effects.log", "")
			address := deadAddress()
			_, port, _ := strings.Cut(address, ":")
			fill := strings.NewReplacer("{examples}", examples, "{dir}", sh.dir, "{host}", address, "{port}", port).Replace
			sh.write("start.sh", "echo $$ > '"+sh.dir+"/pid'\nexport KOMETIA_DATOS='"+sh.dir+"/datos' KOMETIA_OBSERVAR=1 PHP_CLI_SERVER_WORKERS=4\n"+fill(serve)+"\n")
			sh.write("kometia-sim.yaml", fill(fmt.Sprintf(`target: http://{host}%s
observe: %s
start: [sh, start.sh]
kill: [sh, -c, 'kill -9 -$(cat pid)']
ready: http://{host}%s
`, map[bool]string{true: "/", false: "/kometia/webhook"}[name == "flask"], observe, ready)))

			first := exec.CommandContext(context.Background(), "sh", "start.sh") // until it is killed
			first.Dir = sh.dir
			first.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			Expect(first.Start()).To(Succeed())
			go func() { _ = first.Wait() }()
			group := func() int {
				data, err := os.ReadFile(filepath.Join(sh.dir, "pid"))
				Expect(err).NotTo(HaveOccurred())
				pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
				Expect(err).NotTo(HaveOccurred())
				return pid
			}
			DeferCleanup(func() { _ = syscall.Kill(-group(), syscall.SIGKILL) })
			Eventually(ctx, func() error {
				response, err := http.Get("http://" + address + ready)
				if err == nil {
					_ = response.Body.Close()
				}
				return err
			}).WithTimeout(20 * time.Second).Should(Succeed())

			res := sh.runContext(ctx, "run", "KOM-DUP-005", "KOM-DUR-001", "--report", "json")
			got := results(res.out)
			// A kill may hit an event that is done and not yet acknowledged: only a
			// memory that outlives it keeps that one from being done again.
			if want["KOM-DUR-001"] == mayDouble {
				Expect(got["KOM-DUR-001"]).To(BeElementOf("pass", "fail"), res.out+res.err)
				Expect(res.out).NotTo(MatchRegexp(`"id":"KOM-DUR-001",[^\n]*"found":"[^"]*(\b0|no) effect`), "lost")
				got["KOM-DUR-001"] = mayDouble
			}
			Expect(got).To(Equal(want), res.out+res.err)
			Expect(group()).NotTo(Equal(first.Process.Pid))
			Expect(syscall.Kill(group(), 0)).To(Succeed(), "it is left running")
		},
		Entry("careful PHP", NodeTimeout(2*time.Minute), "php-cuidadoso", "cd '{examples}/php-cuidadoso' && exec php -S {host} -t public", "/up",
			"{url: 'http://{host}/efectos/{event.id}'}", map[string]string{"KOM-DUP-005": "pass", "KOM-DUR-001": "pass"}),
		Entry("careful Sinatra", NodeTimeout(2*time.Minute), "sinatra-cuidadoso", "cd '{examples}/sinatra-cuidadoso' && exec puma -e production -b tcp://{host} config.ru", "/up",
			"{url: 'http://{host}/efectos/{event.id}'}", map[string]string{"KOM-DUP-005": "pass", "KOM-DUR-001": "pass"}),
		// What Flask needs has the Python that this one needs.
		Entry("Python that remembers in memory", NodeTimeout(2*time.Minute), "flask", "exec /usr/bin/python3 forgetful.py {port}", "/",
			"{log: {file: effects.log, pattern: 'efecto .*'}}", map[string]string{"KOM-DUP-005": "fail", "KOM-DUR-001": mayDouble}),
	)
})
