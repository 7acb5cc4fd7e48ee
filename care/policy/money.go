package policy

import (
	"kapflow/care/money"
	"kapflow/care/visit"
)

// PricesOn gives the prices in effect on a day (2027-01-31).
func (m Money) PricesOn(day string) money.PriceList {
	prices := money.DefaultPrices()
	for _, l := range m.Prices {
		if l.From <= day {
			prices = l
		}
	}
	return prices
}

// SessionPriceOf gives the practice's price of a psychotherapy session of a kind (R32).
func (m Money) SessionPriceOf(kind visit.Kind) money.Cents {
	if kind == visit.Evaluation {
		return m.EvaluationPrice
	}
	return m.SessionPrice
}
