package care

import (
	"fmt"
	"slices"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/wording"
)

// Alert is something that roles must see now. It has an owner (the first role), a due time, and climbs to the
// coordinator and the on-call contact when nobody has acknowledged it by then (safety rule D7, field case 41).
type Alert struct {
	ID       string        `json:"id"`
	Kind     string        `json:"kind"`
	Roles    []person.Role `json:"roles"`
	About    string        `json:"about,omitempty"`
	RaisedAt time.Time     `json:"raised_at"`
	Due      time.Time     `json:"due"`              // when it climbs unless acknowledged; a later policy does not move it
	Crisis   bool          `json:"crisis,omitempty"` // the client is sent the practice's crisis text
	AckedAt  time.Time     `json:"acked_at,omitzero"`
	AckedBy  person.Actor  `json:"acked_by,omitzero"`
}

// The kinds of alerts.
const (
	AlertRisk       = "risk"                 // an answer, a reply or an assessment points to danger
	AlertHold       = "hold-placed"          // a clinician put everything on hold
	AlertAdverse    = "adverse-event"        // a severe one
	AlertLeft       = "psychotherapist-left" // during an infusion (R20)
	AlertVitals     = "vitals-overdue"       // no reading for longer than the practice's interval
	AlertPressure   = "vitals-high"          // a reading at the stop limit during an infusion
	AlertOverrun    = "infusion-overrun"     // running for longer than 60 minutes
	AlertUnread     = "unread-reply"         // a client's reply that nobody read in time
	AlertOnHold     = "infusion-on-hold"     // a confirmed infusion whose labs no longer count
	AlertStayedLong = "discharge-overdue"    // stopped, and nobody wrote down who the client went home with
)

// alertRule is one row of the table of alerts.
type alertRule struct {
	kind  string
	roles []person.Role // whom it is raised for, the owner first; empty: whoever raises it says
	mail  bool          // mailed at once; the others are rows on the board of people who are in the room
	short bool          // its clock is the interval between two readings, since a client is under way
}

var alertTable = []alertRule{
	{kind: AlertRisk, roles: []person.Role{person.Psychotherapist, person.Physician}, mail: true},
	{kind: AlertHold, mail: true},
	{kind: AlertAdverse, roles: []person.Role{person.Physician, person.Psychotherapist}, mail: true},
	{kind: AlertLeft, roles: []person.Role{person.Psychotherapist, person.Physician}, mail: true, short: true},
	{kind: AlertVitals, roles: []person.Role{person.Nurse, person.Physician}, short: true},
	{kind: AlertPressure, roles: []person.Role{person.Physician, person.Nurse}, mail: true, short: true},
	{kind: AlertOverrun, roles: []person.Role{person.Nurse, person.Physician}, short: true},
	{kind: AlertUnread, roles: []person.Role{person.Psychotherapist}, mail: true},
	{kind: AlertOnHold, roles: []person.Role{person.Coordinator, person.Psychotherapist}, mail: true},
	{kind: AlertStayedLong, roles: []person.Role{person.Nurse, person.Physician}, short: true},
}

func alertOf(kind string) alertRule {
	i := slices.IndexFunc(alertTable, func(r alertRule) bool { return r.kind == kind })
	if i < 0 {
		return alertRule{kind: kind, mail: true}
	}
	return alertTable[i]
}

// raise opens an alert, for the roles of its kind unless others are given.
func (c *Chart) raise(kind, about string, m Meta, roles ...person.Role) *Alert {
	if len(roles) == 0 {
		roles = alertOf(kind).roles
	}
	clock := c.Policy.Alerts.Acknowledge()
	if alertOf(kind).short {
		clock = c.Policy.Infusions.VitalsEvery()
	}
	c.Alerts = append(c.Alerts, Alert{ID: fmt.Sprintf("alert-%d", len(c.Alerts)+1), Kind: kind, About: about, RaisedAt: m.Now, Due: m.Now.Add(clock), Roles: roles})
	return &c.Alerts[len(c.Alerts)-1]
}

// danger takes in that something points to a client in danger: everything not yet happened is held, roles are
// alerted at once, and the client is sent the crisis text, though not twice within an hour (safety rule D7).
func (c *Chart) danger(kind, about string, m Meta, roles ...person.Role) {
	c.hold(AlertRisk, about, m)
	told := slices.ContainsFunc(c.Alerts, func(a Alert) bool { return a.Crisis && m.Now.Sub(a.RaisedAt) < time.Hour })
	c.raise(kind, about, m, roles...).Crisis = !told
}

// theOthers are who hears of one clinician's own concern: the other clinician and the coordinator (field case 36).
func theOthers(by person.Role) []person.Role {
	if by == person.Physician {
		return []person.Role{person.Psychotherapist, person.Coordinator}
	}
	return []person.Role{person.Physician, person.Coordinator}
}

// openAlert finds an alert of a kind that nobody acknowledged.
func (c *Chart) openAlert(kind, about string) *Alert {
	for i := range c.Alerts {
		if a := &c.Alerts[i]; a.Kind == kind && a.AckedAt.IsZero() && (about == "" || a.About == about) {
			return a
		}
	}
	return nil
}

// OpenAlerts gives the alerts that nobody acknowledged; none when the course ended in silence.
func (c *Chart) OpenAlerts() []Alert {
	if c.silent() {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.Alerts), func(a Alert) bool { return !a.AckedAt.IsZero() })
}

func (a *Alert) acknowledge(m Meta) {
	if a != nil {
		a.AckedAt, a.AckedBy = m.At, m.By
	}
}

// States of an alert.
const (
	StateRaised       = "raised"
	StateEscalated    = "escalated"
	StateAcknowledged = "acknowledged"
)

// AlertState says where an alert stands at a time.
func (c *Chart) AlertState(a Alert, now time.Time) string {
	switch {
	case !a.AckedAt.IsZero():
		return StateAcknowledged
	case !now.Before(a.Due) && !(c.silent() && c.Closing.At.Before(a.Due)):
		return StateEscalated
	}
	return StateRaised
}

// silent says that the client died or moved away: no message leaves and no clock runs any more. An alert that was raised
// since, as for a text that points to danger, ends the silence.
func (c *Chart) silent() bool {
	return c.Closing != nil && c.Closing.Silent && !slices.ContainsFunc(c.Alerts, func(a Alert) bool { return a.RaisedAt.After(c.Closing.At) })
}

// alerts adds the crisis texts and the mails to staff. They are sent at once, at any hour: nothing of the
// client's answers is in them.
func (l *notificationList) alerts() {
	c := l.c
	for _, a := range c.Alerts {
		if a.Crisis {
			l.add(message.Notification{Key: message.Key{Verb: message.Crisis, Subject: a.ID}, Template: message.TemplateCrisis, Channels: []person.Channel{person.SMS, person.Email}, At: a.RaisedAt, Until: a.RaisedAt.Add(12 * time.Hour),
				About: a.About, Safety: true, Urgent: true, Words: "What to do in a crisis"}, nil)
		}
		if !a.AckedAt.IsZero() {
			continue
		}
		if alertOf(a.Kind).mail {
			l.staff(message.Alert, message.TemplateAlert, a, a.Roles, a.RaisedAt)
		}
		l.staff(message.AlertClimbed, message.TemplateAlertClimbed, a, climbTo(a), a.Due)
	}
}

// StaffAlerts gives the alerts to staff that are due and that nobody acknowledged, whether they were mailed already or not.
func (c *Chart) StaffAlerts(now time.Time) []message.Notification {
	return slices.DeleteFunc(c.UrgentToStaff(), func(n message.Notification) bool { return n.At.After(now) || !n.Until.After(now) })
}

// UrgentToStaff gives what staff are told at once, now or at a later time.
func (c *Chart) UrgentToStaff() []message.Notification {
	return slices.DeleteFunc(c.allNotifications(), func(n message.Notification) bool { return n.To == "" || !n.Urgent })
}

// alertMoments gives the instants at which an alert climbs or one is raised by time alone.
func (c *Chart) alertMoments() []time.Time {
	if c.silent() {
		return nil
	}
	var out []time.Time
	for _, a := range c.Alerts {
		if a.AckedAt.IsZero() {
			out = append(out, a.Due)
		}
	}
	for _, t := range c.Issues {
		if t.soon() && !c.alerted(AlertUnread, t.About) {
			out = append(out, c.readBy(t))
		}
	}
	c.overdueAlerts(func(_, _ string, at time.Time) { out = append(out, at) })
	return out
}

// passTime changes the chart as time alone does: it releases tentative visits and raises alerts. Only DiffAndPublish calls it.
func (c *Chart) passTime(now time.Time) {
	if c.silent() {
		return
	}
	c.releaseTentative(now)
	m := Meta{At: now, Now: now, By: person.Actor{Role: person.System}}
	for _, t := range c.Issues {
		if t.soon() && !now.Before(c.readBy(t)) && !c.alerted(AlertUnread, t.About) {
			c.raise(AlertUnread, t.About, m)
		}
	}
	c.overdueAlerts(func(kind, about string, at time.Time) {
		if !now.Before(at) {
			c.raise(kind, about, m)
		}
	})
}

// alerted says whether an alert of a kind was ever raised about something.
func (c *Chart) alerted(kind, about string) bool {
	return slices.ContainsFunc(c.Alerts, func(a Alert) bool { return a.Kind == kind && a.About == about })
}

// climbTo lists who is told when an alert climbs: the coordinator, and again everyone it was raised for.
func climbTo(a Alert) []person.Role {
	out := []person.Role{person.Coordinator}
	for _, r := range a.Roles {
		if r != person.Coordinator {
			out = append(out, r)
		}
	}
	return out
}

// staff adds one mail to each role. A nurse gets none: what is a nurse's is seen in the room and on the board.
func (l *notificationList) staff(verb message.Verb, template message.Template, a Alert, roles []person.Role, at time.Time) {
	add := func(r person.Role, receiver, who string) {
		l.list = append(l.list, message.Notification{Key: message.Key{Verb: verb, Subject: a.ID, Rule: receiver}, Template: template, Channels: []person.Channel{person.Email}, To: r,
			Person: who, At: at, Until: at.Add(48 * time.Hour), About: a.About, Urgent: true, Words: wording.Title(string(template)) + ", to the " + receiver})
	}
	for _, r := range roles {
		switch r {
		case person.Psychotherapist:
			add(r, string(r), l.c.Psychotherapist)
		case person.Physician:
			add(r, string(r), l.c.Physician)
		case person.Coordinator:
			add(r, string(r), "")
		}
	}
	if l.c.Policy.Practice.OnCall != "" && !l.c.officeCalendar().IsOpen(at) {
		add(person.Coordinator, message.OnCall, message.OnCall)
	}
}

// AlertAcknowledged says that an alert was seen, by a role it was raised for or that it climbed to, or that a
// issue from outside (a message that failed, a reply to read) was settled. alert is an id, a kind, what it is
// about, or "latest"; without it, the oldest alert for this role, else its oldest issue. concern says that what
// was read points to danger: it opens the path of safety rule D7.
type AlertAcknowledged struct {
	Happened
	Alert   string  `json:"alert"`
	Action  Private `json:"action"`
	Concern bool    `json:"concern"`
}

func (f *AlertAcknowledged) find(c *Chart, m Meta) *Alert {
	var found *Alert
	for i := range c.Alerts {
		a := &c.Alerts[i]
		if !a.AckedAt.IsZero() {
			continue
		}
		switch f.Alert {
		case a.ID, a.Kind, a.About:
			return a
		case "latest":
			found = a
		case "":
			if slices.Contains(c.alertRoles(*a, m.Now), m.By.Role) {
				return a
			}
		}
	}
	return found
}

// alertRoles are the roles that may acknowledge an alert.
func (c *Chart) alertRoles(a Alert, now time.Time) []person.Role {
	if c.AlertState(a, now) == StateEscalated && !slices.Contains(a.Roles, person.Coordinator) {
		return append(slices.Clone(a.Roles), person.Coordinator)
	}
	return a.Roles
}

// issueIndex finds the issue that is settled, by its task's name with or without what it is about.
func (f *AlertAcknowledged) issueIndex(c *Chart, by person.Role) int {
	return slices.IndexFunc(c.Issues, func(t Issue) bool {
		return f.Alert == t.Task || f.Alert == t.Task+":"+t.About || f.Alert == "" && t.Role == by
	})
}

func (f *AlertAcknowledged) check(c *Chart, m Meta, v *inspection) {
	roles := []person.Role{}
	if a := f.find(c, m); a != nil {
		roles = c.alertRoles(*a, m.Now)
	} else if i := f.issueIndex(c, m.By.Role); i >= 0 {
		roles = append(roles, c.Issues[i].Role)
	} else {
		v.stateOf("alert", CodeWrongState, "", "no such alert is open")
		return
	}
	if !slices.Contains(roles, m.By.Role) {
		v.add(atRole, CodeNotYourRole, "", "this alert is for the "+person.JoinRoles(roles), roles[0])
	}
}

func (f *AlertAcknowledged) apply(c *Chart, m Meta) {
	about := ""
	if a := f.find(c, m); a != nil {
		a.acknowledge(m)
		about = a.About
	} else {
		i := f.issueIndex(c, m.By.Role)
		about = c.Issues[i].About
		c.settleIssue(i, m)
	}
	if f.Concern {
		c.danger(AlertRisk, about, m)
	}
}

// subject names the alert or issue, of which the report may only say "latest" or a kind.
func (f *AlertAcknowledged) subject(c *Chart, m Meta) string {
	if a := f.find(c, m); a != nil {
		return a.ID
	}
	return c.Issues[f.issueIndex(c, m.By.Role)].ID()
}
