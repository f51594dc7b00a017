package wire

import (
	"crypto/tls"
	"slices"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Request is one HTTP request, as it is to stand on the wire.
type Request struct {
	// Target is where it goes; see ParseTarget.
	Target *Target
	// Method; empty means POST.
	Method string
	// Header is sent in this order and in this spelling, after Host and before
	// Content-Length, which the client writes itself. A field that the client
	// would write is not written when it stands here; see AppendHead.
	Header []Field
	// Body is sent as it stands; it is only read.
	Body []byte
	// Fresh asks for a new connection, which is closed afterwards; without it an
	// idle one may be reused.
	Fresh bool
	// Silence is how long an idle connection has to have been silent before it is
	// used again: what a server says late must not pass for the answer to this
	// request. Zero takes one that is silent now.
	Silence time.Duration
	// ExpectContinue asks first, with "Expect: 100-continue": the body follows
	// when the server answers 100, or says nothing for a second, and not at all
	// when it gives its final answer. After a 417 the request is sent again
	// without asking. It always has a fresh connection, and cannot have a Script.
	ExpectContinue bool
	// Script is how the request goes out when not whole and at once; nil is the
	// ordinary case. See Script.
	Script *Script
}

// Field is one header line.
type Field struct{ Name, Value string }

// Outcome is all that one attempt brought to light.
type Outcome struct {
	// Status is the final status code, 101 or 200 to 999; zero when none came, or
	// a 2xx that no client takes, and then Err says why. Of the 1xx only 101 is
	// final.
	Status int
	// Proto and Reason are the rest of the status line as received.
	Proto, Reason string
	// Header is the answer's header in the order received, bounded.
	Header []Field
	// Body is the first 64 KiB of the answer's body; BodyBytes is how many
	// were read before the end or the limit (1 MiB).
	Body      []byte
	BodyBytes int64
	// Notes are oddities that do not change the outcome: a body that was cut
	// short, dripped, never ended, a header over the limit of an answer that is
	// no receipt anyway.
	Notes []Note
	// Err is set exactly when Status is zero.
	Err *Error
	// Connected says that a TCP connection stood; Reused that it was an idle
	// one; Resent that an idle one was found closed and a fresh one was used.
	Connected, Reused, Resent bool
	// Remote is the address connected to.
	Remote string
	// TLS is the state of the handshake; nil over plain TCP.
	TLS *tls.ConnectionState
	// Started is the wall time at which the attempt began. Latency runs from
	// there to the final status line, Total to the end of the exchange; both
	// are wall time.
	Started        time.Time
	Latency, Total time.Duration
}

// Acknowledged reports whether the answer counts as a receipt: any 2xx and
// nothing else (guide, "Respondiendo a los Webhooks").
func (o *Outcome) Acknowledged() bool { return o.Status >= 200 && o.Status <= 299 }

// Get is the value of the first header field of that name, whatever its case;
// "" when there is none.
func (o *Outcome) Get(name string) string {
	for i := range o.Header {
		if strings.EqualFold(o.Header[i].Name, name) {
			return o.Header[i].Value
		}
	}
	return ""
}

// Values are the values of all header fields of that name, whatever its case,
// in the order received; nil when there is none.
func (o *Outcome) Values(name string) []string {
	var values []string
	for i := range o.Header {
		if strings.EqualFold(o.Header[i].Name, name) {
			values = append(values, o.Header[i].Value)
		}
	}
	return values
}

// Noted reports whether the answer has that oddity.
func (o *Outcome) Noted(n Note) bool { return slices.Contains(o.Notes, n) }

func (o *Outcome) note(n Note) {
	if !o.Noted(n) {
		o.Notes = append(o.Notes, n)
	}
}

// refuse forgets an answer that is none.
func (o *Outcome) refuse() {
	o.Status, o.Proto, o.Reason, o.Header, o.Latency = 0, "", "", nil, 0
	o.Body, o.BodyBytes, o.Notes = nil, 0, nil
}

// Note is an oddity of an answer.
type Note string

// The notes.
const (
	NoteBodyCut        Note = "body-cut"         // ended before its announced length
	NoteBodyEndless    Note = "body-endless"     // longer than the drain limit
	NoteBodySlow       Note = "body-slow"        // not at its end when the time was up
	NoteBodyMalformed  Note = "body-malformed"   // odd chunked framing, contradictory lengths
	NoteBodyExtra      Note = "body-extra"       // bytes after the announced end (when they came with it)
	NoteHeaderTooLarge Note = "header-too-large" // header cut at the limit
	NoteHeaderCut      Note = "header-cut"       // connection ended inside the header
	NoteHeaderBad      Note = "header-malformed" // a line that is no header line
	NoteHeaderSlow     Note = "header-slow"      // header not at its end when the time was up
	NoteStatusLine     Note = "status-line"      // a protocol that only some clients take
	NoteUnasked        Note = "unasked"          // bytes had come on the idle connection that was to be used
	NoteEarly          Note = "early-answer"     // answered without taking the whole request

	// What became of a request with ExpectContinue.
	NoteContinued  Note = "continued"      // 100 came, and then the body was sent
	NoteUnanswered Note = "continue-slow"  // nothing came in time, and the body was sent
	NoteRefused    Note = "expect-refused" // 417 came; the rest tells of the request sent again
)

// Doubtful reports whether a receipt with this oddity is one for some clients
// only: curl, or another, reports it as an error.
func (n Note) Doubtful() bool {
	switch n {
	case NoteBodyCut, NoteBodySlow, NoteBodyMalformed, NoteHeaderCut, NoteHeaderBad, NoteStatusLine, NoteUnasked:
		return true
	}
	return false
}

// ErrorKind says why an attempt brought no answer.
type ErrorKind string

// The kinds of transport failure.
const (
	ErrDNS            ErrorKind = "dns"
	ErrConnectRefused ErrorKind = "connect-refused"
	ErrConnectTimeout ErrorKind = "connect-timeout"
	ErrConnect        ErrorKind = "connect" // no route, network down
	ErrReset          ErrorKind = "reset"
	ErrClosed         ErrorKind = "closed" // EOF before an answer
	ErrTimeout        ErrorKind = "timeout"
	ErrNotHTTP        ErrorKind = "not-http"
	ErrTLSUntrusted   ErrorKind = "tls-untrusted"
	ErrTLSExpired     ErrorKind = "tls-expired"
	ErrTLSHostname    ErrorKind = "tls-hostname"
	ErrTLSPlainHTTP   ErrorKind = "tls-plain-http" // the port speaks plain HTTP
	ErrTLSVersion     ErrorKind = "tls-version"
	ErrTLS            ErrorKind = "tls" // any other handshake failure
	ErrCanceled       ErrorKind = "canceled"
	ErrEndless1xx     ErrorKind = "endless-1xx" // informational answers without end
	ErrMalformed      ErrorKind = "malformed"   // a 2xx that no client takes: its header, its length, its chunks
	ErrRequest        ErrorKind = "request"     // the request cannot be sent; see Request.Check
	ErrLocal          ErrorKind = "local-limit" // this computer has no descriptor, port or memory left
	ErrProxy          ErrorKind = "proxy"       // the proxy did not open the way
	ErrConsent        ErrorKind = "not-allowed" // nobody has consented to sending it there
	// ErrHungUp: we ended the connection ourselves, by Request.Script, before an
	// answer began to arrive. It says nothing of the receiver.
	ErrHungUp ErrorKind = "hung-up"
)

// Error is why an attempt brought no answer. Its text is one line,
// without secrets.
type Error struct {
	Kind ErrorKind
	Err  error
}

// Ours reports whether the receiver had no part in the error: nothing that it
// did or left undone is told by it. Nil is none of ours.
func (e *Error) Ours() bool {
	return e != nil && slices.Contains([]ErrorKind{ErrCanceled, ErrRequest, ErrLocal, ErrProxy, ErrConsent}, e.Kind)
}

// Error implements error.
func (e *Error) Error() string { return e.In(lang.English) }

// In implements lang.Bilingual.
func (e *Error) In(tag lang.Tag) string { return string(e.Kind) + ": " + lang.In(e.Err, tag) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
