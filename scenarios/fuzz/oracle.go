package fuzz

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/payload"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Oracle is one thing that is held against a receiver.
type Oracle struct {
	// Name is stable: "valid-accepted".
	Name  string
	Level verdict.Level
	// Default says that it is on unless others are chosen.
	Default bool
	// Observed says that it needs an observer.
	Observed bool

	Account
	Requirement lang.Text
}

// Account is what is told of a failure.
type Account struct {
	Title    lang.Text // one line, said of the receiver
	Why      lang.Text
	Fix      lang.Text
	Expected lang.Text
}

// The names of the oracles.
const (
	ValidAccepted     = "valid-accepted"
	NoHang            = "no-hang"
	StillAlive        = "still-alive"
	EffectsOnce       = "effects-once"
	StateConverges    = "state-converges"
	NothingFromBroken = "nothing-from-broken"
	NoServerError     = "no-server-error"
	SameMeaning       = "same-meaning-same-answer"
	NoLeak            = "no-leak"
	BadRejected       = "bad-rejected"
)

// Lookup finds an oracle.
func Lookup(name string) (Oracle, bool) {
	for _, o := range Oracles() {
		if o.Name == name {
			return o, true
		}
	}
	return Oracle{}, false
}

// DefaultOracles are the names of those that are on unless others are chosen.
func DefaultOracles() (names []string) {
	for _, o := range Oracles() {
		if o.Default {
			names = append(names, o.Name)
		}
	}
	return names
}

// answer is what one delivery of a payload brought.
type answer struct {
	outcome *wire.Outcome
	// throttled says that the receiver only refused the pace, to the end.
	throttled bool
}

// ours reports whether the attempt says nothing about the receiver.
func (a answer) ours() bool {
	if a.throttled || a.outcome == nil {
		return true
	}
	e := a.outcome.Err
	return e != nil && (e.Kind == wire.ErrCanceled || e.Kind == wire.ErrRequest)
}

// accepted reports a 2xx.
func (a answer) accepted() bool { return a.outcome != nil && a.outcome.Acknowledged() }

// away reports whether nobody took the connection.
func (a answer) away() bool {
	return a.outcome != nil && a.outcome.Err != nil && !a.outcome.Connected
}

// hung reports whether no answer came in time.
func (a answer) hung() bool {
	return a.outcome != nil && a.outcome.Err != nil && a.outcome.Connected && a.outcome.Err.Kind == wire.ErrTimeout
}

// code is the class of an answer that tells one failure from another: the
// status, or why there was none.
func (a answer) code() string {
	switch {
	case a.outcome == nil:
		return "nothing"
	case a.outcome.Err != nil:
		return string(a.outcome.Err.Kind)
	default:
		return fmt.Sprint(a.outcome.Status)
	}
}

// suspicion is an oracle that an answer breaks.
type suspicion struct {
	oracle string
	code   string
	// said is the answer's text without what changes from one to the next.
	said string
	// found tells it to people.
	found lang.Text
}

// judge says which oracles an answer to a payload of a class breaks. It sees
// what one answer shows and nothing else.
func (c *court) judge(class payload.Class, a answer) []suspicion {
	if a.ours() || a.away() {
		return nil
	}
	o := a.outcome
	var list []suspicion
	add := func(oracle string) {
		if c.wanted[oracle] {
			list = append(list, suspicion{oracle: oracle, code: a.code(), said: normalised(o), found: told(o)})
		}
	}
	server := o.Err != nil || o.Status >= 500
	switch {
	case a.hung():
		add(NoHang)
	case class == payload.Plausible && !o.Acknowledged():
		add(ValidAccepted)
	case class == payload.Equal && !o.Acknowledged():
		add(SameMeaning)
	case class.Good():
	case server:
		add(NoServerError)
	case o.Acknowledged() && class != payload.Odd:
		add(BadRejected)
	}
	if c.wanted[NoLeak] && o.Err == nil {
		if what, found := c.leaks(o); found {
			list = append(list, suspicion{oracle: NoLeak, code: a.code(), said: what.EN, found: what})
		}
	}
	return list
}

// court is the oracles that are wanted, with what they know.
type court struct {
	wanted map[string]bool
	marks  []mark
}

type mark struct {
	what    lang.Text
	pattern *regexp.Regexp
}

// newCourt takes the marks of leaks from the catalogue, so that both say the
// same.
func newCourt(oracles []string) (*court, error) {
	c := &court{wanted: map[string]bool{}}
	for _, name := range oracles {
		if _, known := Lookup(name); !known {
			return nil, fmt.Errorf("unknown oracle %q", name)
		}
		c.wanted[name] = true
	}
	if !c.wanted[NoLeak] {
		return c, nil
	}
	suite, err := language.Builtin()
	if err != nil {
		return nil, err
	}
	for _, check := range suite.Checks() {
		if check.Leaks == nil {
			continue
		}
		for _, m := range check.Leaks.Marks {
			pattern, err := regexp.Compile(m.Pattern)
			if err != nil {
				return nil, err
			}
			c.marks = append(c.marks, mark{m.What, pattern})
		}
	}
	return c, nil
}

// leaks finds the first mark in an answer.
func (c *court) leaks(o *wire.Outcome) (lang.Text, bool) {
	if len(o.Body) == 0 && o.Status < 400 {
		return lang.Text{}, false
	}
	var b strings.Builder
	for _, f := range o.Header {
		if !strings.EqualFold(f.Name, "Date") {
			b.WriteString(f.Value + "\n")
		}
	}
	b.WriteByte('\n')
	b.Write(o.Body)
	said := b.String()
	for _, m := range c.marks {
		if m.pattern.MatchString(said) {
			return m.what, true
		}
	}
	return lang.Text{}, false
}

// normalised is what an answer says, without ids, numbers and addresses: the
// same fault of the same receiver says the same.
func normalised(o *wire.Outcome) string {
	body := o.Body
	if len(body) > 300 {
		body = body[:300]
	}
	var b strings.Builder
	word := func(w string) {
		if len(w) > 16 || strings.ContainsAny(w, "0123456789") {
			w = "#"
		}
		b.WriteString(w)
	}
	start := -1
	text := string(body)
	for i, r := range text {
		letter := r < 0x80 && (r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
		switch {
		case letter && start < 0:
			start = i
		case !letter:
			if start >= 0 {
				word(text[start:i])
				start = -1
			}
			b.WriteRune(r)
		}
	}
	if start >= 0 {
		word(text[start:])
	}
	return b.String()
}

// told words what an attempt brought.
func told(o *wire.Outcome) lang.Text {
	if o.Err != nil {
		switch o.Err.Kind {
		case wire.ErrTimeout:
			took := o.Total.Round(time.Millisecond)
			return lang.Text{ES: fmt.Sprintf("ninguna respuesta en %s", took), EN: fmt.Sprintf("no answer in %s", took)}
		case wire.ErrReset, wire.ErrClosed:
			return lang.Text{ES: "cerró la conexión sin responder", EN: "it closed the connection without an answer"}
		default:
			return lang.Text{ES: "sin respuesta: " + string(o.Err.Kind), EN: "no answer: " + string(o.Err.Kind)}
		}
	}
	text := fmt.Sprint(o.Status)
	if name := http.StatusText(o.Status); name != "" {
		text += " " + name
	}
	if said := firstLine(o.Body); said != "" {
		text += ": " + said
	}
	return lang.Text{ES: text, EN: text}
}

// firstLine is the beginning of an answer's text, for people.
func firstLine(body []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	runes := []rune(strings.ToValidUTF8(line, "?"))
	if len(runes) > 100 {
		runes = append(runes[:100], '…')
	}
	return string(runes)
}
