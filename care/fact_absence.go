package care

import (
	"slices"
	"time"

	"kapflow/care/policy"
	"kapflow/care/visit"
)

// Absence is a stretch in which a clinician is away.
type Absence struct {
	Clinician string    `json:"clinician"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
}

// ClinicianUnavailable says that a clinician is away. The desk turns one report into this fact for every
// client with a visit in that time; each of those visits is to be rebooked, without a fee.
type ClinicianUnavailable struct {
	Happened
	Clinician string     `json:"clinician"`
	From      *time.Time `json:"from"`
	To        *time.Time `json:"to"`
}

func (f *ClinicianUnavailable) check(c *Chart, _ Meta, v *inspection) {
	v.required("from", f.From != nil)
	v.required("to", f.To != nil)
	if f.From != nil && f.To != nil && !f.To.After(*f.From) {
		v.invalid("to", "must be after from")
	}
	if _, ok := c.Policy.Clinician(f.Clinician); !ok {
		v.limit("unknown-clinician", "clinician", "the practice file has no clinician with the id %q", f.Clinician)
	}
}

func (f *ClinicianUnavailable) apply(c *Chart, m Meta) {
	c.Absences = append(c.Absences, Absence{Clinician: f.Clinician, From: *f.From, To: *f.To})
	for i := range c.Visits {
		v := &c.Visits[i]
		if v.Status == visit.Booked && slices.Contains(c.Busy(v.Kind), f.Clinician) && v.Start.Before(*f.To) && f.From.Before(v.End()) {
			v.Side, v.Rebook = "practice", true
			c.endVisit(v, visit.Cancelled, m)
			v.Notice, v.NoticeAt = "cancelled", m.Now
		}
	}
}

// AbsenceIn gives the absence that a practice-wide report speaks of. It refuses what the fact would be refused for by any
// client of a practice with this policy.
func AbsenceIn(kind Kind, f Fact, p policy.Policy) (Absence, error) {
	v := &inspection{fact: kind.Name}
	f.check(&Chart{Policy: p}, Meta{}, v)
	if err := v.refusal(); err != nil {
		return Absence{}, err
	}
	away := f.(*ClinicianUnavailable)
	return Absence{Clinician: away.Clinician, From: *away.From, To: *away.To}, nil
}
