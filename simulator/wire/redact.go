package wire

import (
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/secret"
)

// Redact gives a URL for show, see [secret.URL].
func Redact(raw string) string { return secret.URL(raw) }

// SecretName reports whether a parameter of this name is taken to hold a secret.
func SecretName(name string) bool { return secret.Name(name) }

// redactBroken is Redact for what could not be read as a URL: there everything
// before the last "@" may be a password.
func redactBroken(raw string) string {
	i := strings.LastIndexByte(raw, '@')
	if i < 0 {
		return Redact(raw)
	}
	start := 0
	if j := strings.Index(raw[:i], "//"); j >= 0 {
		start = j + 2
	}
	return Redact(raw[:start] + "***" + raw[i:])
}
