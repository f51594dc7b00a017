package scenarios

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// deliver plays one delivery to its end, on a virtual clock of its own.
func (r *Runner) deliver(ctx context.Context, d *Deliver, e *emitted) *exchange {
	x := &exchange{name: d.name(), kind: e.kind, summary: e.summary, keep: d.Connection == "kept"}
	if d.method() != http.MethodPost {
		x.summary = d.Method
	}
	if e.event != nil {
		x.event, x.subject, x.inert = e.event.ID, subjectOf(e.event), e.inert || d.method() != http.MethodPost
		if r.cfg.OnEvent != nil {
			r.cfg.OnEvent(e.event, r.world.Objects(e.event))
		}
	}
	due := e.at.Add(d.At)
	request := &wire.Request{
		Method: d.Method, Target: r.cfg.Target, Header: d.header(delivery.Header(r.cfg.UserAgent, r.cfg.Header)),
		Body: e.body, Fresh: !x.keep,
	}
	wasGone := r.gone
	engine, err := delivery.New(delivery.Config{
		Clock: retryclock.NewVirtual(due), Policy: r.cfg.Policy, Sender: r.pacer, Stop: r.cfg.Stop,
	})
	if err != nil {
		// The policy was checked when the runner was made.
		panic(err)
	}
	// Its error is the context's, which the result tells as interrupted.
	results, _ := engine.Run(ctx, []delivery.Delivery{{
		Event: x.event, Kind: e.kind, Request: request, Due: due, Origin: e.at,
		Faults: d.Faults, MaxAttempts: max(d.Attempts, 1),
	}})
	x.result = results[0]
	r.report.Virtual += x.result.LastOffset()
	if o := x.last(); o != nil {
		// That a webhook takes no GET is no fault to be explained.
		if d.method() == http.MethodPost {
			x.diagnosis, _ = r.prober.Diagnose(ctx, request, o)
		}
		r.reachable = r.reachable || o.Connected
		away := o.Err != nil && (o.Err.Kind == wire.ErrConnectRefused || o.Err.Kind == wire.ErrConnectTimeout)
		x.gone = away && wasGone
		r.gone = away && r.reachable
	}
	for i := range x.result.Attempts {
		if o := x.result.Attempts[i].Outcome; o != nil {
			_, throttled := retryAfter(o, r.cfg.Clock.Now())
			x.throttled = x.throttled || throttled
		}
	}
	return x
}

// methods are those that an event can be sent with.
func methods() []string {
	return []string{
		http.MethodPost, http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
	}
}

func (d *Deliver) method() string { return orElse(d.Method, http.MethodPost) }

// header applies a step's changes to the header of a delivery.
func (d *Deliver) header(base []wire.Field) []wire.Field {
	var out []wire.Field
	done := map[string]bool{}
	for _, f := range base {
		for name, value := range d.Header {
			if strings.EqualFold(name, f.Name) {
				done[name] = true
				if value == nil {
					f.Name = ""
				} else {
					f.Value = *value
				}
			}
		}
		if f.Name != "" {
			out = append(out, f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Header)) {
		if value := d.Header[name]; !done[name] && value != nil {
			out = append(out, wire.Field{Name: name, Value: *value})
		}
	}
	for i := range out {
		switch d.HeaderCase {
		case "lower":
			out[i].Name = strings.ToLower(out[i].Name)
		case "upper":
			out[i].Name = strings.ToUpper(out[i].Name)
		}
	}
	return out
}
