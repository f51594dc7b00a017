package page

import (
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
)

// words are the functions of the templates in a language.
func words(tag lang.Tag) template.FuncMap {
	return template.FuncMap{
		"say":   func(es, en string) string { return lang.Text{ES: es, EN: en}.In(tag) },
		"in":    func(t lang.Text) string { return clean(t.In(tag)) },
		"clean": clean,
		"time":  stamp,
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"state": func(name string) string { return stateName(name).In(tag) },
		"plus":  func(a, b int) int { return a + b },
		"has": func(list []string, name string) bool {
			for _, s := range list {
				if s == name {
					return true
				}
			}
			return false
		},
	}
}

// stamp is an instant as the page writes it, in UTC.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// took is how long something took, short.
func took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "<1 ms"
	case d < 10*time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	default:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
}

// clean takes out of a text what would change how the text around it reads:
// control characters, and marks of direction. A sign stands for each.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r':
			return -1
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return unicode.ReplacementChar
		}
		return r
	}, strings.ToValidUTF8(s, string(unicode.ReplacementChar)))
}

func stateName(name string) lang.Text {
	switch name {
	case "pending":
		return lang.Text{ES: "pendiente", EN: "pending"}
	case "delivered":
		return lang.Text{ES: "recibida", EN: "delivered"}
	case "expired":
		return lang.Text{ES: "expirada", EN: "expired"}
	case "canceled":
		return lang.Text{ES: "cancelada", EN: "canceled"}
	}
	return lang.Same(name)
}

// faults are those that a click breaks a webhook with; "" mends it.
func faults() []choice {
	return []choice{
		{"lose-answer", lang.Text{ES: "se pierde la respuesta", EN: "the response is lost"}},
		{"timeout", lang.Text{ES: "se agota el tiempo (no se espera la respuesta)", EN: "the time runs out (the response is not waited for)"}},
		{"refuse", lang.Text{ES: "no llega", EN: "it does not arrive"}},
		{"reset", lang.Text{ES: "se corta la conexión", EN: "the connection is reset"}},
		{"cut-fin", lang.Text{ES: "llega a medias", EN: "half of it arrives"}},
	}
}

type choice struct {
	Name  string
	Title lang.Text
}

// clock is how the time goes, in words.
type clock struct {
	Now     time.Time
	Speed   float64
	How     string
	Moving  bool
	Until   time.Time
	Stopped bool
}

func clockOf(s retryclock.Steering, tag lang.Tag) clock {
	c := clock{Now: s.Now, Speed: s.Speed, Moving: s.Moving(), Until: s.Until, Stopped: s.Speed == 0 && !s.Moving()}
	say := func(es, en string) string { return lang.Text{ES: es, EN: en}.In(tag) }
	switch {
	case c.Moving && s.ToIdle:
		c.How = say("avanza hasta terminar", "goes ahead to the end")
	case c.Moving:
		c.How = say("avanza hasta ", "goes ahead to ") + stamp(s.Until)
	case s.Speed == 0:
		c.How = say("detenido", "stands still")
	case s.Speed == 1:
		c.How = say("tiempo real", "real time")
	default:
		c.How = fmt.Sprintf("%g×", s.Speed)
	}
	return c
}

// slot is one of the attempts that the policy makes at most.
type slot struct {
	Number int
	Class  string // ok, bad, none, ours, next, later, off
	Title  string
}

// slots are all attempts of a delivery, made or still to come.
func slots(d platform.Delivery, step time.Duration, tag lang.Tag) []slot {
	say := func(es, en string) string { return lang.Text{ES: es, EN: en}.In(tag) }
	all := make([]slot, d.Of)
	for i := range all {
		s := &all[i]
		s.Number, s.Class = i+1, "later"
		at := d.First.Add(time.Duration(i) * step)
		s.Title = fmt.Sprintf("%d: %s", i+1, stamp(at))
		switch {
		case d.State == "pending" && d.Attempts == i:
			s.Class = "next"
			s.Title += say(", el siguiente", ", next")
		case d.State != "pending":
			s.Class = "off"
			s.Title += say(", no hizo falta", ", not needed")
		}
	}
	for _, r := range d.Runs {
		if r.Extra || r.Interrupted {
			continue
		}
		for n := range r.Count {
			i := r.Number - 1 + n
			if i < 0 || i >= len(all) {
				continue
			}
			all[i].Class = classOf(r)
			all[i].Title = fmt.Sprintf("%d: %s, %s", i+1, stamp(r.First.Add(time.Duration(n)*r.Step)), outcome(r, tag))
		}
	}
	return all
}

func classOf(r platform.Run) string {
	switch {
	case r.Interrupted:
		return "ours"
	case r.Verdict == delivery.Acknowledged:
		return "ok"
	case r.Fault != "":
		return "ours"
	case r.Verdict == delivery.Rejected:
		return "bad"
	}
	return "none"
}

// outcome is what came of an attempt, in a few words.
func outcome(r platform.Run, tag lang.Tag) string {
	say := func(es, en string) string { return lang.Text{ES: es, EN: en}.In(tag) }
	switch {
	case r.Interrupted:
		return say("interrumpido: kometia-sim terminó entretanto", "interrupted: kometia-sim was ended meanwhile")
	case r.Status != 0 && r.Verdict == delivery.NoResponse:
		return fmt.Sprintf(say("respondió %d, y la respuesta se perdió", "answered %d, and the response was lost"), r.Status)
	case r.Status != 0 && r.Verdict == delivery.Acknowledged:
		return fmt.Sprintf(say("%d, recibido", "%d, received"), r.Status)
	case r.Status != 0:
		return fmt.Sprintf(say("%d, no recibido", "%d, not received"), r.Status)
	case !r.Error.IsZero():
		return clean(r.Error.In(tag))
	}
	return say("sin respuesta", "no response")
}
