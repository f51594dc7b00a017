package scenarios

import (
	"fmt"
	"time"

	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// fitsTLS reports whether the target and the certificate that its server showed
// are as a rule wants them.
func fitsTLS(r *language.Rule, e *exchange) bool {
	if t := e.target(); r.Secure != nil && (t == nil || *r.Secure != t.Secure()) || r.Public != nil && (t == nil || *r.Public != t.Public()) {
		return false
	}
	if r.Certificate == "" {
		return true
	}
	o := e.last()
	if o == nil || o.Certificate() == nil {
		return false
	}
	switch r.Certificate {
	case language.CertificateTrusted:
		return o.TLS.HandshakeComplete
	case language.CertificateExpiring:
		return expiring(o)
	default:
		return string(o.Chain()) == r.Certificate
	}
}

// target is where the exchange went; nil when it was not played.
func (e *exchange) target() *wire.Target {
	if e.result.Delivery == nil || e.result.Delivery.Request == nil {
		return nil
	}
	return e.result.Delivery.Request.Target
}

// What a certificate is to have left: a fortnight, or a fifth of its life when
// that is less. Who renews in time, as certbot does with a third left, never
// gets there.
const (
	maxLeft   = 14 * 24 * time.Hour
	leftShare = 5
)

// expiring reports whether the server's certificate ends soon.
func expiring(o *wire.Outcome) bool {
	c := o.Certificate()
	return c.NotAfter.Sub(o.Started) < min(maxLeft, c.NotAfter.Sub(c.NotBefore)/leftShare)
}

// textCertificate tells until when the server's certificate lasts beside what
// was answered.
func textCertificate(answered lang.Text, o *wire.Outcome) lang.Text {
	if o == nil || o.Certificate() == nil {
		return answered
	}
	c := o.Certificate()
	day := c.NotAfter.UTC().Format(time.DateOnly)
	left := c.NotAfter.Sub(o.Started)
	if left < 0 {
		return lang.Text{
			ES: fmt.Sprintf("%s; el certificado venció el %s", answered.ES, day),
			EN: fmt.Sprintf("%s; the certificate expired on %s", answered.EN, day),
		}
	}
	rest, life := textSpan(left), textSpan(c.NotAfter.Sub(c.NotBefore))
	return lang.Text{
		ES: fmt.Sprintf("%s; el certificado vale hasta el %s (le quedan %s de %s)", answered.ES, day, rest.ES, life.ES),
		EN: fmt.Sprintf("%s; the certificate lasts until %s (%s of %s left)", answered.EN, day, rest.EN, life.EN),
	}
}

// textSpan tells a time in days, a short one in hours.
func textSpan(d time.Duration) lang.Text {
	const day = 24 * time.Hour
	if d < 2*day {
		return lang.Text{ES: fmt.Sprintf("%d h", d/time.Hour), EN: fmt.Sprintf("%d h", d/time.Hour)}
	}
	return lang.Text{ES: fmt.Sprintf("%d días", d/day), EN: fmt.Sprintf("%d days", d/day)}
}
