package staff

import (
	"errors"

	"kapflow/care"
	"kapflow/desk"
)

// nobody stands in the form for none of the clients who share a number.
const nobody = "nobody"

// replyAssigned says whose words a text from a shared number has. A decision that is not complete shows the inbox with what is
// missing.
func replyAssigned(v *visitor) error {
	if err := v.r.ParseForm(); err != nil {
		return care.Refuse("form", care.CodeInvalid, "The form could not be read. Go back and send it again.", "")
	}
	w := desk.Whose{Item: v.r.PostForm.Get("item"), ClientID: v.r.PostForm.Get("client"), Reason: v.r.PostForm.Get("reason")}
	if w.ClientID == nobody {
		w.ClientID = ""
	} else {
		w.Reason = ""
	}
	err := v.site.Desk.AssignReply(v.r.Context(), v.who, w)
	var refused *care.Refusal
	if errors.As(err, &refused) && refused.Has(care.CodeInvalid) {
		return v.showInbox("Nothing was assigned: " + refused.Message + ".")
	}
	if err != nil {
		return err
	}
	v.site.waiting.forget()
	return v.seeOther("/inbox?ended=1")
}
