package message

import (
	"time"

	"kapflow/care/person"
)

// FollowUp is what is still to be done about a delivery.
type FollowUp struct {
	Of      Key            `json:"of"`      // key of the notification it was sent for
	Do      Follow         `json:"do"`      // what follows
	Channel person.Channel `json:"channel"` // on which it was sent
	At      time.Time      `json:"at"`
}

// Wait keeps a notification whose delivery could not leave for a reason that passes.
type Wait struct {
	Notification Key       `json:"duty"`
	Until        time.Time `json:"until"`
	Tries        int       `json:"tries"`
}

// BadAddress says that nobody is reached on a channel, until the address changes.
type BadAddress struct {
	Channel person.Channel `json:"channel"`
	At      time.Time      `json:"at"`
}

// Early is a report that came while its delivery was still being sent: it is taken in with the sender's own answer.
type Early struct {
	Message DeliveryKey `json:"message"`
	Status  State       `json:"status"`
	Fault   Fault       `json:"fault,omitempty"`
}
