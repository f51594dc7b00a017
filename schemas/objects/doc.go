// Package objects holds the Go types of what Kometia puts on the wire: the
// event and the objects that it carries.
//
// The fields of a struct stand in the order in which Kometia's samples write
// their keys, because jsontree.Of keeps that order and so do the bytes that are
// sent. A field that a sample shows as null is a pointer: nil is null. A field
// whose shape no sample shows (it was only ever seen as null) is any and stays
// nil.
//
// Money is in cents, weights are in grams, times are Unix seconds.
package objects

// Type tags: what an object's "object" member holds.
const (
	TypeEvent           = "event"
	TypeOrder           = "order"
	TypeOrderItem       = "order_item"
	TypeTransaction     = "transaction"
	TypeFulfillment     = "fulfillment"
	TypeProduct         = "product"
	TypeSku             = "sku"
	TypeTag             = "tag"
	TypeVendor          = "vendor"
	TypeFile            = "file"
	TypeCustomer        = "customer"
	TypeCustomerAddress = "customer_address"
	TypeCollection      = "collection"
	TypeCollectionRule  = "collection_rule"
	TypeCategory        = "category"
	TypeGateway         = "gateway"
	TypeBlog            = "blog"
	TypePost            = "post"
	TypePage            = "page"
)

// Event is the body of a webhook: what happened (Kind) to which object (Data).
type Event struct {
	ID              string    `json:"id"`
	Object          string    `json:"object"`
	Kind            string    `json:"kind"`
	Data            EventData `json:"data"`
	PendingWebhooks int       `json:"pending_webhooks"`
	CreatedAt       int64     `json:"created_at"`
	UpdatedAt       int64     `json:"updated_at"`
}

// EventData holds the affected object as it was at the time of the event.
type EventData struct {
	Object any `json:"object"`
}
