//go:build unix

package receiver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// foreground is a server of the user's whose process is all there is of it: it
// answers while that lives.
type foreground struct {
	file string // that it writes its process id to
	url  string
}

func newForeground() *foreground {
	f := &foreground{file: filepath.Join(GinkgoT().TempDir(), "pid")}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if !f.alive() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	DeferCleanup(s.Close)
	f.url = s.URL
	return f
}

func (f *foreground) pid() int {
	text, _ := os.ReadFile(f.file)
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

func (f *foreground) alive() bool {
	pid := f.pid()
	return pid > 0 && syscall.Kill(pid, 0) == nil
}

func (f *foreground) start() observe.Action {
	return observe.Hook{Name: "start", Argv: []string{"sh", "-c", `echo $$ > "$1.tmp"; mv "$1.tmp" "$1"; exec sleep 600`, "sh", f.file}}
}

var _ = Describe("a receiver that start leaves in the foreground", func() {
	process := func(f *foreground, h receiver.Hooks) *receiver.Process {
		GinkgoHelper()
		target, err := wire.ParseTarget(f.url)
		Expect(err).NotTo(HaveOccurred())
		rec, err := receiver.New(receiver.Config{Target: target, Here: true, Hooks: h})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(rec.Close)
		DeferCleanup(func(ctx context.Context) { _ = rec.Process().End(ctx) })
		return rec.Process()
	}

	It("is started when it is not up, killed and started without kill:, and ended by whoever has started it", func(ctx SpecContext) {
		f := newForeground()
		p := process(f, receiver.Hooks{Start: f.start()})
		Expect(p.Hooks().Lacks(verdict.VerbKill)).To(Equal([]string{"kill"}))
		Expect(p.Begin(ctx)).To(BeTrue())
		Expect(f.alive()).To(BeTrue())
		Expect(p.Hooks().Lacks(verdict.VerbKill)).To(BeEmpty())
		Expect(p.Hooks().Lacks(verdict.VerbRestart)).To(BeEmpty())
		first := f.pid()
		Expect(p.Do(ctx, verdict.VerbKill, 0)).To(Succeed())
		Expect(syscall.Kill(first, 0)).To(MatchError(syscall.ESRCH))
		Expect(p.Dead()).To(BeTrue())
		Expect(p.Do(ctx, verdict.VerbStart, 0)).To(Succeed())
		Expect(f.alive()).To(BeTrue())
		Expect(f.pid()).NotTo(Equal(first))
		Expect(p.Restore(ctx)).To(Succeed())
		Expect(f.alive()).To(BeTrue())
		Expect(p.End(ctx)).To(Succeed())
		Expect(f.alive()).To(BeFalse())
	}, SpecTimeout(time.Minute))

	It("is told with the remedy where what was started has left for a session of its own", func(ctx SpecContext) {
		f := newForeground()
		p := process(f, receiver.Hooks{Start: observe.Hook{Name: "start", Argv: []string{"sh", "-c", `setsid sh -c 'echo $$ > "$1.tmp"; mv "$1.tmp" "$1"; exec sleep 600' sh "$1" & wait`, "sh", f.file}}})
		Expect(p.Begin(ctx)).To(BeTrue())
		DeferCleanup(func() { _ = syscall.Kill(f.pid(), syscall.SIGKILL) })
		err := p.Do(ctx, verdict.VerbKill, 0)
		Expect(err).To(MatchError(And(ContainSubstring("still answers"), ContainSubstring("add kill: with the command that ends it"))))
		Expect(lang.In(err, lang.Spanish)).To(And(ContainSubstring("aún responde"), ContainSubstring("agregue kill:")))
		Expect(p.Dead()).To(BeFalse())
	}, SpecTimeout(time.Minute))

	It("is shared by the receivers of one command", func(ctx SpecContext) {
		f, owned := newForeground(), &receiver.Owned{}
		one := process(f, receiver.Hooks{Start: f.start(), Owned: owned})
		other := process(f, receiver.Hooks{Start: f.start(), Owned: owned})
		Expect(one.Begin(ctx)).To(BeTrue())
		Expect(other.Begin(ctx)).To(BeFalse())
		Expect(other.Hooks().Lacks(verdict.VerbKill)).To(BeEmpty())
		Expect(other.End(ctx)).To(Succeed())
		Expect(one.End(ctx)).To(Succeed())
		Expect(f.alive()).To(BeFalse())
	}, SpecTimeout(time.Minute))

	It("is left alone where it was up", func(ctx SpecContext) {
		f := newForeground()
		Expect(os.WriteFile(f.file, []byte(strconv.Itoa(os.Getpid())), 0o600)).To(Succeed())
		p := process(f, receiver.Hooks{Start: f.start()})
		Expect(p.Begin(ctx)).To(BeFalse())
		Expect(p.Hooks().Lacks(verdict.VerbKill)).To(Equal([]string{"kill"}))
		Expect(p.End(ctx)).To(Succeed())
		Expect(f.alive()).To(BeTrue())
	}, SpecTimeout(time.Minute))
})
