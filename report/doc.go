// Package report tells what a run or a send brought to light: to a person in a
// terminal, on a page that stands for itself or in a comment on a pull request,
// to a program as NDJSON, to a CI server as JUnit XML.
//
// A finished run is a [scenarios.Report]. Summarize counts it, says the verdict
// and chooses the exit code, once and for every format; Formats lists the
// writers by name. NDJSON of a run is a stream: NewJSON writes the head, Check
// a line for each result as it is known, End the last line, so that a run which
// was cut off shows by its missing end.
//
// A send is told through SendTerminal or SendJSON, one event at a time, and
// counted by Tally.
//
// Whatever came from the receiver is hostile until shown otherwise. Every text
// passes through Safe on its way into any format: no control character, no
// escape sequence, no bidirectional override reaches a terminal or a file.
// HTML and Markdown escape on top of that.
// Nothing here reads the clock, the environment or the terminal: width, colour
// and language are asked for in Options.
package report
