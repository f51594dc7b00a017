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

// maxAnswer is how much of an answer is read.
const maxAnswer = 1 << 20

// answers reads what commands and URLs print.
type answers struct {
	what string // observe.command or observe.url
	// byEvent is set once a map has named an event. From then on an event that
	// a map leaves out has no effects, whatever the map says of its object:
	// the object may have effects of other events.
	byEvent atomic.Bool
}

// one reads the answer about one subject: an integer, an observation, or a map
// that names the subject.
func (a *answers) one(data []byte, s Subject) (Reading, error) {
	v, err := a.parse(data, s.EventID)
	if err != nil {
		return Reading{}, err
	}
	if m, ok := v.(map[string]any); ok && m["effects"] == nil {
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
	if !ok || m["effects"] != nil {
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
		event, object := readings[s.EventID], readings[s.ObjectID]
		if s.ObjectID == "" {
			object = Reading{}
		}
		out[i] = event
		if !a.byEvent.Load() {
			out[i].Effects = object.Effects
		}
		if out[i].State == nil {
			out[i].State = object.State
		}
	}
	return out, nil
}

// reading reads an integer or {"effects":n,"state":{...}}.
func (a *answers) reading(v any, id string, whole []byte) (Reading, error) {
	wrong := func(text lang.Text) (Reading, error) { return Reading{}, a.unreadable(id, whole, text) }
	var state map[string]any
	if m, ok := v.(map[string]any); ok {
		if v, ok = m["effects"]; !ok {
			return wrong(lang.Textf("la respuesta no dice \"effects\"", "the answer does not tell \"effects\""))
		}
		switch s := m["state"].(type) {
		case nil:
		case map[string]any:
			state = s
		default:
			return wrong(lang.Textf("\"state\" no es un objeto", "\"state\" is no object"))
		}
	}
	number, ok := v.(json.Number)
	if !ok {
		return wrong(lang.Textf("la respuesta no es un número", "the answer is no number"))
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	switch {
	case err != nil || n > math.MaxInt32:
		return wrong(lang.Textf("la cuenta %s no es un entero", "the count %s is no whole number", shown(number.String())))
	case n < 0:
		return wrong(lang.Textf("la cuenta %d es negativa", "the count %d is negative", n))
	}
	return Reading{Effects: int(n), State: state}, nil
}

// parse reads exactly one JSON value.
func (a *answers) parse(data []byte, id string) (any, error) {
	// PowerShell puts a byte order mark before what it prints.
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if len(data) == 0 {
		return nil, a.unreadable(id, nil, lang.Textf("la respuesta está vacía", "the answer is empty"))
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
		return nil, a.unreadable(id, data, lang.Textf("la respuesta no es un número ni JSON", "the answer is neither a number nor JSON"))
	}
	return v, nil
}

func (a *answers) unreadable(id string, data []byte, text lang.Text) *Error {
	line := because(firstLine(data))
	return &Error{What: a.what, Kind: Unreadable, Subject: shown(id), Text: lang.Text{ES: text.ES + line, EN: text.EN + line}}
}
