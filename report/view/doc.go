// Package view says, once and in words, what there is to say of a run or of a
// send. Writers only lay it out: none of them counts, chooses or phrases
// anything by itself.
//
// New makes the view of a finished run: the verdict as a sentence, the counts,
// what was proved, and one Check for each result, with its texts, attempts and
// what shares its cause. NewDelivery does the same for one event that was sent.
// Both speak one language, that of the Words they are made with.
//
// Whatever came from the receiver is hostile until shown otherwise. Every text
// of a view went through Safe, Command, Prose or Lines: it has no control
// character, no escape sequence and no bidirectional override. To escape it for
// HTML or Markdown is for the writer to do.
//
// The package knows no format. It reads neither the clock nor the environment.
package view
