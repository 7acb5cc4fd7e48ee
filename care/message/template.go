package message

import (
	"cmp"
	"slices"

	"kapflow/care/wording"
)

// Template names a message. Its texts, one for each channel, are in practice/texts.
type Template string

// The templates.
const (
	TemplateBooked       Template = "visit-booked"    // a visit was booked
	TemplateMoved        Template = "visit-moved"     // a visit has another time
	TemplateCancelled    Template = "visit-cancelled" // a visit was called off
	TemplateMissed       Template = "visit-missed"    // the client did not come
	TemplateHeld         Template = "visit-held"      // a confirmed visit is uncertain
	TemplateStands       Template = "visit-stands"    // and is certain again
	TemplateReminder     Template = "visit-reminder"  // of a visit
	TemplateInstructions Template = "instructions"    // how to prepare for an infusion
	TemplateAftercare    Template = "aftercare"       // what to do after an infusion
	TemplateCheckIn      Template = "check-in"        // how the client is, after an infusion
	TemplateCheckInChase Template = "check-in-chase"  // the same, asked once more
	TemplateFees         Template = "fees-ready"      // an estimate is ready
	TemplateAnswer       Template = "answer"          // what staff wrote back to the client
	TemplateAnswerLink   Template = "answer-link"     // that they wrote back, and where to read it
	TemplateCode         Template = "code"            // the second factor of a link, as a client asks for it; no notification names it
	TemplateCrisis       Template = "crisis"          // the practice's own words to a client who may be in danger
	TemplateAlert        Template = "alert"           // to staff: an alert wants to be acknowledged
	TemplateAlertClimbed Template = "alert-climbed"   // to staff: nobody did in time
	TemplateTask         Template = "task"            // to staff: something is to be done today
	TemplateWorklist     Template = "matter"          // to the coordinator: something is new on the list
	TemplateEmergency    Template = "emergency"       // to an owner: somebody took emergency access; its text is no practice's to change
)

// cappedTemplates are the messages that the practice's limit of texts may hold back.
var cappedTemplates = []Template{TemplateReminder, TemplateInstructions, TemplateCheckIn, TemplateCheckInChase}

// oneChannelTemplates are the messages of which one copy is enough: nothing that the client counts on has changed.
var oneChannelTemplates = []Template{TemplateBooked, TemplateMissed, TemplateReminder, TemplateAftercare, TemplateCheckIn}

// templateWords name the messages whose code says something else to people, or nothing.
var templateWords = map[Template]string{
	TemplateCancelled: "Visit canceled", TemplateHeld: "Visit on hold", TemplateStands: "Visit stands again", TemplateCheckInChase: "Check-in, asked again",
	TemplateFees: "Estimate ready", TemplateAnswerLink: "Answer behind a link", TemplateCrisis: "Help in a crisis", TemplateAlertClimbed: "Unanswered alert",
	TemplateWorklist: "Something new on the list", TemplateEmergency: "Emergency access",
}

// Words name the message: "Visit reminder".
func (t Template) Words() string { return cmp.Or(templateWords[t], wording.Title(string(t))) }

// OneChannel says whether the message goes by the channel that the client prefers, if the practice has it so.
func (t Template) OneChannel() bool { return slices.Contains(oneChannelTemplates, t) }

// Long says whether a text of the message may take three text messages: the practice's own words to somebody in danger, and
// what a person typed, are shortened by nobody.
func (t Template) Long() bool { return t == TemplateCrisis || t == TemplateAnswer }

// Capped says whether the practice's limit of texts holds for a text of the notification, and whether it counts.
func (d Notification) Capped() bool {
	return d.To == "" && !d.Safety && !d.Urgent && slices.Contains(cappedTemplates, d.Template)
}
