package message

import "slices"

// Fault is what kind of trouble a message met, whichever provider carried it (message rule M5). What follows from
// each stands in the table in transitions.go.
type Fault string

// The kinds of trouble.
const (
	FaultAddress       Fault = "address"       // nobody is reached there, now or later
	FaultOptedOut      Fault = "opted-out"     // the receiver told the carrier or the provider to stop
	FaultContent       Fault = "content"       // this text, or its sender, is not carried
	FaultConfiguration Fault = "configuration" // our account is not in order: nothing goes out until a person acts
	FaultThrottle      Fault = "throttle"      // too many at once
	FaultQuiet         Fault = "quiet-hours"   // not at this hour
	FaultPerson        Fault = "person"        // only a person can tell what to do
	FaultTransient     Fault = "transient"     // the phone was off or out of reach
	FaultStale         Fault = "stale"         // it waited at the provider until it had lost its use
	FaultAmbiguous     Fault = "ambiguous"     // it may have left, and it may not
	FaultNotSent       Fault = "not-sent"      // it surely did not leave: the provider was not reached
	FaultCapped        Fault = "capped"        // the practice's own limit of texts; it is no provider's word
	FaultUnrecognised  Fault = "unrecognised"  // a code that no table knows
)

// Waits says whether the delivery is kept and tried again: it surely did not leave, and nothing is wrong with it.
func (f Fault) Waits() bool {
	return slices.ContainsFunc(table, func(r Row) bool { return r.To == StatePlanned && slices.Contains(r.Faults, f) })
}
