package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/worker/wiring"
)

func showText(t *testing.T, app *wiring.App, client string, by person.Actor, asJSON bool) string {
	t.Helper()
	var out bytes.Buffer
	if err := (showCommand{Client: client, JSON: asJSON}).on(terminal{ctx: t.Context(), out: &out}, app, as(app, by)); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Staff see what a client asked for and wrote beside the task that waits on it, each as far as their role may read it.
func TestStaffSeeWhatAClientAskedAndWrote(t *testing.T) {
	t.Parallel()
	app, client := playedApp(t, "testdata/wish.yaml")
	nurse := person.Actor{ID: "nurse-sample", Role: person.Nurse}
	for _, c := range []struct {
		by           person.Actor
		wish, parked bool
	}{{frontDesk, true, true}, {psychotherapist, true, true}, {nurse, false, false}} {
		text := showText(t, app, client, c.by, false)
		for _, want := range []string{"What the client asked and wrote", "coordinator  answer-change-request evaluation-1", "coordinator  read-reply reply-", "The client asks for another time for Evaluation 1"} {
			if !strings.Contains(text, want) {
				t.Errorf("the %s does not read %q:\n%s", c.by.Role, want, text)
			}
		}
		if got := strings.Contains(text, "a Thursday after four"); got != c.wish {
			t.Errorf("the %s reads the wish: %v", c.by.Role, got)
		}
		if got := strings.Contains(text, "Is parking free"); got != c.parked {
			t.Errorf("the %s reads the reply: %v", c.by.Role, got)
		}
		if strings.Contains(text, "ref:") {
			t.Errorf("the %s reads a reference", c.by.Role)
		}
	}
	var told standing
	if err := json.Unmarshal([]byte(showText(t, app, client, frontDesk, true)), &told); err != nil || len(told.Words) != 2 || told.Words[0].By.Role != person.Client {
		t.Errorf("as JSON: %+v, %v", told.Words, err)
	}
}

// Every thing that a client does on a page is a line of the history that staff read (field case 10).
func TestStaffReadInTheHistoryWhatAClientDidOnAPage(t *testing.T) {
	t.Parallel()
	app, client := playedApp(t, "testdata/wish.yaml")
	did := map[string]bool{}
	for _, l := range historyOf(t, app, client, frontDesk) {
		did[l.What] = did[l.What] || l.By.Role == person.Client
	}
	for _, fact := range []string{"appointment-confirmed", "appointment-cancelled", "appointment-change-requested", "messaging-consent-recorded"} {
		if !did[fact] {
			t.Errorf("staff do not see that the client reported %s", fact)
		}
	}
}

// What is on the coordinator's list about a client is with the client and on the board, until somebody ends it.
func TestShowAndBoardTellWhatNeedsALookUntilItIsEnded(t *testing.T) {
	t.Parallel()
	app, client := playedApp(t, "testdata/wish.yaml")
	late := message.LateDelivery{Key: message.DeliveryKeyOf(client, message.Key{Verb: message.Remind, Subject: "evaluation-1", Version: 1, Rule: "3d"}, person.SMS), ClientID: client, Channel: person.SMS, To: person.Client, Template: message.TemplateReminder,
		State: message.StateUnknown, Since: time.Now().UTC()}.WorklistItem()
	if err := app.Store.KeepWorklist(t.Context(), message.WorklistLate, time.Now(), []message.WorklistItem{late}); err != nil {
		t.Fatal(err)
	}
	const words = "nobody knows whether it left"
	board := func(asJSON bool) string {
		t.Helper()
		var out bytes.Buffer
		if err := (boardCommand{JSON: asJSON}).on(terminal{ctx: t.Context(), out: &out}, app, app.Store); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	for what, text := range map[string]string{"show": showText(t, app, client, frontDesk, false), "board": board(false)} {
		for _, want := range []string{"Messages that need a look (1)", late.ID(), words, "starter worklist end"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q:\n%s", what, want, text)
			}
		}
	}
	var b struct {
		Clients  []record.BoardLine
		Worklist []worklistItemLine `json:"matters"`
	}
	if err := json.Unmarshal([]byte(board(true)), &b); err != nil || len(b.Clients) != 1 || len(b.Worklist) != 1 || b.Worklist[0].ID != late.ID() || b.Worklist[0].ClientID != client {
		t.Errorf("the board as JSON: %+v, %v", b, err)
	}
	var out bytes.Buffer
	end := worklistEndCommand{IDs: []string{late.ID()}}
	if err := end.on(terminal{ctx: t.Context(), out: &out}, app, as(app, frontDesk)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(board(false), "need a look") {
		t.Error("what was ended is still on the board")
	}
	var refused *care.Refusal
	if err := end.on(terminal{ctx: t.Context(), out: &out}, app, as(app, frontDesk)); !errors.As(err, &refused) {
		t.Errorf("ended again: %v", err)
	}
}
