package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/values"
)

// limits of what documents need to know of a client: more is a mistake of the pen.
const (
	mostAddressLines    = 6
	mostMemberIDLetters = 60
)

// ChangeBilling changes what documents say of a client: legal name, address, insurer's member id. It is no fact: nothing in
// the course depends on it, and it never enters the workflow (docs/adr/0018).
func (d *Desk) ChangeBilling(ctx context.Context, who access.Person, clientID string, change care.BillingChange) error {
	const about = "billing"
	ask := Ask{Action: access.ChangeBilling, Subject: clientID}
	ask.check = func(context.Context, person.Actor) error {
		if change == (care.BillingChange{}) {
			return care.Refuse(about, care.CodeInvalid, "legal_name, address or member_id: one of them is needed", "")
		}
		var err error
		change, err = TidyBilling(change)
		return err
	}
	return d.Do(ctx, who, ask, func(person.Actor) error {
		switch err := d.Store.ChangeBilling(ctx, clientID, change); {
		case errors.Is(err, care.ErrNoClient):
			return unknownClient(about, clientID)
		case err != nil:
			return fmt.Errorf("write billing details: %w", err)
		}
		return nil
	})
}

// TidyBilling checks every value of a change and returns it as it is kept. The error is a refusal that names the field.
func TidyBilling(change care.BillingChange) (care.BillingChange, error) {
	for _, f := range billingFields(&change) {
		if *f.text != nil {
			tidy, err := f.tidy("billing", **f.text)
			if err != nil {
				return change, err
			}
			*f.text = &tidy
		}
	}
	return change, nil
}

type billingField struct {
	name        string
	text        **string
	most, lines int
}

func billingFields(c *care.BillingChange) []billingField {
	return []billingField{{"legal_name", &c.LegalName, values.MostName, 1}, {"address", &c.Address, mostAddressLines * values.MostName, mostAddressLines},
		{"member_id", &c.MemberID, mostMemberIDLetters, 1}}
}

// tidy takes the spaces off and refuses what cannot be. It does not quote it.
func (f billingField) tidy(about, text string) (string, error) {
	check := func(text string) (string, error) { return values.Text(text, f.most) }
	if f.lines == 1 {
		check = func(text string) (string, error) { return values.Line(text, f.most) }
	}
	if f.name == "legal_name" {
		check = values.Name
	}
	text, err := check(text)
	if err == nil && strings.Count(text, "\n")+1 > f.lines {
		err = fmt.Errorf("has too many lines; at most %d are kept", f.lines)
	}
	if err != nil {
		return "", care.Refuse(about, care.CodeInvalid, fmt.Sprintf("%s: %v", f.name, err), "")
	}
	return text, nil
}

func tidyBilling(about string, b care.Billing) (care.Billing, error) {
	c := care.BillingChange{LegalName: &b.LegalName, Address: &b.Address, MemberID: &b.MemberID}
	for _, f := range billingFields(&c) {
		var err error
		if **f.text, err = f.tidy(about, **f.text); err != nil {
			return b, err
		}
	}
	return b, nil
}
