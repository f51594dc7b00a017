// Package wire makes one HTTP/1.1 attempt on its own connection and tells what
// came of it.
//
// A simulator judges receivers, so it must never report a real answer as a
// network error. That is why this is not net/http: there a server that answers
// 413 and closes without reading a large body races with the writing of that
// body, and the answer is often lost behind "broken pipe". Here the request is
// written and the answer is read independently of each other, and reading goes
// on whatever becomes of the writing.
//
// For most uses:
//
//	target, err := wire.ParseTarget("http://localhost:8000/kometia/webhook")
//	client, err := wire.New(wire.DefaultConfig())
//	defer client.Close()
//	out := client.Do(ctx, &wire.Request{Target: target, Header: fields, Body: body})
//	if out.Acknowledged() { ... }
//
// Do never returns nil and never an error beside the Outcome: what happened is
// the result.
//
// # What decides
//
// The final status line decides, as it does for the clients that webhooks are
// sent with: what curl takes for an answer is one. A 2xx that curl refuses, as
// others do, is no receipt but an [Error]: a header that does not end, is reset,
// over its limits or has a line that is none, a length that is no number, a chunk
// that cannot be. Everything milder is a [Note]: a body cut short, dripped or
// endless, lengths that disagree, a header that the server closed after. Of an
// answer that is no 2xx all of this is only noted, because it is refused as it is.
//
// A 1xx is not final, but for 101: after it the connection speaks something else.
// No redirect is followed.
//
// # Bounds
//
// Of an answer at most 300 KiB and 5000 lines of header, 100 KiB a line, 64 KiB of
// kept body and 1 MiB of read body are taken, and no attempt outlasts
// [Config].Timeout by more than scheduling takes. No Accept-Encoding is sent, and nothing is
// decompressed: a compressed body is kept as it came.
//
// # Connections
//
// A server that has said something unasked, with an answer or after it, is trusted
// with no kept connection any more: what it says late could pass for the answer to
// the next request.
//
// A connection is used again only when the request was written whole and the
// answer was read whole and cleanly, the server wants to keep it, and nothing
// arrived on it since. An idle connection that turns out to be dead before the first byte of
// an answer is replaced by a fresh one, once, and the request is sent again on
// that ([Outcome].Resent); on a fresh connection nothing is ever sent twice. A receiver that takes a
// request on a kept connection and hangs up without an answer therefore gets it
// twice: a caller who counts effects and cannot accept that sets
// [Request].Fresh.
//
// # Broken on purpose
//
// A [Request] goes out whole and at once, unless its Script says otherwise:
// piece by piece, with waits between, and with an end of our own making (FIN or
// RST). What we do ourselves is never held against the receiver: the attempt's
// error is [ErrHungUp], or its outcome the answer that was quicker than we were.
//
// # What goes out
//
// The bytes are the caller's: method, target, header in the given order and
// spelling, body. Added are Host, Authorization (from the user:password of the
// target) and Content-Length, each only when the caller gave no field of that
// name. [AppendHead] shows the head exactly as it is sent.
//
// No environment variable for proxies is looked at: what is judged is the
// receiver, not what stands in between. An https server that is reached only
// through a proxy is reached by [Dialer].Proxy, which opens a way for the same
// bytes (CONNECT).
package wire
