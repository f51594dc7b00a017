package diagnose

import (
	"context"
	"net/http"
	"sync"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// maxProbes is how many further requests a Prober makes in all.
const maxProbes = 4

// Sender makes a request; *wire.Client is one.
type Sender interface {
	Do(ctx context.Context, r *wire.Request) *wire.Outcome
}

// Probe is a request that a diagnosis made by itself, and what came of it.
type Probe struct {
	Request *wire.Request
	Outcome *wire.Outcome
}

// Prober diagnoses like its table and, where an answer has more than one
// explanation, asks the receiver something that decides between them: at most four requests
// in all, each question once. It is safe for concurrent use.
type Prober struct {
	table  *Table
	sender Sender

	mu    sync.Mutex
	left  int
	asked map[string]*wire.Outcome // by question

	heard sync.Mutex      // guards what follows, also while a probe is under way
	taken map[string]bool // URLs that gave a POST a 2xx
	spoke map[string]bool // URLs that gave any response
}

// NewProber makes a prober that asks through the sender; nil asks nothing.
func NewProber(t *Table, s Sender) *Prober {
	return &Prober{table: t, sender: s, left: maxProbes, asked: map[string]*wire.Outcome{}, taken: map[string]bool{}, spoke: map[string]bool{}}
}

// Diagnose is [Table.Diagnose], made surer by what the same URL answered
// before and by what probes bring to light. The probes are those of this call;
// what an earlier one has learned costs nothing.
func (p *Prober) Diagnose(ctx context.Context, req *wire.Request, out *wire.Outcome) (*Diagnosis, []Probe) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.table.Diagnose(req, out)
	if req == nil || req.Target == nil || out == nil {
		return d, nil
	}
	p.Hear(req, out)
	taken, spoke := p.known(req)
	if d == nil {
		return nil, nil
	}
	if d.Code == "timeout.response" && spoke && d.Certainty == Likely {
		return p.become(d, req, d.Code, Certain, seen("esa URL ya respondió antes, así que el puerto y el protocolo son los correctos",
			"this URL has answered before, so port and protocol are right")), nil
	}
	if isNotFound(d, out) && taken {
		return p.become(d, req, "body.invalid", Likely, ownNotFound(lang.Text{
			ES: "esa URL ya recibió otro evento: la ruta existe y el 404 es de su código",
			EN: "this URL took another event before: the route exists, and the 404 is your code's",
		})), nil
	}
	var made []Probe
	for _, q := range questions() {
		if p.sender == nil || d == nil {
			break
		}
		if d.Certainty == Certain && !q.evenCertain || !q.arises(d, req, out) || q.firstContact && spoke || q.untaken && taken {
			continue
		}
		answer, probe := p.answer(ctx, &q, req)
		if probe != nil {
			made = append(made, *probe)
		}
		if answer != nil && (answer.Err == nil || q.fromSilence) {
			d = q.learn(p, d, req, out, answer)
		}
	}
	return d, made
}

// Hear remembers what a URL answered, for what it answers later. Whatever is
// diagnosed is heard already.
func (p *Prober) Hear(req *wire.Request, out *wire.Outcome) {
	if req == nil || req.Target == nil || out == nil || out.Err != nil {
		return
	}
	p.heard.Lock()
	defer p.heard.Unlock()
	url := req.Target.URL()
	p.spoke[url] = true
	if out.Acknowledged() && (req.Method == "" || req.Method == http.MethodPost) {
		p.taken[url] = true
	}
}

func (p *Prober) known(req *wire.Request) (taken, spoke bool) {
	p.heard.Lock()
	defer p.heard.Unlock()
	url := req.Target.URL()
	return p.taken[url], p.spoke[url]
}

// answer asks the question, unless it was asked before: then there is no probe.
// The answer is nil when no request is left or none can be made.
func (p *Prober) answer(ctx context.Context, q *question, req *wire.Request) (*wire.Outcome, *Probe) {
	if known, ok := p.asked[q.name]; ok {
		return known, nil
	}
	if p.left == 0 {
		return nil, nil
	}
	r := q.ask(req)
	if r == nil {
		return nil, nil
	}
	p.left--
	if q.patience > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, q.patience)
		defer cancel()
	}
	p.asked[q.name] = p.sender.Do(ctx, r)
	return p.asked[q.name], &Probe{Request: r, Outcome: p.asked[q.name]}
}

// learned is what a probe has shown: the evidence, and the texts that stand in
// for those of the code.
type learned struct{ seen, title, hint lang.Text }

func seen(es, en string) learned { return learned{seen: lang.Text{ES: es, EN: en}} }

// become is the diagnosis under another code, or with another certainty, for
// what a probe has shown. Whatever it did not decide before it decides now.
func (p *Prober) become(d *Diagnosis, req *wire.Request, code string, certainty Certainty, l learned) *Diagnosis {
	entry, known := p.table.Entry(code)
	if !known {
		return d
	}
	out := *d
	out.Certainty, out.Evidence = certainty, also(d.Evidence, l.seen)
	if code != d.Code || d.Or != "" || !l.hint.IsZero() {
		target := req.Target.URL()
		out.Code, out.Or, out.Title, out.Fixes = code, "", entry.Title, entry.FixesFor(target, d.Receivers...)
		out.General = entry.General
		out.Hint = putPath(entry.Hint, target)
		if !l.title.IsZero() {
			out.Title = l.title
		}
		if !l.hint.IsZero() {
			out.Hint = putPath(l.hint, target)
		}
	}
	return &out
}

// also adds to what was seen.
func also(before, more lang.Text) lang.Text {
	return lang.Text{ES: before.ES + "; " + more.ES, EN: before.EN + "; " + more.EN}
}
