package care

import (
	"slices"

	"kapflow/care/message"
	"kapflow/care/person"
)

// Decide is what the register asks before a delivery is sent: DecideSend, or a test's own.
type Decide func(c *Chart, l message.Delivery, known message.Known) message.Decision

// DecideSend says whether a delivery may be sent at l.Now. The register asks it inside the transaction that claims the
// delivery, with the chart as it is saved at that moment and with what the register itself knows. It changes nothing it is
// given.
func DecideSend(c *Chart, l message.Delivery, known message.Known) message.Decision {
	if d := c.decideByChart(l); d.State != message.StateNew {
		return d
	}
	return DecideByRegister(c, l, known)
}

// decideByChart decides by what is owed, by consent and by the hour.
func (c *Chart) decideByChart(l message.Delivery) message.Decision {
	d, owed := c.owedFor(l)
	switch {
	case !owed:
		if v := c.Visit(l.Notification.About); v != nil && v.Version != l.Notification.Version {
			return message.Decision{State: message.StateSuperseded, Why: "the visit was changed"}
		}
		return message.Decision{State: message.StateSuppressed, Why: "no longer due"}
	case !slices.Contains(d.Channels, l.Channel):
		return message.Decision{State: message.StateSuppressed, Why: "no consent on this channel"}
	case d.Skip != "":
		return message.Decision{State: message.StateSuppressed, Why: d.Skip}
	case !d.Until.After(l.Now):
		return message.Decision{State: message.StateExpired, Why: "its time of use has passed"}
	case !d.Urgent && !c.isOpen(l.Now):
		return message.Decision{State: message.StatePlanned, Fault: message.FaultQuiet, Why: "it is night where the client is now"}
	}
	return message.Decision{}
}

// owedFor finds the notification that a delivery is sent for, as the chart has it. The chart has it marked as handled while
// it is under way.
func (c *Chart) owedFor(l message.Delivery) (message.Notification, bool) {
	if l.Notification.Of == (message.Key{}) {
		return find(c.notificationsBut(func(k message.Key) bool { return c.Handled[k] != "" && k != l.Notification.Key }), l.Notification.Key)
	}
	// The saved chart may not know yet what follows a delivery, but it knows the notification that the delivery was for.
	d, owed := find(c.allNotifications(), l.Notification.Of)
	d.Channels = c.allowed([]person.Channel{person.SMS, person.Email})
	return d, owed
}

// DecideByRegister is the part of DecideSend that asks what only the register knows: an opt-out of the number, the texts that
// the client has had, an account that the provider refuses.
func DecideByRegister(c *Chart, l message.Delivery, known message.Known) message.Decision {
	text := l.Channel == person.SMS
	switch {
	case known.Arrived:
		return message.Decision{State: message.StateSuppressed, Why: "the first message arrived after all"}
	case text && known.OptedOut:
		return message.Decision{State: message.StateSuppressed, Fault: message.FaultOptedOut, Why: "this number has opted out"}
	case text && l.Notification.Capped() && c.Policy.Messages.Full(known.TextsToday, known.TextsThisWeek) != "":
		return message.Decision{State: message.StateSuppressed, Fault: message.FaultCapped, Why: c.Policy.Messages.Full(known.TextsToday, known.TextsThisWeek)}
	case known.AccountRefused:
		return message.Decision{State: message.StatePlanned, Fault: message.FaultConfiguration, Why: "the provider refuses our account"}
	}
	return message.Decision{}
}

// find gives the notification with a key.
func find(list []message.Notification, key message.Key) (message.Notification, bool) {
	for _, d := range list {
		if d.Key == key {
			return d, true
		}
	}
	return message.Notification{}, false
}
