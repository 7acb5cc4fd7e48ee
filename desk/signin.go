package desk

import (
	"context"
	"fmt"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/person"
)

// SignedIn writes down that somebody signed in, and how. It comes before the session: without the row there is none.
func (d *Desk) SignedIn(ctx context.Context, who access.Person, how string, open func() error) error {
	ask := Ask{Action: access.SignIn, Subject: Practice, Detail: map[string]string{"how": how}}
	return d.Do(ctx, who, ask, func(person.Actor) error { return open() })
}

// NoteRefusedSignIn writes down that somebody could not sign in. as is whom they said they were, if that is known: nobody is taken
// for them.
func (d *Desk) NoteRefusedSignIn(ctx context.Context, how, why, as string) error {
	nobody := access.Person{}
	detail := map[string]string{"how": how, "why": why}
	if as != "" {
		detail["as"] = keepable(as)
	}
	return d.note(ctx, nobody, nobody.Actor(), Ask{Action: access.SignIn + refusedSuffix, Subject: Practice, Detail: detail}, care.CodeNotYourRole)
}

// Listed refuses an id that the practice file does not list, for what one person does about another.
func (d *Desk) Listed(id string) error {
	if m, ok := d.Policy.Member(id); ok && len(m.Roles) > 0 {
		return nil
	}
	return care.Refuse("sign-in", care.CodeNotYourRole, fmt.Sprintf("the practice file lists nobody with the id %q", keepable(id)), "")
}
