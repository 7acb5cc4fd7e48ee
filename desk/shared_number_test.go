package desk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/desk"
	"kapflow/store"
)

const (
	familyPhone = "+13035550166"
	familyText  = "Quicksilver asks about parking"
)

// familyDesk is a desk with two clients on one number.
func familyDesk(t *testing.T) (*desk.Desk, *store.Store) {
	t.Helper()
	d, records := atDesk(t)
	for _, id := range []string{"client-m", "client-n"} {
		newClient(t, d, id, id, person.Contact{PreferredName: id, Phone: familyPhone})
	}
	return d, records
}

func familyEvent(id, text string, d *desk.Desk) message.ProviderEvent {
	return message.ProviderEvent{Provider: "twilio", ID: id, Kind: message.EventReply, From: familyPhone, Text: text, At: d.Now()}
}

// TestATextFromASharedNumberIsInNobodysRecord: whatever it says, it waits on the list, for those who may assign it. Neither a record,
// an export nor the history of those who share the number has a word of it, before it is assigned and when it is nobody's.
func TestATextFromASharedNumberIsInNobodysRecord(t *testing.T) {
	t.Parallel()
	d, records := familyDesk(t)
	nobody := func(when string) {
		t.Helper()
		for _, id := range []string{"client-a", "client-m", "client-n"} {
			rec, err := d.Export(t.Context(), sampleOf(d, person.Psychotherapist), desk.ExportOrder{ClientID: id, Full: true})
			if err != nil {
				t.Fatal(err)
			}
			body, err := json.Marshal(rec)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(body), "Quicksilver") || strings.Contains(fmt.Sprintf("%+v", rec), "Quicksilver") || len(rec.Facts) != 1 {
				t.Errorf("%s: the record of %s has it", when, id)
			}
			stands, err := d.Standing(t.Context(), sampleOf(d, person.Coordinator), id, false)
			if err != nil || len(stands.Worklist) > 0 {
				t.Errorf("%s: %s has %v, %v", when, id, stands.Worklist, err)
			}
		}
	}
	texts := []string{familyText, "STOP", "start", "yes", "wrong number", "Quicksilver wants to kill himself"}
	for i, text := range texts {
		for range 2 {
			if err := d.Receive(t.Context(), familyEvent(fmt.Sprint("SM", i), text, d)); err != nil {
				t.Fatal(err)
			}
		}
	}
	nobody("while it waits")
	in, err := d.ReadInbox(t.Context(), sampleOf(d, person.Physician))
	if err != nil || len(in.Worklist) != len(texts) {
		t.Fatalf("%d wait, %v", len(in.Worklist), err)
	}
	for _, m := range in.Worklist {
		danger := strings.Contains(m.Words, "kill")
		if strings.Join(m.Clients, " ") != "client-m client-n" || m.ClientID != "" || m.Danger() != danger || !strings.Contains(m.Words, "client-m and client-n share") {
			t.Errorf("%+v", m)
		}
		var refused *care.Refusal
		if err := d.EndWorklistItem(t.Context(), sampleOf(d, person.Coordinator), m.ID()); !errors.As(err, &refused) || refused.Code != care.CodeInvalid {
			t.Errorf("it is taken off the list without a decision: %v", err)
		}
		if err := d.AssignReply(t.Context(), sampleOf(d, person.Coordinator), desk.Whose{Item: m.ID(), ClientID: "client-a"}); !errors.As(err, &refused) || refused.Code != care.CodeInvalid {
			t.Errorf("it is given to somebody with another number: %v", err)
		}
		if err := d.AssignReply(t.Context(), sampleOf(d, person.Coordinator), desk.Whose{Item: m.ID(), Reason: "Quicksilver is a guest"}); err != nil {
			t.Error(err)
		}
	}
	nobody("when it is nobody's")
	if nurse, err := d.ReadBoard(t.Context(), sampleOf(d, person.Nurse), record.BoardFilter{}, record.BoardPlace{}); err != nil || len(nurse.Worklist) > 0 {
		t.Errorf("the nurse reads %v, %v", nurse.Worklist, err)
	}
	if waits, err := records.WaitingEvents(t.Context(), 10); err != nil || len(waits) > 0 {
		t.Errorf("%v wait, %v", waits, err)
	}
}

// TestATextIsAssignedOnce however many people assign it at the same time, and a slow relay does not take it back.
func TestATextIsAssignedOnce(t *testing.T) {
	t.Parallel()
	d, records := familyDesk(t)
	e := familyEvent("SM1", familyText, d)
	if err := d.Receive(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	list, err := records.Worklist(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %v", list, err)
	}
	var all sync.WaitGroup
	var taken atomic.Int32
	for i := range 8 {
		all.Go(func() {
			client := []string{"client-m", "client-n"}[i%2]
			got, done, err := records.AssignReply(t.Context(), message.Assignment{Item: list[0], ClientID: client, By: coordinator, At: d.Now()})
			if err != nil {
				t.Error(err)
			}
			if done {
				taken.Add(1)
				if got.Assigned != client || got.Text != familyText {
					t.Errorf("%+v", got)
				}
			}
		})
	}
	all.Wait()
	if err := records.EventRelayed(t.Context(), e, d.Now(), &list[0]); err != nil {
		t.Fatal(err)
	}
	waits, err := records.WaitingEvents(t.Context(), 10)
	if err != nil || taken.Load() != 1 || len(waits) != 1 || waits[0].Assigned == "" {
		t.Errorf("%d times; %+v wait, %v", taken.Load(), waits, err)
	}
	if left, err := records.Worklist(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	var refused *care.Refusal
	if err := d.AssignReply(t.Context(), access.FromRehearsal(d.Policy, coordinator), desk.Whose{Item: list[0].ID(), ClientID: "client-m"}); !errors.As(err, &refused) || refused.Code != care.CodeWrongState {
		t.Errorf("again: %v", err)
	}
}
