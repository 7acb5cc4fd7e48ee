package care

import (
	"slices"
	"time"

	"kapflow/care/person"
	"kapflow/care/visit"
)

// AppointmentChangeRequested says that the client asks for another time: of a coming visit, which stands until the
// coordinator moves it, or after one that was cancelled or missed (docs/adr/0015). It opens a task and changes nothing
// else, unless the words point to danger.
type AppointmentChangeRequested struct {
	Happened
	Worded
	Appointment string  `json:"appointment"`
	Wish        Private `json:"wish"` // when it would suit
}

func (f *AppointmentChangeRequested) check(c *Chart, m Meta, v *inspection) {
	appt := v.needVisit(c, f.Appointment)
	if f.Concern {
		return // words of danger are taken in at any time
	}
	if v.needStatus(appt, visit.Booked, visit.Cancelled, visit.NoShow) && appt.Status == visit.Booked && appt.Start.Before(m.Now) {
		v.stateOf(fieldAppointment, CodeWrongState, person.Coordinator, "%s was for %s, which has passed", appt.Name(), c.Zone.SayLong(appt.Start))
	}
}

func (f *AppointmentChangeRequested) apply(c *Chart, m Meta) {
	if v := c.Visit(f.Appointment); !c.Closed() && slices.Contains([]visit.Status{visit.Booked, visit.Cancelled, visit.NoShow}, v.Status) {
		v.AskedAt = m.Now
	}
	c.soundAlarm(f.Worded, f.Appointment, m)
}

// answerRequestDue is when a client who asked for another time should have an answer: by the end of the next working
// day, and in any case two hours before the visit.
func (c *Chart) answerRequestDue(v *Visit) time.Time {
	due := c.afterWorkingDays(v.AskedAt, 1)
	if last := v.Start.Add(-2 * time.Hour); v.Status == visit.Booked && last.Before(due) {
		due = last
	}
	return due
}
