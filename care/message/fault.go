package message

import "slices"

// Fault says what was wrong with a message, whichever provider carried it (message rule M5). What follows from each stands
// in the table in transitions.go; the sentences of the faults are in Faults.
type Fault string

// The faults. No fault is the empty text.
const (
	FaultAddress       Fault = "address"
	FaultOptedOut      Fault = "opted-out"
	FaultContent       Fault = "content"
	FaultConfiguration Fault = "configuration"
	FaultThrottle      Fault = "throttle"
	FaultQuiet         Fault = "quiet-hours"
	FaultPerson        Fault = "person"
	FaultTransient     Fault = "transient"
	FaultStale         Fault = "stale"
	FaultAmbiguous     Fault = "ambiguous"
	FaultNotSent       Fault = "not-sent"
	FaultCapped        Fault = "capped"
	FaultUnrecognised  Fault = "unrecognised"
)

// FaultRow says what one fault means.
type FaultRow struct {
	Fault Fault
	Words string
}

var faults = []FaultRow{
	{FaultAddress, "Nobody is reached there, now or later."},
	{FaultOptedOut, "The receiver told the carrier, the provider or us to stop."},
	{FaultContent, "This text, or its sender, is not carried."},
	{FaultConfiguration, "Our account with the provider is not in order. Nothing leaves until a person acts."},
	{FaultThrottle, "There were too many messages at once."},
	{FaultQuiet, "Not at this hour."},
	{FaultPerson, "Only a person can tell what to do."},
	{FaultTransient, "The phone was off or out of reach."},
	{FaultStale, "It waited at the provider until it was of no use any more."},
	{FaultAmbiguous, "It may have left, and it may not."},
	{FaultNotSent, "The provider was not reached, so it surely did not leave."},
	{FaultCapped, "The client had all the texts that the practice's own limit allows. No provider says this."},
	{FaultUnrecognised, "The provider gave a reason that no table knows."},
}

// Faults gives every fault with its meaning.
func Faults() []FaultRow { return slices.Clone(faults) }

// Waits says whether the delivery is kept and tried again: it surely did not leave, and nothing is wrong with it.
func (f Fault) Waits() bool {
	return slices.ContainsFunc(table, func(r Row) bool { return r.To == StatePlanned && slices.Contains(r.Faults, f) })
}
