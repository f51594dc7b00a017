package page_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/net/html"

	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/platform/control"
	"github.com/kometia-sim/kometia-sim/simulator/platform/page"
	"github.com/kometia-sim/kometia-sim/simulator/platform/platformtest"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// receivers answer as they are told to, by URL.
type receivers struct {
	mu      sync.Mutex
	answers map[string]*wire.Outcome
}

func (r *receivers) Elsewhere(_ context.Context, address string) error {
	if strings.HasPrefix(address, "http://away") {
		return lang.Errorf("%s no es esta computadora", "%s is not this computer", address)
	}
	return nil
}

func (r *receivers) Receiver(_ context.Context, address string, _ bool) (platform.Receiver, error) {
	if !strings.HasPrefix(address, "http://") {
		return nil, lang.Errorf("URL %q: no es de http", "url %q: not of http", address)
	}
	return receiver{r, address}, nil
}

// answer has the webhook of the specs answer so from now on.
func (r *receivers) answer(o *wire.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[hooks] = o
}

type receiver struct {
	all     *receivers
	address string
}

func (r receiver) Request(body []byte) *wire.Request {
	target, _ := wire.ParseTarget(r.address)
	return &wire.Request{Target: target, Body: body}
}

func (r receiver) Do(ctx context.Context, _ *wire.Request) *wire.Outcome {
	if ctx.Err() != nil {
		return &wire.Outcome{Err: &wire.Error{Kind: wire.ErrCanceled, Err: ctx.Err()}}
	}
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	if o := r.all.answers[r.address]; o != nil {
		return o
	}
	return &wire.Outcome{Status: 204, Latency: 3 * time.Millisecond}
}

// site is a page of a platform that delivers.
type site struct {
	*platform.Platform
	receivers *receivers
	handler   http.Handler
	language  string
	ctx       context.Context // of the spec, for requests
}

func open(ctx context.Context, door control.Door) *site {
	GinkgoHelper()
	s := &site{receivers: &receivers{answers: map[string]*wire.Outcome{}}, language: "en", ctx: context.WithoutCancel(ctx)}
	s.Platform, _ = platformtest.Run(ctx, platformtest.Config(s.receivers))
	var err error
	s.handler, err = page.New(page.Config{
		Platform: s.Platform, Door: door, Lang: lang.Spanish, Version: "0",
		Case: func(d platform.Delivery) ([]byte, error) { return json.Marshal(d.Event) },
	})
	Expect(err).NotTo(HaveOccurred())
	return s
}

type answer struct {
	status int
	header http.Header
	body   string
}

// text is what a person reads, on one line.
func (a answer) text() string {
	text := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(a.body, " ")
	return strings.Join(strings.Fields(html.UnescapeString(text)), " ")
}

func (s *site) do(method, path string, form url.Values, change ...func(*http.Request)) answer {
	r := httptest.NewRequestWithContext(s.ctx, method, "http://localhost:8090"+path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept-Language", s.language)
	r.Header.Set("Accept", "text/html")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "http://localhost:8090")
	}
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func (s *site) get(path string) answer {
	GinkgoHelper()
	a := s.do(http.MethodGet, path, nil)
	Expect(a.status).To(Equal(200), path+": "+a.text())
	return a
}

// post sends a form and gives where it leads.
func (s *site) post(path string, fields ...string) string {
	GinkgoHelper()
	a := s.do(http.MethodPost, path, values(fields...))
	Expect(a.status).To(Equal(303), path+": "+a.text())
	return a.header.Get("Location")
}

func values(fields ...string) url.Values {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return form
}

func (s *site) advance(ctx context.Context, by string) {
	GinkgoHelper()
	s.post("/clock/advance", "by", by, "back", "/")
	Expect(s.Rest(ctx)).To(Succeed())
}

const hooks = "http://127.0.0.1:8000/kometia/webhook"
