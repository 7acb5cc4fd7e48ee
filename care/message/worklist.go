package message

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"kapflow/care/person"
)

// WorklistItem is something that a person should look at and that no client's chart can hold. It is on the coordinator's list
// until it settles itself or a person ends it.
type WorklistItem struct {
	Kind     WorklistKind `json:"matter"`
	About    string       `json:"about"` // delivery's key, channel, event
	ClientID string       `json:"client,omitempty"`
	Words    string       `json:"words"`
	Since    time.Time    `json:"since"`             // UTC
	Clients  []string     `json:"clients,omitempty"` // who shares the number that a text came from: it is in the record of none of them
}

// WorklistKind says what a WorklistItem is about. It is stored, and part of the item's id.
type WorklistKind string

// Kinds of a WorklistItem.
const (
	WorklistChannel WorklistKind = "channel-held"  // a provider refuses our account
	WorklistLate    WorklistKind = "message-late"  // a message past its time without an end
	WorklistReply   WorklistKind = "unknown-reply" // a text from a number that no client has
	WorklistDanger  WorklistKind = "danger-reply"  // such a text that points to danger
	WorklistShared  WorklistKind = "shared-reply"  // a text from a number that several clients share
	WorklistAlarm   WorklistKind = "shared-danger" // such a text that points to danger
	WorklistLocked  WorklistKind = "link-locked"   // a link that was answered wrongly too often

	WorklistNoFactor WorklistKind = "link-no-factor" // a client who can open no link

	WorklistUnaudited WorklistKind = "fact-unaudited"   // a fact that the audit log knows no report of
	WorklistFactLost  WorklistKind = "fact-lost"        // a fact that was saved, which the journey never had and nobody reported again
	WorklistEmergency WorklistKind = "emergency-access" // taken, and no owner could be told by mail
)

// ID names a matter on the command line. It is made of what the matter is about, so that it stays the same however
// often the matter is found.
func (m WorklistItem) ID() string {
	sum := sha256.Sum256([]byte(string(m.Kind) + "\x00" + m.About))
	return "m-" + hex.EncodeToString(sum[:4])
}

// Danger says whether the item is a text that points to danger: everybody who hears of danger is told at once.
func (m WorklistItem) Danger() bool { return m.Kind == WorklistDanger || m.Kind == WorklistAlarm }

// Unassigned says whether the item is a text whose author a person must name. It cannot be taken off the list otherwise.
func (m WorklistItem) Unassigned() bool { return m.Kind == WorklistShared || m.Kind == WorklistAlarm }

// Assignment is a person's decision whose words a text from a shared number has.
type Assignment struct {
	Item     WorklistItem
	ClientID string // one of those who share the number; empty: nobody's
	Reason   string // why it is nobody's
	By       person.Actor
	At       time.Time // UTC
}

// Locked is the coordinator's item about a link whose second factor was wrong too often: the client cannot open it any more and
// was told to call.
func (l Link) Locked(now time.Time) WorklistItem {
	return WorklistItem{Kind: WorklistLocked, About: l.Delivery + "/" + string(l.Channel), ClientID: l.ClientID, Since: now.UTC(),
		Words: "a link in a message is locked, because the date of birth or code was wrong too often; call the client, and check the date of birth"}
}

// LockedForDay is the coordinator's item about a client whose links were answered wrongly too often in 24 hours.
func (l Link) LockedForDay(now time.Time) WorklistItem {
	return WorklistItem{Kind: WorklistLocked, About: l.ClientID + "/" + now.UTC().Format(time.DateOnly), ClientID: l.ClientID, Since: now.UTC(),
		Words: "a second factor was wrong too often for this client, so no link opens for 24 hours; call the client and ask whether it was them"}
}

// NoFactor is the coordinator's item about a client who opened a link and has nothing to verify their identity with.
func (l Link) NoFactor(now time.Time) WorklistItem {
	return WorklistItem{Kind: WorklistNoFactor, About: l.ClientID + "/" + now.UTC().Format(time.DateOnly), ClientID: l.ClientID, Since: now.UTC(),
		Words: "the client has a link and cannot open it: record the date of birth, or agree a PIN in person, or record consent to messages on a second channel"}
}

// LateDelivery is a delivery past its time without an end.
type LateDelivery struct {
	Key      DeliveryKey
	ClientID string
	Channel  person.Channel
	Template Template
	To       person.Role
	State    State // as in the register; empty: nobody ever took it up
	Fault    Fault
	Since    time.Time // UTC
}

// WorklistItem is what a person reads of it. Its words hold nothing of the message.
func (l LateDelivery) WorklistItem() WorklistItem {
	words := l.Template.Words() + " to the " + string(l.To) + " by " + l.Channel.Words() + ": "
	switch {
	case l.State == StateUnknown:
		words += "nobody knows whether it left; ask whether it arrived"
	case l.State == StateSending:
		words += "it was being sent, and nobody knows how that ended; ask whether it arrived"
	case l.State == StatePlanned && l.Fault == FaultConfiguration:
		words += "it waits, because the provider refuses our account; put that right, or say it yourself"
	case l.State == StatePlanned:
		words += "it waits, because the provider does not take it; tell the client yourself if it is urgent"
	default:
		words += "it was due and was not sent; check whether the worker runs, and tell the client yourself if it is urgent"
	}
	return WorklistItem{Kind: WorklistLate, About: l.Key.String(), ClientID: l.ClientID, Words: words, Since: l.Since}
}
