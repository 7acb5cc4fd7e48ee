package message

import (
	"errors"
	"time"

	"kapflow/care/person"
)

// DeliveryEnd is what the sender's answer tells of one letter.
type DeliveryEnd struct {
	Channel    person.Channel `json:"channel"`
	State      string         `json:"state"` // as in the register; planned: kept for another try
	Fault      Fault          `json:"fault,omitempty"`
	Tracked    bool           `json:"tracked,omitempty"`     // its provider will report what becomes of it
	RetryAfter time.Duration  `json:"retry_after,omitempty"` // nanoseconds, as the provider asked
}

// Delivery is one message on one channel: what is claimed in the register before it is sent.
type Delivery struct {
	Key          string         `json:"key"` // client/duty/channel
	ClientID     string         `json:"client"`
	Notification Notification   `json:"duty"`
	Channel      person.Channel `json:"channel"`
	To           person.Role    `json:"to"`
	Now          time.Time      `json:"now"`
	Late         bool           `json:"late,omitempty"`

	ChartVersion int `json:"chart_version,omitempty"` // of the save that must be there before anybody is asked about it
}

// DeliveryKey gives the key that makes a letter unique for ever.
func DeliveryKey(clientID, notification string, ch person.Channel) string {
	return clientID + "/" + notification + "/" + string(ch)
}

// SendDecision is the register's answer to a letter: either it may be sent now, with the addresses as they are at
// this moment, or State and Why say what became of it.
type SendDecision struct {
	Granted bool
	Again   bool // an earlier try claimed it and its end is not known
	State   string
	Why     string
	Fault   Fault  // that ended it before
	Ref     string // opaque id of the letter, by which its provider reports
	Contact person.Contact
	Consent Consent
}

// DeliveryResult is what became of a claimed letter.
type DeliveryResult struct {
	Key        string
	State      string
	Why        string
	Fault      Fault
	Text       string
	SentTo     string // address it was sent to
	ProviderID string
	At         time.Time
}

// SentDelivery is a letter as it left.
type SentDelivery struct {
	Key, SentTo, Text, State string
	At                       time.Time // when it was claimed
}

// ErrUnsaved says that what made a letter due is not saved yet: its last word cannot be asked for. Asking again helps.
var ErrUnsaved = errors.New("the chart that made the letter due is not saved yet")
