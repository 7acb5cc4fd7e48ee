// Package policy holds the practice file: every setting that a practice may choose, and what is wrong with one. It reads no
// file and no clock.
package policy

import (
	"time"

	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/person"
)

// Policy is the practice file: every setting that a practice may choose. What the requirements mark
// FIXED has no switch here; where a number may be raised but not lowered (R16), Validate holds the floor.
// A chart carries the policy it was agreed under and moves to a newer one only by policy-adopted.
type Policy struct {
	Version string `json:"version"`

	Practice   PracticeInfo `json:"practice"`
	Clinicians []Clinician  `json:"clinicians"`
	Staff      []Member     `json:"staff,omitempty"` // today's, never a chart's
	Places     []Place      `json:"places"`

	Preparation  Preparation  `json:"preparation"`
	Visits       Visits       `json:"visits"`
	Labs         Labs         `json:"labs"`
	Infusions    Infusions    `json:"infusions"`
	CheckIns     CheckIns     `json:"check_ins"`
	Measures     Measures     `json:"measures"`
	Money        Money        `json:"money"`
	Messages     Messages     `json:"messages"`
	Tasks        Tasks        `json:"tasks"`
	Alerts       Alerts       `json:"alerts"`
	MorningList  MorningList  `json:"morning_list"`
	Documents    Documents    `json:"documents,omitzero"` // today's, never a chart's
	Confirmation Confirmation `json:"confirmed"`
}

// PracticeInfo names the practice. DisplayName is what messages say: it must give nothing away.
type PracticeInfo struct {
	Name        string `json:"name"`
	DisplayName string `json:"message_display_name"`
	Phone       string `json:"phone"`
	Timezone    string `json:"timezone"` // IANA name
	Coordinator string `json:"coordinator_email"`
	OnCall      string `json:"on_call_email"` // mailed outside office hours; empty: nobody is on call
	CrisisText  string `json:"crisis_text"`
}

// Clinician is one member of the clinical staff. The id is what facts and the chart carry.
type Clinician struct {
	ID    string      `json:"id"`
	Role  person.Role `json:"role"`
	Name  string      `json:"name"`
	Email string      `json:"email"`

	Title   string `json:"title,omitempty"`   // as it stands under a signature: MD, PsyD
	License string `json:"license,omitempty"` // with its state
	NPI     string `json:"npi,omitempty"`     // National Provider Identifier, 10 digits
}

// Place is where visits happen. Infusions need an outpatient place (R11).
type Place struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Neutral    string `json:"neutral_name"` // what a message may say
	Outpatient bool   `json:"outpatient"`
	Telehealth bool   `json:"telehealth"`

	ServiceCode string `json:"place_of_service,omitempty"` // as superbills write it: 11 office, 02 and 10 telehealth
}

// Preparation holds R16's minimum, at least 4.
type Preparation struct {
	MinimumSessions int    `json:"minimum_sessions"`
	ConsentVersion  string `json:"consent_version"`      // signatures of another version do not count; empty: any does
	ConsentHours    int    `json:"consent_hours_before"` // hours that both signatures stand before the first infusion
	Education       string `json:"education_material"`
}

// Visits holds the lengths of visits and the manners around them.
type Visits struct {
	SessionMinutes   int         `json:"session_minutes"`
	LateCancelHours  int         `json:"late_cancel_hours"`
	LateCancelFee    money.Cents `json:"late_cancel_fee"`
	NoShowFee        money.Cents `json:"no_show_fee"`
	NoShowGrace      int         `json:"no_show_grace_minutes"`
	OutcomeDueHours  int         `json:"outcome_due_hours"`
	TentativeRelease int         `json:"tentative_release_days"` // 0: never
	NoShowTalk       int         `json:"no_show_talk_after"`     // so many visits missed: talk before the next booking; 0: never
}

// Labs holds the panel and how long a result is good for (no public source gives a number).
type Labs struct {
	Panel          string `json:"panel"`
	ValidDays      int    `json:"valid_days"`
	PendingDays    int    `json:"pending_days"`     // a result later than this reaches the coordinator
	ReviewDueHours int    `json:"review_due_hours"` // a result unreviewed for longer escalates
}

// Infusions holds what a practice may set about infusion days (safety rules D3 to D5).
type Infusions struct {
	MinimumSpacingDays int       `json:"minimum_spacing_days"` // 0: none
	FastingSolidsHours int       `json:"fasting_solids_hours"`
	FastingLiquidHours int       `json:"fasting_liquids_hours"`
	CautionSystolic    int       `json:"caution_systolic"`
	CautionDiastolic   int       `json:"caution_diastolic"`
	StopSystolic       int       `json:"stop_systolic"`
	StopDiastolic      int       `json:"stop_diastolic"`
	ObservationMinutes int       `json:"observation_minutes"`
	VitalsMinutes      int       `json:"vitals_every_minutes"` // during an infusion; 0: 10
	VitalsGrace        int       `json:"vitals_grace_minutes"` // a reading later than this is overdue; 0: 2
	VitalsPeakMinute   int       `json:"vitals_peak_minute"`   // one reading near this minute; 0: no more than the interval asks
	RightBeforeMinutes int       `json:"right_before_minutes"` // at most so long before the start is "right before"; 0: 60
	RecordLot          bool      `json:"record_lot"`           // drug-given names lot and expiry
	RecordWaste        bool      `json:"record_waste"`         // drug-given names the rest destroyed, 0 or more, with a witness
	DoseRange          DoseRange `json:"dose_range,omitzero"`
	RequireIntegration bool      `json:"require_integration"` // follow-up gate: integration done or waived
	RequireCheckIn     bool      `json:"require_check_in"`    // follow-up gate: last check-in seen
}

// DoseRange is the range outside which a physician confirms an order of the dose. A physician of the practice sets it; without one
// there is no range, and nothing in it suggests a dose (R13).
type DoseRange struct {
	LowMG  float64 `json:"low_mg"`
	HighMG float64 `json:"high_mg"`
	SetBy  string  `json:"set_by"` // the physician's id
}

// VitalsEvery is the time between two readings during an infusion.
func (p Infusions) VitalsEvery() time.Duration {
	if p.VitalsMinutes <= 0 {
		return 10 * time.Minute
	}
	return time.Duration(p.VitalsMinutes) * time.Minute
}

// RightBefore is how long before the start of an infusion its checks of the moment still count (R19).
func (p Infusions) RightBefore() time.Duration {
	if p.RightBeforeMinutes <= 0 {
		return time.Hour
	}
	return time.Duration(p.RightBeforeMinutes) * time.Minute
}

func (p Infusions) Grace() time.Duration {
	if p.VitalsGrace <= 0 {
		return 2 * time.Minute
	}
	return time.Duration(p.VitalsGrace) * time.Minute
}

// CheckIns says when a client is asked how they are, counted from the end of each infusion.
type CheckIns struct {
	AfterHours        []int `json:"after_hours"`
	AfterLastDays     int   `json:"after_last_infusion_days"`
	ChaseHours        int   `json:"chase_after_hours"`
	CallTaskHours     int   `json:"call_task_after_hours"`
	IntegrationTarget int   `json:"integration_target_hours"`
	MeasuresFromHours int   `json:"measures_from_hours"` // check-ins this long after an infusion ask PHQ-9 and GAD-7 too; 0: every one
}

// Money holds prices the page leaves open and the practice's rules about paying.
type Money struct {
	PayBefore       string            `json:"pay_before"` // none, visit, package
	EvaluationPrice money.Cents       `json:"evaluation_price"`
	SessionPrice    money.Cents       `json:"session_price"`
	Prices          []money.PriceList `json:"prices,omitempty"` // medical, the earliest first; none: the page's
	RefundRule      string            `json:"refund_rule"`

	RefundFeeBP         int         `json:"refund_fee_bp,omitempty"`         // of a refund when the client stops; 1000 = 10 %
	SecondApprovalOver  money.Cents `json:"second_approval_over,omitempty"`  // a refund above it needs two people; 0: never
	SinglesNotCredited  bool        `json:"singles_not_credited,omitempty"`  // infusions paid singly do not count toward a later package
	SwitchUpDays        int         `json:"switch_up_days,omitempty"`        // days after the last infusion of a used-up package; 0: no limit
	CoverageValidDays   int         `json:"coverage_valid_days,omitempty"`   // of a benefits snapshot; 0: for ever
	ClaimVarianceOver   money.Cents `json:"claim_variance_over,omitempty"`   // a claim settled further off than this opens a task
	ClaimAnswerDays     int         `json:"claim_answer_days,omitempty"`     // a claim without an answer for longer opens a task; 0: never
	FeeTalkIsRequest    bool        `json:"fee_talk_is_request,omitempty"`   // a fee talk asks for an estimate, as any talk about costs does by law
	EstimateWarningOver money.Cents `json:"estimate_warning_over,omitempty"` // a bill this far above the estimate can be disputed; 0: 40000

	// Holidays are the federal holidays (2027-01-31) that business days of the law leave out. They come from a
	// holiday calendar when the practice file is read: rules read no calendar of their own.
	Holidays []string `json:"holidays,omitempty"`
}

// Messages says when clients are written to, by the receiver's own clock.
type Messages struct {
	Window           clock.Window   `json:"window"`
	SundayWindow     clock.Window   `json:"sunday_window"`
	Reminders        []ReminderRule `json:"reminders"`
	Channels         string         `json:"channels,omitempty"`           // preferred or all; empty, in charts of earlier policies: all
	ReminderGapHours int            `json:"reminder_gap_hours,omitempty"` // after the word of a booking, without a reminder that another follows; 0: none
	LinkBase         string         `json:"link_base"`
	TextsPerDay      int            `json:"texts_per_day"`  // reminders, instructions, invitations to one client; 0: as many as are due
	TextsPerWeek     int            `json:"texts_per_week"` // in any seven days; 0: as many as are due
}

// Ways to choose among the channels of a message.
const (
	ChannelsPreferred = "preferred" // the one that the client prefers; the other takes over if it fails
	ChannelsAll       = "all"       // each that the client agreed to
)

// OneChannel says whether a reminder, an invitation or the word of a booking goes by one channel.
func (m Messages) OneChannel() bool { return m.Channels == ChannelsPreferred }

// ReminderRule sends one reminder ahead of a visit. Name is part of the notification's key and never changes
// meaning: "3d", "1d", "2h". Channels are in the practice's order.
type ReminderRule struct {
	Name     string           `json:"name"`
	Days     int              `json:"days,omitempty"`  // calendar days, same wall clock
	Hours    int              `json:"hours,omitempty"` // hours before the start
	Channels []person.Channel `json:"channels"`
}

// Tasks gives people their time: a task later than its due time escalates.
type Tasks struct {
	DueDays int `json:"due_days"` // working days for ordinary desk work
}

// Alerts gives people their time to acknowledge an alert. There is no setting without a clock: zero stands
// for what is shipped.
type Alerts struct {
	AcknowledgeMinutes int          `json:"acknowledge_minutes"` // then it climbs
	OfficeHours        clock.Window `json:"office_hours"`        // Monday to Friday, by the practice's clock; desk work is due when they end
}

func (p Alerts) Acknowledge() time.Duration {
	if p.AcknowledgeMinutes <= 0 {
		return time.Hour
	}
	return time.Duration(p.AcknowledgeMinutes) * time.Minute
}

func (p Alerts) Office() clock.Window {
	if p.OfficeHours.Close <= p.OfficeHours.Open {
		return clock.Window{Open: 9, Close: 17}
	}
	return p.OfficeHours
}

// MorningList says when the coordinator's list is mailed, in the practice's zone.
type MorningList struct {
	Hour     int      `json:"hour"`
	Minute   int      `json:"minute"`
	Weekdays []string `json:"weekdays"`
}

// Confirmation says which physician confirmed the safety settings and when (safety rule D1): until then
// they are placeholders, and every screen says so.
type Confirmation struct {
	By string `json:"by"`
	On string `json:"on"`
}

// Clinician finds a clinician by id.
func (p Policy) Clinician(id string) (Clinician, bool) {
	for _, c := range p.Clinicians {
		if c.ID == id {
			return c, true
		}
	}
	return Clinician{}, false
}

// FirstClinician gives the first listed clinician of a role: the default for a small practice.
func (p Policy) FirstClinician(role person.Role) string {
	for _, c := range p.Clinicians {
		if c.Role == role {
			return c.ID
		}
	}
	return ""
}

// Place finds a place by id.
func (p Policy) Place(id string) (Place, bool) {
	for _, pl := range p.Places {
		if pl.ID == id {
			return pl, true
		}
	}
	return Place{}, false
}

// DefaultPlace gives the first place that takes infusions: where a visit happens when a booking names no place.
func (p Policy) DefaultPlace() string {
	for _, pl := range p.Places {
		if pl.TakesInfusions() {
			return pl.ID
		}
	}
	return ""
}

// Full says why one text more would be too many; empty: it would not. today and week are the texts that count, of the
// client's calendar day and of the seven days that end with it. A cap of 0 is none.
func (p Messages) Full(today, week int) string {
	switch {
	case p.TextsPerDay > 0 && today >= p.TextsPerDay:
		return "the client has had the day's texts; it goes by email, or a person is asked"
	case p.TextsPerWeek > 0 && week >= p.TextsPerWeek:
		return "the client has had the week's texts; it goes by email, or a person is asked"
	}
	return ""
}
