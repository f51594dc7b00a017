// Package retryclock is when things happen: clocks to wait on, the policy by
// which a delivery is retried, and the queue that keeps many deliveries in
// order.
//
// The policy is a pure function of the attempt just made, so that the whole
// life of a delivery can be computed without waiting for it. The virtual clock
// jumps over the waits; the wall clock sits them out. Nothing here knows of
// HTTP or of Kometia's objects.
package retryclock
