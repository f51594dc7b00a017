package practice

import (
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// traceback is what a Python framework shows while it debugs.
const traceback = `Traceback (most recent call last):
  File "/srv/tienda/webhook.py", line 27, in webhook
    event = json.loads(request.get_data())
json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)
`

// answerFlaws do the right thing and say too much, or something wrong, about it.
func answerFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "leaks-trace",
				Title: lang.Text{ES: "muestra una traza del programa al rechazar un cuerpo", EN: "shows a stack trace when it refuses a body"},
				Fails: []string{"KOM-LEA-001"},
			},
			wrap: with(func(a *answer) {
				if a.verdict == malformed {
					a.header, a.body = map[string]string{"Content-Type": "text/plain; charset=utf-8"}, traceback
				}
			}),
		},
		{
			Flaw: Flaw{
				Name:  "session",
				Title: lang.Text{ES: "abre una sesión por cada entrega", EN: "opens a session for every delivery"},
				Fails: []string{"KOM-CSR-002"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				var opened atomic.Int64
				return func(d *delivery) answer {
					a := next(d)
					// Nobody comes back with one, so that a number will do.
					session := "practice" + strconv.FormatInt(opened.Add(1), 10)
					return a.with("Set-Cookie", (&http.Cookie{Name: "PHPSESSID", Value: session, Path: "/"}).String())
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "clock-behind",
				Title: lang.Text{ES: "su reloj va 5 minutos atrasado", EN: "its clock is 5 minutes behind"},
				Fails: []string{"KOM-CLK-001"},
			},
			wrap: after(func(r *Receiver, _ *delivery, a answer) answer {
				return a.with("Date", r.clock.Now().Add(-5*time.Minute).UTC().Format(http.TimeFormat))
			}),
		},
	}
}

// with adds a header line to an answer; the flaws share the maps of theirs.
func (a answer) with(name, value string) answer {
	header := map[string]string{name: value}
	for n, v := range a.header {
		if n != name {
			header[n] = v
		}
	}
	a.header = header
	return a
}
