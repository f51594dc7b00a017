package wire

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// conn is one connection to one server, used by one attempt at a time.
type conn struct {
	tcp     net.Conn
	meter   *meter   // what is read of tcp goes through it
	stream  net.Conn // meter, or TLS over it
	sock    *socket
	rd      *reader
	readers *sync.Pool // where rd goes back to
	key     string
	remote  string
	state   *tls.ConnectionState // nil over plain TCP
	reused  bool
	idle    time.Time // since when, by the client's clock
}

func newConn(m *meter, stream net.Conn, readers *sync.Pool) (*conn, error) {
	tcp := m.Conn
	raw, ok := tcp.(syscall.Conn)
	if !ok {
		return nil, lang.Errorf("la conexión no tiene socket", "the connection has no socket")
	}
	sock, err := newSocket(raw)
	if err != nil {
		return nil, err
	}
	cn := &conn{tcp: tcp, meter: m, stream: stream, sock: sock, readers: readers}
	cn.rd, _ = readers.Get().(*reader)
	cn.rd.reset(stream)
	return cn, nil
}

// meter is a TCP connection that counts what its one reader takes of it.
type meter struct {
	net.Conn
	taken   uint64
	settled atomic.Uint64 // of taken, what the reader has made up its mind about
}

// Read implements io.Reader. Who comes for more has dealt with what it took.
func (m *meter) Read(p []byte) (int, error) {
	m.settled.Store(m.taken)
	n, err := m.Conn.Read(p)
	m.taken += uint64(max(n, 0))
	return n, err
}

// wake makes an idle connection ready for use and reports whether it can be
// used, as far as can be told without asking the kernel; see begin.
func (cn *conn) wake(deadline time.Time) bool {
	cn.reused = true
	return cn.rd.br.Buffered() == 0 &&
		(cn.state == nil || cn.nothingDecrypted()) &&
		cn.tcp.SetDeadline(deadline) == nil
}

// nothingDecrypted reports whether the TLS layer holds no bytes that were
// received earlier: with the deadline past, they are all that a read can give.
func (cn *conn) nothingDecrypted() bool {
	if cn.tcp.SetDeadline(longAgo()) != nil {
		return false
	}
	var one [1]byte
	n, err := cn.stream.Read(one[:])
	return n == 0 && isTimeout(err)
}

// begin writes what can be written without waiting. Over TLS that is nothing:
// there is no telling how much of a record the kernel will take. When it
// reports false, nothing was written, because something has happened to the
// idle connection: its end, or bytes that nobody asked for and that would pass
// for the next answer. whole says that p is all there is to send.
func (cn *conn) begin(p []byte, whole bool) (alive bool, wrote int, err error) {
	if cn.state != nil {
		p = nil
	}
	return cn.sock.send(p, whole, cn.reused)
}

// unasked reports whether bytes have come on an idle connection, and not only its
// end. Over TLS they may be the protocol's own.
func (cn *conn) unasked() bool { return cn.state == nil && cn.sock.pends() }

// interrupt makes every read and write return at once.
func (cn *conn) interrupt() { _ = cn.tcp.SetDeadline(longAgo()) }

// retire closes a connection that is in order; over TLS it says goodbye.
func (cn *conn) retire() {
	_ = cn.stream.Close()
	cn.release()
}

// discard closes a connection in whatever state it is, without waiting.
func (cn *conn) discard() {
	_ = cn.tcp.Close()
	cn.release()
}

func (cn *conn) release() {
	cn.rd.reset(nil)
	cn.readers.Put(cn.rd)
	cn.rd = nil
}

// longAgo is a deadline that has passed on any clock.
func longAgo() time.Time { return time.Unix(1, 0) }
