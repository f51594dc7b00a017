// Package scenarios plays scenarios against a receiver and reports what came of it.
//
// What a scenario says is the business of scenarios/language; the built-in ones
// stand in scenarios/catalogue. scenarios/emit makes the events, scenarios/judge
// judges what came of them; this package plans, sends, watches and waits. A Runner
// plays what was chosen, in the order of the groups, behind a gate: one plain event
// of every kind goes first, and what the receiver does not acknowledge there is said
// once and not forty times.
package scenarios
