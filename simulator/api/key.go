package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"net/http"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// The prefixes tell a key of ours from a real one, which is "sk_" and 29 letters
// and digits. That of a public key is nowhere documented.
const (
	keyPrefix    = "sk_test_"
	publicPrefix = "pk_test_"
)

const (
	keyLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	keyLength  = 29
)

// NewKey draws a secret key, "sk_test_" and 29 letters and digits, from r: from
// crypto/rand.Reader, or from a stream of the run's seed when the key has to be
// the same again.
func NewKey(r io.Reader) (string, error) { return newKey(keyPrefix, r) }

// NewPublicKey draws a public key, "pk_test_" and 29 letters and digits.
func NewPublicKey(r io.Reader) (string, error) { return newKey(publicPrefix, r) }

func newKey(prefix string, r io.Reader) (string, error) {
	// Bytes past the greatest multiple of the number of letters would favour
	// the first letters.
	const fair = 256 - 256%len(keyLetters)
	key := make([]byte, 0, keyLength)
	var b [1]byte
	for len(key) < keyLength {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return "", lang.Errorf("generar la clave de la API: %s", "draw API key: %s", err)
		}
		if int(b[0]) < fair {
			key = append(key, keyLetters[int(b[0])%len(keyLetters)])
		}
	}
	return prefix + string(key), nil
}

// authenticated reports whether a request carries the key. Without a key nobody
// is let in.
func authenticated(r *http.Request, key string) bool {
	if key == "" {
		return false
	}
	if user, password, ok := r.BasicAuth(); ok {
		return same(user, key) && password == ""
	}
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return ok && strings.EqualFold(scheme, "Bearer") && same(strings.TrimSpace(token), key)
}

// same compares in a time that depends on neither where the two differ nor how
// long the key is.
func same(given, key string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(key))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
