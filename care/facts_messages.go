package care

import (
	"strconv"
	"time"
)

func itoa(n int) string { return strconv.Itoa(n) }

// MessageStatus is a provider's word on what became of a message. Its state in Postgres only goes forward.
type MessageStatus struct {
	Happened
	Message string `json:"message"`
	Status  string `json:"status"`
}

func (f *MessageStatus) check(_ *Chart, _ Meta, v *inspection) {
	v.required("message", f.Message != "")
	v.required("status", f.Status != "")
}
func (f *MessageStatus) apply(*Chart, Meta) {}

// ReplyReceived is the client's answer to a message, sorted by what it means. Stop ends the channel at once;
// anything that is not understood opens a task for a person, and words that point to danger, which the desk looks
// for before it hides the text, open the path of 07-safety D7.
type ReplyReceived struct {
	Happened
	Channel Channel `json:"channel"`
	Class   string  `json:"text_class"`
	Text    Private `json:"text"`
	Concern bool    `json:"concern"`
}

func (f *ReplyReceived) check(_ *Chart, _ Meta, v *inspection) {
	v.oneOf("channel", string(f.Channel), string(SMS), string(Email))
	v.oneOf("text_class", f.Class, "stop", "start", "help", "confirm", "other")
}

func (f *ReplyReceived) apply(c *Chart, m Meta) {
	switch f.Class {
	case "stop", "start":
		for i := range c.Consents {
			x := &c.Consents[i]
			switch {
			case x.Channel != f.Channel:
			case f.Class == "stop" && x.Granted:
				x.Granted, x.Stopped, x.At = false, true, m.At
			case f.Class == "start" && x.Stopped: // brings back what stop took away, and nothing else
				x.Granted, x.Stopped, x.At = true, false, m.At
			}
		}
	case "confirm":
		if v := c.comingVisit(m.Now); v != nil {
			v.Confirmed = true
		}
	case "other":
		reply := "reply-" + itoa(c.Facts+1)
		c.trouble(taskReadReply, reply, Coordinator, m.Now)
		if f.Concern {
			c.danger(AlertRisk, reply, m)
		}
	}
}

// comingVisit gives the client's next firm visit, or nil.
func (c *Chart) comingVisit(now time.Time) *Visit {
	var found *Visit
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Status == Booked && !v.Tentative && v.Start.After(now) && (found == nil || v.Start.Before(found.Start)) {
			found = v
		}
	}
	return found
}
