package wire

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
)

// Dialer opens the connections of everything that talks to a receiver. The zero
// Dialer dials whatever it is told to.
type Dialer struct {
	// Permit is asked about each address before the first packet goes to it; its
	// error keeps the connection from being made. The address is the one that is
	// dialled, whatever name led to it. Nil permits all.
	Permit func(netip.AddrPort) error
	// Resolve gives names, in lower case and without a dot at the end, the address
	// that is dialled for them.
	Resolve map[string]netip.Addr
	// Socket is the Unix socket that every connection goes to, whatever its address;
	// empty dials the address.
	Socket string
	// Proxy names the proxy on the way to an https URL; nil, of either, is none. It
	// is asked with the name of the server, which it looks up itself.
	Proxy func(*url.URL) (*url.URL, error)
}

// resolved is the address that the user gave a name.
func (d Dialer) resolved(host string) (netip.Addr, bool) {
	addr, found := d.Resolve[strings.ToLower(strings.TrimSuffix(host, "."))]
	return addr, found
}

// DialContext has the signature that http.Transport wants. localhost and what
// ends in it is this computer, and no resolver is asked about it (RFC 6761,
// 6.3): in a network with a wildcard domain it would be another machine.
func (d Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{
		// Probing a connection that lives for seconds is of no use.
		KeepAliveConfig: net.KeepAliveConfig{Enable: false}, KeepAlive: -1,
		ControlContext: d.control,
	}
	if d.Socket != "" {
		return (&net.Dialer{}).DialContext(ctx, "unix", d.Socket)
	}
	host, port, err := net.SplitHostPort(address)
	if addr, found := d.resolved(host); found && err == nil {
		return dialer.DialContext(ctx, network, net.JoinHostPort(addr.String(), port))
	}
	if err != nil || !localName(host) {
		return dialer.DialContext(ctx, network, address)
	}
	// A server of this computer listens on one of the two; which of them is not
	// to matter.
	conn, err := dialer.DialContext(ctx, network, net.JoinHostPort("::1", port))
	if err == nil || ctx.Err() != nil {
		return conn, err
	}
	return dialer.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
}

// control is called for each address when its socket is there and nothing has
// been sent.
func (d Dialer) control(_ context.Context, _, address string, _ syscall.RawConn) error {
	if d.Permit == nil {
		return nil
	}
	addr, err := netip.ParseAddrPort(address)
	if err == nil {
		err = d.Permit(addr)
	}
	if err != nil {
		return &notPermitted{err}
	}
	return nil
}

// notPermitted is an address that Permit refused.
type notPermitted struct{ error }

func (e *notPermitted) Unwrap() error { return e.error }

// Here reports whether a target is on this computer: whether every address that
// its host has is one of it. A name that cannot be looked up is not.
func (d Dialer) Here(ctx context.Context, t *Target) bool {
	if t.socket != "" {
		return true
	}
	if addr, found := d.resolved(t.hostname); found {
		return Local(addr)
	}
	if _, err := netip.ParseAddr(t.hostname); err == nil || t.Loopback() {
		return t.Loopback()
	}
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", t.hostname)
	return err == nil && len(addrs) > 0 && !slices.ContainsFunc(addrs, func(a netip.Addr) bool { return !a.Unmap().IsLoopback() })
}

// Local reports whether an address is one of this computer: 127.0.0.0/8, ::1, or
// unspecified (0.0.0.0 and ::), which reaches nothing else.
func Local(addr netip.Addr) bool {
	addr = addr.Unmap()
	return addr.IsLoopback() || addr.IsUnspecified()
}

// localName reports whether a name is localhost or ends in it.
func localName(host string) bool {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	return name == "localhost" || strings.HasSuffix(name, ".localhost")
}

// place is how an address is called in messages: what a name stands for is said
// where that is not known to everybody.
func place(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err == nil && localName(host) && !strings.EqualFold(host, "localhost") {
		return address + " (127.0.0.1)"
	}
	return address
}

// shortage is what of this computer there was none left of for a connection.
type shortage int

const (
	noShortage shortage = iota
	noDescriptor
	noPort
	noMemory
)

// The numbers of Windows sockets for the same.
const (
	wsaTooMany   syscall.Errno = 10024
	wsaAddrInUse syscall.Errno = 10048
	wsaNoAddress syscall.Errno = 10049
	wsaNoBuffers syscall.Errno = 10055
)

// shortageIn tells what a failed connection was short of. All of it is a limit
// of ours, and the receiver has not heard of the attempt.
func shortageIn(address string, err error) shortage {
	var dns *net.DNSError
	switch {
	case isErrno(err, syscall.EMFILE, syscall.ENFILE, wsaTooMany):
		return noDescriptor
	case errors.As(err, &dns):
		// A lookup keeps of its socket's error only the text.
		if strings.Contains(dns.Err, syscall.EMFILE.Error()) || strings.Contains(dns.Err, syscall.ENFILE.Error()) {
			return noDescriptor
		}
	case isErrno(err, syscall.EADDRNOTAVAIL, syscall.EADDRINUSE, wsaNoAddress, wsaAddrInUse):
		if !reachesFamily(address) {
			return noShortage
		}
		return noPort
	case isErrno(err, syscall.ENOBUFS, syscall.ENOMEM, wsaNoBuffers):
		return noMemory
	}
	return noShortage
}

// reachesFamily reports whether this computer has addresses of the family at
// all: without IPv6 there is no address to dial ::1 from, however many ports are
// free.
func reachesFamily(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return true
	}
	if addr, err := netip.ParseAddr(host); err != nil || addr.Unmap().Is4() {
		return true
	}
	conn, err := net.ListenUDP("udp6", &net.UDPAddr{IP: net.IPv6loopback})
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}
