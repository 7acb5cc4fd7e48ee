package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"kapflow/care"
	"kapflow/desk"
	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/workflows"
)

var coordinator = care.Actor{ID: "coordinator", Role: care.Coordinator}

// enroll enrols a sample client, for tests that need no course.
func (h *house) enroll(t *testing.T, reference string) string {
	t.Helper()
	answer, err := h.Desk.Enroll(t.Context(), coordinator, desk.Enrollment{Reference: reference, PreferredName: "Sample", Phone: "+13035550142",
		Email: "sample@example.org", Timezone: "America/Denver", Presenting: []string{"depression"}, Consent: map[care.Channel]string{care.SMS: care.DetailMinimal}})
	must(t, err)
	return answer.ClientID
}

func (h *house) record(t *testing.T, id, fact, report string, by care.Actor, with string) (desk.Answer, error) {
	t.Helper()
	return h.Desk.Record(t.Context(), desk.Command{ClientID: id, Fact: fact, By: by, ID: report, With: json.RawMessage(with)})
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
					if _, err := h.record(t, id, "goals-recorded", fmt.Sprintf("goals-%d", n), care.Actor{ID: "psy-sample", Role: care.Psychotherapist},
						`{"intention": "one more"}`); err != nil {
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
	await(t, "the chart with every fact", 20*time.Second, func() bool {
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
			_, err := h.Desk.Enroll(t.Context(), coordinator, desk.Enrollment{PreferredName: "Sample", Phone: "+13035550142", Presenting: []string{"anxiety"}})
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

// What identifies a client, what they said and what they suffer from is nowhere in the clear: not in Temporal's
// database, ids, search attributes or memo, not in a log, not in Postgres's files. The mailbox can still read it.
func TestCanariesAreNowhereInTheClear(t *testing.T) {
	t.Parallel()
	tn := ownTown(t, devstack.Options{})
	h := tn.newHouse(t)
	h.work(t)
	canaries := []string{"Wilhelmina Canary", "+13035550177", "canary-bird@example.org", "a secret that only canaries know", "substance-dependence"}
	course := readCourse(t, h, standard, func(b []byte) []byte {
		text := strings.ReplaceAll(string(b), `"+13035550142"`, `"`+canaries[1]+`"`)
		text = strings.ReplaceAll(text, "ana@example.org", canaries[2])
		text = strings.ReplaceAll(text, "presenting: [depression]", "presenting: [substance-dependence]\n    preferred_name: "+canaries[0])
		text = strings.ReplaceAll(text, "  # Acceptance, coverage", "  - {at: d1 09:01, by: physician, record: flag-decided, with: {flag: substance-dependence, decision: proceed, reason: "+canaries[3]+"}}\n  # Acceptance, coverage")
		return bytes.ReplaceAll([]byte(text), []byte("to meet what I avoid"), []byte(canaries[3]))
	})
	h.play(t, course, nil)
	rows, err := h.Store.Board(t.Context())
	must(t, err)
	if messages, err := h.Store.Messages(t.Context(), rows[0].ClientID); err != nil || len(messages) == 0 {
		t.Fatalf("no message was sent: %v", err)
	}
	if contact, err := h.Store.Contact(t.Context(), rows[0].ClientID); err != nil || contact.PreferredName != canaries[0] || contact.Phone != canaries[1] {
		t.Fatalf("the canaries were not written at all: %+v, %v", contact, err)
	}
	h.query(t, `SELECT pg_switch_wal()::text`)
	h.query(t, `SELECT count(*)::text FROM pg_stat_activity`)
	places := map[string][]byte{"logs": h.log.Bytes()}
	for name, root := range map[string]string{"Temporal": filepath.Dir(tn.temporalFile), "Postgres": tn.Postgres.DataDir} {
		places[name] = everything(t, root)
	}
	listed, err := h.TemporalClient.ListWorkflow(t.Context(), &workflowservice.ListWorkflowExecutionsRequest{})
	must(t, err)
	for _, e := range listed.GetExecutions() {
		places["visibility"] = append(places["visibility"], []byte(e.String())...)
	}
	for name, must := range map[string]string{"Temporal": rows[0].ClientID, "Postgres": rows[0].ClientID, "visibility": rows[0].ClientID, "logs": workflows.ClientJourneyName} {
		if !bytes.Contains(places[name], []byte(must)) {
			t.Errorf("%s does not even hold %q: the search looks in the wrong place", name, must)
		}
	}
	for name, body := range places {
		for _, canary := range canaries {
			if bytes.Contains(body, []byte(canary)) {
				t.Errorf("%q is in the clear in %s", canary, name)
			}
		}
	}
}

// everything reads all files below a directory into one.
func everything(t *testing.T, root string) []byte {
	t.Helper()
	var all []byte
	must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !d.Type().IsRegular() {
			return nil //nolint:nilerr // a file that went away while walking holds nothing
		}
		body, err := os.ReadFile(path)
		if err == nil {
			all = append(all, body...)
		}
		return nil
	}))
	return all
}

// A cancellation asked of Temporal leaves nothing half done: the journey goes on, the coordinator has a task, and facts
// are recorded as before.
func TestCancellationIsPutBeforeTheCoordinator(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	h.work(t)
	id := h.enroll(t, "cancelled")
	must(t, h.TemporalClient.CancelWorkflow(t.Context(), id, ""))
	await(t, "the coordinator's task", 20*time.Second, func() bool {
		chart, err := h.Store.Chart(t.Context(), id)
		if err != nil {
			return false
		}
		for _, task := range chart.Tasks(time.Now()) {
			if task.Task == "cancellation-requested" && task.Role == care.Coordinator {
				return true
			}
		}
		return false
	})
	if _, err := h.record(t, id, "paused", "", coordinator, `{"reason": "asked"}`); err != nil {
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
	report := care.Report{ID: "forged", By: care.Actor{ID: "dr-sample", Role: care.Physician}, With: json.RawMessage(`{"reason":"x"}`)}
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
	if _, err := h.record(t, id, "labs-reviewed", "", care.Actor{ID: "nurse", Role: care.Nurse}, `{"outcome":"cleared"}`); !errors.As(err, &refusal) || refusal.Code != care.CodeNotYourRole {
		t.Errorf("a nurse's review gives %v", err)
	}
	if after := events(); after != before {
		t.Errorf("the refusal left %d events", after-before)
	}
}

// The morning list is mailed by a schedule, once, and says nothing clinical.
func TestMorningListIsMailedByItsSchedule(t *testing.T) {
	t.Parallel()
	tn := ownTown(t, devstack.Options{})
	h := tn.newHouse(t)
	h.work(t)
	h.enroll(t, "listed")
	must(t, h.ScheduleMorningList(t.Context()))
	must(t, h.TemporalClient.ScheduleClient().GetHandle(t.Context(), workflows.MorningListSchedule).Trigger(t.Context(), client.ScheduleTriggerOptions{}))
	var mails []string
	await(t, "the coordinator's mail", 30*time.Second, func() bool {
		mails = nil
		must(t, h.Store.EachMail(t.Context(), func(key, _, _, _, text string, _ time.Time) error {
			if strings.HasPrefix(key, "morning-list/") {
				mails = append(mails, text)
			}
			return nil
		}))
		return len(mails) > 0
	})
	if len(mails) != 1 || care.BannedWord(mails[0]) != "" || !strings.Contains(mails[0], "client-") {
		t.Errorf("mails %q, banned word %q", mails, care.BannedWord(strings.Join(mails, " ")))
	}
}

// A running journey moves to a new build with its state once that build is current.
func TestRunningJourneyMovesToTheNewBuild(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t, func(w *wires) { w.Build = "one" })
	stop := h.work(t)
	deployment := deployment + h.wires.Queue
	must(t, engine.MakeCurrent(t.Context(), h.TemporalClient, deployment, "one"))
	id := h.enroll(t, "upgraded")
	if _, err := h.record(t, id, "paused", "", coordinator, `{"reason": "before"}`); err != nil {
		t.Fatal(err)
	}
	h.wires.Build = "two"
	h.work(t)
	must(t, engine.MakeCurrent(t.Context(), h.TemporalClient, deployment, "two"))
	await(t, "the journey on the new build", 60*time.Second, func() bool {
		must(t, h.TemporalClient.SignalWorkflow(t.Context(), id, "", workflows.WakeSignal, nil))
		return h.runs(t, id) == 2
	})
	stop()
	if _, err := h.record(t, id, "resumed", "", coordinator, `{}`); err != nil {
		t.Errorf("on the new build: %v", err)
	}
}
