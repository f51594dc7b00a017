// Package consent names what is not sent to another machine unasked.
package consent

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
