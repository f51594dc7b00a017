// Package platform is a Kometia on one's own machine, as "kometia-sim serve" runs
// it: subscriptions, events, their deliveries with every attempt, a clock that
// its user moves, and the state of the shop behind the API. What it is told is on
// the disk before it says so, and it may be killed at any moment: started again,
// it has lost nothing, invented nothing, and delivers what was due (at least
// once).
//
//	p, err := platform.Open(ctx, platform.Config{Path: "serve.db", Receivers: ways, Random: rand.Reader, ...})
//	go p.Run(ctx)                                        // delivers
//	sub, err := p.Subscribe(ctx, platform.Webhook{URL: "http://localhost:8000/kometia/webhook", Kinds: []string{"order.placed"}})
//	events, err := p.Emit(ctx, platform.Emission{Kinds: []string{"order.placed", "order.paid"}})
//	err = p.Advance(ctx, 48*time.Hour)                   // every retry of two days, in order
//	d, err := p.Delivery(ctx, id)                        // its attempts, responses, diagnosis
//	api.New(p.API())                                     // the API of this shop
//
// # What a page uses
//
// Everything that a page shows or does is a method of Platform; it keeps no state
// of its own:
//
//	Subscriptions, Subscribe, Change, Unsubscribe, Break   who is told of what, faults by click
//	Kinds, Draft, Emit                                     an event or a story, with its payload edited
//	Deliveries, Delivery, Redeliver                        live list with filters and pages, one with all attempts
//	Clock, Advance, Finish, Play                           the time
//	Events, Expiring                                       what happened, what expires when
//	Keys, Calls                                            API keys, and who verified what
//	Watch                                                  tells that something changed, for server-sent events
//	Reset
//
// Lists are newest first and paged by id: Filter.Before is the last id of the
// page before. Errors that the caller can mend are *Invalid (400 or 422), *Missing
// (404) or *Conflict (409), all bilingual.
//
// # What is kept
//
// Of every delivery: when it was made, its state, and all its attempts. Attempts
// in a row that are equal (same verdict, status, error and fault, one interval
// apart) are kept as one run with how many there were, the first and the last
// instant, and the fastest and the slowest: nothing about when which attempt was
// made is lost. Of a run the first and the last response are kept, 16 KiB of
// their bodies, as long as all responses together are below 64 MiB; the oldest go
// first. Events and deliveries that have ended are forgotten 30 days (of the
// shop's time) later, as Kometia's API does. The newest 10,000 calls of the API
// are kept.
//
// # When it is killed
//
// Which attempts begin is written down, in the same transaction as those that
// ended, before their first byte goes out. So after a kill it is known which
// attempts may have reached a receiver without anyone having heard its response:
// each is kept as interrupted, and made again. An interrupted attempt uses up
// none of the 49.
package platform
