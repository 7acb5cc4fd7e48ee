package care

import (
	"slices"
	"time"

	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// CheckInReply is a client's answer to one check-in. Answers are kept in Postgres; the chart knows that and
// when they came.
type CheckInReply struct {
	CheckIn string       `json:"check_in"`
	At      time.Time    `json:"at"`
	By      person.Actor `json:"by"`
	Late    bool         `json:"late,omitempty"`
	Concern bool         `json:"concern,omitempty"` // item 9 above 0, or words that point to danger: a person must look
}

// Waiver says that no integration session follows an infusion.
type Waiver struct {
	Infusion string    `json:"infusion"`
	At       time.Time `json:"at"`
}

// Hold stops everything not yet happened until a named clinician releases it.
type Hold struct {
	Cause      string       `json:"cause"` // adverse-event, risk, clinician
	About      string       `json:"about,omitempty"`
	At         time.Time    `json:"at"`
	By         person.Actor `json:"by"`
	ReleasedAt time.Time    `json:"released_at,omitzero"`
	ReleasedBy person.Actor `json:"released_by,omitzero"`
}

func (c *Chart) hold(cause, about string, m Meta) {
	c.Holds = append(c.Holds, Hold{Cause: cause, About: about, At: m.At, By: m.By})
}

// onHold gives the first open hold.
func (c *Chart) onHold() *Hold {
	for i := range c.Holds {
		if c.Holds[i].ReleasedAt.IsZero() {
			return &c.Holds[i]
		}
	}
	return nil
}

// CheckIn is one scheduled asking after a client (R47): derived from each infusion's end and the policy.
type CheckIn struct {
	ID       string // check-in-2-24h: after infusion 2, 24 hours
	Infusion string
	Due      time.Time
	Measures bool // it asks for PHQ-9 and GAD-7 too
}

// CheckIns lists every check-in armed so far, in the order of their times. A late extra one follows the
// last planned infusion.
func (c *Chart) CheckIns() []CheckIn {
	var out []CheckIn
	infusions := c.Fulfilled(visit.Infusion)
	earlier := len(c.EveryFulfilled(visit.Infusion)) - len(infusions) // names go on counting in a second course
	for n, v := range infusions {
		end := v.End()
		if v.Day != nil && !v.Day.StoppedAt.IsZero() {
			end = v.Day.StoppedAt
		}
		for _, h := range c.Policy.CheckIns.AfterHours {
			due := end.Add(time.Duration(h) * time.Hour)
			if h%24 == 0 {
				due = c.ClientZone.Clock(c.ClientZone.AddDays(end, h/24), c.Policy.Messages.Window.Open, 0)
			}
			out = append(out, CheckIn{ID: "check-in-" + itoa(earlier+n+1) + "-" + itoa(h) + "h", Infusion: v.ID, Due: due,
				Measures: c.Policy.WithMeasures(h)})
		}
		if n < len(infusions)-1 || len(infusions) < c.planned() {
			continue
		}
		for _, days := range c.afterSeries() {
			out = append(out, CheckIn{ID: "check-in-" + itoa(earlier+n+1) + "-" + itoa(days) + "d", Infusion: v.ID,
				Due:      c.ClientZone.Clock(c.ClientZone.AddDays(end, days), c.Policy.Messages.Window.Open, 0),
				Measures: slices.Contains(c.Policy.Measures.AfterSeriesDays, days)})
		}
	}
	slices.SortStableFunc(out, func(a, b CheckIn) int { return a.Due.Compare(b.Due) })
	return out
}

// CheckInNamed finds a check-in that was armed, by its id or "latest".
func (c *Chart) CheckInNamed(id string, now time.Time) (CheckIn, bool) {
	return c.CheckInFinder()(id, now)
}

// CheckInFinder gives a function that finds check-ins as CheckInNamed does, for a caller that looks for many: what was armed is worked out once.
func (c *Chart) CheckInFinder() func(id string, now time.Time) (CheckIn, bool) {
	asked := c.CheckIns()
	all := append(slices.Clip(asked), c.measureTimes()...)
	return func(id string, now time.Time) (CheckIn, bool) {
		if id == "latest" {
			for _, ci := range slices.Backward(asked) {
				if !ci.Due.After(now) {
					return ci, true
				}
			}
			return CheckIn{}, false
		}
		if i := slices.IndexFunc(all, func(x CheckIn) bool { return x.ID == id }); i >= 0 {
			return all[i], true
		}
		return CheckIn{}, false
	}
}

func (c *Chart) answered(id string) bool {
	return slices.ContainsFunc(c.Answers, func(a CheckInReply) bool { return a.CheckIn == id })
}

// CheckInAnswered is the client's answer, or one taken by telephone. check_in may be "latest".
type CheckInAnswered struct {
	Happened
	CheckIn     string   `json:"check_in"`
	Mood        *int     `json:"mood"`
	PHQ9        []int    `json:"phq9"`
	GAD7        []int    `json:"gad7"`
	SideEffects []string `json:"side_effects"`
	Comment     Private  `json:"comment"`
	Concern     bool     `json:"concern"` // the comment points to danger: whoever read it, or its words, say so
}

func (f *CheckInAnswered) check(c *Chart, m Meta, v *inspection) {
	for _, x := range []struct {
		form    Instrument
		answers []int
	}{{PHQ9, f.PHQ9}, {GAD7, f.GAD7}} {
		if len(x.answers) == 0 {
			continue
		}
		for _, fault := range x.form.faults(x.answers) {
			v.invalid(x.form.Name, "%s", fault)
		}
	}
	for _, code := range f.SideEffects {
		if code == "" || !isID(code) {
			v.invalid("side_effects", "are ticked by code, such as %s; words go into comment", wording.JoinWords(SideEffects(), "or"))
			break
		}
	}
	if f.Mood != nil {
		v.between("mood", *f.Mood, 0, 10)
	}
	v.required("check_in", f.CheckIn != "")
	if _, ok := c.CheckInNamed(f.CheckIn, m.Now); !ok {
		v.stateOf("check_in", CodeWrongState, "", "there is no check-in %q yet", f.CheckIn)
	}
}

func (f *CheckInAnswered) apply(c *Chart, m Meta) {
	ci, _ := c.CheckInNamed(f.CheckIn, m.Now)
	concern := Concern(f.PHQ9) || f.Concern
	c.Answers = append(c.Answers, CheckInReply{CheckIn: ci.ID, At: m.At, By: m.By, Concern: concern,
		Late: m.At.After(ci.Due.Add(time.Duration(c.Policy.CheckIns.CallTaskHours) * time.Hour))})
	if concern {
		c.danger(AlertRisk, ci.ID, m)
	}
}

// subject names the check-in, of which the report may only say "latest".
func (f *CheckInAnswered) subject(c *Chart, m Meta) string {
	ci, _ := c.CheckInNamed(f.CheckIn, m.Now)
	return ci.ID
}

// RiskAssessed is a clinician's assessment, by C-SSRS or another instrument. High holds everything, alerts the
// other clinician and the coordinator, and sends the client the crisis text.
type RiskAssessed struct {
	Happened
	Instrument string    `json:"instrument"`
	Outcome    RiskLevel `json:"outcome"`
	Reason     Private   `json:"reason"`
}

func (f *RiskAssessed) check(_ *Chart, _ Meta, v *inspection) {
	oneOf(v, "outcome", f.Outcome, RiskNone, RiskLow, RiskHigh)
}

func (f *RiskAssessed) apply(c *Chart, m Meta) {
	c.Assessed = &Done{At: m.At, By: m.By}
	if f.Outcome == RiskHigh {
		c.danger(AlertRisk, "", m, theOthers(m.By.Role)...)
	}
}

func (f *RiskAssessed) told() string { return string(f.Outcome) }

// HoldPlaced stops everything not yet happened, and the other clinician and the coordinator hear of it at once.
// With risk, the clinician fears for the client: then the crisis text goes out too.
type HoldPlaced struct {
	Happened
	Reason Private `json:"reason"`
	Risk   bool    `json:"risk"`
}

func (f *HoldPlaced) check(_ *Chart, _ Meta, v *inspection) { v.required("reason", f.Reason != "") }
func (f *HoldPlaced) apply(c *Chart, m Meta) {
	if f.Risk {
		c.danger(AlertRisk, "", m, theOthers(m.By.Role)...)
		return
	}
	c.hold("clinician", "", m)
	c.raise(AlertHold, "", m, theOthers(m.By.Role)...)
}

// HoldReleased releases every open hold, by a named clinician with a reason.
type HoldReleased struct {
	Happened
	Reason Private `json:"reason"`
}

func (f *HoldReleased) check(c *Chart, m Meta, v *inspection) {
	v.required("reason", f.Reason != "")
	if m.By.ID == "" {
		v.invalid("by", "a hold is released by a named clinician")
	}
	if c.onHold() == nil {
		v.state(CodeWrongState, "", "nothing is on hold")
	}
}

func (f *HoldReleased) apply(c *Chart, m Meta) {
	for i := range c.Holds {
		if h := &c.Holds[i]; h.ReleasedAt.IsZero() {
			h.ReleasedAt, h.ReleasedBy = m.At, m.By
		}
	}
	// Who clears it in writing has seen what led to it.
	for i := range c.Alerts {
		if a := &c.Alerts[i]; a.AckedAt.IsZero() && slices.Contains([]string{AlertRisk, AlertHold, AlertAdverse}, a.Kind) && slices.Contains(a.Roles, m.By.Role) {
			a.acknowledge(m)
		}
	}
}

// IntegrationWaived says that an infusion needs no integration session.
type IntegrationWaived struct {
	Happened
	Infusion string  `json:"infusion"`
	Reason   Private `json:"reason"`
}

func (f *IntegrationWaived) check(c *Chart, _ Meta, v *inspection) {
	v.required("reason", f.Reason != "")
	if f.Infusion == "" {
		v.invalid("infusion", "is needed")
		return
	}
	appt := c.Visit(f.Infusion)
	if appt == nil || appt.Kind != visit.Infusion {
		v.stateOf("infusion", CodeUnknownAppointment, "", "this client has no infusion %s; there is %s", wording.Title(f.Infusion), c.visitNames())
		return
	}
	if appt.Status != visit.Fulfilled {
		v.stateOf("infusion", CodeWrongState, "", "%s is %s; this is for an infusion that was held", appt.Name(), appt.Status.Words())
	}
}

func (f *IntegrationWaived) apply(c *Chart, m Meta) {
	c.Waivers = append(c.Waivers, Waiver{Infusion: f.Infusion, At: m.At})
}
