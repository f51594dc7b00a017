package platform

import (
	"context"
	"errors"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/kometia-sim/kometia-sim/retryclock"
	"github.com/kometia-sim/kometia-sim/schemas"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/delivery"
	"github.com/kometia-sim/kometia-sim/simulator/diagnose"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
	"github.com/kometia-sim/kometia-sim/simulator/wire"
)

// Config is how a Kometia of one's own is set up.
type Config struct {
	// Path is the file that it remembers in; "" remembers nothing.
	Path string
	// Shop is the store of a new file but for its Start, which is Now: a file that
	// exists keeps the seed and the ids that it was made with.
	Shop shop.Config
	// Named says that the user named the seed or the ids: another one than that of
	// the file is an error then.
	Named bool
	// Policy is when deliveries are tried again; the zero policy never does.
	Policy retryclock.Policy
	// Speed is how many seconds pass in one: 0 stands still until told otherwise, 1
	// is real time.
	Speed float64
	// Receivers gives the way to a subscription's URL; required.
	Receivers Receivers
	// Secret is the secret key of the API; "" keeps the one of the file, which is
	// drawn when it is made.
	Secret string
	// Wall is the computer's clock; nil is retryclock.Wall.
	Wall retryclock.Clock
	// Random is where keys are drawn from, crypto/rand.Reader; required.
	Random io.Reader
	// Style and Envelope are how the bodies of events are written; empty is
	// Kometia's way.
	Style    jsontree.Style
	Envelope delivery.Envelope
	// Concurrency and PerLane are how many attempts may be under way at once, in
	// all and to one subscription; zero means 64 and 8.
	Concurrency, PerLane int
}

// Receivers gives the ways to receivers.
type Receivers interface {
	// Elsewhere is what has to be confirmed before anything goes to a URL; nil when
	// it leads to this computer.
	Elsewhere(ctx context.Context, url string) error
	// Receiver is the way to a URL. It keeps what its owner has not consented to
	// from going out, and all of it when the URL leads to another machine and
	// that was not confirmed. An error says that nothing can be sent to such a URL.
	Receiver(ctx context.Context, url string, confirmed bool) (Receiver, error)
}

// Receiver is the way to one receiver; the same one for the same URL.
type Receiver interface {
	delivery.Sender
	// Request is the delivery of a body.
	Request(body []byte) *wire.Request
}

// Platform is a Kometia of one's own: subscriptions, events, deliveries, and the
// shop's state behind the API. It is safe for concurrent use. Make one with Open,
// and have it deliver with Run.
type Platform struct {
	archive
	*webhooks

	cfg       Config
	clock     keptClock
	catalogue *schemas.Catalogue
	causes    api.Causes
	keys      []Key
	watchers  watchers

	// life is held for reading by whoever adds to the stream what they have written
	// down, and for writing by a reset, which begins another one.
	life sync.RWMutex

	mu      sync.Mutex
	stream  *delivery.Stream
	restart chan struct{} // holds one token when the stream is to begin anew
	halt    context.CancelFunc
	halted  chan struct{}
}

// Open opens the file of cfg, or makes it, and brings back what it remembers.
// Nothing is sent before Run. All mistakes of cfg are joined.
func Open(ctx context.Context, cfg Config) (p *Platform, err error) {
	errs := []error{cfg.Policy.Validate()}
	if cfg.Receivers == nil || cfg.Random == nil {
		errs = append(errs, lang.Errorf("platform: faltan los receptores o el azar", "platform: no receivers or no randomness"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if cfg.Wall == nil {
		cfg.Wall = retryclock.Wall{}
	}
	if cfg.Style == "" {
		cfg.Style = jsontree.PHP
	}
	if cfg.Shop.Catalogue == nil {
		cfg.Shop.Catalogue = schemas.Builtin()
	}
	p = &Platform{
		archive: archive{policy: cfg.Policy, receivers: cfg.Receivers, diagnoses: diagnose.Builtin()},
		cfg:     cfg, catalogue: cfg.Shop.Catalogue, restart: make(chan struct{}, 1),
	}
	if p.store, err = openStore(ctx, cfg.Path); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			if unreadable(err) {
				err = damaged(cfg.Path, err)
			}
			err = errors.Join(err, p.store.close())
			p = nil
		}
	}()
	if err = p.store.write(ctx, p.recall); err != nil {
		return p, err
	}
	if err = p.begin(ctx); err == nil {
		p.clock.goOn(cfg.Speed)
	}
	return p, err
}

// recall brings back what the file remembers, or makes it.
func (p *Platform) recall(t *tx) error {
	wrote, err := meta(t, "version")
	if err != nil {
		return err
	}
	if wrote != "" && wrote != version {
		return lang.Errorf("%s es de otra versión de kometia-sim (%s; esta usa %s): muévalo a otra parte",
			"%s is of another version of kometia-sim (%s; this one uses %s): move it away", p.cfg.Path, wrote, version)
	}
	if err := complete(t); err != nil {
		return err
	}
	if wrote == "" {
		err = p.cfg.found(t)
	} else {
		err = p.cfg.recallShop(t)
	}
	if err != nil {
		return err
	}
	if p.world, err = shop.New(p.cfg.Shop); err != nil {
		return err
	}
	if wrote == "" {
		if err := stock(t, p.world); err != nil {
			return err
		}
	}
	var errs [4]error
	p.clock, errs[0] = recallClock(t, &p.cfg)
	p.keys, errs[1] = recallKeys(t, p.cfg.Secret)
	p.webhooks, errs[2] = recallWebhooks(t)
	errs[3] = interrupt(t, p.cfg.Wall.Now())
	return errors.Join(errs[:]...)
}

// found writes what a new file begins with.
func (c *Config) found(t *tx) error {
	c.Shop.Start = c.Wall.Now().UTC().Truncate(time.Second)
	if c.Shop.IDs == "" {
		c.Shop.IDs = shop.IDsFromSeed(c.Shop.Seed)
	}
	for name, public := range map[string]bool{"secret": false, "public": true} {
		key, err := newKey(c.Random, public)
		if err != nil {
			return err
		}
		if err := t.setMeta("key "+name, key); err != nil {
			return err
		}
	}
	return errors.Join(
		t.setMeta("version", version), t.setMeta("seed", strconv.FormatUint(c.Shop.Seed, 10)), t.setMeta("ids", c.Shop.IDs),
		t.setMetaInt("made", c.Shop.Start.Unix()),
	)
}

// recallShop takes the shop of the file.
func (c *Config) recallShop(t *tx) error {
	seedText, err := meta(t, "seed")
	if err != nil {
		return err
	}
	seed, err := strconv.ParseUint(seedText, 10, 64)
	if err != nil {
		return damaged(c.Path, err)
	}
	ids, err := meta(t, "ids")
	if err != nil {
		return err
	}
	if c.Named && (seed != c.Shop.Seed || c.Shop.IDs != "" && ids != c.Shop.IDs) {
		return lang.Errorf("%s es de la tienda con semilla %d e ids %s, no de otra: quite --seed e --ids, o use --memory",
			"%s is of the store with seed %d and ids %s, and of no other: leave out --seed and --ids, or use --memory", c.Path, seed, ids)
	}
	seconds, err := metaInt(t, "made")
	c.Shop.Seed, c.Shop.IDs, c.Shop.Start = seed, ids, time.Unix(seconds, 0).UTC()
	return err
}

// stock writes the state of the shop that no event has told of.
func stock(t *tx, world *shop.World) error {
	standing, err := world.Standing()
	if err != nil {
		return err
	}
	for _, o := range standing {
		if err := put(t, o, world.Start()); err != nil {
			return err
		}
	}
	return nil
}

// Run delivers until ctx ends, which is no error; attempts under way end with it
// and are made again by the next Run.
func (p *Platform) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var clock sync.WaitGroup
	clock.Go(func() { p.clock.Run(ctx) })
	defer clock.Wait()
	defer cancel()
	held := func() {}
	for {
		turn, halt := context.WithCancel(ctx)
		halted := make(chan struct{})
		p.mu.Lock()
		stream := p.stream
		if stream != nil {
			p.halt, p.halted = halt, halted
		}
		p.mu.Unlock()
		if stream == nil { // a reset is under way
			halt()
			select {
			case <-p.restart:
				continue
			case <-ctx.Done():
				return nil
			}
		}
		held() // by the stream before, and now by this one
		release, err := stream.Run(turn)
		held = release
		halt()
		close(halted)
		if err != nil || ctx.Err() != nil {
			return err
		}
	}
}

// Close writes how late it is and closes the file; Run has to have returned.
func (p *Platform) Close() error {
	return errors.Join(p.store.writeAnyway(p.clock.keep), p.store.close())
}

// Reset forgets all events, deliveries, subscriptions and calls, and the shop's
// state with them. Keys, seed and the time stay; ids are not given again.
func (p *Platform) Reset(ctx context.Context) error {
	p.life.Lock()
	defer p.life.Unlock()
	p.mu.Lock()
	halt, halted, old := p.halt, p.halted, p.stream
	p.stream = nil // nobody runs it any more, or another one, until there is a new one
	p.mu.Unlock()
	release := p.clock.Hold()
	defer release()
	if halt != nil {
		halt()
		<-halted
	}
	if old != nil {
		defer old.Drop() // it may never have run
	}
	err := p.store.write(ctx, func(t *tx) error {
		for _, table := range []string{"subscriptions", "events", "objects", "deliveries", "responses", "batches", "calls"} {
			if err := t.exec("DELETE FROM " + table); err != nil {
				return err
			}
		}
		return stock(t, p.world)
	})
	if err == nil {
		p.forgetAll()
	}
	err = errors.Join(err, p.begin(ctx))
	select {
	case p.restart <- struct{}{}:
	default:
	}
	p.watchers.tell(Change{All: true})
	return err
}
