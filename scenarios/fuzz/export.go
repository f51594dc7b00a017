package fuzz

import (
	"encoding/base64"

	"github.com/kometia-sim/kometia-sim/scenarios/fuzz/oracle"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/payload"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Exported is a delivery that somebody saw fail, outside of a hunt.
type Exported struct {
	Tool string
	// Message is what was sent, but for its Spans; Identities are what is unique in
	// it.
	Message    payload.Message
	Identities []shop.Identity
	// Header is what went with it; the user's own fields may be secrets and do not
	// belong here.
	Header []wire.Field
	// What says in a few words where it comes from, Code is the status of the
	// response or why there was none, and Found says it in words.
	What, Code string
	Found      lang.Text
}

// Case is the delivery as a case that Replay plays: it holds that a valid event is
// acknowledged.
func (e Exported) Case() ([]byte, error) {
	m := e.Message
	for _, id := range e.Identities {
		m.Spans = append(m.Spans, payload.Span{What: id.What, Value: id.Value})
	}
	m.Rewrite(m.Body)
	step := Step{
		Kind: m.Kind, Event: m.Subject.EventID, At: m.At, Headers: []string{}, Body: encodeLines(m.Body),
		Identities: m.Spans, Object: m.Subject.ObjectID, ObjectType: m.Subject.ObjectType, Number: m.Subject.OrderNumber,
	}
	for _, h := range e.Header {
		step.Headers = append(step.Headers, base64.StdEncoding.EncodeToString([]byte(h.Name+": "+h.Value)))
	}
	s := &Saved{
		Version: savedVersion, Tool: e.Tool, Oracle: oracle.ValidAccepted, Level: verdict.Must, Kind: m.Kind, Class: payload.Plausible,
		Phase: payload.Examples, What: e.What, Code: e.Code, Found: e.Found, Steps: []Step{step},
	}
	s.identify()
	return s.marshal()
}
