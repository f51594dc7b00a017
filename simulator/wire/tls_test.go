package wire_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// authority signs certificates for the specs.
type authority struct {
	key  *ecdsa.PrivateKey
	cert *x509.Certificate
}

func newAuthority() *authority {
	GinkgoHelper()
	a := &authority{}
	a.cert, a.key, _ = a.sign(&x509.Certificate{
		Subject: pkix.Name{CommonName: "spec CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotAfter: time.Now().Add(time.Hour),
	})
	return a
}

func (a *authority) sign(template *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey, tls.Certificate) {
	GinkgoHelper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())
	template.SerialNumber = big.NewInt(1)
	template.NotBefore = time.Now().Add(-2 * time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	Expect(err).NotTo(HaveOccurred())
	cert, err := x509.ParseCertificate(der)
	Expect(err).NotTo(HaveOccurred())
	return cert, key, tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// server is the configuration of a server that is valid in every way.
func (a *authority) server() *tls.Config {
	GinkgoHelper()
	_, _, pair := a.sign(&x509.Certificate{
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotAfter: time.Now().Add(time.Hour),
	})
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS10, NextProtos: []string{"h2", "http/1.1"}}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// secure makes a server of TLS around handle; its target is https.
func secure(cfg *tls.Config, handle func(net.Conn)) *server {
	GinkgoHelper()
	s := serve(func(conn net.Conn) {
		wrapped := tls.Server(conn, cfg)
		handle(wrapped)
		_ = wrapped.Close()
	})
	s.Target = target(strings.Replace(s.URL(), "http://", "https://", 1))
	return s
}

var _ = Describe("https", func() {
	var ca *authority
	BeforeEach(func() { ca = newAuthority() })

	keeping := func(conn net.Conn) {
		br := bufio.NewReader(conn)
		for readRequest(br) != nil {
			_, _ = io.WriteString(conn, kept)
		}
	}

	It("says that a server asked for a certificate of ours", func(ctx SpecContext) {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			cfg := ca.server()
			cfg.MaxVersion, cfg.ClientAuth = version, tls.RequireAnyClientCert
			s := secure(cfg, keeping)
			out := client(wire.Config{RootCAs: ca.pool()}).Do(ctx, post(s.Target, "{}"))
			Expect(out.Err).To(HaveField("Kind", wire.ErrTLS))
			Expect(out.Err.Error()).To(Or(ContainSubstring("asked for a client certificate"), ContainSubstring("certificate required")))
		}
	})

	DescribeTable("carries an exchange and keeps the connection",
		func(ctx SpecContext, version uint16) {
			cfg := ca.server()
			cfg.MaxVersion = version
			s := secure(cfg, keeping)
			c := client(wire.Config{RootCAs: ca.pool()})
			for i := range 4 {
				out := c.Do(ctx, post(s.Target, "{}"))
				Expect(out.Err).NotTo(HaveOccurred())
				Expect(out.Status).To(Equal(200))
				Expect(out.Reused).To(Equal(i > 0))
				Expect(out.TLS.Version).To(Equal(version))
				Expect(out.TLS.NegotiatedProtocol).To(Equal("http/1.1"))
				Expect(out.TLS.PeerCertificates).NotTo(BeEmpty())
			}
			Expect(s.accepted.Load()).To(BeEquivalentTo(1))
		},
		Entry("TLS 1.3", uint16(tls.VersionTLS13)),
		Entry("TLS 1.2", uint16(tls.VersionTLS12)),
	)

	DescribeTable("refuses a chain with a key that OpenSSL refuses by default",
		func(ctx SpecContext, bits int, trusted bool) {
			key, err := rsa.GenerateKey(rand.Reader, bits)
			Expect(err).NotTo(HaveOccurred())
			der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
				SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "short.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
				NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
			}, ca.cert, &key.PublicKey, ca.key)
			Expect(err).NotTo(HaveOccurred())
			cfg := ca.server()
			cfg.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
			out := client(wire.Config{RootCAs: ca.pool()}).Do(ctx, post(secure(cfg, keeping).Target, "{}"))
			if trusted {
				Expect(out.Status).To(Equal(200))
				return
			}
			Expect(out.Err).To(HaveOccurred())
			Expect(out.Err.Kind).To(Equal(wire.ErrTLSUntrusted))
			Expect(out.Err.Error()).To(ContainSubstring("the RSA key of “short.example” has 1024 bits; 2048 are needed"))
			Expect(out.Err.In(lang.Spanish)).To(ContainSubstring("es de 1024 bits; hacen falta 2048"))
			Expect(out.Chain()).To(Equal(wire.ChainWeak))
			Expect(out.Certificate()).NotTo(BeNil())
		},
		Entry("RSA of 1024 bits", 1024, false),
		Entry("RSA of 2048 bits", 2048, true),
	)

	It("speaks the older key exchange of TLS 1.2 that curl speaks", func(ctx SpecContext) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		Expect(err).NotTo(HaveOccurred())
		der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
			SerialNumber: big.NewInt(3), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		}, ca.cert, &key.PublicKey, ca.key)
		Expect(err).NotTo(HaveOccurred())
		cfg := &tls.Config{
			Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
			MaxVersion:   tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256},
		}
		out := client(wire.Config{RootCAs: ca.pool()}).Do(ctx, post(secure(cfg, keeping).Target, "{}"))
		Expect(out.Err).NotTo(HaveOccurred())
		Expect(out.Status).To(Equal(200))
	})

	It("sends the server's name", func(ctx SpecContext) {
		names := make(chan string, 1)
		cfg := ca.server()
		cfg.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			names <- hello.ServerName
			return nil, nil
		}
		s := secure(cfg, keeping)
		c := client(wire.Config{RootCAs: ca.pool()})
		Expect(c.Do(ctx, post(target("https://localhost:"+s.Port()+"/"), "{}")).Status).To(Equal(200))
		Expect(<-names).To(Equal("localhost"))
	})

	It("shows an early response to a large body every time", func(ctx SpecContext) {
		s := secure(ca.server(), func(conn net.Conn) {
			br := bufio.NewReader(conn)
			if readRequest(br) == nil {
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
			if readHead(br) {
				_, _ = io.WriteString(conn, "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 5\r\n\r\nearly")
			}
		})
		c := client(wire.Config{RootCAs: ca.pool()})
		for range tries {
			Expect(c.Do(ctx, post(s.Target, "{}")).Status).To(Equal(204))
			out := c.Do(ctx, post(s.Target, strings.Repeat("x", 2<<20)))
			Expect(out.Err).NotTo(HaveOccurred())
			Expect(out.Status).To(Equal(413))
			Expect(string(out.Body)).To(Equal("early"))
		}
	})

	It("does not use a connection on which more was said than asked", func(ctx SpecContext) {
		s := secure(ca.server(), func(conn net.Conn) {
			br := bufio.NewReader(conn)
			for readRequest(br) != nil {
				// One record: more than the reader's buffer takes at once.
				_, _ = io.WriteString(conn, ok+"Content-Length: 8000\r\n\r\n"+strings.Repeat("x", 8000)+strings.Repeat("y", 6000))
			}
		})
		c := client(wire.Config{RootCAs: ca.pool()})
		for range 3 {
			out := c.Do(ctx, post(s.Target, "{}"))
			Expect(out.Status).To(Equal(200))
			Expect(out.Reused).To(BeFalse())
		}
	})

	DescribeTable("tells its failures apart",
		func(ctx SpecContext, setup func(*authority, *tls.Config), host string, kind wire.ErrorKind, shown bool) {
			cfg := ca.server()
			setup(ca, cfg)
			s := secure(cfg, keeping)
			c := client(wire.Config{RootCAs: ca.pool()})
			out := c.Do(ctx, post(target("https://user:hunter2@"+host+":"+s.Port()+"/?key=hunter2"), "{}"))
			Expect(out.Err).To(HaveOccurred())
			Expect(out.Err.Kind).To(Equal(kind), out.Err.Error())
			Expect(out.Err.Error()).NotTo(ContainSubstring("hunter2"))
			Expect(out.Connected).To(BeTrue())
			Expect(out.TLS).NotTo(BeNil())
			seen := len(out.TLS.PeerCertificates) > 0
			Expect(seen).To(Equal(shown))
			Expect(s.accepted.Load()).To(BeEquivalentTo(1))
		},
		Entry("unknown authority", func(_ *authority, cfg *tls.Config) { *cfg = *newAuthority().server() }, "localhost", wire.ErrTLSUntrusted, true),
		Entry("signed by itself", func(_ *authority, cfg *tls.Config) {
			_, _, pair := (&authority{}).sign(&x509.Certificate{DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)})
			cfg.Certificates = []tls.Certificate{pair}
		}, "localhost", wire.ErrTLSUntrusted, true),
		Entry("expired", func(a *authority, cfg *tls.Config) {
			_, _, pair := a.sign(&x509.Certificate{DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(-time.Hour)})
			cfg.Certificates = []tls.Certificate{pair}
		}, "localhost", wire.ErrTLSExpired, true),
		Entry("other name", func(a *authority, cfg *tls.Config) {
			_, _, pair := a.sign(&x509.Certificate{DNSNames: []string{"example.com"}, NotAfter: time.Now().Add(time.Hour)})
			cfg.Certificates = []tls.Certificate{pair}
		}, "localhost", wire.ErrTLSHostname, true),
		Entry("no name for the address", func(a *authority, cfg *tls.Config) {
			_, _, pair := a.sign(&x509.Certificate{DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)})
			cfg.Certificates = []tls.Certificate{pair}
		}, "127.0.0.1", wire.ErrTLSHostname, true),
		Entry("TLS 1.1 only", func(_ *authority, cfg *tls.Config) { cfg.MaxVersion = tls.VersionTLS11 }, "localhost", wire.ErrTLSVersion, false),
		Entry("no certificate at all", func(_ *authority, cfg *tls.Config) { cfg.Certificates = nil }, "localhost", wire.ErrTLS, false),
		Entry("client certificate wanted, TLS 1.3", func(_ *authority, cfg *tls.Config) { cfg.ClientAuth = tls.RequireAnyClientCert }, "localhost", wire.ErrTLS, true),
		Entry("client certificate wanted, TLS 1.2", func(_ *authority, cfg *tls.Config) {
			cfg.ClientAuth, cfg.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12
		}, "localhost", wire.ErrTLS, true),
	)

	DescribeTable("tells how the certificates hang together",
		func(ctx SpecContext, send func(*authority) tls.Certificate, chain wire.Chain) {
			cfg := ca.server()
			cfg.Certificates = []tls.Certificate{send(ca)}
			out := client(wire.Config{}).Do(ctx, post(secure(cfg, keeping).Target, "{}"))
			Expect(out.Err.Kind).To(Equal(wire.ErrTLSUntrusted))
			Expect(out.Chain()).To(Equal(chain))
			Expect(out.Certificate().IPAddresses).To(HaveLen(1))
		},
		Entry("signed by itself", func(*authority) tls.Certificate { return (&authority{}).server().Certificates[0] }, wire.ChainSelfSigned),
		Entry("alone", func(a *authority) tls.Certificate { return a.server().Certificates[0] }, wire.ChainIncomplete),
		Entry("with its issuer", func(a *authority) tls.Certificate {
			pair := a.server().Certificates[0]
			pair.Certificate = append(pair.Certificate, a.cert.Raw)
			return pair
		}, wire.ChainLinked),
		Entry("with another's", func(a *authority) tls.Certificate {
			pair := a.server().Certificates[0]
			other := &authority{}
			other.cert, other.key, _ = other.sign(&x509.Certificate{Subject: pkix.Name{CommonName: "other CA"}, NotAfter: time.Now().Add(time.Hour)})
			pair.Certificate = append(pair.Certificate, other.cert.Raw)
			return pair
		}, wire.ChainIncomplete),
	)

	It("has no certificate where there is no TLS", func(ctx SpecContext) {
		out := client(wire.Config{}).Do(ctx, post(serve(keeping).Target, "{}"))
		Expect(out.Status).To(Equal(200))
		Expect(out.Chain()).To(Equal(wire.ChainNone))
		Expect(out.Certificate()).To(BeNil())
	})

	DescribeTable("tells what is no TLS",
		func(ctx SpecContext, handle func(net.Conn), kind wire.ErrorKind, text string) {
			s := serve(handle)
			cfg := wire.Config{RootCAs: ca.pool()}
			if kind == wire.ErrTimeout {
				cfg.ConnectTimeout = 200 * time.Millisecond
			}
			c := client(cfg)
			out := c.Do(ctx, post(target("https://127.0.0.1:"+s.Port()+"/"), "{}"))
			Expect(out.Err).To(HaveOccurred())
			Expect(out.Err.Kind).To(Equal(kind), out.Err.Error())
			Expect(out.Err.Error()).To(ContainSubstring(text))
			Expect(out.Connected).To(BeTrue())
		},
		Entry("plain HTTP", func(conn net.Conn) {
			_, _ = io.CopyN(io.Discard, conn, 100)
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
			finish(conn, bufio.NewReader(conn))
		}, wire.ErrTLSPlainHTTP, "127.0.0.1 responds with plain HTTP on this port, not TLS"),
		Entry("another protocol", func(conn net.Conn) {
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH\r\n")
			finish(conn, bufio.NewReader(conn))
		}, wire.ErrTLS, `something other than TLS: "SSH-2"`),
		Entry("silence", func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }, wire.ErrTimeout, "handshake"),
		Entry("closing the connection", func(conn net.Conn) { finish(conn, bufio.NewReader(conn)) }, wire.ErrTLS, "closed the connection during the TLS handshake"),
		Entry("reset", func(conn net.Conn) {
			_, _ = io.CopyN(io.Discard, conn, 1)
			_ = conn.(*net.TCPConn).SetLinger(0)
		}, wire.ErrTLS, "reset the connection during the TLS handshake"),
	)
})
