package care

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// Visit is one appointment. Its version grows when it is moved; everything planned for an older version
// (reminders, links) is dead.
type Visit struct {
	ID          string       `json:"id"`
	Kind        visit.Kind   `json:"kind"`
	Version     int          `json:"version"`
	Start       time.Time    `json:"start"`
	Minutes     int          `json:"minutes"`
	Place       string       `json:"place"`
	Tentative   bool         `json:"tentative,omitempty"`
	Confirmed   bool         `json:"confirmed,omitempty"` // the client said they will come
	Status      visit.Status `json:"status"`
	BookedAt    time.Time    `json:"booked_at"`           // this version
	NoticeAt    time.Time    `json:"notice_at,omitzero"`  // of the last change that the client must hear of
	Notice      string       `json:"notice,omitempty"`    // booked, moved, cancelled, missed, held or stands
	EndedAt     time.Time    `json:"ended_at,omitzero"`   // when its outcome was recorded
	Side        string       `json:"side,omitempty"`      // who cancelled: client, practice
	Late        bool         `json:"late,omitempty"`      // cancelled inside the late window
	Rebook      bool         `json:"rebook,omitempty"`    // the practice owes the client a new time
	Lapsed      bool         `json:"lapsed,omitempty"`    // a tentative hold that let go by itself
	LabsInvalid LabStatus    `json:"held,omitempty"`      // written by earlier builds: the labs of a confirmed infusion stopped counting
	ShutGates   []string     `json:"shut,omitempty"`      // gates that a fact shut under a confirmed infusion
	HoldNotices int          `json:"held_told,omitempty"` // how often the client was to hear that it is on hold
	Moves       []Move       `json:"moves,omitempty"`
	Covered     []string     `json:"covered,omitempty"` // reminder rules that came too late to be needed, with a new policy
	AskedAt     time.Time    `json:"asked_at,omitzero"` // the client asked for another time, and nobody answered yet

	Measures *Measures      `json:"measures,omitempty"`
	Outcome  ConsultOutcome `json:"outcome,omitempty"` // of a consult
	Day      *InfusionDay   `json:"infusion,omitempty"`

	Readiness *Readiness `json:"readiness,omitempty"` // of an infusion: what the client said ahead of it

	Course   int       `json:"course,omitempty"`   // how many courses of the client came before the one it belongs to
	AgreedAt time.Time `json:"agreed_at,omitzero"` // first booked; zero in records of earlier builds: BookedAt
	Followed bool      `json:"followed,omitempty"` // it went over to a new clinician, and nobody booked it again since
}

// Move is one change of a visit's time: who, when, from, to. The reason is in the facts log.
type Move struct {
	From time.Time    `json:"from"`
	To   time.Time    `json:"to"`
	At   time.Time    `json:"at"`
	By   person.Actor `json:"by"`
}

// Measures are what a preparation session can record (R18), each 1 to 5; 0 means not given.
type Measures struct {
	Flexibility int `json:"flexibility,omitempty"`
	Acceptance  int `json:"acceptance,omitempty"`
	Clarity     int `json:"clarity,omitempty"`
}

// End is when the visit is planned to be over.
func (v *Visit) End() time.Time { return v.Start.Add(time.Duration(v.Minutes) * time.Minute) }

// agreedAt is when the visit was first booked, whose prices it keeps.
func (v *Visit) agreedAt() time.Time {
	if !v.AgreedAt.IsZero() {
		return v.AgreedAt
	}
	return v.BookedAt
}

// Open says whether the visit is still to be held or under way.
func (v *Visit) Open() bool { return v.Status == visit.Booked || v.Status == visit.Arrived }

// Asked says whether the client waits for another time.
func (v *Visit) Asked() bool {
	return !v.AskedAt.IsZero() && v.Status != visit.Fulfilled && v.Status != visit.Arrived
}

// Name is the visit in words: "Infusion 3".
func (v *Visit) Name() string { return wording.Title(v.ID) }

// Visit finds a visit by id.
func (c *Chart) Visit(id string) *Visit {
	for i := range c.Visits {
		if c.Visits[i].ID == id {
			return &c.Visits[i]
		}
	}
	return nil
}

func (c *Chart) count(kind visit.Kind, status ...visit.Status) int {
	n := 0
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Course == c.Course && v.Kind == kind && slices.Contains(status, v.Status) {
			n++
		}
	}
	return n
}

// next gives the earliest open visit of a kind, or nil.
func (c *Chart) next(kind visit.Kind) *Visit {
	var found *Visit
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Kind == kind && v.Open() && (found == nil || v.Start.Before(found.Start)) {
			found = v
		}
	}
	return found
}

// Fulfilled gives the fulfilled visits of a kind in this course, in the order of their starts. Rules ask it: what an earlier
// course had opens no gate of this one.
func (c *Chart) Fulfilled(kind visit.Kind) []*Visit {
	return slices.DeleteFunc(c.EveryFulfilled(kind), func(v *Visit) bool { return v.Course != c.Course })
}

// EveryFulfilled gives the fulfilled visits of a kind in all courses of the client, in the order of their starts.
func (c *Chart) EveryFulfilled(kind visit.Kind) []*Visit {
	var out []*Visit
	for i := range c.Visits {
		if v := &c.Visits[i]; v.Kind == kind && v.Status == visit.Fulfilled {
			out = append(out, v)
		}
	}
	slices.SortStableFunc(out, func(a, b *Visit) int { return a.Start.Compare(b.Start) })
	return out
}

// metOnce says whether the client has had a first meeting in this course: any visit that was held.
func (c *Chart) metOnce() bool {
	return slices.ContainsFunc(c.Visits, func(v Visit) bool { return v.Course == c.Course && v.Status == visit.Fulfilled })
}

// freeVisitID gives the id of the next visit of a kind: infusion-3.
func (c *Chart) freeVisitID(kind visit.Kind) string {
	for n := 1; ; n++ {
		id := fmt.Sprintf("%s-%d", kind, n)
		if c.Visit(id) == nil {
			return id
		}
	}
}

// BusyAt lists the ids of the people whose time a visit of a kind takes that starts at an instant: the clinicians who have
// the client then.
func (c *Chart) BusyAt(kind visit.Kind, start time.Time) []string {
	physician, psychotherapist := c.ClinicianAt(person.Physician, start), c.ClinicianAt(person.Psychotherapist, start)
	switch kind {
	case visit.Consult:
		return []string{physician}
	case visit.Infusion:
		return []string{psychotherapist, physician}
	default:
		return []string{psychotherapist}
	}
}

// overlapping gives another open visit of this client in the same stretch of time.
func (c *Chart) overlapping(id string, start time.Time, minutes int) *Visit {
	end := start.Add(time.Duration(minutes) * time.Minute)
	for i := range c.Visits {
		if v := &c.Visits[i]; v.ID != id && v.Open() && v.Start.Before(end) && start.Before(v.End()) {
			return v
		}
	}
	return nil
}

func (c *Chart) away(kind visit.Kind, start time.Time, minutes int) (who string, is bool) {
	end := start.Add(time.Duration(minutes) * time.Minute)
	for _, a := range c.Absences {
		if slices.Contains(c.BusyAt(kind, start), a.Clinician) && a.From.Before(end) && start.Before(a.To) {
			return a.Clinician, true
		}
	}
	return "", false
}

// fieldAppointment names the visit that a fact is about.
const fieldAppointment = "appointment"

// needVisit finds the visit a fact speaks of and refuses an id that is not there.
func (v *inspection) needVisit(c *Chart, id string, kinds ...visit.Kind) *Visit {
	if id == "" {
		v.invalid(fieldAppointment, "is needed")
		return nil
	}
	visit := c.Visit(id)
	if visit == nil {
		v.stateOf(fieldAppointment, CodeUnknownAppointment, "", "this client has no visit %s; there is %s", wording.Title(id), c.visitNames())
		return nil
	}
	if len(kinds) > 0 && !slices.Contains(kinds, visit.Kind) {
		v.stateOf(fieldAppointment, CodeWrongState, "", "%s is a visit of another kind: %s; this is for %s", visit.Name(), visit.Kind, wording.JoinWords(kinds, "or"))
		v.problems[len(v.problems)-1].misfit = true
		return nil
	}
	return visit
}

func (v *inspection) needStatus(visit *Visit, allowed ...visit.Status) bool {
	if visit == nil {
		return false
	}
	if !slices.Contains(allowed, visit.Status) {
		v.stateOf(fieldAppointment, CodeWrongState, "", "%s is %s; this is for a visit that is %s", visit.Name(), visit.Status.Words(), sayStatuses(allowed))
		return false
	}
	return true
}

func sayStatuses(list []visit.Status) string {
	words := make([]string, len(list))
	for i, s := range list {
		words[i] = s.Words()
	}
	return wording.JoinWords(words, "or")
}

func (c *Chart) visitNames() string {
	var ids []string
	for i := range c.Visits {
		ids = append(ids, c.Visits[i].Name())
	}
	if len(ids) == 0 {
		return "none yet"
	}
	return strings.Join(ids, ", ")
}
