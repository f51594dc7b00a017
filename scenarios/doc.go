// Package scenarios plays scenarios against a receiver and judges what came of
// it.
//
// What a scenario says is the business of scenarios/language; the built-in ones
// stand in scenarios/catalogue. A Runner plays what was chosen, in the order of
// the groups, behind a gate: one plain event of every kind goes first, and what
// the receiver does not acknowledge there is said once and not forty times.
//
// A check never passes without evidence. What stood in the way, what could not
// be seen and what was our own fault have verdicts of their own.
package scenarios
