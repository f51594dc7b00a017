package objects

import (
	"encoding/json"
	"strconv"

	"github.com/kometia-sim/kometia-sim/schemas/jsontree"
)

// The trees of the objects: what jsontree.Of makes of them (a test holds the two
// together), four times as fast, for orders are made by the million.

type object = jsontree.Object

// integer makes a number. The two that most fields hold cost no allocation.
func integer(v int64) any {
	switch v {
	case 0:
		return json.Number("0")
	case 1:
		return json.Number("1")
	default:
		return json.Number(strconv.FormatInt(v, 10))
	}
}

func nullable[T any](v *T, value func(T) any) any {
	if v == nil {
		return nil
	}
	return value(*v)
}

func text(v string) any { return v }
func truth(v bool) any  { return v }

func texts(v []string) any {
	if v == nil {
		return nil
	}
	out := make([]any, len(v))
	for i := range v {
		out[i] = v[i]
	}
	return out
}

func trees[T any](v []T, tree func(*T) *object) any {
	if v == nil {
		return nil
	}
	out := make([]any, len(v))
	for i := range v {
		out[i] = tree(&v[i])
	}
	return out
}

func array(v []any) any {
	if v == nil {
		return nil
	}
	return v
}

// Tree is the Event as JSON.
func (e *Event) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: e.ID},
		{Name: "object", Value: e.Object},
		{Name: "kind", Value: e.Kind},
		{Name: "data", Value: e.Data.Tree()},
		{Name: "pending_webhooks", Value: integer(int64(e.PendingWebhooks))},
		{Name: "created_at", Value: integer(e.CreatedAt)},
		{Name: "updated_at", Value: integer(e.UpdatedAt)},
	}}
}

// Tree is the EventData as JSON.
func (e *EventData) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "object", Value: jsontree.Of(e.Object)},
	}}
}

// Tree is the Order as JSON.
func (o *Order) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: o.ID},
		{Name: "object", Value: o.Object},
		{Name: "number", Value: o.Number},
		{Name: "status", Value: o.Status},
		{Name: "financial_status", Value: o.FinancialStatus},
		{Name: "fulfillment_status", Value: o.FulfillmentStatus},
		{Name: "email", Value: o.Email},
		{Name: "items", Value: trees(o.Items, (*OrderItem).Tree)},
		{Name: "is_shipping_required", Value: o.IsShippingRequired},
		{Name: "shipping_lines", Value: o.ShippingLines.Tree()},
		{Name: "shipping_rate", Value: integer(o.ShippingRate)},
		{Name: "shipping", Value: o.Shipping.Tree()},
		{Name: "billing", Value: o.Billing.Tree()},
		{Name: "discount_codes", Value: o.DiscountCodes},
		{Name: "is_gift", Value: o.IsGift},
		{Name: "gift_message", Value: nullable(o.GiftMessage, text)},
		{Name: "source_name", Value: o.SourceName},
		{Name: "customer_note", Value: nullable(o.CustomerNote, text)},
		{Name: "order_note", Value: nullable(o.OrderNote, text)},
		{Name: "cancel_reason", Value: nullable(o.CancelReason, text)},
		{Name: "browser_ip", Value: o.BrowserIP},
		{Name: "user_agent", Value: o.UserAgent},
		{Name: "landing_site", Value: o.LandingSite},
		{Name: "referring_site", Value: o.ReferringSite},
		{Name: "gateway", Value: o.Gateway},
		{Name: "total_products", Value: integer(o.TotalProducts)},
		{Name: "total_discount", Value: integer(o.TotalDiscount)},
		{Name: "total_items", Value: integer(o.TotalItems)},
		{Name: "total_items_price", Value: integer(o.TotalItemsPrice)},
		{Name: "subtotal_price", Value: integer(o.SubtotalPrice)},
		{Name: "total_taxes", Value: integer(o.TotalTaxes)},
		{Name: "total_price", Value: integer(o.TotalPrice)},
		{Name: "currency", Value: o.Currency},
		{Name: "total_weight", Value: integer(o.TotalWeight)},
		{Name: "transactions", Value: trees(o.Transactions, (*Transaction).Tree)},
		{Name: "is_test", Value: o.IsTest},
		{Name: "customer_id", Value: o.CustomerID},
		{Name: "channel_id", Value: o.ChannelID},
		{Name: "cart_id", Value: o.CartID},
		{Name: "canceler_id", Value: nullable(o.CancelerID, text)},
		{Name: "placed_at", Value: integer(o.PlacedAt)},
		{Name: "archived_at", Value: nullable(o.ArchivedAt, integer)},
		{Name: "canceled_at", Value: nullable(o.CanceledAt, integer)},
		{Name: "created_at", Value: integer(o.CreatedAt)},
		{Name: "updated_at", Value: integer(o.UpdatedAt)},
	}}
}

// Tree is the OrderItem as JSON.
func (o *OrderItem) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: o.ID},
		{Name: "object", Value: o.Object},
		{Name: "permalink", Value: o.Permalink},
		{Name: "name", Value: o.Name},
		{Name: "product_name", Value: o.ProductName},
		{Name: "sku_name", Value: o.SkuName},
		{Name: "vendor", Value: nullable(o.Vendor, text)},
		{Name: "code", Value: o.Code},
		{Name: "image", Value: nullable(o.Image, text)},
		{Name: "price", Value: integer(o.Price)},
		{Name: "compared_price", Value: integer(o.ComparedPrice)},
		{Name: "quantity", Value: integer(o.Quantity)},
		{Name: "discount", Value: nullable(o.Discount, integer)},
		{Name: "is_taxable", Value: o.IsTaxable},
		{Name: "tax_rate", Value: integer(o.TaxRate)},
		{Name: "total", Value: integer(o.Total)},
		{Name: "fulfilled", Value: integer(o.Fulfilled)},
		{Name: "is_shipping_required", Value: o.IsShippingRequired},
		{Name: "weight", Value: integer(o.Weight)},
		{Name: "stock_id", Value: nullable(o.StockID, text)},
		{Name: "order_id", Value: o.OrderID},
		{Name: "product_id", Value: o.ProductID},
		{Name: "sku_id", Value: o.SkuID},
		{Name: "created_at", Value: integer(o.CreatedAt)},
		{Name: "updated_at", Value: integer(o.UpdatedAt)},
	}}
}

// Tree is the ShippingLine as JSON.
func (s *ShippingLine) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: s.ID},
		{Name: "kind", Value: s.Kind},
		{Name: "price", Value: integer(s.Price)},
		{Name: "source", Value: s.Source},
		{Name: "title", Value: s.Title},
		{Name: "reference", Value: s.Reference},
	}}
}

// Tree is the Contact as JSON.
func (c *Contact) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "address", Value: c.Address.Tree()},
		{Name: "name", Value: c.Name},
		{Name: "phone", Value: c.Phone},
	}}
}

// Tree is the Address as JSON.
func (a *Address) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "city", Value: a.City},
		{Name: "country", Value: a.Country},
		{Name: "country_code", Value: a.CountryCode},
		{Name: "address1", Value: a.Address1},
		{Name: "address2", Value: a.Address2},
		{Name: "postcode", Value: a.Postcode},
		{Name: "state", Value: a.State},
		{Name: "state_code", Value: a.StateCode},
	}}
}

// Tree is the Transaction as JSON.
func (t *Transaction) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: t.ID},
		{Name: "object", Value: t.Object},
		{Name: "amount", Value: integer(t.Amount)},
		{Name: "currency", Value: t.Currency},
		{Name: "authorization", Value: nullable(t.Authorization, text)},
		{Name: "code", Value: nullable(t.Code, text)},
		{Name: "reference", Value: nullable(t.Reference, text)},
		{Name: "gateway", Value: t.Gateway},
		{Name: "source_name", Value: t.SourceName},
		{Name: "kind", Value: t.Kind},
		{Name: "status", Value: t.Status},
		{Name: "credit_card_number", Value: nullable(t.CreditCardNumber, text)},
		{Name: "credit_card_brand", Value: nullable(t.CreditCardBrand, text)},
		{Name: "message", Value: nullable(t.Message, text)},
		{Name: "is_test", Value: t.IsTest},
		{Name: "order_id", Value: t.OrderID},
		{Name: "parent_id", Value: nullable(t.ParentID, text)},
		{Name: "created_at", Value: integer(t.CreatedAt)},
		{Name: "updated_at", Value: integer(t.UpdatedAt)},
	}}
}

// Tree is the Fulfillment as JSON.
func (f *Fulfillment) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: f.ID},
		{Name: "object", Value: f.Object},
		{Name: "kind", Value: f.Kind},
		{Name: "status", Value: f.Status},
		{Name: "items", Value: trees(f.Items, (*FulfillmentItem).Tree)},
		{Name: "items_count", Value: integer(f.ItemsCount)},
		{Name: "tracking_code", Value: f.TrackingCode},
		{Name: "carrier", Value: f.Carrier},
		{Name: "is_customer_notified", Value: f.IsCustomerNotified},
		{Name: "order_id", Value: f.OrderID},
		{Name: "created_at", Value: integer(f.CreatedAt)},
		{Name: "updated_at", Value: integer(f.UpdatedAt)},
	}}
}

// Tree is the FulfillmentItem as JSON.
func (f *FulfillmentItem) Tree() *jsontree.Object {
	item := f.OrderItem.Tree()
	return &object{Members: append([]jsontree.Member{
		{Name: "fulfilled_quantity", Value: integer(f.FulfilledQuantity)},
		{Name: "fulfilled_weight", Value: integer(f.FulfilledWeight)},
	}, item.Members...)}
}

// Tree is the Product as JSON.
func (p *Product) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: p.ID},
		{Name: "object", Value: p.Object},
		{Name: "permalink", Value: p.Permalink},
		{Name: "name", Value: p.Name},
		{Name: "excerpt", Value: nullable(p.Excerpt, text)},
		{Name: "description", Value: p.Description},
		{Name: "price", Value: integer(p.Price)},
		{Name: "compared_price", Value: integer(p.ComparedPrice)},
		{Name: "modifiers", Value: texts(p.Modifiers)},
		{Name: "image_url", Value: nullable(p.ImageURL, text)},
		{Name: "meta_title", Value: p.MetaTitle},
		{Name: "meta_description", Value: nullable(p.MetaDescription, text)},
		{Name: "tags", Value: trees(p.Tags, (*Tag).Tree)},
		{Name: "vendor", Value: p.Vendor.Tree()},
		{Name: "skus", Value: trees(p.Skus, (*Sku).Tree)},
		{Name: "images", Value: trees(p.Images, (*File).Tree)},
		{Name: "is_active", Value: p.IsActive},
		{Name: "available_at", Value: integer(p.AvailableAt)},
		{Name: "created_at", Value: integer(p.CreatedAt)},
		{Name: "updated_at", Value: integer(p.UpdatedAt)},
	}}
}

// Tree is the Sku as JSON.
func (s *Sku) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: s.ID},
		{Name: "object", Value: s.Object},
		{Name: "permalink", Value: s.Permalink},
		{Name: "name", Value: s.Name},
		{Name: "code", Value: nullable(s.Code, text)},
		{Name: "price", Value: integer(s.Price)},
		{Name: "compared_price", Value: integer(s.ComparedPrice)},
		{Name: "modifiers", Value: texts(s.Modifiers)},
		{Name: "is_listable", Value: s.IsListable},
		{Name: "is_taxable", Value: s.IsTaxable},
		{Name: "is_shipping_required", Value: s.IsShippingRequired},
		{Name: "stock_policy", Value: s.StockPolicy},
		{Name: "is_backorderable", Value: s.IsBackorderable},
		{Name: "in_stock", Value: nullable(s.InStock, integer)},
		{Name: "low_threshold", Value: nullable(s.LowThreshold, integer)},
		{Name: "weight_unit", Value: s.WeightUnit},
		{Name: "weight_source", Value: nullable(s.WeightSource, integer)},
		{Name: "weight", Value: nullable(s.Weight, integer)},
		{Name: "position", Value: integer(s.Position)},
		{Name: "product_id", Value: s.ProductID},
		{Name: "created_at", Value: integer(s.CreatedAt)},
		{Name: "updated_at", Value: integer(s.UpdatedAt)},
		{Name: "image_url", Value: nullable(s.ImageURL, text)},
		{Name: "is_notify", Value: nullable(s.IsNotify, truth)},
		{Name: "barcode", Value: s.Barcode},
	}}
}

// Tree is the Tag as JSON.
func (t *Tag) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: t.ID},
		{Name: "object", Value: t.Object},
		{Name: "permalink", Value: t.Permalink},
		{Name: "title", Value: t.Title},
		{Name: "created_at", Value: nullable(t.CreatedAt, integer)},
		{Name: "updated_at", Value: nullable(t.UpdatedAt, integer)},
	}}
}

// Tree is the Vendor as JSON.
func (v *Vendor) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: v.ID},
		{Name: "object", Value: v.Object},
		{Name: "permalink", Value: v.Permalink},
		{Name: "name", Value: v.Name},
		{Name: "description", Value: nullable(v.Description, text)},
		{Name: "created_at", Value: integer(v.CreatedAt)},
		{Name: "updated_at", Value: integer(v.UpdatedAt)},
	}}
}

// Tree is the File as JSON.
func (f *File) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: f.ID},
		{Name: "object", Value: f.Object},
		{Name: "filename", Value: f.Filename},
		{Name: "original_filename", Value: f.OriginalFilename},
		{Name: "src", Value: f.Src},
		{Name: "url", Value: f.URL},
		{Name: "mime_type", Value: f.MimeType},
		{Name: "size", Value: integer(f.Size)},
		{Name: "created_at", Value: integer(f.CreatedAt)},
		{Name: "updated_at", Value: integer(f.UpdatedAt)},
	}}
}

// Tree is the Collection as JSON.
func (c *Collection) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: c.ID},
		{Name: "object", Value: c.Object},
		{Name: "permalink", Value: c.Permalink},
		{Name: "title", Value: c.Title},
		{Name: "description", Value: c.Description},
		{Name: "meta_title", Value: c.MetaTitle},
		{Name: "meta_description", Value: c.MetaDescription},
		{Name: "kind", Value: c.Kind},
		{Name: "sorting_rule", Value: c.SortingRule},
		{Name: "image_url", Value: c.ImageURL},
		{Name: "is_visible", Value: c.IsVisible},
		{Name: "visible_at", Value: integer(c.VisibleAt)},
		{Name: "created_at", Value: integer(c.CreatedAt)},
		{Name: "updated_at", Value: integer(c.UpdatedAt)},
		{Name: "rules", Value: trees(c.Rules, (*CollectionRule).Tree)},
	}}
}

// Tree is the CollectionRule as JSON.
func (c *CollectionRule) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: c.ID},
		{Name: "object", Value: c.Object},
		{Name: "field", Value: c.Field},
		{Name: "condition", Value: c.Condition},
		{Name: "value", Value: c.Value},
	}}
}

// Tree is the Customer as JSON.
func (c *Customer) Tree() *jsontree.Object {
	var address any
	if c.DefaultAddress != nil {
		address = c.DefaultAddress.Tree()
	}
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: c.ID},
		{Name: "object", Value: c.Object},
		{Name: "name", Value: c.Name},
		{Name: "first_name", Value: c.FirstName},
		{Name: "last_name", Value: c.LastName},
		{Name: "email", Value: c.Email},
		{Name: "is_newsletterable", Value: c.IsNewsletterable},
		{Name: "is_active", Value: c.IsActive},
		{Name: "notes", Value: c.Notes},
		{Name: "tags", Value: array(c.Tags)},
		{Name: "default_address", Value: address},
		{Name: "addresses", Value: trees(c.Addresses, (*CustomerAddress).Tree)},
		{Name: "created_at", Value: integer(c.CreatedAt)},
		{Name: "updated_at", Value: integer(c.UpdatedAt)},
	}}
}

// Tree is the CustomerAddress as JSON.
func (c *CustomerAddress) Tree() *jsontree.Object {
	return &object{Members: []jsontree.Member{
		{Name: "id", Value: c.ID},
		{Name: "object", Value: c.Object},
		{Name: "first_name", Value: c.FirstName},
		{Name: "last_name", Value: c.LastName},
		{Name: "address1", Value: c.Address1},
		{Name: "address2", Value: c.Address2},
		{Name: "country", Value: c.Country},
		{Name: "country_code", Value: c.CountryCode},
		{Name: "state", Value: c.State},
		{Name: "state_code", Value: c.StateCode},
		{Name: "city", Value: c.City},
		{Name: "postcode", Value: c.Postcode},
		{Name: "phone", Value: c.Phone},
		{Name: "company", Value: nullable(c.Company, text)},
		{Name: "references", Value: c.References},
		{Name: "is_primary", Value: c.IsPrimary},
		{Name: "created_at", Value: integer(c.CreatedAt)},
		{Name: "updated_at", Value: integer(c.UpdatedAt)},
	}}
}
