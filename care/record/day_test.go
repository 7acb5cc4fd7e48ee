package record_test

import (
	"encoding/json"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/care/visit"
)

// monday is 9:00 in the zone of the charts here, which is UTC.
var monday = time.Date(2027, time.March, 1, 9, 0, 0, 0, time.UTC)

// dayRows are two clients of two psychotherapists: one with a visit today and a late alert, one with a visit tomorrow.
func dayRows() []care.BoardRow {
	chart := func(id, psychotherapist string, start time.Time) *care.Chart {
		return &care.Chart{ClientID: id, Physician: "dr-a", Psychotherapist: psychotherapist, EnrolledAt: monday.AddDate(0, 0, -7),
			Visits: []care.Visit{{ID: "infusion-1", Kind: visit.Infusion, Start: start, Minutes: 60, Status: visit.Booked}}}
	}
	a, b := chart("client-a", "psy-a", monday.Add(4*time.Hour)), chart("client-b", "psy-b", monday.Add(28*time.Hour))
	a.Alerts = []care.Alert{{ID: "alert-1", Kind: care.AlertRisk, Roles: []person.Role{person.Psychotherapist}, RaisedAt: monday.Add(-2 * time.Hour), Due: monday.Add(-time.Hour)}}
	a.Issues = []care.Issue{{Task: care.TaskReadReply, About: "reply-9", Role: person.Coordinator, At: monday.Add(-time.Hour)},
		{Task: "message-unknown", About: "client-a/x", Role: person.Coordinator, At: monday.Add(-time.Hour)}}
	a.Visits[0].AskedAt = monday.Add(-time.Hour)
	return []care.BoardRow{{ClientID: "client-a", Chart: a}, {ClientID: "client-b", Chart: b}}
}

func TestADayHoldsItsVisitsWithWhatIsMissing(t *testing.T) {
	t.Parallel()
	d := record.DayOf(dayRows(), monday, monday, record.DayReader{ID: "psy-b", Roles: []person.Role{person.Coordinator}})
	if len(d.Visits) != 1 || d.Visits[0].Client != "client-a" || d.Visits[0].Phase != visit.PhaseBooked || len(d.Visits[0].Missing) == 0 || d.Visits[0].Missing[0].Move == "" {
		t.Errorf("%+v", d.Visits)
	}
	if len(d.Alerts) != 1 || !d.Alerts[0].Late || len(d.Tasks) == 0 {
		t.Errorf("alerts %+v, tasks %+v", d.Alerts, d.Tasks)
	}
	if early := record.DayOf(dayRows(), monday, monday.Add(-90*time.Minute), record.DayReader{}); len(early.Alerts) != 1 || early.Alerts[0].Late {
		t.Errorf("an alert that has time left: %+v", early.Alerts)
	}
	for _, task := range d.Tasks {
		if task.Role != person.Coordinator || !task.Due.Before(d.To) {
			t.Errorf("%+v is no task of the reader's day", task)
		}
	}
	mine := record.DayOf(dayRows(), monday, monday, record.DayReader{ID: "psy-b", Roles: []person.Role{person.Psychotherapist}, Mine: true})
	if len(mine.Visits) != 0 || len(mine.Alerts) != 0 {
		t.Errorf("another's: %+v %+v", mine.Visits, mine.Alerts)
	}
	next := record.DayOf(dayRows(), monday.AddDate(0, 0, 1), monday, record.DayReader{ID: "psy-b", Mine: true})
	if len(next.Visits) != 1 || next.Visits[0].Client != "client-b" {
		t.Errorf("%+v", next.Visits)
	}
}

func TestTheNightTellsFactsAlertsOnceAndWhatDidNotArrive(t *testing.T) {
	t.Parallel()
	line := func(kind string, at time.Time, body any) care.JournalLine {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		return care.JournalLine{ClientID: "client-a", At: at, Type: kind, Body: raw}
	}
	alert := func(role person.Role) care.Change {
		return care.Change{At: monday, Type: "alert", Subject: care.AlertRisk, State: care.StateRaised, Role: role, Reason: "alert-1"}
	}
	fact := care.Entry{Fact: "paused", At: monday, Now: monday, With: json.RawMessage(`{"reason":"their own words"}`)}
	sent := message.DeliveryKeyOf("client-a", message.Key{Verb: message.Booked, Subject: "infusion-1", Version: 1}, person.SMS)
	rows, reader := dayRows(), record.DayReader{}
	d := record.DayOf(rows, monday, monday, reader)
	d.Since = monday.Add(-16 * time.Hour)
	got, err := d.Night(rows, []care.JournalLine{
		line("fact", d.Since.Add(-time.Minute), fact), line("fact", monday, fact), line("change", monday, alert(person.Physician)), line("change", monday, alert(person.Psychotherapist)),
		line("message", monday, care.Message{Key: sent, State: message.StateSent, At: monday}), line("message", monday, care.Message{Key: sent, State: message.StateRejected, At: monday}),
		line("change", monday, care.Change{Type: "task", Subject: "x", State: "opened", At: monday})}, reader)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || got[0].Words != "Paused" || got[0].Why != "" || got[0].With != nil || got[1].Words != "Alert raised: Risk" || got[2].Type != "message" {
		t.Errorf("%+v", got)
	}
}

func TestAnInboxRowAsksForOneDecision(t *testing.T) {
	t.Parallel()
	sorts := map[record.InboxSort]record.InboxRow{}
	for _, row := range record.InboxOf(dayRows(), monday) {
		sorts[row.Sort] = row
		for _, form := range row.Forms {
			if kind, ok := care.KindNamed(form.Fact); !ok || form.Field != kind.About || form.Value == "" || form.Title == "" {
				t.Errorf("%+v leads to no form", form)
			}
		}
	}
	for _, sort := range record.InboxSorts() {
		if row, found := sorts[sort]; !found || len(row.Forms) == 0 || len(row.Roles) == 0 || row.Due.IsZero() {
			t.Errorf("%s: %+v", sort, row)
		}
	}
	if alert := sorts[record.InboxAlert]; !alert.Late || !alert.For([]person.Role{person.Coordinator}) || alert.For([]person.Role{person.Nurse}) {
		t.Errorf("an alert past its time is the coordinator's too: %+v", alert)
	}
	reply := sorts[record.InboxReply].Filled([]record.ClientWord{{Task: "another", About: "reply-9", Words: "no"}, {Task: care.TaskReadReply, About: "reply-9", Words: "their words"}})
	if reply.Said != "their words" || reply.Forms[0].Value != "reply-9" || reply.Forms[1].Value != "read-reply:reply-9" {
		t.Errorf("%+v", reply)
	}
}

func TestTheCourseStandsAsItWasWrittenDownThen(t *testing.T) {
	t.Parallel()
	var r record.HealthRecord
	for i, c := range []care.Change{
		{Type: "stage", State: "inquiry"}, {Type: "gate", Subject: "labs", State: "shut", Reason: "not reviewed"}, {Type: "task", Subject: "order-labs", State: "opened"},
		{Type: "alert", Subject: "risk", State: care.StateRaised, Role: person.Physician, Reason: "alert-1"}, {Type: "alert", Subject: "risk", State: care.StateAcknowledged, Reason: "alert-1"},
		{Type: "task", Subject: "order-labs", State: "done"}, {Type: "gate", Subject: "labs", State: "open"}, {Type: "stage", State: "preparation"}} {
		body, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		r.Journal = append(r.Journal, care.JournalLine{At: monday.Add(time.Duration(i) * time.Hour), Type: "change", Body: body})
	}
	for hours, want := range map[int][4]int{-1: {}, 3: {1, 1, 1, 1}, 4: {1, 1, 1, 0}, 7: {1, 0, 0, 0}} {
		s, err := record.StoodAt(r, monday.Add(time.Duration(hours)*time.Hour))
		got := [4]int{min(1, len(s.Stage)), len(s.Gates), len(s.Tasks), len(s.Alerts)}
		if err != nil || got != want {
			t.Errorf("after %d hours: %v, %v", hours, got, err)
		}
	}
}
