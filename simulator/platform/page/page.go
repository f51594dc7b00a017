// Package page is the page of a Kometia of one's own: "Desarrolladores" with its
// webhooks, a button for every kind of event, the deliveries as they go out, and
// the clock. It shows and does what a platform.Platform does, and keeps nothing.
//
//	handler, err := page.New(page.Config{Platform: p, Door: door, Lang: lang.Spanish})
//
// Everything works by links and forms. The script (static/page.js) only looks
// again when something has changed, sends forms without leaving the page, and
// checks a payload while it is typed. Nothing comes from elsewhere, and the
// Content-Security-Policy says so.
//
// What a receiver or a caller of the API said reaches the page as text, never as
// markup, a link or a script, and without characters that change how the text
// around it reads. Who gets in is control.Door's to say.
package page

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"io/fs"
	"net/http"
	"strings"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/platform/control"
)

// Config is what the page is about.
type Config struct {
	Platform *platform.Platform
	// Catalogue is what payloads are held against while they are edited; nil is the
	// built-in one.
	Catalogue *schemas.Catalogue
	// Lang is the language of who has not chosen one and whose browser asks for
	// neither.
	Lang lang.Tag
	// Case writes a delivery as a case that replay plays; nil offers none.
	Case func(platform.Delivery) ([]byte, error)
	// Door is who gets in.
	Door control.Door
	// Version is that of the program.
	Version string
}

//go:embed templates static
var files embed.FS

// languageCookie remembers the language that was chosen.
const languageCookie = "kometia_sim_lang"

// mostForm is how long a form may be, in bytes.
const mostForm = 4 << 20

type handler struct {
	Config
	templates map[lang.Tag]*template.Template
	mux       *http.ServeMux
	inside    http.Handler // behind the door
}

// New makes the handler of the page. An error is one of the program.
func New(cfg Config) (http.Handler, error) {
	if cfg.Catalogue == nil {
		cfg.Catalogue = schemas.Builtin()
	}
	h := &handler{Config: cfg, templates: map[lang.Tag]*template.Template{}, mux: http.NewServeMux()}
	for _, tag := range []lang.Tag{lang.Spanish, lang.English} {
		t, err := template.New("").Funcs(words(tag)).ParseFS(files, "templates/*.html")
		if err != nil {
			return nil, err
		}
		h.templates[tag] = t
	}
	static, err := fs.Sub(files, "static")
	if err != nil {
		return nil, err
	}
	h.mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(static)))
	for pattern, show := range map[string]func(*visit) error{
		"GET /{$}":             home,
		"GET /webhooks/{id}":   webhook,
		"GET /emit":            editor,
		"GET /events":          events,
		"GET /deliveries":      deliveryList,
		"GET /deliveries/{id}": oneDelivery,
		"GET /expiring":        expiring,
		"GET /api-log":         apiLog,

		"POST /webhooks":                  add,
		"POST /webhooks/{id}":             change,
		"POST /webhooks/{id}/remove":      remove,
		"POST /webhooks/{id}/fault":       breaks,
		"POST /emit":                      emit,
		"POST /emit/check":                check,
		"POST /deliveries/{id}/redeliver": redeliver,
		"GET /deliveries/{id}/case":       export,
		"POST /clock/advance":             advance,
		"POST /clock/finish":              finish,
		"POST /clock/play":                play,
		"POST /reset":                     reset,
		"POST /language":                  language,
		"GET /":                           nowhere,
	} {
		h.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, mostForm)
			v := &visit{handler: h, w: w, r: r, tag: h.tag(r)}
			if err := show(v); err != nil {
				v.fail(err)
			}
		})
	}
	h.inside = h.door(h.mux)
	return h, nil
}

// ServeHTTP implements http.Handler.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "same-origin")
	header.Set("Cross-Origin-Opener-Policy", "same-origin")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	h.inside.ServeHTTP(w, r)
}

// tag is the language of a request: the one chosen, else the browser's.
func (h *handler) tag(r *http.Request) lang.Tag {
	if c, err := r.Cookie(languageCookie); err == nil && (c.Value == string(lang.Spanish) || c.Value == string(lang.English)) {
		return lang.Tag(c.Value)
	}
	for wanted := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		switch wanted = strings.ToLower(strings.TrimSpace(wanted)); {
		case strings.HasPrefix(wanted, "es"):
			return lang.Spanish
		case strings.HasPrefix(wanted, "en"):
			return lang.English
		}
	}
	return h.Lang
}

// visit is one request to the page.
type visit struct {
	*handler
	w   http.ResponseWriter
	r   *http.Request
	tag lang.Tag
}

func (v *visit) say(es, en string) string { return lang.Text{ES: es, EN: en}.In(v.tag) }

func (v *visit) ctx() context.Context { return v.r.Context() }

// frame is what every page has.
type frame struct {
	Lang    lang.Tag
	Title   string
	Here    string // path and query, for forms that come back
	Section string
	Version string
	Clock   clock
	Counts  map[string]int
	Problem []string // what could not be done, and why
	Done    string
	Page    any
}

// render writes a page.
func (v *visit) render(status int, name, section, title string, data any, problem ...string) error {
	counts, err := v.Platform.Counts(v.ctx())
	if err != nil {
		return err
	}
	here := v.r.URL.RequestURI()
	if v.r.Method != http.MethodGet && v.r.Method != http.MethodHead {
		here = back(v.r.PostFormValue("back"))
	}
	f := frame{
		Lang: v.tag, Title: title, Here: here, Section: section, Version: v.Version, Clock: clockOf(v.Platform.Clock(), v.tag), Counts: counts,
		Problem: problem, Done: v.done(), Page: data,
	}
	var b bytes.Buffer
	if err := v.templates[v.tag].ExecuteTemplate(&b, name+".html", f); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes()) // a browser that is gone is no news
	return nil
}

// done says what was done before the browser came here.
func (v *visit) done() string {
	switch v.r.URL.Query().Get("done") {
	case "added":
		return v.say("Webhook agregado.", "Webhook added.")
	case "changed":
		return v.say("Cambios guardados.", "Changes saved.")
	case "removed":
		return v.say("Webhook quitado.", "Webhook removed.")
	case "sent":
		return v.say("Sucedió: el evento va en camino.", "It happened: the event is on its way.")
	case "redelivered":
		return v.say("Se envía otra vez.", "It is being sent again.")
	case "reset":
		return v.say("Todo quedó como al principio.", "Everything is as it was at the beginning.")
	}
	return ""
}

// statusOf is the status of an error, and whether its text is for the user.
func statusOf(err error) (status int, told bool) {
	var invalid *platform.Invalid
	var missing *platform.Missing
	var conflict *platform.Conflict
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &invalid):
		return http.StatusUnprocessableEntity, true
	case errors.As(err, &missing):
		return http.StatusNotFound, true
	case errors.As(err, &conflict):
		return http.StatusConflict, true
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, false
	}
	return http.StatusInternalServerError, false
}

// fail shows an error as a page of its own.
func (v *visit) fail(err error) {
	if errors.Is(err, context.Canceled) {
		return // nobody is there any more
	}
	status, told := statusOf(err)
	lines := lines(err, v.tag)
	switch {
	case status == http.StatusRequestEntityTooLarge:
		lines = []string{v.say("El formulario es demasiado largo.", "The form is too long.")}
	case !told && status == http.StatusInternalServerError:
		lines = append([]string{v.say("kometia-sim no pudo hacerlo:", "kometia-sim could not do it:")}, lines...)
	}
	if v.render(status, "problem", "", v.say("No se pudo", "Not done"), nil, lines...) != nil {
		http.Error(v.w, strings.Join(lines, "\n"), http.StatusInternalServerError)
	}
}

// lines are the messages of an error.
func lines(err error, tag lang.Tag) []string {
	var all []string
	for line := range strings.SplitSeq(lang.In(err, tag), "\n") {
		if line = strings.TrimSpace(clean(line)); line != "" {
			all = append(all, line)
		}
	}
	return all
}

func nowhere(v *visit) error {
	return v.render(http.StatusNotFound, "problem", "", v.say("No hay nada aquí", "Nothing here"), nil,
		v.say("Esta página no existe.", "There is no such page."))
}

// back is where a form came from: a path of this site, or its beginning.
func back(path string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t\x00") {
		return "/"
	}
	return path
}

// leave sends the browser to a page after something was done.
func (v *visit) leave(to, done string) error {
	to = back(to)
	path, query, _ := strings.Cut(to, "?")
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		if part != "" && !strings.HasPrefix(part, "done=") {
			kept = append(kept, part)
		}
	}
	if done != "" {
		kept = append(kept, "done="+done)
	}
	if len(kept) > 0 {
		path += "?" + strings.Join(kept, "&")
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

func language(v *visit) error {
	http.SetCookie(v.w, &http.Cookie{
		Name: languageCookie, Value: v.r.PostFormValue("lang"), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	return v.leave(v.r.PostFormValue("back"), "")
}
