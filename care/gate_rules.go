package care

import (
	"fmt"
	"slices"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/care/wording"
)

// Each ask is the condition of one gate. It gives whether the gate is open, the reason in words that can
// follow "because", and whose move it is. What is missing or unknown leaves a gate shut.

func (c *Chart) askAcceptance(visitTarget) (bool, string, person.Role) {
	switch s := c.Screening.Status(); {
	case len(c.Presenting) == 0:
		return false, "no presenting problem recorded", person.Coordinator
	case s == ScreeningOpen:
		return false, "acceptance criteria not evaluated", person.Psychotherapist
	case s == ScreeningNotMet:
		return false, "acceptance criteria not met", person.Psychotherapist
	case s == ScreeningNotPreferred:
		return false, "the client's own preference is not recorded", person.Psychotherapist
	}
	return true, "accepted", ""
}

func (c *Chart) askCoverage(t visitTarget) (bool, string, person.Role) {
	switch {
	case c.Coverage == nil && c.CoverageEntered != nil:
		return false, "coverage entered but not reviewed", person.Psychotherapist
	case c.Coverage == nil:
		return false, "coverage not reviewed", person.Psychotherapist
	case c.Coverage.expired(t.now):
		return false, "the coverage review was good until " + c.Zone.DayFrom(c.Coverage.ValidUntil, t.now), person.Psychotherapist
	}
	return true, "coverage reviewed", ""
}

func (c *Chart) askInsurer(t visitTarget) (bool, string, person.Role) {
	switch {
	case c.Insurer == nil:
		return false, "insurer neither contacted nor contact waived", person.Psychotherapist
	case !c.Insurer.CallBack.IsZero():
		return false, "the insurer has not answered yet; it promised to call back " + c.Zone.DayFrom(c.Insurer.CallBack, t.now), person.Psychotherapist
	case c.Coverage != nil && c.Coverage.Result == CoverageUnknown && !c.Insurer.Contacted:
		return false, "coverage is unknown, so the insurer must be contacted", person.Psychotherapist
	}
	return true, "insurer contact settled", ""
}

func (c *Chart) askFees(visitTarget) (bool, string, person.Role) {
	if c.FeeTalk == nil {
		return false, "fees not discussed", person.Psychotherapist
	}
	return true, "fees discussed", ""
}

// inTime says whether something done at a time counts for the target. A start may be written down afterwards:
// then only what was done before it counts, not what was made up for since.
func (t visitTarget) inTime(at time.Time) bool { return !t.retrospective || !at.After(t.at) }

// counted is how many fulfilled visits of a kind count for the target.
func (c *Chart) counted(kind visit.Kind, t visitTarget) int {
	n := 0
	for _, v := range c.Fulfilled(kind) {
		if t.inTime(v.Start) {
			n++
		}
	}
	return n
}

func (c *Chart) askEvaluation(t visitTarget) (bool, string, person.Role) {
	if c.counted(visit.Evaluation, t) > 0 {
		return true, "evaluation held", ""
	}
	return false, "evaluation not held" + c.comes(visit.Evaluation, t.now), person.Psychotherapist
}

// askPrep holds R16: completed preparation sessions only, evaluations do not count (R25).
func (c *Chart) askPrep(t visitTarget) (bool, string, person.Role) {
	done, need := c.counted(visit.Preparation, t), c.MinimumPrep()
	reason := fmt.Sprintf("preparation %d of %d", done, need)
	if done >= need {
		return true, reason, ""
	}
	return false, reason + c.comes(visit.Preparation, t.now), person.Psychotherapist
}

// MinimumPrep is how many preparation sessions come before the first infusion: the practice's number, and
// never fewer than four (R16), whatever a chart's policy says.
func (c *Chart) MinimumPrep() int { return max(4, c.Policy.Preparation.MinimumSessions) }

// comes says when the next visit of a kind is booked: ", next Tue Dec 1".
func (c *Chart) comes(kind visit.Kind, now time.Time) string {
	if v := c.next(kind); v != nil {
		return ", next " + c.Zone.DayFrom(v.Start, now)
	}
	return ""
}

func (c *Chart) askConsult(t visitTarget) (bool, string, person.Role) {
	if c.counted(visit.Consult, t) == 0 {
		return false, "consult not held" + c.comes(visit.Consult, t.now), person.Physician
	}
	if outcome := c.ConsultOutcome(); outcome != ConsultCleared {
		return false, "consult " + string(outcome), person.Physician
	}
	return true, "consult cleared", ""
}

func (c *Chart) askLabs(t visitTarget) (bool, string, person.Role) {
	l := c.labsAt(t.at)
	switch status := l.Status(t.at); {
	case status == LabNotOrdered:
		return false, "labs not ordered", person.Physician
	case status == LabOrdered:
		return false, "labs ordered, no result yet", person.Coordinator
	case status == LabPreliminary:
		return false, "labs are preliminary", person.Coordinator
	case !status.Reviewed():
		return false, "labs not reviewed", person.Physician
	case status == LabAbnormal:
		return false, "labs abnormal", person.Physician
	case !t.inTime(l.ReviewedAt):
		return false, "labs were reviewed only after the start", person.Physician
	case status == LabExpired && l.ValidUntil.Before(t.now):
		return false, "labs expired " + c.Zone.DayFrom(l.ValidUntil, t.now), person.Physician
	case status == LabExpired:
		return false, "labs expire " + c.Zone.DayFrom(l.ValidUntil, t.now) + ", before the visit", person.Physician
	}
	return true, "labs cleared until " + c.Zone.DayFrom(l.ValidUntil, t.now), ""
}

func (c *Chart) askFlags(visitTarget) (bool, string, person.Role) {
	for _, f := range c.Flags {
		switch f.Decision {
		case "":
			return false, "a flag is undecided", person.Physician
		case FlagProceed:
		default:
			return false, "a flag was decided: " + string(f.Decision), person.Physician
		}
	}
	return true, "no open flag", ""
}

func (c *Chart) askEducation(t visitTarget) (bool, string, person.Role) {
	if c.Education == nil || !t.inTime(c.Education.At) {
		return false, "education not given", person.Psychotherapist
	}
	return true, "education given", ""
}

func (c *Chart) askConsent(t visitTarget) (bool, string, person.Role) {
	for _, s := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		at, ok := c.signed(s)
		if !ok || !t.inTime(at) {
			return false, "the " + string(s) + " consent is not signed", person.Coordinator
		}
		if hours := c.Policy.Preparation.ConsentHours; t.id != "" && at.After(c.Zone.HoursBefore(t.at, hours)) {
			return false, fmt.Sprintf("the %s consent was signed less than %d hours before the visit", s, hours), person.Coordinator
		}
	}
	return true, "both consents signed", ""
}

// askDose holds R13, and R5 for the length that the physician ordered: the visit is booked for at least as long. A longer visit
// leaves time to spare.
func (c *Chart) askDose(t visitTarget) (bool, string, person.Role) {
	if c.Dose == nil || !t.inTime(c.Dose.At) {
		return false, "no dose order", person.Physician
	}
	if c.Dose.Minutes > t.minutes {
		return false, fmt.Sprintf("the dose is ordered over %d minutes, and the visit is booked for %d", c.Dose.Minutes, t.minutes), person.Coordinator
	}
	return true, "dose ordered", ""
}

// askClinicians holds R1 and R20: both assigned and free for the time.
func (c *Chart) askClinicians(t visitTarget) (bool, string, person.Role) {
	if c.Physician == "" || c.Psychotherapist == "" {
		return false, "physician or psychotherapist not assigned", person.Coordinator
	}
	if len(t.away) > 0 {
		return false, "the " + string(c.roleOf(t.away[0])) + " is away", person.Coordinator
	}
	if t.id == "" {
		return true, "both clinicians assigned", "" // nothing is booked that an absence could touch
	}
	if who, away := c.away(visit.Infusion, t.at, t.minutes); away {
		return false, "the " + string(c.roleOf(who)) + " is away", person.Coordinator
	}
	return true, "both clinicians free", ""
}

// roleOf is a clinician's role for this client.
func (c *Chart) roleOf(clinician string) person.Role {
	if cl, ok := c.Policy.Clinician(clinician); ok {
		return cl.Role
	}
	if clinician == c.Psychotherapist {
		return person.Psychotherapist
	}
	return person.Physician
}

// askEstimate holds R38 and 45 CFR 149.610: a current good faith estimate, and the client was told that
// infusions are never insured, which choosing a package or single infusions records.
func (c *Chart) askEstimate(t visitTarget) (bool, string, person.Role) {
	if c.Package == nil {
		return false, "package or single infusions not chosen, so the client was not told that infusions are never insured", person.Coordinator
	}
	if why := c.estimateFault(t); why != "" {
		return false, why, person.Coordinator
	}
	return true, "estimate issued", ""
}

func (c *Chart) askPayment(t visitTarget) (bool, string, person.Role) {
	need, asked := c.payFirst(t)
	if !asked {
		return true, "no payment is asked for before an infusion", ""
	}
	if paid := c.Account.Paid[money.Medical]; paid < need {
		return false, fmt.Sprintf("%s of %s paid", paid, need), person.Coordinator
	}
	return true, "paid", ""
}

// askSpacing holds R15: as many days as the physician planned, and no fewer than the practice's minimum, after the infusion
// before. A firm one that is still to come counts too.
func (c *Chart) askSpacing(t visitTarget) (bool, string, person.Role) {
	days := c.spacing()
	last, any := c.infusionBefore(t)
	if days == 0 || !any {
		return true, "no minimum spacing", ""
	}
	earliest := c.Zone.Clock(c.Zone.AddDays(last, days), 0, 0)
	if t.id == "" {
		return true, "the next infusion may be from " + c.Zone.DayFrom(earliest, t.now), ""
	}
	if t.at.Before(earliest) {
		return false, fmt.Sprintf("infusions are at least %d days apart, so not before %s", days, c.Zone.DayFrom(earliest, t.now)), person.Coordinator
	}
	return true, "far enough apart", ""
}

// infusionBefore gives the start of the last infusion before a target, given or firmly booked; for an infusion that is being
// given, only what was given counts.
func (c *Chart) infusionBefore(t visitTarget) (start time.Time, any bool) {
	for i := range c.Visits {
		v := &c.Visits[i]
		counts := v.Status == visit.Fulfilled || v.Open() && !v.Tentative && !t.retrospective
		if v.Kind != visit.Infusion || v.ID == t.id || !counts {
			continue
		}
		at := v.Start
		if v.Day != nil && !v.Day.StartedAt.IsZero() {
			at = v.Day.StartedAt
		}
		if (t.id == "" || !at.After(t.at)) && at.After(start) {
			start, any = at, true
		}
	}
	return start, any
}

// askFollowUp asks about the last infusion given: integration held or waived, last check-in seen.
func (c *Chart) askFollowUp(t visitTarget) (bool, string, person.Role) {
	held := c.Fulfilled(visit.Infusion)
	last := held[len(held)-1]
	if c.Policy.Infusions.RequireIntegration && !c.integrated(last) {
		return false, "integration of " + wording.LowerFirst(last.Name()) + " not held" + c.comes(visit.Integration, t.now), person.Psychotherapist
	}
	if c.Policy.Infusions.RequireCheckIn {
		if ci, open := c.unseenCheckIn(last, t.now); open {
			return false, "the check-in of " + c.Zone.DayFrom(ci.Due, t.now) + " was not answered", person.Coordinator
		}
	}
	return true, "follow-up of " + wording.LowerFirst(last.Name()) + " done", ""
}

// integrated says whether an infusion's integration session was held or waived. Each infusion asks for a session of its own
// (R22): a session counts for the latest infusion before it that has none yet.
func (c *Chart) integrated(inf *Visit) bool {
	done := map[string]bool{}
	for _, w := range c.Waivers {
		done[w.Infusion] = true
	}
	infusions := c.Fulfilled(visit.Infusion)
	for _, session := range c.Fulfilled(visit.Integration) {
		for _, before := range slices.Backward(infusions) {
			if before.Start.Before(session.Start) && !done[before.ID] {
				done[before.ID] = true
				break
			}
		}
	}
	return done[inf.ID]
}

// unseenCheckIn gives the last check-in of an infusion that is due and that nobody has seen an answer to. A
// clinician who met the client after the infusion has seen how they are.
func (c *Chart) unseenCheckIn(inf *Visit, now time.Time) (CheckIn, bool) {
	if slices.ContainsFunc(c.Fulfilled(visit.Integration), func(v *Visit) bool { return v.Start.After(inf.Start) }) {
		return CheckIn{}, false
	}
	var last CheckIn
	for _, ci := range c.CheckIns() {
		if ci.Infusion == inf.ID && !ci.Due.After(now) {
			last = ci
		}
	}
	return last, last.ID != "" && !c.answered(last.ID)
}

func (c *Chart) askHold(t visitTarget) (bool, string, person.Role) {
	if h := c.onHold(); h != nil {
		return false, "on hold since " + c.Zone.DayFrom(h.At, t.now), person.Psychotherapist
	}
	if c.Pause != nil {
		return false, "paused since " + c.Zone.DayFrom(c.Pause.At, t.now), person.Coordinator
	}
	return true, "no hold", ""
}
