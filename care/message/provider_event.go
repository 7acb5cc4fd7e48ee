package message

import "time"

// ProviderEvent is what a message provider told us: a report on a delivery, or a text from a client.
type ProviderEvent struct {
	Provider string    `json:"provider"` // twilio, sendgrid
	ID       string    `json:"id"`       // the provider's own, or made of what tells one report from another
	Kind     EventKind `json:"kind"`
	At       time.Time `json:"at"`

	Ref        string `json:"ref,omitempty"` // of the delivery
	ProviderID string `json:"provider_id,omitempty"`
	State      State  `json:"state,omitempty"`
	Fault      Fault  `json:"fault,omitempty"`
	Why        string `json:"why,omitempty"`

	From  string `json:"from,omitempty"` // E.164
	Text  string `json:"text,omitempty"`
	Class string `json:"class,omitempty"`

	Also []string `json:"also,omitempty"` // what the text means or may mean beside its class

	Assigned string `json:"-"` // the client whose words a person said they are; empty: nobody was asked
}

// EventKind says what a ProviderEvent is about.
type EventKind string

// The kinds of a ProviderEvent.
const (
	EventStatus EventKind = "status" // of a delivery
	EventReply  EventKind = "reply"  // a text from a client
)
