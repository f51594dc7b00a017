package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Door is who gets in.
type Door struct {
	// Token is asked of everybody (Authorization: Bearer, or the cookie that a page
	// sets); empty asks nobody, and then only this computer's own names are
	// answered to.
	Token string
	Lang  lang.Tag
}

// Cookie is the name of the cookie that holds the token.
const Cookie = "kometia_sim_token"

// Guard lets requests to a handler pass that come from a user of this computer. A
// page of another origin can make a browser send requests here, and a name of
// someone else's can be made to mean this computer (DNS rebinding): neither gets
// in.
func (d Door) Guard(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	h := &handler{Config{Lang: d.Lang}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tag := h.tag(r)
		switch {
		case d.Token == "" && !ours(r.Host):
			refuse(w, http.StatusForbidden, "forbidden", lang.Textf(
				"%.80q no es un nombre de esta computadora: use localhost o 127.0.0.1, o --token", "%.80q is no name of this computer: use localhost or 127.0.0.1, or --token", r.Host).In(tag))
		case origin.Check(r) != nil:
			refuse(w, http.StatusForbidden, "forbidden", lang.Text{
				ES: "la petición viene de una página de otro origen: no se hace nada", EN: "the request comes from a page of another origin: nothing is done",
			}.In(tag))
		case d.Token != "" && !d.knows(r):
			w.Header().Set("WWW-Authenticate", `Bearer realm="kometia-sim"`)
			refuse(w, http.StatusUnauthorized, "authentication_error", lang.Text{
				ES: "falta el valor de --token: Authorization: Bearer VALOR", EN: "the value of --token is missing: Authorization: Bearer VALUE",
			}.In(tag))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// knows reports whether a request carries the token.
func (d Door) knows(r *http.Request) bool {
	given := ""
	if cookie, err := r.Cookie(Cookie); err == nil {
		given = cookie.Value
	}
	if scheme, value, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		given = strings.TrimSpace(value)
	}
	return d.Knows(given)
}

// Knows reports whether a text is the token, in a time that tells nothing.
func (d Door) Knows(given string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(d.Token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// ours reports whether a Host header names this computer by a name that only it
// can have.
func ours(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.Trim(name, "[]"), "."))
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Unmap().IsLoopback()
}
