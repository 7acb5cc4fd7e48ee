package care

import (
	"strconv"

	"kapflow/care/message"
)

func itoa(n int) string { return strconv.Itoa(n) }

// MessageStatus is a provider's report on a message. Its state in Postgres only goes forward.
type MessageStatus struct {
	Happened
	Message string        `json:"message"` // the delivery's key
	Status  message.State `json:"status"`  // sent, delivered or rejected
	Fault   message.Fault `json:"fault,omitempty"`
}

func (f *MessageStatus) check(_ *Chart, _ Meta, v *inspection) {
	v.required("message", f.Message != "")
	v.required("status", f.Status != "")
}
func (f *MessageStatus) apply(c *Chart, m Meta) {
	if key, err := message.ParseDelivery(f.Message); err == nil && key.Client == c.ClientID {
		c.reported(key, f.Status, f.Fault, m.Now)
	}
}
