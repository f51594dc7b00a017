package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/console"
	"github.com/kometia-sim/kometia-sim/report/view"
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
	how, mark := c.given.Text("export"), "#"
	if how == "http" {
		mark = "###"
	}
	var b strings.Builder
	for _, saved := range cases {
		moments, err := saved.Moments(v.Delivery.Policy)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%s %s %s: %s\n", mark, saved.ID, saved.Oracle, view.Safe(console.Clip(saved.What, 200)))
		for _, m := range moments {
			if m.Step == nil {
				fmt.Fprintf(&b, "%s %s\n", mark, c.T("aquí se reinicia el receptor", "here the receiver is restarted"))
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
			request := &wire.Request{Target: target, Header: wire.Override(fields, v.Delivery.Header), Body: body}
			fmt.Fprintf(&b, "%s %s%s\n", mark, m.Step.Kind, c.byHand(m))
			if how == "curl" {
				b.WriteString(together(wire.Curl(request, v.Delivery.Wire.Timeout), m.Copies))
				continue
			}
			for range m.Copies {
				fmt.Fprintf(&b, "POST %s\n", target.URL())
				for _, f := range request.Header {
					fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Value)
				}
				fmt.Fprintf(&b, "\n%s\n\n", body)
			}
		}
	}
	return c.Print(b.String())
}

// byHand says beside an exported request what goes wrong with it in the case.
func (c *call) byHand(m fuzz.Moment) string {
	text := ""
	if m.After >= time.Minute {
		text += fmt.Sprintf("  +%s", strings.TrimSuffix(m.After.Truncate(time.Minute).String(), "0s"))
	}
	if m.Copies > 1 {
		text += fmt.Sprintf("  x%d", m.Copies)
	}
	if f := m.Fault.String(); f != "" {
		text += c.T("  en el caso: ", "  in the case: ") + f
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
