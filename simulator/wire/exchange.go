package wire

import (
	"context"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

const (
	// atOnce is how much of a request is offered to the kernel in one write
	// before the answer is waited for.
	atOnce = 64 << 10
	// writeGrace is how long, after the answer has been read, a server may
	// still take the rest of the request: one that answers early and reads on
	// gets what it wants, one that does not is not waited for.
	writeGrace = 200 * time.Millisecond
)

// fate is what an exchange leaves to be done.
type fate int

const (
	// settled: nothing; the outcome stands.
	settled fate = iota
	// unsent: the idle connection was found unusable before anything was sent.
	unsent
	// stale: the idle connection was found closed after the request was sent and
	// before the first byte of an answer.
	stale
)

// exchange sends r over cn and reads the answer into out. Reading never waits
// for writing: what the kernel takes at once is written on the spot, without
// ever blocking, and the rest, if any, by a goroutine of its own. An error of
// writing decides nothing, because the answer may have arrived all the same.
//
// The connection belongs to exchange, which keeps or closes it.
func (c *Client) exchange(ctx context.Context, cn *conn, r *Request, out *Outcome, end time.Time) (fate, *Error) {
	out.Connected, out.Reused, out.Remote, out.TLS = true, cn.reused, cn.remote, cn.state
	hurried := c.cfg.FirstByteTimeout < c.cfg.Timeout
	if hurried {
		if first := c.cfg.Clock.Now().Add(c.cfg.FirstByteTimeout); first.Before(end) {
			_ = cn.tcp.SetReadDeadline(first)
		}
	}
	finished := func() bool { return true }
	if ctx.Done() != nil {
		finished = context.AfterFunc(ctx, cn.interrupt)
	}
	var p *play
	var w *writing
	if r.whole() {
		w = c.write(cn, r)
	} else {
		p, w = c.perform(ctx, cn, r, end)
	}
	if w == nil {
		finished()
		if cn.unasked() {
			out.note(NoteUnasked)
			c.pool.distrust(cn.key)
		}
		cn.discard()
		return unsent, nil
	}

	var fail *Error
	result, seen := settled, lang.Text{}
	_, err := cn.rd.br.Peek(1)
	hung := !p.hears(err)
	if err != nil {
		if w.busy() || !w.whole() {
			seen = lang.Text{ES: ", y la petición no se pudo mandar entera", EN: ", and the request could not be sent whole"}
		}
		fail = readError(err, seen)
		if cn.reused && (fail.Kind == ErrClosed || fail.Kind == ErrReset) {
			result = stale
		}
	} else if !hung {
		if hurried {
			_ = cn.tcp.SetReadDeadline(end)
			if ctx.Err() != nil {
				cn.interrupt() // which the line above has undone
			}
		}
		fail = cn.rd.readStatus(out)
		hung = fail != nil && p.isOver()
	}
	if fail != nil || hung {
		finished()
		p.stop()
		cn.discardAfter(w)
		c.recycle(w)
		p.tell(r, out)
		if hung {
			return settled, p.err()
		}
		if fail.Kind == ErrClosed && isReset(w.err) {
			// The kernel tells of a reset only once. When the writer hears it
			// first, the reader sees a mere end.
			fail = readError(w.err, seen)
		}
		if ctx.Err() != nil && (result == stale || fail.Kind == ErrTimeout) {
			return settled, canceled(ctx)
		}
		return result, fail
	}

	out.Latency = c.cfg.Clock.Now().Sub(out.Started)
	keep, fail := cn.readRest(out, r)
	if fail != nil && fail.Kind == ErrTimeout && ctx.Err() != nil {
		fail = canceled(ctx)
	}
	p.stop()
	if w.busy() {
		if grace := c.cfg.Clock.Now().Add(writeGrace); grace.Before(end) {
			_ = cn.tcp.SetWriteDeadline(grace)
		}
		if ctx.Err() != nil {
			cn.interrupt()
		}
		w.wait()
	}
	if !w.whole() {
		out.note(NoteEarly)
		keep = false
	}
	p.tell(r, out)
	keep = finished() && keep && p == nil && !r.Fresh && !r.unframed()
	c.recycle(w)
	if out.Noted(NoteBodyExtra) {
		c.pool.distrust(cn.key)
	}
	switch {
	case keep:
		cn.idle = c.cfg.Clock.Now()
		c.pool.put(cn)
	case len(out.Notes) == 0 && fail == nil:
		cn.retire()
	default:
		cn.discard()
	}
	return settled, fail
}

// readRest reads what follows the final status line and reports whether the
// connection can be used again. A 2xx that real clients refuse is no answer.
func (cn *conn) readRest(out *Outcome, r *Request) (keep bool, fail *Error) {
	keep = cn.readParts(out, r)
	if fail = cn.rd.refusal; fail == nil || !out.Acknowledged() {
		return keep, nil
	}
	out.refuse()
	return false, fail
}

func (cn *conn) readParts(out *Outcome, r *Request) (keep bool) {
	var f framing
	whole := cn.rd.readHeader(out, &f)
	cn.rd.publish(out)
	if !whole {
		return false
	}
	bodiless := out.Status == 101 || out.Status == 204 || out.Status == 304 || r.Method == "HEAD"
	if whole = cn.rd.readBody(out, &f, bodiless); !whole {
		return false
	}
	if cn.rd.br.Buffered() > 0 {
		out.note(NoteBodyExtra)
		return false
	}
	switch {
	case f.closing, out.Noted(NoteHeaderBad), out.Status == 101:
		return false
	case out.Proto == "HTTP/1.0" && (!f.keepAlive || f.coded):
		return false
	case f.coded && (!f.chunked || f.lengths > 0 || f.conflict):
		// Two framings at once: the next answer may start anywhere.
		return false
	}
	return bodiless || f.chunked || f.lengths > 0
}

// writing is the sending of one request.
type writing struct {
	head *[]byte       // from Client.heads; the head and the start of the body
	done chan struct{} // nil when all was written at once
	err  error         // read only after done is closed
}

// write starts the sending of r; nil says that the idle connection cannot be
// used and nothing was sent.
func (c *Client) write(cn *conn, r *Request) *writing {
	head, _ := c.heads.Get().(*[]byte)
	w := &writing{head: head}
	buf := AppendHead((*head)[:0], r)
	body := r.Body
	if room := atOnce - len(buf); room > 0 {
		n := min(room, len(body))
		buf, body = append(buf, body[:n]...), body[n:]
	}
	*head = buf
	alive, n, err := cn.begin(buf, len(body) == 0)
	if !alive && cn.reused {
		c.recycle(w)
		return nil
	}
	if buf = buf[n:]; err != nil || len(buf)+len(body) == 0 {
		w.err = err
		return w
	}
	w.done = make(chan struct{})
	go func() {
		defer close(w.done)
		for _, part := range [][]byte{buf, body} {
			if w.err == nil && len(part) > 0 {
				_, w.err = cn.stream.Write(part)
			}
		}
	}()
	return w
}

// busy reports whether the sending goes on.
func (w *writing) busy() bool {
	if w.done == nil {
		return false
	}
	select {
	case <-w.done:
		return false
	default:
		return true
	}
}

func (w *writing) wait() {
	if w.done != nil {
		<-w.done
	}
}

// whole reports whether all was sent; the sending has to be over.
func (w *writing) whole() bool { return w.err == nil }

// recycle gives the buffer back; the sending has to be over.
func (c *Client) recycle(w *writing) {
	if w.head != nil {
		c.heads.Put(w.head)
	}
}

// discardAfter closes the connection, which ends the sending, too.
func (cn *conn) discardAfter(w *writing) {
	_ = cn.tcp.Close()
	w.wait()
	cn.release()
}
