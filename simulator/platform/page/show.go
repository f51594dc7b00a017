package page

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/fault"
	"github.com/kometia-sim/kometia-sim/simulator/platform"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// story is several kinds of one and the same objects.
type story struct {
	Title lang.Text
	Kinds []string
}

func (s story) Value() string { return strings.Join(s.Kinds, ",") }

// stories are those that a button tells, as far as the catalogue knows their
// kinds.
func (h *handler) stories() (all []story) {
	for _, s := range []story{
		{lang.Text{ES: "Un pedido que se paga", EN: "An order that is paid"}, []string{"order.placed", "order.paid"}},
		{lang.Text{ES: "Un pedido, del cliente al envío", EN: "An order, from customer to shipment"}, []string{"customer.created", "order.placed", "order.paid", "fulfillment.created"}},
		{lang.Text{ES: "Un envío que cambia de guía", EN: "A shipment with a new tracking code"}, []string{"order.placed", "order.paid", "fulfillment.created", "fulfillment.updated"}},
		{lang.Text{ES: "La vida de un producto", EN: "The life of a product"}, []string{"product.created", "product.updated", "product.deleted"}},
	} {
		known := true
		for _, k := range s.Kinds {
			_, err := h.Catalogue.Kind(k)
			known = known && err == nil
		}
		if known {
			all = append(all, s)
		}
	}
	return all
}

// homeView is "Desarrolladores".
type homeView struct {
	Webhooks   []webhookView
	Kinds      []schemas.Kind
	Stories    []story
	Deliveries []platform.Delivery
	Expiring   []platform.Delivery
	Form       webhookForm
	Open       bool // the form to add one
}

// Fields is what the form to add a webhook shows.
func (p homeView) Fields() any {
	return struct {
		Form webhookForm
		All  []schemas.Kind
	}{p.Form, p.Kinds}
}

// webhookView is a subscription in a list.
type webhookView struct {
	platform.Subscription
	Broken lang.Text // how, zero when it is not
}

// webhookForm is what was typed.
type webhookForm struct {
	platform.Webhook
	Problems []string
	Confirm  bool // that it is another machine
}

// refused says what is wrong with what was typed.
func (f *webhookForm) refused(err error, tag lang.Tag) {
	f.Problems = lines(err, tag)
	var unconfirmed *platform.Unconfirmed
	f.Confirm = f.Elsewhere || errors.As(err, &unconfirmed)
}

func (v *visit) webhooks() (all []webhookView) {
	for _, s := range v.Platform.Subscriptions() {
		all = append(all, viewWebhook(s))
	}
	return all
}

func viewWebhook(s platform.Subscription) webhookView {
	s.URL = s.Shown()
	w := webhookView{Subscription: s}
	if s.Fault.Kind == fault.None {
		return w
	}
	w.Broken = lang.Same(platform.FaultName(s.Fault))
	for _, f := range faults() {
		if broken, err := platform.ParseFault(f.Name); err == nil && broken == s.Fault {
			w.Broken = f.Title
		}
	}
	return w
}

func home(v *visit) error { return showHome(v, http.StatusOK, webhookForm{}) }

func showHome(v *visit, status int, form webhookForm) error {
	found, _, err := v.Platform.Deliveries(v.ctx(), platform.Filter{Limit: 10})
	if err != nil {
		return err
	}
	expiring, err := v.Platform.Expiring(v.ctx(), 5)
	if err != nil {
		return err
	}
	webhooks := v.webhooks()
	if form.Kinds == nil {
		form.Kinds = []string{"order.placed", "order.paid"}
	}
	return v.render(status, "home", "home", v.say("Desarrolladores", "Developers"), homeView{
		Webhooks: webhooks, Kinds: v.Platform.Kinds(), Stories: v.stories(), Deliveries: found, Expiring: expiring, Form: form,
		Open: len(webhooks) == 0 || len(form.Problems) > 0,
	})
}

// webhookPage is one webhook.
type webhookPage struct {
	webhookView
	All        []schemas.Kind
	Form       webhookForm
	Faults     []choice
	Deliveries []platform.Delivery
}

func webhook(v *visit) error { return showWebhook(v, http.StatusOK, nil) }

func showWebhook(v *visit, status int, form *webhookForm) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	s, err := v.Platform.Subscription(id)
	if err != nil {
		return err
	}
	found, _, err := v.Platform.Deliveries(v.ctx(), platform.Filter{Subscription: id, Limit: 20})
	if err != nil {
		return err
	}
	if form == nil {
		form = &webhookForm{Webhook: platform.Webhook{URL: s.Shown(), Kinds: s.Kinds, Elsewhere: s.Elsewhere}}
	}
	return v.render(status, "webhook", "home", "Webhook", webhookPage{viewWebhook(s), v.Platform.Kinds(), *form, faults(), found})
}

func (v *visit) id() (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, &platform.Missing{Err: lang.Errorf("no hay nada con ese número", "there is nothing of that number")}
	}
	return id, nil
}

// before is where a list goes on.
func (v *visit) before() int64 {
	n, _ := strconv.ParseInt(v.r.URL.Query().Get("before"), 10, 64) // anything else begins
	return max(n, 0)
}

// listView is a list of deliveries with its filters.
type listView struct {
	Deliveries   []platform.Delivery
	Filter       platform.Filter
	Webhooks     []webhookView
	Kinds        []schemas.Kind
	States       []string
	Next         string // address of the next page, "" at the end
	Begun        bool   // it is not the first page
	Subscription string
}

func deliveryList(v *visit) error {
	query := v.r.URL.Query()
	f := platform.Filter{State: query.Get("state"), Kind: query.Get("kind"), Event: query.Get("event"), Before: v.before(), Limit: 50}
	f.Subscription, _ = strconv.ParseInt(query.Get("webhook"), 10, 64) // anything else wants all
	found, more, err := v.Platform.Deliveries(v.ctx(), f)
	if err != nil {
		return err
	}
	view := listView{
		Deliveries: found, Filter: f, Webhooks: v.webhooks(), Kinds: v.Platform.Kinds(), States: platform.States(), Begun: f.Before != 0,
	}
	if more {
		view.Next = v.onward(found[len(found)-1].ID)
	}
	return v.render(http.StatusOK, "deliveries", "deliveries", v.say("Entregas", "Deliveries"), view)
}

// onward is the address of this list from another id on.
func (v *visit) onward(before int64) string {
	query := v.r.URL.Query()
	query.Set("before", strconv.FormatInt(before, 10))
	query.Del("done")
	return (&url.URL{Path: v.r.URL.Path, RawQuery: query.Encode()}).String()
}

// deliveryView is one delivery with all its attempts.
type deliveryView struct {
	platform.Delivery
	Slots    []slot
	Made     []attemptView // newest first
	Body     string
	Pretty   string // the body, readable; "" when it is no JSON
	Curl     string
	Verified []platform.Call
	Case     bool
}

// attemptView is a run of attempts.
type attemptView struct {
	platform.Run
	Class, Outcome string
	Took           string
	Again          bool // the diagnosis is that of a later run
	Sent, Answer   *wire.Shown
	LastAnswer     *wire.Shown
}

// shownBody is how much of a body the page shows, in bytes.
const shownBody = 16 << 10

func oneDelivery(v *visit) error {
	id, err := v.id()
	if err != nil {
		return err
	}
	d, err := v.Platform.Delivery(v.ctx(), id)
	if err != nil {
		return err
	}
	verified, err := v.Platform.Calls(v.ctx(), 0, 20, d.Event)
	if err != nil {
		return err
	}
	step := time.Duration(0)
	if d.Of > 1 {
		step = d.Expires.Sub(d.First) / time.Duration(d.Of-1)
	}
	view := deliveryView{Delivery: d, Slots: slots(d, step, v.tag), Body: clean(string(d.Body)), Verified: verified, Case: v.Case != nil}
	if doc, err := jsontree.Parse(d.Body); err == nil {
		view.Pretty = clean(string(jsontree.Encode(doc.Root, jsontree.Pretty)))
	}
	told := map[string]bool{}
	for _, r := range slices.Backward(d.Runs) {
		a := attemptView{Run: r, Class: classOf(r), Outcome: outcome(r, v.tag), Took: took(r.Fastest)}
		if slowest := took(r.Slowest); slowest != a.Took {
			a.Took += " – " + slowest
		}
		if r.Diagnosis != nil {
			a.Again = told[r.Diagnosis.Code]
			told[r.Diagnosis.Code] = true
		}
		if r.Request != nil {
			t := wire.Transcribe(r.Request, r.Response, shownBody)
			a.Sent = &t.Request
			if view.Curl == "" {
				view.Curl = clean(t.Request.Curl(r.Request.Target.String(), 0))
			}
			if r.Response != nil && r.Response.Status != 0 {
				a.Answer = &t.Answer
			}
			if r.LastResponse != nil && r.LastResponse.Status != 0 {
				a.LastAnswer = &wire.Transcribe(r.Request, r.LastResponse, shownBody).Answer
			}
		}
		view.Made = append(view.Made, a)
	}
	return v.render(http.StatusOK, "delivery", "deliveries", d.Kind, view)
}

// eventsView is what happened.
type eventsView struct {
	Events []platform.Event
	Next   string
	Begun  bool
}

func events(v *visit) error {
	found, more, err := v.Platform.Events(v.ctx(), v.before(), 50)
	if err != nil {
		return err
	}
	view := eventsView{Events: found, Begun: v.before() != 0}
	if more {
		view.Next = v.onward(found[len(found)-1].Seq)
	}
	return v.render(http.StatusOK, "events", "events", v.say("Eventos", "Events"), view)
}

// expiringView is what will expire when, and what has.
type expiringView struct {
	Waiting []waiting
	Expired []platform.Delivery
	More    bool
}

type waiting struct {
	platform.Delivery
	Left time.Duration
}

func expiring(v *visit) error {
	found, err := v.Platform.Expiring(v.ctx(), 100)
	if err != nil {
		return err
	}
	expired, more, err := v.Platform.Deliveries(v.ctx(), platform.Filter{State: "expired", Limit: 50})
	if err != nil {
		return err
	}
	view, now := expiringView{Expired: expired, More: more}, v.Platform.Clock().Now
	for _, d := range found {
		view.Waiting = append(view.Waiting, waiting{d, d.Expires.Sub(now).Round(time.Minute)})
	}
	return v.render(http.StatusOK, "expiring", "expiring", v.say("Vencimientos", "Expiry"), view)
}

// apiView is the keys of the API and its log.
type apiView struct {
	Keys  []platform.Key
	Base  string
	Calls []platform.Call
	About string
	Next  string
	Begun bool
}

func apiLog(v *visit) error {
	const page = 50
	about := v.r.URL.Query().Get("about")
	calls, err := v.Platform.Calls(v.ctx(), v.before(), page, about)
	if err != nil {
		return err
	}
	view := apiView{Keys: v.Platform.Keys(), Base: "http://" + v.r.Host + "/api/v1", Calls: calls, About: about, Begun: v.before() != 0}
	if len(calls) == page {
		view.Next = v.onward(calls[len(calls)-1].ID)
	}
	return v.render(http.StatusOK, "api", "api", "API", view)
}
