package care

import (
	"fmt"
	"time"
)

// InfusionDay is the record of one infusion: check-in, run, and discharge (07-safety D3 to D5).
type InfusionDay struct {
	CheckedInAt   time.Time `json:"checked_in_at,omitzero"`
	Unmet         []Unmet   `json:"unmet,omitempty"` // what the sheet left open, by code
	StartedAt     time.Time `json:"started_at,omitzero"`
	StoppedAt     time.Time `json:"stopped_at,omitzero"`
	Minutes       int       `json:"minutes,omitempty"` // actual
	OutsideLimits bool      `json:"outside_limits,omitempty"`
	TherapistOut  bool      `json:"therapist_out,omitempty"`
	LastVitalsAt  time.Time `json:"last_vitals_at,omitzero"`
	Noted         bool      `json:"noted,omitempty"`
	DischargedAt  time.Time `json:"discharged_at,omitzero"`
}

// Unmet is one item of the check-in sheet that keeps the infusion from starting.
type Unmet struct {
	Code    string `json:"code"`
	Reason  string `json:"reason"`
	MustAct Role   `json:"must_act"`
}

// InfusionCheckedIn is the sheet filled in right before an infusion. It is always taken; what it leaves
// open refuses the start, item by item. A question without an answer is unmet.
type InfusionCheckedIn struct {
	Happened
	Appointment        string   `json:"appointment"`
	Identity           Answer   `json:"identity"`
	Intention          Answer   `json:"intention"`
	StateOfMind        Answer   `json:"state_of_mind"`
	FastingSolids      *float64 `json:"fasting_solids_h"`
	FastingLiquids     *float64 `json:"fasting_liquids_h"`
	Escort             Answer   `json:"escort"`
	NoAlcohol          Answer   `json:"no_alcohol"`
	Systolic           int      `json:"systolic"`
	Diastolic          int      `json:"diastolic"`
	Pulse              int      `json:"pulse"`
	SpO2               int      `json:"spo2"`
	TherapistPresent   bool     `json:"psychotherapist_present"`
	PhysicianPresent   bool     `json:"physician_present"`
	EmergencyReady     bool     `json:"emergency_ready"`
	PhysicianDecision  Answer   `json:"physician_decision"`
	DecisionReason     Private  `json:"physician_reason"`
	ConsentReconfirmed *bool    `json:"consent_reconfirmed"`
}

func checkVitals(v *inspection, systolic, diastolic, pulse, spo2 int, needed bool) {
	for _, x := range []struct {
		field           string
		value, low, top int
	}{{"systolic", systolic, 50, 260}, {"diastolic", diastolic, 20, 180}, {"pulse", pulse, 20, 240}, {"spo2", spo2, 40, 100}} {
		if x.value == 0 && !needed {
			continue
		}
		v.between(x.field, x.value, x.low, x.top)
	}
}

func (f *InfusionCheckedIn) check(c *Chart, m Meta, v *inspection) {
	checkVitals(v, f.Systolic, f.Diastolic, f.Pulse, f.SpO2, false)
	visit := v.needVisit(c, f.Appointment, Infusion)
	if !v.needStatus(visit, Booked, Arrived) {
		return
	}
	checkPaused(c, v)
	if visit.Day != nil && !visit.Day.StartedAt.IsZero() {
		v.state(CodeWrongState, "", "%s has started already", visit.ID)
	}
	if !c.Zone.SameDay(visit.Start, m.At) {
		v.state(CodeWrongState, Coordinator, "%s is on %s; the check-in is made on that day", visit.ID, c.Zone.Say(visit.Start))
	}
}

func (f *InfusionCheckedIn) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	v.Status = Arrived
	v.Day = &InfusionDay{CheckedInAt: m.At, Unmet: f.unmet(c.Policy.Infusions)}
}

func (f *InfusionCheckedIn) unmet(p InfusionPolicy) []Unmet {
	var out []Unmet
	need := func(ok bool, code string, who Role, format string, args ...any) {
		if !ok {
			out = append(out, Unmet{Code: code, Reason: fmt.Sprintf(format, args...), MustAct: who})
		}
	}
	need(f.TherapistPresent, "psychotherapist-absent", Psychotherapist, "the psychotherapist is not present")
	need(f.PhysicianPresent, "physician-absent", Physician, "the physician is not present")
	need(f.Escort.Given(), "escort-missing", Client, "no escort is named")
	need(f.Identity.Given(), "identity-unchecked", Nurse, "identity not checked")
	need(f.Intention.Given(), "intention-missing", Psychotherapist, "the intention is not recorded")
	need(f.StateOfMind.Given(), "state-of-mind-unchecked", Psychotherapist, "state of mind not checked")
	need(f.FastingSolids != nil && *f.FastingSolids >= float64(p.FastingSolidsHours), "not-fasted", Physician, "no solid food for %d hours is not confirmed", p.FastingSolidsHours)
	need(f.FastingLiquids != nil && *f.FastingLiquids >= float64(p.FastingLiquidHours), "not-fasted", Physician, "no liquids for %d hours is not confirmed", p.FastingLiquidHours)
	need(f.NoAlcohol.Given(), "alcohol-unchecked", Nurse, "no alcohol is not confirmed")
	need(f.EmergencyReady, "emergency-not-ready", Nurse, "emergency equipment not confirmed")
	need(f.ConsentReconfirmed == nil || *f.ConsentReconfirmed, "consent-missing", Nurse, "consent was not re-confirmed")
	vitals := f.Systolic > 0 && f.Diastolic > 0 && f.Pulse > 0 && f.SpO2 > 0
	need(vitals, "vitals-missing", Nurse, "blood pressure, pulse or oxygen is missing")
	decided := f.PhysicianDecision.Given()
	switch {
	case f.Systolic >= p.StopSystolic || f.Diastolic >= p.StopDiastolic:
		need(decided && f.DecisionReason != "", "blood-pressure-stop", Physician, "blood pressure %d/%d is at the stop limit; the physician's decision with a reason is needed", f.Systolic, f.Diastolic)
	case f.Systolic >= p.CautionSystolic || f.Diastolic >= p.CautionDiastolic:
		need(decided, "blood-pressure-caution", Physician, "blood pressure %d/%d is in the caution range; the physician's decision is needed", f.Systolic, f.Diastolic)
	}
	return out
}

// InfusionStarted starts an infusion: only after a complete check-in on the same day, with every gate open.
type InfusionStarted struct {
	Happened
	Appointment string `json:"appointment"`
}

func (f *InfusionStarted) check(c *Chart, m Meta, v *inspection) {
	visit := v.needVisit(c, f.Appointment, Infusion)
	if !v.needStatus(visit, Booked, Arrived) {
		return
	}
	checkPaused(c, v)
	switch day := visit.Day; {
	case day == nil || day.CheckedInAt.IsZero():
		v.state(CodeWrongState, Nurse, "%s has no check-in; record infusion-checked-in first", visit.ID)
	case !day.StartedAt.IsZero():
		v.state(CodeWrongState, "", "%s has started already", visit.ID)
	case !c.Zone.SameDay(day.CheckedInAt, m.At):
		v.state(CodeWrongState, Nurse, "the check-in of %s is from %s; it is made on the day itself", visit.ID, c.Zone.Day(day.CheckedInAt))
	case m.At.Before(day.CheckedInAt):
		v.state(CodeWrongState, "", "%s cannot start before its check-in", visit.ID)
	default:
		for _, u := range day.Unmet {
			v.state(u.Code, u.MustAct, "%s", u.Reason)
		}
		if day.TherapistOut {
			v.state("psychotherapist-absent", Psychotherapist, "the psychotherapist is not present")
		}
	}
	for i := range c.Visits {
		if o := &c.Visits[i]; o.ID != visit.ID && o.running() {
			v.state(CodeWrongState, Nurse, "%s is still running", o.ID)
		}
	}
	c.checkGates(v, visitTarget{kind: Infusion, at: m.At, minutes: visit.Minutes, now: m.Now, id: visit.ID, held: true}, "started")
}

func (f *InfusionStarted) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	v.Status, v.Tentative, v.Day.StartedAt = Arrived, false, m.At
}

func (v *Visit) running() bool {
	return v.Day != nil && !v.Day.StartedAt.IsZero() && v.Day.StoppedAt.IsZero() && v.Open()
}

func (v *inspection) needRunning(c *Chart, id string) *Visit {
	visit := v.needVisit(c, id, Infusion)
	if visit != nil && !visit.running() {
		v.state(CodeWrongState, "", "%s is not running", visit.ID)
		return nil
	}
	return visit
}

// VitalsRecorded is one reading, during an infusion or the observation after it.
type VitalsRecorded struct {
	Happened
	Appointment string `json:"appointment"`
	Systolic    int    `json:"systolic"`
	Diastolic   int    `json:"diastolic"`
	Pulse       int    `json:"pulse"`
	SpO2        int    `json:"spo2"`
}

func (f *VitalsRecorded) check(c *Chart, _ Meta, v *inspection) {
	checkVitals(v, f.Systolic, f.Diastolic, f.Pulse, f.SpO2, true)
	visit := v.needVisit(c, f.Appointment, Infusion)
	if visit != nil && (visit.Day == nil || visit.Day.StartedAt.IsZero() || !visit.Day.DischargedAt.IsZero()) {
		v.state(CodeWrongState, "", "%s is not under way", visit.ID)
	}
}

func (f *VitalsRecorded) apply(c *Chart, m Meta) { c.Visit(f.Appointment).Day.LastVitalsAt = m.At }

// PsychotherapistLeft opens an alert when it happens during an infusion (R20).
type PsychotherapistLeft struct {
	Happened
	Appointment string `json:"appointment"`
}

func (f *PsychotherapistLeft) check(c *Chart, _ Meta, v *inspection) {
	visit := v.needVisit(c, f.Appointment, Infusion)
	if v.needStatus(visit, Arrived) && visit.Day == nil {
		v.state(CodeWrongState, Nurse, "%s has no check-in yet", visit.ID)
	}
}

func (f *PsychotherapistLeft) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	v.Day.TherapistOut = true
	if v.running() {
		c.raise(AlertLeft, v.ID, m)
	}
}

// PsychotherapistReturned ends the absence; its alert still wants an acknowledgement.
type PsychotherapistReturned struct {
	Happened
	Appointment string `json:"appointment"`
}

func (f *PsychotherapistReturned) check(c *Chart, _ Meta, v *inspection) {
	visit := v.needVisit(c, f.Appointment, Infusion)
	if visit != nil && (visit.Day == nil || !visit.Day.TherapistOut) {
		v.state(CodeWrongState, "", "the psychotherapist had not left %s", visit.ID)
	}
}

func (f *PsychotherapistReturned) apply(c *Chart, _ Meta) {
	c.Visit(f.Appointment).Day.TherapistOut = false
}

// AdverseEvent records what went wrong. A severe one holds the next infusion and alerts both clinicians.
type AdverseEvent struct {
	Happened
	Appointment string  `json:"appointment"`
	Severity    string  `json:"severity"`
	Kind        string  `json:"kind"`
	Action      Private `json:"action"`
}

func (f *AdverseEvent) check(c *Chart, _ Meta, v *inspection) {
	v.oneOf("severity", f.Severity, "mild", "moderate", "severe")
	v.required("kind", f.Kind != "")
	if f.Appointment != "" {
		v.needVisit(c, f.Appointment)
	}
}

func (f *AdverseEvent) apply(c *Chart, m Meta) {
	if f.Severity == "severe" {
		c.hold(AlertAdverse, f.Appointment, m)
		c.raise(AlertAdverse, f.Appointment, m)
	}
}

// InfusionStopped ends an infusion. Outside 45 to 60 minutes it is flagged with the reason, never dropped (R5).
type InfusionStopped struct {
	Happened
	Appointment string  `json:"appointment"`
	Reason      Private `json:"reason"`
}

func (f *InfusionStopped) check(c *Chart, m Meta, v *inspection) {
	visit := v.needRunning(c, f.Appointment)
	if visit == nil {
		return
	}
	if m.At.Before(visit.Day.StartedAt) {
		v.state(CodeWrongState, "", "%s started %s; it cannot have stopped before", visit.ID, c.Zone.Say(visit.Day.StartedAt))
		return
	}
	if outsideLimits(ranMinutes(visit.Day.StartedAt, m.At)) && f.Reason == "" {
		v.limit(CodeInvalid, "reason", "reason: the infusion ran %d minutes, outside 45 to 60; say why (R5)", ranMinutes(visit.Day.StartedAt, m.At))
	}
}

func ranMinutes(from, to time.Time) int { return int(to.Sub(from).Round(time.Minute) / time.Minute) }

func outsideLimits(minutes int) bool { return minutes < 45 || minutes > 60 }

func (f *InfusionStopped) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	v.Day.StoppedAt = m.At
	v.Day.Minutes = ranMinutes(v.Day.StartedAt, m.At)
	v.Day.OutsideLimits = outsideLimits(v.Day.Minutes)
	c.endVisit(v, Fulfilled, m)
	c.chargeVisit(v, m)
}

// ProcessingNoted is the psychotherapist's note on the infusion (R21).
type ProcessingNoted struct {
	Happened
	Appointment string  `json:"appointment"`
	Note        Private `json:"note"`
}

func (f *ProcessingNoted) check(c *Chart, _ Meta, v *inspection) {
	v.required("note", f.Note != "")
	visit := v.needVisit(c, f.Appointment, Infusion)
	if visit != nil && (visit.Day == nil || visit.Day.StartedAt.IsZero()) {
		v.state(CodeWrongState, "", "%s has not started", visit.ID)
	}
}

func (f *ProcessingNoted) apply(c *Chart, _ Meta) { c.Visit(f.Appointment).Day.Noted = true }

// ClientDischarged lets the client go home: every item true, after the observation time, to a named adult.
type ClientDischarged struct {
	Happened
	Appointment  string `json:"appointment"`
	ReleasedTo   Answer `json:"released_to"`
	Alert        bool   `json:"alert"`
	Walking      bool   `json:"walking"`
	VitalsOK     bool   `json:"vitals_ok"`
	Instructions bool   `json:"instructions_given"`
}

func (f *ClientDischarged) check(c *Chart, m Meta, v *inspection) {
	for _, x := range []struct {
		name string
		ok   bool
	}{{"released_to", f.ReleasedTo.Given()}, {"alert", f.Alert}, {"walking", f.Walking}, {"vitals_ok", f.VitalsOK}, {"instructions_given", f.Instructions}} {
		if !x.ok {
			v.limit(CodeInvalid, x.name, "%s: must be so before the client goes home", x.name)
		}
	}
	visit := v.needVisit(c, f.Appointment, Infusion)
	if visit == nil {
		return
	}
	if visit.Day == nil || visit.Day.StoppedAt.IsZero() || !visit.Day.DischargedAt.IsZero() {
		v.state(CodeWrongState, Nurse, "%s has not been stopped, or the client went home already", visit.ID)
		return
	}
	if free := visit.Day.StoppedAt.Add(time.Duration(c.Policy.Infusions.ObservationMinutes) * time.Minute); m.At.Before(free) {
		v.state("observation-time", Nurse, "the client is observed until %s", c.Zone.Say(free))
	}
}

func (f *ClientDischarged) apply(c *Chart, m Meta) { c.Visit(f.Appointment).Day.DischargedAt = m.At }
