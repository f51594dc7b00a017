// Package practice is a receiver of Kometia webhooks to practise on: a real
// HTTP handler with a real SQLite database, as careful as a receiver can be,
// and the same receiver with exactly one thing wrong.
//
// The good one ([Config.Flaw] empty) shows what the checks ask for. It reads
// the whole body within a bound, parses it strictly, answers 400 to what is no
// event and 204 to a kind that it does not know, and for the rest stores the
// event and acts on it in one transaction before it answers. A unique event id
// makes every copy after the first one harmless; an object's state never goes
// back to an older version and never comes back from its deletion.
//
// [Flaws] lists the ways in which it can be told to err, each with the checks
// that have to notice it, and some ways of being different that no check may
// hold against it. A flaw is a decorator round the good receiver: see the
// files named flaw_*.go and good.go.
//
// # Routes
//
//	POST /webhook            the deliveries
//	GET  /effects/{id}       what one event or one object led to
//	GET  /effects?ids=a,b    the same for many, a map by id
//	GET  /health             204 once it serves
//	POST /drain              204 when no background work is left
//	POST /catch-up           204 when it has acted on what the API has and it missed
//	POST /store/down, /up    takes its database away from the deliveries, gives it back
//
// An observation reads {"effects": n, "state": {...}}. Effects are rows of an
// insert-only table, so that acting twice shows as 2 even where the state looks
// right. State is the object as the newest event about it had it, plus the
// member "deleted"; null when no event told of it.
//
// It is meant to be killed without warning: run it as a child process. What it
// has acknowledged survives SIGKILL (see store.go for why).
package practice
