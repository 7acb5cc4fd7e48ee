package policy

import (
	"fmt"
	"slices"
	"time"

	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/values"
	"kapflow/care/wording"
)

// Fault is one thing wrong with a practice file: the path of the setting as it stands in the file
// (infusions.minimum_spacing_days), why, and what to write instead.
type Fault struct {
	Path   string
	Reason string
}

// Validate gives everything that is wrong with a practice file, in file order. An empty result means that
// the practice can open with it.
func (p Policy) Validate() []Fault {
	var f faults
	f.text("version", p.Version)
	f.text("practice.name", p.Practice.Name)
	f.text("practice.message_display_name", p.Practice.DisplayName)
	f.text("practice.phone", p.Practice.Phone)
	f.text("practice.timezone", p.Practice.Timezone)
	f.text("practice.crisis_text", p.Practice.CrisisText)
	if _, err := values.Email(p.Practice.OnCall); err != nil {
		f.add("practice.on_call_email", "%v", err)
	}
	if word := wording.BannedWord(p.Practice.DisplayName); word != "" {
		f.add("practice.message_display_name", "contains %q, which gives the treatment away in every message; choose a neutral name", word)
	}
	if word := wording.BannedWord(p.Practice.CrisisText); word != "" {
		f.add("practice.crisis_text", "contains %q, which no message may; say whom to call, and nothing of why", word)
	}
	f.between("alerts.acknowledge_minutes", p.Alerts.AcknowledgeMinutes, 0, 240)
	if w := p.Alerts.OfficeHours; w != (clock.Window{}) && (w.Open < 0 || w.Close > 24 || w.Close <= w.Open) {
		f.add("alerts.office_hours", "must open before it closes, within 0 and 24")
	}
	p.checkPeople(&f)
	p.checkStaff(&f)
	// R16: four is the least.
	f.atLeast("preparation.minimum_sessions", p.Preparation.MinimumSessions, 4, "at least four completed sessions come before the first infusion; a practice may raise this, never lower it")
	if p.Preparation.MinimumSessions > 60 {
		f.add("preparation.minimum_sessions", "is %d; it must be 60 at most", p.Preparation.MinimumSessions)
	}
	f.between("preparation.consent_hours_before", p.Preparation.ConsentHours, 0, 336)
	f.between("visits.session_minutes", p.Visits.SessionMinutes, 10, 240)
	f.between("visits.late_cancel_hours", p.Visits.LateCancelHours, 0, 336)
	f.between("visits.late_cancel_fee", int(p.Visits.LateCancelFee), 0, int(money.MostCents))
	f.between("visits.no_show_fee", int(p.Visits.NoShowFee), 0, int(money.MostCents))
	f.between("visits.no_show_grace_minutes", p.Visits.NoShowGrace, 0, 120)
	f.between("visits.outcome_due_hours", p.Visits.OutcomeDueHours, 1, 72)
	f.between("visits.tentative_release_days", p.Visits.TentativeRelease, 0, 30)
	f.between("visits.no_show_talk_after", p.Visits.NoShowTalk, 0, 20)
	f.between("labs.valid_days", p.Labs.ValidDays, 1, 366)
	f.between("labs.pending_days", p.Labs.PendingDays, 1, 60)
	f.between("labs.review_due_hours", p.Labs.ReviewDueHours, 1, 240)
	p.checkInfusions(&f)
	p.checkMessages(&f)
	p.checkDocuments(&f)
	p.Money.check(&f)
	f.between("tasks.due_days", p.Tasks.DueDays, 1, 30)
	f.between("morning_list.hour", p.MorningList.Hour, 0, 23)
	f.between("morning_list.minute", p.MorningList.Minute, 0, 59)
	for i, d := range p.MorningList.Weekdays {
		if _, ok := Weekday(d); !ok {
			f.add(fmt.Sprintf("morning_list.weekdays[%d]", i), "%q is not a weekday; write monday to sunday", d)
		}
	}
	return f.list
}

func (m Money) check(f *faults) {
	if !slices.Contains([]string{"none", "visit", "package"}, m.PayBefore) {
		f.add("money.pay_before", "must be none, visit or package")
	}
	if !slices.Contains(money.RefundRules(), m.RefundRule) {
		f.add("money.refund_rule", "must be %s", wording.JoinWords(money.RefundRules(), "or"))
	}
	// R32: the practice sets its own prices.
	f.atLeast("money.evaluation_price", int(m.EvaluationPrice), 1, "a price in cents is needed: the practice sets its own")
	f.atLeast("money.session_price", int(m.SessionPrice), 1, "a price in cents is needed: the practice sets its own")
	f.atMost("money.evaluation_price", m.EvaluationPrice)
	f.atMost("money.session_price", m.SessionPrice)
	for i, l := range m.Prices {
		at := fmt.Sprintf("money.prices[%d].", i)
		if _, err := time.Parse(time.DateOnly, l.From); err != nil {
			f.add(at+"from", "%q is not a day; write it as 2027-01-31", l.From)
		}
		if i > 0 && l.From <= m.Prices[i-1].From {
			f.add(at+"from", "comes before the list above it; the earliest day stands first")
		}
		for _, x := range []struct {
			name  string
			price money.Cents
		}{{"consult", l.Consult}, {"infusion", l.Infusion}, {"package_six", l.PackageSix}, {"package_ten", l.PackageTen}} {
			f.between(at+x.name, int(x.price), 1, int(money.MostCents))
		}
	}
	f.between("money.refund_fee_bp", m.RefundFeeBP, 0, 10000)
	f.between("money.second_approval_over", int(m.SecondApprovalOver), 0, int(money.MostCents))
	f.between("money.switch_up_days", m.SwitchUpDays, 0, 3650)
	f.between("money.coverage_valid_days", m.CoverageValidDays, 0, 366)
	f.between("money.claim_variance_over", int(m.ClaimVarianceOver), 0, int(money.MostCents))
	f.between("money.claim_answer_days", m.ClaimAnswerDays, 0, 366)
	f.between("money.estimate_warning_over", int(m.EstimateWarningOver), 0, int(money.MostCents))
	for i, day := range m.Holidays {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			f.add(fmt.Sprintf("money.holidays[%d]", i), "%q is not a day; write it as 2027-01-31", day)
		}
	}
}

func (p Policy) checkPeople(f *faults) {
	seen := map[string]bool{}
	roles := map[person.Role]bool{}
	for i, c := range p.Clinicians {
		at := fmt.Sprintf("clinicians[%d].", i)
		f.text(at+"id", c.ID)
		f.text(at+"name", c.Name)
		if c.Role != person.Physician && c.Role != person.Psychotherapist && c.Role != person.Nurse {
			f.add(at+"role", "must be physician, psychotherapist or nurse")
		}
		if _, err := values.Name(c.Name); err != nil {
			f.add(at+"name", "%v", err)
		}
		// Everybody here can be alerted by email.
		if c.Email == "" {
			f.add(at+"email", "is missing; alerts to %s are mailed there", c.ID)
		} else if _, err := values.Email(c.Email); err != nil {
			f.add(at+"email", "%v", err)
		}
		if seen[c.ID] {
			f.add(at+"id", "%q is used twice; every clinician has an id of their own", c.ID)
		}
		seen[c.ID], roles[c.Role] = true, true
	}
	// R1: both clinicians are named.
	if !roles[person.Physician] {
		f.add("clinicians", "no physician; each client has a named physician")
	}
	if !roles[person.Psychotherapist] {
		f.add("clinicians", "no psychotherapist; each client has a named psychotherapist")
	}
	outpatient := false
	for i, pl := range p.Places {
		f.text(fmt.Sprintf("places[%d].id", i), pl.ID)
		f.text(fmt.Sprintf("places[%d].neutral_name", i), pl.Neutral)
		if why := pl.neverOutpatient(); why != "" && pl.Outpatient {
			f.add(fmt.Sprintf("places[%d].outpatient", i), "is true, but %s; infusions happen in an outpatient place only: write false", why)
		}
		outpatient = outpatient || pl.TakesInfusions()
	}
	if !outpatient { // R11
		f.add("places", "none is outpatient; infusions happen in an outpatient place")
	}
}

func (p Policy) checkInfusions(f *faults) {
	in := p.Infusions
	f.between("infusions.minimum_spacing_days", in.MinimumSpacingDays, 0, 60)
	f.between("infusions.fasting_solids_hours", in.FastingSolidsHours, 0, 24)
	f.between("infusions.fasting_liquids_hours", in.FastingLiquidHours, 0, 24)
	f.between("infusions.caution_systolic", in.CautionSystolic, 90, 200)
	f.between("infusions.caution_diastolic", in.CautionDiastolic, 50, 130)
	f.between("infusions.stop_systolic", in.StopSystolic, in.CautionSystolic, 220)
	f.between("infusions.stop_diastolic", in.StopDiastolic, in.CautionDiastolic, 150)
	f.between("infusions.observation_minutes", in.ObservationMinutes, 0, 480)
	f.between("infusions.vitals_every_minutes", in.VitalsMinutes, 0, 30)
	f.between("infusions.vitals_grace_minutes", in.VitalsGrace, 0, 10)
	f.between("infusions.vitals_peak_minute", in.VitalsPeakMinute, 0, 60)
	f.between("infusions.right_before_minutes", in.RightBeforeMinutes, 0, 120)
	if r := in.DoseRange; r != (DoseRange{}) {
		if r.LowMG < 0 || r.HighMG <= r.LowMG || r.HighMG > 10000 {
			f.add("infusions.dose_range", "must have a low_mg of 0 or more and a high_mg above it")
		}
		if cl, ok := p.Clinician(r.SetBy); !ok || cl.Role != person.Physician {
			f.add("infusions.dose_range.set_by", "is %q; a physician of the practice sets the range: write their id", r.SetBy)
		}
	}
	if len(p.CheckIns.AfterHours) == 0 {
		// R47: each client is asked how they are after an infusion.
		f.add("check_ins.after_hours", "is empty; every infusion has scheduled check-ins")
	}
	for i, h := range p.CheckIns.AfterHours {
		f.between(fmt.Sprintf("check_ins.after_hours[%d]", i), h, 1, 2160)
	}
	for i, d := range p.Measures.AfterInfusionDays {
		f.between(fmt.Sprintf("measures.after_infusion_days[%d]", i), d, 1, 90)
	}
	for i, d := range p.Measures.AfterSeriesDays {
		f.between(fmt.Sprintf("measures.after_series_days[%d]", i), d, 1, 365)
	}
	f.between("check_ins.after_last_infusion_days", p.CheckIns.AfterLastDays, 0, 365)
	f.between("check_ins.chase_after_hours", p.CheckIns.ChaseHours, 1, 72)
	f.between("check_ins.call_task_after_hours", p.CheckIns.CallTaskHours, 1, 168)
	f.between("check_ins.measures_from_hours", p.CheckIns.MeasuresFromHours, 0, 2160)
	f.between("check_ins.integration_target_hours", p.CheckIns.IntegrationTarget, 1, 720)
}

func (p Policy) checkMessages(f *faults) {
	f.window("messages.window", p.Messages.Window)
	f.window("messages.sunday_window", p.Messages.SundayWindow)
	if !slices.Contains([]string{"", ChannelsPreferred, ChannelsAll}, p.Messages.Channels) {
		f.add("messages.channels", "%q is no way to choose: write %s or %s", p.Messages.Channels, ChannelsPreferred, ChannelsAll)
	}
	f.between("messages.reminder_gap_hours", p.Messages.ReminderGapHours, 0, 168)
	f.between("messages.texts_per_day", p.Messages.TextsPerDay, 0, 10)
	f.between("messages.texts_per_week", p.Messages.TextsPerWeek, 0, 50)
	if p.Messages.TextsPerWeek > 0 && p.Messages.TextsPerWeek < p.Messages.TextsPerDay {
		f.add("messages.texts_per_week", "is less than texts_per_day, which then is never reached")
	}
	names := map[string]bool{}
	for i, r := range p.Messages.Reminders {
		at := fmt.Sprintf("messages.reminders[%d]", i)
		f.text(at+".name", r.Name)
		if names[r.Name] {
			f.add(at+".name", "%q is used twice; the name tells one reminder from another", r.Name)
		}
		names[r.Name] = true
		if (r.Days > 0) == (r.Hours > 0) || r.Days < 0 || r.Hours < 0 || r.Days > 30 || r.Hours > 72 {
			f.add(at, "give either days (1 to 30) or hours (1 to 72) before the visit")
		}
		if len(r.Channels) == 0 {
			f.add(at+".channels", "is empty; name sms, email or both")
		}
		for j, c := range r.Channels {
			if c != person.SMS && c != person.Email {
				f.add(fmt.Sprintf("%s.channels[%d]", at, j), "must be sms or email")
			}
		}
	}
}

// Weekday reads a weekday's English name.
func Weekday(name string) (time.Weekday, bool) {
	for d := time.Sunday; d <= time.Saturday; d++ {
		if wording.Lower(d.String()) == wording.Lower(name) {
			return d, true
		}
	}
	return 0, false
}

// faults gathers what is wrong, in order.
type faults struct{ list []Fault }

func (f *faults) add(path, format string, args ...any) {
	f.list = append(f.list, Fault{Path: path, Reason: fmt.Sprintf(format, args...)})
}

func (f *faults) text(path, value string) {
	if value == "" {
		f.add(path, "is missing")
	}
}

func (f *faults) between(path string, value, low, high int) {
	if value < low || value > high {
		f.add(path, "is %d; it must be between %d and %d", value, low, high)
	}
}

func (f *faults) atLeast(path string, value, low int, why string) {
	if value < low {
		f.add(path, "is %d; %s", value, why)
	}
}

func (f *faults) atMost(path string, price money.Cents) {
	if price > money.MostCents {
		f.add(path, "is %s, which can only be a typing error", price)
	}
}

func (f *faults) window(path string, w clock.Window) {
	if w.Open < 0 || w.Close > 24 || w.Close-w.Open < 2 {
		f.add(path, "must open at least two hours before it closes, within 0 and 24")
	}
	if w.Open < 8 || w.Close > 21 {
		f.add(path, "messages are sent between 8:00 and 21:00 by the receiver's clock")
	}
}
