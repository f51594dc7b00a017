package language

import "github.com/kometia-sim/kometia-sim/simulator/wire"

// states are the questions that a rule may ask about an object's state.
func states() []string {
	return []string{"newest", "updated", "older", "stale", "absent", "in-order", "out-of-order", "mangled"}
}

// What a rule can ask of a certificate.
const (
	CertificateTrusted    = "trusted"
	CertificateExpiring   = "expiring"
	certificateIncomplete = string(wire.ChainIncomplete)
	certificateSelfSigned = string(wire.ChainSelfSigned)
)

func certificates() []string {
	return []string{CertificateTrusted, CertificateExpiring, certificateIncomplete, certificateSelfSigned}
}
