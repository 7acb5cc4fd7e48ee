package care

import "kapflow/care/person"

// Vocabulary lists every kind of fact, in the order in which a course meets them. Adding a row here is all
// it takes to make a fact recordable: handlers, command line, forms and documentation follow.
func Vocabulary() []Kind { return vocabulary }

const coord, psych, phys = person.Coordinator, person.Psychotherapist, person.Physician

var (
	clinicians       = []person.Role{psych, phys}
	infusionDayRoles = []person.Role{person.Nurse, phys}
)

var vocabulary = []Kind{
	{Name: "enrolled", By: []person.Role{coord}, Summary: "The client joins the practice: presenting problems, clinicians, time zone and ways to reach them.", New: func() Fact { return &Enrolled{} }},
	{Name: "contact-changed", By: []person.Role{coord}, AfterClose: true, Summary: "Phone, e-mail, preferred name or time zone changed.", New: func() Fact { return &ContactChanged{} }},
	{Name: "messaging-consent-recorded", By: []person.Role{coord, person.Client}, AfterClose: true, Summary: "The client agreed, or no longer agrees, to be written to on a channel, and how much a message may say.", New: func() Fact { return &MessagingConsent{} }},
	{Name: "screening-recorded", By: clinicians, AfterClose: true, Summary: "The acceptance criteria were evaluated: met or not, the client's own preference, flags for the physician.", New: func() Fact { return &ScreeningRecorded{} }},
	{Name: "flag-decided", By: []person.Role{phys}, AfterClose: true, Summary: "The physician decided about a flag: proceed, hold or decline.", New: func() Fact { return &FlagDecided{} }},
	{Name: "goals-recorded", By: []person.Role{psych}, Summary: "Intention, values and action goals were recorded.", New: func() Fact { return &GoalsRecorded{} }},
	{Name: "education-given", By: clinicians, Summary: "Education on the altered state was given.", New: func() Fact { return &EducationGiven{} }},
	{Name: "consent-signed", By: []person.Role{person.Client, coord}, Summary: "The client signed the consent for one of the two services.", New: func() Fact { return &ConsentSigned{} }},

	{Name: "coverage-entered", By: []person.Role{coord}, Summary: "A draft of the insurance coverage, for the psychotherapist to review.", New: func() Fact { return &CoverageEntered{} }},
	{Name: "coverage-reviewed", By: []person.Role{psych}, Summary: "The psychotherapist reviewed the insurance coverage.", New: func() Fact { return &CoverageReviewed{} }},
	{Name: "insurer-contacted", By: []person.Role{psych, coord}, Summary: "The insurer was contacted: who answered, what, and the call's reference.", New: func() Fact { return &InsurerContacted{} }},
	{Name: "insurer-contact-waived", By: []person.Role{psych}, Summary: "Contacting the insurer was not necessary, and why.", New: func() Fact { return &InsurerContactWaived{} }},
	{Name: "fees-discussed", By: []person.Role{psych}, Summary: "Fees were discussed with the client.", New: func() Fact { return &FeesDiscussed{} }},
	{Name: "estimate-issued", By: []person.Role{coord, person.System}, Summary: "A good faith estimate was given to the client.", New: func() Fact { return &EstimateIssued{} }},
	{Name: "package-chosen", By: []person.Role{coord, person.Client}, Summary: "The client chose a package or single infusions, and was told that infusions are never insured.", New: func() Fact { return &PackageChosen{} }},
	{Name: "package-switched", By: []person.Role{coord}, Summary: "The client changed to another package.", New: func() Fact { return &PackageSwitched{} }},

	{Name: "appointment-booked", By: []person.Role{coord, psych, phys}, Summary: "A visit was booked, or held tentatively.", New: func() Fact { return &AppointmentBooked{} }},
	{Name: "appointment-moved", By: []person.Role{coord}, Summary: "A visit was moved to another time.", New: func() Fact { return &AppointmentMoved{} }},
	{Name: "appointment-cancelled", By: []person.Role{coord, person.Client}, Summary: "A visit was cancelled by the client or the practice.", New: func() Fact { return &AppointmentCancelled{} }},
	{Name: "appointment-confirmed", By: []person.Role{person.Client, coord}, Summary: "A visit was confirmed; a tentative one becomes firm.", New: func() Fact { return &AppointmentConfirmed{} }},
	{Name: "appointment-change-requested", By: []person.Role{person.Client, coord}, Summary: "The client asks for another time; the visit stands until the coordinator moves it.", New: func() Fact { return &AppointmentChangeRequested{} }},
	{Name: "appointment-arrived", By: []person.Role{coord, person.Nurse}, Summary: "The client arrived for a visit.", New: func() Fact { return &AppointmentArrived{} }},
	{Name: "session-completed", By: []person.Role{psych}, Summary: "A psychotherapy session was held.", New: func() Fact { return &SessionCompleted{} }},
	{Name: "appointment-missed", By: []person.Role{coord, psych, phys}, Summary: "The client did not come.", New: func() Fact { return &AppointmentMissed{} }},
	{Name: "appointment-corrected", By: []person.Role{coord, psych, phys}, AfterClose: true, Summary: "The recorded outcome of a visit was wrong and is put right.", New: func() Fact { return &AppointmentCorrected{} }},
	{Name: "clinician-unavailable", By: []person.Role{coord}, PracticeWide: true, Summary: "A clinician is away: every visit it touches is to be rebooked, and the clients told.", New: func() Fact { return &ClinicianUnavailable{} }},

	{Name: "consult-decided", By: []person.Role{phys}, AfterClose: true, Summary: "The physician's consult was held: cleared, deferred or declined.", New: func() Fact { return &ConsultDecided{} }},
	{Name: "labs-ordered", By: []person.Role{phys, coord}, Summary: "Labs were ordered.", New: func() Fact { return &LabsOrdered{} }},
	{Name: "labs-resulted", By: []person.Role{coord, phys}, Summary: "Lab results came in: preliminary, final or amended.", New: func() Fact { return &LabsResulted{} }},
	{Name: "labs-reviewed", By: []person.Role{phys}, Summary: "The physician reviewed the labs.", New: func() Fact { return &LabsReviewed{} }},
	{Name: "dose-ordered", By: []person.Role{phys}, Summary: "The physician ordered the dose, having weighed all five inputs.", New: func() Fact { return &DoseOrdered{} }},
	{Name: "plan-set", By: []person.Role{phys}, Summary: "How many infusions, how far apart, and why.", New: func() Fact { return &PlanSet{} }},

	{Name: "readiness-answered", By: []person.Role{person.Client, coord, psych, phys, person.Nurse}, Summary: "The client said how they come to an infusion: fasting, somebody to take them home, no alcohol, nothing new.", New: func() Fact { return &ReadinessAnswered{} }},
	{Name: "infusion-checked-in", By: []person.Role{person.Nurse, phys, psych}, Summary: "The check-in sheet right before an infusion.", New: func() Fact { return &InfusionCheckedIn{} }},
	{Name: "infusion-started", By: infusionDayRoles, Summary: "The infusion was started.", New: func() Fact { return &InfusionStarted{} }},
	{Name: "vitals-recorded", By: infusionDayRoles, AfterClose: true, Summary: "Blood pressure, pulse and oxygen during an infusion.", New: func() Fact { return &VitalsRecorded{} }},
	{Name: "psychotherapist-left", By: []person.Role{psych, person.Nurse}, AfterClose: true, Summary: "The psychotherapist left the room during an infusion.", New: func() Fact { return &PsychotherapistLeft{} }},
	{Name: "psychotherapist-returned", By: []person.Role{psych, person.Nurse}, AfterClose: true, Summary: "The psychotherapist came back.", New: func() Fact { return &PsychotherapistReturned{} }},
	{Name: "adverse-event-recorded", By: []person.Role{person.Nurse, phys, psych}, AfterClose: true, Summary: "Something went wrong: how severe, what, what was done.", New: func() Fact { return &AdverseEvent{} }},
	{Name: "infusion-stopped", By: infusionDayRoles, AfterClose: true, Summary: "The infusion ended.", New: func() Fact { return &InfusionStopped{} }},
	{Name: "processing-noted", By: []person.Role{psych}, AfterClose: true, Summary: "The psychotherapist's note on what was worked through during the infusion.", New: func() Fact { return &ProcessingNoted{} }},
	{Name: "client-discharged", By: infusionDayRoles, AfterClose: true, Summary: "The client went home with a named adult.", New: func() Fact { return &ClientDischarged{} }},

	{Name: "check-in-answered", By: []person.Role{person.Client, coord, psych, phys, person.Nurse}, AfterClose: true, Summary: "The client answered a check-in.", New: func() Fact { return &CheckInAnswered{} }},
	{Name: "risk-assessed", By: clinicians, AfterClose: true, Summary: "A clinician assessed risk.", New: func() Fact { return &RiskAssessed{} }},
	{Name: "hold-placed", By: clinicians, Summary: "A clinician put the course on hold.", New: func() Fact { return &HoldPlaced{} }},
	{Name: "hold-released", By: clinicians, AfterClose: true, Summary: "A clinician released a hold.", New: func() Fact { return &HoldReleased{} }},
	{Name: "alert-acknowledged", By: []person.Role{psych, phys, coord, person.Nurse}, AfterClose: true, Summary: "An alert was seen, and what was done.", New: func() Fact { return &AlertAcknowledged{} }},
	{Name: "integration-waived", By: []person.Role{psych}, Summary: "No integration session is needed after an infusion, and why.", New: func() Fact { return &IntegrationWaived{} }},

	{Name: "paused", By: []person.Role{coord, psych, phys}, Summary: "The course is paused.", New: func() Fact { return &Paused{} }},
	{Name: "resumed", By: []person.Role{coord, psych, phys}, AfterClose: true, Summary: "The course goes on, after a pause or after it was ended by mistake.", New: func() Fact { return &Resumed{} }},
	{Name: "withdrawn", By: []person.Role{coord, person.Client}, Summary: "The client stops.", New: func() Fact { return &Withdrawn{} }},
	{Name: "moved-away", By: []person.Role{coord}, AfterClose: true, Summary: "The client moved away: silence at once.", New: func() Fact { return &MovedAway{} }},
	{Name: "deceased", By: []person.Role{coord}, AfterClose: true, Summary: "The client died: silence at once.", New: func() Fact { return &Deceased{} }},
	{Name: "gate-overridden", By: []person.Role{psych, phys, coord}, Summary: "A clinician opened a gate that may be overridden, for the next infusion, with a reason.", New: func() Fact { return &GateOverridden{} }},
	{Name: "course-completed", By: clinicians, Summary: "The course of treatment is complete.", New: func() Fact { return &CourseCompleted{} }},
	{Name: "policy-adopted", By: []person.Role{coord}, Summary: "The client moves to the practice's current policy.", New: func() Fact { return &PolicyAdopted{} }},

	{Name: "payment-received", By: []person.Role{coord}, AfterClose: true, Summary: "A payment came in.", New: func() Fact { return &PaymentReceived{} }},
	{Name: "payment-corrected", By: []person.Role{coord}, AfterClose: true, Summary: "A payment was recorded wrongly and is reversed.", New: func() Fact { return &PaymentCorrected{} }},
	{Name: "fee-waived", By: []person.Role{coord, psych, phys}, AfterClose: true, Summary: "A late-cancel or no-show fee was waived, and why.", New: func() Fact { return &FeeWaived{} }},
	{Name: "refund-approved", By: []person.Role{coord, phys}, AfterClose: true, Summary: "A refund was approved.", New: func() Fact { return &RefundApproved{} }},
	{Name: "refund-paid", By: []person.Role{coord, phys}, AfterClose: true, Summary: "An approved refund was paid.", New: func() Fact { return &RefundPaid{} }},
	{Name: "claim-recorded", By: []person.Role{coord}, AfterClose: true, Summary: "What became of an insurance claim for a psychotherapy session.", New: func() Fact { return &ClaimRecorded{} }},

	{Name: "message-status-reported", By: []person.Role{person.Provider}, AfterClose: true, Summary: "A message provider reported what became of a message.", New: func() Fact { return &MessageStatus{} }},
	{Name: "reply-received", By: []person.Role{person.Provider}, ReadBy: []person.Role{coord}, AfterClose: true, Summary: "The client answered a message.", New: func() Fact { return &ReplyReceived{} }},
}
