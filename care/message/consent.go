package message

import (
	"time"

	"kapflow/care/person"
)

// Consent is the client's word on one channel: granted or not, and how much a message may say.
type Consent struct {
	Channel person.Channel `json:"channel"`
	Granted bool           `json:"granted"`
	Detail  string         `json:"detail"` // minimal, appointment-time
	Wording string         `json:"wording,omitempty"`
	Stopped bool           `json:"stopped,omitempty"` // by the client's own reply; their "start" brings it back
	At      time.Time      `json:"at"`
}

// Details of a consent: what a message may say.
const (
	DetailMinimal = "minimal"
	DetailTime    = "appointment-time"
)
