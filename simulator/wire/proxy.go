package wire

import (
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// maxProxyHead bounds what a proxy may say before the way is open.
const maxProxyHead = 16 << 10

// CheckProxy refuses the URL of a proxy that we cannot talk to.
func CheckProxy(proxy *url.URL) error {
	if proxy.Scheme != "http" || proxy.Hostname() == "" {
		return lang.Errorf("proxy %s: use una dirección http://host:puerto", "proxy %s: use an http://host:port address", proxy.Redacted())
	}
	return nil
}

// open makes the TCP connection to a target's server, through a proxy where one
// is asked for.
func (c *Client) open(ctx context.Context, t *Target, end time.Time) (net.Conn, *Error) {
	proxy, err := c.cfg.Dialer.proxyOf(t)
	if err != nil {
		return nil, &Error{Kind: ErrProxy, Err: err}
	}
	if proxy == nil {
		dialer := c.cfg.Dialer
		dialer.Socket = t.socket
		raw, err := dialer.DialContext(ctx, "tcp", t.address)
		if err != nil {
			return nil, connectError(t.address, err)
		}
		return raw, nil
	}
	port := proxy.Port()
	if port == "" {
		port = "80"
	}
	address := net.JoinHostPort(proxy.Hostname(), port)
	raw, err := c.cfg.Dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		fail := connectError(address, err)
		if fail.Kind != ErrLocal && fail.Kind != ErrConsent {
			fail = &Error{Kind: ErrProxy, Err: lang.Errorf("proxy: %s", "proxy: %s", fail.Text())}
		}
		return nil, fail
	}
	// An ended context ends the talk as well.
	finished := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(longAgo()) })
	defer finished()
	_ = raw.SetDeadline(end)
	if err := tunnel(raw, proxy, t.address); err != nil {
		_ = raw.Close()
		return nil, &Error{Kind: ErrProxy, Err: lang.Errorf("proxy %s: %s", "proxy %s: %s", address, err)}
	}
	return raw, nil
}

// proxyOf is the proxy on the way to a target; nil without one. Only https goes
// through proxies: what stands between us and a plain http server would be judged
// in its place.
func (d Dialer) proxyOf(t *Target) (*url.URL, error) {
	if d.Proxy == nil || !t.secure {
		return nil, nil
	}
	proxy, err := d.Proxy(&url.URL{Scheme: "https", Host: t.address})
	if err != nil || proxy == nil {
		return nil, err
	}
	return proxy, CheckProxy(proxy)
}

// tunnel asks a proxy for a way to an address (RFC 9110, 9.3.6).
func tunnel(conn net.Conn, proxy *url.URL, address string) error {
	ask := "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\n"
	if user := proxy.User; user != nil {
		password, _ := user.Password()
		ask += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)) + "\r\n"
	}
	if _, err := io.WriteString(conn, ask+"\r\n"); err != nil {
		return rootCause(err)
	}
	// Byte by byte: what follows is the server's.
	var head []byte
	for one := make([]byte, 1); !strings.HasSuffix(string(head[max(0, len(head)-4):]), "\r\n\r\n"); head = append(head, one[0]) {
		if len(head) >= maxProxyHead {
			return lang.Errorf("respondió con encabezados sin fin", "it responded with a header without end")
		}
		if _, err := io.ReadFull(conn, one); err != nil {
			if isTimeout(err) {
				return lang.Errorf("no respondió a tiempo", "no response in time")
			}
			return lang.Errorf("cerró la conexión sin responder", "it closed the connection without a response")
		}
	}
	line, _, _ := strings.Cut(string(head), "\r\n")
	proto, rest, _ := strings.Cut(line, " ")
	code, _, _ := strings.Cut(rest, " ")
	status, err := strconv.Atoi(code)
	if err != nil || !strings.HasPrefix(proto, "HTTP/1.") {
		return lang.Errorf("respondió algo que no es HTTP", "its response is not HTTP")
	}
	if status/100 != 2 {
		return lang.Errorf("no abrió el camino a %s: %d %s", "it did not open the way to %s: %d %s", address, status, http.StatusText(status))
	}
	return nil
}
