package record

import (
	"slices"
	"time"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// InboxSort is what an inbox row is.
type InboxSort string

// The sorts, in the order in which the inbox shows them.
const (
	InboxAlert    InboxSort = "alert"
	InboxReply    InboxSort = "reply"
	InboxRequest  InboxSort = "request"  // a client asks for something
	InboxDelivery InboxSort = "delivery" // a message whose end is unknown, or that did not arrive
)

// InboxSorts lists the sorts in their order.
func InboxSorts() []InboxSort {
	return []InboxSort{InboxAlert, InboxReply, InboxRequest, InboxDelivery}
}

// InboxRow is one thing that asks for one decision.
type InboxRow struct {
	Sort   InboxSort
	Client string
	Roles  []person.Role // who decides, the owner first
	Words  string
	Said   string // what the client wrote, if the reader may see it; filled in by whoever opened the record
	Task   string // of the reply or request, as ClientWord names it; empty for an alert
	About  string
	Due    time.Time
	Late   bool
	Danger bool        // it waits on a client about whose danger an alert is open
	Forms  []InboxForm // the decisions, the usual one first
}

// InboxForm is a form in which something is decided.
type InboxForm struct {
	care.TaskForm
	Title string
}

// InboxOf gives all that asks for a decision, what is due first before the rest within each sort.
func InboxOf(rows []care.BoardRow, now time.Time) []InboxRow {
	var out []InboxRow
	for _, r := range rows {
		out = append(out, inboxOf(r.Chart, chartTime(r.Chart, now))...)
	}
	slices.SortStableFunc(out, func(a, b InboxRow) int { return a.Due.Compare(b.Due) })
	return out
}

// inboxOf gives what asks for a decision about one client, as of the chart's time.
func inboxOf(c *care.Chart, at time.Time) (out []InboxRow) {
	settle, moved, cancelled := care.KindFor[*care.AlertAcknowledged](), care.KindFor[*care.AppointmentMoved](), care.KindFor[*care.AppointmentCancelled]()
	answer := care.KindFor[*care.ReplyAnswered]()
	add := func(row InboxRow) {
		row.Client, row.Late = c.ClientID, !at.Before(row.Due)
		out = append(out, row)
	}
	for _, a := range c.OpenAlerts() {
		roles := a.Roles
		if c.AlertState(a, at) == care.StateEscalated && !slices.Contains(roles, person.Coordinator) {
			roles = append(slices.Clone(roles), person.Coordinator)
		}
		words := wording.Title(a.Kind)
		if v := c.Visit(a.About); v != nil {
			words += ", " + v.Name()
		}
		add(InboxRow{Sort: InboxAlert, Roles: roles, Words: words, About: a.About, Due: a.Due, Forms: []InboxForm{{care.TaskForm{Fact: settle.Name, Field: settle.About, Value: a.ID}, "Acknowledge"}}})
	}
	danger := slices.ContainsFunc(c.OpenAlerts(), func(a care.Alert) bool { return a.Kind == care.AlertRisk })
	for _, t := range c.Tasks(at) {
		row := InboxRow{Roles: []person.Role{t.Role}, Words: taskWords(t), Task: t.Task, About: t.About, Due: t.Due}
		source, reads := care.KindReadIn(t.Task)
		issue := slices.ContainsFunc(c.Issues, func(i care.Issue) bool { return i.ID() == t.ID() })
		switch {
		case reads && issue:
			row.Sort, row.Danger, row.Forms = InboxReply, danger, titled(t.Forms(), answer.Title(), "Mark as read and answered")
		case reads && source.About == moved.About:
			row.Sort, row.Forms = InboxRequest, []InboxForm{{care.TaskForm{Fact: moved.Name, Field: moved.About, Value: t.About}, moved.Title()}, {care.TaskForm{Fact: cancelled.Name, Field: cancelled.About, Value: t.About}, cancelled.Title()}}
		case issue:
			row.Sort, row.Forms = InboxDelivery, titled(t.Forms(), "Mark as settled")
		default:
			continue
		}
		add(row)
	}
	return out
}

// titled gives each form of a task its title.
func titled(forms []care.TaskForm, titles ...string) (out []InboxForm) {
	for i, f := range forms {
		out = append(out, InboxForm{f, titles[i]})
	}
	return out
}

// For says whether somebody in some roles decides it.
func (r InboxRow) For(roles []person.Role) bool {
	return slices.ContainsFunc(r.Roles, func(role person.Role) bool { return slices.Contains(roles, role) })
}

// Filled gives the words of each row that waits on something that the client wrote, as far as the record's reader may see them.
func (r InboxRow) Filled(words []ClientWord) InboxRow {
	for _, w := range words {
		if w.Task == r.Task && w.About == r.About && r.Task != "" {
			r.Said = w.Words
		}
	}
	return r
}
