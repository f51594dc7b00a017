package language

import (
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// tlsConditions ask where an exchange went, and what its server showed of itself.
func tlsConditions() []Condition {
	return []Condition{
		&condition[*bool]{
			key: "secure", editor: "The target's scheme is https.",
			means: lang.Text{ES: "si la URL es https", EN: "whether the URL is https"},
			holds: func(want *bool, e *Evidence) bool { return e.Target != nil && is(want, e.Target.Secure()) },
		},
		&condition[*bool]{
			key: "public", editor: "The target's host is one that anybody may reach.",
			means: lang.Text{
				ES: "si a su host puede llegar cualquiera (ni una dirección de esta máquina o de una red privada, ni `.local`, `.test`, `.localhost`, `.internal` o `.example`, ni un nombre sin punto)",
				EN: "whether its host is one that anybody may reach (no address of this machine or of a private network, no `.local`, `.test`, `.localhost`, `.internal` or `.example`, no name without a dot)",
			},
			holds: func(want *bool, e *Evidence) bool { return e.Target != nil && is(want, e.Target.Public()) },
		},
		&condition[string]{
			key: "certificate", editor: "What the server showed in the TLS handshake; fits nothing without one.",
			means: lang.Text{
				ES: "qué mostró el servidor en la negociación TLS: `trusted`, `unverified` (no se miró, por --insecure), `expiring` (le quedan menos de 14 días o de un quinto de su vida), `incomplete` (no mandó el que lo firmó) o `self-signed`. Sin certificado no se cumple",
				EN: "what the server showed in the TLS handshake: `trusted`, `unverified` (nobody looked, for --insecure), `expiring` (less than 14 days or a fifth of its life left), `incomplete` (the one that signed it was not sent) or `self-signed`. It fits nothing without one",
			},
			among:     []string{"trusted", "unverified", "expiring", string(wire.ChainIncomplete), string(wire.ChainSelfSigned)},
			holds:     func(want string, e *Evidence) bool { return showed(want, e.last()) },
			beside:    func(_ string, e *Evidence) lang.Text { return textCertificate(e.last()) },
			whichever: true,
		},
	}
}

func showed(want string, o *wire.Outcome) bool {
	if o == nil || o.Certificate() == nil {
		return false
	}
	switch want {
	case "trusted":
		return o.TLS.HandshakeComplete && len(o.TLS.VerifiedChains) > 0
	case "unverified":
		return o.TLS.HandshakeComplete && len(o.TLS.VerifiedChains) == 0
	case "expiring":
		return expiring(o)
	default:
		return string(o.Chain()) == want
	}
}

// What a certificate is to have left: a fortnight, or a fifth of its life when
// that is less. A server that renews in time, as certbot does with a third left,
// never gets there.
const (
	maxLeft   = 14 * 24 * time.Hour
	leftShare = 5
)

// expiring reports whether the server's certificate ends soon.
func expiring(o *wire.Outcome) bool {
	c := o.Certificate()
	return c.NotAfter.Sub(o.Started) < min(maxLeft, c.NotAfter.Sub(c.NotBefore)/leftShare)
}

// textCertificate tells until when the server's certificate lasts.
func textCertificate(o *wire.Outcome) lang.Text {
	if o == nil || o.Certificate() == nil {
		return lang.Text{}
	}
	c := o.Certificate()
	day := c.NotAfter.UTC().Format(time.DateOnly)
	left := c.NotAfter.Sub(o.Started)
	if left < 0 {
		return lang.Textf("el certificado venció el %s", "the certificate expired on %s", day)
	}
	return lang.Textf("el certificado vale hasta el %s (le quedan %s de %s)", "the certificate lasts until %s (%s of %s left)",
		day, textDays(left), textDays(c.NotAfter.Sub(c.NotBefore)))
}

// textDays tells a time in days, a short one in hours.
func textDays(d time.Duration) lang.Text {
	const day = 24 * time.Hour
	if d < 2*day {
		return lang.Textf("%d h", "%d h", d/time.Hour)
	}
	return lang.Textf("%d días", "%d days", d/day)
}
