package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

func newError(kind ErrorKind, es, en string, args ...any) *Error {
	return &Error{Kind: kind, Err: lang.Errorf(es, en, args...)}
}

// canceled is the error of an attempt whose context ended. A deadline of the
// context is the caller's own budget and says nothing about the receiver.
func canceled(ctx context.Context) *Error {
	return &Error{Kind: ErrCanceled, Err: context.Cause(ctx)}
}

// connectError says why no connection came about.
func connectError(address string, err error) *Error {
	var dns *net.DNSError
	var forbidden *notPermitted
	switch shortageIn(address, err) {
	case noDescriptor:
		return newError(ErrLocal, "esta computadora no deja abrir más conexiones (%s): suba el límite con ulimit -n 4096",
			"this computer lets us open no more connections (%s): raise the limit with ulimit -n 4096", syscall.EMFILE)
	case noPort:
		return newError(ErrLocal, "esta computadora ya no tiene puertos libres para conectar con %s: espere un minuto a que se liberen los usados, o vaya más despacio con --pace 30/s",
			"this computer has no free ports left to connect to %s: wait a minute until those in use are free again, or go slower with --pace 30/s", place(address))
	case noMemory:
		return newError(ErrLocal, "esta computadora no tiene memoria para más conexiones (%s): cierre otras aplicaciones y repita",
			"this computer has no memory for more connections (%s): close programs and try again", rootCause(err))
	}
	if errors.As(err, &forbidden) {
		return &Error{Kind: ErrConsent, Err: forbidden.error}
	}
	if errors.As(err, &dns) {
		if dns.IsTimeout {
			return newError(ErrDNS, "buscar %s: sin respuesta a tiempo", "look up %s: no response in time", dns.Name)
		}
		return newError(ErrDNS, "buscar %s: %s", "look up %s: %s", dns.Name, lang.Said(dns.Err))
	}
	cause := rootCause(err)
	switch {
	case isTimeout(err):
		return newError(ErrConnectTimeout, "conectar con %s: sin respuesta a tiempo", "connect to %s: no response in time", place(address))
	case isErrno(err, syscall.ECONNREFUSED, wsaRefused), strings.HasPrefix(address, "unix:") && isErrno(err, syscall.ENOENT):
		return newError(ErrConnectRefused, "conectar con %s: %s", "connect to %s: %s", place(address), cause)
	case isReset(err):
		return newError(ErrReset, "conectar con %s: %s", "connect to %s: %s", place(address), cause)
	}
	return newError(ErrConnect, "conectar con %s: %s", "connect to %s: %s", place(address), cause)
}

// readError says why no final status line came on a standing connection.
// seen tells what had come of it.
func readError(err error, seen lang.Text) *Error {
	switch {
	case isTimeout(err):
		return newError(ErrTimeout, "no respondió a tiempo%s", "no response in time%s", seen)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return newError(ErrClosed, "el servidor cerró la conexión sin responder%s", "the server closed the connection without a response%s", seen)
	case isReset(err):
		return newError(ErrReset, "el servidor cortó la conexión%s", "the server reset the connection%s", seen)
	case isTLS(err):
		return newError(ErrTLS, "%s%s", "%s%s", rootCause(err), seen)
	}
	return newError(ErrReset, "%s%s", "%s%s", rootCause(err), seen)
}

// handshakeError says why TLS did not come about.
func handshakeError(host string, err error) *Error {
	var (
		record    tls.RecordHeaderError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		hostname  x509.HostnameError
		verify    *tls.CertificateVerificationError
		weak      *weakKeyError
	)
	text := err.Error()
	switch {
	case errors.As(err, &record):
		if looksLikeHTTP(record.RecordHeader[:]) {
			return newError(ErrTLSPlainHTTP, "%s responde con HTTP sin cifrar en ese puerto, no con TLS",
				"%s responds with plain HTTP on this port, not TLS", host)
		}
		return newError(ErrTLS, "%s responde con algo que no es TLS: %s", "%s responds with something other than TLS: %s", host, strconv.QuoteToASCII(string(record.RecordHeader[:])))
	case errors.As(err, &hostname):
		return newError(ErrTLSHostname, "el certificado no es de este nombre: %s", "the certificate is not for this host: %s", hostname)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return newError(ErrTLSExpired, "%s", "%s", invalid)
	case errors.As(err, &weak):
		return newError(ErrTLSUntrusted, "%s", "%s", weak)
	case errors.As(err, &authority):
		return newError(ErrTLSUntrusted, "%s", "%s", authority)
	case errors.As(err, &verify):
		return newError(ErrTLSUntrusted, "%s", "%s", verify.Err)
	case isTimeout(err):
		return newError(ErrTimeout, "la negociación TLS con %s no terminó a tiempo", "the TLS handshake with %s was not done in time", host)
	case strings.Contains(text, "protocol version not supported"), strings.Contains(text, "unsupported protocol version"):
		// crypto/tls has no type for either: an alert of the server, and a
		// server that picked a version below our minimum.
		return newError(ErrTLSVersion, "ninguna versión de TLS en común (hace falta 1.2 o más nueva): %s",
			"no common TLS version (1.2 or newer is needed): %s", rootCause(err))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return newError(ErrTLS, "%s cerró la conexión durante la negociación TLS", "%s closed the connection during the TLS handshake", host)
	case isReset(err):
		return newError(ErrTLS, "%s cortó la conexión durante la negociación TLS", "%s reset the connection during the TLS handshake", host)
	}
	return newError(ErrTLS, "negociación TLS con %s: %s", "TLS handshake with %s: %s", host, rootCause(err))
}

// rootCause strips the layers of package net, whose text repeats addresses.
func rootCause(err error) error {
	for {
		var op *net.OpError
		var sys *os.SyscallError
		switch {
		case errors.As(err, &op) && op.Err != nil:
			err = op.Err
		case errors.As(err, &sys):
			return sys.Err
		default:
			return err
		}
	}
}

// The numbers of Windows sockets that package syscall does not map to its
// portable names; no other system has errors of these numbers.
const (
	wsaAborted syscall.Errno = 10053
	wsaReset   syscall.Errno = 10054
	wsaRefused syscall.Errno = 10061
)

func isErrno(err error, want ...syscall.Errno) bool {
	for _, errno := range want {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// isReset reports a connection torn down from the other side; writing to one
// gives EPIPE.
func isReset(err error) bool {
	return isErrno(err, syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED, wsaReset, wsaAborted)
}

func isTimeout(err error) bool {
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// isAlert reports an alert of the server.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// isTLS reports an error of the TLS layer after the handshake, such as the
// alert of a server that misses a client certificate.
func isTLS(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") {
		return true
	}
	var record tls.RecordHeaderError
	return errors.As(err, &record) || strings.HasPrefix(err.Error(), "tls: ")
}

func looksLikeHTTP(b []byte) bool { return strings.HasPrefix(string(b), "HTTP/") }
