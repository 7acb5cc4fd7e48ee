package care

import (
	"slices"
	"time"

	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
)

// Absence is a stretch in which a clinician is away. Its id is that of the practice-wide report; absences that earlier builds
// took in have none.
type Absence struct {
	ID        string    `json:"id,omitempty"`
	Clinician string    `json:"clinician"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
}

// ClinicianUnavailable says that a clinician is away. The desk turns one report into this fact for every
// client with a visit in that time; each of those visits is to be rebooked, without a fee. The same report id with other days
// replaces the absence.
type ClinicianUnavailable struct {
	Happened
	Clinician string     `json:"clinician"`
	From      *time.Time `json:"from"`
	To        *time.Time `json:"to"`
	Absence   string     `json:"absence"` // filled in by the desk: the id of the practice-wide report
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
	if f.Absence != "" {
		c.Absences = slices.DeleteFunc(c.Absences, func(a Absence) bool { return a.ID == f.Absence })
	}
	c.Absences = append(c.Absences, Absence{ID: f.Absence, Clinician: f.Clinician, From: *f.From, To: *f.To})
	for i := range c.Visits {
		v := &c.Visits[i]
		if v.Status == visit.Booked && slices.Contains(c.BusyAt(v.Kind, v.Start), f.Clinician) && v.Start.Before(*f.To) && f.From.Before(v.End()) {
			c.callOff(v, m)
		}
	}
}

// AbsenceEnded takes an absence back, or shortens it: from an instant on the clinician is there again. Visits that it called
// off stay off; each is still a task for the coordinator, who may book the old time again.
type AbsenceEnded struct {
	Absence   string     `json:"absence"`
	At        *time.Time `json:"at"` // may lie ahead; none: the absence never was
	Reason    Private    `json:"reason"`
	Clinician string     `json:"clinician"` // filled in by the desk, as is from: they find an absence that has no id
	From      *time.Time `json:"from"`
}

func (f *AbsenceEnded) check(_ *Chart, _ Meta, v *inspection) {
	v.required("absence", f.Absence != "")
	v.required("reason", f.Reason != "")
}

func (f *AbsenceEnded) apply(c *Chart, _ Meta) {
	for i := range c.Absences {
		a := &c.Absences[i]
		legacy := a.ID == "" && a.Clinician == f.Clinician && f.From != nil && a.From.Equal(*f.From)
		if a.ID != f.Absence && !legacy {
			continue
		}
		a.To = a.EndedBy(f.At)
	}
	c.Absences = slices.DeleteFunc(c.Absences, func(a Absence) bool { return !a.To.After(a.From) })
}

// EndedBy gives the end of an absence that is over at an instant; its beginning when none of it is left. No instant means
// that it never was.
func (a Absence) EndedBy(at *time.Time) time.Time {
	if at == nil || !at.After(a.From) {
		return a.From
	}
	if at.Before(a.To) {
		return at.UTC()
	}
	return a.To
}

// AbsenceChange is what a practice-wide report does to an absence: it notes one, or ends the one with that id.
type AbsenceChange struct {
	Absence            // as noted; of one that is ended only the id
	Ends    bool       // the report ends the absence
	At      *time.Time // when it ends; none: it never was
}

// AbsenceIn gives the change that a practice-wide report with an id speaks of. It refuses what the fact would be refused for
// by any client of a practice with this policy.
func AbsenceIn(kind Kind, f Fact, id string, p policy.Policy) (AbsenceChange, error) {
	v := &inspection{fact: kind.Name}
	f.check(&Chart{Policy: p}, Meta{}, v)
	if err := v.refusal(); err != nil {
		return AbsenceChange{}, err
	}
	if ended, is := f.(*AbsenceEnded); is {
		return AbsenceChange{Absence: Absence{ID: ended.Absence}, Ends: true, At: ended.At}, nil
	}
	away := f.(*ClinicianUnavailable)
	return AbsenceChange{Absence: Absence{ID: id, Clinician: away.Clinician, From: *away.From, To: *away.To}}, nil
}

// NoAbsence is the refusal of a report about an absence that nobody noted.
func NoAbsence(fact, id string) error {
	return Refuse(fact, "unknown-absence", "no absence has the id \""+id+"\"; its id is that of the report that noted it", person.Coordinator)
}
