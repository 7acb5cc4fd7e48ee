package care

import (
	"fmt"
	"slices"
	"time"
)

// CheckInReply is a client's answer to one check-in. Answers are kept in Postgres; the chart knows that and
// when they came.
type CheckInReply struct {
	CheckIn string    `json:"check_in"`
	At      time.Time `json:"at"`
	By      Actor     `json:"by"`
	Late    bool      `json:"late,omitempty"`
	Concern bool      `json:"concern,omitempty"` // item 9 above 0: a person must look
}

// Waiver says that no integration session follows an infusion.
type Waiver struct {
	Infusion string    `json:"infusion"`
	At       time.Time `json:"at"`
}

// Hold stops everything not yet happened until a named clinician releases it.
type Hold struct {
	Cause      string    `json:"cause"` // adverse-event, risk, clinician
	About      string    `json:"about,omitempty"`
	At         time.Time `json:"at"`
	By         Actor     `json:"by"`
	ReleasedAt time.Time `json:"released_at,omitzero"`
	ReleasedBy Actor     `json:"released_by,omitzero"`
}

// Alert is something that roles must see now. It stays raised until one of them acknowledges it.
type Alert struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Roles    []Role    `json:"roles"`
	About    string    `json:"about,omitempty"`
	RaisedAt time.Time `json:"raised_at"`
	AckedAt  time.Time `json:"acked_at,omitzero"`
	AckedBy  Actor     `json:"acked_by,omitzero"`
}

func (c *Chart) raise(kind, about string, m Meta, roles ...Role) {
	c.Alerts = append(c.Alerts, Alert{ID: fmt.Sprintf("alert-%d", len(c.Alerts)+1), Kind: kind, About: about, RaisedAt: m.Now, Roles: roles})
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
}

// CheckIns lists every check-in armed so far, in the order of their times. A late extra one follows the
// last planned infusion.
func (c *Chart) CheckIns() []CheckIn {
	var out []CheckIn
	infusions := c.held(Infusion)
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
			out = append(out, CheckIn{ID: fmt.Sprintf("check-in-%d-%dh", n+1, h), Infusion: v.ID, Due: due})
		}
		if days := c.Policy.CheckIns.AfterLastDays; days > 0 && n == len(infusions)-1 && len(infusions) >= c.planned() {
			out = append(out, CheckIn{ID: fmt.Sprintf("check-in-%d-%dd", n+1, days), Infusion: v.ID,
				Due: c.ClientZone.Clock(c.ClientZone.AddDays(end, days), c.Policy.Messages.Window.Open, 0)})
		}
	}
	slices.SortStableFunc(out, func(a, b CheckIn) int { return a.Due.Compare(b.Due) })
	return out
}

func (c *Chart) checkIn(id string, now time.Time) (CheckIn, bool) {
	all := c.CheckIns()
	if id == "latest" {
		due := slices.DeleteFunc(slices.Clone(all), func(x CheckIn) bool { return x.Due.After(now) })
		if len(due) > 0 {
			return due[len(due)-1], true
		}
		return CheckIn{}, false
	}
	i := slices.IndexFunc(all, func(x CheckIn) bool { return x.ID == id })
	if i < 0 {
		return CheckIn{}, false
	}
	return all[i], true
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
			v.invalid("side_effects", "are ticked by code, such as %s; words go into comment", joinWords(SideEffects(), "or"))
			break
		}
	}
	if f.Mood != nil {
		v.between("mood", *f.Mood, 0, 10)
	}
	if _, ok := c.checkIn(f.CheckIn, m.Now); !ok {
		v.state(CodeWrongState, "", "there is no check-in %q yet", f.CheckIn)
	}
}

func (f *CheckInAnswered) apply(c *Chart, m Meta) {
	ci, _ := c.checkIn(f.CheckIn, m.Now)
	concern := Concern(f.PHQ9)
	c.Answers = append(c.Answers, CheckInReply{CheckIn: ci.ID, At: m.At, By: m.By, Concern: concern,
		Late: m.At.After(ci.Due.Add(time.Duration(c.Policy.CheckIns.CallTaskHours) * time.Hour))})
	if concern {
		c.hold("risk", ci.ID, m)
		c.raise("risk", ci.ID, m, Psychotherapist, Physician)
	}
}

// RiskAssessed is a clinician's assessment. High holds everything and alerts both clinicians.
type RiskAssessed struct {
	Happened
	Instrument string  `json:"instrument"`
	Outcome    string  `json:"outcome"`
	Reason     Private `json:"reason"`
}

func (f *RiskAssessed) check(_ *Chart, _ Meta, v *inspection) {
	v.oneOf("outcome", f.Outcome, "none", "low", "high")
}

func (f *RiskAssessed) apply(c *Chart, m Meta) {
	if f.Outcome == "high" {
		c.hold("risk", "", m)
		c.raise("risk", "", m, Psychotherapist, Physician)
	}
}

// HoldPlaced stops everything not yet happened.
type HoldPlaced struct {
	Happened
	Reason Private `json:"reason"`
}

func (f *HoldPlaced) check(_ *Chart, _ Meta, v *inspection) { v.required("reason", f.Reason != "") }
func (f *HoldPlaced) apply(c *Chart, m Meta)                { c.hold("clinician", "", m) }

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
}

// AlertAcknowledged says that an alert was seen, by a role it was raised for, or that a trouble from outside
// (a message that failed, a reply to read) was settled. alert is an id or a kind; without it, the oldest
// alert for this role, else its oldest trouble.
type AlertAcknowledged struct {
	Happened
	Alert  string  `json:"alert"`
	Action Private `json:"action"`
}

func (f *AlertAcknowledged) find(c *Chart, by Role) *Alert {
	for i := range c.Alerts {
		a := &c.Alerts[i]
		if a.AckedAt.IsZero() && (f.Alert == a.ID || f.Alert == a.Kind || f.Alert == "" && slices.Contains(a.Roles, by)) {
			return a
		}
	}
	return nil
}

// trouble finds the trouble that is settled, by its task's name with or without what it is about.
func (f *AlertAcknowledged) trouble(c *Chart, by Role) int {
	return slices.IndexFunc(c.Troubles, func(t Trouble) bool {
		return f.Alert == t.Task || f.Alert == t.Task+":"+t.About || f.Alert == "" && t.Role == by
	})
}

func (f *AlertAcknowledged) check(c *Chart, m Meta, v *inspection) {
	roles := []Role{}
	if a := f.find(c, m.By.Role); a != nil {
		roles = a.Roles
	} else if i := f.trouble(c, m.By.Role); i >= 0 {
		roles = append(roles, c.Troubles[i].Role)
	} else {
		v.state(CodeWrongState, "", "no such alert is open")
		return
	}
	if !slices.Contains(roles, m.By.Role) {
		v.add(atRole, CodeNotYourRole, "", "this alert is for the "+joinRoles(roles), roles[0])
	}
}

func (f *AlertAcknowledged) apply(c *Chart, m Meta) {
	if a := f.find(c, m.By.Role); a != nil {
		a.AckedAt, a.AckedBy = m.At, m.By
		return
	}
	i := f.trouble(c, m.By.Role)
	c.Troubles = slices.Delete(c.Troubles, i, i+1)
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
	visit := c.Visit(f.Infusion)
	if visit == nil || visit.Kind != Infusion {
		v.state(CodeUnknownAppointment, "", "this client has no infusion %s; there is %s", f.Infusion, c.visitNames())
		return
	}
	v.needStatus(visit, Fulfilled)
}

func (f *IntegrationWaived) apply(c *Chart, m Meta) {
	c.Waivers = append(c.Waivers, Waiver{Infusion: f.Infusion, At: m.At})
}
