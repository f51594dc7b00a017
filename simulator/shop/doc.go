// Package shop is the virtual store: a seeded world that makes coherent events.
//
// For most purposes: make a World with New, ask it for stories with Tell, send
// each Event's Body.
//
//	world, err := shop.New(shop.Config{Seed: 7, IDs: "4k2p", Start: start})
//	events, err := world.Tell(shop.Story{
//		Key:   shop.Key{Name: "order.placed", Index: 3},
//		Kinds: []string{"order.placed", "order.paid", "fulfillment.created"},
//	})
//
// Seed, ids and start together fix every byte. The seed fixes the shape of the
// data (who buys what at which price), the ids all that is unique (object ids,
// order numbers, emails, permalinks, sku codes, phones), the start the time.
// A story is a function of these, its key, its time and its kinds: nothing
// depends on what was told before, so stories may be told in any order and by
// many goroutines.
//
// The shop itself (its products, vendors, tags, collections and shipping rates)
// is the same for all stories of a World: orders of different keys buy the same
// products. All that a story is about (its order, customer, shipment, and the
// product or collection that its kinds name) is the story's own.
//
// The data is harmless: emails at example.com, phones that cannot be dialled,
// test orders, addresses of documentation networks, "ksim" in every id.
package shop
