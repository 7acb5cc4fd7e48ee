package workflows_test

import (
	"compress/gzip"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	tlog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/workflows"
)

// states are the histories that must be among the fixtures: each is a state and the event that led there.
var states = []string{"standard_six_completed", "labs_expired_mid_series", "withdrawn_after_two", "paused_resumed", "declined_at_consult",
	"clocks_changed", "waiting_cancelled_in_ui", "waiting_send_failed", "standard_six_continued_as_new"}

// TestRecordedHistoriesReplay runs today's code against histories that released code recorded. When it fails, journeys
// that are running in practices would stop at their next step: the change needs a new worker version and a
// continue-as-new, or must be undone (docs/runbook.md).
//
// IMPORTANT: fixtures are recorded with `make record-histories` on the code that is released, never on the branch under
// test; a history that new code recorded always replays with that code.
func TestRecordedHistoriesReplay(t *testing.T) {
	t.Parallel()
	files := fixtures(t)
	for _, state := range states {
		found := false
		for _, file := range files {
			found = found || strings.HasPrefix(filepath.Base(file), state+".")
		}
		if !found {
			t.Errorf("no history of %s", state)
		}
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json.gz"), func(t *testing.T) {
			t.Parallel()
			if err := replay(t, file, workflows.ClientJourney); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestReplayNoticesAnIncompatibleJourney shows that the test above can fail: a journey that does one thing more at its
// start does not fit the histories.
func TestReplayNoticesAnIncompatibleJourney(t *testing.T) {
	t.Parallel()
	different := func(ctx workflow.Context, in workflows.JourneyInput) error {
		if err := workflow.UpsertTypedSearchAttributes(ctx, workflows.KapMove.ValueSet("nobody")); err != nil {
			return err
		}
		return workflows.ClientJourney(ctx, in)
	}
	if err := replay(t, fixtures(t)[0], different); err == nil || !strings.Contains(err.Error(), "[TMPRL1100]") {
		t.Errorf("the replay of an incompatible journey gives %v, want [TMPRL1100]", err)
	}
}

func fixtures(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/histories/*.json.gz")
	if err != nil || len(files) < len(states) {
		t.Fatalf("%d recorded histories: %v; make record-histories", len(files), err)
	}
	return files
}

func replay(t *testing.T, file string, journey func(workflow.Context, workflows.JourneyInput) error) error {
	t.Helper()
	key, err := os.ReadFile("testdata/key")
	if err != nil {
		t.Fatal(err)
	}
	ring, err := keyring.Parse(string(key))
	if err != nil {
		t.Fatal(err)
	}
	codec := engine.NewCodec(ring)
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
		DataConverter: engine.DataConverter(codec), FailureConverter: engine.FailureConverter(codec)})
	if err != nil {
		t.Fatal(err)
	}
	replayer.RegisterWorkflowWithOptions(journey, workflow.RegisterOptions{Name: workflows.ClientJourneyName})
	history := readHistory(t, file)
	options := worker.ReplayWorkflowHistoryOptions{}
	options.OriginalExecution.ID = history.Events[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowId()
	return replayer.ReplayWorkflowHistoryWithOptions(tlog.NewStructuredLogger(slog.New(slog.DiscardHandler)), history, options)
}

func readHistory(t *testing.T, file string) *historypb.History {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	history := new(historypb.History)
	if err := (temporalproto.CustomJSONUnmarshalOptions{DiscardUnknown: true}).Unmarshal(body, history); err != nil {
		t.Fatal(err)
	}
	return history
}
