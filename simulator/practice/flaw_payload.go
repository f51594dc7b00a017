package practice

import (
	"bytes"
	"errors"
	"net/http"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// payloadFlaws hold on to how something is written, or how long, instead of what
// it says.
func payloadFlaws() []flaw {
	limit := func(bytes int) func(*Receiver, handling) handling {
		return func(_ *Receiver, next handling) handling {
			return func(d *delivery) answer {
				if len(d.body) > bytes {
					return answer{status: http.StatusRequestEntityTooLarge, verdict: flawed, reason: errors.New("request entity too large")}
				}
				return next(d)
			}
		}
	}
	return []flaw{
		{
			Flaw: Flaw{
				Name:  "limit-100kb",
				Title: lang.Text{ES: "rechaza con 413 los cuerpos de más de 100 KB", EN: "refuses bodies over 100 KB with 413"},
				Fails: []string{"KOM-PAY-007"},
			},
			wrap: limit(100 << 10), // as Express does out of the box
		},
		{
			Flaw: Flaw{
				Name:  "limit-48kb",
				Title: lang.Text{ES: "rechaza con 413 los cuerpos de más de 48 KB", EN: "refuses bodies over 48 KB with 413"},
				Fails: []string{"KOM-PAY-007", "KOM-PAY-004", "KOM-PAY-012"},
			},
			wrap: limit(48 << 10), // "no order has more than 50 lines"
		},
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
