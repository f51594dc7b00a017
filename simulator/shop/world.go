package shop

import (
	"errors"
	"strings"
	"time"

	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
)

// Config says which world it is.
type Config struct {
	// Seed fixes the shape of the data. Every value is good, zero too.
	Seed uint64
	// IDs fixes all that is unique: four characters, a-z and 0-9 (see ParseIDs).
	// "" is IDsFromSeed(Seed).
	IDs string
	// Start is the time of t=0, from 2000 to 2058. It has no zero meaning: the
	// shop knows no clock.
	Start time.Time
	// Catalogue holds the event kinds and the schemas. Nil is the built-in one.
	Catalogue *schemas.Catalogue
	// LiveOrders makes orders and transactions say is_test false.
	LiveOrders bool
	// Pending is what pending_webhooks says. Zero is 1: this webhook is not yet
	// notified.
	Pending int
	// PhonePrefix is how every phone begins, up to 6 digits. "" is "25", an area
	// code that Mexico's numbering plan gives to nobody: numbers have ten digits
	// and the first two or three are the area, but none begins with 25. Give
	// another one when a receiver insists on areas that exist.
	PhonePrefix string
	// Site is where the storefront lives. "" is "https://mitienda.kometia.com".
	Site string
}

// unassignedArea is an area code that is given to nobody in Mexico.
const unassignedArea = "25"

// World is a store. It never changes once made and is safe for concurrent use.
type World struct {
	seed        uint64
	ids         string
	start       int64 // Unix seconds
	catalogue   *schemas.Catalogue
	kinds       map[string]schemas.Kind
	test        bool
	pending     int
	phonePrefix string
	site        string
	tables      *tables
	labels      map[string]string // id prefix -> what it is

	mint     mint // of what belongs to the shop itself
	channel  string
	rates    []shippingRate
	vendors  map[string]vendor
	tags     map[string]tag
	products []product
	byID     map[string]*product
}

// New makes a world. All mistakes of cfg are joined.
func New(cfg Config) (*World, error) {
	var mistakes []error
	if cfg.IDs == "" {
		cfg.IDs = IDsFromSeed(cfg.Seed)
	}
	ids, err := ParseIDs(cfg.IDs)
	mistakes = append(mistakes, err)
	if cfg.Start.IsZero() {
		mistakes = append(mistakes, lang.Errorf("start: falta la hora", "start: no time given"))
	} else if err := checkTime(cfg.Start); err != nil {
		mistakes = append(mistakes, lang.Errorf("start %s: %s", "start %s: %s", cfg.Start.UTC().Format(time.RFC3339), err))
	}
	if cfg.Pending < 0 {
		mistakes = append(mistakes, lang.Errorf("pending webhooks %d: no puede ser negativo", "pending webhooks %d: cannot be negative", cfg.Pending))
	}
	if len(cfg.PhonePrefix) > 6 || strings.Trim(cfg.PhonePrefix, "0123456789") != "" {
		mistakes = append(mistakes, lang.Errorf("prefijo de teléfono %q: se esperan hasta 6 cifras", "phone prefix %q: want up to 6 digits", cfg.PhonePrefix))
	}
	t, err := loadTables()
	mistakes = append(mistakes, err)
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	if cfg.Catalogue == nil {
		cfg.Catalogue = schemas.Builtin()
	}
	if cfg.Pending == 0 {
		cfg.Pending = 1
	}
	if cfg.PhonePrefix == "" {
		cfg.PhonePrefix = unassignedArea
	}
	if cfg.Site == "" {
		cfg.Site = "https://mitienda.kometia.com"
	}
	w := &World{
		seed: cfg.Seed, ids: ids, start: cfg.Start.Unix(), catalogue: cfg.Catalogue,
		kinds: map[string]schemas.Kind{}, test: !cfg.LiveOrders, pending: cfg.Pending,
		phonePrefix: cfg.PhonePrefix, site: strings.TrimRight(cfg.Site, "/"), tables: t, labels: prefixes(),
	}
	for _, k := range w.catalogue.Kinds() {
		w.kinds[k.Name] = k
	}
	w.stock()
	return w, nil
}

// Seed is the seed that the world was made with.
func (w *World) Seed() uint64 { return w.seed }

// IDs is the four characters that the world's identities were made with.
func (w *World) IDs() string { return w.ids }

// Start is the time of t=0, in UTC.
func (w *World) Start() time.Time { return time.Unix(w.start, 0).UTC() }
