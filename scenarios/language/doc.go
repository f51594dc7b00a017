// Package language is the language of scenarios: what a YAML file may say, how it
// is read, and which files and checks a run consists of.
//
// A scenario says how events are made and delivered (its cases), and what that
// says of the receiver (its checks). Builtin is the catalogue that comes with
// the product, Suite.Add takes a user's own file, Suite.Select chooses.
//
// The package knows nothing of the player of a scenario.
package language
