package workflows_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/workflows"
)

// A message that cannot be sent never ends or blocks a journey: a person gets a task, and the next message goes
// out as if nothing had been.
func TestAFailedSendOpensATaskAndTheJourneyGoesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.send = func(in activities.SendInput) (activities.SendResult, error) {
		if strings.HasPrefix(in.Due[0].Notification.Words, "Booked") {
			return activities.SendResult{}, temporal.NewNonRetryableApplicationError("no provider takes it", "down", nil)
		}
		return all(in, message.ResultSent), nil
	}
	r.readyToMeet()
	r.at(monday.Add(time.Hour), person.Coordinator, "appointment-booked", map[string]any{"kind": "evaluation", "start": "2027-03-10 14:00", "minutes": 60})
	r.run(monday.AddDate(0, 0, 12))
	if got := r.tasks("message-failed"); len(got) == 0 || got[0] != "opened" {
		t.Errorf("the task message-failed went through %v, want it opened", got)
	}
	if words := r.sent(); !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, "Reminder") }) {
		t.Errorf("after the failure only %v were sent; the reminders are missing", words)
	}
}

// Tries that drag on into the client's night stop there. The message is not lost and nobody is told of a
// failure: it goes out in the morning.
func TestAClosingNightDefersToTheMorning(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	clock := func(text string) time.Time {
		t.Helper()
		at, err := r.chart.Zone.ParseTime(text)
		noError(t, "time", err)
		return at
	}
	booked, morning := clock("2027-03-01 19:30"), clock("2027-03-02 09:00")
	// The environment does not go on trying until a deadline, as the server does. There a row of tries ends with
	// the last one that fits in; the next row then finds that the night has begun.
	r.env.OnActivity("Send", anything, anything).Once().After(clock("2027-03-01 20:00").Sub(booked)-20*time.Second).
		Return(activities.SendResult{}, temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE, errors.New("the provider is away")))
	r.env.OnActivity("Send", anything, anything).Once().After(30 * time.Second).
		Return(func(_ context.Context, in activities.SendInput) (activities.SendResult, error) {
			return all(in, message.ResultDeferred), nil
		})
	r.env.OnActivity("Send", anything, anything).Return((&world{r}).Send)
	r.readyToMeet()
	r.at(booked, person.Coordinator, "appointment-booked", map[string]any{"kind": "evaluation", "start": "2027-03-10 14:00", "minutes": 60})
	r.run(morning.Add(time.Hour))
	if len(r.sends) != 1 || !strings.HasPrefix(r.sends[0].Due[0].Notification.Words, "Booked") || !r.sends[0].Asked.Equal(morning) {
		t.Errorf("sent after the night: %+v, want the booking alone, at %s", r.sends, r.chart.Zone.SayLong(morning))
	}
	if got := r.tasks("message-failed"); len(got) > 0 {
		t.Errorf("the task message-failed went through %v, want none", got)
	}
}

// A send is asked for while the save of the fact that made it due is still under way, and names that save: the register
// waits for it instead of asking an older chart.
func TestEverySendNamesASavedChartThatKnowsItsNotifications(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.readyToMeet()
	r.at(monday.Add(time.Hour), person.Coordinator, "appointment-booked", map[string]any{"kind": "evaluation", "start": "2027-03-10 14:00", "minutes": 60})
	r.at(monday.Add(2*time.Hour), person.Psychotherapist, "risk-assessed", map[string]any{"outcome": "high"})
	r.at(monday.AddDate(0, 0, 11), person.Physician, "alert-acknowledged", map[string]any{"alert": "latest", "action": "ref:1"})
	r.run(monday.AddDate(0, 0, 12))
	if len(r.sends) < 4 {
		t.Fatalf("%d sends", len(r.sends))
	}
	for _, in := range r.sends {
		i := slices.IndexFunc(r.saves, func(s care.Save) bool { return s.Chart.Version == in.ChartVersion })
		if i < 0 {
			t.Fatalf("the send at %s names the save %d, which there is not", in.Asked, in.ChartVersion)
		}
		for _, d := range in.Due {
			if got := care.DecideSend(r.saves[i].Chart, message.Delivery{Notification: d.Notification, Channel: d.Notification.Channels[0], Now: in.Asked}, message.Known{}); got.State != message.StateNew && d.Notification.Skip == "" {
				t.Errorf("%s: the chart of save %d says %+v", d.Notification.Key, in.ChartVersion, got)
			}
		}
	}
}

// Every upsert is an event, so facts that change nothing that a list shows make none.
func TestSearchAttributesAreSetOnlyWhenOneChanged(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.readyToMeet()
	before := 0
	r.then(monday.Add(time.Hour), func() { before = r.upserts })
	for i := range 3 {
		r.at(monday.Add(2*time.Hour+time.Duration(i)*time.Minute), person.Psychotherapist, "goals-recorded", map[string]any{"intention": "r4"})
	}
	after := 0
	r.then(monday.Add(3*time.Hour), func() { after = r.upserts })
	r.run(monday.Add(4 * time.Hour))
	if before == 0 || after != before {
		t.Errorf("%d upserts before and %d after three facts that change nothing shown", before, after)
	}
	if r.upserts != after+1 {
		t.Errorf("the withdrawal made %d upserts, want one", r.upserts-after)
	}
}

// What a coordinator reads in the Temporal UI: the stage, what blocks and whose move it is, tasks, visits, gates
// and the next three messages.
func TestDetailsSayWhereAClientStands(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.readyToMeet()
	r.at(monday.Add(time.Hour), person.Coordinator, "appointment-booked", map[string]any{"kind": "evaluation", "start": "2027-03-10 14:00", "minutes": 60})
	r.run(monday.AddDate(0, 0, 1))
	fresh := workflows.Details(r.chart, monday)
	for _, want := range []string{"## Enrolled\n", "**Blocked:** ", "**Whose move:** psychotherapist and coordinator.", "| psychotherapist | Evaluate the acceptance criteria | Mon Mar 8, 5:00 PM MST |",
		"| acceptance | **shut** | ", "### Next messages\n\nNone planned."} {
		if !strings.Contains(fresh, want) {
			t.Errorf("a new client's details lack %q:\n%s", want, fresh)
		}
	}
	booked := r.chartAfter("appointment-booked")
	details := workflows.Details(booked, monday.Add(2*time.Hour))
	for _, want := range []string{"## Preparation\n", "### Coming visits", "| Evaluation 1 | Wed Mar 10, 2:00 PM MST | booked |", "| coverage | open | ",
		"- Sun Mar 7, 2:00 PM MST: Reminder, evaluation 1"} {
		if !strings.Contains(details, want) {
			t.Errorf("details after the booking lack %q:\n%s", want, details)
		}
	}
	if lines := strings.Count(details[strings.Index(details, "### Next messages"):], "\n- "); lines > 3 {
		t.Errorf("%d messages are announced, want at most three", lines)
	}
	if closed := workflows.Details(r.chartAfter("withdrawn"), monday.AddDate(0, 0, 2)); !strings.Contains(closed, "The course is over.") || strings.Contains(closed, "**Whose move:**") {
		t.Errorf("details of a closed course:\n%s", closed)
	}
}

// What must be seen now stands first: an alert with its clock, and what keeps an infusion from starting.
func TestDetailsShowAlertsAndTheInfusionDayFirst(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.readyToMeet()
	r.run(monday.AddDate(0, 0, 1))
	c := r.chartAfter("fees-discussed").Clone()
	now := monday.Add(2 * time.Hour)
	if _, err := c.Record("risk-assessed", care.Report{By: person.Actor{ID: "psy-sample", Role: person.Psychotherapist}, With: []byte(`{"outcome": "high"}`)}, now); err != nil {
		t.Fatal(err)
	}
	day := &care.InfusionDay{CheckedInAt: now, Unmet: []care.Unmet{{Code: "escort-missing", Reason: "no escort is named", MustAct: person.Client}}}
	c.Visits = append(c.Visits, care.Visit{ID: "infusion-1", Kind: visit.Infusion, Status: visit.Arrived, Start: now, Minutes: 60, Place: "main", Day: day})
	details := workflows.Details(c, now.Add(time.Minute))
	at := 0
	for _, want := range []string{"**ALERT Risk** (alert-1) since Mon Mar 1, 11:00 AM MST, for the physician and the coordinator, raised: acknowledge by Mon Mar 1, 12:00 PM MST.",
		"**Blocked:**", "**Infusion 1 cannot start yet:**", "- no escort is named (client)"} {
		i := strings.Index(details[at:], want)
		if i < 0 {
			t.Fatalf("the details lack %q, or have it in another place:\n%s", want, details)
		}
		at += i
	}
	day.StartedAt, day.Unmet = now, nil
	if details = workflows.Details(c, now.Add(time.Minute)); !strings.Contains(details, "**Infusion 1 is running** since Mon Mar 1, 11:00 AM MST; the next reading is due Mon Mar 1, 11:10 AM MST.") {
		t.Errorf("a running infusion:\n%s", details)
	}
}
