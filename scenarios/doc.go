// Package scenarios plays scenarios against a receiver and reports what came of it.
//
// What a scenario says is the business of scenarios/language; the built-in ones
// stand in scenarios/catalogue. scenarios/emit makes the events, scenarios/judge
// judges what came of them; this package plans, sends, watches and waits. A Runner
// plays what was chosen, in the order of the groups, behind a gate: one plain event
// of every kind goes first, and what the receiver does not acknowledge there is said
// once and not forty times.
//
// Its parts, each of which knows only those before it: the planner says what is
// played, the observation sees what comes of it, the deliverer sends, the sweeper
// sends contents, and the player plays the steps of a case with them. The lockstep
// has cases wait together; the gatekeeper and the probes learn what the receiver is
// like, and the sentinels whether it still works.
package scenarios
