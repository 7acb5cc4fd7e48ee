package e2e_test

import (
	"log/slog"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	tlog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/workflows"
)

// A build replays the histories that it made itself: workflow code is deterministic. A change of a rule changes both, so
// no history of an earlier build stands in its way; journeys reach a new build with their charts.
func TestHistoriesOfThisBuildReplay(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	h.work(t)
	h.play(t, readCourse(t, h, aCourse(), nil), nil)
	rows, err := h.Store.Board(t.Context())
	must(t, err)
	for _, row := range rows {
		history := h.history(t, row.ClientID)
		if len(history.Events) < 100 {
			t.Errorf("a history of %d events shows nothing", len(history.Events))
		}
		if err := h.replay(t, history, row.ClientID, workflows.ClientJourney); err != nil {
			t.Error(err)
		}
		// The replay can fail: a journey that does one thing more at its start does not fit.
		different := func(ctx workflow.Context, in workflows.JourneyInput) error {
			if err := workflow.UpsertTypedSearchAttributes(ctx, workflows.KapMove.ValueSet("nobody")); err != nil {
				return err
			}
			return workflows.ClientJourney(ctx, in)
		}
		if err := h.replay(t, history, row.ClientID, different); err == nil || !strings.Contains(err.Error(), "[TMPRL1100]") {
			t.Errorf("the replay of an incompatible journey gives %v, want [TMPRL1100]", err)
		}
	}
}

// history reads the whole history of a client's latest run.
func (h *house) history(t *testing.T, client string) *historypb.History {
	t.Helper()
	history := new(historypb.History)
	for it := h.TemporalClient.GetWorkflowHistory(t.Context(), client, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		event, err := it.Next()
		must(t, err)
		history.Events = append(history.Events, event)
	}
	return history
}

func (h *house) replay(t *testing.T, history *historypb.History, client string, journey func(workflow.Context, workflows.JourneyInput) error) error {
	t.Helper()
	ring, err := keyring.Parse(h.wires.PayloadKey)
	must(t, err)
	codec := engine.NewCodec(ring)
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
		DataConverter: engine.DataConverter(codec), FailureConverter: engine.FailureConverter(codec)})
	must(t, err)
	replayer.RegisterWorkflowWithOptions(journey, workflow.RegisterOptions{Name: workflows.ClientJourneyName})
	options := worker.ReplayWorkflowHistoryOptions{}
	options.OriginalExecution.ID = client
	return replayer.ReplayWorkflowHistoryWithOptions(tlog.NewStructuredLogger(slog.New(slog.DiscardHandler)), history, options)
}
