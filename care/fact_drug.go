package care

import (
	"fmt"
	"math"
	"strings"
	"time"

	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// taskRecordDrug is the nurse's: to record what was given in an infusion.
const taskRecordDrug = "record-drug"

// Drug is what was given in an infusion, and the outcome of the rest.
type Drug struct {
	DoseMG    float64      `json:"dose_mg"`
	DrawnMG   float64      `json:"drawn_mg,omitempty"` // taken out of the vial: dose and waste together
	Lot       string       `json:"lot,omitempty"`
	ExpiresOn time.Time    `json:"expires_on,omitzero"`
	WasteMG   float64      `json:"waste_mg,omitempty"`
	Witness   string       `json:"witness,omitempty"` // id of the clinician who saw the rest destroyed
	At        time.Time    `json:"at"`
	By        person.Actor `json:"by"`
}

// DrugGiven records the dose that was given in an infusion, the drug's lot and expiry, and the rest that was destroyed in front of
// a witness. Recorded again, it replaces what was recorded before; the history keeps both.
type DrugGiven struct {
	Happened
	Appointment string     `json:"appointment"`
	DoseMG      float64    `json:"dose_mg"`
	DrawnMG     *float64   `json:"drawn_mg"` // optional: then dose and waste add up to it
	Lot         string     `json:"lot"`
	ExpiresOn   *time.Time `json:"expires_on"`
	WasteMG     *float64   `json:"waste_mg"`
	Witness     string     `json:"witness"`
	Confirmed   bool       `json:"confirmed"` // somebody looked at what is unusual about it
}

// doseRounding is how far apart two doses may be, in milligrams, and still be the same: syringes are read no closer.
const doseRounding = 0.01

func (f *DrugGiven) check(c *Chart, m Meta, v *inspection) {
	if f.DoseMG <= 0 || f.DoseMG > 10000 {
		v.invalid("dose_mg", "must be more than 0 and at most 10000: the dose that was given")
	}
	if strings.ContainsFunc(f.Lot, func(r rune) bool { return r < ' ' }) || len(f.Lot) > 40 {
		v.invalid("lot", "must be at most 40 letters and digits, as printed on the vial")
	}
	if f.WasteMG != nil && (*f.WasteMG < 0 || *f.WasteMG > 10000) {
		v.invalid("waste_mg", "must be between 0 and 10000")
	}
	f.checkDrawn(v)
	p := c.Policy.Infusions
	v.required("lot", f.Lot != "" || !p.RecordLot)
	v.required("expires_on", f.ExpiresOn != nil || !p.RecordLot)
	v.required("waste_mg", f.WasteMG != nil || !p.RecordWaste)
	if f.WasteMG != nil && *f.WasteMG > 0 || f.Witness != "" {
		f.checkWitness(c, m, v)
	}
	appt := v.needVisit(c, f.Appointment, visit.Infusion)
	if appt != nil && (appt.Day == nil || appt.Day.StartedAt.IsZero()) {
		v.stateOf(fieldAppointment, CodeWrongState, person.Nurse, "%s has not started", appt.Name())
		return
	}
	if appt != nil && !f.Confirmed && !v.failed(atLimit) {
		f.ask(c, appt, v)
	}
}

// checkDrawn holds that what was drawn was given or destroyed.
func (f *DrugGiven) checkDrawn(v *inspection) {
	if f.DrawnMG == nil {
		return
	}
	if *f.DrawnMG <= 0 || *f.DrawnMG > 10000 {
		v.invalid("drawn_mg", "must be more than 0 and at most 10000")
		return
	}
	waste := 0.0
	if f.WasteMG != nil {
		waste = *f.WasteMG
	}
	if math.Abs(f.DoseMG+waste-*f.DrawnMG) > doseRounding {
		v.invalid("drawn_mg", "%g mg were drawn, and %g mg given with %g mg destroyed are %g mg; the two must agree", *f.DrawnMG, f.DoseMG, waste, f.DoseMG+waste)
	}
}

// ask refuses what may be a typing error until somebody confirms it: more than the physician ordered, and a drug that had expired.
func (f *DrugGiven) ask(c *Chart, appt *Visit, v *inspection) {
	if ordered := c.orderedFor(appt); ordered > 0 && f.DoseMG > ordered+doseRounding {
		v.limit(CodeConfirm, "confirmed", "%g mg is more than the %g mg that the physician ordered; check it, and if so much was given record it with confirmed: true", f.DoseMG, ordered)
	}
	if f.ExpiresOn != nil && f.ExpiresOn.Before(appt.Day.StartedAt) && !c.Zone.SameDay(*f.ExpiresOn, appt.Day.StartedAt) {
		v.limit(CodeConfirm, "confirmed", "the drug expired on %s, before the infusion; check it, and if it is so record it with confirmed: true", c.Zone.DayLong(*f.ExpiresOn))
	}
}

// orderedFor is the dose that the physician had ordered when an infusion started; 0 if nobody knows.
func (c *Chart) orderedFor(v *Visit) float64 {
	switch {
	case v.Day.OrderedMG > 0:
		return v.Day.OrderedMG
	case c.Dose != nil && !c.Dose.At.After(v.Day.StartedAt):
		return c.Dose.DoseMG
	}
	return 0
}

// checkWitness holds that the rest was destroyed in front of another clinician of the practice.
func (f *DrugGiven) checkWitness(c *Chart, m Meta, v *inspection) {
	switch _, known := c.Policy.Clinician(f.Witness); {
	case f.Witness == "":
		v.invalid("witness", "is needed: the id of the clinician who saw the rest destroyed")
	case !known:
		v.limit("unknown-clinician", "witness", "witness: the practice file has no clinician with the id %q", f.Witness)
	case m.By.Is(f.Witness):
		v.limit(CodeInvalid, "witness", "witness: must be another person than the one who records it")
	}
}

func (f *DrugGiven) apply(c *Chart, m Meta) {
	d := &Drug{DoseMG: f.DoseMG, Lot: f.Lot, Witness: f.Witness, At: m.At, By: m.By}
	if f.ExpiresOn != nil {
		d.ExpiresOn = *f.ExpiresOn
	}
	if f.WasteMG != nil {
		d.WasteMG = *f.WasteMG
	}
	if f.DrawnMG != nil {
		d.DrawnMG = *f.DrawnMG
	}
	c.Visit(f.Appointment).Day.Drug = d
}

func (f *DrugGiven) told() string { return fmt.Sprintf("%g mg", f.DoseMG) }

func (f *DrugGiven) was(c *Chart, _ Meta) string {
	if v := c.Visit(f.Appointment); v.Day.Drug != nil {
		return fmt.Sprintf("%g mg", v.Day.Drug.DoseMG)
	}
	return ""
}

// drug asks the nurse for what was given, by the end of the day. Infusions that earlier builds recorded are not asked about.
func (l *taskList) drug(v *Visit) {
	if v.Day != nil && v.Day.StartedBy != (person.Actor{}) && !v.Day.StoppedAt.IsZero() && v.Day.Drug == nil {
		l.add(taskRecordDrug, person.Nurse, v.ID, l.c.officeCalendar().DayEnd(v.Day.StoppedAt), "Record the dose given in "+v.Name()+", the drug's lot and expiry, and the rest destroyed")
	}
}

// checkDoseRange asks the physician to confirm an order outside the range that a physician of the practice set. There is no range
// unless one did, and the rule says nothing of which dose would be right (R13).
func (f *DoseOrdered) checkDoseRange(r policy.DoseRange, v *inspection) {
	if r.HighMG > 0 && (f.DoseMG < r.LowMG || f.DoseMG > r.HighMG) && !f.OutsideRange {
		v.limit("dose-outside-range", "dose_mg", "dose_mg: %g mg is outside the range that %s set in the practice file; to order it, confirm it with outside_range_confirmed", f.DoseMG, r.SetBy)
	}
}

// PregnancyTest is the result of a pregnancy test; empty: nothing was recorded.
type PregnancyTest string

// The results of a pregnancy test.
const (
	PregnancyNegative PregnancyTest = "negative"
	PregnancyPositive PregnancyTest = "positive"
	PregnancyNotDone  PregnancyTest = "not-needed"
)

// checkBody holds a weight and the result of a pregnancy test to what can be.
func checkBody(v *inspection, weightKG float64, test PregnancyTest) {
	if weightKG != 0 && (weightKG < 20 || weightKG > 400) {
		v.invalid("weight_kg", "must be between 20 and 400 kilograms")
	}
	if test != "" {
		oneOf(v, "pregnancy_test", test, PregnancyNegative, PregnancyPositive, PregnancyNotDone)
	}
}
