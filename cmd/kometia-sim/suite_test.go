package main_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	main "github.com/kometia-sim/kometia-sim/cmd/kometia-sim"
	"github.com/kometia-sim/kometia-sim/retryclock"
)

// asProgram makes the test binary be kometia-sim itself: the practice receiver
// is a child of our own executable, and this is it here.
const asProgram = "KOMETIA_SIM_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	// The workers of a fuzz target have the environment, too, and are tests.
	if os.Getenv(asProgram) != "" && !slices.Contains(os.Args, "-test.fuzzworker") {
		os.Exit(main.Start())
	}
	if err := os.Setenv(asProgram, "1"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestCommandLine(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "cmd/kometia-sim")
}

// shell is a user at a terminal-less prompt in a folder of their own.
type shell struct {
	dir    string
	env    map[string]string
	stdin  string
	input  io.Reader // in place of stdin
	stop   chan struct{}
	clock  retryclock.Clock
	output io.Writer // in place of what result.out is
	width  int       // of the terminal behind both outputs; zero is none
}

func newShell() *shell {
	return &shell{
		dir: GinkgoT().TempDir(), env: map[string]string{"LANG": "en_US.UTF-8"},
		stop: make(chan struct{}), clock: retryclock.Wall{},
	}
}

type result struct {
	code     int
	out, err string
}

func (sh *shell) run(args ...string) result {
	return sh.runContext(context.Background(), args...)
}

func (sh *shell) runContext(ctx context.Context, args ...string) result {
	GinkgoHelper()
	executable, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	var out, errs lockedBuffer
	var stdin io.Reader = strings.NewReader(sh.stdin)
	if sh.input != nil {
		stdin = sh.input
	}
	var stdout io.Writer = &out
	if sh.output != nil {
		stdout = sh.output
	}
	code := main.Run(ctx, &main.Host{
		Stdin: stdin, Stdout: stdout, Stderr: &errs,
		Getenv: func(name string) string { return sh.env[name] },
		Dir:    sh.dir, Executable: executable, OutWidth: sh.width, ErrWidth: sh.width,
		Stop: sh.stop, Clock: sh.clock, Random: rand.Reader,
	}, args)
	return result{code, out.String(), errs.String()}
}

func (sh *shell) write(name, content string) string {
	GinkgoHelper()
	path := filepath.Join(sh.dir, name)
	Expect(os.MkdirAll(filepath.Dir(path), 0o755)).To(Succeed())
	Expect(os.WriteFile(path, []byte(content), 0o600)).To(Succeed())
	return path
}

func (sh *shell) read(name string) string {
	GinkgoHelper()
	data, err := os.ReadFile(filepath.Join(sh.dir, name))
	Expect(err).NotTo(HaveOccurred())
	return string(data)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// receiver answers each request with the next status, the last one for ever,
// and keeps what it was sent.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	status []int
	bodies [][]byte
	heads  []http.Header
	paths  []string
}

func newReceiver(status ...int) *receiver {
	r := &receiver{status: status}
	r.Server = httptest.NewServer(r)
	DeferCleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bodies = append(r.bodies, body)
	r.heads = append(r.heads, req.Header.Clone())
	r.paths = append(r.paths, req.URL.Path)
	status := r.status[min(len(r.bodies), len(r.status))-1]
	if status >= 300 && status <= 399 {
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(status)
}

func (r *receiver) got() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bodies
}

// lines parses NDJSON; every line has to be an object.
func lines(text string) []map[string]any {
	GinkgoHelper()
	var out []map[string]any
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		var m map[string]any
		Expect(json.Unmarshal([]byte(line), &m)).To(Succeed(), "line %q", line)
		out = append(out, m)
	}
	return out
}

func ofType(all []map[string]any, name string) []map[string]any {
	var out []map[string]any
	for _, m := range all {
		if m["type"] == name {
			out = append(out, m)
		}
	}
	return out
}
