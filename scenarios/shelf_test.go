package scenarios_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"

	"github.com/kometia-sim/kometia-sim/scenarios/receiver/observe"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// fact is an event as a receiver reads it.
type fact struct {
	ID, Kind string
	Data     struct{ Object map[string]any }
}

func (f fact) object() string { return fmt.Sprint(f.Data.Object["id"]) }

func (f fact) at() int64 {
	n, _ := f.Data.Object["updated_at"].(json.Number).Int64()
	return n
}

// shelf is a receiver that keeps rows, and the observer of them.
type shelf struct {
	mu      sync.Mutex
	rows    map[string]map[string]any
	done    map[string]int
	known   map[string]bool
	objects map[string]string // by event
	newest  map[string]*shop.Event
	truth   map[string]map[string]any // what the API would answer; nil when gone
	tells   func(s observe.Subject, row map[string]any) map[string]any
}

// reader turns a fact into what is done about it: the status, and whether it
// counts as an effect.
type reader func(s *shelf, f fact) (status int, acts bool)

func newShelf() *shelf {
	return &shelf{
		rows: map[string]map[string]any{}, done: map[string]int{}, known: map[string]bool{}, objects: map[string]string{},
		newest: map[string]*shop.Event{}, truth: map[string]map[string]any{},
	}
}

// Observe implements observe.Observer.
func (s *shelf) Observe(_ context.Context, subjects []observe.Subject) ([]observe.Reading, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]observe.Reading, len(subjects))
	for i, subject := range subjects {
		row := s.rows[subject.ObjectID]
		if s.tells != nil {
			row = s.tells(subject, row)
		}
		out[i] = observe.Reading{Effects: s.done[subject.EventID], State: row}
	}
	return out, nil
}

// config makes the shelf a receiver. It acts once on every event of a kind that
// it knows, and does with it what read says.
func (s *shelf) config(read reader, paths map[string]string) setup {
	GinkgoHelper()
	cfg := configFor(receive(func(w http.ResponseWriter, _ *http.Request, p post) bool {
		if !p.Valid || strings.HasPrefix(p.Event.Kind, "gift_card.") || p.Event.Kind == "order.reserved" || p.Event.Kind == "order.placed_draft" {
			return false
		}
		var f fact
		d := json.NewDecoder(bytes.NewReader([]byte(p.Body)))
		d.UseNumber()
		if d.Decode(&f) != nil || f.Data.Object == nil {
			return false
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.known[f.ID] {
			return false
		}
		status, acts := read(s, f)
		if status/100 == 2 {
			s.known[f.ID] = true
		}
		if acts {
			s.done[f.ID]++
		}
		w.WriteHeader(status)
		return true
	}).URL)
	cfg.Observer, cfg.Drain, cfg.Observing, cfg.StateMap = s, observe.ActionFunc(drained), "url", paths
	cfg.OnEvent = func(e *shop.Event, objects []*jsontree.Object) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if old := s.newest[e.ObjectID]; old != nil && e.At.Before(old.At) {
			return
		}
		s.newest[e.ObjectID] = e
		delete(s.truth, e.ObjectID)
		for _, o := range objects {
			if id, _ := o.Lookup("id"); id == e.ObjectID {
				s.truth[e.ObjectID] = jsontree.Native(o).(map[string]any)
			}
		}
	}
	return cfg
}

// put writes an object as a row with fields of its own names.
func (s *shelf) put(f fact, o map[string]any) {
	row := map[string]any{"at": f.at()}
	for field, member := range map[string]string{
		"nombre": "name", "precio": "price", "activo": "is_active", "texto": "description",
		"pago": "financial_status", "nota": "customer_note", "pedido": "order_note",
	} {
		if v, ok := o[member]; ok {
			row[field] = v
		}
	}
	s.rows[f.object()] = row
}

func gone(f fact) bool { return strings.HasSuffix(f.Kind, ".deleted") }

var fieldsOfShelf = map[string]string{
	"nombre": "data.object.name", "precio": "data.object.price", "activo": "data.object.is_active",
	"texto": "data.object.description", "pago": "data.object.financial_status",
	"nota": "data.object.customer_note", "pedido": "data.object.order_note",
}

// careful keeps what is newest, and a mark of what was deleted.
func careful(s *shelf, f fact) (int, bool) {
	row := s.rows[f.object()]
	switch {
	case row != nil && (row["borrado"] == true || row["at"].(int64) > f.at()):
	case gone(f) && row != nil:
		row["borrado"], row["at"] = true, f.at()
	default:
		s.put(f, f.Data.Object)
		s.rows[f.object()]["borrado"] = gone(f)
	}
	return 204, true
}

// lastWins writes whatever comes.
func lastWins(s *shelf, f fact) (int, bool) {
	if gone(f) {
		delete(s.rows, f.object())
		return 204, true
	}
	s.put(f, f.Data.Object)
	return 204, true
}

// changing is careful with other values.
func changing(change func(row map[string]any)) reader {
	return func(s *shelf, f fact) (int, bool) {
		status, acts := careful(s, f)
		if row := s.rows[f.object()]; row["at"].(int64) == f.at() && row["changed"] == nil {
			change(row)
			row["changed"] = true
		}
		return status, acts
	}
}

// text changes every text of a row.
func text(change func(string) string) reader {
	return changing(func(row map[string]any) {
		for field, v := range row {
			if s, ok := v.(string); ok {
				row[field] = change(s)
			}
		}
	})
}

var stateChecks = []string{"KOM-DUP-006", "KOM-ORD-002", "KOM-PAY-003"}
