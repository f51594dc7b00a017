package wire

import (
	"net/url"
	"strings"
)

// Redact gives a URL, well-formed or not, for show: user and password become
// ***, so do the values of query parameters that look like secrets, and the
// fragment is cut. A Location header can be shown with it, too.
func Redact(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	raw, query, hasQuery := strings.Cut(raw, "?")
	start := 0
	if i := strings.Index(raw, "//"); i >= 0 {
		start = i + 2
	}
	end := len(raw)
	if i := strings.IndexByte(raw[start:], '/'); i >= 0 {
		end = start + i
	}
	if i := strings.LastIndexByte(raw[start:end], '@'); i >= 0 {
		raw = raw[:start] + "***@" + raw[start+i+1:]
	}
	if !hasQuery {
		return raw
	}
	return raw + "?" + redactQuery(query)
}

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

func redactQuery(query string) string {
	var b strings.Builder
	for query != "" {
		pair := query
		sep := strings.IndexAny(query, "&;")
		if sep >= 0 {
			pair = query[:sep]
		}
		name, _, hasValue := strings.Cut(pair, "=")
		if hasValue && SecretName(name) {
			pair = name + "=***"
		}
		b.WriteString(pair)
		if sep < 0 {
			break
		}
		b.WriteByte(query[sep])
		query = query[sep+1:]
	}
	return b.String()
}

// SecretName reports whether a parameter of this name is taken to hold a
// secret. It would rather hide too much.
func SecretName(name string) bool {
	if plain, err := url.QueryUnescape(name); err == nil {
		name = plain
	}
	name = strings.ToLower(name)
	for _, word := range []string{"token", "secret", "passw", "passphrase", "pwd", "signature", "credential", "apikey", "auth", "jwt", "session", "hmac"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	for _, end := range []string{"key", "sig", "pass"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	return false
}
