package page

import (
	"net/http"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/platform/control"
)

// door lets in who control.Door lets in. Where it asks for a token, a browser is
// shown a form for it, and a cookie remembers it.
func (h *handler) door(next http.Handler) http.Handler {
	guarded, origin := h.Door.Guard(next), http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case h.Door.Token == "":
			guarded.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, "/static/"): // what everybody who has the program has
			next.ServeHTTP(w, r)
		case r.URL.Path == "/login" && origin.Check(r) == nil:
			r.Body = http.MaxBytesReader(w, r.Body, mostForm)
			if err := login(&visit{handler: h, w: w, r: r, tag: h.tag(r)}); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		case r.Method == http.MethodGet && !h.hasToken(r) && strings.Contains(r.Header.Get("Accept"), "text/html"):
			http.Redirect(w, r, "/login", http.StatusSeeOther)
		default:
			guarded.ServeHTTP(w, r)
		}
	})
}

func (h *handler) hasToken(r *http.Request) bool {
	c, err := r.Cookie(control.Cookie)
	return err == nil && h.Door.Knows(c.Value)
}

func login(v *visit) error {
	title, status, wrong := v.say("Entrar", "Enter"), http.StatusOK, ""
	if v.r.Method == http.MethodPost {
		if given := strings.TrimSpace(v.r.PostFormValue("token")); v.Door.Knows(given) {
			http.SetCookie(v.w, &http.Cookie{Name: control.Cookie, Value: given, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
			return v.leave("/", "")
		}
		status, wrong = http.StatusUnauthorized, v.say("Ese no es el valor de --token.", "That is not the value of --token.")
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	return v.templates[v.tag].ExecuteTemplate(v.w, "login.html", struct {
		Lang         lang.Tag
		Title, Wrong string
	}{v.tag, title, wrong})
}
