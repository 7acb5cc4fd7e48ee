package staff

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// infusionPage is the one screen of an infusion day.
type infusionPage struct {
	Client   string
	Contact  person.Contact
	Visit    *care.Visit
	Zone     clock.Zone    // of the visit
	Now      time.Time     // by the server's clock
	Dose     string        // as ordered; empty: no order stands
	Differs  string        // how the dose that was given differs from the order; empty: it does not
	Recorded *recordedNote // of a form that led here; nil: none
	Steps    []dayStep
	Sheet    []sheetRow
	Missing  []care.Problem // what keeps it from starting
	Running  bool
	Minutes  int       // since the start
	Next     time.Time // when the next reading is due; zero: none is
	Late     bool      // it should have been taken by now
	Readings []reading // the newest first
	Latest   *reading
	Chart    *pressureChart
	Alerts   []care.Alert
	Events   []record.Recorded[*care.AdverseEvent]
	Forms    map[string]*quickForm // of the facts that the person may record, by name; one that is missing is not theirs
	Others   []care.Offer          // what else may be recorded about the visit now
}

// dayStep is one of the steps of the day.
type dayStep struct {
	Name string
	At   string // when it was done; empty: not yet
	Now  bool   // it is the next one
}

// sheetRow is one item of the check-in sheet.
type sheetRow struct {
	Label  string
	By     string // who answered it, and when
	Reason string // why it is open; empty: it is met, or nobody has to answer it
	Who    person.Role
}

// reading is one reading of the vital signs.
type reading struct {
	record.VitalSigns
	When  string // by the clock of the visit
	Since string // minutes after the start, or before it
	Level string // caution or stop, when the blood pressure is at that limit
}

// infusion shows the day of one infusion, from the check-in sheet to the way home.
func infusion(v *visitor) error {
	rec, appt, err := v.openVisit()
	if err != nil {
		return err
	}
	if appt.Kind != visit.Infusion {
		return v.seeOther(clientPath(rec.Chart.ClientID) + "/visits/" + appt.ID)
	}
	c := rec.Chart
	p := infusionPage{Client: c.ClientID, Contact: rec.Contact, Visit: appt, Zone: c.ZoneOf(appt), Now: v.chartNow(c)}
	if p.Recorded, err = v.recordedNote(rec); err != nil {
		return err
	}
	p.Dose, p.Differs = v.doseOf(c, appt), differs(appt.Day)
	p.Steps = stepsOf(appt, p.Zone)
	p.Sheet = v.sheetOf(appt, p.Zone)
	p.Next = c.NextReading(appt)
	p.Late = !p.Next.IsZero() && p.Now.After(p.Next)
	if day := appt.Day; day != nil && !day.StartedAt.IsZero() && day.StoppedAt.IsZero() {
		p.Running, p.Minutes = true, int(p.Now.Sub(day.StartedAt)/time.Minute)
	}
	if !p.Running && appt.Open() {
		p.Missing = c.StartProblems(appt, p.Now)
	}
	if err := p.readVitals(rec); err != nil {
		return err
	}
	p.Alerts = slices.DeleteFunc(c.OpenAlerts(), func(a care.Alert) bool { return a.About != appt.ID && a.Kind != care.AlertRisk })
	p.Forms = v.dayForms(rec, appt.ID)
	return v.show(page{Title: "Infusion day", Template: "infusion", Data: p, Zone: p.Zone})
}

// openVisit opens the record of the client in the address and finds the visit in it.
func (v *visitor) openVisit() (record.HealthRecord, *care.Visit, error) {
	rec, err := v.site.Desk.OpenRecord(v.r.Context(), v.who, v.r.PathValue("client"))
	if err != nil {
		return rec, nil, err
	}
	appt := rec.Chart.Visit(v.r.PathValue("visit"))
	if appt == nil {
		return rec, nil, care.Refuse("visit", care.CodeUnknownFact, "This client has no visit called "+wording.Title(v.r.PathValue("visit"))+".", "")
	}
	return rec, appt, nil
}

// doseOf says the dose that stands ordered, or that stood ordered when the infusion was started.
func (v *visitor) doseOf(c *care.Chart, appt *care.Visit) string {
	if appt.Day != nil && appt.Day.OrderedMG > 0 {
		return strconv.FormatFloat(appt.Day.OrderedMG, 'f', -1, 64) + " mg"
	}
	if c.Dose == nil {
		return ""
	}
	return strconv.FormatFloat(c.Dose.DoseMG, 'f', -1, 64) + " mg"
}

// differs says how the dose that was given differs from the one that stood ordered at the start.
func differs(day *care.InfusionDay) string {
	switch {
	case day == nil || day.Drug == nil || day.OrderedMG <= 0 || day.Drug.DoseMG == day.OrderedMG:
		return ""
	case day.Drug.DoseMG > day.OrderedMG:
		return "More than ordered"
	}
	return "Less than ordered"
}

// stepsOf lists the steps of an infusion day, with the time of those that are done.
func stepsOf(appt *care.Visit, z clock.Zone) []dayStep {
	var day care.InfusionDay
	if appt.Day != nil {
		day = *appt.Day
	}
	given := time.Time{}
	if day.Drug != nil {
		given = day.Drug.At
	}
	out := []dayStep{{Name: "Check-in", At: clockTime(z, day.CheckedInAt)}, {Name: "Started", At: clockTime(z, day.StartedAt)}, {Name: "Stopped", At: clockTime(z, day.StoppedAt)},
		{Name: "Drug recorded", At: clockTime(z, given)}, {Name: "Home", At: clockTime(z, day.DischargedAt)}}
	if i := slices.IndexFunc(out, func(s dayStep) bool { return s.At == "" }); i >= 0 && appt.Status != visit.Cancelled && appt.Status != visit.NoShow {
		out[i].Now = true
	}
	return out
}

// clockTime says an instant as a clock on the wall shows it; empty for none.
func clockTime(z clock.Zone, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return z.Local(at).Format("3:04 PM")
}

// sheetOf lists the items of the check-in sheet.
func (v *visitor) sheetOf(appt *care.Visit, z clock.Zone) []sheetRow {
	if appt.Day == nil {
		return nil
	}
	var out []sheetRow
	for _, item := range appt.Day.Sheet {
		row := sheetRow{Label: item.Label()}
		if !item.At.IsZero() {
			row.By = v.nameOf(item.By) + ", " + clockTime(z, item.At)
		}
		if item.Unmet != nil {
			row.Reason, row.Who = upperFirst(item.Unmet.Reason), item.Unmet.MustAct
		}
		out = append(out, row)
	}
	return out
}

// nameOf is the name of somebody of the practice, or what they are.
func (v *visitor) nameOf(by person.Actor) string {
	if m, ok := v.site.Desk.Policy.Member(by.ID); ok && m.Name != "" {
		return m.Name
	}
	return cmp.Or(string(by.Role), by.ID)
}

// readVitals reads the vital signs and the adverse events of the day.
func (p *infusionPage) readVitals(rec record.HealthRecord) error {
	all, err := record.VitalSignsOf(rec)
	if err != nil {
		return fmt.Errorf("read vital signs: %w", err)
	}
	limits := rec.Chart.Policy.Infusions
	start := time.Time{}
	if p.Visit.Day != nil {
		start = p.Visit.Day.StartedAt
	}
	for _, x := range all {
		if x.Appointment != p.Visit.ID {
			continue
		}
		r := reading{VitalSigns: x, When: clockTime(p.Zone, x.At)}
		switch {
		case x.Systolic >= limits.StopSystolic || x.Diastolic >= limits.StopDiastolic:
			r.Level = "stop"
		case x.Systolic >= limits.CautionSystolic || x.Diastolic >= limits.CautionDiastolic:
			r.Level = "caution"
		}
		if minutes := int(x.At.Sub(start) / time.Minute); !start.IsZero() && minutes >= 0 {
			r.Since = "minute " + strconv.Itoa(minutes)
		} else {
			r.Since = "before the start"
		}
		p.Readings = append(p.Readings, r)
	}
	slices.SortStableFunc(p.Readings, func(a, b reading) int { return b.At.Compare(a.At) })
	if len(p.Readings) > 0 {
		p.Latest = &p.Readings[0]
		p.Chart = drawPressure(p.Readings, start, p.Zone, limits)
	}
	events, err := record.FactsOf[*care.AdverseEvent](rec)
	if err != nil {
		return fmt.Errorf("read adverse events: %w", err)
	}
	for _, e := range events {
		if e.Fact.Appointment == p.Visit.ID {
			p.Events = append(p.Events, e)
		}
	}
	return nil
}

// dayForms are the forms of the day: those that are sent at once, and those that first show what will happen.
func (v *visitor) dayForms(rec record.HealthRecord, id string) map[string]*quickForm {
	q := v.quickFor(rec, id, "infusion")
	return map[string]*quickForm{
		"checkIn":   q.form(care.KindFor[*care.InfusionCheckedIn](), "preview"),
		"start":     q.form(care.KindFor[*care.InfusionStarted](), "preview"),
		"vitals":    q.form(care.KindFor[*care.VitalsRecorded](), "record", "systolic", "diastolic", "pulse", "spo2"),
		"left":      q.form(care.KindFor[*care.PsychotherapistLeft](), "record"),
		"returned":  q.form(care.KindFor[*care.PsychotherapistReturned](), "record"),
		"adverse":   q.form(care.KindFor[*care.AdverseEvent](), "record", "severity", "kind", "action", "told"),
		"stop":      q.form(care.KindFor[*care.InfusionStopped](), "record", "reason"),
		"drug":      q.form(care.KindFor[*care.DrugGiven](), "preview"),
		"discharge": q.form(care.KindFor[*care.ClientDischarged](), "preview"),
		"note":      q.form(care.KindFor[*care.ProcessingNoted](), "preview"),
		"arrived":   q.form(care.KindFor[*care.AppointmentArrived](), "preview"),
	}
}
