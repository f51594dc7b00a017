package main

import (
	"context"
	"encoding/json"
	"time"

	"github.com/kometia-sim/kometia-sim/cmd/kometia-sim/terminal"
	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
	"github.com/kometia-sim/kometia-sim/schemas/lang"
	"github.com/kometia-sim/kometia-sim/simulator/api"
	"github.com/kometia-sim/kometia-sim/simulator/shop"
)

// apiSettings is where the simulated API answers; listen "" means nowhere.
type apiSettings struct {
	listen, key string
	drawn       bool   // the key is ours, so it may be shown
	url         string // where it answers, once it was opened
}

// readAPI settles address and key of the simulated API. Giving the address, by
// flag or in the config, turns it on.
func (s *session) readAPI(set *settings) error {
	set.api.listen = s.given("api", "", set.config.API.Listen)
	if set.api.listen == "" {
		return nil
	}
	if set.api.key = s.Getenv("KOMETIA_SIM_API_KEY"); set.api.key == "" {
		set.api.key = set.config.API.Key
	}
	if set.api.key == "" {
		key, err := api.NewKey(s.Random)
		if err != nil {
			return err
		}
		set.api.key, set.api.drawn = key, true
	}
	if err := checkListen(set.api.listen); err != nil {
		return lang.Errorf("--api: %s", "--api: %s", err)
	}
	return nil
}

// openAPI starts the simulated API on a store that the caller fills. Without an
// address the store is nil and nothing is started, unless the practice receiver
// to be started reads it: that one gets an API of its own.
func (s *session) openAPI(ctx context.Context, set *settings) (store *api.Memory, closer func(), err error) {
	own := set.api.listen == "" && set.target.traits().UsesAPI
	if own {
		set.api.listen = "127.0.0.1:0"
		if set.api.key, err = api.NewKey(s.Random); err != nil {
			return nil, nil, err
		}
	}
	if set.api.listen == "" {
		return nil, func() {}, nil
	}
	store = api.NewStore(api.StoreConfig{Max: maxCount, Catalogue: set.catalogue})
	// The receiver may ask until the very end of an interrupted run.
	server, err := api.Serve(context.WithoutCancel(ctx), set.api.listen, api.Handler(api.Config{Store: store, Key: set.api.key}))
	if err != nil {
		return nil, nil, terminal.Usage(lang.Errorf("--api: %s", "--api: %s", err))
	}
	set.api.url = server.URL
	key := s.T("la suya", "yours")
	if set.api.drawn {
		key = set.api.key
	}
	if !own {
		s.Note("API simulada en %s/api/v1, llave %s", "simulated API at %s/api/v1, key %s", set.api.url, key)
	}
	return store, func() { _ = server.Close() }, nil
}

// serveAPI answers for the events of a send.
func (s *session) serveAPI(ctx context.Context, set *settings, letters []letter) (closer func(), err error) {
	store, closer, err := s.openAPI(ctx, set)
	if err != nil || store == nil {
		return closer, err
	}
	for _, l := range letters {
		if e, objects := l.contents(); e != nil {
			store.Add(e, objects...)
		}
	}
	return closer, nil
}

// contents is what the API knows of a letter.
func (l *letter) contents() (*shop.Event, []*jsontree.Object) {
	if l.event != nil {
		return l.event, l.objects
	}
	return contents(l.body), nil
}

// contents is what the API knows of bytes that are not as the shop made them:
// the event, and with it its object, as they stand there. nil when they are no
// event.
func contents(body []byte) *shop.Event {
	doc, err := jsontree.Parse(body)
	if err != nil {
		return nil
	}
	tree, _ := doc.Root.(*jsontree.Object)
	if tree == nil {
		return nil
	}
	if inner, _ := tree.Lookup("data"); member(tree, "id") == "" {
		if tree, _ = inner.(*jsontree.Object); tree == nil { // in an envelope
			return nil
		}
	}
	e := &shop.Event{ID: member(tree, "id"), Kind: member(tree, "kind"), Tree: tree}
	if e.ID == "" {
		return nil
	}
	if v, _ := tree.Lookup("created_at"); v != nil {
		if n, ok := v.(json.Number); ok {
			seconds, _ := n.Int64()
			e.At = time.Unix(seconds, 0).UTC()
		}
	}
	if v, err := jsontree.Get(tree, "data.object"); err == nil {
		if object, ok := v.(*jsontree.Object); ok {
			e.ObjectID, e.ObjectType = member(object, "id"), member(object, "object")
		}
	}
	return e
}

// member is a member that is a text; "" when it is none.
func member(o *jsontree.Object, name string) string {
	v, _ := o.Lookup(name)
	s, _ := v.(string)
	return s
}
