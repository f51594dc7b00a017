// Package model is what a right receiver makes of what it is sent: a ledger of
// events, what came of each, and the invariants that hold on every line of it,
// whatever the situation was that an event came in. A line is held against its
// twin, the same content delivered plainly in the same run, so that what a
// receiver does with a content is never the measure of another.
//
// It knows neither checks nor how anything was sent.
package model
