package care_test

import (
	"slices"
	"strings"
	"testing"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/policy"
)

func TestShippedKindOfPolicyHasNoFault(t *testing.T) {
	t.Parallel()
	if got := samplePolicy().Validate(); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestPolicyFaultsAreNamedByTheirPath(t *testing.T) {
	t.Parallel()
	for path, change := range map[string]func(*policy.Policy){
		"version":                            func(p *policy.Policy) { p.Version = "" },
		"practice.crisis_text":               func(p *policy.Policy) { p.Practice.CrisisText = "" },
		"practice.message_display_name":      func(p *policy.Policy) { p.Practice.DisplayName = "Cedar Ketamine" },
		"preparation.minimum_sessions":       func(p *policy.Policy) { p.Preparation.MinimumSessions = 3 },
		"clinicians":                         func(p *policy.Policy) { p.Clinicians = p.Clinicians[1:] },
		"clinicians[1].id":                   func(p *policy.Policy) { p.Clinicians[1].ID = "dr-stone" },
		"clinicians[2].role":                 func(p *policy.Policy) { p.Clinicians[2].Role = "king" },
		"places":                             func(p *policy.Policy) { p.Places = p.Places[1:] },
		"visits.no_show_grace_minutes":       func(p *policy.Policy) { p.Visits.NoShowGrace = -1 },
		"visits.late_cancel_fee":             func(p *policy.Policy) { p.Visits.LateCancelFee = -1 },
		"labs.valid_days":                    func(p *policy.Policy) { p.Labs.ValidDays = 0 },
		"infusions.stop_systolic":            func(p *policy.Policy) { p.Infusions.StopSystolic = 139 },
		"check_ins.after_hours":              func(p *policy.Policy) { p.CheckIns.AfterHours = nil },
		"check_ins.after_hours[0]":           func(p *policy.Policy) { p.CheckIns.AfterHours = []int{0} },
		"messages.window":                    func(p *policy.Policy) { p.Messages.Window = clock.Window{Open: 7, Close: 20} },
		"messages.sunday_window":             func(p *policy.Policy) { p.Messages.SundayWindow = clock.Window{Open: 12, Close: 13} },
		"messages.reminders[1].name":         func(p *policy.Policy) { p.Messages.Reminders[1].Name = "3d" },
		"messages.reminders[0]":              func(p *policy.Policy) { p.Messages.Reminders[0].Hours = 4 },
		"messages.reminders[2].channels":     func(p *policy.Policy) { p.Messages.Reminders[2].Channels = nil },
		"messages.reminders[2].channels[0]":  func(p *policy.Policy) { p.Messages.Reminders[2].Channels = []person.Channel{"fax"} },
		"money.pay_before":                   func(p *policy.Policy) { p.Money.PayBefore = "later" },
		"money.refund_rule":                  func(p *policy.Policy) { p.Money.RefundRule = "" },
		"money.session_price":                func(p *policy.Policy) { p.Money.SessionPrice = 0 },
		"tasks.due_days":                     func(p *policy.Policy) { p.Tasks.DueDays = 0 },
		"morning_list.weekdays[0]":           func(p *policy.Policy) { p.MorningList.Weekdays[0] = "caturday" },
		"infusions.observation_minutes":      func(p *policy.Policy) { p.Infusions.ObservationMinutes = 481 },
		"check_ins.integration_target_hours": func(p *policy.Policy) { p.CheckIns.IntegrationTarget = 0 },
		"visits.outcome_due_hours":           func(p *policy.Policy) { p.Visits.OutcomeDueHours = 0 },
		"infusions.minimum_spacing_days":     func(p *policy.Policy) { p.Infusions.MinimumSpacingDays = 61 },
		"check_ins.after_last_infusion_days": func(p *policy.Policy) { p.CheckIns.AfterLastDays = -1 },
		"places[0].neutral_name":             func(p *policy.Policy) { p.Places[0].Neutral = "" },
		"infusions.right_before_minutes":     func(p *policy.Policy) { p.Infusions.RightBeforeMinutes = 121 },
		"infusions.dose_range": func(p *policy.Policy) {
			p.Infusions.DoseRange = policy.DoseRange{LowMG: 60, HighMG: 50, SetBy: "dr-stone"}
		},
		"infusions.dose_range.set_by": func(p *policy.Policy) {
			p.Infusions.DoseRange = policy.DoseRange{LowMG: 20, HighMG: 50, SetBy: "kim"}
		},
		"visits.tentative_release_days": func(p *policy.Policy) { p.Visits.TentativeRelease = 31 },
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			got := changed(change).Validate()
			if len(got) != 1 || got[0].Path != path || got[0].Reason == "" {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestEmptyPolicyIsRefusedWithoutAPanic(t *testing.T) {
	t.Parallel()
	var paths []string
	for _, f := range (policy.Policy{}).Validate() {
		paths = append(paths, f.Path)
	}
	if text := strings.Join(paths, " "); !strings.HasPrefix(text, "version practice.name") || !slices.Contains(paths, "preparation.minimum_sessions") {
		t.Errorf("%v", paths)
	}
}

func TestChartOfAnEmptyPolicyDerivesWithoutAPanic(t *testing.T) {
	t.Parallel()
	var c care.Chart
	now := at(1, 9, 0)
	c.DiffAndPublish(now)
	c.Tasks(now)
	c.Notifications()
	c.NextMoment(now)
	c.Shut(now)
	c.Move(now)
	c.NextDue(now)
	c.Attention()
	c.EndsAt()
	for _, k := range care.Vocabulary() {
		_ = c.Check(k.Name, report(k.By[0], "", with{}), now)
	}
}
