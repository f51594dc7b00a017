// Package consent names what is not sent to another machine unasked, how much it
// gets at the most, and the words for both.
package consent

import "github.com/kometia-sim/kometia-sim/schemas/lang"

// Class names a kind of stimulus that a receiver which is not on this machine
// gets only when the user allows it (--allow); empty for a harmless one.
type Class string

// The classes that --allow opens.
const (
	Burst     Class = "burst"
	Malformed Class = "malformed"
	Methods   Class = "methods"
	Restart   Class = "restart"
	Fuzz      Class = "fuzz"
	Load      Class = "load"
	Probe     Class = "probe"
)

// Classes lists every class that --allow knows.
func Classes() []string {
	return []string{
		string(Burst), string(Malformed), string(Methods), string(Restart),
		string(Fuzz), string(Load), string(Probe),
	}
}

// Unasked says that a class is not sent, and what opens it.
func (c Class) Unasked() (reason, enable lang.Text) {
	return lang.Textf("no se mandan pruebas de la clase %s a otra máquina sin permiso",
		"stimuli of the class %s are not sent to another machine unasked", string(c)), lang.Same("--allow " + string(c))
}

// Refuse is Unasked as an error.
func (c Class) Refuse() error {
	reason, enable := c.Unasked()
	return lang.Errorf("%s: agregue %s si es suya y lo soporta", "%s: add %s if it is yours and can take it", reason, enable)
}

// What a receiver on another machine gets at most. Requests are bounded apart,
// since one event may be sent any number of times.
const (
	MaxEvents   = 60
	MaxRequests = 3 * MaxEvents
)

// Elsewhere says of a receiver that is not on this machine what has to be
// confirmed before it gets anything, and what it gets then.
func Elsewhere(name string) error {
	return lang.Errorf("%s no es esta computadora: no se le envía nada hasta que usted lo confirme. Entonces vale el modo seguro: a lo más %d peticiones y nada malformado, salvo lo que abra --allow",
		"%s is not this computer: nothing is sent there until you confirm it. Then safe mode holds: %d requests at most and nothing malformed, unless --allow opens it",
		name, MaxRequests)
}

// CheckVolume refuses a plan that is too much for another machine.
func CheckVolume(events, requests int) error {
	if events <= MaxEvents && requests <= MaxRequests {
		return nil
	}
	return lang.Errorf("el plan tiene %d eventos en %d peticiones; un receptor en otra máquina recibe a lo más %d en %d: elija menos, o --allow load",
		"the plan has %d events in %d requests; a receiver on another machine gets at most %d in %d: choose less, or --allow load",
		events, requests, MaxEvents, MaxRequests)
}
