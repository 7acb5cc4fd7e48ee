package e2e_test

import (
	"encoding/json"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/starter/rehearsal"
	"kapflow/workflows"
)

// Workers that stop across due times catch up when they are back: what is still of use happens once and is marked late,
// what is not is marked expired, and nobody is written to in the night.
func TestWorkersStoppedAcrossDueTimesCatchUpOnceAndNeverAtNight(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		noon bool
		want map[string]message.State // notification → state of its text message; empty: not written to yet
		late map[string]bool
	}{
		"BackInTheDaytime": {noon: true, want: map[string]message.State{"remind/evaluation-1/v1/3d": message.StateExpired, "remind/evaluation-1/v1/1d": message.StateSent},
			late: map[string]bool{"remind/evaluation-1/v1/3d": true, "remind/evaluation-1/v1/1d": true}},
		// Two reminders were moved out of nights that follow each other: the one nearer to the visit is enough.
		"BackAtNight": {want: map[string]message.State{"remind/evaluation-1/v1/1d": message.StateSuppressed}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := shared.newHouse(t)
			clientZone := rehearsal.ZoneWithHour(time.Now(), 3)
			if c.noon {
				clientZone = rehearsal.ZoneWithHour(time.Now(), 13)
			}
			// Four days ago the visit was booked for tomorrow; then nobody worked.
			asleep := time.Now().Add(-4 * 24 * time.Hour)
			h.clock.Set(asleep)
			chart := h.lateClient(t, clientZone, asleep, time.Now().Add(20*time.Hour), "+13035550142")
			id := chart.ClientID
			must(t, h.startJourney(t, chart))
			h.clock.Set(time.Now())
			h.work(t)
			await(t, "the journey to catch up", time.Minute, func() bool {
				got := h.deliveries(t, id)
				for notification := range c.want {
					if got[notification].State == "" {
						return false
					}
				}
				return true
			})
			if _, err := h.record(t, id, "goals-recorded", person.Actor{ID: "psy-sample", Role: person.Psychotherapist}, `{"intention":"x"}`); err != nil {
				t.Fatal(err)
			}
			got := h.deliveries(t, id)
			for notification, state := range c.want {
				if got[notification].State != state || got[notification].Late != (c.late[notification] || state == message.StateExpired) {
					t.Errorf("%s is %q, late %v; want %s", notification, got[notification].State, got[notification].Late, state)
				}
			}
			for notification, m := range got {
				if m.State == message.StateSent && !c.noon {
					t.Errorf("%s was sent in the client's night", notification)
				}
			}
		})
	}
}

// lateClient writes a client whose chart was made days ago, as after an outage: consents, coverage and one booked visit.
// Nobody started the journey.
func (h *house) lateClient(t *testing.T, zone string, at, visit time.Time, phone string) *care.Chart {
	t.Helper()
	prac := h.Practice
	prac.Policy.Messages.SundayWindow = prac.Policy.Messages.Window // these tests go by the wall clock, and must be the same on a Sunday morning
	clientZone, err := h.Desk.LoadZone(zone)
	must(t, err)
	chart, taken, err := care.Enroll(care.Enrollment{ClientID: desk.NewID("client"), Policy: prac.Policy, Zone: prac.Zone, ClientZone: clientZone, At: at,
		Report: care.Report{ID: "enrolled", By: coordinator, With: json.RawMessage(`{"presenting":["anxiety"],"channels":["sms"]}`)}})
	must(t, err)
	psych := person.Actor{ID: "psy-sample", Role: person.Psychotherapist}
	start, err := json.Marshal(map[string]any{"kind": "evaluation", "start": visit.UTC().Truncate(time.Minute), "minutes": 50})
	must(t, err)
	for _, f := range []struct {
		by   person.Actor
		fact string
		with string
	}{{coordinator, "messaging-consent-recorded", `{"channel":"sms","detail":"minimal"}`}, {psych, "screening-recorded", `{"criteria_met":true,"prefers_kap":true}`},
		{psych, "coverage-reviewed", `{"result":"pays"}`}, {psych, "insurer-contact-waived", `{"reason":"ref:x"}`}, {psych, "fees-discussed", `{"summary":"ref:x"}`},
		{coordinator, "appointment-booked", string(start)}} {
		_, err := chart.Record(f.fact, care.Report{By: f.by, With: json.RawMessage(f.with)}, at)
		must(t, err)
	}
	chart.Settle(message.Notification{Key: message.Key{Verb: message.Booked, Subject: "evaluation-1", Version: 1}}, message.ResultSent, nil, at) // the notice went out before everything stopped
	changes := chart.DiffAndPublish(at)
	must(t, h.Store.Audit(t.Context(), coordinator, "record", chart.ClientID, json.RawMessage(`{"fact":"enrolled","id":"enrolled"}`))) // as the desk does
	_, _, err = h.Store.NewClient(t.Context(), care.NewClient{Identity: chart.ClientID, Contact: person.Contact{Phone: phone},
		Save: care.Save{Chart: chart, Entry: &taken.Entry, Changes: changes}})
	must(t, err)
	return chart
}

// deliveryKey is the key of a client's notification on a channel.
func deliveryKey(t *testing.T, client, notification string, ch person.Channel) message.DeliveryKey {
	t.Helper()
	key, err := message.Parse(notification)
	must(t, err)
	return message.DeliveryKeyOf(client, key, ch)
}

// deliveries gives the messages about a client by notification, of clients who are written to on one channel.
func (h *house) deliveries(t *testing.T, id string) map[string]care.Message {
	t.Helper()
	messages, err := h.Store.Messages(t.Context(), id)
	must(t, err)
	out := map[string]care.Message{}
	for _, m := range messages {
		notification := m.Key.Notification.String()
		if _, twice := out[notification]; twice {
			t.Errorf("%s was handled twice", notification)
		}
		out[notification] = m
	}
	return out
}

func (h *house) startJourney(t *testing.T, chart *care.Chart) error {
	t.Helper()
	_, err := h.TemporalClient.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: chart.ClientID, TaskQueue: h.TaskQueue},
		workflows.ClientJourneyName, workflows.JourneyInput{Chart: chart})
	return err
}
