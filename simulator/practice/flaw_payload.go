package practice

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// payloadFlaws hold on to how something is written instead of what it says.
func payloadFlaws() []flaw {
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "raw-bytes",
				Title: lang.Text{ES: "busca textos en el cuerpo en vez de leer el JSON", EN: "searches the body for text instead of reading the JSON"},
				Fails: []string{"KOM-PAY-005"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				return func(d *delivery) answer {
					// Right for the bytes that Kometia sends today, wrong for
					// the same event with a space or in another order.
					if bytes.HasPrefix(d.body, []byte(`{"id":"evn_`)) && bytes.Contains(d.body, []byte(`","object":"event","kind":"`)) {
						return next(d)
					}
					return answer{status: http.StatusBadRequest, verdict: flawed, reason: errors.New("not an event")}
				}
			},
		},
		{
			Flaw: Flaw{
				Name:  "content-type-exact",
				Title: lang.Text{ES: "responde 415 si Content-Type no es exactamente application/json", EN: "answers 415 unless Content-Type is exactly application/json"},
				Fails: []string{"KOM-PAY-009"},
			},
			wrap: func(_ *Receiver, next handling) handling {
				return func(d *delivery) answer {
					if d.request.Header.Get("Content-Type") != "application/json" {
						return answer{status: http.StatusUnsupportedMediaType, verdict: flawed, reason: errors.New("unsupported media type")}
					}
					return next(d)
				}
			},
		},
	}
}
