package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/report/view"
	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/fuzz"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// export writes cases as something that runs without this program.
func export(c *call, cases []*fuzz.Saved) error {
	v, err := c.given.Read("target", false, false)
	if err != nil {
		return err
	}
	target := v.Target.Wire
	if target == nil {
		// A place that nobody is at: to be put in by hand.
		if target, err = wire.ParseTarget("http://localhost:8000/kometia/webhook"); err != nil {
			return err
		}
	}
	as := exporter{
		call: c, target: target, header: v.Delivery.Header, timeout: v.Delivery.Wire.Timeout,
		policy: v.Delivery.Policy, http: c.given.Text("export") == "http",
	}
	for _, saved := range cases {
		if err := as.saved(saved); err != nil {
			return err
		}
	}
	return c.PrintExact(as.b.String())
}

// exporter writes cases for curl or for an editor's HTTP client. Whatever stands
// in a case, it never becomes a line of its own: Safe keeps comments on their
// line, and requests are quoted or left out.
type exporter struct {
	*call
	target  *wire.Target
	header  []wire.Field // the user's own
	timeout time.Duration
	policy  retryclock.Policy
	http    bool
	b       strings.Builder
}

func (e *exporter) comment(text string) {
	mark := "#"
	if e.http {
		mark = "###"
	}
	fmt.Fprintf(&e.b, "%s %s\n", mark, view.Safe(text))
}

func (e *exporter) saved(s *fuzz.Saved) error {
	moments, err := s.Moments(e.policy)
	if err != nil {
		return err
	}
	e.comment(s.ID + " " + s.Oracle + ": " + console.Clip(s.What, 200))
	for _, m := range moments {
		if m.Step == nil {
			e.comment(e.T("aquí se reinicia el receptor", "here the receiver is restarted"))
			continue
		}
		body, err := m.Step.Bytes()
		if err != nil {
			return err
		}
		fields, err := m.Step.Fields()
		if err != nil {
			return err
		}
		e.comment(m.Step.Kind + e.byHand(m))
		r := &wire.Request{Target: e.target, Header: wire.Override(fields, e.header), Body: body}
		if !e.http {
			e.b.WriteString(together(wire.Curl(r, e.timeout), m.Copies))
			continue
		}
		text, ok := httpRequest(r)
		if !ok {
			e.comment(e.T("un archivo .http no puede llevar esta petición: use --export curl", "no .http file can hold this request: use --export curl"))
			continue
		}
		e.b.WriteString(text + strings.Repeat("###\n"+text, m.Copies-1))
	}
	return nil
}

// httpRequest writes a request as an editor's HTTP client reads it. Such a file
// has no quotes: ok is false for what it would take for something else, a further
// request, a file to include, a script or a variable.
func httpRequest(r *wire.Request) (text string, ok bool) {
	var b strings.Builder
	fmt.Fprintf(&b, "POST %s\n", r.Target.URL())
	for _, f := range r.Header {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Value)
	}
	fmt.Fprintf(&b, "\n%s\n\n", r.Body)
	text = b.String()
	if !wire.Pastable([]byte(text)) || strings.Contains(text, "{{") {
		return "", false
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") || strings.HasPrefix(line, "<") || strings.HasPrefix(line, ">") {
			return "", false
		}
	}
	return text, true
}

// byHand says beside an exported request what goes wrong with it in the case.
func (e *exporter) byHand(m fuzz.Moment) string {
	text := ""
	if m.After >= time.Minute {
		text += fmt.Sprintf("  +%s", strings.TrimSuffix(m.After.Truncate(time.Minute).String(), "0s"))
	}
	if m.Copies > 1 {
		text += fmt.Sprintf("  x%d", m.Copies)
	}
	if f := m.Fault.String(); f != "" {
		text += e.T("  en el caso: ", "  in the case: ") + f
	}
	return text
}

// together runs a command several times at once.
func together(command string, copies int) string {
	if copies < 2 {
		return command
	}
	return strings.Repeat(strings.TrimRight(command, "\n")+" &\n", copies) + "wait\n"
}
