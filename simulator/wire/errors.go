package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

func newError(kind ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// canceled is the error of an attempt whose context ended. A deadline of the
// context is the caller's own budget and says nothing about the receiver.
func canceled(ctx context.Context) *Error {
	return &Error{Kind: ErrCanceled, Err: context.Cause(ctx)}
}

// connectError says why no connection came about.
func connectError(address string, err error) *Error {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		if dns.IsTimeout {
			return newError(ErrDNS, "look up %s: no answer in time", dns.Name)
		}
		return newError(ErrDNS, "look up %s: %s", dns.Name, dns.Err)
	}
	cause := rootCause(err)
	switch {
	case isTimeout(err):
		return newError(ErrConnectTimeout, "connect to %s: no answer in time", address)
	case isErrno(err, syscall.ECONNREFUSED, wsaRefused):
		return newError(ErrConnectRefused, "connect to %s: %w", address, cause)
	case isReset(err):
		return newError(ErrReset, "connect to %s: %w", address, cause)
	}
	return newError(ErrConnect, "connect to %s: %w", address, cause)
}

// readError says why no final status line came on a standing connection.
// seen tells what had come of it.
func readError(err error, seen string) *Error {
	switch {
	case isTimeout(err):
		return newError(ErrTimeout, "no answer in time%s", seen)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return newError(ErrClosed, "the server closed the connection without an answer%s", seen)
	case isReset(err):
		return newError(ErrReset, "the server reset the connection%s", seen)
	case isTLS(err):
		return newError(ErrTLS, "%w%s", rootCause(err), seen)
	}
	return newError(ErrReset, "%w%s", rootCause(err), seen)
}

// handshakeError says why TLS did not come about.
func handshakeError(host string, err error) *Error {
	var (
		record    tls.RecordHeaderError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		hostname  x509.HostnameError
		verify    *tls.CertificateVerificationError
	)
	text := err.Error()
	switch {
	case errors.As(err, &record):
		if looksLikeHTTP(record.RecordHeader[:]) {
			return newError(ErrTLSPlainHTTP, "%s answers with plain HTTP on this port, not TLS", host)
		}
		return newError(ErrTLS, "%s answers with something else than TLS: %s", host, strconv.QuoteToASCII(string(record.RecordHeader[:])))
	case errors.As(err, &hostname):
		return newError(ErrTLSHostname, "the certificate is not for this host: %w", hostname)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return newError(ErrTLSExpired, "%w", invalid)
	case errors.As(err, &authority):
		return newError(ErrTLSUntrusted, "%w", authority)
	case errors.As(err, &verify):
		return newError(ErrTLSUntrusted, "%w", verify.Err)
	case isTimeout(err):
		return newError(ErrTimeout, "the TLS handshake with %s was not done in time", host)
	case strings.Contains(text, "protocol version not supported"), strings.Contains(text, "unsupported protocol version"):
		// crypto/tls has no type for either: an alert of the server, and a
		// server that picked a version below our minimum.
		return newError(ErrTLSVersion, "no common TLS version (1.2 or newer is needed): %w", rootCause(err))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return newError(ErrTLS, "%s closed the connection during the TLS handshake", host)
	case isReset(err):
		return newError(ErrTLS, "%s reset the connection during the TLS handshake", host)
	}
	return newError(ErrTLS, "TLS handshake with %s: %w", host, rootCause(err))
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
