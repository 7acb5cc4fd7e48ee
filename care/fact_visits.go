package care

import (
	"strings"
	"time"

	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// AppointmentBooked books a visit, or holds it tentatively. A firm infusion needs every gate open.
type AppointmentBooked struct {
	Happened
	Appointment string     `json:"appointment"`
	Kind        visit.Kind `json:"kind"`
	Start       *time.Time `json:"start"`
	Minutes     int        `json:"minutes"`
	Place       string     `json:"place"`
	Tentative   bool       `json:"tentative"`
}

func (f *AppointmentBooked) minutes(c *Chart) int {
	switch {
	case f.Minutes != 0:
		return f.Minutes
	case f.Kind == visit.Consult || f.Kind == visit.Infusion:
		return 60
	default:
		return c.Policy.Visits.SessionMinutes
	}
}

func (f *AppointmentBooked) place(c *Chart) string {
	if f.Place == "" {
		return c.Policy.DefaultPlace()
	}
	return f.Place
}

func (f *AppointmentBooked) check(c *Chart, m Meta, v *inspection) {
	oneOf(v, "kind", string(f.Kind), visit.Kinds...)
	v.required("start", f.Start != nil)
	if f.Appointment != "" && !isID(f.Appointment) {
		v.invalid("appointment", "is an id such as preparation-5: small letters, digits and hyphens, 40 at most")
	}
	if f.Minutes < 0 || f.Minutes > 480 {
		v.invalid("minutes", "must be between 1 and 480")
	}
	if v.failed(atShape) {
		return
	}
	checkLimits(c, v, f.Kind, f.minutes(c), f.place(c))
	checkStart(c, m, v, *f.Start)
	if c.followed(f) != nil {
		checkPaused(c, v)
		return // the same visit, booked again with the new clinician
	}
	if f.Appointment != "" && c.Visit(f.Appointment) != nil {
		v.stateOf(fieldAppointment, CodeWrongState, "", "%s is booked already; move it, or give the new visit another name", wording.Title(f.Appointment))
	}
	checkPaused(c, v)
	c.checkTalk(f.Kind, v)
	wanted := visitTarget{kind: f.Kind, at: *f.Start, minutes: f.minutes(c), now: m.Now, away: m.Away}
	named := wanted
	named.id = f.Appointment
	c.checkOverlap(named, m, v)
	if !f.Tentative {
		c.checkGates(v, wanted, "confirmed")
	}
}

// isID says whether a text can name an appointment. Ids stand in keys and logs, so they hold no words of
// their own about a client.
func isID(s string) bool {
	return len(s) <= 40 && s[0] != '-' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// checkLimits holds R5 (45 to 60 minutes), R11 (outpatient) and R33 (a 60-minute consult).
func checkLimits(c *Chart, v *inspection, kind visit.Kind, minutes int, place string) {
	pl, known := c.Policy.Place(place)
	switch kind {
	case visit.Infusion:
		if minutes < 45 || minutes > 60 {
			v.limit("infusion-minutes", "minutes", "an infusion is planned for 45 to 60 minutes, not %d", minutes)
		}
		if !known || !pl.TakesInfusions() {
			v.limit("place-not-outpatient", "place", "%q is not an outpatient place of the practice. Infusions happen in an outpatient place only, never at the client's home and never online", place)
		}
		return
	case visit.Consult:
		if minutes != 60 {
			v.limit(CodeInvalid, "minutes", "minutes: the physician's consult is 60 minutes, not %d", minutes)
		}
	}
	if !known {
		v.invalid("place", "%q is not a place in the practice file", place)
	}
}

func checkStart(c *Chart, m Meta, v *inspection, start time.Time) {
	if start.Before(m.Now) {
		v.limit("start-in-past", "start", "%s has passed", c.Zone.SayLong(start))
	}
}

func checkPaused(c *Chart, v *inspection) {
	if c.Pause != nil && !c.Closed() {
		v.state(CodePaused, person.Coordinator, "the course is paused since %s; record resumed first", c.Zone.DayLong(c.Pause.At))
	}
}

// checkOverlap refuses a time that is taken. It is asked whenever a visit is booked, moved or becomes firm. That a clinician
// is away shuts the gate of an infusion, and is an overlap for every other visit.
func (c *Chart) checkOverlap(t visitTarget, m Meta, v *inspection) {
	who, away := c.away(t.kind, t.at, t.minutes)
	if len(m.Away) > 0 {
		who, away = m.Away[0], true
	}
	if other := c.overlapping(t.id, t.at, t.minutes); other != nil {
		v.add(atOverlap, CodeOverlap, "start", other.Name()+" of this client is at that time", person.Coordinator)
	} else if away && t.kind != visit.Infusion {
		v.add(atOverlap, CodeOverlap, "start", "the "+string(c.roleOf(who))+" is away then", person.Coordinator)
	} else if m.Clash != "" {
		v.add(atOverlap, CodeOverlap, "start", m.Clash, person.Coordinator)
	}
}

// subject is the id that the visit gets: the one asked for, else the next of its kind.
func (f *AppointmentBooked) subject(c *Chart, _ Meta) string {
	if v := c.followed(f); v != nil {
		return v.ID
	}
	if f.Appointment != "" {
		return f.Appointment
	}
	return c.freeVisitID(f.Kind)
}

// followed gives the visit that went over to a new clinician and that this booking books once more, at the time and place
// where it stands; or nil. A coordinator who books such a visit again means that visit, not a second one.
func (c *Chart) followed(f *AppointmentBooked) *Visit {
	for i := range c.Visits {
		v := &c.Visits[i]
		if v.Followed && v.Status == visit.Booked && f.Start != nil && v.Kind == f.Kind && v.Start.Equal(*f.Start) && v.Minutes == f.minutes(c) &&
			v.Place == f.place(c) && v.Tentative == f.Tentative && (f.Appointment == "" || f.Appointment == v.ID) {
			return v
		}
	}
	return nil
}

func (f *AppointmentBooked) told() string { return instant(*f.Start) }

func (f *AppointmentBooked) slot(c *Chart, m Meta) Slot {
	if f.Start == nil {
		return Slot{}
	}
	return c.slot(f.subject(c, m), Visit{Kind: f.Kind, Start: *f.Start, Minutes: f.minutes(c)})
}

func (f *AppointmentBooked) apply(c *Chart, m Meta) {
	if v := c.followed(f); v != nil {
		v.Followed = false
		return
	}
	c.Visits = append(c.Visits, Visit{ID: f.subject(c, m), Kind: f.Kind, Version: 1, Start: *f.Start, Minutes: f.minutes(c), Place: f.place(c),
		Tentative: f.Tentative, Status: visit.Booked, BookedAt: m.Now, AgreedAt: m.Now, Notice: "booked", NoticeAt: m.Now, Course: c.Course})
	c.clearRebook(f.Kind)
}

// clearRebook settles the debt of a new time with the first new booking of the kind.
func (c *Chart) clearRebook(kind visit.Kind) {
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Kind == kind && (v.Rebook || v.Asked() && !v.Open()) {
			v.Rebook, v.AskedAt = false, time.Time{}
			return
		}
	}
}

// AppointmentMoved gives a visit another time, place or length: a new version, to which the gates apply again. What is left
// out stays as it is.
type AppointmentMoved struct {
	Happened
	Worded
	Appointment string     `json:"appointment"`
	Start       *time.Time `json:"start"`
	Place       string     `json:"place"`
	Minutes     int        `json:"minutes"`
	Reason      Private    `json:"reason"`
}

// onto gives the visit as the move would leave it.
func (f *AppointmentMoved) onto(v Visit) Visit {
	if f.Start != nil {
		v.Start = *f.Start
	}
	if f.Place != "" {
		v.Place = f.Place
	}
	if f.Minutes != 0 {
		v.Minutes = f.Minutes
	}
	return v
}

func (f *AppointmentMoved) check(c *Chart, m Meta, v *inspection) {
	if f.Start == nil && f.Place == "" && f.Minutes == 0 {
		v.invalid("start", "is needed, or place, or minutes")
	}
	if f.Minutes < 0 || f.Minutes > 480 {
		v.invalid("minutes", "must be between 1 and 480")
	}
	appt := v.needVisit(c, f.Appointment)
	if !v.needStatus(appt, visit.Booked) || v.failed(atShape) {
		return
	}
	is := f.onto(*appt)
	if f.Place != "" || f.Minutes != 0 {
		checkLimits(c, v, is.Kind, is.Minutes, is.Place)
	}
	checkStart(c, m, v, is.Start)
	checkPaused(c, v)
	moved := visitTarget{kind: is.Kind, at: is.Start, minutes: is.Minutes, now: m.Now, id: is.ID, away: m.Away}
	c.checkOverlap(moved, m, v)
	if !is.Tentative {
		c.checkGates(v, moved, "moved")
	}
}

func (f *AppointmentMoved) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	is := f.onto(*v)
	v.Moves = append(v.Moves, Move{From: v.Start, To: is.Start, At: m.At, By: m.By})
	v.Version++
	v.Place, v.Minutes, v.Followed = is.Place, is.Minutes, false
	v.AgreedAt = v.agreedAt()
	v.Start, v.Confirmed, v.Rebook, v.AskedAt, v.Covered = is.Start, false, false, time.Time{}, nil
	v.LabsInvalid, v.ShutGates = "", nil
	v.BookedAt, v.Notice, v.NoticeAt = m.Now, "moved", m.Now
	v.Readiness = nil // what was said of the old time says nothing of the new one
	c.soundAlarm(f.Worded, v.ID, m)
}

// told says what the visit was moved to: its start, or where that stays, its place and length.
func (f *AppointmentMoved) told() string {
	if f.Start != nil {
		return instant(*f.Start)
	}
	var parts []string
	if f.Place != "" {
		parts = append(parts, f.Place)
	}
	if f.Minutes != 0 {
		parts = append(parts, itoa(f.Minutes)+" minutes")
	}
	return strings.Join(parts, ", ")
}

func (f *AppointmentMoved) was(c *Chart, _ Meta) string {
	v := c.Visit(f.Appointment)
	if f.Start != nil {
		return instant(v.Start)
	}
	var was AppointmentMoved
	if f.Place != "" {
		was.Place = v.Place
	}
	if f.Minutes != 0 {
		was.Minutes = v.Minutes
	}
	return was.told()
}

func (f *AppointmentMoved) slot(c *Chart, _ Meta) Slot {
	v := c.Visit(f.Appointment)
	if v == nil || v.Status != visit.Booked || f.Minutes < 0 {
		return Slot{}
	}
	return c.slot(v.ID, f.onto(*v))
}

// AppointmentCancelled cancels a visit. When the practice cancels, the client is always told.
type AppointmentCancelled struct {
	Happened
	Worded
	Appointment string  `json:"appointment"`
	Side        string  `json:"side"`
	Reason      Private `json:"reason"`
}

func (f *AppointmentCancelled) side(m Meta) string {
	if f.Side == "" && m.By.Role == person.Client {
		return "client"
	}
	return f.Side
}

func (f *AppointmentCancelled) check(c *Chart, m Meta, v *inspection) {
	oneOf(v, "side", f.side(m), "client", "practice")
	if m.By.Role == person.Client && f.side(m) == "practice" {
		v.invalid("side", "a client cancels for the client's side")
	}
	appt := v.needVisit(c, f.Appointment)
	if v.needStatus(appt, visit.Booked, visit.Arrived) && appt.running() {
		v.state(CodeWrongState, person.Nurse, "%s has started; stop it, with the reason", appt.Name())
	}
}

func (f *AppointmentCancelled) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	v.Side = f.side(m)
	v.Late = v.Side == "client" && m.At.After(c.Zone.HoursBefore(v.Start, c.Policy.Visits.LateCancelHours))
	c.endVisit(v, visit.Cancelled, m)
	v.Notice, v.NoticeAt = "cancelled", m.Now
	if v.Side == "practice" {
		v.Rebook = true
	}
	if v.Late && v.firm() {
		c.chargeFee(v, "late-cancel", c.Policy.Visits.LateCancelFee, m)
	}
	c.soundAlarm(f.Worded, v.ID, m)
}

func (c *Chart) endVisit(v *Visit, s visit.Status, m Meta) {
	v.Status, v.EndedAt = s, m.Now
}

// AppointmentConfirmed is the client's word that they come; it makes a tentative visit firm, which the
// gates must allow.
type AppointmentConfirmed struct {
	Happened
	Appointment string `json:"appointment"`
}

func (f *AppointmentConfirmed) check(c *Chart, m Meta, v *inspection) {
	appt := v.needVisit(c, f.Appointment)
	if appt == nil {
		return
	}
	if appt.Status != visit.Booked || appt.Start.Before(m.Now) {
		v.stateOf(fieldAppointment, "not-confirmable", "", "%s is %s and was for %s; only a coming visit can be confirmed", appt.Name(), appt.Status.Words(), c.Zone.SayLong(appt.Start))
		return
	}
	checkPaused(c, v)
	firm := visitTarget{kind: appt.Kind, at: appt.Start, minutes: appt.Minutes, now: m.Now, id: appt.ID, away: m.Away}
	c.checkOverlap(firm, m, v)
	c.checkGates(v, firm, "confirmed")
}

// slot is the time that the visit takes: the desk looks again whether everybody is free.
func (f *AppointmentConfirmed) slot(c *Chart, _ Meta) Slot { return c.bookedSlot(f.Appointment) }

func (f *AppointmentConfirmed) apply(c *Chart, m Meta) {
	v := c.Visit(f.Appointment)
	if v.Tentative {
		v.Tentative, v.BookedAt, v.Notice, v.NoticeAt = false, m.Now, "booked", m.Now
		v.Version++
	}
	v.Confirmed, v.AskedAt = true, time.Time{}
}
