package api

import (
	"encoding/json"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// EventIn is what the API knows of a body that is not as the shop made it: the
// event, bare or in an envelope, and with it its object, as they stand there.
// It is nil when the body is no event, which has an id, a kind and an object: the
// API never vouches for anything else.
func EventIn(body []byte) *shop.Event {
	doc, err := jsontree.Parse(body)
	if err != nil {
		return nil
	}
	tree, _ := doc.Root.(*jsontree.Object)
	if tree == nil {
		return nil
	}
	if inner, _ := tree.Lookup("data"); tree.Text("id") == "" {
		if tree, _ = inner.(*jsontree.Object); tree == nil { // in an envelope
			return nil
		}
	}
	e := &shop.Event{ID: tree.Text("id"), Kind: tree.Text("kind"), Tree: tree}
	if e.ID == "" || e.Kind == "" {
		return nil
	}
	if v, _ := tree.Lookup("created_at"); v != nil {
		if n, ok := v.(json.Number); ok {
			seconds, _ := n.Int64()
			e.At = time.Unix(seconds, 0).UTC()
		}
	}
	if v, err := jsontree.Get(tree, "data.object"); err == nil {
		if object, ok := v.(*jsontree.Object); ok {
			e.ObjectID, e.ObjectType = object.Text("id"), object.Text("object")
		}
	}
	if e.ObjectID == "" {
		return nil
	}
	return e
}
