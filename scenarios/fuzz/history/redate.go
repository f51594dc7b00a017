package history

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// Redated is a history moved in time so that its last planned attempt is at end,
// with the dates in its events; a history that ends later stays as it is.
func (h *History) Redated(end time.Time, policy retryclock.Policy, style jsontree.Style) *History {
	last := h.Begins()
	for i := range h.Deliveries {
		d := &h.Deliveries[i]
		if at := d.Due.Add(policy.Offset(len(d.Faults) + 1)); at.After(last) {
			last = at
		}
	}
	by := end.Sub(last).Truncate(time.Second)
	if by <= 0 {
		return h
	}
	out := h.clone()
	for i := range out.Deliveries {
		d := &out.Deliveries[i]
		doc, err := jsontree.Parse(d.Body)
		if err != nil {
			return h
		}
		d.Rewrite(jsontree.Append(nil, moveDates(doc.Root, int64(by/time.Second)), style))
		d.At, d.Due = d.At.Add(by), d.Due.Add(by)
		d.Tree, _ = TreeOf(d.Body)
	}
	for i := range out.Restarts {
		out.Restarts[i] = out.Restarts[i].Add(by)
	}
	return out
}

// moveDates is a value whose times (fields that end in _at) are so many seconds
// later.
func moveDates(v any, by int64) any {
	switch v := v.(type) {
	case *jsontree.Object:
		out := &jsontree.Object{}
		for _, m := range v.Members {
			n, isNumber := m.Value.(json.Number)
			if at, err := n.Int64(); isNumber && err == nil && at > 0 && strings.HasSuffix(m.Name, "_at") {
				m.Value = json.Number(strconv.FormatInt(at+by, 10))
			} else {
				m.Value = moveDates(m.Value, by)
			}
			out.Members = append(out.Members, m)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = moveDates(v[i], by)
		}
		return out
	default:
		return v
	}
}

// TreeOf reads the event in a body, in an envelope or not; nil where it is no
// object.
func TreeOf(body []byte) (*jsontree.Object, error) {
	doc, err := jsontree.Parse(body)
	if err != nil {
		return nil, err
	}
	tree, _ := doc.Root.(*jsontree.Object)
	if _, bare := tree.Lookup("id"); !bare {
		if inner, _ := tree.Lookup("data"); inner != nil {
			if event, ok := inner.(*jsontree.Object); ok {
				return event, nil
			}
		}
	}
	return tree, nil
}
