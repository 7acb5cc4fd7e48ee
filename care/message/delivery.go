package message

import (
	"errors"
	"time"

	"kapflow/care/person"
)

// Delivery is one channel of a notification to a client, or to the staff who look after the client: what is claimed in the
// register before it is sent.
type Delivery struct {
	ClientID     string
	Notification Notification
	Channel      person.Channel
	To           person.Role
	Now          time.Time
	Late         bool

	ChartVersion int // of the save that must be there before anybody is asked about it
}

// Key names the delivery for ever.
func (l Delivery) Key() DeliveryKey { return DeliveryKeyOf(l.ClientID, l.Notification.Key, l.Channel) }

// Known is what the register knows of a delivery's client and channel and the chart does not, at the moment of the
// decision.
type Known struct {
	Arrived        bool // the message that this one stands in for was reported as delivered
	OptedOut       bool // the number has opted out
	TextsToday     int  // texts that count against the practice's limit, since the client's midnight
	TextsThisWeek  int  // the same, today and in the six days before
	AccountRefused bool // the provider refused our account a moment ago
}

// Decision says whether a delivery may be sent. The empty state means that it may, StatePlanned that it is tried again,
// and any other state ends it.
type Decision struct {
	State State
	Fault Fault
	Why   string
}

// Event is the decision as the table of transitions knows it.
func (d Decision) Event() Event {
	if d.State == StateNew {
		return Granted
	}
	on, _ := EventOf(d.State, d.Fault)
	return on
}

// SendDecision is the register's answer to who claims a delivery: either it may be sent now, with the addresses and the
// consent as they are at this moment, or State, Fault and Why say what ended it or what it waits for.
type SendDecision struct {
	Granted bool // it may be sent
	Again   bool // an earlier try claimed it and its end is not known: only a sender that recognises its key may send it
	State   State
	Why     string
	Fault   Fault
	Ref     string // opaque id, by which its provider reports
	Link    string // token of the link that its message carries; empty: it carries none
	Answer  string // what staff wrote back, if its message carries that
	Contact person.Contact
	Consent Consent
}

// DeliveryResult is the end of a claimed delivery, as its sender or its provider tells it.
type DeliveryResult struct {
	Key        DeliveryKey
	State      State
	Why        string
	Fault      Fault
	Text       string
	SentTo     string // address
	ProviderID string
	At         time.Time
}

// DeliveryEnd is what the client's chart is told of a delivery's end.
type DeliveryEnd struct {
	Channel    person.Channel `json:"channel"`
	State      State          `json:"state"` // as in the register; planned: kept for another try
	Fault      Fault          `json:"fault,omitempty"`
	Tracked    bool           `json:"tracked,omitempty"`     // its provider will report what happens to it
	RetryAfter time.Duration  `json:"retry_after,omitempty"` // nanoseconds, as the provider asked
}

// SentDelivery is a delivery as it left.
type SentDelivery struct {
	Key          DeliveryKey
	SentTo, Text string
	State        State
	At           time.Time // when it was claimed
}

// ErrUnsaved says that the chart that made a delivery due is not saved yet, so nobody can decide about it. Asking again
// helps.
var ErrUnsaved = errors.New("the chart that made the delivery due is not saved yet")
