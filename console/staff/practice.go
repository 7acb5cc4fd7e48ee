package staff

import (
	"fmt"
	"strings"
	"time"

	"kapflow/access"
	"kapflow/care/clock"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/wording"
)

// practicePage is the practice file in words.
type practicePage struct {
	Policy   policy.Policy
	Settings []settingGroup
	Staff    []policy.Member
	Missing  []person.Role // nobody holds them
	ByName   string        // who confirmed the safety settings
	Invites  bool          // the reader may invite somebody
	Reports  bool          // the reader may see outcomes
	Checks   bool          // the reader may check a practice file
	Plays    bool          // the reader may play a course file
	Looks    bool          // the reader may see who looked at a record
}

// settingGroup is some settings that belong together.
type settingGroup struct {
	Heading string
	Lines   []settingLine
}

// settingLine is one setting in words.
type settingLine struct{ Name, Value string }

// practiceInForce shows the settings in force and who works here. With a client's code it leads to who looked at the record.
func practiceInForce(v *visitor) error {
	if code := strings.TrimSpace(v.r.URL.Query().Get("looked")); code != "" {
		return v.seeOther(clientPath(code) + "/access")
	}
	p, err := v.site.Desk.ReadPractice(v.r.Context(), v.who)
	if err != nil {
		return err
	}
	day := v.site.Desk.Zone.Local(v.now).Format(time.DateOnly)
	shown := practicePage{Policy: p, Staff: p.Everybody(), ByName: v.site.people()[p.Confirmation.By],
		Settings: []settingGroup{houseSettings(p), courseSettings(p), infusionSettings(p), messageSettings(p)},
		Invites:  v.may(access.Invite), Reports: v.may(access.ReadOutcomes), Looks: v.may(access.ReadAudit), Checks: v.may(access.CheckPractice), Plays: v.may(access.RehearseCourse)}
	if v.sees(access.Money) {
		shown.Settings = append(shown.Settings, moneySettings(p.Money, day))
	}
	for _, role := range person.StaffRoles() {
		if len(p.Holding(role)) == 0 {
			shown.Missing = append(shown.Missing, role)
		}
	}
	return v.show(page{Title: "Practice", Template: "practice", Data: shown})
}

func houseSettings(p policy.Policy) settingGroup {
	var places []string
	for _, place := range p.Places {
		places = append(places, place.Name)
	}
	return settingGroup{"The house", []settingLine{
		{"Name", p.Practice.Name}, {"Name in messages", p.Practice.DisplayName}, {"Telephone", p.Practice.Phone}, {"Time zone", p.Practice.Timezone},
		{"Places", wording.JoinWords(places, "and")}, {"Office hours", window(p.Alerts.Office()) + ", Monday to Friday"},
		{"An alert is acknowledged within", count(int(p.Alerts.Acknowledge().Minutes()), "minute")}, {"Desk work is due within", count(p.Tasks.DueDays, "working day")},
	}}
}

func courseSettings(p policy.Policy) settingGroup {
	return settingGroup{"Visits and preparation", []settingLine{
		{"Preparation sessions, at least", fmt.Sprint(p.Preparation.MinimumSessions)},
		{"Consent stands before the first infusion", countOr(p.Preparation.ConsentHours, "hour", "no set time")},
		{"Length of a session", count(p.Visits.SessionMinutes, "minute")},
		{"A cancellation is late within", count(p.Visits.LateCancelHours, "hour")},
		{"A tentative visit is given back after", countOr(p.Visits.TentativeRelease, "day", "never")},
		{"Laboratory results are good for", count(p.Labs.ValidDays, "day")},
		{"A result is reviewed within", count(p.Labs.ReviewDueHours, "hour")},
	}}
}

func infusionSettings(p policy.Policy) settingGroup {
	i := p.Infusions
	return settingGroup{"Infusion days", []settingLine{
		{"Days between infusions, at least", countOr(i.MinimumSpacingDays, "day", "no set number")},
		{"No solid food before", count(i.FastingSolidsHours, "hour")}, {"No liquids before", count(i.FastingLiquidHours, "hour")},
		{"Blood pressure: caution from", fmt.Sprintf("%d/%d mmHg", i.CautionSystolic, i.CautionDiastolic)},
		{"Blood pressure: stop from", fmt.Sprintf("%d/%d mmHg", i.StopSystolic, i.StopDiastolic)},
		{"Vital signs every", count(int(i.VitalsEvery().Minutes()), "minute")}, {"Observation afterwards", count(i.ObservationMinutes, "minute")},
		{"A missed check-in is chased after", count(p.CheckIns.ChaseHours, "hour")},
	}}
}

func messageSettings(p policy.Policy) settingGroup {
	var reminders []string
	for _, r := range p.Messages.Reminders {
		if r.Days > 0 {
			reminders = append(reminders, count(r.Days, "day"))
		} else {
			reminders = append(reminders, count(r.Hours, "hour"))
		}
	}
	return settingGroup{"Messages to clients", []settingLine{
		{"Sent between", window(p.Messages.Window) + "; on Sundays " + window(p.Messages.SundayWindow)},
		{"Reminders before a visit", wording.JoinWords(reminders, "and")},
		{"Texts a day, at most", countOr(p.Messages.TextsPerDay, "text", "as many as are due")}, {"Texts in seven days, at most", countOr(p.Messages.TextsPerWeek, "text", "as many as are due")},
	}}
}

func moneySettings(m policy.Money, day string) settingGroup {
	prices := m.PricesOn(day)
	return settingGroup{"Prices and payment", []settingLine{
		{"Medical consult", prices.Consult.String()}, {"One infusion", prices.Infusion.String()},
		{"Package of six", prices.PackageSix.String()}, {"Package of ten", prices.PackageTen.String()},
		{"Evaluation", m.EvaluationPrice.String()}, {"Psychotherapy session", m.SessionPrice.String()},
		{"Refunds are counted by", money.RefundRuleWords(m.RefundRule)},
	}}
}

// count writes a number with its unit.
func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}

// countOr is count for settings whose 0 has a meaning of its own.
func countOr(n int, unit, none string) string {
	if n == 0 {
		return none
	}
	return count(n, unit)
}

// window writes hours of the day.
func window(w clock.Window) string {
	hour := func(h int) string { return time.Date(2000, 1, 1, h, 0, 0, 0, time.UTC).Format("3:04 PM") }
	return hour(w.Open) + " to " + hour(w.Close)
}
