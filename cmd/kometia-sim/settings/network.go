package settings

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/netip"
	neturl "net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// networkOf settles the way to the receiver: whom to trust, what to show, where
// names lead and which proxy is in between. It joins all that is wrong with it.
func networkOf(g *Given, cfg *wire.Config) error {
	cfg.Dialer.Resolve = map[string]netip.Addr{}
	for _, pair := range g.List("resolve") {
		if host, addr, err := parseResolve(pair); err == nil { // else Check has said so
			cfg.Dialer.Resolve[host] = addr
		}
	}
	cfg.Insecure = g.On("insecure")
	if ca, _ := g.File("ca"); cfg.Insecure && ca != "" {
		return lang.Errorf("--insecure y --ca dicen lo contrario: dé uno de los dos", "--insecure and --ca say the opposite: give one of them")
	}
	return errors.Join(trusted(g, cfg), shownToServer(g, cfg), proxied(g, cfg))
}

// trusted reads --ca.
func trusted(g *Given, cfg *wire.Config) error {
	path, shown := g.File("ca")
	if path == "" {
		return nil
	}
	pem, err := g.user.ReadFile(path, maxFile)
	if err != nil {
		return lang.Errorf("--ca: %s", "--ca: %s", err)
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return lang.Errorf("--ca: %s no tiene ningún certificado PEM", "--ca: %s holds no PEM certificate", shown)
	}
	return nil
}

// shownToServer reads --cert and --key, which may be one file.
func shownToServer(g *Given, cfg *wire.Config) error {
	path, shown := g.File("cert")
	keyPath, _ := g.File("key")
	switch {
	case path == "" && keyPath == "":
		return nil
	case path == "":
		return lang.Errorf("--key sin --cert: falta el certificado", "--key without --cert: the certificate is missing")
	case keyPath == "":
		keyPath = path
	}
	certificate, err := g.user.ReadFile(path, maxFile)
	if err != nil {
		return lang.Errorf("--cert: %s", "--cert: %s", err)
	}
	key, err := g.user.ReadFile(keyPath, maxFile)
	if err != nil {
		return lang.Errorf("--key: %s", "--key: %s", err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return lang.Errorf("--cert: %s: %s; hacen falta el certificado y su llave en PEM, juntos o con --key", "--cert: %s: %s; the certificate and its key are needed in PEM, together or with --key", shown, err)
	}
	cfg.Certificates = []tls.Certificate{pair}
	return nil
}

// proxied reads HTTPS_PROXY and NO_PROXY, as other tools do; --no-proxy leaves
// them out.
func proxied(g *Given, cfg *wire.Config) error {
	either := func(name string) string {
		if value := g.user.Getenv(name); value != "" {
			return value
		}
		return g.user.Getenv(strings.ToLower(name))
	}
	proxy := either("HTTPS_PROXY")
	if proxy == "" || g.On("no-proxy") {
		return nil
	}
	from := httpproxy.Config{HTTPSProxy: proxy, NoProxy: either("NO_PROXY")}
	cfg.Dialer.Proxy = from.ProxyFunc()
	// What cannot be used is told now, also where no https URL asks for it.
	parsed, err := cfg.Dialer.Proxy(&neturl.URL{Scheme: "https", Host: "example.com:443"})
	if err == nil && parsed != nil {
		err = wire.CheckProxy(parsed)
	} else if err != nil {
		err = lang.Errorf("la dirección no se puede leer", "the address cannot be read") // it may hold a password
	}
	if err != nil {
		return lang.Errorf("HTTPS_PROXY: %s (--no-proxy va sin él)", "HTTPS_PROXY: %s (--no-proxy goes without it)", err)
	}
	return nil
}

// resolving is HOST:ADDR.
func resolving() Type {
	return Type{Names: true, Check: func(value string) error {
		_, _, err := parseResolve(value)
		return err
	}}
}

func parseResolve(value string) (host string, addr netip.Addr, err error) {
	host, text, found := strings.Cut(value, ":")
	addr, err = netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	if !found || host == "" || err != nil {
		return "", addr, lang.Errorf("%q: escriba HOST:DIRECCIÓN, como tienda.mx:10.0.0.5", "%q: write HOST:ADDR, such as shop.mx:10.0.0.5", value)
	}
	return strings.ToLower(strings.TrimSuffix(host, ".")), addr, nil
}
