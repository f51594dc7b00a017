package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// A message for show has so many lines and so many characters in each.
const (
	messageLines = 240
	messageWidth = 4096
)

// Exchange is what went over the wire in one attempt.
type Exchange struct {
	When            string // which attempt it was
	Request, Answer string // safe, of several lines
	Same            bool   // the request is that of the attempt before
	// Sent and Got are the same two messages in their parts, their bodies laid out.
	Sent, Got Message
	// Curl sends the same request again; "" where no command can. Hidden says that
	// something in it is hidden and has to be put in by hand.
	Curl   string
	Hidden bool
	Lost   string // what became of the answer, or why there was none

	request *wire.Shown // nil where it is that of the attempt before
}

// Message is a message in its parts.
type Message struct {
	Head string
	Body []BodyLine
	More string // how much more of the body there was; may be ""
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
			Sent: w.parts(&x.Request, as[i].Changed), Got: w.parts(&x.Answer, nil),
		}
		if !v.Same {
			v.request = &x.Request
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
		lines = append(lines, asWritten(m.Body)...)
	}
	cut := len(lines) > messageLines
	if cut {
		lines = lines[:messageLines]
	}
	lines = safeLines(lines)
	if m.Partial() || cut {
		lines = append(lines, fmt.Sprintf(w.BodyOf, Size(int(m.Length))))
	}
	return strings.Join(lines, "\n")
}

func asWritten(body string) []string {
	return strings.Split(strings.ReplaceAll(body, "\r\n", "\n"), "\n")
}

// parts are a message in its parts, safe line by line, and bounded.
func (w *Words) parts(m *wire.Shown, marks []string) (out Message) {
	if *m == (wire.Shown{}) {
		return out
	}
	out.Head = strings.Join(safeLines(strings.Split(m.Head, "\n")), "\n")
	cut := m.Partial()
	if lines, ok := Indented(m.Body, cut, marks); ok {
		out.Body = lines
	} else if m.Body != "" {
		for _, l := range asWritten(m.Body) {
			out.Body = append(out.Body, BodyLine{Text: l})
		}
	}
	if len(out.Body) > messageLines {
		out.Body, cut = around(out.Body), true
	}
	for i := range out.Body {
		out.Body[i].Text = safeLines([]string{out.Body[i].Text})[0]
	}
	if cut {
		out.More = fmt.Sprintf(w.BodyOf, Size(int(m.Length)))
	}
	return out
}

// around is so much of a body as is shown: its beginning, or what stands around
// the first line that is marked.
func around(lines []BodyLine) []BodyLine {
	at := slices.IndexFunc(lines, func(l BodyLine) bool { return l.Marked })
	from := min(max(at-messageLines/2, 0), len(lines)-messageLines)
	if at < messageLines {
		from = 0
	}
	out := slices.Clone(lines[from : from+messageLines])
	if from > 0 {
		out[0] = BodyLine{Text: "…"}
	}
	return out
}

func safeLines(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = clean(strings.ReplaceAll(l, "\t", "    "), messageWidth)
	}
	return out
}

// curls puts the commands that send the requests again beside them.
func (c *Check) curls(run *verdict.Run) {
	for i := range c.Exchanges {
		x := &c.Exchanges[i]
		if x.request == nil {
			continue
		}
		command := strings.TrimRight(x.request.Curl(run.Target, run.Timeout), "\n")
		x.Curl = strings.Join(safeLines(strings.Split(command, "\n")), "\n")
		x.Hidden = strings.Contains(x.Curl, "***")
	}
}
