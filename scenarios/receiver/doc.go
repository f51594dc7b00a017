// Package receiver is the receiver under test: one for run, fuzz, replay and
// whatever comes. Make it once with New and hand it to whoever tests it.
//
// It says where the receiver is and how it may be spoken to (target, headers,
// pace, consent), sends at the pace that the receiver takes, ends and starts its
// process, sees what it does (package observe), lets it come to rest before time
// moves on, and says when a value that it keeps is the one that an event said.
// It knows no scenario and no oracle.
package receiver
