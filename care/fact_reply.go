package care

import (
	"slices"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// ReplyReceived is a text from a client's number, sorted by what it means (wording.ReadReply). Each class has an effect or
// gives a person a task, so that no text ends in silence. Words that point to danger open the path of safety rule D7,
// whatever else the text means; the desk looks for them before it hides the text.
type ReplyReceived struct {
	Happened
	Channel person.Channel `json:"channel"`
	Class   string         `json:"text_class"`
	Also    []string       `json:"also,omitempty"` // what it means or may mean beside its class
	Text    Private        `json:"text"`
	Concern bool           `json:"concern"`          // it points to danger
	Shared  bool           `json:"shared,omitempty"` // several clients have the number it came from
}

func (f *ReplyReceived) check(_ *Chart, _ Meta, v *inspection) {
	oneOf(v, "channel", f.Channel, person.SMS, person.Email)
	oneOf(v, "text_class", f.Class, wording.ReplyClasses()...)
	for _, also := range f.Also {
		oneOf(v, "also", also, append(wording.ReplyClasses(), wording.ReplyVisit)...)
	}
}

func (f *ReplyReceived) also(meaning string) bool { return slices.Contains(f.Also, meaning) }

func (f *ReplyReceived) apply(c *Chart, m Meta) {
	nextDay := c.afterWorkingDays(m.Now, 1)
	if f.Shared {
		// Nobody can tell whose word it is: STOP and START are about the number and so about everybody on it.
		c.raiseIssueDue("shared-number", string(f.Channel), person.Coordinator, m.Now, nextDay)
	}
	reply := "reply-" + itoa(c.Facts+1)
	done := f.Class != wording.ReplyOther && f.does(c, f.Class, m)
	switch {
	case f.Class == wording.ReplyStart && !done && !f.Concern:
		c.raiseIssueDue(TaskReadReply, reply, person.Coordinator, m.Now, nextDay) // a wish for texts by somebody who never agreed to them
	case f.Concern || !done:
		c.raiseIssue(TaskReadReply, reply, person.Coordinator, m.Now)
	case f.also(wording.ReplyOther) || f.Class == wording.ReplyReaction:
		c.raiseIssueDue(TaskReadReply, reply, person.Coordinator, m.Now, nextDay) // a look is enough
	}
	if f.Class == wording.ReplyOther && (f.also(wording.ReplyStop) || f.also(wording.ReplyWrongNumber)) {
		c.issue(TaskReadReply, reply).HoldsTexts = true
	}
	if f.Concern {
		c.danger(AlertRisk, reply, m)
	}
}

// does what a text means, and says whether that was possible. What was not is for a person to read.
func (f *ReplyReceived) does(c *Chart, meaning string, m Meta) bool {
	switch meaning {
	case wording.ReplyStop:
		f.stop(c, m)
		return true
	case wording.ReplyStart:
		return c.startAgain(f.Channel, m.At) || c.Consent(f.Channel).Granted // who gets texts has the provider's answer, and needs none of ours
	case wording.ReplyWrongNumber:
		c.markAddress(message.Notification{}, f.Channel, m.Now)
		return true
	case wording.ReplyConfirm:
		return f.confirm(c, m)
	case wording.ReplyReaction:
		return true
	}
	return false // help, and whatever a later build may send
}

// stop ends texts, and has a person find another way. The task says so when the visit may have been meant (CANCEL).
func (f *ReplyReceived) stop(c *Chart, m Meta) {
	c.stop(f.Channel, m.At)
	c.raiseIssueDue("channel-lost", string(f.Channel), person.Coordinator, m.At, c.afterWorkingDays(m.At, 1))
	if v := c.meantVisit(m.Now); v != nil && f.also(wording.ReplyVisit) {
		c.issue("channel-lost", string(f.Channel)).Visit = v.ID
	}
	if f.also(wording.ReplyWrongNumber) {
		f.does(c, wording.ReplyWrongNumber, m)
	}
}

// confirm notes that the client comes to the visit that they were last texted about. To a client who opted out, "yes" is a
// carrier's word for texts again, and any other guess is no answer to us.
func (f *ReplyReceived) confirm(c *Chart, m Meta) bool {
	if c.Consent(f.Channel).Stopped && f.also(wording.ReplyOther) {
		return f.also(wording.ReplyStart) && c.startAgain(f.Channel, m.At)
	}
	v := c.meantVisit(m.Now)
	if v == nil || f.Shared {
		return false
	}
	v.Confirmed = true
	return true
}

// startAgain gives back what STOP took away, and nothing else; false if it took nothing.
func (c *Chart) startAgain(ch person.Channel, at time.Time) (given bool) {
	for i := range c.Consents {
		if x := &c.Consents[i]; x.Channel == ch && x.Stopped {
			x.Granted, x.Stopped, x.At = true, false, at
			c.endIssue("channel-lost", string(ch))
			given = true
		}
	}
	return given
}

// noteText remembers what the client was last texted about: their answer is to that.
func (c *Chart) noteText(d message.Notification, ends []message.DeliveryEnd) {
	if d.To != "" || d.Look {
		return
	}
	for _, e := range ends {
		if e.Channel == person.SMS && slices.Contains([]message.State{message.StateSent, message.StateDelivered, message.StateUnknown}, e.State) {
			c.Texted = d.Key.Origin()
		}
	}
}

// meantVisit gives the visit that an answer is about: that of the newest text, else, if there was no text, the client's
// next one. It is nil if that visit is not ahead any more, has another time now, or the newest text was about no visit.
func (c *Chart) meantVisit(now time.Time) *Visit {
	if c.Texted == (message.Key{}) {
		return c.comingVisit(now)
	}
	v := c.Visit(c.Texted.Subject)
	if v == nil || v.Version != c.Texted.Version || v.Status != visit.Booked || v.Tentative || !v.Start.After(now) {
		return nil
	}
	return v
}

// comingVisit gives the client's next firm visit, or nil.
func (c *Chart) comingVisit(now time.Time) *Visit {
	var found *Visit
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Status == visit.Booked && !v.Tentative && v.Start.After(now) && (found == nil || v.Start.Before(found.Start)) {
			found = v
		}
	}
	return found
}

// textsWait says whether ordinary texts wait: somebody wrote what may be an opt-out, or that the number is not the
// client's, and nobody has read it.
func (c *Chart) textsWait() bool {
	return slices.ContainsFunc(c.Issues, func(t Issue) bool { return t.HoldsTexts })
}

// holdTexts has email take over from ordinary texts while they wait. A text that no email can replace is put off to the
// end of its use, where a person hears of what must arrive.
func (c *Chart) holdTexts(list []message.Notification) []message.Notification {
	if !c.textsWait() {
		return list
	}
	for i := range list {
		d := &list[i]
		if d.To != "" || d.Urgent || d.Safety || d.Look || d.Skip != "" || !slices.Contains(d.Channels, person.SMS) {
			continue
		}
		if mail := c.allowed([]person.Channel{person.Email}); len(mail) > 0 && d.Of == (message.Key{}) {
			d.Channels = mail
		} else {
			d.At = d.Until
		}
	}
	return list
}
