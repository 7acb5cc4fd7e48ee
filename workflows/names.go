// Package workflows says what happens next: one ClientJourney per client, and the practice's own
// scheduled workflows. It decides nothing about treatment (care does) and touches nothing (activities do).
// All of it is deterministic: no clock, configuration, randomness or map order.
package workflows

import (
	"go.temporal.io/sdk/temporal"

	"kapflow/activities"
	"kapflow/care"
)

// Wire names. They are stored in every history and never change.
const (
	ClientJourneyName = "ClientJourney"
	MorningListName   = "MorningList"
	PracticeWatchName = "PracticeWatch"

	// WakeSignal wakes a journey so that it looks for a newer worker version. It carries nothing.
	WakeSignal = "wake"

	// MorningListSchedule is the id of the schedule that starts MorningList.
	MorningListSchedule = "morning-list"
	// PracticeWatchSchedule is the id of the schedule that starts PracticeWatch.
	PracticeWatchSchedule = "practice-watch"

	// NotifySuffix makes the queue of provider calls from the journey's queue: it has a server-side rate.
	NotifySuffix = "-notify"
)

// Search attributes: codes and dates only, they are stored in the clear. KapMoves holds every role that owes something, and
// KapMove the first of them: it was registered with the type of one word, which cannot change.
var (
	KapStage      = temporal.NewSearchAttributeKeyKeyword("KapStage")
	KapBlockedBy  = temporal.NewSearchAttributeKeyKeywordList("KapBlockedBy")
	KapMove       = temporal.NewSearchAttributeKeyKeyword("KapMove")
	KapMoves      = temporal.NewSearchAttributeKeyKeywordList("KapMoves")
	KapNextDue    = temporal.NewSearchAttributeKeyTime("KapNextDue")
	KapAttention  = temporal.NewSearchAttributeKeyBool("KapAttention")
	KapStageSince = temporal.NewSearchAttributeKeyTime("KapStageSince")
)

// JourneyInput starts a journey, and carries everything over a continue-as-new.
type JourneyInput struct {
	Chart *care.Chart `json:"chart"`
}

// Irreplaceable marks the input as one that the journey cannot continue without: a worker that cannot decrypt the chart has
// the wrong keys, and must not end the journey because of that.
func (*JourneyInput) Irreplaceable() {}

// Answer is what an update answers: the fact's number, and where the client now stands.
type Answer struct {
	Seq         int        `json:"seq"`
	Stage       care.Stage `json:"stage"`
	Appointment string     `json:"appointment,omitempty"` // the id that a booking was given
	Repeated    bool       `json:"repeated,omitempty"`
}

// acts names the activities for the compiler; it is nil and never called.
var acts *activities.Activities
