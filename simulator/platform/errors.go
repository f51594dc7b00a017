package platform

import (
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Invalid is what cannot be done as it was asked for, and why.
type Invalid struct {
	Err error // bilingual; several are joined
}

// Error implements error.
func (e *Invalid) Error() string { return e.Err.Error() }

// In implements lang.Bilingual.
func (e *Invalid) In(tag lang.Tag) string { return lang.In(e.Err, tag) }

// Unwrap gives the reason.
func (e *Invalid) Unwrap() error { return e.Err }

// Unconfirmed is that a URL leads to another machine, which gets nothing before
// that is confirmed (Webhook.Elsewhere). It stands in an *Invalid.
type Unconfirmed struct{ Err error }

// Error implements error.
func (e *Unconfirmed) Error() string { return e.Err.Error() }

// In implements lang.Bilingual.
func (e *Unconfirmed) In(tag lang.Tag) string { return lang.In(e.Err, tag) }

// Unwrap gives the reason.
func (e *Unconfirmed) Unwrap() error { return e.Err }

// Missing is something that there is not.
type Missing struct{ Err error }

// Error implements error.
func (e *Missing) Error() string { return e.Err.Error() }

// In implements lang.Bilingual.
func (e *Missing) In(tag lang.Tag) string { return lang.In(e.Err, tag) }

// Unwrap gives the reason.
func (e *Missing) Unwrap() error { return e.Err }

// Conflict is what cannot be done any more, or not yet.
type Conflict struct{ Err error }

// Error implements error.
func (e *Conflict) Error() string { return e.Err.Error() }

// In implements lang.Bilingual.
func (e *Conflict) In(tag lang.Tag) string { return lang.In(e.Err, tag) }

// Unwrap gives the reason.
func (e *Conflict) Unwrap() error { return e.Err }

func invalid(es, en string, args ...any) error { return &Invalid{lang.Errorf(es, en, args...)} }

func missing(es, en string, args ...any) error { return &Missing{lang.Errorf(es, en, args...)} }

func conflict(es, en string, args ...any) error { return &Conflict{lang.Errorf(es, en, args...)} }

// errInUse is told with the path of the lock.
func errInUse(path string) error {
	path = strings.TrimSuffix(path, lockSuffix)
	return lang.Errorf("%s: otro kometia-sim serve usa ya este archivo; termínelo, o use --memory o --db con otro archivo",
		"%s: another kometia-sim serve uses this file already; end that one, or use --memory or --db with another file", path)
}
