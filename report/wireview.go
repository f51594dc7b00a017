package report

import (
	"fmt"
	"strings"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

const (
	// A message for show has so many lines and so many characters in each.
	messageLines = 120
	messageWidth = 4096
	// Markdown shows an answer when it is no longer than this.
	answerInMarkdown = 900
	// NDJSON has so many header lines of an answer.
	headInJSON = 30
)

// wireView is what went over the wire in one attempt.
type wireView struct {
	When            string // which attempt it was
	Request, Answer string // safe, of several lines
	Same            bool   // the request is that of the attempt before
	Lost            string // what became of the answer, or why there was none
}

// exchanges are those that a check keeps.
func (p *page) exchanges(as []verdict.Attempt) (out []wireView) {
	single, names := len(as) == 0 || oneEvent(as), namesOfEvents(as)
	var before *wire.Shown
	for i := range as {
		a := &as[i]
		if a.Exchange == nil {
			continue
		}
		v := wireView{
			When:    fmt.Sprintf(p.words.Page.ExchangeOf.In(p.tag), offset(a.Offset), a.Number),
			Request: p.message(&a.Exchange.Request), Answer: p.message(&a.Exchange.Answer),
			Same: before != nil && *before == a.Exchange.Request,
		}
		if !single {
			v.When += ", " + Safe(names(*a))
		}
		if a.Fault != "" || v.Answer == "" {
			v.Lost = upperFirst(p.reply(*a))
		}
		before = &a.Exchange.Request
		out = append(out, v)
	}
	return out
}

// message is a message as text: safe line by line, and bounded.
func (p *page) message(m *wire.Shown) string {
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
		lines = append(lines, fmt.Sprintf(p.words.Page.BodyOf.In(p.tag), Size(int(m.Length))))
	}
	return strings.Join(lines, "\n")
}

// answerMember is an answer in NDJSON, in short.
type answerMember struct {
	Head []string `json:"head"`
	Body string   `json:"body"`
}

func answerMemberOf(t *wire.Transcript) *answerMember {
	if t == nil || t.Answer == (wire.Shown{}) {
		return nil
	}
	head := strings.Split(t.Answer.Head, "\n")
	m := &answerMember{Head: head[:min(len(head), headInJSON)], Body: Safe(t.Answer.Body)}
	for i := range m.Head {
		m.Head[i] = Safe(m.Head[i])
	}
	return m
}
