package desk

import (
	"cmp"
	"context"
	"fmt"
	"maps"
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
	} else {
		phone = ""
	}
	ask := Ask{Action: access.Find, Subject: "clients", Detail: map[string]string{"by": by}}
	ask.check = func(context.Context, person.Actor) error {
		if _, err := values.Line(text, values.MostLine); err != nil || len([]rune(text)) < fewestLetters {
			return care.Refuse(string(access.Find), care.CodeInvalid, "Type a name or its first two letters, a phone number or a client code to search for.", "")
		}
		return nil
	}
	err = d.Do(ctx, who, ask, func(person.Actor) error {
		known, err := d.reached(ctx, text, phone)
		if err != nil {
			return err
		}
		for _, c := range known {
			found = append(found, Found{c.Client, c.Name})
		}
		cut := func() {
			slices.SortFunc(found, byName)
			more += max(0, len(found)-MostFound)
			found = found[:min(len(found), MostFound)]
		}
		err = d.Store.NamesLike(ctx, likeWords(text), func(c care.ClientName) {
			if namePart(c.Name, text) && !slices.ContainsFunc(known, func(k care.ClientName) bool { return k.Client == c.Client }) {
				found = append(found, Found{c.Client, c.Name})
			}
			if len(found) == 10*MostFound {
				cut()
			}
		})
		if err != nil {
			return fmt.Errorf("read names: %w", err)
		}
		cut()
		return nil
	})
	return found, more, err
}

// fewestLetters are those of a text to search for.
const fewestLetters = 2

// likeWords gives the words of a text by which the search can look: those that may begin a word of a name, with two letters or more. A
// word in the middle of the text is a whole word of the name.
func likeWords(text string) []string {
	words := strings.Fields(text)
	return slices.DeleteFunc(words, func(w string) bool { return w == words[len(words)-1] && len([]rune(w)) < fewestLetters })
}

// reached gives the clients whom a telephone number, if there is one, or a client's code names.
func (d *Desk) reached(ctx context.Context, text, phone string) (known []care.ClientName, err error) {
	ids := []string{strings.ToLower(text)}
	if phone != "" {
		byPhone, err := d.Store.ClientsByPhone(ctx, phone)
		if err != nil {
			return nil, fmt.Errorf("look up phone: %w", err)
		}
		ids = append(ids, byPhone...)
	}
	names, err := d.Store.NamesOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	for _, id := range slices.Sorted(maps.Keys(names)) {
		known = append(known, care.ClientName{Client: id, Name: names[id]})
	}
	return known, nil
}

func byName(a, b Found) int {
	return cmp.Or(strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)), cmp.Compare(a.Client, b.Client))
}

// namePart says whether a name, or a word of it, begins with a text in whatever letters.
func namePart(name, text string) bool {
	name, text = strings.ToLower(name), strings.ToLower(text)
	return strings.HasPrefix(name, text) || strings.Contains(name, " "+text)
}
