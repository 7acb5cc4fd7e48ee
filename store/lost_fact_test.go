package store_test

import (
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
)

// TestAFactOfALostTaskGivesItsNumberBack: Postgres has a fact whose workflow task was lost, so that the journey never knew it, and the
// journey gives its number to another fact. The record then holds what the journey has, in whichever order the two arrive.
func TestAFactOfALostTaskGivesItsNumberBack(t *testing.T) {
	t.Parallel()
	const consent = `{"channel":"sms","granted":true}`
	for name, lateFirst := range map[string]bool{"the lost one is saved first": false, "the lost one comes late": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			journey := b.enrolled("client-a")
			b.save(changeOfPhone(b, journey, day.Add(time.Second), "f-1", "+13035550100"))
			task := journey.Clone() // of a worker that was killed
			lost := changeOfPhone(b, task, day.Add(time.Minute), "f-lost", "+13035550199")
			task.Version += 3 // it may have changed more than the step that counts
			lost.Chart = task
			kept := record(t, journey, day.Add(2*time.Minute), told{person.Coordinator, "messaging-consent-recorded", "f-kept", consent})
			if lateFirst {
				b.save(kept)
				b.save(lost)
			} else {
				b.save(lost)
				b.save(kept)
			}
			facts, err := b.Facts(t.Context(), "client-a")
			if err != nil || len(facts) != 3 || facts[2].ID != "f-kept" || facts[2].Seq != 3 {
				t.Errorf("the log has %v, %v", facts, err)
			}
			if seq, found, err := b.FactAnswer(t.Context(), "client-a", "f-kept"); seq != 3 || !found || err != nil {
				t.Errorf("the fact that counts: %d, %v, %v", seq, found, err)
			}
			if _, found, err := b.FactAnswer(t.Context(), "client-a", "f-lost"); found || err != nil {
				t.Errorf("the lost fact is found: %v", err)
			}
			contact, err := b.Contact(t.Context(), "client-a")
			if err != nil || contact.Phone != "+13035550100" {
				t.Errorf("the contact is %v, %v", contact, err)
			}
			for _, c := range []struct{ minutes, items int }{{10, 0}, {20, 1}} {
				if err := b.ReconcileFacts(t.Context(), day.Add(time.Duration(c.minutes)*time.Minute)); err != nil {
					t.Fatal(err)
				}
				list, err := b.Worklist(t.Context())
				n := 0
				for _, m := range list {
					if m.Kind == message.WorklistFactLost && m.ClientID == "client-a" {
						n++
					}
				}
				if err != nil || n != c.items {
					t.Errorf("after %d minutes %d lost facts are on the list, want %d: %v", c.minutes, n, c.items, err)
				}
			}
			// The lost report is sent again and becomes the next fact.
			b.save(record(t, journey, day.Add(3*time.Minute), told{person.Coordinator, "messaging-consent-recorded", "f-lost", consent}))
			chart, err := b.Chart(t.Context(), "client-a")
			if err != nil || chart.Facts != 4 || chart.Version != journey.Version {
				t.Errorf("the chart: %v", err)
			}
			if seq, found, err := b.FactAnswer(t.Context(), "client-a", "f-lost"); seq != 4 || !found || err != nil {
				t.Errorf("the fact that was sent again: %d, %v, %v", seq, found, err)
			}
		})
	}
}

// changeOfPhone takes a new telephone number into a chart and gives the step to be saved.
func changeOfPhone(b *bundle, c *care.Chart, now time.Time, id, phone string) care.Save {
	b.t.Helper()
	ref, err := b.Hide(b.t.Context(), "client-a", "phone", phone)
	if err != nil {
		b.t.Fatal(err)
	}
	return record(b.t, c, now, told{person.Coordinator, "contact-changed", id, `{"phone":"` + ref + `"}`})
}

// TestANewerChartWithoutAFactLosesIt: the journey saves a step of its own before it takes in another fact.
func TestANewerChartWithoutAFactLosesIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	journey := b.enrolled("client-a")
	task := journey.Clone()
	b.save(record(t, task, day.Add(time.Minute), told{person.Coordinator, "messaging-consent-recorded", "f-lost", `{"channel":"sms","granted":true}`}))
	b.save(care.Save{Chart: journey, Changes: journey.DiffAndPublish(day.Add(2 * time.Minute))})
	chart, err := b.Chart(t.Context(), "client-a")
	if err != nil || chart.Facts != 1 || len(chart.Consents) != len(journey.Consents) {
		t.Errorf("the chart: %v", err)
	}
	if facts, err := b.Facts(t.Context(), "client-a"); err != nil || len(facts) != 1 {
		t.Errorf("the log has %v, %v", facts, err)
	}
	if again, err := b.TakeOver(t.Context(), "client-a"); err != nil || again.Facts != 1 {
		t.Errorf("a restarted journey: %v", err)
	}
}
