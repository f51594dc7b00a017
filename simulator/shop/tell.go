package shop

import (
	"errors"
	"slices"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// Tell makes the events of a story, each held against its schema once. An
// unknown kind is an error of the catalogue. An event that its schema refuses is
// an *InvalidPayloadError, unless it is the user's own schema file that refuses
// what the built-in one takes.
func (w *World) Tell(st Story) ([]*Event, error) {
	events, err := w.Draft(st)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		if err := w.catalogue.Validate(e.Kind, e.Tree); err != nil {
			return nil, w.refused(st.Key, e, err)
		}
	}
	return events, nil
}

// refused says whose mistake a refused event is.
func (w *World) refused(key Key, e *Event, err error) error {
	builtin := schemas.Builtin()
	if _, unknown := builtin.Kind(e.Kind); unknown != nil || builtin.Validate(e.Kind, e.Tree) == nil {
		return lang.Errorf("historia %s: tipo de evento %q: un archivo de esquema suyo rechaza lo que describe: %s",
			"story %s: event kind %q: a schema file of yours refuses what it describes: %s", key, e.Kind, err)
	}
	return &InvalidPayloadError{Story: key, Seed: w.seed, IDs: w.ids, Kind: e.Kind, Err: err}
}

// Draft is Tell without the schemas: for load, where one in many is validated.
func (w *World) Draft(st Story) ([]*Event, error) {
	s, err := w.open(st)
	if err != nil {
		return nil, lang.Errorf("historia %s: %s", "story %s: %s", st.Key, err)
	}
	events := make([]*Event, len(s.kinds))
	for i, kind := range s.kinds {
		if events[i], err = s.event(i, kind, s.when[i]); err != nil {
			return nil, lang.Errorf("historia %s: tipo de evento %q: %s", "story %s: event kind %q: %s", st.Key, kind.Name, err)
		}
	}
	return events, nil
}

// story is a story while it is told: the state of its objects after the kinds
// told so far. The pointers are to values that are never changed again, only
// replaced, because events keep them.
type story struct {
	w       *World
	key     Key
	shape   Key // whose content it has: another story's, its twin's or its own
	shaped  bool
	kinds   []schemas.Kind
	when    []int64 // each event's second
	lines   int
	mint    mint // of its own objects
	floor   int64
	foreign map[string]*jsontree.Object
	renamed map[string]string

	ownsProduct, namesCustomer bool

	customer customer // with the twin's mint, or the story's own

	product        *product
	productBase    *product
	productUpdates int

	collection        *objects.Collection
	collectionBase    *objects.Collection
	collectionUpdates int

	gone map[string]bool // types of the objects that were deleted

	times         times
	order         *objects.Order
	cash          bool
	authorization string

	fulfillment *objects.Fulfillment
	carrier     int
	tracked     int
}

// open checks a story and resolves its kinds.
func (w *World) open(st Story) (*story, error) {
	s := &story{w: w, key: st.Key, shape: st.Key, lines: st.Lines, floor: w.start - oldest, gone: map[string]bool{}}
	var mistakes []error
	if len(st.Kinds) == 0 {
		mistakes = append(mistakes, lang.Errorf("no hay tipos de evento", "no event kinds"))
	}
	s.kinds = make([]schemas.Kind, 0, len(st.Kinds))
	for _, name := range st.Kinds {
		kind, ok := w.kinds[name]
		if !ok {
			_, err := w.catalogue.Kind(name)
			mistakes = append(mistakes, err)
			continue
		}
		s.ownsProduct = s.ownsProduct || kind.Object == objects.TypeProduct
		s.namesCustomer = s.namesCustomer || kind.Object == objects.TypeCustomer
		s.kinds = append(s.kinds, kind)
	}
	var err error
	if s.when, err = st.when(w.start); err != nil {
		mistakes = append(mistakes, err)
	}
	first, last := time.Unix(s.when[0], 0).UTC(), time.Unix(s.when[len(s.when)-1], 0).UTC()
	if s.when[0] < w.start-reach {
		mistakes = append(mistakes, lang.Errorf("en %s: más de 60 días antes del inicio del mundo, %s",
			"at %s: more than 60 days before the world's start, %s",
			first.Format(time.RFC3339), w.Start().Format(time.RFC3339)))
	} else if err := checkTime(last); err != nil {
		mistakes = append(mistakes, lang.Errorf("en %s: %s", "at %s: %s", first.Format(time.RFC3339), err))
	}
	if st.Lines < 0 || st.Lines > maxLines {
		mistakes = append(mistakes, lang.Errorf("%d líneas de pedido: se esperan de 1 a %d", "%d order lines: want 1 to %d", st.Lines, maxLines))
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	s.mint = newMint(w.ids, "story", st.Key)
	s.customer.mint = s.mint
	if st.Twin != nil {
		s.shape = *st.Twin
		s.customer.mint = newMint(w.ids, "story", *st.Twin)
	}
	if st.Shape != nil {
		s.shape, s.shaped = *st.Shape, true
	}
	return s, nil
}

// eventID is the id of the story's i-th event. Of those of one second the later have
// the greater ids, so that whoever breaks ties by the id has them in their order.
func (s *story) eventID(m *mint, i int) string {
	first := slices.Index(s.when, s.when[i])
	if i == first && (i+1 == len(s.when) || s.when[i+1] != s.when[i]) {
		return m.cuid("evn", s.when[i], i)
	}
	return m.nthCuid("evn", s.when[i], i-first, i)
}

// event lets a kind happen and tells it.
func (s *story) event(i int, kind schemas.Kind, at int64) (*Event, error) {
	w := s.w
	s.precede(kind, at)
	object, err := s.happen(kind, at)
	if err != nil {
		return nil, err
	}
	if err := apply(kind.Set, object); err != nil {
		return nil, err
	}
	s.gone[kind.Object] = s.gone[kind.Object] || kind.Deletes()
	m := newMint(w.ids, "event "+kind.Name, s.key)
	e := &Event{
		ID: s.eventID(&m, i), Kind: kind.Name, ObjectType: kind.Object, At: time.Unix(at, 0).UTC(),
		Gone: kind.Deletes(), Made: kind.Begins(), told: s.snapshot(kind.Object),
	}
	if id, ok := object.Lookup("id"); ok {
		e.ObjectID, _ = id.(string)
	}
	if s.order != nil && (kind.Object == objects.TypeOrder || kind.Object == objects.TypeFulfillment) {
		e.Number, e.Total, e.Currency = s.order.Number, s.order.TotalPrice, s.order.Currency
	}
	body := objects.Event{
		ID: e.ID, Object: objects.TypeEvent, Kind: e.Kind, Data: objects.EventData{Object: object}, PendingWebhooks: w.pending,
		CreatedAt: at, UpdatedAt: at,
	}
	e.Tree = jsontree.OfStruct(&body)
	e.Identities = w.Identities(e.Tree)
	return e, nil
}

// happen moves the story's objects on and gives the tree of the one that the
// kind carries.
func (s *story) happen(kind schemas.Kind, at int64) (*jsontree.Object, error) {
	switch kind.Object {
	case objects.TypeOrder:
		s.orderEvent(kind, at)
		return jsontree.OfStruct(s.order), nil
	case objects.TypeFulfillment:
		s.fulfillmentEvent(kind, at)
		return jsontree.OfStruct(s.fulfillment), nil
	case objects.TypeProduct:
		s.productEvent(kind, at)
		return jsontree.OfStruct(&s.product.Product), nil
	case objects.TypeCustomer:
		s.customerEvent(kind, at)
		return jsontree.OfStruct(s.customer.object(s.w.tables)), nil
	case objects.TypeCollection:
		s.collectionEvent(kind, at)
		return jsontree.OfStruct(s.collection), nil
	default:
		return s.foreignEvent(kind, at)
	}
}

// before draws a time at which something that the story finds in place was made.
func (s *story) before(purpose string) int64 {
	return s.w.start - between(stream(s.w.seed, s.shape, purpose), newest, oldest-60*day)
}

func (s *story) makeCustomer(at int64) {
	s.customer.person = s.w.newPerson(&s.customer.mint, s.shape)
	s.customer.made, s.customer.touched = at, at
}

func (s *story) customerEvent(kind schemas.Kind, at int64) {
	first := s.customer.made == 0
	switch {
	case first && kind.Action == schemas.Create:
		s.makeCustomer(at)
		s.floor = at
	case first:
		s.makeCustomer(s.before("customer since"))
		s.customer.updates++
	case kind.Action == schemas.Create && s.customer.updates == 0 && s.customer.touched == s.customer.made:
		// The order came first and made the customer; now it is told.
	case !kind.Deletes():
		s.customer.updates++
	}
	s.customer.touched = at
}

func (s *story) makeProduct(at int64) {
	w := s.w
	r := stream(w.seed, s.shape, "product")
	g := &w.tables.goods[r.IntN(len(w.tables.goods))]
	for g.digital { // the story's product is to be bought and shipped
		g = &w.tables.goods[r.IntN(len(w.tables.goods))]
	}
	p := w.newProduct(r, &s.mint, g, at, ordProduct, s.mint.unique())
	s.product, s.productBase = &p, &p
}

func (s *story) productEvent(kind schemas.Kind, at int64) {
	first := s.product == nil
	switch {
	case first && kind.Action == schemas.Create:
		s.makeProduct(at)
		s.floor = at
		return
	case first:
		s.makeProduct(s.before("product since"))
	case kind.Action == schemas.Create && s.productUpdates == 0 && s.order != nil && s.product.UpdatedAt < s.order.CreatedAt:
		// The order came first and bought it; now it is told.
		p := *s.product
		p.UpdatedAt = at
		s.product = &p
		return
	}
	if kind.Deletes() {
		p := *s.product
		p.UpdatedAt = at
		s.product = &p
		return
	}
	s.productUpdates++
	p := s.w.revise(s.productBase, s.w.seed, s.shape, s.productUpdates, at)
	s.product = &p
}

func (s *story) collectionEvent(kind schemas.Kind, at int64) {
	first := s.collection == nil
	if first {
		made := at
		if kind.Action != schemas.Create {
			made = s.before("collection since")
		}
		c := s.newCollection(made)
		s.collection, s.collectionBase = &c, &c
		if kind.Action == schemas.Create {
			return
		}
	}
	c := *s.collection
	if kind.Deletes() {
		c.UpdatedAt = at
	} else {
		s.collectionUpdates++
		twists := s.w.tables.twists
		c = reviseCollection(c, s.collectionBase, twists[(s.shape.Index+s.collectionUpdates)%len(twists)], s.collectionUpdates, at)
	}
	s.collection = &c
}

// makeOrder makes the order that the story's first order or shipment kind is
// about, and what must have happened before that kind.
func (s *story) makeOrder(kind schemas.Kind, at int64) {
	r := stream(s.w.seed, s.shape, "times")
	toPlace, toPay, toShip, toUpdate := between(r, 8, 900), between(r, 30, 2*day), between(r, 3600, 2*day), between(r, 600, day)
	t := &s.times
	t.placed = at
	switch {
	case kind.Object == objects.TypeFulfillment: // the order was paid before
		t.shipped = at
		if kind.Action != schemas.Create {
			t.shipped = max(s.floor, at-toUpdate)
		}
		t.paid = max(s.floor, t.shipped-toShip)
		t.placed = t.paid - toPay
	case kind.Action == schemas.Create:
		toPlace = 0
	case kind.Action == schemas.Place:
	case kind.Action == schemas.Pay:
		t.placed = at - toPay
	case s.paidBefore(kind):
		t.paid = max(s.floor, at-toUpdate)
		t.placed = t.paid - toPay
	default:
		t.placed = at - toUpdate
	}
	t.placed = max(s.floor, t.placed)
	t.created = max(s.floor, t.placed-toPlace)

	if s.customer.made == 0 {
		made := s.before("customer since")
		if s.namesCustomer && s.firstCustomerKindCreates() {
			made = t.created
		}
		s.makeCustomer(made)
	}
	if s.ownsProduct && s.product == nil {
		s.makeProduct(s.before("product since"))
	}
	var own *product
	if s.ownsProduct {
		own = s.product
	}
	o := s.newOrder(own)
	if t.paid != 0 {
		s.pay(&o)
		o.UpdatedAt = t.paid
	}
	s.order = &o
}

// paidBefore reports whether the order must have been paid before such an event.
func (s *story) paidBefore(kind schemas.Kind) bool {
	return slices.ContainsFunc(s.w.catalogue.Before(kind.Name), func(name string) bool { return s.w.kinds[name].Action == schemas.Pay })
}

func (s *story) firstCustomerKindCreates() bool {
	for _, k := range s.kinds {
		if k.Object == objects.TypeCustomer {
			return k.Action == schemas.Create
		}
	}
	return false
}

func (s *story) orderEvent(kind schemas.Kind, at int64) {
	if s.order == nil {
		s.makeOrder(kind, at)
	}
	o := *s.order
	if kind.Action == schemas.Pay && s.times.paid == 0 {
		s.times.paid = at
		s.pay(&o)
	}
	o.UpdatedAt = at
	s.order = &o
}

func (s *story) fulfillmentEvent(kind schemas.Kind, at int64) {
	if s.order == nil {
		s.makeOrder(kind, at)
	}
	var f objects.Fulfillment
	first := s.fulfillment == nil
	if first {
		if s.times.shipped == 0 {
			s.times.shipped = at
			if kind.Action != schemas.Create { // updated without having been created in the story
				s.times.shipped = max(s.order.UpdatedAt, at-60)
			}
		}
		f = s.newFulfillment(s.order)
		o := *s.order
		fulfil(&o, &f, s.times.shipped)
		o.UpdatedAt = s.times.shipped
		s.order = &o
	} else {
		f = *s.fulfillment
	}
	if !first || kind.Action != schemas.Create {
		s.tracked++
		s.track(&f, s.tracked)
	}
	f.UpdatedAt = at
	s.fulfillment = &f
}
