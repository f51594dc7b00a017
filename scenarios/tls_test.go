package scenarios_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/kometia-sim/kometia-sim/scenarios/verdict"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
)

// authority signs certificates for the specs.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

// sign makes a certificate by the template; without an authority it signs itself.
func (a *authority) sign(c x509.Certificate) *authority {
	GinkgoHelper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	if c.NotBefore.IsZero() {
		c.NotBefore = time.Now().Add(-time.Hour)
	}
	if c.NotAfter.IsZero() {
		c.NotAfter = c.NotBefore.Add(90 * 24 * time.Hour)
	}
	parent, signer := &c, key
	if a != nil {
		parent, signer = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, &c, parent, &key.PublicKey, signer)
	Expect(err).NotTo(HaveOccurred())
	made := &authority{key: key}
	made.cert, err = x509.ParseCertificate(der)
	Expect(err).NotTo(HaveOccurred())
	return made
}

// delegate signs another authority.
func (a *authority) delegate(name string) *authority {
	return a.sign(x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	})
}

// issue signs a certificate for 127.0.0.1, changed as the test wants it.
func (a *authority) issue(change func(*x509.Certificate)) *authority {
	c := x509.Certificate{Subject: pkix.Name{CommonName: "receptor"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	if change != nil {
		change(&c)
	}
	return a.sign(c)
}

// pair is what a server sends: its certificate and those of the others.
func (a *authority) pair(others ...*authority) tls.Certificate {
	out := tls.Certificate{Certificate: [][]byte{a.cert.Raw}, PrivateKey: a.key}
	for _, o := range others {
		out.Certificate = append(out.Certificate, o.cert.Raw)
	}
	return out
}

// write writes what a server sends, and the key of it, as PEM into a folder.
func (a *authority) write(dir string, pair tls.Certificate) {
	GinkgoHelper()
	var chain []byte
	for _, der := range pair.Certificate {
		chain = append(chain, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	Expect(err).NotTo(HaveOccurred())
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	Expect(os.WriteFile(filepath.Join(dir, "certificado.pem"), chain, 0o600)).To(Succeed())
	Expect(os.WriteFile(filepath.Join(dir, "clave.pem"), key, 0o600)).To(Succeed())
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// lasting changes the days that a certificate has lived and has left.
func lasting(lived, left time.Duration) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		const day = 24 * time.Hour
		c.NotBefore, c.NotAfter = time.Now().Add(-lived*day), time.Now().Add(left*day)
	}
}

// secured starts a good receiver over TLS.
func secured(cfg *tls.Config) *httptest.Server {
	GinkgoHelper()
	srv := httptest.NewUnstartedServer(receive(nil).Config.Handler)
	srv.TLS = cfg
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that are to fail
	srv.StartTLS()
	DeferCleanup(srv.Close)
	return srv
}

// named has every name lead to 127.0.0.1 while a test runs.
func named() {
	GinkgoHelper()
	conn, err := new(net.ListenConfig).ListenPacket(context.Background(), "udp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(conn.Close)
	go func() {
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) == 0 {
				continue
			}
			m.Response, m.Additionals = true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1},
					Body:   &dnsmessage.AResource{A: [4]byte{127, 0, 0, 1}},
				}}
			}
			if packed, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(packed, from)
			}
		}
	}()
	old := net.DefaultResolver
	DeferCleanup(func() { net.DefaultResolver = old })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// under is the URL of a server under another host name.
func under(server, host string) string {
	return strings.Replace(server, "127.0.0.1", host, 1)
}

var _ = Describe("TLS", Label("whole"), func() {
	var root, intermediate *authority
	BeforeEach(func() {
		root = (*authority)(nil).delegate("Spec root")
		intermediate = root.delegate("Spec R3")
	})

	DescribeTable("has one red for a connection that does not come about",
		func(ctx SpecContext, serve func() *tls.Config, code, found, note string) {
			cfg := configFor(secured(serve()).URL + "/webhook")
			cfg.Wire.RootCAs = root.pool()
			rep := run(ctx, cfg)
			Expect(reds(rep)).To(Equal([]string{"KOM-TLS-001 fail"}))
			Expect(rep.Unreachable).To(BeFalse())
			res := result(rep, "KOM-TLS-001")
			Expect(res.Diagnosis.Code).To(Equal(code))
			Expect(res.Diagnosis.Certainty).To(Equal(diagnose.Certain))
			Expect(res.Found.EN).To(ContainSubstring(found))
			if note == "" {
				Expect(res.Notes).To(BeEmpty())
			} else {
				Expect(res.Notes).To(HaveLen(1))
				Expect(res.Notes[0].EN).To(ContainSubstring(note))
			}
			for _, r := range rep.Results {
				switch {
				case r.ID == "KOM-TLS-001":
				case r.ID == "KOM-TLS-002":
					Expect(r.Verdict).To(Equal(verdict.Pass))
				case r.Verdict != verdict.NotObserved:
					Expect(r.Verdict).To(Equal(verdict.Inconclusive), r.ID)
					Expect(r.Needs).To(Equal("KOM-TLS-001"), r.ID)
				}
			}
		},
		Entry("expired", SpecTimeout(5*time.Minute), func() *tls.Config {
			return &tls.Config{Certificates: []tls.Certificate{root.issue(lasting(90, -3)).pair()}}
		}, "tls.expired", "the certificate expired on 20", ""),
		Entry("for another name", SpecTimeout(5*time.Minute), func() *tls.Config {
			return &tls.Config{Certificates: []tls.Certificate{root.issue(func(c *x509.Certificate) {
				c.IPAddresses, c.DNSNames = nil, []string{"otra.mx"}
			}).pair()}}
		}, "tls.hostname", "certificate is for another name", ""),
		Entry("of an unknown authority", SpecTimeout(5*time.Minute), func() *tls.Config {
			other := (*authority)(nil).delegate("Other root")
			return &tls.Config{Certificates: []tls.Certificate{other.issue(nil).pair(other)}}
		}, "tls.untrusted", "certificate is not trusted", ""),
		Entry("signed by itself", SpecTimeout(5*time.Minute), func() *tls.Config {
			return &tls.Config{Certificates: []tls.Certificate{(*authority)(nil).issue(nil).pair()}}
		}, "tls.untrusted", "certificate is not trusted", "self-signed"),
		Entry("without its intermediate", SpecTimeout(5*time.Minute), func() *tls.Config {
			return &tls.Config{Certificates: []tls.Certificate{intermediate.issue(nil).pair()}}
		}, "tls.untrusted", "certificate is not trusted", "the intermediate is missing (fullchain.pem)"),
		Entry("TLS 1.1 only", SpecTimeout(5*time.Minute), func() *tls.Config {
			return &tls.Config{Certificates: []tls.Certificate{root.issue(nil).pair()}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
		}, "tls.version", "version too old", ""),
	)

	It("has one red for a port that speaks plain HTTP", func(ctx SpecContext) {
		rep := run(ctx, configFor(strings.Replace(receive(nil).URL, "http", "https", 1)))
		Expect(reds(rep)).To(Equal([]string{"KOM-TLS-001 fail"}))
		Expect(result(rep, "KOM-TLS-001").Diagnosis.Code).To(Equal("tls.plain-http"))
	}, SpecTimeout(5*time.Minute))

	It("leaves it to others where the URL says http and the port speaks TLS", func(ctx SpecContext) {
		srv := secured(&tls.Config{Certificates: []tls.Certificate{root.issue(nil).pair()}})
		rep := run(ctx, configFor(strings.Replace(srv.URL, "https", "http", 1)))
		Expect(reds(rep)).To(Equal([]string{"KOM-ACK-001 fail"}))
		Expect(result(rep, "KOM-ACK-001").Diagnosis.Code).To(Equal("tls.plain-http"))
		Expect(result(rep, "KOM-TLS-001").Verdict).To(Equal(verdict.NotApplicable))
	}, SpecTimeout(5*time.Minute))

	DescribeTable("warns of a certificate that ends soon, and of no other",
		func(ctx SpecContext, lived, left int, want []string, found string) {
			leaf := intermediate.issue(lasting(time.Duration(lived), time.Duration(left)))
			cfg := configFor(secured(&tls.Config{Certificates: []tls.Certificate{leaf.pair(intermediate)}}).URL)
			cfg.Wire.RootCAs = root.pool()
			rep := run(ctx, cfg, "KOM-ACK-001", "KOM-TLS-*")
			Expect(reds(rep)).To(Equal(want))
			Expect(result(rep, "KOM-TLS-001").Verdict).To(Equal(verdict.Pass))
			Expect(result(rep, "KOM-TLS-003").Found.EN).To(ContainSubstring(found))
		},
		Entry("90 days, 13 left", SpecTimeout(5*time.Minute), 77, 13, []string{"KOM-TLS-003 warn"}, "(12 days of 90 days left)"),
		Entry("90 days, 15 left", SpecTimeout(5*time.Minute), 75, 15, nil, "(14 days of 90 days left)"),
		Entry("a year, 15 left", SpecTimeout(5*time.Minute), 350, 15, nil, "(14 days of 365 days left)"),
		Entry("6 days, 1 left", SpecTimeout(5*time.Minute), 5, 1, []string{"KOM-TLS-003 warn"}, "(23 h of 6 days left)"),
		Entry("6 days, 2 left", SpecTimeout(5*time.Minute), 4, 2, nil, "(47 h of 6 days left)"),
	)

	It("judges the certificate whatever the response is", func(ctx SpecContext) {
		srv := secured(&tls.Config{Certificates: []tls.Certificate{root.issue(nil).pair()}})
		srv.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) })
		cfg := configFor(srv.URL)
		cfg.Wire.RootCAs = root.pool()
		rep := run(ctx, cfg)
		Expect(reds(rep)).To(Equal([]string{"KOM-ACK-001 fail"}))
		Expect(result(rep, "KOM-TLS-001").Verdict).To(Equal(verdict.Pass))
		Expect(result(rep, "KOM-TLS-003").Verdict).To(Equal(verdict.Pass))
	}, SpecTimeout(5*time.Minute))

	It("does not concern a plain receiver on this machine", func(ctx SpecContext) {
		rep := run(ctx, configFor(receive(nil).URL), "KOM-TLS-*")
		for _, r := range rep.Results {
			Expect(r.Verdict).To(Equal(verdict.NotApplicable), r.ID)
		}
	}, SpecTimeout(5*time.Minute))

	DescribeTable("wants https where anybody can come in",
		func(ctx SpecContext, host string, want verdict.Verdict) {
			named()
			rep := run(ctx, configFor(under(receive(nil).URL, host)), "KOM-TLS-002")
			Expect(result(rep, "KOM-TLS-002").Verdict).To(Equal(want), result(rep, "KOM-TLS-002").Reason.EN)
		},
		Entry(nil, SpecTimeout(5*time.Minute), "receptor.kometia-sim-spec.mx", verdict.Warn),
		Entry(nil, SpecTimeout(5*time.Minute), "receptor.kometia-sim-spec.test", verdict.NotApplicable),
		Entry(nil, SpecTimeout(5*time.Minute), "receptor.kometia-sim-spec.internal", verdict.NotApplicable),
	)

	It("is content with https under a public name", func(ctx SpecContext) {
		named()
		leaf := root.issue(func(c *x509.Certificate) { c.DNSNames = []string{"receptor.kometia-sim-spec.mx"} })
		srv := secured(&tls.Config{Certificates: []tls.Certificate{leaf.pair()}})
		cfg := configFor(under(srv.URL, "receptor.kometia-sim-spec.mx"))
		cfg.Wire.RootCAs = root.pool()
		rep := run(ctx, cfg, "KOM-ACK-001", "KOM-TLS-*")
		Expect(reds(rep)).To(BeEmpty())
		for _, id := range []string{"KOM-TLS-001", "KOM-TLS-002", "KOM-TLS-003"} {
			Expect(result(rep, id).Verdict).To(Equal(verdict.Pass), id)
		}
	}, SpecTimeout(5*time.Minute))

	It("does not tell a redirect to https twice", func(ctx SpecContext) {
		named()
		rec := receive(func(w http.ResponseWriter, r *http.Request, _ post) bool {
			w.Header().Set("Location", "https://"+strings.Split(r.Host, ":")[0]+r.URL.Path)
			w.WriteHeader(http.StatusMovedPermanently)
			return true
		})
		rep := run(ctx, configFor(under(rec.URL, "receptor.kometia-sim-spec.mx")+"/webhook"))
		Expect(reds(rep)).To(Equal([]string{"KOM-ACK-002 fail"}))
		Expect(result(rep, "KOM-TLS-002").Needs).To(Equal("KOM-ACK-002"))
	}, SpecTimeout(5*time.Minute))
})
