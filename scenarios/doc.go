// Package scenarios holds the conformance catalogue as data and plays it
// against a receiver.
//
// A scenario is a YAML file: how events are made and delivered (its cases), and
// what that says of the receiver (its checks). Builtin is the catalogue that
// comes with the product, Suite.Add takes a user's own file, Suite.Select
// chooses. A Runner plays what was chosen, in the order of the groups, behind
// a gate: one plain event of every kind goes first, and what the receiver does
// not acknowledge there is said once and not forty times.
//
// A check never passes without evidence. What stood in the way, what could not
// be seen and what was our own fault have verdicts of their own.
package scenarios
