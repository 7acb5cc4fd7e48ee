package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	querypb "go.temporal.io/api/query/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"

	"kapflow/keyring"
)

// connect dials the real server with its own key ring and runs a worker until the test ends.
func connect(t *testing.T) (temporalClient client.Client, codec *Codec, queue string) {
	t.Helper()
	codec = NewCodec(keyring.New())
	temporalClient, err := Dial(t.Context(), Options{Address: temporalAddress(t), Codec: codec})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(temporalClient.Close)
	queue = "engine-" + uuid.NewString()
	startWorker(t, temporalClient, queue, WorkerOptions("engine", ""))
	return temporalClient, codec, queue
}

func startWorker(t *testing.T, temporalClient client.Client, queue string, options worker.Options) {
	t.Helper()
	w := worker.New(temporalClient, queue, options)
	for _, each := range []any{everyPayload, echo, morning, reminders} {
		w.RegisterWorkflow(each)
	}
	w.RegisterActivity(say)
	w.RegisterActivity(fail)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

// journey is a workflow on a server.
type journey struct {
	client client.Client
	id     string
}

// update sends an update and waits until it is done.
func (j journey) update(t *testing.T, name string, result any, args ...any) error {
	t.Helper()
	handle, err := j.client.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: j.id, UpdateName: name, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return handle.Get(t.Context(), result)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func events(t *testing.T, temporalClient client.Client, workflowID, runID string) []*historypb.HistoryEvent {
	t.Helper()
	var all []*historypb.HistoryEvent
	history := temporalClient.GetWorkflowHistory(t.Context(), workflowID, runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for history.HasNext() {
		event, err := history.Next()
		must(t, err)
		all = append(all, event)
	}
	return all
}

func TestEveryPayloadDecodesAndNoneIsPlain(t *testing.T) {
	t.Parallel()
	temporalClient, codec, queue := connect(t)
	id := "client-" + uuid.NewString()
	first, err := temporalClient.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: id, TaskQueue: queue, StaticSummary: canary, StaticDetails: canary, Memo: map[string]any{"started": canary},
	}, everyPayload, course{})
	must(t, err)
	for range 2 {
		must(t, temporalClient.SignalWorkflow(t.Context(), id, "", "receipt", fact{canary}))
		var recorded fact
		must(t, journey{temporalClient, id}.update(t, "record", &recorded, fact{canary}))
		if recorded.Text != "recorded "+canary {
			t.Errorf("the update answered %q", recorded.Text)
		}
		var refusal *temporal.ApplicationError
		if err := (journey{temporalClient, id}).update(t, "record", nil, fact{}); !errors.As(err, &refusal) || refusal.Message() != "empty "+canary {
			t.Errorf("the validator's refusal came back as %v", err)
		}
		metadataShown(t, temporalClient, codec, id)
		must(t, journey{temporalClient, id}.update(t, "finish", nil))
	}
	var texts []string
	answer, err := temporalClient.QueryWorkflow(t.Context(), id, "", "texts", 3)
	must(t, err)
	must(t, answer.Get(&texts))
	if len(texts) < 6 { // four carried over from the first run, and later ones
		t.Errorf("the state carried over is %q", texts)
	}
	var result string
	must(t, temporalClient.GetWorkflow(t.Context(), id, "").Get(t.Context(), &result))
	if result != canary {
		t.Errorf("the result is %q", result)
	}
	second := temporalClient.GetWorkflow(t.Context(), id, "").GetRunID()
	all := append(events(t, temporalClient, id, first.GetRunID()), events(t, temporalClient, id, second)...)
	text, err := protojson.Marshal(&historypb.History{Events: all})
	must(t, err)
	if strings.Contains(string(text), canary) || strings.Contains(string(text), plainBase64(canary)) {
		t.Error("the history shows the canary in the clear")
	}
	must(t, replay(codec, id, events(t, temporalClient, id, second)))
}

func plainBase64(text string) string { // the middle of the text as base64, at any offset
	encoded := strings.TrimSuffix(strings.SplitAfter(jsonPayload(text), `"data":"`)[1], `"}`)
	return encoded[4:12]
}

func jsonPayload(text string) string {
	payload, _ := converter.GetDefaultDataConverter().ToPayload(text)
	encoded, _ := protojson.Marshal(&commonpb.Payload{Data: payload.GetData()})
	return strings.ReplaceAll(string(encoded), " ", "")
}

func replay(codec *Codec, id string, all []*historypb.HistoryEvent) error {
	replayer, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{
		DataConverter: DataConverter(codec), FailureConverter: FailureConverter(codec),
	})
	if err != nil {
		return err
	}
	replayer.RegisterWorkflow(everyPayload)
	return replayer.ReplayWorkflowHistoryWithOptions(quiet{}, &historypb.History{Events: all}, worker.ReplayWorkflowHistoryOptions{
		OriginalExecution: workflow.Execution{ID: id},
	})
}

// metadataShown asks what the UI asks when a person opens a workflow, and decodes the answer as the UI does.
func metadataShown(t *testing.T, temporalClient client.Client, codec *Codec, id string) {
	t.Helper()
	answer, err := temporalClient.WorkflowService().QueryWorkflow(t.Context(), &workflowservice.QueryWorkflowRequest{
		Namespace: "default", Execution: &commonpb.WorkflowExecution{WorkflowId: id}, Query: &querypb.WorkflowQuery{QueryType: "__temporal_workflow_metadata"},
	})
	must(t, err)
	body, err := protojson.Marshal(answer.GetQueryResult())
	must(t, err)
	allow := func(*http.Request) error { return nil }
	handler := DecodeHandler(codec, func() string { return "" }, allow, func(context.Context, int, []string) error { return nil })
	request := httptest.NewRequest(http.MethodPost, "/decode", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	shown, _ := io.ReadAll(recorder.Body)
	var payloads commonpb.Payloads
	if err := protojson.Unmarshal(shown, &payloads); err != nil || !bytes.Contains(payloads.GetPayloads()[0].GetData(), []byte(canary)) {
		t.Errorf("the UI would see %d %s", recorder.Code, shown)
	}
}

func TestPayloadsSentAroundTheDeskAreRefused(t *testing.T) {
	t.Parallel()
	temporalClient, _, queue := connect(t)
	plainClient, err := client.Dial(client.Options{HostPort: temporalAddress(t), Logger: quiet{}})
	must(t, err)
	defer plainClient.Close()
	ids := []string{"client-" + uuid.NewString(), "client-" + uuid.NewString()}
	for _, id := range ids {
		_, err := temporalClient.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, everyPayload, course{})
		must(t, err)
		must(t, journey{temporalClient, id}.update(t, "record", nil, fact{"genuine"}))
	}
	if err := (journey{plainClient, ids[0]}).update(t, "record", nil, fact{"forged"}); err == nil {
		t.Error("an update without the key was taken")
	}
	if n := accepted(events(t, temporalClient, ids[0], "")); n != 1 {
		t.Errorf("the history holds %d accepted updates, want the genuine one", n)
	}
	must(t, plainClient.SignalWorkflow(t.Context(), ids[0], "", "receipt", fact{"forged"}))
	if err := pasted(t, temporalClient, plainClient, ids[0], ids[1]); err == nil {
		t.Error("an update copied from one client's history was taken into another's")
	}
	for _, id := range ids {
		var texts []string
		answer, err := temporalClient.QueryWorkflow(t.Context(), id, "", "texts", 3)
		must(t, err)
		must(t, answer.Get(&texts))
		if n := len(texts) - len(slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return text == "genuine" })); n != 1 || slices.Contains(texts, "forged") {
			t.Errorf("%s holds %q", id, texts)
		}
	}
	run, err := plainClient.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
		ID: "client-" + uuid.NewString(), TaskQueue: queue, WorkflowRunTimeout: 3 * time.Second,
	}, "everyPayload", course{})
	must(t, err)
	if err := run.Get(t.Context(), nil); err == nil {
		t.Error("a workflow started without the key ran")
	}
}

func accepted(all []*historypb.HistoryEvent) (n int) {
	for _, event := range all {
		if event.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED {
			n++
		}
	}
	return n
}

// pasted sends the update from one workflow's history to another workflow, unchanged.
func pasted(t *testing.T, temporalClient, plainClient client.Client, from, into string) error {
	t.Helper()
	for _, event := range events(t, temporalClient, from, "") {
		if args := event.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest().GetInput().GetArgs(); args != nil {
			return journey{plainClient, into}.update(t, "record", nil, converter.NewRawValue(args.GetPayloads()[0]))
		}
	}
	t.Fatal("no update in the history")
	return nil
}

func TestSearchAttributesAreUsableAtOnce(t *testing.T) {
	t.Parallel()
	temporalClient, _, queue := connect(t)
	wanted := map[string]enumspb.IndexedValueType{
		"EngineStage": enumspb.INDEXED_VALUE_TYPE_KEYWORD, "EngineDue": enumspb.INDEXED_VALUE_TYPE_DATETIME,
		"EngineBlocked": enumspb.INDEXED_VALUE_TYPE_KEYWORD_LIST, "EngineAttention": enumspb.INDEXED_VALUE_TYPE_BOOL,
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for range 2 {
		must(t, RegisterSearchAttributes(ctx, temporalClient, "default", wanted))
	}
	_, err := temporalClient.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		TaskQueue: queue, TypedSearchAttributes: temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyKeyword("EngineStage").ValueSet("enrolled")),
	}, echo, fact{"x"})
	must(t, err)
	err = RegisterSearchAttributes(ctx, temporalClient, "default", map[string]enumspb.IndexedValueType{
		"EngineStage": enumspb.INDEXED_VALUE_TYPE_BOOL, "EngineFlag": enumspb.INDEXED_VALUE_TYPE_BOOL,
	})
	if err == nil || !strings.Contains(err.Error(), "EngineStage exists with type Keyword but must be Bool") {
		t.Errorf("a type conflict gave %v", err)
	}
	if missing, err := missingSearchAttributes(ctx, temporalClient, "default", map[string]enumspb.IndexedValueType{"EngineFlag": enumspb.INDEXED_VALUE_TYPE_BOOL}); err != nil || len(missing) != 1 {
		t.Errorf("a refused registration still added something: %v, %v", missing, err)
	}
}

type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}
