package care

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// InfusionDay is the record of one infusion: check-in, run, and discharge (safety rules D3 to D5).
type InfusionDay struct {
	CheckedInAt   time.Time    `json:"checked_in_at,omitzero"`
	Sheet         []SheetItem  `json:"sheet,omitempty"`
	Baseline      Vitals       `json:"baseline,omitzero"`
	Decision      string       `json:"decision,omitempty"` // the physician's, about the baseline: decided, or reasoned
	Unmet         []Unmet      `json:"unmet,omitempty"`    // what the sheet leaves open, by code
	StartedAt     time.Time    `json:"started_at,omitzero"`
	StartedBy     person.Actor `json:"started_by,omitzero"`  // unknown in charts of earlier builds
	OrderedMG     float64      `json:"ordered_mg,omitempty"` // the dose that stood ordered at the start; 0 in charts of earlier builds
	StoppedAt     time.Time    `json:"stopped_at,omitzero"`
	StoppedBy     person.Actor `json:"stopped_by,omitzero"`
	Drug          *Drug        `json:"drug,omitempty"`    // what was given; nil: not recorded yet
	Minutes       int          `json:"minutes,omitempty"` // actual
	OutsideLimits bool         `json:"outside_limits,omitempty"`
	TherapistOut  bool         `json:"therapist_out,omitempty"`
	LastVitalsAt  time.Time    `json:"last_vitals_at,omitzero"`
	Noted         bool         `json:"noted,omitempty"`
	DischargedAt  time.Time    `json:"discharged_at,omitzero"`
}

// Vitals is one reading: mmHg, beats a minute, percent. Zero is not measured.
type Vitals struct {
	Systolic  int `json:"systolic,omitempty"`
	Diastolic int `json:"diastolic,omitempty"`
	Pulse     int `json:"pulse,omitempty"`
	SpO2      int `json:"spo2,omitempty"`
}

// SheetItem is one item of the check-in sheet, who answered it, and when. By is empty while nobody did.
type SheetItem struct {
	Item  string       `json:"item"`
	By    person.Actor `json:"by,omitzero"`
	At    time.Time    `json:"at,omitzero"`
	Unmet *Unmet       `json:"unmet,omitempty"` // nil: met
}

// sheetFields name the field of the check-in sheet's form that answers an item, where it is called differently.
var sheetFields = map[string]string{
	itemPsychotherapist: "psychotherapist_present", "physician": "physician_present", "state-of-mind": "state_of_mind", "fasting-solids": "fasting_solids_h",
	"fasting-liquids": "fasting_liquids_h", "alcohol": "no_alcohol", "nothing-new": "nothing_new", "pregnancy": "pregnancy_test", "emergency": "emergency_ready",
	"consent": "consent_reconfirmed",
}

// Label names the item as the form of the check-in sheet does.
func (s SheetItem) Label() string {
	switch s.Item {
	case "vitals":
		return "Vital signs"
	case "pressure":
		return "Blood pressure"
	}
	field, _ := KindFor[*InfusionCheckedIn]().Field(cmp.Or(sheetFields[s.Item], s.Item))
	return field.Label
}

// Unmet is one item of the check-in sheet that keeps the infusion from starting.
type Unmet struct {
	Code    string      `json:"code"`
	Reason  string      `json:"reason"`
	MustAct person.Role `json:"must_act"`
}

// InfusionCheckedIn is the sheet filled in right before an infusion (safety rule D3), by one person or by several, each
// with what they saw: an item answered again stands as answered last, one left out stands as it was. The sheet is
// always taken; what it leaves open refuses the start, item by item. A question without an answer is unmet.
type InfusionCheckedIn struct {
	Happened
	Appointment        string        `json:"appointment"`
	Identity           Answer        `json:"identity"`
	Intention          Answer        `json:"intention"`
	StateOfMind        Answer        `json:"state_of_mind"`
	FastingSolids      *float64      `json:"fasting_solids_h"`
	FastingLiquids     *float64      `json:"fasting_liquids_h"`
	Escort             Answer        `json:"escort"`
	EscortPhone        Private       `json:"escort_phone"`
	NoAlcohol          Answer        `json:"no_alcohol"`
	NothingNew         Answer        `json:"nothing_new"` // no illness, medicine or pregnancy since the consult; left out: not asked
	Systolic           int           `json:"systolic"`
	Diastolic          int           `json:"diastolic"`
	Pulse              int           `json:"pulse"`
	SpO2               int           `json:"spo2"`
	TherapistPresent   *bool         `json:"psychotherapist_present"`
	PhysicianPresent   *bool         `json:"physician_present"`
	EmergencyReady     *bool         `json:"emergency_ready"`
	PhysicianDecision  Answer        `json:"physician_decision"`
	DecisionReason     Private       `json:"physician_reason"`
	ConsentReconfirmed *bool         `json:"consent_reconfirmed"`
	WeightKG           float64       `json:"weight_kg"`
	PregnancyTest      PregnancyTest `json:"pregnancy_test"` // positive keeps the infusion from starting
}

// checkVitals refuses readings outside what can be measured; one that was not taken only where it is needed.
func checkVitals(v *inspection, got Vitals, needed bool) {
	for _, x := range []struct {
		field           string
		value, low, top int
	}{{"systolic", got.Systolic, 50, 260}, {"diastolic", got.Diastolic, 20, 180}, {"pulse", got.Pulse, 20, 240}, {"spo2", got.SpO2, 40, 100}} {
		if x.value == 0 && !needed {
			continue
		}
		v.between(x.field, x.value, x.low, x.top)
	}
	checkPressure(v, got.Systolic, got.Diastolic)
}

// checkPressure refuses a blood pressure that cannot be: the upper value is always above the lower one.
func checkPressure(v *inspection, systolic, diastolic int) {
	if systolic > 0 && diastolic > 0 && diastolic >= systolic {
		v.invalid("diastolic", "%d/%d cannot be: the lower value must be below the upper one", systolic, diastolic)
	}
}

// Vitals gives the baseline, as far as this report measured it.
func (f *InfusionCheckedIn) Vitals() Vitals { return Vitals{f.Systolic, f.Diastolic, f.Pulse, f.SpO2} }

func (f *InfusionCheckedIn) check(c *Chart, m Meta, v *inspection) {
	checkVitals(v, f.Vitals(), false)
	checkBody(v, f.WeightKG, f.PregnancyTest)
	for _, x := range []struct {
		field string
		hours *float64
	}{{"fasting_solids_h", f.FastingSolids}, {"fasting_liquids_h", f.FastingLiquids}} {
		if x.hours != nil && (*x.hours < 0 || *x.hours > 96) {
			v.invalid(x.field, "must be between 0 and 96 hours")
		}
	}
	appt := v.needVisit(c, f.Appointment, visit.Infusion)
	if !v.needStatus(appt, visit.Booked, visit.Arrived) {
		return
	}
	checkPaused(c, v)
	if appt.Day != nil && (f.Systolic > 0) != (f.Diastolic > 0) { // one of the two, measured again
		checkPressure(v, cmp.Or(f.Systolic, appt.Day.Baseline.Systolic), cmp.Or(f.Diastolic, appt.Day.Baseline.Diastolic))
	}
	if appt.Day != nil && !appt.Day.StartedAt.IsZero() {
		v.state(CodeWrongState, "", "%s has started already", appt.Name())
	}
	if !c.Zone.SameDay(appt.Start, m.At) {
		v.state(CodeWrongState, person.Coordinator, "%s is on %s; the check-in is made on that day", appt.Name(), c.Zone.SayLong(appt.Start))
	}
}

func (f *InfusionCheckedIn) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	v.Status = visit.Arrived
	if v.Day == nil {
		v.Day = &InfusionDay{}
	}
	day := v.Day
	day.CheckedInAt = m.At
	f.fill(day, c.Policy.Infusions, m)
	day.Unmet = nil
	for _, item := range day.Sheet {
		if item.Unmet != nil {
			day.Unmet = append(day.Unmet, *item.Unmet)
		}
	}
}

// itemPsychotherapist is the item of the psychotherapist's presence (R20).
const itemPsychotherapist = "psychotherapist"

// ofTheMoment are the items of the sheet that hold for a short time only: the client's state of mind (R19), who is in the room,
// the equipment and the vital signs.
var ofTheMoment = map[string]Unmet{
	"state-of-mind":     {Code: "state-of-mind-unchecked", Reason: "state of mind", MustAct: person.Psychotherapist},
	itemPsychotherapist: {Code: "psychotherapist-absent", Reason: "the psychotherapist's presence", MustAct: person.Psychotherapist},
	"physician":         {Code: "physician-absent", Reason: "the physician's presence", MustAct: person.Physician},
	"emergency":         {Code: "emergency-not-ready", Reason: "emergency equipment", MustAct: person.Nurse},
	"vitals":            {Code: "vitals-missing", Reason: "blood pressure, pulse and oxygen", MustAct: person.Nurse},
}

// unmetAt gives what keeps an infusion from starting at a time: what the sheet leaves open, and each item of the moment that
// was answered too long before.
func (d *InfusionDay) unmetAt(at time.Time, p policy.Infusions) []Unmet {
	out := slices.Clone(d.Unmet)
	for _, item := range d.Sheet {
		old, is := ofTheMoment[item.Item]
		if is && item.Unmet == nil && at.Sub(item.At) > p.RightBefore() {
			old.Reason = fmt.Sprintf("%s was checked more than %d minutes before the start; check it again", old.Reason, int(p.RightBefore()/time.Minute))
			out = append(out, old)
		}
	}
	return out
}

// IsYes says whether a question was answered with yes.
func IsYes(b *bool) bool { return b != nil && *b }

// fill answers the items that this report speaks of.
func (f *InfusionCheckedIn) fill(day *InfusionDay, p policy.Infusions, m Meta) {
	item := func(name string, answered, met bool, code string, who person.Role, format string, args ...any) {
		i := slices.IndexFunc(day.Sheet, func(x SheetItem) bool { return x.Item == name })
		if i < 0 {
			day.Sheet = append(day.Sheet, SheetItem{Item: name})
			i = len(day.Sheet) - 1
		} else if !answered {
			return
		}
		day.Sheet[i].Unmet = nil
		if answered {
			day.Sheet[i].By, day.Sheet[i].At = m.By, m.At
		}
		if !met {
			day.Sheet[i].Unmet = &Unmet{Code: code, Reason: fmt.Sprintf(format, args...), MustAct: who}
		}
	}
	item(itemPsychotherapist, f.TherapistPresent != nil, IsYes(f.TherapistPresent), "psychotherapist-absent", person.Psychotherapist, "the psychotherapist is not present")
	item("physician", f.PhysicianPresent != nil, IsYes(f.PhysicianPresent), "physician-absent", person.Physician, "the physician is not present")
	item("escort", f.Escort != "", f.Escort.Given(), "escort-missing", person.Client, "no escort is named")
	item("identity", f.Identity != "", f.Identity.Given(), "identity-unchecked", person.Nurse, "identity not checked")
	item("intention", f.Intention != "", f.Intention.Given(), "intention-missing", person.Psychotherapist, "the intention is not recorded")
	item("state-of-mind", f.StateOfMind != "", f.StateOfMind.Given(), "state-of-mind-unchecked", person.Psychotherapist, "state of mind not checked")
	item("fasting-solids", f.FastingSolids != nil, hoursOf(f.FastingSolids) >= float64(p.FastingSolidsHours), "not-fasted", person.Physician, "no solid food for %d hours is not confirmed", p.FastingSolidsHours)
	item("fasting-liquids", f.FastingLiquids != nil, hoursOf(f.FastingLiquids) >= float64(p.FastingLiquidHours), "not-fasted", person.Physician, "no liquids for %d hours is not confirmed", p.FastingLiquidHours)
	item("alcohol", f.NoAlcohol != "", f.NoAlcohol.Given(), "alcohol-unchecked", person.Nurse, "no alcohol is not confirmed")
	item("nothing-new", f.NothingNew != "", f.NothingNew == "" || f.NothingNew.Given(), "something-new", person.Physician, "there is an illness, a medicine or a pregnancy that is new since the consult")
	item("pregnancy", f.PregnancyTest != "", f.PregnancyTest != PregnancyPositive, "something-new", person.Physician, "the pregnancy test is positive")
	item("emergency", f.EmergencyReady != nil, IsYes(f.EmergencyReady), "emergency-not-ready", person.Nurse, "emergency equipment not confirmed")
	item("consent", f.ConsentReconfirmed != nil, f.ConsentReconfirmed == nil || *f.ConsentReconfirmed, "consent-missing", person.Nurse, "consent was not re-confirmed")
	measured := f.measure(day, m)
	b := day.Baseline
	item("vitals", measured, b.Systolic > 0 && b.Diastolic > 0 && b.Pulse > 0 && b.SpO2 > 0, "vitals-missing", person.Nurse, "blood pressure, pulse or oxygen is missing")
	answered := measured || f.PhysicianDecision != ""
	switch {
	case b.Systolic >= p.StopSystolic || b.Diastolic >= p.StopDiastolic:
		item("pressure", answered, day.Decision == decisionReasoned, "blood-pressure-stop", person.Physician, "blood pressure %d/%d is at the stop limit; the physician must record the decision, with a reason", b.Systolic, b.Diastolic)
	case b.Systolic >= p.CautionSystolic || b.Diastolic >= p.CautionDiastolic:
		item("pressure", answered, day.Decision != "", "blood-pressure-caution", person.Physician, "blood pressure %d/%d is in the caution range; the physician's decision is needed", b.Systolic, b.Diastolic)
	default:
		item("pressure", answered, true, "", "", "")
	}
}

// hoursOf is less than any limit when nobody was asked.
func hoursOf(h *float64) float64 {
	if h == nil {
		return -1
	}
	return *h
}

// What the physician decided about a baseline outside the limits.
const (
	decisionBare     = "decided"
	decisionReasoned = "reasoned"
)

// measure takes in the baseline. A new blood pressure asks for a new decision. Whoever fills in the sheet may write down
// that the physician decided; a reason that lets an infusion start at the stop limit is the physician's own to write.
func (f *InfusionCheckedIn) measure(day *InfusionDay, m Meta) (measured bool) {
	take := func(into *int, value int) {
		if value > 0 {
			*into, measured = value, true
		}
	}
	take(&day.Baseline.Pulse, f.Pulse)
	take(&day.Baseline.SpO2, f.SpO2)
	if f.Systolic > 0 || f.Diastolic > 0 {
		take(&day.Baseline.Systolic, f.Systolic)
		take(&day.Baseline.Diastolic, f.Diastolic)
		day.Decision = ""
	}
	switch {
	case f.PhysicianDecision == "":
	case !f.PhysicianDecision.Given():
		day.Decision = ""
	case m.By.Role == person.Physician && (f.DecisionReason != "" || f.PhysicianDecision.inWords()):
		day.Decision = decisionReasoned
	default:
		day.Decision = decisionBare
	}
	return measured
}
