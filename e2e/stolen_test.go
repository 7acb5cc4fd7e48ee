package e2e_test

import (
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	updatepb "go.temporal.io/api/update/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"kapflow/care/person"
)

// A report that was copied out of a history, as anybody who may read histories can, counts as nothing: neither as another fact,
// nor again under the same name, with its own update id or with another one.
func TestReportCopiedOutOfAHistoryCountsAsNothing(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	h.work(t)
	id := h.enroll(t, "copied")
	psychotherapist := person.Actor{ID: "psy-sample", Role: person.Psychotherapist}
	for _, fact := range []string{"hold-placed", "hold-released", "hold-placed"} {
		if _, err := h.record(t, id, fact, psychotherapist, `{"reason":"asked"}`); err != nil {
			t.Fatal(err)
		}
	}
	plain, err := client.DialContext(t.Context(), client.Options{HostPort: h.wires.Temporal})
	must(t, err)
	defer plain.Close()
	var copies []*updatepb.Request
	for it := plain.GetWorkflowHistory(t.Context(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		must(t, err)
		if a := e.GetWorkflowExecutionUpdateAcceptedEventAttributes(); a != nil {
			copies = append(copies, a.GetAcceptedRequest())
		}
	}
	if len(copies) < 3 {
		t.Fatalf("%d reports are in the history", len(copies))
	}
	before := h.chart(t, id).Facts
	tried := 0
	for _, c := range copies {
		for _, name := range []string{"hold-released", "hold-placed", "paused"} {
			for _, updateID := range []string{c.GetMeta().GetUpdateId(), "another-" + name} {
				tried++
				_, _ = plain.WorkflowService().UpdateWorkflowExecution(t.Context(), &workflowservice.UpdateWorkflowExecutionRequest{
					Namespace: "default", WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: id},
					WaitPolicy: &updatepb.WaitPolicy{LifecycleStage: enumspb.UPDATE_WORKFLOW_EXECUTION_LIFECYCLE_STAGE_COMPLETED},
					Request:    &updatepb.Request{Meta: &updatepb.Meta{UpdateId: updateID}, Input: &updatepb.Input{Name: name, Args: c.GetInput().GetArgs()}},
				})
			}
		}
	}
	after := h.chart(t, id)
	if onHold := after.Holds[len(after.Holds)-1].ReleasedAt.IsZero(); after.Facts != before || !onHold {
		t.Errorf("after %d tries there are %d facts, before %d; on hold: %v", tried, after.Facts, before, onHold)
	}
	if _, err := h.record(t, id, "hold-released", psychotherapist, `{"reason":"assessed"}`); err != nil {
		t.Errorf("an honest report afterwards: %v", err)
	}
}
