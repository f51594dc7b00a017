package delivery

import "github.com/kometia-sim/kometia-sim/schemas/jsontree"

// Envelope is the form in which an event stands in a body. Kometia's documents
// do not show it: the bare event is inferred.
type Envelope string

// The envelopes. The empty one means Bare.
const (
	Bare Envelope = "bare" // the event itself
	Data Envelope = "data" // {"data": event}, as the API answers
)

// Envelopes lists the envelopes by name.
func Envelopes() []string { return []string{string(Bare), string(Data)} }

// Body writes an event as it goes out.
func Body(event *jsontree.Object, in Envelope, style jsontree.Style) []byte {
	if in == Data {
		wrapped := &jsontree.Object{}
		wrapped.Set("data", event)
		event = wrapped
	}
	return jsontree.Encode(event, style)
}
