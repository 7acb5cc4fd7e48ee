package care

import (
	"fmt"
	"time"

	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// InfusionStarted starts an infusion: only after a complete check-in on the same day, with every gate open.
type InfusionStarted struct {
	Happened
	Appointment string `json:"appointment"`
}

func (f *InfusionStarted) check(c *Chart, m Meta, v *inspection) {
	appt := v.needVisit(c, f.Appointment, visit.Infusion)
	if !v.needStatus(appt, visit.Booked, visit.Arrived) {
		return
	}
	checkPaused(c, v)
	switch day := appt.Day; {
	case day == nil || day.CheckedInAt.IsZero():
		v.state(CodeWrongState, person.Nurse, "%s has no check-in; fill in the check-in sheet first", appt.Name())
	case !day.StartedAt.IsZero():
		v.state(CodeWrongState, "", "%s has started already", appt.Name())
	case !c.Zone.SameDay(day.CheckedInAt, m.At):
		v.state(CodeWrongState, person.Nurse, "the check-in of %s is from %s; it is made on the day itself", appt.Name(), c.Zone.DayLong(day.CheckedInAt))
	case m.At.Before(day.CheckedInAt):
		v.state(CodeWrongState, "", "%s cannot start before its check-in", appt.Name())
	default:
		for _, u := range day.unmetAt(m.At, c.Policy.Infusions) {
			v.state(u.Code, u.MustAct, "%s", u.Reason)
		}
		if day.TherapistOut {
			v.state("psychotherapist-absent", person.Psychotherapist, "the psychotherapist is not present")
		}
		if c.openAlert(AlertRisk, "") != nil && c.onHold() == nil { // else the hold is what refuses
			v.state("risk-unseen", person.Psychotherapist, "an alert about danger was not looked at yet")
		}
	}
	for i := range c.Visits {
		if o := &c.Visits[i]; o.ID != appt.ID && o.running() {
			v.state(CodeWrongState, person.Nurse, "%s is still running", o.ID)
		}
	}
	if appt.Tentative {
		c.checkOverlap(visitTarget{kind: appt.Kind, at: appt.Start, minutes: appt.Minutes, id: appt.ID}, m, v)
	}
	c.checkGates(v, visitTarget{kind: visit.Infusion, at: m.At, minutes: appt.Minutes, now: m.Now, id: appt.ID, retrospective: true, away: m.Away}, "started")
}

// slot is the time of a tentative infusion, which becomes firm by its start. A firm one has its time already.
func (f *InfusionStarted) slot(c *Chart, _ Meta) Slot {
	if v := c.Visit(f.Appointment); v != nil && v.Tentative && v.Open() {
		return c.slot(v.ID, *v)
	}
	return Slot{}
}

func (f *InfusionStarted) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	v.Status, v.Tentative, v.Day.StartedAt, v.Day.StartedBy = visit.Arrived, false, m.At, m.By
	if c.Dose != nil {
		v.Day.OrderedMG = c.Dose.DoseMG
	}
}

func (v *Visit) running() bool {
	return v.Day != nil && !v.Day.StartedAt.IsZero() && v.Day.StoppedAt.IsZero() && v.Open()
}

func (v *inspection) needRunning(c *Chart, id string) *Visit {
	visit := v.needVisit(c, id, visit.Infusion)
	if visit != nil && !visit.running() {
		v.stateOf(fieldAppointment, CodeWrongState, "", "%s is not running", visit.Name())
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
	checkVitals(v, f.Vitals(), true)
	visit := v.needVisit(c, f.Appointment, visit.Infusion)
	if visit != nil && (visit.Day == nil || visit.Day.StartedAt.IsZero() || !visit.Day.DischargedAt.IsZero()) {
		v.stateOf(fieldAppointment, CodeWrongState, "", "%s is not under way", visit.Name())
	}
}

// apply takes the reading in. It answers the alert that it was overdue; one at the stop limit alerts the physician
// while the infusion runs.
func (f *VitalsRecorded) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	if m.At.After(v.Day.LastVitalsAt) {
		v.Day.LastVitalsAt = m.At
	}
	c.openAlert(AlertVitals, v.ID).acknowledge(m)
	if p := c.Policy.Infusions; v.running() && (f.Systolic >= p.StopSystolic || f.Diastolic >= p.StopDiastolic) && c.openAlert(AlertPressure, v.ID) == nil {
		c.raise(AlertPressure, v.ID, m)
	}
}

// Vitals gives the reading.
func (f *VitalsRecorded) Vitals() Vitals { return Vitals{f.Systolic, f.Diastolic, f.Pulse, f.SpO2} }

func (f *VitalsRecorded) told() string {
	return fmt.Sprintf("%d/%d, pulse %d, oxygen %d %%", f.Systolic, f.Diastolic, f.Pulse, f.SpO2)
}

// peakMargin is how near to its minute the reading at the peak must be.
const peakMargin = 5 * time.Minute

// vitalsDue is when the next reading of a running infusion is due: an interval after the last one, and no later than
// the minute at which pressure tends to peak, unless one was taken near it (safety rule D4).
func (v *Visit) vitalsDue(p policy.Infusions) time.Time {
	last := v.Day.StartedAt
	if v.Day.LastVitalsAt.After(last) {
		last = v.Day.LastVitalsAt
	}
	due := last.Add(p.VitalsEvery())
	peak := v.Day.StartedAt.Add(time.Duration(p.VitalsPeakMinute) * time.Minute)
	if p.VitalsPeakMinute > 0 && last.Before(peak.Add(-peakMargin)) && peak.Before(due) {
		return peak
	}
	return due
}

// NextReading is when the next reading of an infusion under way is due; zero for every other visit.
func (c *Chart) NextReading(v *Visit) time.Time {
	if !v.running() {
		return time.Time{}
	}
	return v.vitalsDue(c.Policy.Infusions)
}

// The limits of a run (R5), both included.
const (
	shortestRun = 45 * time.Minute
	longestRun  = 60 * time.Minute
)

// overdueAlerts gives, for each infusion under way, the alerts that time alone raises and when.
func (c *Chart) overdueAlerts(see func(kind, about string, at time.Time)) {
	grace := c.Policy.Infusions.Grace()
	for i := range c.Visits {
		switch v := &c.Visits[i]; {
		case v.running():
			if c.openAlert(AlertVitals, v.ID) == nil {
				see(AlertVitals, v.ID, v.vitalsDue(c.Policy.Infusions).Add(grace))
			}
			if !c.alerted(AlertOverrun, v.ID) {
				see(AlertOverrun, v.ID, v.Day.StartedAt.Add(longestRun+grace))
			}
		case c.undischarged(v) && !c.alerted(AlertStayedLong, v.ID):
			see(AlertStayedLong, v.ID, c.dischargeDue(v))
		}
	}
}

// undischarged says that an infusion was stopped and nobody wrote down yet who the client went home with.
func (c *Chart) undischarged(v *Visit) bool {
	return v.Day != nil && v.Status == visit.Fulfilled && v.Day.DischargedAt.IsZero() && !v.Day.StoppedAt.IsZero()
}

// observedUntil is when the client may go home at the earliest.
func (c *Chart) observedUntil(v *Visit) time.Time {
	return v.Day.StoppedAt.Add(time.Duration(c.Policy.Infusions.ObservationMinutes) * time.Minute)
}

func (c *Chart) dischargeDue(v *Visit) time.Time {
	return v.Day.StoppedAt.Add(time.Duration(c.Policy.Infusions.ObservationMinutes+90) * time.Minute)
}

// PsychotherapistLeft opens an alert when it happens during an infusion (R20).
type PsychotherapistLeft struct {
	Happened
	Appointment string `json:"appointment"`
}

func (f *PsychotherapistLeft) check(c *Chart, _ Meta, v *inspection) {
	appt := v.needVisit(c, f.Appointment, visit.Infusion)
	if v.needStatus(appt, visit.Arrived, visit.Fulfilled) && appt.Day == nil {
		v.stateOf(fieldAppointment, CodeWrongState, person.Nurse, "%s has no check-in yet", appt.Name())
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
	visit := v.needVisit(c, f.Appointment, visit.Infusion)
	if visit != nil && (visit.Day == nil || !visit.Day.TherapistOut) {
		v.stateOf(fieldAppointment, CodeWrongState, "", "the psychotherapist had not left %s", visit.Name())
	}
}

func (f *PsychotherapistReturned) apply(c *Chart, m Meta) {
	day := c.Visit(f.Appointment).Day
	day.TherapistOut = false
	for i := range day.Sheet {
		if item := &day.Sheet[i]; item.Item == itemPsychotherapist && item.Unmet == nil {
			item.By, item.At = m.By, m.At // seen in the room again
		}
	}
}

// AdverseEvent records what went wrong (safety rule D4). A severe one holds the next infusion and alerts both clinicians.
type AdverseEvent struct {
	Happened
	Appointment string   `json:"appointment"`
	Severity    Severity `json:"severity"`
	Kind        string   `json:"kind"`
	Action      Private  `json:"action"`
	Told        Private  `json:"told"`    // who was told
	Outcome     Private  `json:"outcome"` // how it ended
}

func (f *AdverseEvent) check(c *Chart, _ Meta, v *inspection) {
	oneOf(v, "severity", f.Severity, SeverityMild, SeverityModerate, SeveritySevere)
	v.required("kind", f.Kind != "")
	if f.Appointment != "" {
		v.needVisit(c, f.Appointment)
	}
}

func (f *AdverseEvent) apply(c *Chart, m Meta) {
	if f.Severity == SeveritySevere {
		c.hold(AlertAdverse, f.Appointment, m)
		c.raise(AlertAdverse, f.Appointment, m)
	}
}

func (f *AdverseEvent) told() string { return string(f.Severity) + ", " + f.Kind }

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
		v.state(CodeWrongState, "", "%s started %s; it cannot have stopped before", visit.Name(), c.Zone.SayLong(visit.Day.StartedAt))
		return
	}
	if ran := m.At.Sub(visit.Day.StartedAt); outsideLimits(ran) && f.Reason == "" {
		v.limit(CodeInvalid, "reason", "reason: the infusion ran %s, outside 45 to 60 minutes; say why", minutesAndSeconds(ran))
	}
}

// minutesAndSeconds writes how long an infusion ran: "44 minutes and 31 seconds".
func minutesAndSeconds(d time.Duration) string {
	words := fmt.Sprintf("%d minutes", int(d/time.Minute))
	if seconds := int(d % time.Minute / time.Second); seconds > 0 {
		words += fmt.Sprintf(" and %d seconds", seconds)
	}
	return words
}

// outsideLimits holds a run to R5's limits by its exact length: 44 minutes and 31 seconds are less than 45 minutes.
func outsideLimits(ran time.Duration) bool { return ran < shortestRun || ran > longestRun }

// taskOutsideLimits is the physician's: to look at an infusion that ran for less than 45 or more than 60 minutes (R5).
const taskOutsideLimits = "look-at-run"

func (f *InfusionStopped) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	v.Day.StoppedAt, v.Day.StoppedBy = m.At, m.By
	ran := m.At.Sub(v.Day.StartedAt)
	v.Day.Minutes = int(ran / time.Minute) // whole ones
	v.Day.OutsideLimits = outsideLimits(ran)
	if v.Day.OutsideLimits {
		c.raiseIssue(taskOutsideLimits, v.ID, person.Physician, m.Now)
	}
	c.openAlert(AlertVitals, v.ID).acknowledge(m)
	c.openAlert(AlertOverrun, v.ID).acknowledge(m)
	c.endVisit(v, visit.Fulfilled, m)
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
	visit := v.needVisit(c, f.Appointment, visit.Infusion)
	if visit != nil && (visit.Day == nil || visit.Day.StartedAt.IsZero()) {
		v.stateOf(fieldAppointment, CodeWrongState, "", "%s has not started", visit.Name())
	}
}

func (f *ProcessingNoted) apply(c *Chart, _ Meta) { c.Visit(f.Appointment).Day.Noted = true }

// ClientDischarged lets the client go home: every item true, after the observation time, to a named adult, signed by a
// named person (safety rule D5). released_to is the adult's name or who they are to the client; a bare yes names nobody.
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
	if m.By.ID == "" {
		v.invalid("by", "the client is discharged by a named person")
	}
	if !f.ReleasedTo.inWords() {
		v.limit(CodeInvalid, "released_to", "released_to: say which adult takes the client home, in words")
	}
	for _, x := range []struct {
		name  string
		ok    bool
		words string
	}{{"alert", f.Alert, "the client must be alert"}, {"walking", f.Walking, "the client must walk safely"}, {"vitals_ok", f.VitalsOK, "vital signs must be fine"},
		{"instructions_given", f.Instructions, "the instructions must be given"}} {
		if !x.ok {
			v.limit(CodeInvalid, x.name, "%s: %s before the client goes home", x.name, x.words)
		}
	}
	visit := v.needVisit(c, f.Appointment, visit.Infusion)
	if visit == nil {
		return
	}
	if visit.Day == nil || visit.Day.StoppedAt.IsZero() || !visit.Day.DischargedAt.IsZero() {
		v.stateOf(fieldAppointment, CodeWrongState, person.Nurse, "%s has not been stopped, or the client went home already", visit.Name())
		return
	}
	if free := c.observedUntil(visit); m.At.Before(free) {
		v.state("observation-time", person.Nurse, "not before %s: the client is observed until then", c.Zone.SayLong(free))
	}
}

func (f *ClientDischarged) apply(c *Chart, m Meta) {
	c.Visit(f.Appointment).Day.DischargedAt = m.At
	c.openAlert(AlertStayedLong, f.Appointment).acknowledge(m)
}
