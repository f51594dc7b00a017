package control

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
)

func (h *handler) status(r *http.Request) (any, error) {
	counts, err := h.Platform.Counts(r.Context())
	if err != nil {
		return nil, err
	}
	return statusView{h.Version, viewClock(h.Platform.Clock()), len(h.Platform.Subscriptions()), counts}, nil
}

func (h *handler) clock(*http.Request) (any, error) { return viewClock(h.Platform.Clock()), nil }

// advance and finish answer once it is written down how far the time goes, or
// with wait once it is there.
func (h *handler) advance(r *http.Request) (any, error) {
	var in struct {
		By   string `json:"by"`
		Wait bool   `json:"wait"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	by, err := time.ParseDuration(in.By)
	if err != nil {
		return nil, &platform.Invalid{Err: lang.Errorf("by %.40q: se espera una duración, como 1h o 48h", "by %.40q: want a duration, such as 1h or 48h", in.By)}
	}
	if _, err := h.Platform.Advance(r.Context(), by); err != nil {
		return nil, err
	}
	return h.there(r, in.Wait)
}

func (h *handler) finish(r *http.Request) (any, error) {
	var in struct {
		Wait bool `json:"wait"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if _, err := h.Platform.Finish(r.Context()); err != nil {
		return nil, err
	}
	return h.there(r, in.Wait)
}

func (h *handler) there(r *http.Request, wait bool) (any, error) {
	if wait {
		if err := h.Platform.Rest(r.Context()); err != nil {
			return nil, err
		}
	}
	return viewClock(h.Platform.Clock()), nil
}

func (h *handler) play(r *http.Request) (any, error) {
	var in struct {
		Speed *float64 `json:"speed"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if in.Speed == nil {
		return nil, &platform.Invalid{Err: lang.Errorf("falta speed: cuántos segundos pasan en uno; 0 detiene el reloj", "speed is missing: how many seconds pass in one; 0 stops the clock")}
	}
	s, err := h.Platform.Play(r.Context(), *in.Speed)
	return viewClock(s), err
}

func (h *handler) kinds(r *http.Request) (any, error) {
	out := []kindView{}
	for _, k := range h.Platform.Kinds() {
		out = append(out, kindView{k.Name, k.Object, k.Title.In(h.tag(r))})
	}
	return list(out, false), nil
}

func (h *handler) draft(r *http.Request) (any, error) {
	var in struct {
		Kinds []string `json:"kinds"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	payloads, err := h.Platform.Draft(r.Context(), in.Kinds)
	out := []json.RawMessage{}
	for _, p := range payloads {
		out = append(out, p)
	}
	return draftView{out}, err
}

func (h *handler) emit(r *http.Request) (any, error) {
	var in struct {
		Kinds    []string          `json:"kinds"`
		Count    int               `json:"count"`
		Payloads []json.RawMessage `json:"payloads"`
		Anyway   bool              `json:"anyway"`
		Wait     bool              `json:"wait"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	emission := platform.Emission{Kinds: in.Kinds, Count: in.Count, Anyway: in.Anyway}
	for _, p := range in.Payloads {
		emission.Payloads = append(emission.Payloads, p)
	}
	events, err := h.Platform.Emit(r.Context(), emission)
	if err == nil && in.Wait {
		events, err = h.arrived(r, events)
	}
	return list(viewEvents(events), false), err
}

// arrived waits until all that is due now has been delivered, and gives the events
// as they stand then.
func (h *handler) arrived(r *http.Request, events []platform.Event) ([]platform.Event, error) {
	if err := h.Platform.Rest(r.Context()); err != nil {
		return nil, err
	}
	for i := range events {
		now, _, err := h.Platform.Events(r.Context(), events[i].Seq+1, 1)
		if err != nil {
			return nil, err
		}
		if len(now) == 1 && now[0].ID == events[i].ID {
			events[i].Pending = now[0].Pending
		}
	}
	return events, nil
}

func (h *handler) events(r *http.Request) (any, error) {
	before, limit, err := page(r)
	if err != nil {
		return nil, err
	}
	events, more, err := h.Platform.Events(r.Context(), before, limit)
	return list(viewEvents(events), more), err
}

func (h *handler) subscriptions(*http.Request) (any, error) {
	out := []subscriptionView{}
	for _, s := range h.Platform.Subscriptions() {
		out = append(out, viewSubscription(s))
	}
	return list(out, false), nil
}

func (h *handler) subscribe(r *http.Request) (any, error) {
	var in webhook
	if err := read(r, &in); err != nil {
		return nil, err
	}
	s, err := h.Platform.Subscribe(r.Context(), platform.Webhook(in))
	return viewSubscription(s), err
}

type webhook struct {
	URL       string   `json:"url"`
	Kinds     []string `json:"kinds"`
	Elsewhere bool     `json:"other_machine"` // confirms it
}

// byID answers about the one that a path names.
func byID(do func(r *http.Request, n int64) (any, error)) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		n, err := number(r.PathValue("id"), "id")
		if err != nil {
			return nil, err
		}
		return do(r, n)
	}
}

func (h *handler) subscription(_ *http.Request, n int64) (any, error) {
	s, err := h.Platform.Subscription(n)
	return viewSubscription(s), err
}

func (h *handler) change(r *http.Request, n int64) (any, error) {
	was, err := h.Platform.Subscription(n)
	if err != nil {
		return nil, err
	}
	in := webhook{URL: was.URL, Kinds: was.Kinds}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	s, err := h.Platform.Change(r.Context(), n, platform.Webhook(in))
	return viewSubscription(s), err
}

func (h *handler) unsubscribe(r *http.Request, n int64) (any, error) {
	return struct{}{}, h.Platform.Unsubscribe(r.Context(), n)
}

func (h *handler) breaks(r *http.Request, n int64) (any, error) {
	var in struct {
		Fault string `json:"fault"`
		Times int    `json:"times"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	f, err := platform.ParseFault(in.Fault)
	if err != nil {
		return nil, &platform.Invalid{Err: err}
	}
	if in.Times < 0 {
		in.Times = -1
	}
	s, err := h.Platform.Break(r.Context(), n, f, in.Times)
	return viewSubscription(s), err
}

func (h *handler) deliveries(r *http.Request) (any, error) {
	q := r.URL.Query()
	before, limit, err := page(r)
	if err != nil {
		return nil, err
	}
	subscription, err := number(q.Get("subscription"), "subscription")
	if err != nil {
		return nil, err
	}
	found, more, err := h.Platform.Deliveries(r.Context(), platform.Filter{
		Subscription: subscription, State: q.Get("state"), Kind: q.Get("kind"), Event: q.Get("event"), Before: before, Limit: limit,
	})
	out := []deliveryView{}
	for i := range found {
		out = append(out, viewDelivery(&found[i], h.tag(r)))
	}
	return list(out, more), err
}

func (h *handler) delivery(r *http.Request, n int64) (any, error) {
	d, err := h.Platform.Delivery(r.Context(), n)
	if err != nil {
		return nil, err
	}
	return viewDelivery(&d, h.tag(r)), nil
}

func (h *handler) redeliver(r *http.Request, n int64) (any, error) {
	var in struct {
		Wait bool `json:"wait"`
	}
	if err := read(r, &in); err != nil {
		return nil, err
	}
	if err := h.Platform.Redeliver(r.Context(), n); err != nil {
		return nil, err
	}
	if in.Wait {
		if err := h.Platform.Rest(r.Context()); err != nil {
			return nil, err
		}
	}
	return h.delivery(r, n)
}

func (h *handler) export(r *http.Request, n int64) (any, error) {
	d, err := h.Platform.Delivery(r.Context(), n)
	if err != nil {
		return nil, err
	}
	if h.Case == nil {
		return nil, &platform.Missing{Err: lang.Errorf("aquí no se exportan casos", "no cases are exported here")}
	}
	data, err := h.Case(d)
	return raw(data), err
}

func (h *handler) calls(r *http.Request) (any, error) {
	before, limit, err := page(r)
	if err != nil {
		return nil, err
	}
	calls, err := h.Platform.Calls(r.Context(), before, limit, r.URL.Query().Get("about"))
	out := []callView{}
	for _, c := range calls {
		out = append(out, viewCall(c))
	}
	return list(out, false), err
}

func (h *handler) keys(*http.Request) (any, error) {
	out := []keyView{}
	for _, k := range h.Platform.Keys() {
		out = append(out, keyView{k.Name, k.Value, k.Public})
	}
	return list(out, false), nil
}

func (h *handler) reset(r *http.Request) (any, error) {
	return struct{}{}, h.Platform.Reset(r.Context())
}

// list is a list as it is written.
func list[T any](data []T, more bool) any { return listView[T]{data, more} }

type clockView struct {
	Now   time.Time `json:"now"`
	Speed float64   `json:"speed"`
	// Until is how far it is going ahead; null when it is there.
	Until *time.Time `json:"until"`
}

func viewClock(s retryclock.Steering) clockView {
	v := clockView{Now: s.Now.UTC(), Speed: s.Speed}
	if s.Moving() {
		until := s.Until.UTC()
		v.Until = &until
	}
	return v
}

type subscriptionView struct {
	ID      int64     `json:"id"`
	URL     string    `json:"url"`
	Kinds   []string  `json:"kinds"`
	Created time.Time `json:"created"`
	Fault   string    `json:"fault"`
	Times   int       `json:"times"`
	// OtherMachine says that its URL leads to one, under the rules of safe mode.
	OtherMachine bool `json:"other_machine"`
}

func viewSubscription(s platform.Subscription) subscriptionView {
	v := subscriptionView{ID: s.ID, URL: s.Shown(), Kinds: s.Kinds, Created: s.Created, Fault: platform.FaultName(s.Fault), Times: s.Times, OtherMachine: s.Elsewhere}
	if s.Fault.Kind == fault.None {
		v.Times = 0
	}
	return v
}
