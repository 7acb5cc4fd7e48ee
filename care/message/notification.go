// Package message is the life of a message: what is owed to whom (Notification), its key, one channel of it (Delivery), the
// states that a delivery goes through, and what follows from each. It knows no chart and no database.
package message

import (
	"time"

	"kapflow/care/person"
)

// OnCall stands for the practice's on-call contact, who is mailed whatever goes out outside office hours.
const OnCall = "on-call"

// Notification is one message that the practice owes a client, or the staff who look after them, at a time. Its key stays
// the same however often it is derived from the chart.
type Notification struct {
	Key       Key              `json:"key"`
	Template  Template         `json:"template"`
	Channels  []person.Channel `json:"channels"`
	At        time.Time        `json:"at"`    // due
	Until     time.Time        `json:"until"` // useful until
	About     string           `json:"about,omitempty"`
	Version   int              `json:"version,omitempty"`
	Start     time.Time        `json:"start,omitzero"` // of the visit it speaks of
	Place     string           `json:"place,omitempty"`
	Safety    bool             `json:"safety,omitempty"`    // owed even when the course is paused or closed
	Urgent    bool             `json:"urgent,omitempty"`    // sent at once, at any hour and whatever else was sent
	To        person.Role      `json:"to,omitempty"`        // empty: the client
	Person    string           `json:"person,omitempty"`    // of the staff: a clinician's id, or OnCall
	Skip      string           `json:"skip,omitempty"`      // why it is only written down as not sent; empty: it is sent
	Of        Key              `json:"of,omitzero"`         // key of the notification that it follows
	Look      bool             `json:"look,omitempty"`      // nothing is sent: a delivery that may have left is looked for
	Preferred bool             `json:"preferred,omitempty"` // it goes by the one channel that the client prefers; others take over if that fails
	Call      bool             `json:"call,omitempty"`      // nothing is sent: no message can reach the client, a person calls
	Text      string           `json:"text,omitempty"`      // reference to the private words that it carries or leads to
	Words     string           `json:"words"`               // for the timeline: "Reminder, infusion 3"
}

// Receiver is the role that the message goes to.
func (d Notification) Receiver() person.Role {
	if d.To == "" {
		return person.Client
	}
	return d.To
}

// Late says whether it is handled noticeably after its time, as after an outage.
func (d Notification) Late(now time.Time) bool { return now.Sub(d.At) > 15*time.Minute }
