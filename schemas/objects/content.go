package objects

// Category is a branch of the store's catalogue. In a tree its children come
// behind these fields, under "children".
type Category struct {
	ID        string  `json:"id"`
	Object    string  `json:"object"`
	Permalink string  `json:"permalink"`
	Title     string  `json:"title"`
	Order     int64   `json:"order"`
	ParentID  *string `json:"parent_id"`
	UpdatedAt int64   `json:"updated_at"`
	CreatedAt int64   `json:"created_at"`
}

// Gateway is a way to pay that the store offers. Settings holds one text:
// instructions of one that is paid outside, else a public_key.
type Gateway struct {
	ID          string            `json:"id"`
	Object      string            `json:"object"`
	Name        string            `json:"name"`
	DisplayName *string           `json:"display_name"`
	Source      string            `json:"source"`
	Driver      string            `json:"driver"`
	IsEnabled   bool              `json:"is_enabled"`
	Settings    map[string]string `json:"settings"`
	CreatedAt   int64             `json:"created_at"`
	UpdatedAt   int64             `json:"updated_at"`
}

// Blog is a blog of the store.
type Blog struct {
	ID              string  `json:"id"`
	Object          string  `json:"object"`
	Permalink       string  `json:"permalink"`
	Title           string  `json:"title"`
	MetaTitle       string  `json:"meta_title"`
	MetaDescription *string `json:"meta_description"`
	IsCommentable   bool    `json:"is_commentable"`
	CreatedAt       int64   `json:"created_at"`
	UpdatedAt       int64   `json:"updated_at"`
}

// Post is an article of a blog.
type Post struct {
	ID              string  `json:"id"`
	Object          string  `json:"object"`
	Permalink       string  `json:"permalink"`
	Title           string  `json:"title"`
	Summary         string  `json:"summary"`
	Content         string  `json:"content"`
	MetaTitle       string  `json:"meta_title"`
	MetaDescription *string `json:"meta_description"`
	ImageURL        *string `json:"image_url"`
	BlogID          string  `json:"blog_id"`
	UserID          string  `json:"user_id"`
	IsPublished     bool    `json:"is_published"`
	PublishedAt     *int64  `json:"published_at"`
	CreatedAt       int64   `json:"created_at"`
	UpdatedAt       int64   `json:"updated_at"`
}

// Page is a page of the store that is no product and no article.
type Page struct {
	ID              string  `json:"id"`
	Object          string  `json:"object"`
	Permalink       string  `json:"permalink"`
	Title           string  `json:"title"`
	Content         string  `json:"content"`
	MetaTitle       string  `json:"meta_title"`
	MetaDescription *string `json:"meta_description"`
	IsPublished     bool    `json:"is_published"`
	PublishedAt     *int64  `json:"published_at"`
	CreatedAt       int64   `json:"created_at"`
	UpdatedAt       int64   `json:"updated_at"`
}
