// Package fuzz hunts for the payload that breaks a receiver: it sends what
// package payload generates from the JSON Schemas, holds the answers (and, with
// an observer, the effects) against oracles, makes what failed small and keeps it
// as a case that can be played again.
//
// A [Runner] sends cases at speed, and beside them plays histories (package
// history). What looks wrong is confirmed, shrunk and written to disk by an
// investigator of its own, so that a finding is never lost and never a matter of
// one response under load. [Replay] plays a kept case again.
//
// The rule that everything here bends to is that a good receiver has no
// findings: a failure counts only when it comes back with fresh identities,
// alone, while a normal event of the same story is accepted.
package fuzz
