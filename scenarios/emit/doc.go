// Package emit makes the events of scenarios, before any is sent.
//
// A Maker makes what an emit step says: the same settings give the same bytes,
// whatever was played before. It proves each event against its schema and
// rehearses a whole suite, so that a scenario which cannot be played is told before
// the first request. It knows nothing of deliveries.
package emit
