package observe

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"sync/atomic"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxAnswer is how much of an answer is read: some of the orders that are sent have
// 2 MB, and one answer may tell what is kept of fifty.
const maxAnswer = 8 << 20

// tooLarge says that an answer has more.
func tooLarge() lang.Text {
	return lang.Textf("la respuesta pasa de %d MiB", "the response is longer than %d MiB", maxAnswer>>20)
}

// answers reads what commands and URLs print.
type answers struct {
	what string // observe.command or observe.url
	// byEvent is set once a map has named an event. From then on an event that
	// a map leaves out has no effects, whatever the map says of its object:
	// the object may have effects of other events.
	byEvent atomic.Bool
	// stateOnly is set once an observation told a state and no effects: what is
	// left out has no number either then.
	stateOnly atomic.Bool
}

// observed reports whether a map is one observation, and not one by id.
func observed(m map[string]any) bool {
	_, effects := m["effects"]
	_, state := m["state"]
	return effects || state
}

// one reads the answer about one subject: an integer, an observation, or a map
// that names the subject.
func (a *answers) one(data []byte, s Subject) (Reading, error) {
	v, err := a.parse(data, s.EventID)
	if err != nil {
		return Reading{}, err
	}
	if m, ok := v.(map[string]any); ok && !observed(m) {
		switch {
		case s.EventID != "" && m[s.EventID] != nil:
			v = m[s.EventID]
		case s.ObjectID != "" && m[s.ObjectID] != nil:
			v = m[s.ObjectID]
		}
	}
	return a.reading(v, s.EventID, data)
}

// all reads the answer about all subjects: a map by event or object id. An id
// that it leaves out has no effects.
func (a *answers) all(data []byte, subjects []Subject) ([]Reading, error) {
	v, err := a.parse(data, "")
	if err != nil {
		return nil, err
	}
	m, ok := v.(map[string]any)
	if !ok || observed(m) {
		return nil, a.unreadable("", data, lang.Textf(
			"se esperaba un mapa por id, como {\"evn_...\":1}",
			"expected a map by id, such as {\"evn_...\":1}"))
	}
	readings := make(map[string]Reading, len(m))
	for id, value := range m {
		if readings[id], err = a.reading(value, id, data); err != nil {
			return nil, err
		}
	}
	for _, s := range subjects {
		if _, ok := readings[s.EventID]; ok && s.EventID != s.ObjectID {
			a.byEvent.Store(true)
		}
	}
	out := make([]Reading, len(subjects))
	for i, s := range subjects {
		event, told := readings[s.EventID]
		object := Reading{}
		if s.ObjectID != "" {
			object = readings[s.ObjectID]
		}
		out[i] = event
		if !a.byEvent.Load() {
			out[i].Effects, out[i].Named = object.Effects, object.Named
		}
		if !told {
			out[i].StateOnly = object.StateOnly || a.stateOnly.Load()
		}
		if out[i].State == nil {
			out[i].State = object.State
		}
	}
	return out, nil
}

// reading reads an integer or {"effects":...,"state":{...}}.
func (a *answers) reading(v any, id string, whole []byte) (r Reading, err error) {
	m, ok := v.(map[string]any)
	if !ok {
		r.Effects, err = a.number(v, id, whole)
		return r, err
	}
	effects, counted := m["effects"]
	state, told := m["state"]
	if !counted && !told {
		return Reading{}, a.unreadable(id, whole, lang.Textf("la respuesta no dice \"effects\" ni \"state\"", "the response has neither \"effects\" nor \"state\""))
	}
	if r.State, ok = state.(map[string]any); !ok && state != nil {
		return Reading{}, a.unreadable(id, whole, lang.Textf("\"state\" no es un objeto", "\"state\" is no object"))
	}
	switch effects := effects.(type) {
	case nil:
		r.StateOnly = !counted
		if counted {
			return Reading{}, a.unreadable(id, whole, lang.Textf("\"effects\" es null", "\"effects\" is null"))
		}
		a.stateOnly.Store(true)
	case map[string]any:
		r.Named = make(map[string]int, len(effects))
		for name, value := range effects {
			n, err := a.number(value, id, whole)
			if err != nil {
				return Reading{}, err
			}
			r.Named[shown(name)] = n
			r.Effects += n
		}
	default:
		r.Effects, err = a.number(effects, id, whole)
	}
	return r, err
}

// number reads a count.
func (a *answers) number(v any, id string, whole []byte) (int, error) {
	wrong := func(text lang.Text) (int, error) { return 0, a.unreadable(id, whole, text) }
	number, ok := v.(json.Number)
	if !ok {
		return wrong(lang.Textf("la respuesta no es un número", "the response is no number"))
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	switch {
	case err != nil || n > math.MaxInt32:
		return wrong(lang.Textf("la cuenta %s no es un entero", "the count %s is no whole number", shown(number.String())))
	case n < 0:
		return wrong(lang.Textf("la cuenta %d es negativa", "the count %d is negative", n))
	}
	return int(n), nil
}

// parse reads exactly one JSON value.
func (a *answers) parse(data []byte, id string) (any, error) {
	// PowerShell puts a byte order mark before what it prints.
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if len(data) == 0 {
		return nil, a.unreadable(id, nil, lang.Textf("la respuesta está vacía", "the response is empty"))
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = lang.Errorf("sigue algo más", "more follows")
		}
	}
	if err != nil {
		return nil, a.unreadable(id, data, lang.Textf("la respuesta no es un número ni JSON", "the response is neither a number nor JSON"))
	}
	return v, nil
}

func (a *answers) unreadable(id string, data []byte, text lang.Text) *Error {
	line := because(firstLine(data))
	return &Error{What: a.what, Kind: Unreadable, Subject: shown(id), Text: lang.Text{ES: text.ES + line, EN: text.EN + line}}
}
