package objects

// Customer is a customer with the addresses that they keep. The elements of
// Tags were never seen, so it stays empty.
type Customer struct {
	ID               string            `json:"id"`
	Object           string            `json:"object"`
	Name             string            `json:"name"`
	FirstName        string            `json:"first_name"`
	LastName         string            `json:"last_name"`
	Email            string            `json:"email"`
	IsNewsletterable bool              `json:"is_newsletterable"`
	IsActive         bool              `json:"is_active"`
	Notes            string            `json:"notes"`
	Tags             []any             `json:"tags"`
	DefaultAddress   *CustomerAddress  `json:"default_address"`
	Addresses        []CustomerAddress `json:"addresses"`
	CreatedAt        int64             `json:"created_at"`
	UpdatedAt        int64             `json:"updated_at"`
}

// CustomerAddress is an address that a customer keeps.
type CustomerAddress struct {
	ID          string  `json:"id"`
	Object      string  `json:"object"`
	FirstName   string  `json:"first_name"`
	LastName    string  `json:"last_name"`
	Address1    string  `json:"address1"`
	Address2    string  `json:"address2"`
	Country     string  `json:"country"`
	CountryCode string  `json:"country_code"`
	State       string  `json:"state"`
	StateCode   string  `json:"state_code"`
	City        string  `json:"city"`
	Postcode    string  `json:"postcode"`
	Phone       string  `json:"phone"`
	Company     *string `json:"company"`
	References  string  `json:"references"`
	IsPrimary   bool    `json:"is_primary"`
	CreatedAt   int64   `json:"created_at"`
	UpdatedAt   int64   `json:"updated_at"`
}
