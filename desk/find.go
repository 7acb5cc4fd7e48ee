package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/values"
)

// Found is a client whom a search found.
type Found struct {
	Client string
	Name   string
}

// MostFound is how many clients a search shows.
const MostFound = 50

// Find looks for clients by the beginning of a part of their name, by their phone number or by their code. The audit log keeps how
// somebody searched, and not what they typed. more counts the clients that are left out.
func (d *Desk) Find(ctx context.Context, who access.Person, text string) (found []Found, more int, err error) {
	text = strings.TrimSpace(text)
	phone, notPhone := values.Phone(text)
	if notPhone != nil {
		phone, notPhone = values.Phone("+1" + text) // as people write a number of this country
	}
	by := "name"
	if notPhone == nil {
		by = "phone"
	}
	ask := Ask{Action: access.Find, Subject: "clients", Detail: map[string]string{"by": by}}
	ask.check = func(context.Context, person.Actor) error {
		if _, err := values.Line(text, values.MostLine); err != nil || text == "" {
			return care.Refuse(string(access.Find), care.CodeInvalid, "Type a name, a phone number or a client code to search for.", "")
		}
		return nil
	}
	err = d.Do(ctx, who, ask, func(person.Actor) error {
		names, err := d.Store.Names(ctx)
		if err != nil {
			return fmt.Errorf("read names: %w", err)
		}
		var reached []string
		if notPhone == nil {
			if reached, err = d.Store.ClientsByPhone(ctx, phone); err != nil {
				return fmt.Errorf("look up phone: %w", err)
			}
		}
		for id, name := range names {
			if slices.Contains(reached, id) || strings.EqualFold(id, text) || namePart(name, text) {
				found = append(found, Found{id, name})
			}
		}
		return nil
	})
	slices.SortFunc(found, func(a, b Found) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Client, b.Client))
	})
	more = max(0, len(found)-MostFound)
	return found[:len(found)-more], more, err
}

// namePart says whether a name, or a word of it, begins with a text in whatever letters.
func namePart(name, text string) bool {
	name, text = strings.ToLower(name), strings.ToLower(text)
	return strings.HasPrefix(name, text) || strings.Contains(name, " "+text)
}
