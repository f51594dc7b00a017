package shop

import (
	"math/rand/v2"
	"strconv"

	"github.com/kometia-sim/kometia-sim/schemas/objects"
)

// person is a customer as the story draws them, before they become objects.
type person struct {
	first, last string // last: both last names
	email       string
	phones      [2]string
	places      [2]address
	listed      int // how many of the places the shop keeps
	newsletter  bool
	memo        int // which note the staff wrote
}

type address struct {
	place      *place
	line1      string
	hood       string
	postcode   string
	references string
	company    *string
}

// newPerson draws a customer. Shape comes from the seed and the key, the email
// and the phones from the mint.
func (w *World) newPerson(m *mint, key Key) person {
	r := stream(w.seed, key, "customer")
	t := w.tables
	first, last := pick(r, t.firstNames), pick(r, t.lastNames)
	p := person{
		first:      first.text,
		last:       last.text + " " + pick(r, t.lastNames).text,
		email:      first.slug + "." + last.slug + "." + m.unique() + "@example.com",
		phones:     [2]string{m.digits(w.phonePrefix, 0), m.digits(w.phonePrefix, 1)},
		newsletter: chance(r, 40),
		memo:       r.IntN(len(t.customerMemos)),
		listed:     1,
	}
	switch {
	case chance(r, 12):
		p.listed = 0
	case chance(r, 25):
		p.listed = 2
	}
	p.places = [2]address{w.newAddress(r), w.newAddress(r)}
	return p
}

func (w *World) newAddress(r *rand.Rand) address {
	t := w.tables
	at := &t.places[r.IntN(len(t.places))]
	a := address{
		place:      at,
		line1:      pick(r, t.streets) + " #" + strconv.Itoa(1+r.IntN(1500)),
		hood:       pick(r, at.hoods),
		postcode:   postcode(at.first + r.IntN(at.last-at.first+1)),
		references: pick(r, t.references),
	}
	if chance(r, 25) {
		a.line1 += " " + pick(r, t.interiors)
	}
	switch {
	case chance(r, 12):
		a.company = &t.companies[r.IntN(len(t.companies))]
	case chance(r, 20):
		a.company = new(string)
	}
	return a
}

// postcode is five digits: those of Ciudad de México begin with 0.
func postcode(n int) string {
	s := strconv.Itoa(n)
	return "00000"[len(s):] + s
}

// contact is the address block of an order.
func (a *address) contact(name, phone string) objects.Contact {
	return objects.Contact{
		Address: objects.Address{
			City: a.place.city, Country: "Mexico", CountryCode: "MX", Address1: a.line1, Address2: a.hood,
			Postcode: a.postcode, State: a.place.state, StateCode: a.place.code,
		},
		Name: name, Phone: phone,
	}
}

// customer is a customer at one moment: all that is needed to make the object.
type customer struct {
	person  person
	mint    mint
	made    int64 // when it came into being; 0 is not yet
	touched int64 // when it was made or updated last
	updates int
}

// id is the customer's id once it was made.
func (k *customer) id() string { return k.mint.cuid("cus", k.made, ordCustomer) }

// firstName is the first name: with the first update a second one comes to it.
func (k *customer) firstName(t *tables) string {
	if k.updates == 0 {
		return k.person.first
	}
	return k.person.first + " " + t.secondNames[(k.person.memo+k.updates)%len(t.secondNames)]
}

// object gives the customer object. Two updates in a row differ in name, notes,
// newsletter and default address. Name and addresses on orders stay as they were
// when bought.
func (k *customer) object(t *tables) objects.Customer {
	p, n, created, updated := &k.person, k.updates, k.made, k.touched
	c := objects.Customer{
		ID: k.id(), Object: objects.TypeCustomer, FirstName: k.firstName(t), LastName: p.last,
		Email: p.email, IsNewsletterable: p.newsletter != (n%2 == 1), IsActive: true,
		Notes: t.customerMemos[(p.memo+n)%len(t.customerMemos)], Tags: []any{}, Addresses: []objects.CustomerAddress{},
		CreatedAt: created, UpdatedAt: updated,
	}
	listed := p.listed
	if n > 0 {
		listed = 2
	}
	c.Name = c.FirstName + " " + c.LastName
	for i := range listed {
		a := &p.places[i]
		c.Addresses = append(c.Addresses, objects.CustomerAddress{
			ID: k.mint.cuid("adr", created, ordAddresses+i), Object: objects.TypeCustomerAddress, FirstName: c.FirstName, LastName: c.LastName,
			Address1: a.line1, Address2: a.hood, Country: "Mexico", CountryCode: "MX", State: a.place.state, StateCode: a.place.code,
			City: a.place.city, Postcode: a.postcode, Phone: p.phones[i], Company: a.company, References: a.references,
			IsPrimary: i == n%listed, CreatedAt: created, UpdatedAt: updated,
		})
	}
	if listed > 0 {
		c.DefaultAddress = &c.Addresses[n%listed]
	}
	return c
}
