// Package api is the part of Kometia's API that a receiver needs in order to
// verify what it was sent: the event by its id (guide, "Verificando eventos")
// and the object that the event is about.
//
//	store := api.NewStore(api.StoreConfig{})
//	store.Add(event, world.Objects(event)...)
//	server, err := api.Serve(ctx, "", api.New(api.Options{Keys: api.Fixed(api.Key{Value: key, Store: store})}))
//	// server.URL + "/api/v1/events/evn_..." now answers it
//
// [Simulated] is that API for a run: it has another account beside the receiver's,
// fails on purpose, event by event, and counts what it was asked.
//
// # Routes
//
// All under /api/v1, for GET and HEAD:
//
//	events                        newest first       events/{id}
//	orders                        newest first       orders/{id}
//	orders/{id}/fulfillments      newest first       orders/{id}/fulfillments/{id}
//	products, skus, collections   newest first       products/{id} ...
//	customers                     newest first       customers/{id}
//	customers/{id}/addresses      as the customer has them, and addresses/{id}
//
// An object of a type that only a user's schema file knows is found at the
// plural of its type: carts/{id}. Lists take page and per_page, those of products
// and skus also id and permalink. Every other filter that Kometia documents is
// refused with 422 rather than ignored, since an answer that ignored it would be
// a wrong one. Writing is not simulated.
//
// A key is given as Kometia has it: HTTP Basic with the key as user name and no
// password, or "Authorization: Bearer KEY".
//
// What the documents leave open is decided as follows: the shape of errors, the
// order of lists, that per_page ends at 250, that "from" and "to" are null on an
// empty page, and that a deleted object is not found.
package api
