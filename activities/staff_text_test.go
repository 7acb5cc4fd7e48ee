package activities_test

import (
	"slices"
	"testing"
	"time"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
)

// agreed are the people of a practice: who treats, who works at the desk, who agreed to texts, who only gave a number.
func agreed(texts ...string) policy.Policy {
	p := watchPolicy
	p.Practice.OnCall = "on-call@practice.example"
	for id, m := range map[string]policy.Member{
		"dr":  {ID: "dr", Phone: "+13035550101"},
		"psy": {ID: "psy", Phone: "+13035550102", Roles: []person.Role{person.Coordinator}},
		"ann": {ID: "ann", Name: "Desk Sample", Phone: "+13035550103", Roles: []person.Role{person.Coordinator}},
		"own": {ID: "own", Name: "Owner Sample", Phone: "+13035550104", Roles: []person.Role{person.Owner}},
	} {
		m.Texts = slices.Contains(texts, id)
		p.Staff = append(p.Staff, m)
	}
	return p
}

// alert is an alert to one role, as a chart owes it.
func alert(verb message.Verb, template message.Template, to person.Role, who string) message.DueNotification {
	receiver := string(to)
	if who == message.OnCall {
		receiver = message.OnCall
	}
	return message.DueNotification{SendBefore: noon.Add(time.Hour), Notification: message.Notification{Key: message.Key{Verb: verb, Subject: "alert-1", Rule: receiver}, Template: template,
		Channels: []person.Channel{person.Email}, To: to, Person: who, At: noon, Until: noon.Add(48 * time.Hour), Urgent: true}}
}

// raised are the mails about one alert: to both clinicians and the on-call contact at once, and to the desk when it climbs.
var raised = []message.DueNotification{alert(message.Alert, message.TemplateAlert, person.Psychotherapist, "psy"), alert(message.Alert, message.TemplateAlert, person.Physician, "dr"),
	alert(message.Alert, message.TemplateAlert, person.Coordinator, message.OnCall), alert(message.AlertClimbed, message.TemplateAlertClimbed, person.Coordinator, ""),
	alert(message.AlertClimbed, message.TemplateAlertClimbed, person.Psychotherapist, "psy")}

// sendAlerts does what is due about the alert, as the journey would.
func (b *bundle) sendAlerts(t *testing.T) {
	t.Helper()
	if _, err := b.acts.Send(t.Context(), activities.SendInput{ClientID: "client-a", Asked: noon, Due: raised}); err != nil {
		t.Fatal(err)
	}
}

// left gives where messages on a channel went.
func (b *bundle) left(ch person.Channel) (to []string) {
	for _, m := range b.sender.sent {
		if m.Channel == ch {
			to = append(to, string(m.Template)+" "+m.To)
		}
	}
	slices.Sort(to)
	return to
}

// TestUrgentAlertsAreTextedToThoseWhoAgreed: a mail goes in any case. Who agreed gets a text too, once for each thing that is
// said, whatever roles they hold and however often it is tried.
func TestUrgentAlertsAreTextedToThoseWhoAgreed(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		agree []string
		texts []string
	}{
		"Nobody":            {nil, nil},
		"OneClinician":      {[]string{"dr"}, []string{"alert +13035550101"}},
		"TheDesk":           {[]string{"ann"}, []string{"alert-climbed +13035550103"}},
		"OneWithTwoRoles":   {[]string{"psy"}, []string{"alert +13035550102", "alert-climbed +13035550102"}},
		"WhoHearsOfNothing": {[]string{"own"}, nil},
		"Everybody":         {[]string{"dr", "psy", "ann", "own"}, []string{"alert +13035550101", "alert +13035550102", "alert-climbed +13035550102", "alert-climbed +13035550103"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, _ := watching()
			b.acts.Practice = agreed(x.agree...)
			b.sendAlerts(t)
			b.sendAlerts(t)
			if mails := b.left(person.Email); len(mails) != 2*len(raised) { // the register of this test grants every claim
				t.Errorf("mails to %v", mails)
			}
			if got := b.left(person.SMS); !slices.Equal(got, x.texts) {
				t.Errorf("texts to %v, want %v", got, x.texts)
			}
		})
	}
}

// TestAlertThatIsNoLongerDueIsNotTexted: somebody acknowledged it before the mail was claimed.
func TestAlertThatIsNoLongerDueIsNotTexted(t *testing.T) {
	t.Parallel()
	b, _ := watching()
	b.acts.Practice = agreed("dr", "psy", "ann")
	b.register.claims[person.Email] = message.SendDecision{State: message.StateSuppressed, Why: "no longer due"}
	b.sendAlerts(t)
	if len(b.sender.sent) > 0 {
		t.Errorf("sent %v", b.sender.sent)
	}
}

// TestTextToStaffIsTriedAgainOnlyWhenItSurelyStayed: the watch sends what could not leave, until the alert is acknowledged.
func TestTextToStaffIsTriedAgainOnlyWhenItSurelyStayed(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		first message.State
		again int
	}{"ProviderAway": {message.StatePlanned, 1}, "Refused": {message.StateRejected, 0}, "Unknown": {message.StateUnknown, 0}, "Sent": {message.StateSent, 0}} {
		row := client("client-a")
		row.Chart.Alerts = []care.Alert{{ID: "alert-1", Kind: care.AlertRisk, Roles: []person.Role{person.Physician}, RaisedAt: noon, Due: noon.Add(time.Hour)}}
		b, _ := watching(row)
		b.acts.Practice = agreed("dr")
		b.sender.receipt = activities.Receipt{State: x.first}
		b.watch(t, noon)
		b.sender.sent, b.sender.receipt = nil, activities.Receipt{State: message.StateSent}
		b.watch(t, noon.Add(time.Minute))
		if got := b.left(person.SMS); len(got) != x.again {
			t.Errorf("%s: texted again: %v", name, got)
		}
		b.sender.sent, row.Chart.Alerts[0].AckedAt = nil, noon.Add(2*time.Minute)
		b.watch(t, noon.Add(2*time.Hour))
		if got := b.left(person.SMS); len(got) > 0 {
			t.Errorf("%s: texted of an alert that was acknowledged: %v", name, got)
		}
	}
}

// TestDangerOnTheListIsTexted: words of danger that belong to no running journey are texted to the desk and both clinicians.
func TestDangerOnTheListIsTexted(t *testing.T) {
	t.Parallel()
	b, l := watching(client("client-a"))
	b.acts.Practice = agreed("dr", "ann", "psy", "own")
	for _, m := range []message.WorklistItem{{Kind: message.WorklistDanger, About: "SM1", ClientID: "client-a", Since: noon}, {Kind: message.WorklistLate, About: "x", Since: noon}} {
		l.worklist[m.ID()] = m
	}
	b.watch(t, noon)
	b.watch(t, noon.Add(time.Minute))
	if got := b.left(person.SMS); !slices.Equal(got, []string{"matter +13035550101", "matter +13035550102", "matter +13035550103"}) {
		t.Errorf("texts to %v", got)
	}
}
