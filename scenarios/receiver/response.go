package receiver

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Response is what one attempt brought.
type Response struct {
	// Outcome is nil when nothing was sent.
	Outcome *wire.Outcome
	// Throttled says that the receiver only refused the pace, to the end.
	Throttled bool
}

// Ours reports whether the attempt says nothing of the receiver.
func (r Response) Ours() bool {
	if r.Throttled || r.Outcome == nil {
		return true
	}
	return r.Outcome.Err.Ours()
}

// Accepted reports a 2xx.
func (r Response) Accepted() bool { return r.Outcome != nil && r.Outcome.Acknowledged() }

// Away reports whether nobody took the connection.
func (r Response) Away() bool {
	return r.Outcome != nil && r.Outcome.Err != nil && !r.Outcome.Connected && !r.Outcome.Err.Ours()
}

// Hung reports whether no response came in time.
func (r Response) Hung() bool {
	return r.Outcome != nil && r.Outcome.Err != nil && r.Outcome.Connected && r.Outcome.Err.Kind == wire.ErrTimeout
}

// Code is the class of a response that tells one failure from another: the
// status, or why there was none.
func (r Response) Code() string {
	switch {
	case r.Outcome == nil:
		return "nothing"
	case r.Outcome.Err != nil:
		return string(r.Outcome.Err.Kind)
	default:
		return fmt.Sprint(r.Outcome.Status)
	}
}

// Normalised is what a response says, without ids, numbers and addresses: the
// same fault of the same receiver says the same.
func Normalised(o *wire.Outcome) string {
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

// InWords says what an attempt brought.
func InWords(o *wire.Outcome) lang.Text {
	if o == nil {
		return lang.Text{ES: "no se envió nada", EN: "nothing was sent"}
	}
	if o.Err != nil {
		switch o.Err.Kind {
		case wire.ErrTimeout:
			took := o.Total.Round(time.Millisecond)
			return lang.Textf("ninguna respuesta en %s", "no response in %s", took)
		case wire.ErrReset, wire.ErrClosed:
			return lang.Text{ES: "cerró la conexión sin responder", EN: "it closed the connection without a response"}
		default:
			return lang.Textf("sin respuesta: %s", "no response: %s", o.Err.Kind)
		}
	}
	text := fmt.Sprint(o.Status)
	if name := http.StatusText(o.Status); name != "" {
		text += " " + name
	}
	if said := firstLine(o.Body); said != "" {
		text += ": " + said
	}
	return lang.Same(text)
}

// firstLine is the beginning of a response's text, for people: of a page its words and
// not its markup.
func firstLine(body []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(diagnose.Visible(strings.ToValidUTF8(string(body), "?"))), "\n")
	runes := []rune(line)
	if len(runes) > 100 {
		runes = append(runes[:100], '…')
	}
	return string(runes)
}
