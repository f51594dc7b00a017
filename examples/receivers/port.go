package receivers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// Ports come from below the range that systems hand out by themselves (32768 and up), so that no outgoing connection
// and no listener on port 0 takes one between our look and the receiver's bind.
const (
	firstPort = 21000
	portCount = 8000
)

// port is a number of 127.0.0.1 that no other test process of this machine uses meanwhile.
type port struct {
	number int
	lock   *os.File
}

// reservePort takes a lock file per number: the test processes of several packages run side by side, and a lock falls
// with its process, however that ends.
func reservePort(ctx context.Context) (*port, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("kometia-sim-ports-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	start := os.Getpid() * 101 // far apart for neighbouring processes
	for i := range portCount {
		p := &port{number: firstPort + (start+i)%portCount}
		lock, err := lockFile(filepath.Join(dir, strconv.Itoa(p.number)))
		if errors.Is(err, errLocked) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reserve a port: %w", err)
		}
		p.lock = lock
		if p.free(ctx) {
			return p, nil
		}
		p.release()
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("no free port on 127.0.0.1")
}

func (p *port) host() string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.number))
}

func (p *port) free(ctx context.Context) bool {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", p.host())
	if err != nil {
		return false
	}
	return listener.Close() == nil
}

func (p *port) waitUntilFree(ctx context.Context) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for !p.free(ctx) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is still in use: %w", p.host(), context.Cause(ctx))
		case <-ticker.C:
		}
	}
	return nil
}

func (p *port) release() {
	_ = p.lock.Close() // closing is what unlocks; there is nothing to write
}
