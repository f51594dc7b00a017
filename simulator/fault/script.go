package fault

import (
	"bytes"
	"math/rand/v2"
	"time"

	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// How a drip goes: in so many pieces at the most, with pauses of so long.
const (
	maxDrops             = 24
	minPause, extraPause = 10 * time.Millisecond, 20 * time.Millisecond
)

// Circumstances are what a fault depends on besides the request.
type Circumstances struct {
	// Event is the id of the event that the body carries: a cut leaves it in
	// what arrives, wherever it stands. Empty means that there is none.
	Event string
	// Latency is how long the receiver takes to answer; zero, where nobody has
	// measured it, makes a share of it no time at all.
	Latency time.Duration
	// Seed decides what is left to chance.
	Seed uint64
}

// Script is what the wire does about r under the fault; nil where the request
// goes out whole and at once. The same arguments give the same script.
func (f Fault) Script(r *wire.Request, c Circumstances) *wire.Script {
	whole := wire.Step{To: -1}
	switch f.Kind {
	case Reset:
		return &wire.Script{Steps: []wire.Step{whole}, End: wire.Reset}
	case HangUp:
		s := &wire.Script{Steps: []wire.Step{whole}, End: wire.HangUp}
		if after := f.After + c.Latency*time.Duration(f.Percent)/100; after > 0 {
			s.Steps = append(s.Steps, wire.Step{To: -1, Pause: after})
		}
		return s
	case CutFIN:
		return &wire.Script{Steps: []wire.Step{{To: f.cut(r, c.Event)}}, End: wire.Finish}
	case CutRST:
		return &wire.Script{Steps: []wire.Step{{To: f.cut(r, c.Event)}}, End: wire.Reset}
	case Drip:
		return drip(r, c.Seed)
	}
	return nil
}

// cut is how many bytes of a request go out: its head, the share of its body,
// and the event's id in any case, but never all.
func (f Fault) cut(r *wire.Request, event string) int {
	head := len(wire.AppendHead(nil, r))
	share := len(r.Body) * f.Percent / 100
	if event != "" {
		if i := bytes.Index(r.Body, []byte(event)); i >= 0 {
			share = max(share, i+len(event))
		}
	}
	return head + min(share, len(r.Body)-1) // without a body, the head is what is cut
}

// drip cuts the request in places that the seed chooses, the head as well as
// the body.
func drip(r *wire.Request, seed uint64) *wire.Script {
	chance := rand.New(rand.NewPCG(seed, 0xd819))
	total := len(wire.AppendHead(nil, r)) + len(r.Body)
	s := &wire.Script{}
	for at, drop := 0, max(2*total/maxDrops, 1); at < total; {
		at += 1 + chance.IntN(drop)
		pause := minPause + time.Duration(chance.Int64N(int64(extraPause)))
		if len(s.Steps) == 0 {
			pause = 0
		}
		if len(s.Steps) == maxDrops-1 {
			at = total
		}
		s.Steps = append(s.Steps, wire.Step{To: min(at, total), Pause: pause})
	}
	return s
}
