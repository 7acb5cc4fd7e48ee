// Package message is the life of a message: what is owed to whom (Notification), its key, one channel of it (Delivery), the
// states that a delivery goes through, and what follows from each. It knows no chart and no database.
package message

import (
	"slices"
	"time"

	"kapflow/care/person"
)

// OnCall stands for the practice's on-call contact, who is mailed whatever goes out outside office hours.
const OnCall = "on-call"

// cappedTemplates are the messages that wait their turn.
var cappedTemplates = []string{TemplateReminder, TemplateInstructions, TemplateCheckIn, TemplateCheckInChase}

// Capped says whether the caps hold for a text of this duty, and whether it counts.
func (d Notification) Capped() bool {
	return d.To == "" && !d.Safety && !d.Urgent && slices.Contains(cappedTemplates, d.Template)
}

// Templates of messages; each has a text file per channel in practice/texts.
const (
	TemplateBooked       = "visit-booked"
	TemplateMoved        = "visit-moved"
	TemplateCancelled    = "visit-cancelled"
	TemplateMissed       = "visit-missed"
	TemplateReminder     = "visit-reminder"
	TemplateInstructions = "instructions"
	TemplateAftercare    = "aftercare"
	TemplateCheckIn      = "check-in"
	TemplateCheckInChase = "check-in-chase"
	TemplateFees         = "fees-ready"
	TemplateCode         = "code"          // the second factor of a link, as a client asks for it; no duty names it
	TemplateHeld         = "visit-held"    // a confirmed visit is uncertain
	TemplateStands       = "visit-stands"  // and is certain again
	TemplateCrisis       = "crisis"        // the practice's own words to a client who may be in danger
	TemplateAlert        = "alert"         // to staff: an alert wants to be acknowledged
	TemplateAlertClimbed = "alert-climbed" // to staff: nobody did in time
	TemplateTask         = "task"          // to staff: something is to be done today
	TemplateWorklist     = "matter"        // to the coordinator: something is new on the list
)

// Notification is one thing that the system owes at a time, with a key that stays the same however often it is
// derived: remind/infusion-3/v2/1d. A moved visit has a new version and so drops its old duties by itself.
type Notification struct {
	Key      string           `json:"key"`
	Template string           `json:"template"`
	Channels []person.Channel `json:"channels"`
	At       time.Time        `json:"at"`    // due
	Until    time.Time        `json:"until"` // useful until
	About    string           `json:"about,omitempty"`
	Version  int              `json:"version,omitempty"`
	Start    time.Time        `json:"start,omitzero"` // of the visit it speaks of
	Place    string           `json:"place,omitempty"`
	Safety   bool             `json:"safety,omitempty"` // owed even when the course is paused or closed
	Urgent   bool             `json:"urgent,omitempty"` // sent at once, at any hour and whatever else was sent
	To       person.Role      `json:"to,omitempty"`     // empty: the client
	Person   string           `json:"person,omitempty"` // of the staff: a clinician's id, or OnCall
	Skip     string           `json:"skip,omitempty"`   // why it is only written down as not sent; empty: it is sent
	Of       string           `json:"of,omitempty"`     // key of the duty whose letter it follows
	Look     bool             `json:"look,omitempty"`   // nothing is sent: a letter that may have left is looked for
	Call     bool             `json:"call,omitempty"`   // nothing is sent: no message can reach the client, a person calls
	Words    string           `json:"words"`            // for the timeline: "Reminder, infusion 3"
}

// Receiver is the role that a duty's message goes to.
func (d Notification) Receiver() person.Role {
	if d.To == "" {
		return person.Client
	}
	return d.To
}

// Late says whether a duty is handled noticeably after its time, as after an outage.
func (d Notification) Late(now time.Time) bool { return now.Sub(d.At) > 15*time.Minute }
