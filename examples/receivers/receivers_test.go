package receivers_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/examples/receivers"
)

const (
	limit     = time.Minute
	coldLimit = 6 * time.Minute // go-minimo is compiled, perhaps with an empty build cache
)

// event is a Kometia event as bare as the receivers allow.
func event(id, kind, object string, updated int) string {
	return fmt.Sprintf(`{"id":%q,"object":"event","kind":%q,"data":{"object":{"id":%q,"object":"x","price":%d,"title":"Mochila \u00e1zul \/ 1","updated_at":%d}},"pending_webhooks":1,"created_at":%d,"updated_at":%d}`,
		id, kind, object, updated, updated, updated, updated)
}

type answer struct {
	status int
	header http.Header
	body   string
}

func post(ctx context.Context, url, body string) answer {
	GinkgoHelper()
	a, err := try(ctx, url, body)
	Expect(err).NotTo(HaveOccurred())
	return a
}

func try(ctx context.Context, url, body string) (answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(text)}, err
}

// start starts a receiver for the running spec, or leaves the spec out where its runtime is not installed.
func start(ctx context.Context, name string, env map[string]string) *receivers.Running {
	GinkgoHelper()
	available, err := receivers.Require(ctx, os.Stderr, name)
	Expect(err).NotTo(HaveOccurred())
	if len(available) == 0 {
		Skip(name + " cannot be started here")
	}
	receiver, err := receivers.Start(ctx, name, receivers.Options{Env: env})
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(receiver.Close)
	DeferCleanup(func() {
		if CurrentSpecReport().Failed() {
			AddReportEntry("log of "+name, receiver.Log())
		}
	})
	return receiver
}

func effects(ctx context.Context, receiver *receivers.Running, id string) int {
	GinkgoHelper()
	n, err := receiver.Effects(ctx, id)
	Expect(err).NotTo(HaveOccurred())
	return n
}

var _ = Describe("the receivers", Label("whole"), func() {
	Describe("the list", func() {
		It("names every receiver, each with known needs", func(ctx SpecContext) {
			Expect(receivers.Names()).To(ConsistOf(
				"django", "django-csrf", "django-csrf-debug", "express", "express-csurf", "express-csurf-cookie", "express-csurf-debug",
				"express-csurf-sin-sesion-debug", "express-lusca", "express-lusca-debug", "express-100kb", "flask", "flask-csrf", "go-minimo", "laravel",
				"laravel-csrf", "laravel-csrf-debug", "laravel-debug", "nginx-barra", "nginx-caido", "nginx-delante", "nginx-estatico",
				"nginx-laravel-csrf", "nginx-tls", "php-cuidadoso", "php-fatal", "php-guia", "php-warning", "rails", "rails-csrf", "rails-csrf-debug",
				"rails-csrf-vacio", "sinatra", "sinatra-csrf", "sinatra-cuidadoso", "sinatra-guia",
			))
			Expect(slices.IsSorted(receivers.Names())).To(BeTrue())
			for _, name := range receivers.Names() {
				_, err := receivers.Missing(ctx, name)
				Expect(err).NotTo(HaveOccurred(), name)
			}
		}, SpecTimeout(limit))

		It("refuses a name that it does not know", func(ctx SpecContext) {
			_, err := receivers.Start(ctx, "perl-guia", receivers.Options{})
			Expect(err).To(MatchError(ContainSubstring(`unknown receiver "perl-guia" (there are django, django-csrf,`)))
			_, err = receivers.Require(ctx, io.Discard, "perl-guia")
			Expect(err).To(MatchError(ContainSubstring(`unknown receiver "perl-guia"`)))
		}, SpecTimeout(limit))
	})

	DescribeTable("as they stand in the guide, answer 200",
		func(ctx SpecContext, name string) {
			receiver := start(ctx, name, nil)
			got := post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100))
			Expect(got.status).To(Equal(http.StatusOK))
			Expect(got.body).To(BeEmpty())
			Expect(got.header).NotTo(HaveKey("Set-Cookie"))
		},
		Entry("PHP", SpecTimeout(limit), "php-guia"),
		Entry("Sinatra", SpecTimeout(limit), "sinatra-guia"),
	)

	It("has a minimal Go receiver", func(ctx SpecContext) {
		receiver := start(ctx, "go-minimo", nil)
		Expect(post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100)).status).To(Equal(http.StatusOK))
		Expect(post(ctx, receiver.WebhookURL, `{"id":`).status).To(Equal(http.StatusBadRequest))
		Expect(receiver.Log()).To(ContainSubstring("efecto evn_1 order.placed"))
	}, SpecTimeout(coldLimit))

	for _, name := range []string{"php-cuidadoso", "sinatra-cuidadoso"} {
		Describe(name, func() {
			describeCareful(name)
		})
	}

	DescribeTable("Laravel without the exception of the guide answers 419",
		func(ctx SpecContext, name string) {
			receiver := start(ctx, name, nil)
			got := post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100))
			Expect(got.status).To(Equal(419))
			Expect(got.body).To(ContainSubstring("<title>Page Expired</title>"))
			Expect(got.header.Get("Set-Cookie")).To(ContainSubstring("laravel_session"))
			Expect(effects(ctx, receiver, "evn_1")).To(BeZero())
		},
		Entry("in production", SpecTimeout(limit), "laravel-csrf"),
		Entry("in development", SpecTimeout(limit), "laravel-csrf-debug"),
	)

	DescribeTable("Laravel with the exception of the guide answers 200 and acts once",
		func(ctx SpecContext, name string) {
			receiver := start(ctx, name, nil)
			for _, status := range together(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100), 4) {
				Expect(status).To(Equal(http.StatusOK))
			}
			Expect(effects(ctx, receiver, "evn_1")).To(Equal(1))
			Expect(os.ReadFile(filepath.Join(receiver.Dir, "datos", "logs", "laravel.log"))).To(ContainSubstring("pedido creado evn_1"))
			Expect(post(ctx, receiver.WebhookURL, `{"id":`).status).To(Equal(http.StatusBadRequest))
			Expect(post(ctx, receiver.URL+"/nada", `{}`).body).To(ContainSubstring("Not Found"))
			expectCommandCounts(ctx, receiver, "evn_1", "1")
		},
		Entry("in production", SpecTimeout(limit), "laravel"),
		Entry("in development", SpecTimeout(limit), "laravel-debug"),
	)

	DescribeTable("a PHP error that is shown hides behind a 200",
		func(ctx SpecContext, name, mark string) {
			receiver := start(ctx, name, nil)
			got := post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100))
			Expect(got.status).To(Equal(http.StatusOK))
			Expect(got.body).To(ContainSubstring(mark))
		},
		Entry("fatal", SpecTimeout(limit), "php-fatal", "<b>Fatal error</b>:  Uncaught Error: Call to undefined function registrar_pedido()"),
		Entry("warning", SpecTimeout(limit), "php-warning", "<b>Warning</b>:  Undefined array key"),
	)

	DescribeTable("nginx answers for itself",
		func(ctx SpecContext, name string, status int, title string) {
			receiver := start(ctx, name, nil)
			got := post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100))
			Expect(got.status).To(Equal(status))
			Expect(got.body).To(ContainSubstring("<title>" + title + "</title>"))
			if status == http.StatusMovedPermanently {
				Expect(got.header.Get("Location")).To(Equal(receiver.WebhookURL + "/"))
			}
		},
		Entry("with nothing behind it", SpecTimeout(limit), "nginx-caido", 502, "502 Bad Gateway"),
		Entry("on a static file", SpecTimeout(limit), "nginx-estatico", 405, "405 Not Allowed"),
		Entry("on a folder without its slash", SpecTimeout(limit), "nginx-barra", 301, "301 Moved Permanently"),
	)
})

// together posts n copies at the same instant and returns their statuses.
func together(ctx context.Context, url, body string, n int) []int {
	GinkgoHelper()
	statuses, errs := make([]int, n), make([]error, n)
	gate := make(chan struct{})
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			<-gate
			var a answer
			a, errs[i] = try(ctx, url, body)
			statuses[i] = a.status
		})
	}
	close(gate)
	group.Wait()
	Expect(errs).To(HaveEach(BeNil()))
	return statuses
}

func describeCareful(name string) {
	It("acts once, also on copies that arrive together", func(ctx SpecContext) {
		receiver := start(ctx, name, nil)
		Expect(post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100)).status).To(Equal(http.StatusOK))
		Expect(post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100)).status).To(Equal(http.StatusOK))
		Expect(effects(ctx, receiver, "evn_1")).To(Equal(1))
		for round := range 5 {
			id := fmt.Sprintf("evn_r%d", round)
			statuses := together(ctx, receiver.WebhookURL, event(id, "order.paid", "ord_1", 100+round), 8)
			Expect(statuses).To(HaveEach(http.StatusOK))
			Expect(effects(ctx, receiver, id)).To(Equal(1))
		}
		expectCommandCounts(ctx, receiver, "evn_1", "1")
		expectCommandCounts(ctx, receiver, "evn_otro", "0")
	}, SpecTimeout(limit))

	It("takes different events that arrive together", func(ctx SpecContext) {
		receiver := start(ctx, name, nil)
		var group sync.WaitGroup
		statuses := make([]int, 16)
		for i := range statuses {
			group.Go(func() {
				defer GinkgoRecover()
				statuses[i] = post(ctx, receiver.WebhookURL, event(fmt.Sprintf("evn_%d", i), "product.updated", "prd_1", i)).status
			})
		}
		group.Wait()
		Expect(statuses).To(HaveEach(http.StatusOK))
		for i := range statuses {
			Expect(effects(ctx, receiver, fmt.Sprintf("evn_%d", i))).To(Equal(1))
		}
		Expect(state(ctx, receiver, "evn_3")).To(ContainSubstring(`"price":15`), "the newest wins, whatever came last")
	}, SpecTimeout(limit))

	It("neither goes back to an older state nor revives what was deleted", func(ctx SpecContext) {
		receiver := start(ctx, name, nil)
		for i, e := range []string{
			event("evn_new", "product.updated", "prd_1", 200),
			event("evn_old", "product.updated", "prd_1", 140),
		} {
			Expect(post(ctx, receiver.WebhookURL, e).status).To(Equal(http.StatusOK), i)
		}
		Expect(effects(ctx, receiver, "evn_old")).To(Equal(1))
		Expect(state(ctx, receiver, "evn_old")).To(And(ContainSubstring(`"price":200`), ContainSubstring("Mochila ázul / 1")))
		Expect(post(ctx, receiver.WebhookURL, event("evn_gone", "product.deleted", "prd_1", 150)).status).To(Equal(http.StatusOK))
		Expect(post(ctx, receiver.WebhookURL, event("evn_late", "product.updated", "prd_1", 300)).status).To(Equal(http.StatusOK))
		Expect(state(ctx, receiver, "evn_new")).To(ContainSubstring(`"state":null`))
	}, SpecTimeout(limit))

	It("refuses what is no event and lives on", func(ctx SpecContext) {
		receiver := start(ctx, name, nil)
		good := event("evn_1", "order.placed", "ord_1", 100)
		for _, bad := range []string{
			"", "{", "[]", "7", `"x"`, "null", "{}", good[:len(good)-1], good + "x", "\xff\xfe",
			strings.Replace(good, "Mochila", "Mochila\xff", 1), strings.Replace(good, `"price":100`, `"price":1E400`, 1),
			strings.Repeat("[", 10_000), strings.Replace(good, `"evn_1"`, `"evn_1' OR 1"`, 1), strings.Replace(good, `"evn_1"`, `7`, 1),
			`{"data":` + good + `}`,
		} {
			got := post(ctx, receiver.WebhookURL, bad)
			Expect(got.status).To(Equal(http.StatusBadRequest), "%.80q", bad)
			Expect(got.body).NotTo(Or(ContainSubstring(".php"), ContainSubstring(".rb")))
		}
		Expect(effects(ctx, receiver, "evn_1")).To(BeZero())
		Expect(post(ctx, receiver.WebhookURL, good).status).To(Equal(http.StatusOK))
		Expect(effects(ctx, receiver, "evn_1")).To(Equal(1))
	}, SpecTimeout(limit))

	It("acknowledges a kind that it does not know without acting", func(ctx SpecContext) {
		receiver := start(ctx, name, nil)
		Expect(post(ctx, receiver.WebhookURL, event("evn_1", "order.placed_draft", "ord_1", 100)).status).To(Equal(http.StatusOK))
		Expect(effects(ctx, receiver, "evn_1")).To(BeZero())
	}, SpecTimeout(limit))

	It("remembers over a kill", func(ctx SpecContext) {
		receiver := start(ctx, name, nil)
		Expect(post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100)).status).To(Equal(http.StatusOK))
		url := receiver.WebhookURL
		Expect(receiver.Restart(ctx)).To(Succeed())
		Expect(receiver.WebhookURL).To(Equal(url))
		Expect(post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 100)).status).To(Equal(http.StatusOK))
		Expect(effects(ctx, receiver, "evn_1")).To(Equal(1))
	}, SpecTimeout(limit))

	Describe("with Kometia's API", func() {
		const key = "sk_test_llave"
		var (
			mu    sync.Mutex
			reply func(w http.ResponseWriter, r *http.Request)
			calls []string
			api   *httptest.Server
		)
		says := func(status int, body string) {
			mu.Lock()
			defer mu.Unlock()
			reply = func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}
		}

		BeforeEach(func() {
			calls = nil
			api = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				user, password, _ := r.BasicAuth()
				calls = append(calls, fmt.Sprintf("%s %s %s:%s", r.Method, r.URL.Path, user, password))
				reply(w, r)
			}))
			DeferCleanup(api.Close)
		})

		startWithAPI := func(ctx context.Context) *receivers.Running {
			GinkgoHelper()
			return start(ctx, name, map[string]string{"KOMETIA_API_URL": api.URL, "KOMETIA_API_KEY": key})
		}

		It("acts on what the API says, not on what the body says", func(ctx SpecContext) {
			receiver := startWithAPI(ctx)
			says(http.StatusOK, `{"data":`+event("evn_1", "order.placed", "ord_1", 100)+`}`)
			Expect(post(ctx, receiver.WebhookURL, event("evn_1", "order.placed", "ord_1", 999)).status).To(Equal(http.StatusOK))
			Expect(effects(ctx, receiver, "evn_1")).To(Equal(1))
			Expect(state(ctx, receiver, "evn_1")).To(ContainSubstring(`"price":100`))
			Expect(calls).To(Equal([]string{"GET /api/v1/events/evn_1 " + key + ":"}))
		}, SpecTimeout(limit))

		It("does not act on an event that the API does not know, or knows otherwise", func(ctx SpecContext) {
			receiver := startWithAPI(ctx)
			says(http.StatusNotFound, `{"error":{"type":"not_found","message":"no"}}`)
			Expect(post(ctx, receiver.WebhookURL, event("evn_1", "order.paid", "ord_1", 100)).status).To(Equal(http.StatusUnprocessableEntity))
			Expect(effects(ctx, receiver, "evn_1")).To(BeZero())
			says(http.StatusOK, `{"data":`+event("evn_1", "order.placed", "ord_1", 100)+`}`)
			Expect(post(ctx, receiver.WebhookURL, event("evn_1", "order.paid", "ord_1", 100)).status).To(Equal(http.StatusUnprocessableEntity))
			Expect(effects(ctx, receiver, "evn_1")).To(BeZero())
		}, SpecTimeout(limit))

		It("asks to be called again while the API cannot be asked", func(ctx SpecContext) {
			receiver := startWithAPI(ctx)
			order := event("evn_1", "order.placed", "ord_1", 100)
			for _, status := range []int{http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusFound} {
				says(status, "")
				Expect(post(ctx, receiver.WebhookURL, order).status).To(Equal(http.StatusServiceUnavailable), "API says %d", status)
			}
			says(http.StatusOK, `{"data":`)
			Expect(post(ctx, receiver.WebhookURL, order).status).To(Equal(http.StatusServiceUnavailable))
			Expect(effects(ctx, receiver, "evn_1")).To(BeZero())
			api.Close()
			Expect(post(ctx, receiver.WebhookURL, order).status).To(Equal(http.StatusServiceUnavailable))
			Expect(effects(ctx, receiver, "evn_1")).To(BeZero())
		}, SpecTimeout(limit))
	})
}

func state(ctx context.Context, receiver *receivers.Running, id string) string {
	GinkgoHelper()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.ReplaceAll(receiver.EffectsURL(), "{event.id}", id), http.NoBody)
	Expect(err).NotTo(HaveOccurred())
	response, err := http.DefaultClient.Do(request)
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	var body bytes.Buffer
	_, err = body.ReadFrom(response.Body)
	Expect(err).NotTo(HaveOccurred())
	return body.String()
}
