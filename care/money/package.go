package money

import "time"

// PackageChoice is what the client agreed to pay by: a package, or single infusions (none).
type PackageChoice struct {
	Package    string    `json:"package"`
	RefundRule string    `json:"refund_rule"`
	At         time.Time `json:"at"`
	Deferred   Cents     `json:"deferred"`        // of the package's price, not yet earned
	Used       int       `json:"used"`            // infusions drawn from it
	Consult    bool      `json:"consult"`         // the consult was drawn from it
	Drawn      []string  `json:"drawn,omitempty"` // visits it paid for

	Prices     PriceList   `json:"prices,omitzero"`      // agreed on by choosing; none: the page's
	GivenBack  bool        `json:"given_back,omitempty"` // its unused part was refunded while the course goes on
	Settled    *Settlement `json:"settled,omitempty"`
	SwitchedAt time.Time   `json:"switched_at,omitzero"`

	Bought string `json:"bought,omitempty"` // key of the charge of its price; empty in records of earlier builds, which had one package
}

func (p *PackageChoice) PriceList() PriceList {
	if p.Prices == (PriceList{}) {
		return DefaultPrices()
	}
	return p.Prices
}

// Unused gives the part of the price that no service has earned, settled or not.
func (p *PackageChoice) Unused() Cents {
	if p.Settled != nil {
		return p.Deferred + p.Settled.Deferred
	}
	return p.Deferred
}

// Settlement ends a package: what was still deferred goes back to the client's account, and the rest is earned.
type Settlement struct {
	Rule     string    `json:"rule"`
	Deferred Cents     `json:"deferred"`      // what was unearned
	Back     Cents     `json:"back"`          // of it, to the client's account
	Fee      Cents     `json:"fee,omitempty"` // of it, the administrative fee
	At       time.Time `json:"at"`
	Key      string    `json:"key,omitempty"` // of the charge that settled it; empty in records of earlier builds
}
