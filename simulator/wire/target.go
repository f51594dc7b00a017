package wire

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/idna"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Target is where a request goes. It is immutable and safe for concurrent use.
type Target struct {
	raw      string // the URL as given
	secure   bool
	hostname string // as dialled: no brackets, punycode, zone kept
	port     string // always set
	address  string // hostname:port, as net.Dial wants it
	header   string // value of Host
	basic    string // value of Authorization from the userinfo, or ""
	uri      string // path and query for the request line
	key      string // which connections fit
	socket   string // path of a Unix socket, or ""
}

// ParseTarget reads an absolute http or https URL. The path and the query go
// out as they were given: escapes, an empty query and ";" are kept, only bytes
// outside ASCII are percent-encoded. A fragment is never sent. An
// international host name becomes punycode. unix:/run/shop.sock:/webhook is what
// listens on a Unix socket of this computer; its Host is localhost.
//
// The errors name what is wrong and how to mend it, and show no password.
func ParseTarget(raw string) (*Target, error) {
	t := &Target{raw: raw}
	if err := t.parse(); err != nil {
		return nil, lang.Errorf("URL %q: %s", "url %q: %s", redactBroken(raw), err)
	}
	return t, nil
}

func (t *Target) parse() error {
	if t.raw == "" {
		return lang.Errorf("está vacía: use por ejemplo http://localhost:8000/kometia/webhook",
			"it is empty: use for example http://localhost:8000/kometia/webhook")
	}
	if strings.TrimSpace(t.raw) != t.raw {
		return lang.Errorf("hay espacios al principio o al final: quítelos", "there are blanks at the beginning or the end: remove them")
	}
	if err := checkURLBytes(t.raw); err != nil {
		return err
	}
	if rest, found := strings.CutPrefix(t.raw, "unix:"); found {
		return t.parseSocket(rest)
	}
	scheme, rest, found := strings.Cut(t.raw, "://")
	if !found || strings.ContainsAny(scheme, "/?#@.") {
		return missingScheme(t.raw)
	}
	switch strings.ToLower(scheme) {
	case "http":
		t.port = "80"
	case "https":
		t.port, t.secure = "443", true
	case "":
		return missingScheme(t.raw)
	default:
		return lang.Errorf("esquema %q no admitido: use http o https", "unsupported scheme %q: use http or https", scheme)
	}
	rest, _, _ = strings.Cut(rest, "#")
	authority, uri := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, uri = rest[:i], rest[i:]
	}
	if err := t.parseAuthority(authority); err != nil {
		if _, after, _ := strings.Cut(t.raw, "://"); strings.Contains(after[len(authority):], "@") {
			// What was taken for the host may be the start of a password.
			return lang.Errorf(`host o puerto no válido: escriba "/", "?" y "#" en una contraseña como %%2F, %%3F and %%23`,
				`bad host or port: write "/", "?" and "#" in a password as %%2F, %%3F and %%23`)
		}
		return err
	}
	return t.setURI(uri)
}

// parseSocket reads the path of a socket and, behind a colon, the URL's path.
func (t *Target) parseSocket(rest string) error {
	socket, uri, found := strings.Cut(rest, ":/")
	if !found || socket == "" || strings.HasPrefix(socket, "//") {
		return lang.Errorf("un socket de Unix se escribe unix:/ruta/al.sock:/kometia/webhook", "a Unix socket is written unix:/path/to.sock:/kometia/webhook")
	}
	t.socket, t.hostname, t.header, t.port, t.address = socket, "localhost", "localhost", "80", "unix:"+socket
	return t.setURI("/" + uri)
}

// setURI keeps path and query as given; only what no request line may hold is
// percent-encoded.
func (t *Target) setURI(uri string) error {
	if !strings.HasPrefix(uri, "/") {
		uri = "/" + uri
	}
	for i := 0; i < len(uri); i++ {
		if uri[i] != '%' {
			continue
		}
		if i+2 >= len(uri) || !isHex(uri[i+1]) || !isHex(uri[i+2]) {
			return lang.Errorf("escape %q no válido: escriba el signo de por ciento como %%25",
				"bad escape %q: write a percent sign as %%25", uri[i:min(i+3, len(uri))])
		}
	}
	t.uri = encodeNonASCII(uri)
	scheme := "http"
	if t.secure {
		scheme = "https"
	}
	t.key = scheme + "://" + strings.ToLower(t.address)
	return nil
}

func (t *Target) parseAuthority(authority string) error {
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		basic, err := basicAuth(authority[:i])
		if err != nil {
			return err
		}
		t.basic, authority = basic, authority[i+1:]
	}
	host, port, err := splitPort(authority)
	if err != nil {
		return err
	}
	if host == "" {
		return lang.Errorf("falta el host: use por ejemplo http://localhost:8000/kometia/webhook",
			"missing host: use for example http://localhost:8000/kometia/webhook")
	}
	var shown string
	if strings.HasPrefix(host, "[") {
		t.hostname, shown, err = ipv6Literal(host)
	} else {
		t.hostname, err = asciiHost(host)
		shown = t.hostname
	}
	if err != nil {
		return err
	}
	standard := t.port
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return lang.Errorf("puerto %q no válido: use un número de 1 a 65535", "bad port %q: use a number from 1 to 65535", port)
		}
		t.port = strconv.FormatUint(n, 10)
	}
	t.header = shown
	if t.port != standard {
		t.header += ":" + t.port
	}
	t.address = net.JoinHostPort(t.hostname, t.port)
	return nil
}

// splitPort cuts "host:port"; the brackets of an IPv6 literal stay.
func splitPort(authority string) (host, port string, err error) {
	if strings.HasPrefix(authority, "[") {
		end := strings.IndexByte(authority, ']')
		if end < 0 {
			return "", "", lang.Errorf("host %q no válido: falta cerrar el corchete", "bad host %q: the bracket is not closed", authority)
		}
		host, port = authority[:end+1], authority[end+1:]
		if port != "" && port[0] != ':' {
			return "", "", lang.Errorf("host %q no válido: tras el corchete solo puede ir un puerto",
				"bad host %q: after the bracket only a port may follow", authority)
		}
		return host, strings.TrimPrefix(port, ":"), nil
	}
	host, port, _ = strings.Cut(authority, ":")
	if strings.Contains(port, ":") {
		return "", "", lang.Errorf("host %q no válido: escriba una dirección IPv6 entre corchetes, como en http://[::1]:8000/",
			"bad host %q: write an IPv6 address in brackets, as in http://[::1]:8000/", authority)
	}
	return host, port, nil
}

// ipv6Literal gives the address to dial and what the Host header shows. A zone
// ("%25eth0", RFC 6874) is for this computer only, so Host leaves it out.
func ipv6Literal(host string) (dial, shown string, err error) {
	bad := lang.Errorf("dirección IPv6 %q no válida: use por ejemplo [::1]", "bad IPv6 address %q: use for example [::1]", host)
	inner, zone, zoned := strings.Cut(host[1:len(host)-1], "%")
	addr, perr := netip.ParseAddr(inner)
	if perr != nil || !addr.Is6() {
		return "", "", bad
	}
	shown = "[" + inner + "]"
	if !zoned {
		return inner, shown, nil
	}
	zone, uerr := url.PathUnescape(strings.TrimPrefix(zone, "25"))
	if uerr != nil || zone == "" || checkURLBytes(zone) != nil {
		return "", "", bad
	}
	return inner + "%" + zone, shown, nil
}

// asciiHost checks a host name or IPv4 address; international names become
// punycode. Underscores are let pass: names of containers have them.
func asciiHost(host string) (string, error) {
	for i := 0; i < len(host); i++ {
		if host[i] < 0x80 {
			continue
		}
		ascii, err := idna.Lookup.ToASCII(host)
		if err != nil {
			return "", lang.Errorf("host %q no válido: no es un nombre internacional válido", "bad host %q: no valid international name", host)
		}
		host = ascii
		break
	}
	if len(host) > 254 {
		return "", lang.Errorf("host no válido: pasa de 253 caracteres", "bad host: longer than 253 characters")
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(host, "."), ".") {
		if label == "" || len(label) > 63 {
			return "", lang.Errorf("host %q no válido: cada parte entre puntos tiene de 1 a 63 caracteres",
				"bad host %q: every part between dots has 1 to 63 characters", host)
		}
		for _, c := range []byte(label) {
			if !isAlnum(c) && c != '-' && c != '_' {
				return "", lang.Errorf("host %q no válido: %q no puede estar en un nombre de host",
					"bad host %q: %q cannot stand in a host name", host, c)
			}
		}
	}
	return host, nil
}

func basicAuth(userinfo string) (string, error) {
	user, password, _ := strings.Cut(userinfo, ":")
	u, err1 := url.PathUnescape(user)
	p, err2 := url.PathUnescape(password)
	if err1 != nil || err2 != nil {
		return "", lang.Errorf("escape no válido en el usuario o la contraseña: escriba el signo de por ciento como %%25",
			"bad escape in the user or password: write a percent sign as %%25")
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(u+":"+p)), nil
}

func missingScheme(raw string) error {
	var rest string
	switch lower := strings.ToLower(raw); {
	case strings.HasPrefix(lower, "http:"), strings.HasPrefix(lower, "https:"):
		scheme, after, _ := strings.Cut(raw, ":")
		if after = strings.TrimLeft(after, "/"); after == "" {
			return lang.Errorf("falta el host: use por ejemplo http://localhost:8000/kometia/webhook",
				"missing host: use for example http://localhost:8000/kometia/webhook")
		}
		return lang.Errorf("esquema mal escrito: use %s", "malformed scheme: use %s", Redact(strings.ToLower(scheme)+"://"+after))
	case strings.HasPrefix(raw, "://"):
		rest = raw[3:]
	case strings.HasPrefix(raw, "/") && !strings.HasPrefix(raw, "//"):
		rest = "localhost:8000" + raw
	default:
		rest = strings.TrimPrefix(raw, "//")
	}
	return lang.Errorf("falta el esquema: use %s", "missing scheme: use %s", Redact("http://"+rest))
}

// checkURLBytes refuses what can stand in no URL and would break the request
// line: spaces and control characters.
func checkURLBytes(s string) error {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == ' ':
			return lang.Errorf("espacio en la posición %d: escríbalo como %%20", "space at position %d: write it as %%20", i+1)
		case c < 0x20 || c == 0x7f:
			return lang.Errorf("carácter de control %q en la posición %d: quítelo", "control character %q at position %d: remove it", c, i+1)
		}
	}
	return nil
}

func encodeNonASCII(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x80 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// URL is the URL exactly as it was given, secrets included: for use, not for
// show.
func (t *Target) URL() string { return t.raw }

// String is the URL for show: user and password, the values of query
// parameters that look like secrets, and the fragment are left out.
func (t *Target) String() string { return Redact(t.raw) }

// GoString keeps %#v from showing what String hides.
func (t *Target) GoString() string { return "wire.Target(" + strconv.Quote(t.String()) + ")" }

// Secure reports whether the scheme is https.
func (t *Target) Secure() bool { return t.secure }

// Scheme is http or https.
func (t *Target) Scheme() string {
	if t.secure {
		return "https"
	}
	return "http"
}

// Hostname is the host that is dialled, without brackets and port; an
// international name is in punycode.
func (t *Target) Hostname() string { return t.hostname }

// Port is the port that is dialled; always set.
func (t *Target) Port() string { return t.port }

// Host is the value of the Host header: with the port unless it is the
// scheme's own.
func (t *Target) Host() string { return t.header }

// RequestURI is what the request line carries: path and query.
func (t *Target) RequestURI() string { return t.uri }

// Fragment is what stands behind "#", which is never sent; empty without one.
func (t *Target) Fragment() string {
	_, fragment, _ := strings.Cut(t.raw, "#")
	return fragment
}

// Socket is the path of the Unix socket that it is behind; empty for a host.
func (t *Target) Socket() string { return t.socket }

// HTTP is the URL as programs take it that are told the socket apart.
func (t *Target) HTTP() string {
	if t.socket == "" {
		return t.raw
	}
	return "http://" + t.header + t.uri
}

// Path is the request's path, escaped as given, without the query.
func (t *Target) Path() string {
	path, _, _ := strings.Cut(t.uri, "?")
	return path
}

// WithRequestURI is the same server and user with another path and query, for
// probes. The same errors as in ParseTarget can occur.
func (t *Target) WithRequestURI(uri string) (*Target, error) {
	if t.socket != "" {
		return ParseTarget("unix:" + t.socket + ":/" + strings.TrimPrefix(uri, "/"))
	}
	end := strings.Index(t.raw, "://") + 3
	if i := strings.IndexAny(t.raw[end:], "/?#"); i >= 0 {
		end += i
	} else {
		end = len(t.raw)
	}
	if !strings.HasPrefix(uri, "/") && !strings.HasPrefix(uri, "?") {
		uri = "/" + uri
	}
	return ParseTarget(t.raw[:end] + uri)
}

// WithOtherScheme is the same host, port and path by https instead of http, or
// the other way round, without user and password.
func (t *Target) WithOtherScheme() (*Target, error) {
	if t.socket != "" {
		return nil, lang.Errorf("un socket de Unix no tiene otro esquema", "a Unix socket has no other scheme")
	}
	scheme := "https"
	if t.secure {
		scheme = "http"
	}
	return ParseTarget(scheme + "://" + net.JoinHostPort(t.hostname, t.port) + t.uri)
}

// Loopback reports whether the host is this computer by its very name:
// 127.0.0.0/8, ::1, the unspecified addresses (0.0.0.0 and ::, which reach
// nothing else), localhost and its subdomains, which are dialled as loopback.
// DNS is never asked; [Dialer.Here] asks it.
func (t *Target) Loopback() bool {
	if addr, err := netip.ParseAddr(t.hostname); err == nil {
		return Local(addr)
	}
	return localName(t.hostname)
}

// Public reports whether the host is one that anybody may reach: no address of
// this computer, of a private network or of documentation, no name that is
// reserved for such use, and none without a dot, as containers have. Like
// Loopback it goes by the name alone.
func (t *Target) Public() bool {
	if addr, err := netip.ParseAddr(t.hostname); err == nil {
		addr = addr.Unmap()
		return addr.IsGlobalUnicast() && !addr.IsPrivate() && !slices.ContainsFunc(unroutable(), func(p netip.Prefix) bool {
			return p.Contains(addr.WithZone(""))
		})
	}
	name := strings.ToLower(strings.TrimSuffix(t.hostname, "."))
	top := name[strings.LastIndexByte(name, '.')+1:]
	if top == name || top[0] >= '0' && top[0] <= '9' { // 127.1 is an address as well, to some
		return false
	}
	// RFC 2606, 6761, 6762, 8375 and ICANN's resolution 2024.07.29.06.
	for _, reserved := range []string{"local", "test", "localhost", "internal", "example", "invalid", "home.arpa"} {
		if strings.HasSuffix("."+name, "."+reserved) {
			return false
		}
	}
	return true
}

// unroutable are the networks that look public and are not: those between a
// provider and its customers (RFC 6598) and those of documentation.
func unroutable() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"),
		netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("2001:db8::/32"),
	}
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
