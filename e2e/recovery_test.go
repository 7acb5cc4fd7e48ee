package e2e_test

import (
	"errors"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/keyring"
)

// A worker that was given the wrong keys ends no journey: its tasks wait for a worker that has the right ones. From a
// journey's third failure on, Temporal refuses what is reported to it at once; the desk asks again until it works.
func TestWorkerWithTheWrongKeysEndsNoJourney(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	wrong := h.hire(t, func(w *wires) { w.PayloadKey = keyring.NewEntry("another") })
	type enrolled struct {
		answer desk.Answer
		err    error
	}
	done := make(chan enrolled, 1)
	go func() {
		answer, err := h.Desk.Enroll(t.Context(), as(h, coordinator), desk.Enrollment{Reference: "keys", Phone: "+13035550142", Presenting: []string{"anxiety"},
			Consent: map[person.Channel]string{person.SMS: message.DetailMinimal}})
		done <- enrolled{answer, err}
	}()
	var id string
	await(t, "the client to be written", time.Minute, func() bool {
		rows, err := h.Store.Board(t.Context())
		if err != nil || len(rows) == 0 {
			return false
		}
		id = rows[0].ClientID
		return true
	})
	await(t, "the wrong worker to fail at it", time.Minute, func() bool {
		described, err := h.TemporalClient.DescribeWorkflowExecution(t.Context(), id, "")
		return err == nil && (described.GetPendingWorkflowTask().GetAttempt() >= 3 || described.GetWorkflowExecutionInfo().GetCloseTime() != nil)
	})
	if status := h.status(t, id); status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		t.Fatalf("the journey is %s", status)
	}
	_, err := h.TemporalClient.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{WorkflowID: id, UpdateName: "paused", WaitForStage: client.WorkflowUpdateStageAccepted})
	if notReady := new(serviceerror.WorkflowNotReady); !errors.As(err, &notReady) {
		t.Fatalf("Temporal says of a journey that keeps failing: %v", err)
	}
	reported := make(chan error, 1)
	go func() {
		_, err := h.record(t, id, "paused", coordinator, `{"reason": "asked for it"}`)
		reported <- err
	}()
	select { // what is refused now would come back within milliseconds
	case err := <-reported:
		t.Fatalf("the report came back before a worker had the right keys: %v", err)
	case <-time.After(time.Second):
	}
	must(t, wrong.kill())
	h.hire(t)
	end := <-done
	must(t, end.err)
	must(t, <-reported)
	if chart := h.chart(t, id); !chart.Consent(person.SMS).Granted {
		t.Error("the consent given at enrolment was not recorded")
	}
}

func (h *house) status(t *testing.T, id string) enumspb.WorkflowExecutionStatus {
	t.Helper()
	described, err := h.TemporalClient.DescribeWorkflowExecution(t.Context(), id, "")
	must(t, err)
	return described.GetWorkflowExecutionInfo().GetStatus()
}

// A journey that somebody terminated in Temporal is started again by enrolling the client again, as its refusals say:
// with all that was recorded, and without a second copy of any message.
func TestTerminatedJourneyIsStartedAgainByEnrolling(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	h.work(t)
	monday := h.nextMonday()
	id := h.accepted(t, "terminated", monday)
	visit := h.book(t, id, monday, 4, 10)
	booked := "booked/" + visit + "/v1"
	await(t, "the word that the visit is booked", time.Minute, func() bool { return h.deliveries(t, id)[booked].State == message.StateSent })
	before := h.chart(t, id)
	must(t, h.TemporalClient.TerminateWorkflow(t.Context(), id, "", "by mistake"))
	_, err := h.record(t, id, "paused", coordinator, `{"reason": "to see"}`)
	if code := codeOf(err); code != care.CodeWrongState {
		t.Fatalf("a fact for a terminated journey gives %v", err)
	}
	again, err := h.Desk.Enroll(t.Context(), as(h, coordinator), desk.Enrollment{Reference: "terminated", Phone: "+13035550142", Presenting: []string{"anxiety"},
		Consent: map[person.Channel]string{person.SMS: message.DetailMinimal}})
	must(t, err)
	if again.ClientID != id {
		t.Errorf("enrolled as %s, not as %s", again.ClientID, id)
	}
	_, err = h.record(t, id, "paused", coordinator, `{"reason": "to see"}`)
	must(t, err)
	if after := h.chart(t, id); after.Facts != before.Facts+1 || after.Visit(visit) == nil {
		t.Errorf("%d facts became %d", before.Facts, after.Facts)
	}
	if n := h.query(t, `SELECT key FROM mailbox`); len(n) != 1 {
		t.Errorf("the mailbox holds %q", n)
	}
	if _, err := h.Desk.Enroll(t.Context(), as(h, coordinator), desk.Enrollment{Reference: "terminated", Phone: "+13035550142", Presenting: []string{"anxiety"}}); codeOf(err) != care.CodeAlreadyEnrolled {
		t.Errorf("enrolled once more, while the journey runs: %v", err)
	}
}
