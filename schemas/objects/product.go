package objects

// Product is a product with its skus. A product without variants has one sku
// whose permalink is "default".
type Product struct {
	ID              string   `json:"id"`
	Object          string   `json:"object"`
	Permalink       string   `json:"permalink"`
	Name            string   `json:"name"`
	Excerpt         *string  `json:"excerpt"`
	Description     string   `json:"description"`
	Price           int64    `json:"price"`
	ComparedPrice   int64    `json:"compared_price"`
	Modifiers       []string `json:"modifiers"`
	ImageURL        *string  `json:"image_url"`
	MetaTitle       string   `json:"meta_title"`
	MetaDescription *string  `json:"meta_description"`
	Tags            []Tag    `json:"tags"`
	Vendor          Vendor   `json:"vendor"`
	Skus            []Sku    `json:"skus"`
	Images          []File   `json:"images"`
	IsActive        bool     `json:"is_active"`
	AvailableAt     int64    `json:"available_at"`
	CreatedAt       int64    `json:"created_at"`
	UpdatedAt       int64    `json:"updated_at"`
}

// Sku is one thing that can be put into a cart. InStock is nil when the stock
// is not counted (StockPolicy "none").
type Sku struct {
	ID                 string   `json:"id"`
	Object             string   `json:"object"`
	Permalink          string   `json:"permalink"`
	Name               string   `json:"name"`
	Code               *string  `json:"code"`
	Price              int64    `json:"price"`
	ComparedPrice      int64    `json:"compared_price"`
	Modifiers          []string `json:"modifiers"`
	IsListable         bool     `json:"is_listable"`
	IsTaxable          bool     `json:"is_taxable"`
	IsShippingRequired bool     `json:"is_shipping_required"`
	StockPolicy        string   `json:"stock_policy"`
	IsBackorderable    bool     `json:"is_backorderable"`
	InStock            *int64   `json:"in_stock"`
	LowThreshold       *int64   `json:"low_threshold"`
	WeightUnit         string   `json:"weight_unit"`
	WeightSource       *int64   `json:"weight_source"`
	Weight             *int64   `json:"weight"`
	Position           int64    `json:"position"`
	ProductID          string   `json:"product_id"`
	CreatedAt          int64    `json:"created_at"`
	UpdatedAt          int64    `json:"updated_at"`
	ImageURL           *string  `json:"image_url"`
	IsNotify           *bool    `json:"is_notify"`
	Barcode            string   `json:"barcode"`
}

// Tag is a product's tag.
type Tag struct {
	ID        string `json:"id"`
	Object    string `json:"object"`
	Permalink string `json:"permalink"`
	Title     string `json:"title"`
	CreatedAt *int64 `json:"created_at"`
	UpdatedAt *int64 `json:"updated_at"`
}

// Vendor is who makes a product.
type Vendor struct {
	ID          string  `json:"id"`
	Object      string  `json:"object"`
	Permalink   string  `json:"permalink"`
	Name        string  `json:"name"`
	Description *string `json:"description"`
	CreatedAt   int64   `json:"created_at"`
	UpdatedAt   int64   `json:"updated_at"`
}

// File is an image of a product. Src is its address, URL the same with a
// version mark.
type File struct {
	ID               string `json:"id"`
	Object           string `json:"object"`
	Filename         string `json:"filename"`
	OriginalFilename string `json:"original_filename"`
	Src              string `json:"src"`
	URL              string `json:"url"`
	MimeType         string `json:"mime_type"`
	Size             int64  `json:"size"`
	CreatedAt        int64  `json:"created_at"`
	UpdatedAt        int64  `json:"updated_at"`
}

// Collection is a group of products, chosen by hand (Kind "products") or by
// rules (Kind "smart"). Rules are there in events only.
type Collection struct {
	ID              string           `json:"id"`
	Object          string           `json:"object"`
	Permalink       string           `json:"permalink"`
	Title           string           `json:"title"`
	Description     string           `json:"description"`
	MetaTitle       string           `json:"meta_title"`
	MetaDescription string           `json:"meta_description"`
	Kind            string           `json:"kind"`
	SortingRule     string           `json:"sorting_rule"`
	ImageURL        string           `json:"image_url"`
	IsVisible       bool             `json:"is_visible"`
	VisibleAt       int64            `json:"visible_at"`
	CreatedAt       int64            `json:"created_at"`
	UpdatedAt       int64            `json:"updated_at"`
	Rules           []CollectionRule `json:"rules"`
}

// CollectionRule says which products belong to a smart collection.
type CollectionRule struct {
	ID        string `json:"id"`
	Object    string `json:"object"`
	Field     string `json:"field"`
	Condition string `json:"condition"`
	Value     string `json:"value"`
}
