package care

import (
	"strings"
	"time"

	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// Readiness is what a client said ahead of an infusion about how they come to it. It fills in nothing of the check-in
// sheet, which is answered on the day by the staff with what they see; it lets the practice call in time.
type Readiness struct {
	At       time.Time    `json:"at"`
	By       person.Actor `json:"by"`
	Fasting  bool         `json:"fasting"`
	Escort   bool         `json:"escort"`
	Name     string       `json:"name,omitempty"`  // reference to who takes them home, in the client's words
	Phone    string       `json:"phone,omitempty"` // reference to the escort's number
	Sober    bool         `json:"no_alcohol"`
	NoNews   bool         `json:"nothing_new"`
	HasNotes bool         `json:"has_notes,omitempty"` // the client wrote something besides
}

// ReadinessAnswered says how a client comes to an infusion: fasting, a ride home, no alcohol, and
// nothing new about their health (safety rule D3). By the client on their page, or taken down by telephone. A later one
// replaces it.
type ReadinessAnswered struct {
	Happened
	Worded
	Appointment string  `json:"appointment"`
	Fasting     *bool   `json:"fasting"`
	Escort      Answer  `json:"escort"`
	EscortPhone Private `json:"escort_phone"`
	NoAlcohol   *bool   `json:"no_alcohol"`
	NothingNew  *bool   `json:"nothing_new"` // no illness, medicine or pregnancy since the consult
	Note        Private `json:"note"`
}

func (f *ReadinessAnswered) check(c *Chart, m Meta, v *inspection) {
	appt := v.needVisit(c, f.Appointment, visit.Infusion)
	if f.Concern {
		return // words of danger are taken in at any time, and without the rest of the answers
	}
	v.required("fasting", f.Fasting != nil)
	v.required("no_alcohol", f.NoAlcohol != nil)
	v.required("nothing_new", f.NothingNew != nil)
	if !v.needStatus(appt, visit.Booked, visit.Arrived) {
		return
	}
	if appt.Day != nil && !appt.Day.StartedAt.IsZero() {
		v.stateOf(fieldAppointment, CodeWrongState, "", "%s has started already", appt.Name())
	}
	if appt.End().Before(m.Now) {
		v.stateOf(fieldAppointment, CodeWrongState, person.Coordinator, "%s was for %s, which has passed", appt.Name(), c.Zone.SayLong(appt.Start))
	}
}

func (f *ReadinessAnswered) apply(c *Chart, m Meta) {
	c.soundAlarm(f.Worded, f.Appointment, m)
	v := c.Visit(f.Appointment)
	if f.Fasting == nil || f.NoAlcohol == nil || f.NothingNew == nil || !v.Open() || v.Day != nil && !v.Day.StartedAt.IsZero() {
		return
	}
	r := &Readiness{At: m.At, By: m.By, Fasting: IsYes(f.Fasting), Escort: f.Escort.Given(), Sober: IsYes(f.NoAlcohol), NoNews: IsYes(f.NothingNew),
		Phone: string(f.EscortPhone), HasNotes: f.Note != ""}
	if r.Escort && strings.HasPrefix(string(f.Escort), PrivateRefPrefix) {
		r.Name = string(f.Escort)
	}
	v.Readiness = r
}

// Missing lists what keeps the client from coming ready, in words; none when all is well.
func (r *Readiness) Missing() []string {
	var out []string
	for _, x := range []struct {
		ok    bool
		words string
	}{{r.Escort, "nobody takes them home"}, {r.Fasting, "will not have fasted"}, {r.Sober, "alcohol"}, {r.NoNews, "something new about their health"}} {
		if !x.ok {
			out = append(out, x.words)
		}
	}
	return out
}

// readiness asks for a call when a client does not come ready, or wrote something besides: within two hours, and in any
// case an hour before the visit.
func (l *taskList) readiness() {
	for i := range l.c.Visits {
		v := &l.c.Visits[i]
		if v.Readiness == nil || v.Kind != visit.Infusion || v.Status != visit.Booked || !l.now.Before(v.End()) {
			continue
		}
		missing := v.Readiness.Missing()
		if v.Readiness.HasNotes && v.Readiness.By.Role == person.Client {
			missing = append(missing, "a note to read")
		}
		if len(missing) == 0 {
			continue
		}
		due := v.Readiness.At.Add(2 * time.Hour)
		if last := v.Start.Add(-time.Hour); last.Before(due) {
			due = last
		}
		l.add(taskReadiness, person.Coordinator, v.ID, due, "Call the client about "+v.Name()+": "+wording.JoinWords(missing, "and"))
	}
}
