package view

import (
	"fmt"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// A message for show has so many lines and so many characters in each.
const (
	messageLines = 120
	messageWidth = 4096
)

// Exchange is what went over the wire in one attempt.
type Exchange struct {
	When            string // which attempt it was
	Request, Answer string // safe, of several lines
	Same            bool   // the request is that of the attempt before
	Lost            string // what became of the answer, or why there was none
}

// exchanges are those that a check keeps, beside its attempts as they are told.
func (w *Words) exchanges(as []verdict.Attempt, told []Attempt, several bool) (out []Exchange) {
	var before *wire.Shown
	for i := range as {
		x := as[i].Exchange
		if x == nil {
			continue
		}
		v := Exchange{
			When:    fmt.Sprintf(w.ExchangeOf, told[i].At, told[i].Number),
			Request: w.message(&x.Request), Answer: w.message(&x.Answer),
			Same: before != nil && *before == x.Request,
		}
		if several {
			v.When += ", " + told[i].Short
		}
		if told[i].Fault != "" || v.Answer == "" {
			v.Lost = UpperFirst(told[i].Reply())
		}
		before = &x.Request
		out = append(out, v)
	}
	return out
}

// message is a message as text: safe line by line, and bounded.
func (w *Words) message(m *wire.Shown) string {
	if *m == (wire.Shown{}) {
		return ""
	}
	lines := strings.Split(m.Head, "\n")
	if m.Body != "" {
		lines = append(lines, "")
		lines = append(lines, strings.Split(strings.ReplaceAll(m.Body, "\r\n", "\n"), "\n")...)
	}
	cut := len(lines) > messageLines
	if cut {
		lines = lines[:messageLines]
	}
	for i, l := range lines {
		lines[i] = clean(strings.ReplaceAll(l, "\t", "    "), messageWidth)
	}
	if int64(len(m.Body)) < m.Length || cut {
		lines = append(lines, fmt.Sprintf(w.BodyOf, Size(int(m.Length))))
	}
	return strings.Join(lines, "\n")
}
