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
	limit := func(bytes int) wrapping {
		return refusing(answer{status: http.StatusRequestEntityTooLarge, reason: errors.New("request entity too large")},
			func(_ *Receiver, d *delivery) bool { return len(d.body) > bytes })
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
			// Right for the bytes that Kometia sends today, wrong for the same
			// event with a space or in another order.
			wrap: refusing(answer{status: http.StatusBadRequest, reason: errors.New("not an event")}, func(_ *Receiver, d *delivery) bool {
				return !bytes.HasPrefix(d.body, []byte(`{"id":"evn_`)) || !bytes.Contains(d.body, []byte(`","object":"event","kind":"`))
			}),
		},
		{
			Flaw: Flaw{
				Name:  "content-type-exact",
				Title: lang.Text{ES: "responde 415 si Content-Type no es exactamente application/json", EN: "answers 415 unless Content-Type is exactly application/json"},
				Fails: []string{"KOM-PAY-009"},
			},
			wrap: refusing(answer{status: http.StatusUnsupportedMediaType, reason: errors.New("unsupported media type")},
				func(_ *Receiver, d *delivery) bool { return d.request.Header.Get("Content-Type") != "application/json" }),
		},
	}
}
