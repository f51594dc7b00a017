package wire

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

const (
	// listening is how long after Finish an answer is still waited for.
	listening = time.Second
	// draining is how long Reset waits for the receiver's machine to take what
	// was sent, which a reset would drop.
	draining = time.Second
	// glance is how long a look at the connection is worth before the next.
	glance = 100 * time.Microsecond
)

// errUnsent is the writer's error when a script leaves a part of the request
// unsent.
var errUnsent = lang.Errorf("no se mandó entera", "not sent whole")

// How a play stands: who was first, the answer or our own end.
const (
	open int32 = iota
	answered
	over
)

// play is the sending of one request by a script. The goroutine that reads and
// the one that writes share it; nil is that of an ordinary request.
type play struct {
	cn     *conn
	clock  retryclock.Clock
	end    Ending
	bytes  []byte // the request as it stands on the wire
	state  atomic.Int32
	cancel context.CancelFunc // ends every wait
	until  time.Time          // of the whole exchange

	// Written by the writer, to be read when it is done.
	sent   int
	opened bool // a gate opened in time
	silent bool // a gate did not
}

// perform starts to send r by its script; both results are nil for a request
// that has none.
func (c *Client) perform(ctx context.Context, cn *conn, r *Request, end time.Time) (*play, *writing) {
	script := r.Script
	if r.ExpectContinue {
		cn.rd.continued = make(chan struct{})
		script = expecting(r, c.cfg.ContinueTimeout, cn.rd.continued)
	}
	if script == nil {
		return nil, nil
	}
	ctx, cancel := context.WithCancel(ctx)
	p := &play{cn: cn, clock: c.cfg.Clock, end: script.End, cancel: cancel, until: end}
	p.bytes = append(AppendHead(nil, r), r.Body...)
	w := &writing{done: make(chan struct{})}
	go func() {
		defer close(w.done)
		w.err = p.run(ctx, script.Steps)
	}()
	return p, w
}

func (p *play) run(ctx context.Context, steps []Step) error {
	for i := range steps {
		if p.wait(ctx, &steps[i]) != nil {
			return errUnsent // the answer is there, or the attempt is over
		}
		to := steps[i].To
		if to < 0 || to > len(p.bytes) {
			to = len(p.bytes)
		}
		if to <= p.sent {
			continue
		}
		if i == len(steps)-1 && (p.end == HangUp || p.end == Finish) {
			p.cn.sock.cork(true) // for the FIN to go with it
		}
		n, err := p.cn.stream.Write(p.bytes[p.sent:to])
		p.sent += n
		if err != nil {
			return err
		}
	}
	if p.end != GoOn {
		if err := p.finish(ctx); err != nil {
			return err
		}
	}
	if p.sent < len(p.bytes) {
		return errUnsent
	}
	return nil
}

// wait waits for a step's turn.
func (p *play) wait(ctx context.Context, s *Step) error {
	until := p.until
	if s.Pause > 0 {
		until = p.clock.Now().Add(s.Pause)
	}
	switch {
	case s.Gate == nil && s.Pause == 0:
		return ctx.Err()
	case s.Gate == nil:
		return p.clock.WaitUntil(ctx, until)
	}
	gate := s.Gate()
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	waited := make(chan struct{})
	go func() {
		defer close(waited)
		_ = p.clock.WaitUntil(waiting, until) // its only error is that nobody waits any more
	}()
	select {
	case <-gate:
		p.opened = true
	case <-waited:
		p.silent = ctx.Err() == nil
	}
	cancel()
	<-waited
	return ctx.Err()
}

// finish ends the connection, unless an answer has begun to arrive.
func (p *play) finish(ctx context.Context) error {
	defer p.cn.sock.cork(false)
	if p.end == Reset {
		p.drain(ctx)
	}
	// What has arrived and is not read yet, or is in the reader's hands, may be
	// an answer, or over TLS a ticket for another session: the reader will tell
	// in a moment.
	for {
		silent, err := p.cn.sock.silent()
		silent = silent && p.cn.sock.received() <= p.cn.meter.settled.Load()
		switch {
		case p.state.Load() == answered:
			return nil
		case err != nil:
			return err // torn down from the other side; the look has taken the news
		}
		if silent {
			break
		}
		if p.clock.WaitUntil(ctx, p.clock.Now().Add(glance)) != nil {
			return nil
		}
	}
	if !p.state.CompareAndSwap(open, over) {
		return nil
	}
	tcp := p.cn.tcp
	if p.end == Reset {
		if s, ok := tcp.(interface{ SetLinger(int) error }); ok {
			_ = s.SetLinger(0)
		}
	} else if s, ok := tcp.(interface{ CloseWrite() error }); ok {
		_ = s.CloseWrite()
	}
	if p.end != Finish {
		return tcp.Close() // which wakes the reader
	}
	if soon := p.clock.Now().Add(listening); soon.Before(p.until) {
		_ = tcp.SetReadDeadline(soon)
	}
	if ctx.Err() != nil {
		p.cn.interrupt() // which the line above may have undone
	}
	return nil
}

// drain waits until the receiver's machine has taken all that was sent.
func (p *play) drain(ctx context.Context) {
	until := p.clock.Now().Add(draining)
	for !p.cn.sock.drained() && p.clock.Now().Before(until) {
		if p.clock.WaitUntil(ctx, p.clock.Now().Add(glance)) != nil {
			return
		}
	}
}

// hears is told how the first read ended, and reports whether what came counts:
// an answer does not when we had hung up before, and neither does the end of a
// connection that we ended.
func (p *play) hears(err error) bool {
	switch {
	case p == nil:
		return true
	case err != nil:
		return !p.isOver()
	}
	return p.state.CompareAndSwap(open, answered) || p.end == Finish
}

// isOver reports whether we ended the connection.
func (p *play) isOver() bool { return p != nil && p.state.Load() == over }

// stop keeps what has not been sent from being sent.
func (p *play) stop() {
	if p != nil {
		p.cancel()
	}
}

// tell adds to the outcome what only the writer knows; the writing has to be
// over.
func (p *play) tell(r *Request, out *Outcome) {
	switch {
	case p == nil || !r.ExpectContinue:
	case p.opened:
		out.note(NoteContinued)
	case p.silent:
		out.note(NoteUnanswered)
	}
}

// err says what we did.
func (p *play) err() *Error {
	did := lang.Text{ES: "cerramos la conexión", EN: "closed the connection"}
	if p.end == Reset {
		did = lang.Text{ES: "cortamos la conexión", EN: "reset the connection"}
	}
	if p.sent < len(p.bytes) {
		return newError(ErrHungUp, "%s tras %d de %d bytes de la petición", "we %s after %d of %d bytes of the request", did, p.sent, len(p.bytes))
	}
	return newError(ErrHungUp, "%s antes de la respuesta", "we %s before a response", did)
}
