package message

import (
	"time"

	"kapflow/care/person"
)

// DueNotification is a notification with what the journey knows about it now.
type DueNotification struct {
	Notification Notification     `json:"duty"`
	When         string           `json:"when,omitempty"` // the visit's time in words, from one value for every channel
	SendBefore   time.Time        `json:"send_before"`    // later than this nothing may leave
	Late         bool             `json:"late,omitempty"`
	IfCapped     []person.Channel `json:"if_capped,omitempty"` // how it goes when a cap holds its text back
	Expired      bool             `json:"expired,omitempty"`   // only to be written down: it has lost its use
}

// NotBeforeItsEnd gives the time at which a worker decides: its own, but for what has lost its use by the journey's clock not before that
// end, so that a worker whose clock is behind does not keep it.
func (d DueNotification) NotBeforeItsEnd(now time.Time) time.Time {
	if end := d.Notification.Until; d.Expired && d.Notification.Skip == "" && now.Before(end) {
		return end
	}
	return now
}

// NotificationResult is the end of one notification and of each of its deliveries.
type NotificationResult struct {
	Key        Key           `json:"key"`
	Result     Result        `json:"outcome"`
	Deliveries []DeliveryEnd `json:"letters,omitempty"`
}
