package care

import (
	"slices"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// reminders adds what the practice's rules send ahead of a visit. A reminder whose time had passed before the visit was
// booked is skipped, and that is written down: nobody has to wonder where it is.
func (l *notificationList) reminders(v *Visit) {
	c := l.c
	first := len(l.list)
	for _, r := range c.Policy.Messages.Reminders {
		d := message.Notification{Key: reminderKey(v, r), Template: message.TemplateReminder, Channels: r.Channels, Until: v.Start.Add(-30 * time.Minute),
			Words: "Reminder, " + wording.Lower(v.Name())}
		d.At, d.Skip = c.reminderAt(v, r)
		l.add(d, v)
	}
	c.oneADay(v, l.list[first:])
	c.notAgainSoSoon(v, l.list[first:])
	onlyTheLatest(l.list[first:])
	if c.unreachable() {
		kept := oneCall(l.list[first:])
		for _, d := range l.list[first:] { // what went out before is still what its follow-up follows
			if c.Handled[d.Key] != "" && !slices.ContainsFunc(kept, func(x message.Notification) bool { return x.Key == d.Key }) {
				kept = append(kept, d)
			}
		}
		l.list = append(l.list[:first], kept...)
	}
}

// oneCall keeps the reminder that a person makes by telephone: the last that leaves them half a day for it.
func oneCall(reminders []message.Notification) []message.Notification {
	var call []message.Notification
	for _, d := range reminders {
		if d.Skip == "" && d.Start.Sub(d.At) >= halfADay && (call == nil || d.At.After(call[0].At)) {
			call = []message.Notification{d}
		}
	}
	return call
}

func reminderKey(v *Visit, r policy.ReminderRule) message.Key {
	return message.Key{Verb: message.Remind, Subject: v.ID, Version: v.Version, Rule: r.Name}
}

// reminderAt gives when a rule reminds of a visit: at its time, or earlier to be inside the client's open hours; when that
// was before the booking, at the next open hour that leaves the client one hour (message rule M23). skip says why it is
// not sent at all.
func (c *Chart) reminderAt(v *Visit, r policy.ReminderRule) (at time.Time, skip string) {
	due := c.reminderDue(v, r)
	at = c.earlierOpen(due)
	noted := c.laterOpen(v.BookedAt) // with the notice of the booking
	if c.tooNear(v.BookedAt, v.Start.Add(-leastNotice)) {
		noted = v.BookedAt
	}
	switch {
	case slices.Contains(v.Covered, r.Name):
		return noted, "the client was reminded already when the practice changed its rules"
	case !at.Before(v.BookedAt):
		return at, ""
	case due.Before(v.BookedAt):
		return noted, "the visit was booked too late for this reminder"
	}
	if at = c.laterOpen(due); at.After(v.Start.Add(-time.Hour)) {
		return noted, "no open hour was left between the booking and the visit"
	}
	return at, ""
}

// reminderDue gives when a rule reminds of a visit, by day or by night.
func (c *Chart) reminderDue(v *Visit, r policy.ReminderRule) time.Time {
	if r.Days > 0 {
		return c.Zone.AddDays(v.Start, -r.Days)
	}
	return v.Start.Add(-time.Duration(r.Hours) * time.Hour)
}

// oneADay skips every reminder of a visit but one on each calendar day of the client, for a second one adds nothing. Nor
// does one that was moved out of the night or a closed morning add anything to another one within a day. One that goes at
// its own time stays rather than one that was moved. Of two at their own time the earlier one stays; of two that were moved,
// the one nearer to the visit. reminders has one for each of the practice's rules, in their order.
func (c *Chart) oneADay(v *Visit, reminders []message.Notification) {
	moved := func(i int) bool {
		return !reminders[i].At.Equal(c.reminderDue(v, c.Policy.Messages.Reminders[i]))
	}
	yields := func(i, j int) bool {
		a, b := reminders[i].At, reminders[j].At
		switch {
		case moved(i) != moved(j):
			return moved(i)
		case a.Equal(b):
			return i > j
		}
		return moved(i) == a.Before(b)
	}
	for i := range reminders {
		for j := range reminders {
			d, other := &reminders[i], reminders[j]
			if i == j || d.Skip != "" || other.Skip != "" {
				continue
			}
			near := c.ClientZone.SameDay(d.At, other.At) || (moved(i) || moved(j)) && d.At.Sub(other.At).Abs() <= 24*time.Hour
			if near && yields(i, j) {
				d.Skip = "another reminder of this visit goes on the same day"
			}
		}
	}
}

// halfADay is how long before a visit a reminder must come to leave the client time to change something.
const halfADay = 12 * time.Hour

// notAgainSoSoon skips a reminder that comes a short time (the practice's setting) after the client was told of the visit, if
// another one follows that leaves them half a day.
func (c *Chart) notAgainSoSoon(v *Visit, reminders []message.Notification) {
	told := v.BookedAt.Add(time.Duration(c.Policy.Messages.ReminderGapHours) * time.Hour)
	for i := range reminders {
		d := &reminders[i]
		if d.Skip == "" && d.At.Before(told) && slices.ContainsFunc(reminders, func(x message.Notification) bool {
			return x.Skip == "" && x.At.After(d.At) && v.Start.Sub(x.At) >= halfADay
		}) {
			d.Skip = "the client was told of this visit just before, and another reminder follows"
		}
	}
}

// onlyTheLatest ends the use of each reminder of a visit when a later one is due, so that an outage is not followed by
// all of them at once.
func onlyTheLatest(reminders []message.Notification) {
	for i := range reminders {
		for _, later := range reminders {
			if later.Skip == "" && later.At.After(reminders[i].At) && later.At.Before(reminders[i].Until) {
				reminders[i].Until = later.At
			}
		}
	}
}

// instructions tells the client how to prepare for an infusion: two days ahead, or with the booking when that is nearer.
// They are never skipped: who comes with a full stomach is sent home. At night they go by email at once when the morning would be too late for
// the fast. As a text they go only to whom no email reaches:
// the caps leave the week's texts to the reminders.
func (l *notificationList) instructions(v *Visit) {
	if v.Kind != visit.Infusion {
		return
	}
	at := l.c.earlierOpen(l.c.Zone.AddDays(v.Start, -2))
	d := message.Notification{Key: message.Key{Verb: message.Instruct, Subject: v.ID, Version: v.Version, Rule: "2d"}, Template: message.TemplateInstructions,
		Channels: l.c.mailFirst(), At: at, Until: v.Start.Add(-30 * time.Minute), Words: "Instructions before " + wording.Lower(v.Name())}
	if at.Before(v.BookedAt) {
		fasting := time.Duration(l.c.Policy.Infusions.FastingSolidsHours) * time.Hour
		l.newsFrom(&d, v.BookedAt, v.Start.Add(-max(leastNotice, fasting)))
	}
	l.add(d, v)
}

// estimate tells the client that an estimate is ready. The message has no word of money; by text message it goes only to
// who cannot be reached by email.
func (l *notificationList) estimate() {
	c := l.c
	if c.Estimate == nil || c.messagesStopped() {
		return
	}
	l.add(message.Notification{Key: message.Key{Verb: message.Fees, Subject: c.Estimate.name()}, Template: message.TemplateFees, Channels: c.mailFirst(),
		At: c.laterOpen(c.Estimate.At), Until: c.Estimate.At.Add(72 * time.Hour), About: "estimate", Words: "Estimate ready"}, nil)
}

// mailFirst is email, or text where email does not reach the client.
func (c *Chart) mailFirst() []person.Channel {
	if len(c.allowed([]person.Channel{person.Email})) == 0 {
		return []person.Channel{person.SMS}
	}
	return []person.Channel{person.Email}
}

// name tells one estimate from another in a key: its number, if it can stand in one.
func (e *Estimate) name() string {
	if number := wording.Lower(e.Number); number != "" && isID(number) {
		return number
	}
	return e.At.UTC().Format("20060102t150405")
}

// coverReminders keeps a change of the practice's rules from reminding anybody twice: a rule whose time has passed
// already sends nothing for a visit that the client was reminded of since that time. One that nobody was reminded of is
// due at once.
func (c *Chart) coverReminders(before []policy.ReminderRule, reminded func(v *Visit, r policy.ReminderRule) (time.Time, bool), now time.Time) {
	for i := range c.Visits {
		v := &c.Visits[i]
		if v.Status != visit.Booked || v.Tentative || !v.Start.After(now) {
			continue
		}
		var last time.Time
		for _, r := range before {
			if at, was := reminded(v, r); was && at.After(last) {
				last = at
			}
		}
		for _, r := range c.Policy.Messages.Reminders {
			at, skip := c.reminderAt(v, r)
			if skip == "" && !at.After(now) && !last.Before(at) && c.Handled[reminderKey(v, r)] == "" {
				v.Covered = append(v.Covered, r.Name)
			}
		}
	}
}

// infusionUncertain: a firm infusion with a shut gate is on hold; nobody is reminded of it.
func (c *Chart) infusionUncertain(v *Visit) bool {
	if v.Kind != visit.Infusion {
		return false
	}
	t := visitTarget{kind: visit.Infusion, at: v.Start, minutes: v.Minutes, now: v.Start, id: v.ID}
	for _, r := range gateTable {
		if r.gate == GateFollowUp || r.gate == GatePayment {
			continue // settled between now and the day
		}
		if !c.gate(r, t).Open {
			return true
		}
	}
	return false
}
