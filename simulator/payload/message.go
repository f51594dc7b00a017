package payload

import (
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Message is one event ready to be sent: its bytes, and where its identities
// stand in them.
type Message struct {
	Kind    string
	Subject shop.Subject
	// At is when the event happened.
	At    time.Time
	Body  []byte
	Spans []Span
	// Tree is the event where the body is one and somebody needs it; else nil.
	Tree *jsontree.Object
}

// Bundle is a payload with what must have happened before it. The last message
// is the one that is judged.
type Bundle struct {
	Class    Class
	Messages []Message
}

// Last is the message that is judged.
func (b *Bundle) Last() *Message { return &b.Messages[len(b.Messages)-1] }

// Bundle packs a case with a body, its own or a smaller one; tree is the event
// that the body spells, or nil.
func (g *Generator) Bundle(c *Case, tree *jsontree.Object, body []byte) (*Bundle, error) {
	events, err := g.world.Draft(c.Story)
	if err != nil {
		return nil, err
	}
	ids := identities(events)
	b := &Bundle{Class: c.Class}
	for i, e := range events {
		m := Message{Kind: e.Kind, Subject: e.Subject(), At: e.At, Body: body, Tree: tree}
		if i < len(events)-1 {
			m.Body, m.Tree = g.Body(e.Tree), nil
		}
		m.Spans = spans(m.Body, ids)
		b.Messages = append(b.Messages, m)
	}
	return b, nil
}

// Message packs an event as the shop made it.
func (g *Generator) Message(e *shop.Event) Message {
	body := g.Body(e.Tree)
	return Message{
		Kind: e.Kind, Subject: e.Subject(), At: e.At, Body: body,
		Spans: spans(body, identities([]*shop.Event{e})), Tree: e.Tree,
	}
}

// Rewrite gives a message another body with the same identities.
func (m *Message) Rewrite(body []byte) {
	ids := make([]shop.Identity, len(m.Spans))
	for i, s := range m.Spans {
		ids[i] = shop.Identity{What: s.What, Value: s.Value}
	}
	m.Body, m.Spans = body, spans(body, ids)
}

// Bundle is a bundle under identities that nobody has seen.
func (f *Freshener) Bundle(b *Bundle) *Bundle {
	return &Bundle{Class: b.Class, Messages: f.Messages(b.Messages)}
}

// Messages are messages under identities that nobody has seen; what is one
// identity in two of them stays one.
func (f *Freshener) Messages(list []Message) []Message {
	var ids []shop.Identity
	for i := range list {
		for _, s := range list[i].Spans {
			ids = append(ids, shop.Identity{What: s.What, Value: s.Value})
		}
	}
	to := f.renew(ids)
	name := func(v string) string {
		if fresh, ok := to[v]; ok {
			return fresh
		}
		return v
	}
	list = slices.Clone(list)
	for i := range list {
		m := &list[i]
		body := replace(m.Body, m.Spans, to)
		m.Subject.EventID, m.Subject.ObjectID, m.Subject.OrderNumber = name(m.Subject.EventID), name(m.Subject.ObjectID), name(m.Subject.OrderNumber)
		renamed := make([]Span, len(m.Spans))
		for j, s := range m.Spans {
			renamed[j] = Span{What: s.What, Value: name(s.Value)}
		}
		m.Spans = renamed
		// Numbers may have more or fewer digits now, so all places are looked for
		// again.
		m.Rewrite(body)
		if m.Tree != nil {
			m.Tree = rename(jsontree.Clone(m.Tree), name).(*jsontree.Object)
		}
	}
	return list
}
