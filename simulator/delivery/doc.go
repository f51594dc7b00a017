// Package delivery plays Kometia's side of a delivery: it makes an attempt,
// takes a 2xx and nothing else for a receipt, and tries again by the retry
// policy until the event is acknowledged or its time is over.
//
// Many deliveries interleave in the order in which they are due. On a virtual
// clock the 48 hours of a retry policy cost no more than their requests; time
// moves only when no request is under way.
package delivery
