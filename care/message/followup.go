package message

import (
	"time"

	"kapflow/care/person"
)

// FollowUp is what is still to be done about a letter.
type FollowUp struct {
	Of      string         `json:"of"`      // key of the duty it was sent for
	Do      string         `json:"do"`      // look, again, instead
	Channel person.Channel `json:"channel"` // on which it was sent
	At      time.Time      `json:"at"`
}

// The things a FollowUp can ask for; each is the last part of its duty's key.
const (
	FollowLook    = "look"
	FollowAgain   = "again"
	FollowInstead = "instead"
)

// Wait keeps a duty whose letter could not leave for a reason that passes.
type Wait struct {
	Notification string    `json:"duty"`
	Until        time.Time `json:"until"`
	Tries        int       `json:"tries"`
}

// BadAddress says that nobody is reached on a channel, until the address changes.
type BadAddress struct {
	Channel person.Channel `json:"channel"`
	At      time.Time      `json:"at"`
}

// Early is a report that came while its letter was still being sent: it is taken in with the sender's own answer.
type Early struct {
	Message string `json:"message"`
	Status  string `json:"status"`
	Fault   Fault  `json:"fault,omitempty"`
}
