package main_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// served is a kometia-sim serve in a process of its own.
type served struct {
	cmd    *exec.Cmd
	base   string
	key    string
	greets []string
	ready  time.Duration // from the start of the process to its last line
	errs   *lockedBuffer
	ended  chan struct{}
}

// startServe starts one in a folder; its file is that of the folder.
func startServe(dir string, args ...string) *served {
	GinkgoHelper()
	executable, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	s := &served{errs: &lockedBuffer{}, ended: make(chan struct{})}
	s.cmd = exec.CommandContext(context.Background(), executable, append([]string{"serve", "--lang", "en", "--listen", "127.0.0.1:0"}, args...)...)
	s.cmd.Dir, s.cmd.Stderr, s.cmd.Env = dir, s.errs, append(os.Environ(), asProgram+"=1")
	out, err := s.cmd.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	began := time.Now()
	Expect(s.cmd.Start()).To(Succeed())
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "/_sim/emit") {
		s.greets = append(s.greets, lines.Text())
		switch words := strings.Fields(lines.Text()); {
		case len(words) > 1 && words[0] == "Page":
			s.base = strings.TrimSuffix(words[1], "/")
		case len(words) > 1 && words[0] == "Keys":
			s.key = words[1]
		}
	}
	s.ready = time.Since(began)
	s.greets = append(s.greets, lines.Text())
	go func() {
		defer close(s.ended)
		_, _ = io.Copy(io.Discard, out)
		_ = s.cmd.Wait()
	}()
	DeferCleanup(s.kill)
	Expect(s.base).NotTo(BeEmpty(), "%s", s.errs.String())
	return s
}

// kill ends it with SIGKILL.
func (s *served) kill() {
	_ = s.cmd.Process.Kill()
	<-s.ended
}

// interrupt is Ctrl-C; it gives back the exit code.
func (s *served) interrupt() int {
	_ = s.cmd.Process.Signal(os.Interrupt)
	<-s.ended
	return s.cmd.ProcessState.ExitCode()
}

// ask sends a request to the control API; in is JSON, "" is GET. The error is that
// of a process which is not there any more.
func (s *served) ask(ctx context.Context, path, in string, out any) (status int, err error) {
	method := http.MethodGet
	if in != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, s.base+path, strings.NewReader(in))
	if err != nil {
		return 0, err
	}
	r.SetBasicAuth(s.key, "")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && out != nil && resp.StatusCode == http.StatusOK {
		err = json.Unmarshal(body, out)
	}
	if err == nil && resp.StatusCode >= 500 {
		err = fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, body)
	}
	return resp.StatusCode, err
}

// must is ask where an answer of 200 has to come.
func (s *served) must(ctx context.Context, path, in string, out any) {
	GinkgoHelper()
	status, err := s.ask(ctx, path, in, out)
	Expect(err).NotTo(HaveOccurred(), path)
	Expect(status).To(Equal(http.StatusOK), path)
}

type servedEvent struct {
	ID, Kind   string
	Deliveries int
}

type servedRun struct {
	Number, Count      int
	First, Last        time.Time
	Verdict            string
	Status             int
	Extra, Interrupted bool
	Response           *struct{ Body string }
	Diagnosis          *struct{ Code string }
}

type servedDelivery struct {
	ID, Subscription int64
	Event, State     string
	Attempts         int
	First            time.Time
	Runs             []servedRun
}

// everything are all deliveries, by pages.
func (s *served) everything(ctx context.Context) (all []servedDelivery) {
	GinkgoHelper()
	for before := int64(0); ; {
		var page struct {
			Data []servedDelivery
			More bool
		}
		s.must(ctx, fmt.Sprintf("/_sim/deliveries?limit=500&before=%d", before), "", &page)
		all = append(all, page.Data...)
		if !page.More {
			return all
		}
		before = page.Data[len(page.Data)-1].ID
	}
}

// witness is a receiver that keeps a journal of its own.
type witness struct {
	*httptest.Server
	mu       sync.Mutex
	came     map[string]int // "path event": requests
	answered map[string]int // with a status of 2xx
	answer   func(n int) int
}

func newWitness(answer func(n int) int) *witness {
	w := &witness{came: map[string]int{}, answered: map[string]int{}, answer: answer}
	total := 0
	w.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		start := bytes.Index(body, []byte(`evn_`))
		if err != nil || start < 0 {
			rw.WriteHeader(http.StatusBadRequest)
			return
		}
		id := r.URL.Path + " " + string(body[start:start+29])
		w.mu.Lock()
		defer w.mu.Unlock()
		total++
		status := w.answer(total)
		w.came[id]++
		if status < 300 {
			w.answered[id]++
		}
		rw.WriteHeader(status)
	}))
	DeferCleanup(w.Close)
	return w
}

func (w *witness) changeTo(answer func(int) int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answer = answer
}

// proof chooses the size of a spec: the small one in the suite, the large one
// with make serve-proof.
func proof(small, large int) int {
	if proving() {
		return large
	}
	return small
}

// proving reports whether serve is proven at its full size.
func proving() bool { return os.Getenv("SERVE_PROOF") != "" }

// sizeOf is how large a folder of serve is, in bytes.
func sizeOf(dir string) (total int64) {
	files, _ := filepath.Glob(filepath.Join(dir, ".kometia-sim", "*"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			total += info.Size()
		}
	}
	return total
}
