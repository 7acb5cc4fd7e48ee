// Package money holds amounts in US cents, the two fee sets, prices and packages, the lines of a posting, and the books that
// postings add up to. It knows no chart and no database.
package money

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"kapflow/care/values"
)

// Cents is an amount of US dollars in whole cents. There is one currency and no fraction of a cent.
type Cents int64

// String writes the amount as a person reads it: $3,500.00, or -$25.00.
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	dollars, digits := int64(c)/100, ""
	for dollars >= 1000 {
		digits = fmt.Sprintf(",%03d", dollars%1000) + digits
		dollars /= 1000
	}
	return fmt.Sprintf("%s$%d%s.%02d", sign, dollars, digits, int64(c)%100)
}

// UnmarshalJSON takes an amount as people write it, such as "$100.00", and a bare whole number of cents, which programs send.
func (c *Cents) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil // by encoding/json's convention it changes nothing
	}
	var text string
	if bytes.HasPrefix(b, []byte(`"`)) && json.Unmarshal(b, &text) == nil {
		cents, err := values.Cents(text)
		*c = Cents(cents)
		return err
	}
	cents, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil {
		return errors.New("must be an amount such as \"$100.00\", or a whole number of cents")
	}
	*c = Cents(cents)
	return nil
}

// FeeSet names one of the two sets of fees (R24). Every charge, payment and refund belongs to exactly one.
type FeeSet string

// The two fee sets.
const (
	Medical         FeeSet = "medical"
	Psychotherapies FeeSet = "psychotherapy"
)

// MostCents is more than any amount in a practice like this. A larger figure is a typing error.
const MostCents Cents = values.MostCents
