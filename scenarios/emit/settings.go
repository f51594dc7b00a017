package emit

import (
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/scenarios/language"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// Settings fix which events a run has, and each of their bytes.
type Settings struct {
	// Kinds are the event kinds that the receiver is said to subscribe to; with
	// nil every kind of the catalogue is tried.
	Kinds []string
	// Seed, IDs and Start fix the bytes of every event. Start is the instant at
	// which the run's virtual time ends; zero means now.
	Seed  uint64
	IDs   string
	Start time.Time
	// Catalogue is what events are; nil means the built-in one.
	Catalogue *schemas.Catalogue
	// Policy is when a delivery is tried again; zero means Kometia's.
	Policy retryclock.Policy
	// Style is the spelling of the JSON; empty means PHP's.
	Style jsontree.Style
	// Envelope is the form of the body; empty means the bare event.
	Envelope delivery.Envelope
	// LiveOrders leaves is_test false.
	LiveOrders bool
}

// SetDefaults fills in what is not said.
func (c *Settings) SetDefaults(wall retryclock.Clock) {
	if c.Catalogue == nil {
		c.Catalogue = schemas.Builtin()
	}
	if c.Start.IsZero() {
		c.Start = wall.Now().UTC().Truncate(time.Second)
	}
	if c.Policy == (retryclock.Policy{}) {
		c.Policy = retryclock.DefaultPolicy()
	}
	if c.Style == "" {
		c.Style = jsontree.PHP
	}
}

// World makes the shop of the events.
func (c *Settings) World(live bool) (*shop.World, error) {
	return shop.New(shop.Config{Seed: c.Seed, IDs: c.IDs, Start: c.Start, Catalogue: c.Catalogue, LiveOrders: live})
}

// Tried are the kinds that the gate tries, the preferred plain one first.
func (c *Settings) Tried() []string {
	if len(c.Kinds) > 0 {
		return c.Kinds
	}
	var all []string
	for _, k := range c.Catalogue.Kinds() {
		all = append(all, k.Name)
	}
	return all
}

// Part is a case that is played for a kind.
type Part struct {
	Kind string
	Spec *language.Case
}

// Parts are what a scenario is played in, in order; plain is the kind of those
// cases that are not played for each.
func (c *Settings) Parts(s *language.Scenario, plain string) (out []Part) {
	for n, kind := range c.Tried() {
		for i := range s.Cases {
			switch spec := &s.Cases[i]; {
			case spec.Each == "family":
			case s.Repeats(spec):
				out = append(out, Part{kind, spec})
			case n == 0:
				out = append(out, Part{plain, spec})
			}
		}
	}
	for _, family := range c.families() {
		for i := range s.Cases {
			if s.Cases[i].Each != "family" {
				continue
			}
			if spec := s.Cases[i].For(family); spec != nil {
				out = append(out, Part{family.First, spec})
			}
		}
	}
	return out
}

// families are the families of the run's kinds.
func (c *Settings) families() []language.Family {
	var kinds []schemas.Kind
	for _, name := range c.Tried() {
		if k, err := c.Catalogue.Kind(name); err == nil {
			kinds = append(kinds, k)
		}
	}
	return language.FamiliesOf(kinds)
}
