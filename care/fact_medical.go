package care

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// LabOrder is one set of labs, from order to review (R35, R36).
type LabOrder struct {
	Panel      string     `json:"panel"`
	Payer      string     `json:"payer"` // insurance, self
	OrderedAt  time.Time  `json:"ordered_at"`
	Result     LabResult  `json:"result,omitempty"`
	ResultedAt time.Time  `json:"resulted_at,omitzero"`
	DrawnOn    time.Time  `json:"drawn_on,omitzero"`
	Outcome    LabOutcome `json:"outcome,omitempty"` // of the review
	ReviewedAt time.Time  `json:"reviewed_at,omitzero"`
	ValidUntil time.Time  `json:"valid_until,omitzero"` // the last instant on which the result counts
}

// DoseOrder is the physician's order. The system never computes or suggests a dose (R13).
type DoseOrder struct {
	DoseMG  float64      `json:"dose_mg"`
	Minutes int          `json:"minutes"`
	At      time.Time    `json:"at"`
	By      person.Actor `json:"by"`
}

// Plan is how many infusions and how many days apart at least (R14, R15); zero: the physician set none.
type Plan struct {
	Infusions   int       `json:"infusions"`
	SpacingDays int       `json:"spacing_days,omitempty"`
	At          time.Time `json:"at"`
}

// consultLength is how long a consult takes before it can be decided (R33).
const consultLength = time.Hour

// ConsultDecided completes the consult with the physician's decision (R33).
type ConsultDecided struct {
	Happened
	Appointment string         `json:"appointment"`
	Outcome     ConsultOutcome `json:"outcome"`
	Reason      Private        `json:"reason"`

	// What the decision rests on; each may be left out.
	Allergies     Private       `json:"allergies"`
	Medication    Private       `json:"medication"` // what the client takes now
	WeightKG      float64       `json:"weight_kg"`
	PregnancyTest PregnancyTest `json:"pregnancy_test"`
}

func (f *ConsultDecided) check(c *Chart, m Meta, v *inspection) {
	checkDeclinedOnly(c, v)
	oneOf(v, "outcome", f.Outcome, ConsultCleared, ConsultDeferred, ConsultDeclined)
	checkBody(v, f.WeightKG, f.PregnancyTest)
	if f.Outcome != ConsultCleared {
		v.required("reason", f.Reason != "")
	}
	appt := f.visit(c)
	if appt == nil {
		if f.Appointment == "" {
			v.state(CodeUnknownAppointment, person.Coordinator, "no consult is booked")
		} else {
			v.needVisit(c, f.Appointment, visit.Consult)
		}
		return
	}
	if !v.needStatus(v.needVisit(c, appt.ID, visit.Consult), visit.Booked, visit.Arrived, visit.Fulfilled) {
		return
	}
	if over := appt.Start.Add(consultLength); m.At.Before(over) {
		v.stateOf(fieldAppointment, "not-started", "", "%s is a consult of 60 minutes; it can be decided from %s", appt.Name(), c.Zone.SayLong(over))
	}
	c.checkGates(v, visitTarget{kind: visit.Consult, at: appt.Start, minutes: appt.Minutes, now: m.Now, id: appt.ID, retrospective: true}, "held")
}

func (f *ConsultDecided) visit(c *Chart) *Visit {
	if f.Appointment != "" {
		return c.Visit(f.Appointment)
	}
	if v := c.next(visit.Consult); v != nil {
		return v
	}
	return c.lastConsult() // a second thought about a consult that was held
}

func (f *ConsultDecided) apply(c *Chart, m Meta) {
	v := f.visit(c)
	first := v.Status != visit.Fulfilled
	v.Outcome, v.Tentative = f.Outcome, false
	c.endVisit(v, visit.Fulfilled, m)
	if first {
		c.chargeVisit(v, m)
	}
	c.releaseIfDeclined(m)
}

func (f *ConsultDecided) told() string                    { return string(f.Outcome) }
func (f *ConsultDecided) subject(c *Chart, _ Meta) string { return f.visit(c).ID }

// LabsOrdered opens a set of labs.
type LabsOrdered struct {
	Happened
	Panel string `json:"panel"`
	Payer string `json:"payer"`
}

func (f *LabsOrdered) check(_ *Chart, _ Meta, v *inspection) {
	if f.Payer != "" {
		oneOf(v, "payer", f.Payer, "insurance", "self")
	}
}

func (f *LabsOrdered) apply(c *Chart, m Meta) {
	order := LabOrder{Panel: f.Panel, Payer: f.Payer, OrderedAt: m.At}
	if order.Panel == "" {
		order.Panel = c.Policy.Labs.Panel
	}
	if order.Payer == "" {
		order.Payer = "insurance"
	}
	c.Labs = append(c.Labs, order)
}

func (c *Chart) lastLabs() *LabOrder {
	if len(c.Labs) == 0 {
		return nil
	}
	return &c.Labs[len(c.Labs)-1]
}

// LabsResulted records a result. An amended result after a review shuts the gate until it is reviewed
// again; a preliminary one never opens it.
type LabsResulted struct {
	Happened
	Status  LabResult  `json:"status"`
	DrawnOn *time.Time `json:"drawn_on"`
	Note    Private    `json:"note"`
}

func (f *LabsResulted) check(c *Chart, m Meta, v *inspection) {
	oneOf(v, "status", f.Status, ResultPreliminary, ResultFinal, ResultAmended)
	if f.DrawnOn != nil && f.DrawnOn.After(m.Now) {
		v.limit(CodeInFuture, "drawn_on", "drawn_on: %s has not come yet", c.Zone.DayLong(*f.DrawnOn))
	}
	switch l := c.lastLabs(); {
	case l == nil:
		v.state(CodeWrongState, person.Physician, "no labs were ordered; order them first")
	case f.DrawnOn == nil && l.DrawnOn.IsZero() && f.Status != ResultPreliminary:
		// R35: a result counts from its draw.
		v.invalid("drawn_on", "is needed: a result is valid for so many days from the day on which the sample was drawn")
	}
}

func (f *LabsResulted) apply(c *Chart, m Meta) {
	l := c.lastLabs()
	l.Result, l.ResultedAt = f.Status, m.At
	if f.DrawnOn != nil {
		l.DrawnOn = *f.DrawnOn
	}
	l.Outcome, l.ReviewedAt, l.ValidUntil = "", time.Time{}, time.Time{}
}

func (f *LabsResulted) told() string                { return string(f.Status) }
func (f *LabsResulted) was(c *Chart, _ Meta) string { return string(c.lastLabs().Result) }

// LabsReviewed is the physician's review. Without valid_until the practice's validity counts from the day
// the sample was drawn.
type LabsReviewed struct {
	Happened
	Outcome    LabOutcome `json:"outcome"`
	ValidUntil *time.Time `json:"valid_until"`
	Note       Private    `json:"note"`
}

func (f *LabsReviewed) check(c *Chart, m Meta, v *inspection) {
	oneOf(v, "outcome", f.Outcome, OutcomeCleared, OutcomeAbnormal)
	switch c.lastLabs().Status(m.Now) {
	case LabNotOrdered:
		v.state(CodeWrongState, person.Physician, "no labs were ordered; order them first")
	case LabOrdered:
		v.state(CodeWrongState, person.Coordinator, "the labs have no result yet")
	case LabPreliminary:
		v.state(CodeWrongState, person.Coordinator, "the result is preliminary; only a final or amended one is reviewed")
	default:
		if f.ValidUntil != nil && c.Zone.Clock(*f.ValidUntil, 23, 59).Before(c.lastLabs().DrawnOn) {
			v.limit(CodeInvalid, "valid_until", "valid_until: is before the day the sample was drawn")
		}
	}
}

func (f *LabsReviewed) apply(c *Chart, m Meta) {
	l := c.lastLabs()
	l.Outcome, l.ReviewedAt = f.Outcome, m.At
	last := c.Zone.AddDays(l.DrawnOn, c.Policy.Labs.ValidDays)
	if f.ValidUntil != nil {
		last = *f.ValidUntil
	}
	l.ValidUntil = c.Zone.Clock(last, 23, 59).Add(59 * time.Second)
}

func (f *LabsReviewed) told() string { return string(f.Outcome) }

// DoseInputs are the five things the physician weighs (R13). Each is given as true or in words; that a
// client has no prior experience, or no preferences, is an answer too.
type DoseInputs struct {
	Psychological Answer `json:"psychological"`
	Physical      Answer `json:"physical"`
	Experience    Answer `json:"experience"`
	Preferences   Answer `json:"preferences"`
	Intent        Answer `json:"intent"`
}

// routeDrip is the code of the only route (R12).
const routeDrip = "iv-drip"

// DoseOrdered is the physician's order. The route is IV drip only (R12).
type DoseOrdered struct {
	Happened
	DoseMG  float64    `json:"dose_mg"`
	Minutes int        `json:"minutes"`
	Route   string     `json:"route"`
	Inputs  DoseInputs `json:"inputs"`

	OutsideRange bool `json:"outside_range_confirmed"` // the dose is outside the practice's range, and meant
}

func (f *DoseOrdered) check(c *Chart, _ Meta, v *inspection) {
	if f.DoseMG <= 0 {
		v.invalid("dose_mg", "must be more than 0; the physician sets it")
	}
	f.checkDoseRange(c.Policy.Infusions.DoseRange, v)
	if f.Minutes != 0 && (f.Minutes < 45 || f.Minutes > 60) {
		v.limit("infusion-minutes", "minutes", "an infusion is planned for 45 to 60 minutes, not %d", f.Minutes)
	}
	if f.Route != "" && wording.Lower(f.Route) != routeDrip {
		v.limit(CodeInvalid, "route", "route: must be %s; the IV drip is the only route", routeDrip)
		v.allow(routeDrip)
	}
	var missing []string
	for _, x := range []struct {
		name  string
		given bool
	}{{"psychological", f.Inputs.Psychological.Given()}, {"physical", f.Inputs.Physical.Given()}, {"experience", f.Inputs.Experience.said()},
		{"preferences", f.Inputs.Preferences.said()}, {"intent", f.Inputs.Intent.Given()}} {
		if !x.given {
			missing = append(missing, x.name)
		}
	}
	if len(missing) > 0 {
		v.limit("dose-inputs-missing", "inputs", "the order needs all five inputs; missing: %s", wording.JoinWords(missing, "and"))
	}
}

func (f *DoseOrdered) apply(c *Chart, m Meta) {
	c.Dose = &DoseOrder{DoseMG: f.DoseMG, Minutes: f.Minutes, At: m.At, By: m.By}
}

// PlanSet sets or changes the number and spacing of infusions, at any time. What it leaves out stays as it is.
type PlanSet struct {
	Happened
	Infusions   *int    `json:"infusions"`
	SpacingDays *int    `json:"spacing_days"`
	Reason      Private `json:"reason"`
}

func (f *PlanSet) check(c *Chart, _ Meta, v *inspection) {
	if f.Infusions == nil && f.SpacingDays == nil {
		v.invalid("infusions", "is needed, or the days between infusions")
	}
	if f.Infusions != nil {
		v.between("infusions", *f.Infusions, 1, 60)
		if held := c.count(visit.Infusion, visit.Fulfilled); *f.Infusions < held {
			v.invalid("infusions", "%d were given already", held)
		}
	}
	if f.SpacingDays != nil {
		v.between("spacing_days", *f.SpacingDays, 0, 120)
	}
	if c.Plan != nil || c.seriesBegun() {
		v.required("reason", f.Reason != "") // a change in the course of it (R14, R15)
	}
}

// seriesBegun says whether an infusion was given or started.
func (c *Chart) seriesBegun() bool {
	return slices.ContainsFunc(c.Visits, func(v Visit) bool { return v.Day != nil && !v.Day.StartedAt.IsZero() })
}

func (f *PlanSet) apply(c *Chart, m Meta) {
	p := Plan{At: m.At}
	if c.Plan != nil {
		p.Infusions, p.SpacingDays = c.Plan.Infusions, c.Plan.SpacingDays
	}
	if f.Infusions != nil {
		p.Infusions = *f.Infusions
	}
	if f.SpacingDays != nil {
		p.SpacingDays = *f.SpacingDays
	}
	c.Plan = &p
}

func (f *PlanSet) told() string {
	var p Plan
	if f.Infusions != nil {
		p.Infusions = *f.Infusions
	}
	if f.SpacingDays != nil {
		p.SpacingDays = *f.SpacingDays
	}
	return p.words()
}

func (f *PlanSet) was(c *Chart, _ Meta) string {
	if c.Plan == nil {
		return ""
	}
	return c.Plan.words()
}

// words says a plan as the history does: "6 infusions, 7 days apart".
func (p Plan) words() string {
	var out []string
	if p.Infusions > 0 {
		out = append(out, fmt.Sprintf("%d infusions", p.Infusions))
	}
	if p.SpacingDays > 0 {
		out = append(out, fmt.Sprintf("%d days apart", p.SpacingDays))
	}
	return strings.Join(out, ", ")
}

// spacing is the least number of days between two infusions: the larger of the client's plan and the practice's minimum (R15).
func (c *Chart) spacing() int {
	days := c.Policy.Infusions.MinimumSpacingDays
	if c.Plan != nil {
		days = max(days, c.Plan.SpacingDays)
	}
	return days
}

// planned gives the number of infusions planned: the physician's plan, else the package's, else 0 for not
// known yet.
func (c *Chart) planned() int {
	switch {
	case c.Plan != nil && c.Plan.Infusions > 0:
		return c.Plan.Infusions
	case c.Package != nil:
		return money.PackageInfusions(c.Package.Package)
	default:
		return 0
	}
}
