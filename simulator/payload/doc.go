// Package payload makes the payloads of a hunt: it reads the JSON Schemas of a
// catalogue, takes normal events of the shop and changes in them whatever the
// schemas leave open, goes where a schema may grow, breaks one rule at a time, or
// writes the same event in another way. It knows nothing of receivers.
//
// A [Generator] makes cases: case i of a seed is the same bytes whatever was made
// before it. What is sent is a [Bundle] of messages, which a [Freshener] puts
// under identities that nobody has seen; a [Shrinker] makes a payload that fails
// small, and [Changes] says what is left of it in words.
package payload
