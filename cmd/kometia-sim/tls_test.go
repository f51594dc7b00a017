package main_test

import (
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
	"net/http/httptest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// secured starts a receiver over TLS whose certificate signed itself and has
// that long left of 90 days; its PEM comes with it.
func secured(left time.Duration) (srv *httptest.Server, certificate string) {
	GinkgoHelper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())
	end := time.Now().Add(left)
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "receptor"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: end.Add(-90 * 24 * time.Hour), NotAfter: end,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	Expect(err).NotTo(HaveOccurred())
	srv = httptest.NewUnstartedServer(newReceiver(204))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshakes that are to fail
	srv.StartTLS()
	DeferCleanup(srv.Close)
	return srv, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

var _ = Describe("run over https", func() {
	const day = 24 * time.Hour
	DescribeTable("exits by what the certificate is worth",
		func(left time.Duration, code int, want map[any]any, args ...string) {
			sh := newShell()
			srv, certificate := secured(left)
			sh.write("ca.pem", certificate)
			args = append([]string{"run", "KOM-ACK-001", "KOM-TLS-*", "--target", srv.URL + "/webhook", "--report", "json"}, args...)
			res := sh.run(args...)
			Expect(res.code).To(Equal(code), res.out+res.err)
			got := map[any]any{}
			for _, c := range ofType(lines(res.out), "check") {
				got[c["id"]] = c["result"]
			}
			Expect(got).To(Equal(want))
		},
		Entry("with --ca", 60*day, 0, map[any]any{
			"KOM-ACK-001": "pass", "KOM-TLS-001": "pass", "KOM-TLS-002": "pass", "KOM-TLS-003": "pass",
		}, "--ca", "ca.pem"),
		Entry("without it", 60*day, 1, map[any]any{
			"KOM-ACK-001": "inconclusive", "KOM-TLS-001": "fail", "KOM-TLS-002": "pass", "KOM-TLS-003": "inconclusive",
		}),
		Entry("expired", -day, 1, map[any]any{
			"KOM-ACK-001": "inconclusive", "KOM-TLS-001": "fail", "KOM-TLS-002": "pass", "KOM-TLS-003": "inconclusive",
		}, "--ca", "ca.pem"),
		Entry("expired, and nobody looks", -day, 0, map[any]any{
			"KOM-ACK-001": "pass", "KOM-TLS-001": "not-applicable", "KOM-TLS-002": "pass", "KOM-TLS-003": "warn",
		}, "--insecure"),
		Entry("ending soon", 10*day, 0, map[any]any{
			"KOM-ACK-001": "pass", "KOM-TLS-001": "pass", "KOM-TLS-002": "pass", "KOM-TLS-003": "warn",
		}, "--ca", "ca.pem"),
		Entry("ending soon, strictly", 10*day, 1, map[any]any{
			"KOM-ACK-001": "pass", "KOM-TLS-001": "pass", "KOM-TLS-002": "pass", "KOM-TLS-003": "warn",
		}, "--ca", "ca.pem", "--strict"),
	)

	It("says what is wrong and what to do about it", func() {
		sh := newShell()
		srv, _ := secured(60 * day)
		res := sh.run("run", "--target", srv.URL+"/webhook")
		Expect(res.code).To(Equal(1), res.out+res.err)
		Expect(res.out).To(And(
			ContainSubstring("KOM-TLS-001"), ContainSubstring("tls.untrusted"), ContainSubstring("--ca"), ContainSubstring("self-signed"),
		))
		GinkgoWriter.Print(res.out)
	})
})

// unstarted is a server of a receiver's that does not listen yet.
func unstarted(r *receiver) *httptest.Server {
	srv := httptest.NewUnstartedServer(r)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	return srv
}

// privateKey is the key of a certificate, in PKCS 8.
func privateKey(pair tls.Certificate) []byte {
	GinkgoHelper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	Expect(err).NotTo(HaveOccurred())
	return der
}
