// Package judge judges what came of scenarios.
//
// Whoever plays a case records it: each delivery is an Exchange with its attempts,
// with what was seen of its effects and with the History of its object. From that
// alone a Judge gives a check its result. It sends nothing and waits for nothing, so
// that the same record always gives the same verdict.
//
// A check never passes without evidence. What stood in the way, what could not be
// seen and what was our own fault have verdicts of their own.
package judge
