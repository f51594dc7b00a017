// Package api is Kometia's API, for what was sent and for the shop that it came
// from: the event by its id (guide, "Verificando eventos"), the objects as they
// stand, and the writes that make something happen.
//
//	store := api.NewStore(api.StoreConfig{})
//	store.Add(event, world.Objects(event)...)
//	server, err := api.Serve(ctx, "", api.New(api.Options{Keys: api.Fixed(api.Key{Value: key, Store: store})}))
//	// server.URL + "/api/v1/events/evn_..." now answers it
//
// New makes the one handler. What it reads is a [Store], what it writes goes to a
// [Writer]: [Memory] is a Store for a run, which only reads; simulator/platform
// has both, on disk. [Simulated] is that API for a run: it has another account
// beside the receiver's, fails on purpose, event by event, and counts what it was
// asked.
//
// # Routes
//
// The table of routes is in routes and writes; [Document] describes it in OpenAPI
// 3.1, and /api/v1/openapi.json serves that. All under /api/v1:
//
//	events, orders, customers, gateways, skus           lists, and {id}     secret key
//	products, collections, categories                   lists, and {id}     any key
//	blogs, posts, pages                                 lists, and {id}     any key
//	orders/{id}/fulfillments, customers/{id}/addresses  lists, and {id}     secret key
//	collections/{id}/products, products/{id}/categories, categories/tree    any key
//	POST    products, skus, collections, customers, orders/{id}/fulfillments   create
//	POST    the same with an id                                                change
//	POST    orders/{id}/fulfillments/{id}/cancel
//	DELETE  products/{id}, collections/{id}
//
// An object of a type that only a user's schema file knows is found at the
// plural of its type: carts/{id}. Lists take page and per_page, those of products
// and skus the documented filters.
//
// A key is given as Kometia has it: HTTP Basic with the key as user name and no
// password, or "Authorization: Bearer KEY".
//
// # Writes
//
// What is written becomes an object of the shop (simulator/shop), is held against
// its schema and told as an event, in one step with the change. A write that
// answers an event (see [Causes]) belongs to its chain; a chain of
// Options.MaxDepth events is not made longer.
//
// What the documents leave open stands in schemas/data/assumptions.json: api-*.
package api
