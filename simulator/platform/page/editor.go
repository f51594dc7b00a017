package page

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
)

// editorView is the events of a story while they are edited.
type editorView struct {
	Kinds    string
	Payloads []payload
	Anyway   bool // may be sent although a schema refuses it
}

// payload is one event as text.
type payload struct {
	Number int
	Kind   string
	Text   string
	Rows   int
	Wrong  []mistake
}

// mistake is what is wrong with a line of a payload.
type mistake struct {
	Line    int    `json:"line"` // from 1; 0 when it has no place
	Message string `json:"message"`
	// Sendable says that it is still an event, which may be sent on purpose.
	Sendable bool `json:"sendable"`
}

// mostMistakes is how many mistakes of a payload are shown.
const mostMistakes = 30

// editor offers the events of a story for editing. Nothing has happened yet.
func editor(v *visit) error {
	kinds := strings.Split(v.r.URL.Query().Get("kinds"), ",")
	drafts, err := v.Platform.Draft(v.ctx(), kinds)
	if err != nil {
		return err
	}
	view := editorView{Kinds: strings.Join(kinds, ",")}
	for i, text := range drafts {
		view.Payloads = append(view.Payloads, v.payloadOf(i, string(text)))
	}
	return v.render(http.StatusOK, "editor", "home", v.say("Editar el evento", "Edit the event"), view)
}

func (v *visit) payloadOf(i int, text string) payload {
	p := payload{Number: i + 1, Text: text, Rows: min(max(strings.Count(text, "\n")+2, 8), 30), Wrong: v.mistakes([]byte(text))}
	if doc, err := jsontree.Parse([]byte(text)); err == nil {
		if o, ok := doc.Root.(*jsontree.Object); ok {
			kind, _ := o.Lookup("kind")
			p.Kind, _ = kind.(string)
		}
	}
	p.Kind = clean(p.Kind)
	return p
}

// mistakesIn says what is wrong with a payload, line by line.
func (h *handler) mistakesIn(text []byte, tag lang.Tag) []mistake {
	if err := schemas.EventBound().Check(text); err != nil {
		return []mistake{{Message: lang.In(err, tag)}}
	}
	_, err := h.Catalogue.ValidateBytes(text)
	var syntax *jsontree.SyntaxError
	var invalid *schemas.InvalidError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return []mistake{{Line: syntax.Line, Message: clean(syntax.Msg.In(tag))}}
	case errors.As(err, &invalid):
		var all []mistake
		for _, v := range invalid.Violations[:min(len(invalid.Violations), mostMistakes)] {
			line := v.Line
			v.Line = 0 // it stands beside its line
			all = append(all, mistake{Line: line, Message: clean(v.In(tag)), Sendable: true})
		}
		return all
	}
	return []mistake{{Message: clean(lang.In(err, tag)), Sendable: true}}
}

func (v *visit) mistakes(text []byte) []mistake { return v.mistakesIn(text, v.tag) }

// check answers what is wrong with the payload that is its body, for the script.
func check(v *visit) error {
	text, err := io.ReadAll(v.r.Body)
	if err != nil {
		return err
	}
	found := v.mistakes(text)
	if found == nil {
		found = []mistake{}
	}
	v.w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.w).Encode(found)
}

// emit has something happen: a story of a button, or events as they were edited.
func emit(v *visit) error {
	if err := v.form(); err != nil {
		return err
	}
	kinds := v.r.PostForm.Get("kinds")
	payloads := v.r.PostForm["payload"]
	if len(payloads) == 0 {
		if _, err := v.Platform.Emit(v.ctx(), platform.Emission{Kinds: strings.Split(kinds, ",")}); err != nil {
			return err
		}
		return v.leave(v.r.PostForm.Get("back"), "sent")
	}
	in := platform.Emission{Anyway: v.r.PostForm.Get("anyway") != ""}
	view := editorView{Kinds: kinds, Anyway: in.Anyway}
	for i, text := range payloads {
		text = strings.ReplaceAll(text, "\r\n", "\n") // as forms send it
		in.Payloads = append(in.Payloads, []byte(text))
		view.Payloads = append(view.Payloads, v.payloadOf(i, text))
	}
	_, err := v.Platform.Emit(v.ctx(), in)
	if err == nil {
		return v.leave("/deliveries", "sent")
	}
	status, told := statusOf(err)
	if !told {
		return err
	}
	problem := lines(err, v.tag)
	for _, p := range view.Payloads {
		if len(p.Wrong) > 0 { // it stands beside its lines
			problem = []string{v.say("No se envió nada: corrija las líneas marcadas.", "Nothing was sent: correct the lines that are marked.")}
		}
	}
	return v.render(status, "editor", "home", v.say("Editar el evento", "Edit the event"), view, problem...)
}
