package wire

import (
	"sync"
	"time"
)

// pool keeps idle connections by scheme, host and port. The one used last is
// taken first: it is the least likely to have been closed by its server.
type pool struct {
	max int

	mu     sync.Mutex
	idle   map[string][]*conn
	count  int
	closed bool
	// unruly are servers that have said something unasked. What they say late could
	// pass for the next answer, so that none of their connections is kept.
	unruly map[string]bool
}

// take gives an idle connection with its deadline set; nil when there is none.
func (p *pool) take(key string, deadline time.Time) *conn {
	for {
		cn := p.pop(key)
		if cn == nil || cn.wake(deadline) {
			return cn
		}
		cn.discard()
	}
}

func (p *pool) pop(key string) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.idle[key]
	if len(list) == 0 {
		return nil
	}
	last := len(list) - 1
	cn := list[last]
	list[last] = nil
	p.idle[key] = list[:last]
	p.count--
	return cn
}

// put keeps the connection or, when there is no room, closes it.
func (p *pool) put(cn *conn) {
	p.mu.Lock()
	full := p.closed || p.count >= p.max || p.unruly[cn.key]
	if !full {
		p.idle[cn.key] = append(p.idle[cn.key], cn)
		p.count++
	}
	p.mu.Unlock()
	if full {
		cn.retire()
	}
}

// distrust keeps no connection to a server any more, and closes those that are idle.
func (p *pool) distrust(key string) {
	p.mu.Lock()
	if p.unruly == nil {
		p.unruly = map[string]bool{}
	}
	p.unruly[key] = true
	idle := p.idle[key]
	delete(p.idle, key)
	p.count -= len(idle)
	p.mu.Unlock()
	for _, cn := range idle {
		cn.retire()
	}
}

func (p *pool) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.drop()
}

// drop closes what is idle.
func (p *pool) drop() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.count = map[string][]*conn{}, 0
	p.mu.Unlock()
	for _, list := range idle {
		for _, cn := range list {
			cn.retire()
		}
	}
}
