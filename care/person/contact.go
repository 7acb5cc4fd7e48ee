package person

// Contact is how a client is reached. It lives in Postgres only, each field encrypted.
type Contact struct {
	PreferredName string `json:"preferred_name"`
	Pronouns      string `json:"pronouns,omitempty"` // in the client's own words
	Phone         string `json:"phone"`              // E.164
	Email         string `json:"email"`
	PIN           string `json:"-"`                    // digits agreed in person; optional: the second factor of links; in no export
	BirthDate     string `json:"birth_date,omitempty"` // 2006-01-02; optional: the second factor of links
}
