package care

import (
	"strconv"
	"time"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

func itoa(n int) string { return strconv.Itoa(n) }

// MessageStatus is a provider's word on what became of a message. Its state in Postgres only goes forward.
type MessageStatus struct {
	Happened
	Message string        `json:"message"` // the delivery's key
	Status  message.State `json:"status"`  // sent, delivered or rejected
	Fault   message.Fault `json:"fault,omitempty"`
}

func (f *MessageStatus) check(_ *Chart, _ Meta, v *inspection) {
	v.required("message", f.Message != "")
	v.required("status", f.Status != "")
}
func (f *MessageStatus) apply(c *Chart, m Meta) {
	if key, err := message.ParseDelivery(f.Message); err == nil && key.Client == c.ClientID {
		c.reported(key, f.Status, f.Fault, m.Now)
	}
}

// ReplyReceived is the client's answer to a message, sorted by what it means. Stop ends the channel at once;
// anything that is not understood opens a task for a person, and words that point to danger, which the desk looks
// for before it hides the text, open the path of safety rule D7.
type ReplyReceived struct {
	Happened
	Channel person.Channel `json:"channel"`
	Class   string         `json:"text_class"`
	Text    Private        `json:"text"`
	Concern bool           `json:"concern"`
	Shared  bool           `json:"shared,omitempty"` // several clients have the number it came from
}

func (f *ReplyReceived) check(_ *Chart, _ Meta, v *inspection) {
	oneOf(v, "channel", f.Channel, person.SMS, person.Email)
	oneOf(v, "text_class", f.Class, "stop", "start", "help", "confirm", "other")
}

func (f *ReplyReceived) apply(c *Chart, m Meta) {
	if f.Shared {
		// Nobody can tell whose word it is: STOP and START are about the number and so about everybody on it.
		c.raiseIssueDue("shared-number", string(f.Channel), person.Coordinator, m.Now, c.afterWorkingDays(m.Now, 1))
	}
	switch f.Class {
	case wording.ReplyStop:
		c.stop(f.Channel, m.At)
	case wording.ReplyStart:
		for i := range c.Consents {
			if x := &c.Consents[i]; x.Channel == f.Channel && x.Stopped { // brings back what stop took away, and nothing else
				x.Granted, x.Stopped, x.At = true, false, m.At
				c.endIssue("channel-lost", string(f.Channel))
			}
		}
	case wording.ReplyConfirm:
		if v := c.comingVisit(m.Now); v != nil && !f.Shared {
			v.Confirmed = true
		}
	case wording.ReplyOther:
		reply := "reply-" + itoa(c.Facts+1)
		c.raiseIssue(TaskReadReply, reply, person.Coordinator, m.Now)
		if f.Concern {
			c.danger(AlertRisk, reply, m)
		}
	}
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
