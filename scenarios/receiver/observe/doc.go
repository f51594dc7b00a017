// Package observe counts what deliveries led to: the effects of a receiver.
//
// An HTTP answer says that an event was received, not that the order was
// shipped once. So the user names one place where effects can be seen (Config):
// a command, a URL, a log file, or a sink, the address of a service of another
// company that we stand in for. New makes the Observer of it, which answers for
// many events at once.
//
// A Settler decides when a count may be believed: it waits until what is
// expected is there and then until nothing moves any more, or has the
// receiver's queue worked off by a hook. It knows nothing of checks; what a
// count means is its caller's business.
//
// Hook is a command of the user's (drain, start, kill, down, up), Post the same
// as an HTTP request, and Ready waits until a receiver is up.
//
// What goes wrong here is never the receiver's fault in a check: it is an
// *Error, whose text is for reports in both languages, or the end of the
// caller's context.
package observe
