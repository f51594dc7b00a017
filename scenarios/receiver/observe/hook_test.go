//go:build unix

package observe_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

func hook(script string, args ...string) observe.Hook {
	return observe.Hook{Name: "drain", Argv: append([]string{"sh", "-c", script, "sh"}, args...)}
}

var _ = Describe("a hook", func() {
	It("runs in its folder, with what it is told", func(ctx SpecContext) {
		dir := GinkgoTB().TempDir()
		h := hook(`printf '%s %s' "$KOMETIA_SIM_OFFSET" "$1" > out; cat`, "$HOME; {event.id}")
		h.Dir = dir
		Expect(h.Run(ctx, observe.Offset(90*time.Minute))).To(Succeed())
		got, err := os.ReadFile(filepath.Join(dir, "out"))
		Expect(err).NotTo(HaveOccurred())
		Expect(string(got)).To(Equal("+90m $HOME; {event.id}"))
	})

	DescribeTable("says how it failed", func(ctx SpecContext, h observe.Hook, kind observe.Kind, es, en string) {
		e := failure(h.Run(ctx))
		Expect(e.Kind).To(Equal(kind))
		Expect(e.What).To(Equal(h.Name))
		Expect(e.Text.ES).To(Equal(es))
		Expect(e.Text.EN).To(Equal(en))
	},
		Entry("nothing", observe.Hook{Name: "kill"}, observe.Missing, "no hay nada que ejecutar", "there is nothing to run"),
		Entry("missing", observe.Hook{Name: "kill", Argv: []string{"no-such-program"}}, observe.Missing,
			"no se encuentra el programa no-such-program", "program no-such-program not found"),
		Entry("exit code", hook("echo uno >&2; printf 'dos\x1b\n\n' >&2; echo tres; exit 4"), observe.Failed,
			"sh terminó con exit status 4: dos·", "sh ended with exit status 4: dos·"),
		Entry("silent on stderr", hook("echo uno; echo dos; exit 1"), observe.Failed, "sh terminó con exit status 1: dos", "sh ended with exit status 1: dos"),
		Entry("silent", hook("exit 1"), observe.Failed, "sh terminó con exit status 1", "sh ended with exit status 1"),
		Entry("long", hook("head -c 1000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo fin >&2; exit 1"), observe.Failed,
			"sh terminó con exit status 1: fin", "sh ended with exit status 1: fin"),
		Entry("slow", observe.Hook{Name: "drain", Argv: []string{"sh", "-c", "echo espera; exec sleep 600"}, Timeout: 300 * time.Millisecond}, observe.Slow,
			"sh tardó más de 300ms: espera", "sh took longer than 300ms: espera"),
	)

	It("is killed with its children at its end", func(ctx SpecContext) {
		file := filepath.Join(GinkgoTB().TempDir(), "pid")
		h := hook(`sh -c 'echo $$ > "$1"; exec sleep 600' sh "$1" & wait`, file)
		h.Timeout = 300 * time.Millisecond
		Expect(failure(h.Run(ctx)).Kind).To(Equal(observe.Slow))
		pid, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() bool { return alive(strings.TrimSpace(string(pid))) }).Should(BeFalse())
	}, SpecTimeout(20*time.Second))

	It("ends with its caller", func(ctx SpecContext) {
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		Expect(hook("exec sleep 600").Run(short)).To(MatchError(context.DeadlineExceeded))
		Expect(hook("exit 0").Run(short)).To(MatchError(context.DeadlineExceeded))
	}, SpecTimeout(20*time.Second))

	It("may leave a server running that goes on writing", func(ctx SpecContext) {
		dir := GinkgoTB().TempDir()
		file := filepath.Join(dir, "pid")
		h := hook(`{ echo $$; while [ ! -e "$1/stop" ]; do echo log; echo log >&2; done; echo done > "$1/end"; } & echo $! > "$1/pid"`, dir)
		Expect(h.Run(ctx)).To(Succeed())
		pid, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		Expect(alive(strings.TrimSpace(string(pid)))).To(BeTrue())
		Expect(os.WriteFile(filepath.Join(dir, "stop"), nil, 0o600)).To(Succeed())
		ended := filepath.Join(dir, "end")
		Eventually(func() error { _, err := os.Stat(ended); return err }).WithTimeout(10 * time.Second).Should(Succeed())
	}, SpecTimeout(20*time.Second))

	It("leaves no files behind", func(ctx SpecContext) {
		tmp := GinkgoTB().TempDir()
		GinkgoTB().Setenv("TMPDIR", tmp)
		Expect(hook("echo x").Run(ctx)).To(Succeed())
		Expect(hook("exit 1").Run(ctx)).NotTo(Succeed())
		Expect(observe.Hook{Argv: []string{"no-such-program"}}.Run(ctx)).NotTo(Succeed())
		Expect(os.ReadDir(tmp)).To(BeEmpty())
	})

	Context("that is the server itself", func() {
		It("outlives its start once it is kept, until it is killed", func(ctx SpecContext) {
			starting, cancel := context.WithCancel(ctx)
			h := hook("exec sleep 600")
			h.Timeout = 200 * time.Millisecond
			p, err := h.Start(starting)
			Expect(err).NotTo(HaveOccurred())
			p.Keep()
			cancel()
			Consistently(p.Done(), "400ms").ShouldNot(BeClosed())
			Expect(p.Err()).To(Succeed())
			p.Kill()
			Expect(p.Done()).To(BeClosed())
			p.Kill()
		}, SpecTimeout(20*time.Second))

		It("ends when nobody keeps it", func(ctx SpecContext) {
			h := hook("exec sleep 600")
			h.Timeout = 100 * time.Millisecond
			p, err := h.Start(ctx)
			Expect(err).NotTo(HaveOccurred())
			Eventually(p.Done()).Should(BeClosed())
			Expect(failure(p.Err()).Kind).To(Equal(observe.Slow))
		}, SpecTimeout(20*time.Second))

		It("says how it ended, or that it never began", func(ctx SpecContext) {
			p, err := hook("echo puerto ocupado >&2; exit 2").Start(ctx)
			Expect(err).NotTo(HaveOccurred())
			Eventually(p.Done()).Should(BeClosed())
			Expect(p.Err()).To(MatchError("drain: sh ended with exit status 2: puerto ocupado"))
			_, err = observe.Hook{Name: "start", Argv: []string{"no-such-program"}}.Start(ctx)
			Expect(err).To(MatchError("start: program no-such-program not found"))
		}, SpecTimeout(20*time.Second))
	})

	DescribeTable("tells faketime the offset", func(d time.Duration, want string) {
		Expect(observe.Offset(d)).To(Equal("KOMETIA_SIM_OFFSET=" + want))
		Expect(observe.ParseOffset(want)).To(Equal(d))
	},
		Entry(nil, 47*time.Hour, "+47h"), Entry(nil, time.Duration(0), "+0h"), Entry(nil, -2*time.Hour, "-2h"),
		Entry(nil, 48*time.Hour+10*time.Minute, "+2890m"), Entry(nil, 1500*time.Millisecond, "+1.5"),
	)
})

var _ = Describe("a POST", func() {
	It("is done", func(ctx SpecContext) {
		var posted atomic.Value
		base := listen(func(w http.ResponseWriter, r *http.Request) {
			posted.Store(r.Method + " " + r.URL.Path)
			w.WriteHeader(http.StatusNoContent)
		})
		Expect(observe.Post{Name: "drain", URL: base + "/drain"}.Run(ctx, "A=b")).To(Succeed())
		Expect(posted.Load()).To(Equal("POST /drain"))
	})

	It("says how it failed", func(ctx SpecContext) {
		base := listen(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				<-r.Context().Done()
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, "sin base")
		})
		err := observe.Post{Name: "up", URL: base + "/up"}.Run(ctx)
		Expect(failure(err).Kind).To(Equal(observe.Failed))
		Expect(err).To(MatchError(MatchRegexp("^up: POST http://[0-9.:]+/up answered 503: sin base$")))
		err = observe.Post{Name: "up", URL: base + "/slow", Timeout: 100 * time.Millisecond}.Run(ctx)
		Expect(failure(err).Kind).To(Equal(observe.Slow))
		err = observe.Post{Name: "up", URL: "http://127.0.0.1:1/"}.Run(ctx)
		Expect(failure(err).Kind).To(Equal(observe.Missing))
	})
})

var _ = Describe("ready", Label("whole"), func() {
	answering := func(statuses ...int) (string, *atomic.Int32) {
		var asked atomic.Int32
		return listen(func(w http.ResponseWriter, _ *http.Request) {
			n := int(asked.Add(1))
			w.WriteHeader(statuses[min(n, len(statuses))-1])
		}), &asked
	}

	DescribeTable("waits for two responses in a row", func(ctx SpecContext, want int, statuses ...int) {
		url, asked := answering(statuses...)
		Expect(observe.Ready(ctx, observe.Place{URL: url}, 0, retryclock.NewVirtual(noon))).To(Succeed())
		Expect(asked.Load()).To(BeEquivalentTo(want))
	},
		Entry("at once", 2, 200),
		Entry("whatever they say", 2, 404, 500),
		Entry("a redirect", 2, 302),
		Entry("after a proxy's", 5, 502, 503, 504, 200),
		Entry("not one alone", 6, 200, 503, 200, 502, 200, 200),
	)

	It("gives up", func(ctx SpecContext) {
		url, _ := answering(503)
		err := observe.Ready(ctx, observe.Place{URL: url}, time.Minute, retryclock.NewVirtual(noon))
		Expect(failure(err).Kind).To(Equal(observe.Slow))
		Expect(err).To(MatchError(MatchRegexp("^ready: http://[0-9.:]+ was not ready within 1m0s: it answered 503$")))
		err = observe.Ready(ctx, observe.Place{URL: "http://127.0.0.1:1/"}, time.Second, retryclock.NewVirtual(noon))
		Expect(err).To(MatchError(ContainSubstring("connection refused")))
	})

	It("ends with its caller", func(ctx SpecContext) {
		short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		Expect(observe.Ready(short, observe.Place{URL: listen(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })}, 0, nil)).To(MatchError(context.DeadlineExceeded))
	})
})

var _ = Describe("answers", func() {
	It("takes the way that events take", func(ctx SpecContext) {
		var asked atomic.Int32
		url := listen(func(http.ResponseWriter, *http.Request) { asked.Add(1) })
		port := url[strings.LastIndexByte(url, ':'):]
		Expect(observe.Answers(ctx, observe.Place{URL: url})).To(BeTrue())
		Expect(observe.Answers(ctx, observe.Place{URL: "http://shop.localhost" + port})).To(BeTrue())
		Expect(observe.Answers(ctx, observe.Place{URL: "http://shop.example" + port, Dialer: wire.Dialer{
			Resolve: map[string]netip.Addr{"shop.example": netip.MustParseAddr("127.0.0.1")},
		}})).To(BeTrue())
		asked.Store(0)
		Expect(observe.Answers(ctx, observe.Place{URL: url, Dialer: wire.Dialer{
			Permit: func(netip.AddrPort) error { return errors.New("no") },
		}})).To(BeFalse())
		Expect(asked.Load()).To(BeZero())
	})
})

var _ = Describe("gone", func() {
	It("is who does not answer any more", func(ctx SpecContext) {
		var asked atomic.Int32
		url := listen(func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) > 3 {
				w.WriteHeader(http.StatusBadGateway) // the proxy in front lives on
			}
		})
		Expect(observe.Gone(ctx, "kill", observe.Place{URL: url}, 0, retryclock.NewVirtual(noon))).To(Succeed())
		Expect(asked.Load()).To(BeEquivalentTo(4))
		Expect(observe.Gone(ctx, "kill", observe.Place{URL: "http://127.0.0.1:1/"}, 0, retryclock.NewVirtual(noon))).To(Succeed())
	})

	It("is not who answers", func(ctx SpecContext) {
		err := observe.Gone(ctx, "kill", observe.Place{URL: listen(func(http.ResponseWriter, *http.Request) {})}, time.Second, retryclock.NewVirtual(noon))
		Expect(failure(err).Kind).To(Equal(observe.Failed))
		Expect(err).To(MatchError(MatchRegexp("^kill: the receiver did not end: http://[0-9.:]+ still answers$")))
	})
})

var _ = Describe("up", Label("whole"), func() {
	up := func(ctx context.Context, start observe.Action, url string) error {
		_, err := observe.Up(ctx, start, observe.Place{URL: url}, time.Second, retryclock.NewVirtual(noon), "A=b")
		return err
	}
	answering := func() string { return listen(func(http.ResponseWriter, *http.Request) {}) }

	It("waits for what a command has started", func(ctx SpecContext) {
		Expect(up(ctx, hook(`test "$A" = b`), answering())).To(Succeed())
		Expect(up(ctx, observe.ActionFunc(func(context.Context, ...string) error { return nil }), answering())).To(Succeed())
		Expect(failure(up(ctx, hook("true"), "http://127.0.0.1:1/")).What).To(Equal("ready"))
		p, err := observe.Up(ctx, hook("exit 3"), observe.Place{URL: "http://127.0.0.1:1/"}, 0, nil)
		Expect(failure(err).What).To(Equal("drain"))
		Expect(p).To(BeNil())
	}, SpecTimeout(20*time.Second))

	It("leaves a server in the foreground running, once it is ready", func(ctx SpecContext) {
		file := filepath.Join(GinkgoTB().TempDir(), "pid")
		begun, cancel := context.WithCancel(ctx)
		// It is ready when it has said so.
		url := listen(func(w http.ResponseWriter, _ *http.Request) {
			if _, err := os.Stat(file); err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		})
		p, err := observe.Up(begun, hook(`echo $$ > "$1.tmp"; mv "$1.tmp" "$1"; exec sleep 600`, file), observe.Place{URL: url}, time.Minute, nil)
		Expect(err).NotTo(HaveOccurred())
		cancel()
		data, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
		Expect(err).NotTo(HaveOccurred())
		Expect(syscall.Kill(pid, 0)).To(Succeed())
		p.Kill()
		Expect(syscall.Kill(pid, 0)).To(MatchError(syscall.ESRCH))
	}, SpecTimeout(20*time.Second))

	It("takes one along that does not become ready", func(ctx SpecContext) {
		file := filepath.Join(GinkgoTB().TempDir(), "pid")
		asked := listen(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
		_, err := observe.Up(ctx, hook(`echo $$ > "$1"; exec sleep 600`, file), observe.Place{URL: asked}, 3*time.Second, nil)
		Expect(failure(err).What).To(Equal("ready"))
		data, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
		Expect(err).NotTo(HaveOccurred())
		Expect(syscall.Kill(pid, 0)).To(MatchError(syscall.ESRCH))
	}, SpecTimeout(20*time.Second))
})
