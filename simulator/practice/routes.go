package practice

// The routes of the practice receiver, as an observer and hooks name them.
const (
	WebhookRoute = webhookPath
	// EventRoute and ObjectRoute ask what one event, or all events of one object,
	// led to.
	EventRoute  = "/effects/{event.id}"
	ObjectRoute = "/effects/{object.id}"
	DrainRoute  = "/drain"
	DownRoute   = "/store/down"
	UpRoute     = "/store/up"
	HealthRoute = "/health"
	// CatchUpRoute has one that reads the API look there for what it missed.
	CatchUpRoute = "/catch-up"
)

// StateMap is where the fields of what the practice receiver keeps of an object
// come from: it keeps the object as the event has it.
func StateMap() map[string]string {
	paths := map[string]string{}
	for _, field := range []string{
		"name", "title", "description", "excerpt", "price", "compared_price", "is_active", "status", "financial_status",
		"fulfillment_status", "total_price", "customer_note", "first_name", "last_name", "tracking_code", "carrier",
	} {
		paths[field] = "data.object." + field
	}
	return paths
}
