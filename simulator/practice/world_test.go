package practice_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/practice"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// noon is the time of the receivers' clocks in these tests.
var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// spec is an event to be written.
type spec struct {
	id, kind, object string
	created, updated time.Time
	more             string // members of the object, each with a comma before it
}

func (s spec) body() string {
	if s.created.IsZero() {
		s.created = noon
	}
	if s.updated.IsZero() {
		s.updated = s.created
	}
	typ, _, _ := strings.Cut(s.kind, ".")
	return fmt.Sprintf(`{"id":%q,"object":"event","kind":%q,"data":{"object":{"id":%q,"object":%q,"note":"Env\u00edo \/ 1"%s,"updated_at":%d}},"pending_webhooks":1,"created_at":%d,"updated_at":%d}`,
		s.id, s.kind, s.object, typ, s.more, s.updated.Unix(), s.created.Unix(), s.created.Unix())
}

// placed is an order.placed of its own order.
func placed(id string) string {
	return spec{id: "evn_" + id, kind: "order.placed", object: "ord_" + id}.body()
}

// host is a receiver that serves, and a client of it.
type host struct {
	erp *erp // what it calls; nil for all that call nothing
	*practice.Receiver
	cfg    practice.Config // that it was started with
	api    *api.Memory     // what Kometia's API knows; nil when nobody asks it
	url    string
	client *http.Client
	clock  *retryclock.Virtual
}

// serve starts a receiver; it ends with the spec.
func serve(cfg practice.Config) *host {
	GinkgoHelper()
	h, stop, err := start(cfg, GinkgoTB().TempDir())
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(stop()).To(Succeed()) })
	return h
}

func start(cfg practice.Config, dir string) (*host, func() error, error) {
	h := &host{clock: retryclock.NewVirtual(noon), client: &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       20 * time.Second,
	}}
	if cfg.Clock == nil {
		cfg.Clock = h.clock
	}
	if cfg.DB == "" {
		cfg.DB = filepath.Join(dir, "practice.sqlite")
	}
	if asksAPI(cfg.Flaw) {
		h.api = api.NewStore(api.StoreConfig{})
		server, err := api.Serve(context.Background(), "", api.New(api.Options{Keys: api.Fixed(api.Key{Value: "sk_test", Store: h.api})}))
		if err != nil {
			return nil, nil, err
		}
		DeferCleanup(server.Close)
		cfg.API = practice.API{URL: server.URL, Key: "sk_test"}
	}
	if f := flawOf(cfg.Flaw); f.CallsERP {
		h.erp = &erp{}
		server := httptest.NewServer(h.erp)
		DeferCleanup(server.Close)
		cfg.ERP = server.URL
	}
	h.cfg = cfg
	r, err := practice.New(context.Background(), cfg)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		cancel()
		return nil, nil, err
	}
	h.Receiver, h.url = r, "http://"+ln.Addr().String()
	served := make(chan error, 1)
	go func() { served <- r.Serve(ctx, ln) }()
	return h, func() error {
		h.client.CloseIdleConnections()
		cancel()
		if err := <-served; err != nil {
			return err
		}
		return r.Close()
	}, nil
}

// asksAPI reports whether the receiver of that name needs Kometia's API.
func asksAPI(name string) bool {
	return slices.ContainsFunc(practice.Flaws(), func(f practice.Flaw) bool { return f.Name == name && f.UsesAPI })
}

// response is an answer read whole.
type response struct {
	status int
	header http.Header
	body   string
}

// happen lets Kometia's API know of the event that a body tells.
func (h *host) happen(body string) {
	doc, err := jsontree.Parse([]byte(body))
	if h.api == nil || err != nil {
		return
	}
	at := func(path string) any { v, _ := jsontree.Get(doc.Root, path); return v }
	tree, isObject := doc.Root.(*jsontree.Object)
	id, isEvent := at("id").(string)
	kind, known := at("kind").(string)
	object, carries := at("data.object").(*jsontree.Object)
	if !isObject || !isEvent || !known || !carries {
		return
	}
	seconds, _ := at("created_at").(json.Number)
	when, _ := seconds.Int64()
	e := &shop.Event{ID: id, Kind: kind, Tree: tree, At: time.Unix(when, 0)}
	e.ObjectID, _ = at("data.object.id").(string)
	e.ObjectType, _ = at("data.object.object").(string)
	if strings.HasSuffix(kind, ".deleted") {
		h.api.Add(e)
		return
	}
	h.api.Add(e, object)
}

func (h *host) do(method, path, body string, header ...string) (response, error) {
	h.happen(body)
	req, err := http.NewRequestWithContext(context.Background(), method, h.url+path, strings.NewReader(body))
	if err != nil {
		return response{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := h.client.Do(req)
	if err != nil {
		return response{}, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return response{status: res.StatusCode, header: res.Header, body: string(b)}, err
}

func (h *host) must(method, path, body string, header ...string) response {
	GinkgoHelper()
	res, err := h.do(method, path, body, header...)
	Expect(err).NotTo(HaveOccurred())
	return res
}

// post delivers and gives the status.
func (h *host) post(body string, header ...string) int {
	GinkgoHelper()
	return h.must(http.MethodPost, "/webhook", body, header...).status
}

// direct delivers without a connection, for tests with thousands of deliveries.
func (h *host) direct(body string) int {
	GinkgoHelper()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "/webhook", strings.NewReader(body))
	Expect(err).NotTo(HaveOccurred())
	w := &discard{header: http.Header{}}
	h.ServeHTTP(w, req)
	return w.status
}

// erp is a service that the receiver calls.
type erp struct {
	mu     sync.Mutex
	status int      // zero answers 200
	keys   []string // of the calls that were answered well
	bodies []string
}

func (e *erp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.status != 0 {
		w.WriteHeader(e.status)
		return
	}
	e.keys, e.bodies = append(e.keys, r.Header.Get("Idempotency-Key")), append(e.bodies, string(body))
}

func (e *erp) answer(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = status
}

func (e *erp) calls() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.keys)
}

// flawOf is what has to be known of a receiver; the zero Flaw of the good one.
func flawOf(name string) practice.Flaw {
	for _, f := range practice.Flaws() {
		if f.Name == name {
			return f
		}
	}
	return practice.Flaw{}
}

// seen is an observation; of effects with names it has the largest number.
type seen struct {
	Effects int
	State   map[string]any
}

func (s *seen) UnmarshalJSON(data []byte) error {
	var raw struct {
		Effects any
		State   map[string]any
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&raw); err != nil {
		return err
	}
	s.State = raw.State
	named, ok := raw.Effects.(map[string]any)
	if !ok {
		named = map[string]any{"": raw.Effects}
	}
	for _, n := range named {
		n, err := n.(json.Number).Int64()
		if err != nil {
			return err
		}
		s.Effects = max(s.Effects, int(n))
	}
	return nil
}

func (h *host) seen(id string) seen {
	GinkgoHelper()
	res := h.must(http.MethodGet, "/effects/"+id, "")
	Expect(res.status).To(Equal(http.StatusOK))
	var s seen
	dec := json.NewDecoder(strings.NewReader(res.body))
	dec.UseNumber()
	Expect(dec.Decode(&s)).To(Succeed())
	return s
}

// BenchmarkDelivery is one accepted event end to end over a connection that is
// kept alive, with a body of the size of a real order.
func BenchmarkDelivery(b *testing.B) {
	h, stop, err := start(practice.Config{Clock: retryclock.Wall{}}, b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := stop(); err != nil {
			b.Fatal(err)
		}
	}()
	more := `,"items":[` + strings.Repeat(`{"id":"itm_cix9i2dvi0003ro04r8d6xfp8","name":"Mochila","price":30000},`, 45) + `{}]`
	n := 0
	for b.Loop() {
		n++
		id := fmt.Sprintf("%025d", n)
		body := spec{id: "evn_" + id, kind: "order.placed", object: "ord_" + id, more: more}.body()
		res, err := h.do(http.MethodPost, "/webhook", body)
		if err != nil || res.status != http.StatusNoContent {
			b.Fatal(res, err)
		}
		b.SetBytes(int64(len(body)))
	}
}

// BenchmarkHandler is the same without HTTP: what the receiver itself costs.
func BenchmarkHandler(b *testing.B) {
	r, err := practice.New(context.Background(), practice.Config{DB: filepath.Join(b.TempDir(), "p.sqlite")})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	more := `,"items":[` + strings.Repeat(`{"id":"itm_cix9i2dvi0003ro04r8d6xfp8","name":"Mochila","price":30000},`, 45) + `{}]`
	n := 0
	for b.Loop() {
		n++
		id := fmt.Sprintf("%025d", n)
		body := spec{id: "evn_" + id, kind: "order.placed", object: "ord_" + id, more: more}.body()
		req, _ := http.NewRequestWithContext(context.Background(), http.MethodPost, "/webhook", bytes.NewReader([]byte(body)))
		w := &discard{header: http.Header{}}
		r.ServeHTTP(w, req)
		if w.status != http.StatusNoContent {
			b.Fatal(w.status)
		}
	}
}

// BenchmarkNew is what it takes to have a receiver on a new file, and to close it.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		r, err := practice.New(context.Background(), practice.Config{})
		if err != nil {
			b.Fatal(err)
		}
		if err := r.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { return len(p), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }
