package e2e_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	sdkpb "go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/client"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/workflows"
)

var coordinator = person.Actor{ID: "coordinator", Role: person.Coordinator}

// as is somebody of the sample practice, for whom a test asks.
func as(h *house, who person.Actor) access.Person {
	return access.FromRehearsal(h.Practice.Policy, who)
}

// enroll enrols a sample client, for tests that need no course.
func (h *house) enroll(t *testing.T, reference string) string {
	t.Helper()
	answer, err := h.Desk.Enroll(t.Context(), as(h, coordinator), desk.Enrollment{Reference: reference, PreferredName: "Sample", Phone: "+13035550142", OtherPerson: true,
		Email: "sample@example.org", Timezone: "America/Denver", Presenting: []string{"depression"}, Consent: map[person.Channel]string{person.SMS: message.DetailMinimal}})
	must(t, err)
	return answer.ClientID
}

// record reports a fact about a client.
func (h *house) record(t *testing.T, id, fact string, by person.Actor, with string) (desk.Answer, error) {
	t.Helper()
	return h.report(t, by, desk.Command{ClientID: id, Fact: fact, With: json.RawMessage(with)})
}

// report gives a command of somebody to the desk, for tests that name the report.
func (h *house) report(t *testing.T, by person.Actor, c desk.Command) (desk.Answer, error) {
	t.Helper()
	c.By = as(h, by)
	return h.Desk.Record(t.Context(), c)
}

// runs counts the runs of a journey, from the newest back.
func (h *house) runs(t *testing.T, id string) int {
	t.Helper()
	n, run := 0, ""
	for {
		it := h.TemporalClient.GetWorkflowHistory(t.Context(), id, run, false, 1)
		event, err := it.Next()
		must(t, err)
		n++
		if run = event.GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId(); run == "" {
			return n
		}
	}
}

// Five hundred facts sent while the journey continues as new again and again are five hundred facts recorded, though
// every fifth is sent twice.
func TestFiveHundredFactsAcrossContinueAsNewAreAllRecorded(t *testing.T) {
	t.Parallel()
	tn := ownTown(t, devstack.Options{DynamicConfig: map[string]any{"limit.historyCount.suggestContinueAsNew": 300}})
	h := tn.newHouse(t)
	h.work(t)
	id := h.enroll(t, "many-facts")
	before, err := h.Store.Chart(t.Context(), id)
	must(t, err)
	const facts, senders = 500, 8
	work := make(chan int)
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for n := range work {
				for range 1 + boolInt(n%5 == 0) {
					if _, err := h.report(t, person.Actor{ID: "psy-sample", Role: person.Psychotherapist}, desk.Command{ClientID: id, Fact: "goals-recorded", ID: fmt.Sprintf("goals-%d", n), With: json.RawMessage(`{"intention": "one more"}`)}); err != nil {
						t.Errorf("fact %d: %v", n, err)
					}
				}
			}
		})
	}
	for n := range facts {
		work <- n
	}
	close(work)
	wg.Wait()
	await(t, "the chart with every fact", time.Minute, func() bool {
		chart, err := h.Store.Chart(t.Context(), id)
		return err == nil && chart.Facts == before.Facts+facts
	})
	if got := h.query(t, `SELECT count(*)::text FROM fact WHERE name = 'goals-recorded'`); got[0] != fmt.Sprint(facts) {
		t.Errorf("%s facts in Postgres, want %d", got[0], facts)
	}
	if n := h.runs(t, id); n < 3 {
		t.Errorf("only %d runs: the journey did not continue as new", n)
	}
	described, err := h.TemporalClient.DescribeWorkflowExecution(t.Context(), id, "")
	must(t, err)
	if described.GetWorkflowExecutionInfo().GetSearchAttributes().GetIndexedFields()["KapStage"] == nil {
		t.Error("the search attributes are gone after continuing as new")
	}
	if details := h.details(t, id); !strings.Contains(details, "### Gates of the next infusion") {
		t.Errorf("after continuing as new the Temporal UI shows %q", details)
	}
}

// details is what the Temporal UI shows of a journey as its current details.
func (h *house) details(t *testing.T, id string) string {
	t.Helper()
	answer, err := h.TemporalClient.QueryWorkflow(t.Context(), id, "", "__temporal_workflow_metadata")
	must(t, err)
	var metadata sdkpb.WorkflowMetadata
	must(t, answer.Get(&metadata))
	return metadata.GetCurrentDetails()
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Many enrolments of one client at the same moment start one journey; the others are told so.
func TestOneClientEnrolledTwentyTimesAtOnceHasOneJourney(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	h.work(t)
	const many = 20
	var wg sync.WaitGroup
	var mu sync.Mutex
	ends := map[string]int{}
	for range many {
		wg.Go(func() {
			_, err := h.Desk.Enroll(t.Context(), as(h, coordinator), desk.Enrollment{PreferredName: "Sample", Phone: "+13035550142", Presenting: []string{"anxiety"}})
			code := "enrolled"
			var refusal *care.Refusal
			if errors.As(err, &refusal) {
				code = refusal.Code
			} else if err != nil {
				code = err.Error()
			}
			mu.Lock()
			defer mu.Unlock()
			ends[code]++
		})
	}
	wg.Wait()
	if ends["enrolled"] != 1 || ends[care.CodeAlreadyEnrolled] != many-1 {
		t.Errorf("enrolments ended %v", ends)
	}
	rows, err := h.Store.Board(t.Context())
	must(t, err)
	if len(rows) != 1 {
		t.Errorf("%d clients", len(rows))
	}
}

// A cancellation asked of Temporal leaves nothing half done: the journey goes on, the coordinator has a task, and facts
// are recorded as before.
func TestCancellationIsPutBeforeTheCoordinator(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	h.work(t)
	id := h.enroll(t, "cancelled")
	must(t, h.TemporalClient.CancelWorkflow(t.Context(), id, ""))
	await(t, "the coordinator's task", time.Minute, func() bool {
		chart, err := h.Store.Chart(t.Context(), id)
		if err != nil {
			return false
		}
		for _, task := range chart.Tasks(time.Now()) {
			if task.Task == "cancellation-requested" && task.Role == person.Coordinator {
				return true
			}
		}
		return false
	})
	if _, err := h.record(t, id, "paused", coordinator, `{"reason": "asked"}`); err != nil {
		t.Errorf("after the request: %v", err)
	}
}

// Nothing that is sent around the desk passes for a clinician: a plain update is refused, and one by the wrong role
// leaves no trace in the history.
func TestNothingSentAroundTheDeskPassesForAClinician(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	h.work(t)
	id := h.enroll(t, "around")
	plain, err := client.DialContext(t.Context(), client.Options{HostPort: h.wires.Temporal})
	must(t, err)
	defer plain.Close()
	report := care.Report{ID: "forged", By: person.Actor{ID: "dr-sample", Role: person.Physician}, With: json.RawMessage(`{"reason":"x"}`)}
	handle, err := plain.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{WorkflowID: id, UpdateName: "paused", Args: []any{report}, WaitForStage: client.WorkflowUpdateStageCompleted})
	if err == nil {
		err = handle.Get(t.Context(), nil)
	}
	if err == nil {
		t.Error("an update without our key was taken in")
	}
	events := func() int64 {
		described, err := h.TemporalClient.DescribeWorkflowExecution(t.Context(), id, "")
		must(t, err)
		return described.GetWorkflowExecutionInfo().GetHistoryLength()
	}
	before := events()
	var refusal *care.Refusal
	if _, err := h.record(t, id, "labs-reviewed", person.Actor{ID: "nurse", Role: person.Nurse}, `{"outcome":"cleared"}`); !errors.As(err, &refusal) || refusal.Code != care.CodeNotYourRole {
		t.Errorf("a nurse's review gives %v", err)
	}
	if after := events(); after != before {
		t.Errorf("the refusal left %d events", after-before)
	}
}

// A running journey stays on the build it began with until another is current; then it moves there with its state, and
// takes facts before and after.
func TestRunningJourneyMovesToTheNewBuild(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t, func(w *wires) { w.Build = "one" })
	stop := h.work(t)
	deployment := deployment + h.wires.Queue
	must(t, engine.MakeCurrent(t.Context(), h.TemporalClient, deployment, "one"))
	id := h.enroll(t, "upgraded")
	if _, err := h.record(t, id, "paused", coordinator, `{"reason": "before"}`); err != nil {
		t.Fatal(err)
	}
	before := h.chart(t, id)
	h.wires.Build = "two"
	h.work(t)
	if build := h.build(t, id); build != "one" {
		t.Errorf("the journey runs on build %s before another is current", build)
	}
	must(t, engine.MakeCurrent(t.Context(), h.TemporalClient, deployment, "two"))
	await(t, "the journey on the new build", 60*time.Second, func() bool {
		must(t, h.TemporalClient.SignalWorkflow(t.Context(), id, "", workflows.WakeSignal, nil))
		return h.build(t, id) == "two"
	})
	stop()
	if _, err := h.record(t, id, "resumed", coordinator, `{}`); err != nil {
		t.Fatalf("on the new build: %v", err)
	}
	if after := h.chart(t, id); after.Facts != before.Facts+1 || after.Pause != nil || h.runs(t, id) != 2 {
		t.Errorf("%d facts became %d, paused %v, in %d runs", before.Facts, after.Facts, after.Pause, h.runs(t, id))
	}
}

// build is the build that a journey is pinned to.
func (h *house) build(t *testing.T, id string) string {
	t.Helper()
	described, err := h.TemporalClient.DescribeWorkflowExecution(t.Context(), id, "")
	must(t, err)
	return described.GetWorkflowExecutionInfo().GetVersioningInfo().GetDeploymentVersion().GetBuildId()
}
