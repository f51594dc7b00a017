package wire_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// server is a TCP server on loopback that does what a test tells it to.
type server struct {
	*wire.Target
	accepted atomic.Int64
	listener net.Listener
	mu       sync.Mutex
	conns    map[net.Conn]bool
	done     sync.WaitGroup
}

// serve hands every connection to handle and closes it afterwards. At the end
// of the spec everything is torn down, so that no handler outlives it.
func serve(handle func(net.Conn)) *server { return serveOn("127.0.0.1:0", handle) }

func serveOn(address string, handle func(net.Conn)) *server {
	GinkgoHelper()
	listener, err := (&net.ListenConfig{}).Listen(GinkgoT().Context(), "tcp", address)
	Expect(err).NotTo(HaveOccurred())
	s := &server{listener: listener, conns: map[net.Conn]bool{}}
	s.Target = target("http://" + listener.Addr().String() + "/hook")
	s.done.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[conn] = true
			s.mu.Unlock()
			s.done.Go(func() {
				s.accepted.Add(1)
				defer GinkgoRecover()
				defer conn.Close()
				handle(conn)
			})
		}
	})
	DeferCleanup(func() {
		_ = listener.Close()
		s.mu.Lock()
		for conn := range s.conns {
			_ = conn.Close()
		}
		s.mu.Unlock()
		s.done.Wait()
	})
	return s
}

// answering reads requests and gives each the same bytes as answer; with
// hold, it keeps the connection and says no more until the client closes.
func answering(answer string, hold bool) *server {
	return serve(func(conn net.Conn) {
		br := bufio.NewReader(conn)
		for readRequest(br) != nil {
			if _, err := io.WriteString(conn, answer); err != nil || !hold {
				finish(conn, br)
				return
			}
		}
	})
}

// finish ends the sending and reads on, so that the close that follows resets
// nothing.
func finish(conn net.Conn, br *bufio.Reader) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	_, _ = io.Copy(io.Discard, br)
}

type received struct {
	*http.Request
	Body []byte
}

// readRequest reads a whole request; nil when there is none.
func readRequest(br *bufio.Reader) *received {
	r, err := http.ReadRequest(br)
	if err != nil {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil
	}
	return &received{r, body}
}

func target(url string) *wire.Target {
	GinkgoHelper()
	t, err := wire.ParseTarget(url)
	Expect(err).NotTo(HaveOccurred())
	return t
}

func client(cfg wire.Config) *wire.Client {
	GinkgoHelper()
	c, err := wire.New(cfg)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(c.Close)
	return c
}

// impatient gives up on hostile servers soon.
func impatient() *wire.Client { return client(wire.Config{Timeout: 200 * time.Millisecond}) }

// insist makes an attempt again when no answer at all came in time: on a busy
// machine an impatient client may be the one to blame.
func insist(attempt func() *wire.Outcome) *wire.Outcome {
	out := attempt()
	for range 5 {
		if out.Err == nil || out.Err.Kind != wire.ErrTimeout {
			break
		}
		out = attempt()
	}
	return out
}

// patient is for exchanges that come to an end by themselves.
func patient() *wire.Client { return client(wire.Config{Timeout: 10 * time.Second}) }

func post(t *wire.Target, body string) *wire.Request {
	return &wire.Request{Target: t, Header: []wire.Field{{Name: "Content-Type", Value: "application/json"}}, Body: []byte(body)}
}
