// Package visit names what a visit is for and where it stands, by FHIR R4 Appointment status codes.
package visit

import "kapflow/care/money"

// Kind is what a visit is for (R9).
type Kind string

// The kinds of visits: evaluation, preparation and integration are psychotherapy; consult and infusion
// are medical.
const (
	Evaluation  Kind = "evaluation"
	Preparation Kind = "preparation"
	Consult     Kind = "consult"
	Infusion    Kind = "infusion"
	Integration Kind = "integration"
)

// Kinds lists the kinds of visits as wire names, in the order of a course.
var Kinds = []string{string(Evaluation), string(Preparation), string(Consult), string(Infusion), string(Integration)}

// FeeSet gives the fee set that a kind of visit is charged to (R24).
func (k Kind) FeeSet() money.FeeSet {
	if k == Consult || k == Infusion {
		return money.Medical
	}
	return money.Psychotherapies
}

// Status is a visit's state, by FHIR R4 appointment codes.
type Status string

// The states of a visit.
const (
	Booked    Status = "booked"
	Arrived   Status = "arrived"
	Fulfilled Status = "fulfilled"
	Cancelled Status = "cancelled"
	NoShow    Status = "noshow"
)

// Phase is where a visit stands at a time: its status, and what time and the infusion day make of it.
type Phase string

// The phases of a visit.
const (
	PhaseTentative Phase = "tentative" // time is held for it, and the client was not told
	PhaseBooked    Phase = "booked"
	PhaseConfirmed Phase = "confirmed" // booked, and the client said that they come
	PhaseArrived   Phase = "arrived"
	PhaseRunning   Phase = "running" // an infusion between start and stop
	PhaseOver      Phase = "over"    // its time has passed, and nobody recorded an outcome
	PhaseHeld      Phase = "held"    // it took place
	PhaseCancelled Phase = "cancelled"
	PhaseMissed    Phase = "missed"
)

// Words says the state as a sentence of ours does: "held".
func (s Status) Words() string {
	switch s {
	case Fulfilled:
		return "held"
	case Cancelled:
		return "canceled"
	case NoShow:
		return "missed"
	default:
		return string(s)
	}
}
