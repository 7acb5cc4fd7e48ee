package message

import (
	"errors"
	"time"

	"kapflow/care/person"
)

// LinkPurpose is what a link in a message opens. It is bound to the link and never changes.
type LinkPurpose string

// What links are for.
const (
	LinkVisit        LinkPurpose = "visit"        // its time, changes to it, the calendar file
	LinkInstructions LinkPurpose = "instructions" // how to prepare, with the visit
	LinkAftercare    LinkPurpose = "aftercare"
	LinkCheckIn      LinkPurpose = "check-in"
	LinkFees         LinkPurpose = "fees"   // the estimate
	LinkAnswer       LinkPurpose = "answer" // what staff wrote back
)

// linkPurposes says what each template's link opens; a template that is not here opens the visit.
var linkPurposes = map[Template]LinkPurpose{
	TemplateInstructions: LinkInstructions,
	TemplateAftercare:    LinkAftercare,
	TemplateFees:         LinkFees,
	TemplateAnswerLink:   LinkAnswer,
	TemplateCheckIn:      LinkCheckIn,
	TemplateCheckInChase: LinkCheckIn,
}

// linkDays is how long a link is good for after it was sent, if not for longer by its visit.
var linkDays = map[LinkPurpose]int{LinkVisit: 14, LinkInstructions: 7, LinkAftercare: 7, LinkCheckIn: 14, LinkFees: 30, LinkAnswer: 14}

// Bounds of a link (security rule S10).
const (
	LinkUses  = 12 // how often it can be opened with the second factor
	LinkTries = 5  // wrong second factors before it is revoked
	DayTries  = 10 // wrong second factors for all links of a client in 24 hours, before none opens
)

// Link is what stands behind the token of one message. The token itself is nowhere kept, only its SHA-256.
type Link struct {
	ClientID  string
	Purpose   LinkPurpose
	About     string // appointment, check-in or reply
	Version   int    // of the appointment: a moved visit has another, and old links die
	Channel   person.Channel
	Delivery  string // key of the delivery that carries it
	MadeAt    time.Time
	ExpiresAt time.Time
	UsesLeft  int
	TriesLeft int
	// NoCode is true for a link by an earlier build, whose row does not prove by which channel it was sent: no code is sent for it.
	NoCode bool
}

// CodeChannel is the channel by which a code for a link is sent: never the one that the link came by, because whoever reads that
// one has the link. Empty: no code can be sent.
func (l Link) CodeChannel() person.Channel {
	switch {
	case l.NoCode:
		return ""
	case l.Channel == person.SMS:
		return person.Email
	case l.Channel == person.Email:
		return person.SMS
	}
	return ""
}

// ErrNoLink says that a link cannot be opened. Whether it never existed, has expired or was used up is nobody's
// business: all three are answered alike.
var ErrNoLink = errors.New("there is no such link")

// ErrLocked says that the second factor of a client's links was wrong too often today.
var ErrLocked = errors.New("the second factor was wrong too often today")

// HasLink says whether the delivery carries a link. A message to staff has none, and neither has a crisis text: whom to
// call is in it. An answer is in its own message.
func (l Delivery) HasLink() bool {
	return l.To == person.Client && l.Notification.Template != TemplateCrisis && l.Notification.Template != TemplateAnswer
}

// LinkOf gives the link that a delivery carries.
func LinkOf(l Delivery) Link {
	purpose, ok := linkPurposes[l.Notification.Template]
	if !ok {
		purpose = LinkVisit
	}
	expires := l.Now.AddDate(0, 0, linkDays[purpose])
	if after := l.Notification.Start.Add(24 * time.Hour); after.After(expires) {
		expires = after
	}
	return Link{ClientID: l.ClientID, Purpose: purpose, About: l.Notification.About, Version: l.Notification.Version, Channel: l.Channel, Delivery: l.Key().String(),
		MadeAt: l.Now, ExpiresAt: expires, UsesLeft: LinkUses, TriesLeft: LinkTries}
}

// SecondFactor is what the holder of a link gives besides it: a date of birth (2006-01-02), the code of a message on
// the other channel, or the PIN that was agreed in person.
type SecondFactor struct{ BirthDate, Code, PIN string }
