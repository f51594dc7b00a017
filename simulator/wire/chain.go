package wire

import (
	"bytes"
	"crypto/x509"
	"errors"
)

// Chain says how the certificates that a server sent hang together; whether
// anybody trusts them is another matter.
type Chain string

// The chains.
const (
	ChainNone       Chain = ""            // no certificate was sent
	ChainSelfSigned Chain = "self-signed" // the server's own certificate signed itself
	ChainIncomplete Chain = "incomplete"  // the certificate that signed the server's own was not sent
	ChainWeak       Chain = "weak"        // a key in it is too small, and nothing else was found wrong
	ChainLinked     Chain = "linked"      // the certificate that signed the server's own was sent with it
)

// Certificate is the server's own certificate, trusted or not; nil when none
// was seen.
func (o *Outcome) Certificate() *x509.Certificate {
	if o.TLS == nil || len(o.TLS.PeerCertificates) == 0 {
		return nil
	}
	return o.TLS.PeerCertificates[0]
}

// Chain says how the certificates that the server sent hang together.
func (o *Outcome) Chain() Chain {
	own := o.Certificate()
	if own == nil {
		return ChainNone
	}
	var weak *weakKeyError
	if o.Err != nil && errors.As(o.Err, &weak) {
		return ChainWeak
	}
	if bytes.Equal(own.RawIssuer, own.RawSubject) {
		return ChainSelfSigned
	}
	for _, c := range o.TLS.PeerCertificates[1:] {
		if bytes.Equal(c.RawSubject, own.RawIssuer) {
			return ChainLinked
		}
	}
	return ChainIncomplete
}
