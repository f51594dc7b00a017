package scenarios_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"

	undertest "github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
)

// mortal is a receiver whose process tests pretend to kill: what it remembers
// only in memory is gone then, and while it is dead nobody listens.
type mortal struct {
	books *ledger
	// keeps says that it remembers events on disk.
	keeps bool
	// forgets is after how long by its own clock it forgets an event; zero is never.
	forgets time.Duration
	// lazy says that it acts only after it has answered, at the next event.
	lazy bool
	// still says that its clock stays where it is.
	still bool

	mu    sync.Mutex
	ahead time.Duration
	dead  bool
	down  bool
	seen  map[string]time.Time
	queue []string
	log   []string // what hooks did
}

func (m *mortal) now() time.Time {
	if m.still {
		return time.Now()
	}
	return time.Now().Add(m.ahead)
}

func (m *mortal) answer(w http.ResponseWriter, r *http.Request, p post) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		panic(http.ErrAbortHandler) // the connection breaks off
	}
	w.Header().Set("Date", m.now().UTC().Format(http.TimeFormat))
	if r.Method == http.MethodGet || !p.Valid {
		return false
	}
	if m.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return true
	}
	if at, known := m.seen[p.Event.ID]; known && (m.forgets == 0 || m.now().Sub(at) < m.forgets) {
		return false
	}
	m.seen[p.Event.ID] = m.now()
	m.queue = append(m.queue, p.Event.ID)
	if !m.lazy {
		m.work()
	}
	return false
}

// work acts on what is queued.
func (m *mortal) work() {
	for _, id := range m.queue {
		m.books.act(id)
	}
	m.queue = nil
}

func (m *mortal) do(verb string, change func()) observe.ActionFunc {
	return func(_ context.Context, env ...string) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.log = append(m.log, strings.TrimSpace(verb+" "+strings.TrimPrefix(strings.Join(env, " "), "KOMETIA_SIM_OFFSET=")))
		for _, v := range env {
			m.ahead, _ = observe.ParseOffset(strings.TrimPrefix(v, "KOMETIA_SIM_OFFSET="))
		}
		change()
		return nil
	}
}

// live starts it and returns a config for a run against it.
func (m *mortal) live() setup {
	GinkgoHelper()
	m.books, m.seen = newLedger(), map[string]time.Time{}
	cfg := configFor(receiveAny(m.answer).URL)
	cfg.Observer, cfg.Observing = m.books, "url"
	cfg.Drain = observe.ActionFunc(func(context.Context, ...string) error {
		m.mu.Lock()
		defer m.mu.Unlock()
		if !m.dead {
			m.work()
		}
		return nil
	})
	cfg.Hooks = undertest.Hooks{
		Start: m.do("start", func() { m.dead = false }),
		Kill: m.do("kill", func() {
			m.dead = true
			m.queue = nil
			if !m.keeps {
				m.seen = map[string]time.Time{}
			}
		}),
		Down: m.do("down", func() { m.down = true }),
		Up:   m.do("up", func() { m.down = false }),
	}
	return cfg
}

func (m *mortal) did() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.log)
}
