package staff

import (
	"cmp"
	"errors"
	"regexp"
	"strings"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
)

// inboxPage is what asks somebody for a decision.
type inboxPage struct {
	Sections []inboxSection
	Others   []record.InboxRow
	Names    map[string]string
	Worklist []message.WorklistItem
	Shared   []sharedText // whose author a person must name
	Zone     clock.Zone
	Now      time.Time
	Moves    string // the board filtered to whose move it is; empty: for coordinators, who see all
	Ended    bool   // something was just taken off the list
	Recorded bool   // a form that was opened here was just recorded
	Fault    string
}

// sharedText is a text from a number that several clients share.
type sharedText struct {
	message.WorklistItem
	Lead  string // what is said of it, with the clients' names
	Quote string // what somebody wrote
	Phone string // E.164; empty: not told
}

var phoneNumber = regexp.MustCompile(`\+[0-9]{8,15}`)

func sharedTextOf(item message.WorklistItem, names map[string]string) sharedText {
	lead, quote, _ := strings.Cut(item.Words, " wrote: ")
	for _, id := range item.Clients {
		lead = strings.Replace(lead, id, cmp.Or(names[id], id), 1)
	}
	return sharedText{item, lead + " wrote:", quote, phoneNumber.FindString(lead)}
}

// inboxSection is the rows of one sort.
type inboxSection struct {
	Heading string
	Rows    []record.InboxRow
}

// inboxHeadings name the sorts of rows.
var inboxHeadings = map[record.InboxSort]string{
	record.InboxAlert: "Alerts", record.InboxReply: "Replies to read", record.InboxRequest: "Clients ask for another time", record.InboxDelivery: "Messages to follow up",
}

// inbox shows one row for each decision.
func inbox(v *visitor) error { return v.showInbox("") }

func (v *visitor) showInbox(fault string) error {
	in, err := v.site.Desk.ReadInbox(v.r.Context(), v.who)
	if err != nil {
		return err
	}
	p := inboxPage{Names: in.Names, Zone: v.site.Desk.Zone, Now: v.now, Others: in.Others, Ended: v.r.URL.Query().Get("ended") != "", Recorded: v.r.URL.Query().Get("recorded") != "", Fault: fault}
	for _, item := range in.Worklist {
		if item.Unassigned() {
			p.Shared = append(p.Shared, sharedTextOf(item, in.Names))
		} else {
			p.Worklist = append(p.Worklist, item)
		}
	}
	for _, list := range [][]record.InboxRow{in.Mine, in.Others} {
		for i := range list {
			list[i].Words = v.plain(list[i].Words)
		}
	}
	for _, sort := range record.InboxSorts() {
		s := inboxSection{Heading: inboxHeadings[sort]}
		for _, row := range in.Mine {
			if row.Sort == sort {
				s.Rows = append(s.Rows, row)
			}
		}
		if len(s.Rows) > 0 {
			p.Sections = append(p.Sections, s)
		}
	}
	if roles := v.who.Roles(); len(roles) > 0 && !v.holds(person.Coordinator) {
		p.Moves = "/board?move=" + string(roles[0])
	}
	v.site.waiting.note(len(in.Mine)+len(in.Worklist), v)
	return v.show(page{Title: "Inbox", Template: "inbox", Data: p})
}

// inboxPosted takes something off the coordinators' list.
func inboxPosted(v *visitor) error {
	if err := v.r.ParseForm(); err != nil {
		return care.Refuse("form", care.CodeInvalid, "The form could not be read. Go back and send it again.", "")
	}
	err := v.site.Desk.EndWorklistItem(v.r.Context(), v.who, v.r.PostForm.Get("item"))
	var refused *care.Refusal
	if errors.As(err, &refused) && refused.Has(care.CodeWrongState) {
		return v.showInbox("This is off the list already.")
	}
	if err != nil {
		return err
	}
	v.site.waiting.forget()
	return v.seeOther("/inbox?ended=1")
}
