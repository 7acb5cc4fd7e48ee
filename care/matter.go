package care

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"kapflow/care/person"
	"kapflow/care/wording"
)

// WorklistItem is something that a person should look at and that no client's chart can hold. It is on the coordinator's list
// until it settles itself or a person ends it.
type WorklistItem struct {
	Kind     string    `json:"matter"`
	About    string    `json:"about"` // letter's key, channel, event
	ClientID string    `json:"client,omitempty"`
	Words    string    `json:"words"`
	Since    time.Time `json:"since"` // UTC
}

// Kinds of a Matter.
const (
	WorklistChannel = "channel-held"  // a provider refuses our account
	WorklistLate    = "message-late"  // a message past its time without an end
	WorklistReply   = "unknown-reply" // a text from a number that no client has
)

// ID names a matter on the command line. It is made of what the matter is about, so that it stays the same however
// often the matter is found.
func (m WorklistItem) ID() string {
	sum := sha256.Sum256([]byte(m.Kind + "\x00" + m.About))
	return "m-" + hex.EncodeToString(sum[:4])
}

// WatchEvery is how often somebody looks for messages past their time, and LateAfter how long one may take: together a
// message that is late is on the coordinator's list within ten minutes.
const (
	WatchEvery = 5 * time.Minute
	LateAfter  = 4 * time.Minute
)

// LateDelivery is a letter past its time without an end.
type LateDelivery struct {
	Key      string
	ClientID string
	Channel  person.Channel
	Template string
	To       person.Role
	State    string // as in the register; empty: nobody ever took it up
	Fault    Fault
	Since    time.Time // UTC
}

// WorklistItem is what a person reads of it. Its words hold nothing of the message.
func (l LateDelivery) WorklistItem() WorklistItem {
	words := wording.Title(l.Template) + " to the " + string(l.To) + " by " + channelWords[l.Channel] + ": "
	switch {
	case l.State == StateUnknown:
		words += "nobody knows whether it left; ask whether it arrived"
	case l.State == StateSending:
		words += "it was being sent, and nobody knows how that ended; ask whether it arrived"
	case l.State == StatePlanned && l.Fault == FaultConfiguration:
		words += "it waits, because the provider refuses our account; put that right, or say it yourself"
	case l.State == StatePlanned:
		words += "it waits, because the provider does not take it; say it yourself if it presses"
	default:
		words += "it was due and nobody took it up; look whether the worker runs, and say it yourself if it presses"
	}
	return WorklistItem{Kind: WorklistLate, About: l.Key, ClientID: l.ClientID, Words: words, Since: l.Since}
}

var channelWords = map[person.Channel]string{person.SMS: "text message", person.Email: "e-mail", person.Phone: "telephone"}

// OverdueDeliveries gives the letters that the chart says should have been taken up by now: a journey that is stuck, or a
// worker that is away, leaves them without a trace. What was begun counts as not done; whether it was, the register of
// letters knows. What came up in the client's night waits for the morning and is not overdue before.
func (c *Chart) OverdueDeliveries(now time.Time) (late []LateDelivery) {
	kept := c.Handled
	defer func() { c.Handled = kept }()
	c.Handled = maps.Clone(kept)
	maps.DeleteFunc(c.Handled, func(_, outcome string) bool { return outcome == resultBegun })
	act, expired := c.Due(now)
	for _, d := range slices.Concat(act, expired) {
		since := d.At
		if opened := c.opens(now); !d.Urgent && opened.After(since) && !now.Before(opened) {
			since = opened
		}
		if d.Look || d.Skip != "" || now.Sub(since) < LateAfter {
			continue
		}
		for _, ch := range d.Channels {
			late = append(late, LateDelivery{Key: DeliveryKey(c.ClientID, d.Key, ch), ClientID: c.ClientID, Channel: ch, Template: d.Template, To: d.Receiver(), Since: since})
		}
	}
	return late
}

// PressingTasks gives the tasks whose time ends before the next morning list could name them: today, or, when nobody is
// in the office, before somebody is. What has been late for a day is on the list already.
func (c *Chart) PressingTasks(now time.Time) []Task {
	end := c.Zone.Clock(c.Zone.AddDays(now, 1), 0, 0)
	if !c.inOffice(now) {
		end = c.officeLater(now, 0)
	}
	return slices.DeleteFunc(c.Tasks(now), func(t Task) bool { return !t.Due.Before(end) || now.Sub(t.Due) > 24*time.Hour })
}
