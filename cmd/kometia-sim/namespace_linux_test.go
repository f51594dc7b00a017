package main_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/sys/unix"

	"github.com/kometia-sim/kometia-sim/report/view"
)

// network is a network of its own, in which 127.0.0.1 is this computer, every
// name is another machine, and the one way out is a wire whose packets are
// counted.
type network struct {
	steps chan func() // for the thread that lives in it

	mu    sync.Mutex
	asked map[string]int // names that were looked up
}

// other is the machine that every name leads to, and turning a name that was
// this computer when it was asked about first.
const (
	other   = "10.9.9.50"
	turning = "turns.test"
)

// newNetwork makes the network, or skips the spec where that is not allowed.
func newNetwork() *network {
	GinkgoHelper()
	n := &network{steps: make(chan func()), asked: map[string]int{}}
	go func() {
		// Never unlocked: the thread ends with the goroutine.
		runtime.LockOSThread()
		for step := range n.steps {
			step()
		}
	}()
	DeferCleanup(func() { close(n.steps) })
	var err error
	n.inside(func() { err = unix.Unshare(unix.CLONE_NEWNET | unix.CLONE_NEWNS) })
	if err != nil {
		Skip("a network namespace cannot be made here, so nothing can be said of what leaves it: " + err.Error())
	}
	dir := GinkgoT().TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		Expect(os.WriteFile(path, []byte(text), 0o644)).To(Succeed())
		return path
	}
	n.sh(`set -e
mount --make-rprivate /
mount --bind ` + write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:5 attempts:1\n") + ` /etc/resolv.conf
mount --bind ` + write("nsswitch.conf", "hosts: files dns\n") + ` /etc/nsswitch.conf
mount --bind ` + write("hosts", "127.0.0.1 localhost\n") + ` /etc/hosts
ip link set lo up
ip link add out type veth peer name far
echo 1 > /proc/sys/net/ipv6/conf/out/disable_ipv6
echo 1 > /proc/sys/net/ipv6/conf/far/disable_ipv6
ip addr add 10.9.9.1/24 dev out
ip link set far up
ip link set out up
ip neigh add ` + other + ` lladdr 02:00:00:00:00:50 dev out
ip route add default via ` + other)
	n.inside(func() {
		conn, err := (&net.ListenConfig{}).ListenPacket(GinkgoT().Context(), "udp", "127.0.0.1:53")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(conn.Close)
		go n.resolve(conn)
	})
	return n
}

// inside does something on the thread that lives in the network: a socket or a
// process that it makes is in there.
func (n *network) inside(do func()) {
	done := make(chan struct{})
	n.steps <- func() {
		defer close(done)
		defer GinkgoRecover()
		do()
	}
	<-done
}

func (n *network) sh(script string) {
	GinkgoHelper()
	n.inside(func() {
		said, err := exec.CommandContext(GinkgoT().Context(), "sh", "-c", script).CombinedOutput()
		Expect(err).NotTo(HaveOccurred(), "%s", said)
	})
}

// receiver starts a receiver on 127.0.0.1 in there.
func (n *network) receiver() (r *receiver, port string) {
	r = &receiver{status: []int{204}}
	n.inside(func() { r.Server = httptest.NewServer(r) })
	DeferCleanup(r.Close)
	_, port, _ = net.SplitHostPort(r.Listener.Addr().String())
	return r, port
}

// program runs kometia-sim in there.
func (n *network) program(dir string, args ...string) (res result) {
	return n.programWith(nil, dir, args...)
}

// programWith runs it with more in its environment.
func (n *network) programWith(env []string, dir string, args ...string) (res result) {
	GinkgoHelper()
	executable, err := os.Executable()
	Expect(err).NotTo(HaveOccurred())
	cmd := exec.CommandContext(GinkgoT().Context(), executable, args...)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), "LANG=en_US.UTF-8"), env...)
	cmd.Stdin = strings.NewReader("no JSON")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	n.inside(func() { err = cmd.Start() })
	Expect(err).NotTo(HaveOccurred())
	_ = cmd.Wait()
	return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
}

// left counts the packets that have left the computer.
func (n *network) left() (packets int) {
	GinkgoHelper()
	n.inside(func() {
		table, err := os.ReadFile("/proc/thread-self/net/dev")
		Expect(err).NotTo(HaveOccurred())
		for line := range strings.Lines(string(table)) {
			if fields, found := strings.CutPrefix(strings.TrimSpace(line), "out:"); found {
				_, err := fmt.Sscan(strings.Fields(fields)[9], &packets)
				Expect(err).NotTo(HaveOccurred())
				return
			}
		}
		Fail("there is no way out")
	})
	return packets
}

// lookups counts the questions for the address of a name.
func (n *network) lookups(name string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.asked[name]
}

// resolve answers that every name is the other machine.
func (n *network) resolve(conn net.PacketConn) {
	buffer := make([]byte, 1500)
	for {
		size, from, err := conn.ReadFrom(buffer)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(buffer[:size]) != nil || len(m.Questions) != 1 {
			continue
		}
		q := m.Questions[0]
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		if q.Type == dnsmessage.TypeA {
			name := strings.TrimSuffix(q.Name.String(), ".")
			n.mu.Lock()
			n.asked[name]++
			first := n.asked[name] == 1
			n.mu.Unlock()
			address := [4]byte(net.ParseIP(other).To4())
			if name == turning && first {
				address = [4]byte{127, 0, 0, 1}
			}
			m.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
				Body:   &dnsmessage.AResource{A: address},
			}}
		}
		if packed, err := m.Pack(); err == nil {
			_, _ = conn.WriteTo(packed, from)
		}
	}
}

var _ = Describe("on a full disk", Label("whole", "unraced"), func() {
	DescribeTable("what cannot be kept is a failure of ours, and the result is reported all the same", func(args ...string) {
		n, dir := newNetwork(), GinkgoT().TempDir()
		_, port := n.receiver()
		n.sh("mkdir " + dir + "/.kometia-sim && mount -t tmpfs -o size=4k none " + dir + "/.kometia-sim && echo '*' > " + dir + "/.kometia-sim/.gitignore")
		res := n.program(dir, append(args, "http://127.0.0.1:"+port+"/")...)
		Expect(res.code).To(Equal(view.ExitHarness), res.out+res.err)
		Expect(res.out).To(MatchRegexp("RECEIVED|passed|delivered"))
		Expect(res.err).To(ContainSubstring("no space left on device"))
		if slices.Contains(args, "--json") {
			all := lines(res.out)
			Expect(all[len(all)-1]).To(HaveKeyWithValue("exit", BeEquivalentTo(view.ExitHarness)))
		}
	},
		Entry("a send", "send", "order.paid", "--to"),
		Entry("a send for a program", "send", "order.paid", "--json", "--to"),
		Entry("a run", "run", "KOM-CSR-001", "--target"),
	)
})

var _ = Describe("in a network of its own", Label("whole", "unraced"), func() {
	It("not one packet goes to an address that was not consented to", func() {
		n, dir := newNetwork(), GinkgoT().TempDir()
		here, port := n.receiver()

		// What is localhost stays here, although a resolver would say otherwise.
		local := "http://shop.localhost:" + port + "/hook"
		for _, args := range [][]string{
			{"send", "order.paid", "--to", local},
			{"send", "order.paid", "--to", "http://localhost.:" + port + "/hook"},
			{"run", "KOM-ACK-001", "--target", local},
			{"fuzz", "order.paid", "--target", local, "--max-requests", "20", "--phases", "bytes"},
		} {
			before := len(here.got())
			res := n.program(dir, args...)
			Expect(res.code).To(BeElementOf(0, 1), "%v: %s%s", args, res.out, res.err)
			Expect(len(here.got())).To(BeNumerically(">", before), "%v", args)
		}
		Expect(n.lookups("shop.localhost") + n.lookups("localhost")).To(BeZero())

		// What is on another machine gets nothing that nobody has asked its owner for.
		away := "http://shop.test:" + port + "/hook"
		for _, args := range [][]string{
			{"send", "order.paid", "--count", "61", "--to", away},
			{"send", "--data", "-", "--to", away},
			{"send", "order.paid", "--to", away, "-H", "Transfer-Encoding: chunked"},
			{"fuzz", "order.paid", "--target", away, "--time", "1s"},
		} {
			res := n.program(dir, args...)
			Expect(res.code).To(Equal(2), "%v: %s%s", args, res.out, res.err)
		}
		Expect(n.lookups("shop.test")).To(BeNumerically(">", 0))

		// A name that was this computer and turns is not followed.
		res := n.program(dir, "send", "order.paid", "--to", "http://"+turning+":"+port+"/hook")
		Expect(res.code).To(Equal(5), res.out+res.err)
		Expect(res.err).To(And(ContainSubstring(turning), ContainSubstring(other)))
		Expect(n.lookups(turning)).To(Equal(2))

		Expect(n.left()).To(BeZero())

		// And packets are counted: one event to a host that was named is consented to.
		res = n.program(dir, "send", "order.paid", "--to", away, "--timeout", "300ms")
		Expect(res.code).To(Equal(3), res.out+res.err)
		Expect(n.left()).To(BeNumerically(">", 0))
	})

	It("what a receiver or an observer of this computer says leads nobody elsewhere, nor does a proxy", func() {
		n, dir := newNetwork(), GinkgoT().TempDir()
		here, port := n.receiver()
		// It sends everyone on to the other machine, but for events that it takes.
		here.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			here.ServeHTTP(httptest.NewRecorder(), r)
			w.Header().Set("Location", "http://"+other+":8080"+r.URL.Path)
			w.Header().Set("Refresh", "0; url=http://"+other+"/")
			if r.URL.Path == "/takes" {
				w.WriteHeader(http.StatusNoContent)
				return
			}
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		base := "http://127.0.0.1:" + port
		config := filepath.Join(dir, "kometia-sim.yaml")
		Expect(os.WriteFile(config, []byte("target: "+base+"/hook\nready: "+base+"/up\nstart: ['true']\n"+
			"api: {listen: '127.0.0.1:0', key: sk_test_0123456789}\n"), 0o600)).To(Succeed())
		observed := filepath.Join(dir, "observed.yaml")
		Expect(os.WriteFile(observed, []byte("target: "+base+"/takes\nobserve: {url: '"+base+"/effects/{event.id}'}\n"), 0o600)).To(Succeed())
		proxy := "http://" + other + ":3128"
		env := []string{
			"HTTP_PROXY=" + proxy, "HTTPS_PROXY=" + proxy, "ALL_PROXY=" + proxy, "http_proxy=" + proxy, "https_proxy=" + proxy, "all_proxy=" + proxy,
			"NO_PROXY=", "no_proxy=", "REQUEST_METHOD=",
		}
		for _, args := range [][]string{
			{"send", "order.paid"},
			{"send", "order.paid", "--retry"},
			{"run", "KOM-ACK-001", "KOM-PAY-001"},
			{"run", "KOM-ACK-001", "--config", observed},
			{"fuzz", "order.paid", "--max-requests", "10"},
			{"fuzz", "order.paid", "--max-requests", "10", "--config", observed},
			{"replay"},
			{"run", "KOM-ACK-001", "--report", "json=r.ndjson"},
			{"report", "r.ndjson"},
			{"compare", "r.ndjson", "r.ndjson"},
			{"list", "checks"},
			{"explain", "307"},
			{"ids"},
		} {
			before := len(here.got())
			res := n.programWith(env, dir, args...)
			Expect(res.code).To(BeElementOf(0, 1, 2, 3, 4), "%v: %s%s", args, res.out, res.err)
			if args[0] == "send" || args[0] == "run" || args[0] == "fuzz" {
				Expect(len(here.got())).To(BeNumerically(">", before), "%v: %s%s", args, res.out, res.err)
			}
			Expect(n.left()).To(BeZero(), "%v", args)
		}
		var effects int
		here.mu.Lock()
		for _, path := range here.paths {
			if strings.HasPrefix(path, "/effects/") {
				effects++
			}
		}
		here.mu.Unlock()
		Expect(effects).To(BeNumerically(">", 0), "the observer was never asked")

		for _, args := range [][]string{{"serve", "--memory", "--listen", "127.0.0.1:7001"}, {"receive", "--listen", "127.0.0.1:7002"}} {
			executable, err := os.Executable()
			Expect(err).NotTo(HaveOccurred())
			cmd := exec.CommandContext(GinkgoT().Context(), executable, args...)
			cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
			n.inside(func() { err = cmd.Start() })
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(func() {
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
			})
		}
		before := len(here.got())
		n.sh(`set -e
curl --noproxy '*' -sS --retry 50 --retry-delay 1 --retry-connrefused http://127.0.0.1:7001/_sim/subscriptions -d '{"url": "` + base + `/hook", "kinds": ["order.placed"]}' > /dev/null
curl --noproxy '*' -sS http://127.0.0.1:7001/_sim/subscriptions -d '{"url": "http://shop.test/hook", "kinds": ["order.placed"]}' | grep -q other_machine
curl --noproxy '*' -sS http://127.0.0.1:7001/_sim/emit -d '{"kinds": ["order.placed"], "wait": true}' > /dev/null
curl --noproxy '*' -sS --retry 50 --retry-delay 1 --retry-connrefused http://127.0.0.1:7002/webhook -d '{"callback": "http://` + other + `/"}' > /dev/null`)
		Expect(len(here.got())).To(BeNumerically(">", before))
		Expect(n.left()).To(BeZero())
	})
})
