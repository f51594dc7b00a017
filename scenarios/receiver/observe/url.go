package observe

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

const whatURL = "observe.url"

// maxIDsPerGet keeps a URL of ids below the 8 KiB at which servers refuse one.
const maxIDsPerGet = 100

// urlObserver asks over HTTP.
type urlObserver struct {
	template     string
	placeholders []string
	timeout      time.Duration
	client       *http.Client
	answers      answers
}

func newURL(cfg Config) (*urlObserver, error) {
	shownURL := wire.Redact(cfg.URL)
	if err := checkBraces("url", cfg.URL, true); err != nil {
		return nil, err
	}
	filled := fillURL(cfg.URL, Subject{EventID: "x", EventKind: "x", ObjectID: "x", ObjectType: "x", OrderNumber: "1"})
	parsed, err := url.Parse(filled)
	switch {
	case err != nil:
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err
		}
		return nil, lang.Errorf("observe: url: %s: %s", "observe: url: %s: %s", shownURL, err)
	case parsed.Scheme != "http" && parsed.Scheme != "https", parsed.Host == "":
		return nil, lang.Errorf("observe: url: %s no es una dirección http:// o https://",
			"observe: url: %s is no http:// or https:// address", shownURL)
	case strings.ContainsAny(filled, "{}"):
		return nil, lang.Errorf("observe: url: %s tiene llaves que no son un marcador: use %s",
			"observe: url: %s has braces that are no placeholder: use %s", shownURL, strings.Join(Placeholders(), " "))
	case len(placeholdersIn(authority(cfg.URL))) > 0:
		return nil, lang.Errorf("observe: url: el host no puede tener un marcador: %s",
			"observe: url: a placeholder cannot be part of the host: %s", shownURL)
	}
	transport := &http.Transport{
		DialContext:         wire.Dialer{}.DialContext,
		MaxIdleConnsPerHost: maxAtOnce, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
		// A server that serves one connection at a time (php -S, Python's HTTPServer)
		// would serve nobody else while ours is open. TLS is never served so, and
		// there a connection costs more.
		DisableKeepAlives: parsed.Scheme == "http",
	}
	return &urlObserver{
		template: cfg.URL, placeholders: placeholdersIn(cfg.URL), timeout: cfg.Timeout,
		client: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		answers: answers{what: whatURL},
	}, nil
}

// authority is the part of a URL between "//" and the path.
func authority(raw string) string {
	_, rest, _ := strings.Cut(raw, "//")
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// fillURL escapes each value for where it stands, in the path or in the query.
func fillURL(template string, s Subject) string {
	path, query, asked := strings.Cut(template, "?")
	path = fill(path, s, url.PathEscape)
	if !asked {
		return path
	}
	return path + "?" + fill(query, s, url.QueryEscape)
}

// withIDs adds ?ids=a,b.
func withIDs(raw string, ids []string) string {
	raw, _, _ = strings.Cut(raw, "#")
	escaped := make([]string, len(ids))
	for i, id := range ids {
		escaped[i] = url.QueryEscape(id)
	}
	sep := "?"
	if strings.Contains(raw, "?") {
		sep = "&"
	}
	return raw + sep + "ids=" + strings.Join(escaped, ",")
}

// Close implements io.Closer.
func (u *urlObserver) Close() error {
	u.client.CloseIdleConnections()
	return nil
}

// Observe implements Observer.
func (u *urlObserver) Observe(ctx context.Context, subjects []Subject) ([]Reading, error) {
	if len(subjects) == 0 {
		return nil, ctx.Err()
	}
	readings := make([]Reading, len(subjects))
	if len(u.placeholders) == 0 {
		const step = maxIDsPerGet / 2 // an event and its object each
		chunks := (len(subjects) + step - 1) / step
		return readings, each(ctx, chunks, maxAtOnce, func(ctx context.Context, i int) error {
			part := subjects[i*step : min((i+1)*step, len(subjects))]
			body, err := u.get(ctx, withIDs(u.template, idsOf(part)), "")
			if err != nil {
				return err
			}
			found, err := u.answers.all(body, part)
			copy(readings[i*step:], found)
			return err
		})
	}
	return readings, each(ctx, len(subjects), maxAtOnce, func(ctx context.Context, i int) error {
		s := subjects[i]
		if err := unnamed(whatURL, s, u.placeholders); err != nil {
			return err
		}
		body, err := u.get(ctx, fillURL(u.template, s), s.EventID)
		if err == nil {
			readings[i], err = u.answers.one(body, s)
		}
		return err
	})
}

func (u *urlObserver) get(outer context.Context, address, id string) ([]byte, error) {
	ctx, cancel := allow(outer, u.timeout)
	defer cancel()
	fail := func(kind Kind, text lang.Text, err error) error {
		if outer.Err() != nil {
			return outer.Err()
		}
		if errors.Is(context.Cause(ctx), errTooLong) {
			kind, text = Slow, lang.Textf("%s tardó más de %s", "%s took longer than %s", wire.Redact(address), u.timeout)
		}
		return &Error{What: whatURL, Kind: kind, Subject: id, Text: text, Err: err}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, fail(Missing, lang.Textf("no es una dirección: %s", "no address: %s", wire.Redact(address)), err)
	}
	request.Header.Set("Accept", "application/json")
	response, err := u.client.Do(request)
	if err != nil {
		return nil, fail(Missing, lang.Textf("%s no responde: %s", "%s does not answer: %s", wire.Redact(address), shown(reason(err))), err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, fail(Unreadable, lang.Textf("la respuesta se cortó: %s", "the response was cut short: %s", shown(reason(err))), err)
	case response.StatusCode != http.StatusOK:
		return nil, fail(Failed, lang.Textf("GET %s respondió %d%s", "GET %s answered %d%s", wire.Redact(address), response.StatusCode, because(firstLine(body))), nil)
	case len(body) > maxAnswer:
		return nil, fail(Unreadable, tooLarge(), nil)
	}
	return body, nil
}

// reason is an error of the client without the method and the URL, which may
// hold a password.
func reason(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return err.Error()
}
