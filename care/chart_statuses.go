package care

import (
	"time"

	"kapflow/care/visit"
)

// The codes by which things stand, and for each thing the one function that says how it stands. Everybody asks these:
// gates, tasks, refusals, the exported record. The values are wire names.

// LabResult is where the laboratory's report stands, by FHIR R4 DiagnosticReport status codes; empty: there is none.
type LabResult string

// The states of a laboratory's report.
const (
	ResultPreliminary LabResult = "preliminary"
	ResultFinal       LabResult = "final"
	ResultAmended     LabResult = "amended" // a final one that the laboratory changed
)

// LabOutcome is what the physician's review of a result found; empty: nobody reviewed it.
type LabOutcome string

// The outcomes of a review.
const (
	OutcomeCleared  LabOutcome = "cleared"
	OutcomeAbnormal LabOutcome = "abnormal"
)

// LabStatus is where a set of labs stands at a time, from order to review.
type LabStatus string

// The statuses of a set of labs. Only LabCleared opens the gate.
const (
	LabNotOrdered  LabStatus = "not-ordered"
	LabOrdered     LabStatus = "ordered" // and no result yet
	LabPreliminary LabStatus = "preliminary"
	LabFinal       LabStatus = "final"   // to be reviewed
	LabAmended     LabStatus = "amended" // to be reviewed again
	LabCleared     LabStatus = "cleared"
	LabAbnormal    LabStatus = "abnormal"
	LabExpired     LabStatus = "expired" // cleared, and no longer valid
)

// LabStatus says where the labs that count at a time stand then.
func (c *Chart) LabStatus(at time.Time) LabStatus { return c.labsAt(at).Status(at) }

// labsAt gives the labs that count at a time: the set ordered last. While that one has no result, an earlier set goes on
// counting as long as it is cleared and valid: a new order takes away no result.
func (c *Chart) labsAt(at time.Time) *LabOrder {
	last := c.lastLabs()
	if last.Status(at) != LabOrdered {
		return last
	}
	for i := len(c.Labs) - 2; i >= 0; i-- {
		switch l := &c.Labs[i]; l.Status(at) {
		case LabOrdered:
		case LabCleared:
			return l
		default:
			return last
		}
	}
	return last
}

// Status says where these labs stand at a time. No labs (nil) are not ordered.
func (l *LabOrder) Status(at time.Time) LabStatus {
	switch {
	case l == nil:
		return LabNotOrdered
	case l.Result == "":
		return LabOrdered
	case l.Result == ResultPreliminary:
		return LabPreliminary
	case l.Outcome == "" && l.Result == ResultAmended:
		return LabAmended
	case l.Outcome == "":
		return LabFinal
	case l.Outcome != OutcomeCleared:
		return LabAbnormal
	case l.ValidUntil.Before(at):
		return LabExpired
	}
	return LabCleared
}

// Waiting says whether the laboratory still owes a result that can be reviewed.
func (s LabStatus) Waiting() bool { return s == LabOrdered || s == LabPreliminary }

// Reviewed says whether the physician looked at the result.
func (s LabStatus) Reviewed() bool { return s == LabCleared || s == LabAbnormal || s == LabExpired }

// expires gives the last instant on which cleared labs count; ok is false for all others.
func (l *LabOrder) expires() (at time.Time, ok bool) {
	if l == nil || l.Outcome != OutcomeCleared {
		return time.Time{}, false
	}
	return l.ValidUntil, true
}

// ConsultOutcome is the physician's decision at the consult; empty: there was none.
type ConsultOutcome string

// The outcomes of a consult.
const (
	ConsultCleared  ConsultOutcome = "cleared"
	ConsultDeferred ConsultOutcome = "deferred" // another consult is needed
	ConsultDeclined ConsultOutcome = "declined"
)

// ConsultOutcome gives the decision at the consult that was held last, which counts; empty: none was held.
func (c *Chart) ConsultOutcome() ConsultOutcome {
	if last := c.lastConsult(); last != nil {
		return last.Outcome
	}
	return ""
}

// lastConsult gives the consult that was held last, or nil.
func (c *Chart) lastConsult() *Visit {
	held := c.Fulfilled(visit.Consult)
	if len(held) == 0 {
		return nil
	}
	return held[len(held)-1]
}

// Phase says where a visit stands at a time: its status, and what time and the infusion day make of it.
func (v *Visit) Phase(at time.Time) visit.Phase {
	switch {
	case v.Status == visit.Cancelled:
		return visit.PhaseCancelled
	case v.Status == visit.NoShow:
		return visit.PhaseMissed
	case v.Status == visit.Fulfilled:
		return visit.PhaseHeld
	case v.running():
		return visit.PhaseRunning
	case v.End().Before(at):
		return visit.PhaseOver
	case v.Status == visit.Arrived:
		return visit.PhaseArrived
	case v.Tentative:
		return visit.PhaseTentative
	case v.Confirmed:
		return visit.PhaseConfirmed
	}
	return visit.PhaseBooked
}

// FlagDecision is the physician's decision about a flag; empty: undecided, which shuts the gate as hold does.
type FlagDecision string

// The decisions about a flag.
const (
	FlagProceed FlagDecision = "proceed"
	FlagHold    FlagDecision = "hold"
	FlagDecline FlagDecision = "decline"
)

// ScreeningStatus is what the evaluation of the acceptance criteria said (R3, R4).
type ScreeningStatus string

// The statuses of a screening.
const (
	ScreeningOpen         ScreeningStatus = "open" // nobody evaluated them
	ScreeningNotMet       ScreeningStatus = "not-met"
	ScreeningNotPreferred ScreeningStatus = "not-preferred" // met, but the client does not want this therapy
	ScreeningMet          ScreeningStatus = "met"
)

// Status says what a screening said. None (nil) is open.
func (s *Screening) Status() ScreeningStatus {
	switch {
	case s == nil:
		return ScreeningOpen
	case !s.CriteriaMet:
		return ScreeningNotMet
	case !s.PrefersKAP:
		return ScreeningNotPreferred
	}
	return ScreeningMet
}

// CoverageResult is what a review of the insurance found (R26); empty: a draft that does not say.
type CoverageResult string

// The results of a coverage review.
const (
	CoveragePays       CoverageResult = "pays"
	CoverageDoesNotPay CoverageResult = "does-not-pay"
	CoveragePartly     CoverageResult = "partly"
	CoverageUnknown    CoverageResult = "unknown"
)

// ClaimStatus is where an insurance claim stands; empty: none was made, or it was taken back.
type ClaimStatus string

// The statuses of a claim. claimFlow says which may follow which.
const (
	ClaimDraft       ClaimStatus = "draft"
	ClaimSubmitted   ClaimStatus = "submitted"
	ClaimRejected    ClaimStatus = "rejected" // not taken in by the insurer: it is sent in again
	ClaimAccepted    ClaimStatus = "accepted" // taken in, and not answered yet
	ClaimAdjudicated ClaimStatus = "adjudicated"
	ClaimPaid        ClaimStatus = "paid"
	ClaimDenied      ClaimStatus = "denied"
	ClaimAppealed    ClaimStatus = "appealed"
	ClaimClosed      ClaimStatus = "closed"
)

// ClaimStatus gives where the claim for a session stands.
func (c *Chart) ClaimStatus(appointment string) ClaimStatus {
	if cl := c.claim(appointment); cl != nil {
		return cl.Status
	}
	return ""
}

// RiskLevel is the outcome of a risk assessment.
type RiskLevel string

// The levels of risk. RiskHigh holds everything.
const (
	RiskNone RiskLevel = "none"
	RiskLow  RiskLevel = "low"
	RiskHigh RiskLevel = "high"
)

// Severity is how bad an adverse event was, by FHIR R4 AdverseEvent severity codes.
type Severity string

// The severities. SeverityNames lists them, the mildest first.
const (
	SeverityMild     Severity = "mild"
	SeverityModerate Severity = "moderate"
	SeveritySevere   Severity = "severe"
)

// SeverityNames lists the severities as wire names, the mildest first.
func SeverityNames() []string {
	return []string{string(SeverityMild), string(SeverityModerate), string(SeveritySevere)}
}

// Ending is how a course ended.
type Ending string

// The ways in which a course ends. A client who was declined has none: that is derived, and can be decided again.
const (
	EndCompleted Ending = "completed"
	EndWithdrawn Ending = "withdrawn"
	EndMovedAway Ending = "moved-away"
	EndDeceased  Ending = "deceased"
)
