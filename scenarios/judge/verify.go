package judge

import (
	"maps"
	"slices"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/scenarios/model"
	"github.com/kometia-sim/kometia-sim/scenarios/receiver"
	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// verifies is how the receiver is seen, and said, to make sure of events.
func (c *Judge) verifies() language.Verifies {
	v := language.Verifies{Declared: c.Auth}
	if c.API == nil {
		return v
	}
	c.asked = c.asked || slices.ContainsFunc(c.Heard, func(e *Exchange) bool {
		return e.Event != "" && c.API.Asked(e.Event)+c.API.Asked(e.Subject.ObjectID) > 0
	})
	keys := c.API.Keys()
	v.Asked, v.OtherKey = c.asked, keys.Right == 0 && keys.Other+keys.None > 0
	return v
}

// unasked judges a check of receivers that verify where no API is there to be
// asked: it is no concern of one that nobody says it of.
func (c *Judge) unasked(check *language.Check, r *verdict.Result) {
	r.Verdict, r.Reason, r.Enable = verdict.NotObserved, textNeedsAPI(), textEnableAPI()
	if keys := c.lacks(check); len(keys) > 0 {
		lines := []lang.Text{textEnableAPI(), textEnableHooks(keys)}
		if !c.Observer {
			lines = append(lines, textEnableObserver.both())
		}
		r.Reason, r.Enable = textNeedsHooks(keys), joined(lines, lang.Same("\n"))
	}
	if check.Level == verdict.Must && c.Auth != language.AuthAPI {
		r.Verdict, r.Reason, r.Enable = verdict.NotApplicable, textNotSaidToVerify(), lang.Text{}
	}
}

// OtherKeys tells that the receiver asks the API with another key than ours, by
// which it is refused everything.
func (c *Judge) OtherKeys() []lang.Text {
	if c.API == nil {
		return nil
	}
	return c.API.Keys().Refused()
}

// meanwhile is how many effects there were when an exchange had settled first;
// nil when that cannot be told.
func meanwhile(e *Exchange) *int {
	if s := e.Seen; s == nil || s.Err != nil || s.D0 == 0 || s.Shared {
		return nil
	}
	if e.Before != nil {
		return e.Before
	}
	return e.Effects
}

// SharesObject reports whether other events of its object were made.
func (e *Exchange) SharesObject() bool {
	return e.History != nil && len(e.History.Versions) > 1 || e.Forged != nil && e.Forged.Way == language.ForgedID
}

// forged asks whether some field has what only a forged event says.
func forged(e *Exchange, paths map[string]string) ruling {
	if e.Forged == nil || e.Forged.Genuine == nil {
		return unknown(textNoObject.both())
	}
	l := e.History.Last()
	if r := l.sees(); !r.known {
		return r
	}
	if l.Absent() {
		return ruling{known: true, found: textAbsent.both()}
	}
	var proof []string
	for _, field := range slices.Sorted(maps.Keys(paths)) {
		said, genuine := valueAt(e.Forged.Said, paths[field]), valueAt(e.Forged.Genuine, paths[field])
		have := l.State[field]
		switch {
		case receiver.Same(said, genuine):
		case receiver.Same(have, said):
			return ruling{known: true, yes: true, found: textForged(field, have, genuine)}
		case receiver.Same(have, genuine):
			proof = append(proof, field)
		}
	}
	if len(proof) == 0 {
		return e.History.nothingDiffers(paths)
	}
	return ruling{known: true, found: textHeld(proof)}
}

// valueAt is what a tree says at a path; nil when it says nothing there.
func valueAt(tree *jsontree.Object, path string) any {
	v, err := jsontree.Get(tree, path)
	if err != nil {
		return nil
	}
	return v
}

func textNeedsAPI() lang.Text {
	return lang.Text{
		ES: "no hay API simulada a la que el servidor pueda preguntar por un evento",
		EN: "there is no simulated API that the server could ask about an event",
	}
}

func textEnableAPI() lang.Text {
	return lang.Text{
		ES: "api: {listen: 127.0.0.1:8091, key: su-llave}   # su servidor tiene que preguntar ahí, con esa llave",
		EN: "api: {listen: 127.0.0.1:8091, key: your-key}   # your server has to ask there, with that key",
	}
}

func textNotSaidToVerify() lang.Text {
	return lang.Text{
		ES: "es para servidores que verifican los eventos con la API, y la configuración no dice que este lo haga (api: y auth: api)",
		EN: "is for servers that verify events through the API, and the config does not say that this one does (api: and auth: api)",
	}
}

func textForged(field string, have, genuine any) lang.Text {
	return lang.Textf("%s es %s, como en el cuerpo falso, y la API dice %s", "%s is %s, as in the forged body, but the API says %s",
		field, model.Shown(have), model.Shown(genuine))
}

// unverified is the cause of what believes an event that nobody has confirmed.
const unverified = "unverified"

// believed has whoever acts before the API confirms an event, and acts on forged ones of
// that kind as well, be told once: it does not ask about that kind.
func (c *Judge) believed(f *Finding, check *language.Check, e *Exchange) {
	switch {
	case f.Verdict != verdict.Fail:
	case check.Cause == unverified && e.Forged != nil:
		if c.believes == nil {
			c.believes = map[string]bool{}
		}
		c.believes[e.Kind] = true
	case check.Takes(language.EvidenceAPI) && c.believes[e.Kind]:
		if n := meanwhile(e); n != nil && *n > 0 {
			f.cause = unverified
		}
	}
}
