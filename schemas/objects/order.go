package objects

// Order is an order. Its number is a decimal string. It embeds no customer:
// CustomerID, Email and the two address blocks say who bought.
type Order struct {
	ID                 string        `json:"id"`
	Object             string        `json:"object"`
	Number             string        `json:"number"`
	Status             string        `json:"status"`
	FinancialStatus    string        `json:"financial_status"`
	FulfillmentStatus  string        `json:"fulfillment_status"`
	Email              string        `json:"email"`
	Items              []OrderItem   `json:"items"`
	IsShippingRequired bool          `json:"is_shipping_required"`
	ShippingLines      ShippingLine  `json:"shipping_lines"`
	ShippingRate       int64         `json:"shipping_rate"`
	Shipping           Contact       `json:"shipping"`
	Billing            Contact       `json:"billing"`
	DiscountCodes      any           `json:"discount_codes"`
	IsGift             bool          `json:"is_gift"`
	GiftMessage        *string       `json:"gift_message"`
	SourceName         string        `json:"source_name"`
	CustomerNote       *string       `json:"customer_note"`
	OrderNote          *string       `json:"order_note"`
	CancelReason       *string       `json:"cancel_reason"`
	BrowserIP          string        `json:"browser_ip"`
	UserAgent          string        `json:"user_agent"`
	LandingSite        string        `json:"landing_site"`
	ReferringSite      string        `json:"referring_site"`
	Gateway            string        `json:"gateway"`
	TotalProducts      int64         `json:"total_products"`
	TotalDiscount      int64         `json:"total_discount"`
	TotalItems         int64         `json:"total_items"`
	TotalItemsPrice    int64         `json:"total_items_price"`
	SubtotalPrice      int64         `json:"subtotal_price"`
	TotalTaxes         int64         `json:"total_taxes"`
	TotalPrice         int64         `json:"total_price"`
	Currency           string        `json:"currency"`
	TotalWeight        int64         `json:"total_weight"`
	Transactions       []Transaction `json:"transactions"`
	IsTest             bool          `json:"is_test"`
	CustomerID         string        `json:"customer_id"`
	ChannelID          string        `json:"channel_id"`
	CartID             string        `json:"cart_id"`
	CancelerID         *string       `json:"canceler_id"`
	PlacedAt           int64         `json:"placed_at"`
	ArchivedAt         *int64        `json:"archived_at"`
	CanceledAt         *int64        `json:"canceled_at"`
	CreatedAt          int64         `json:"created_at"`
	UpdatedAt          int64         `json:"updated_at"`
}

// OrderItem is one line of an order. Fulfilled is the quantity already shipped.
type OrderItem struct {
	ID                 string  `json:"id"`
	Object             string  `json:"object"`
	Permalink          string  `json:"permalink"`
	Name               string  `json:"name"`
	ProductName        string  `json:"product_name"`
	SkuName            string  `json:"sku_name"`
	Vendor             *string `json:"vendor"`
	Code               string  `json:"code"`
	Image              *string `json:"image"`
	Price              int64   `json:"price"`
	ComparedPrice      int64   `json:"compared_price"`
	Quantity           int64   `json:"quantity"`
	Discount           *int64  `json:"discount"`
	IsTaxable          bool    `json:"is_taxable"`
	TaxRate            int64   `json:"tax_rate"`
	Total              int64   `json:"total"`
	Fulfilled          int64   `json:"fulfilled"`
	IsShippingRequired bool    `json:"is_shipping_required"`
	Weight             int64   `json:"weight"`
	StockID            *string `json:"stock_id"`
	OrderID            string  `json:"order_id"`
	ProductID          string  `json:"product_id"`
	SkuID              string  `json:"sku_id"`
	CreatedAt          int64   `json:"created_at"`
	UpdatedAt          int64   `json:"updated_at"`
}

// ShippingLine is the shipping method chosen at checkout. The platform sends
// one object under a plural name.
type ShippingLine struct {
	ID        string `json:"id"`
	Kind      string `json:"kind"`
	Price     int64  `json:"price"`
	Source    string `json:"source"`
	Title     string `json:"title"`
	Reference string `json:"reference"`
}

// Contact is the shipping or billing block of an order.
type Contact struct {
	Address Address `json:"address"`
	Name    string  `json:"name"`
	Phone   string  `json:"phone"`
}

// Address is the address inside a Contact.
type Address struct {
	City        string `json:"city"`
	Country     string `json:"country"`
	CountryCode string `json:"country_code"`
	Address1    string `json:"address1"`
	Address2    string `json:"address2"`
	Postcode    string `json:"postcode"`
	State       string `json:"state"`
	StateCode   string `json:"state_code"`
}

// Transaction is one movement of money. A payment outside a card processor is
// two of them: first a pending one, later a succeeded one whose ParentID names
// the first.
type Transaction struct {
	ID               string  `json:"id"`
	Object           string  `json:"object"`
	Amount           int64   `json:"amount"`
	Currency         string  `json:"currency"`
	Authorization    *string `json:"authorization"`
	Code             *string `json:"code"`
	Reference        *string `json:"reference"`
	Gateway          string  `json:"gateway"`
	SourceName       string  `json:"source_name"`
	Kind             string  `json:"kind"`
	Status           string  `json:"status"`
	CreditCardNumber *string `json:"credit_card_number"`
	CreditCardBrand  *string `json:"credit_card_brand"`
	Message          *string `json:"message"`
	IsTest           bool    `json:"is_test"`
	OrderID          string  `json:"order_id"`
	ParentID         *string `json:"parent_id"`
	CreatedAt        int64   `json:"created_at"`
	UpdatedAt        int64   `json:"updated_at"`
}

// Fulfillment is a shipment of an order's items. Its Kind is "full" or
// "parcial", spelled so.
type Fulfillment struct {
	ID                 string            `json:"id"`
	Object             string            `json:"object"`
	Kind               string            `json:"kind"`
	Status             string            `json:"status"`
	Items              []FulfillmentItem `json:"items"`
	ItemsCount         int64             `json:"items_count"`
	TrackingCode       string            `json:"tracking_code"`
	Carrier            string            `json:"carrier"`
	IsCustomerNotified bool              `json:"is_customer_notified"`
	OrderID            string            `json:"order_id"`
	CreatedAt          int64             `json:"created_at"`
	UpdatedAt          int64             `json:"updated_at"`
}

// FulfillmentItem is an order's line behind the quantity and the weight of it
// that this shipment carries.
type FulfillmentItem struct {
	FulfilledQuantity int64 `json:"fulfilled_quantity"`
	FulfilledWeight   int64 `json:"fulfilled_weight"`
	OrderItem
}
