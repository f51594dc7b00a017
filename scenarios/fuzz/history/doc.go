// Package history makes histories of what happens between the shop and the
// receiver: a few stories of the shop whose deliveries come late, twice, cut off
// or not at all, with the receiver restarted in between. It plays them on a
// virtual clock by the retry policy, holds what came of it against what a right
// receiver makes of the same events, and makes a history that fails small.
//
// [Generate] makes the history of an index, a [Player] plays it and lists the
// violations that it shows, a [Shrinker] confirms one of them and looks for the
// smallest history that shows it as well. The package knows nothing of hunts and
// of what becomes of a finding; the hunt's budget comes in through [Sender] and
// [Budget].
package history
