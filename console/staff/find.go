package staff

import (
	"errors"

	"kapflow/care"
	"kapflow/desk"
)

// foundPage is what a search found. What was typed is not on it: the page may stay open.
type foundPage struct {
	Found []desk.Found
	More  int
	Fault string
}

// find answers the search box. The words are in the body, never in an address.
func find(v *visitor) error {
	if err := v.r.ParseForm(); err != nil {
		return care.Refuse("form", care.CodeInvalid, "The form could not be read. Go back and send it again.", "")
	}
	found, more, err := v.site.Desk.Find(v.r.Context(), v.who, v.r.PostForm.Get("for"))
	p := foundPage{Found: found, More: more}
	var refused *care.Refusal
	if errors.As(err, &refused) && refused.Has(care.CodeInvalid) {
		p.Fault = refused.Message
	} else if err != nil {
		return err
	}
	if len(found) == 1 {
		return v.seeOther("/c/" + found[0].Client)
	}
	return v.show(page{Title: "Search", Template: "found", Data: p})
}
