package wire

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// What OpenSSL's default (security level 2, 112 bits) asks of the keys of a chain,
// the authority's own included. crypto/x509 trusts smaller ones.
const (
	minRSA = 2048
	minEC  = 224
)

// weakKeyError is a certificate whose key is too small to be trusted.
type weakKeyError struct {
	name, kind string
	bits, min  int
}

// Error implements error.
func (e *weakKeyError) Error() string { return e.In(lang.English) }

// In implements lang.Bilingual.
func (e *weakKeyError) In(tag lang.Tag) string {
	return lang.Textf("la llave %s de «%s» es de %d bits; hacen falta %d", "the %s key of “%s” has %d bits; %d are needed",
		e.kind, e.name, e.bits, e.min).In(tag)
}

// weakKey is the error of a certificate's key; nil when it will do.
func weakKey(c *x509.Certificate) error {
	name := c.Subject.CommonName
	if name == "" && len(c.DNSNames) > 0 {
		name = c.DNSNames[0]
	}
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSA {
			return &weakKeyError{name, "RSA", bits, minRSA}
		}
	case *ecdsa.PublicKey:
		if bits := key.Params().BitSize; bits < minEC {
			return &weakKeyError{name, "EC", bits, minEC}
		}
	}
	return nil
}

// verification is what a chain is asked besides what crypto/tls asks; nil is nothing.
func verification(insecure bool) func(tls.ConnectionState) error {
	if insecure {
		return nil
	}
	return strongEnough
}

// strongEnough wants one chain without a weak key.
func strongEnough(state tls.ConnectionState) (weak error) {
	for _, chain := range state.VerifiedChains {
		var found error
		for _, c := range chain {
			if err := weakKey(c); err != nil {
				found = err
				break
			}
		}
		if found == nil {
			return nil
		}
		if weak == nil {
			weak = found
		}
	}
	return weak
}

// cipherSuites are what OpenSSL offers by default: what crypto/tls does, and those
// of TLS 1.2 that it has given up and real clients have not.
func cipherSuites() (ids []uint16) {
	for _, s := range tls.CipherSuites() {
		ids = append(ids, s.ID)
	}
	return append(ids,
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
		tls.TLS_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_128_CBC_SHA256,
		tls.TLS_RSA_WITH_AES_256_CBC_SHA, tls.TLS_RSA_WITH_AES_128_CBC_SHA,
	)
}
