package practice

import "encoding/json"

// What these do depends on what an event says: as much as a shop's own programs
// do. Of what is no order they act on each event once.

// forEachLine acts once for each line of an order.
func forEachLine(e event) int {
	var order struct {
		Items []json.RawMessage `json:"items"`
	}
	if e.objectType != "order" || json.Unmarshal(e.object, &order) != nil {
		return 1
	}
	return len(order.Items)
}

// forNotes acts only on orders whose buyer left a note.
func forNotes(e event) int {
	var order struct {
		Note *string `json:"customer_note"`
	}
	if e.objectType == "order" && (json.Unmarshal(e.object, &order) != nil || order.Note == nil || *order.Note == "") {
		return 0
	}
	return 1
}
