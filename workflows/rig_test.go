package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/practice"
	"kapflow/workflows"
)

// These tests run the journey in the SDK's test environment, for what a recorded history cannot show: what it
// does when the outside world fails. Everything else is shown on a real server (e2e) and by replays.

// monday is the first day of every course here: 1 March 2027, 09:00 in Denver.
var monday = time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC)

// anything stands for any argument of a mocked activity; it is the word of the library that the environment
// mocks with.
const anything = "mock.Anything"

// rig is a journey under test with a world that keeps what it is told.
type rig struct {
	t       *testing.T
	env     *testsuite.TestWorkflowEnvironment
	chart   *care.Chart
	mu      sync.Mutex // activities run beside each other
	saves   []care.Save
	sends   []activities.SendInput
	upserts int
	reports int
	// send answers a Send; nil says that everything was sent.
	send func(activities.SendInput) (activities.SendResult, error)
}

// world is the activities as the journey calls them.
type world struct{ rig *rig }

// SaveChart keeps the save.
func (w *world) SaveChart(_ context.Context, s care.Save) error {
	w.rig.mu.Lock()
	defer w.rig.mu.Unlock()
	w.rig.saves = append(w.rig.saves, s)
	return nil
}

// Send keeps what is to be sent, and answers as the test says.
func (w *world) Send(_ context.Context, in activities.SendInput) (activities.SendResult, error) {
	w.rig.mu.Lock()
	w.rig.sends = append(w.rig.sends, in)
	w.rig.mu.Unlock()
	if w.rig.send != nil {
		return w.rig.send(in)
	}
	return all(in, message.ResultSent), nil
}

// counting counts upserts of search attributes: each is an event.
type counting struct {
	interceptor.WorkerInterceptorBase
	rig *rig
}

// InterceptWorkflow puts the counter between the journey and the engine.
func (c *counting) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	return &inbound{WorkflowInboundInterceptorBase: interceptor.WorkflowInboundInterceptorBase{Next: next}, rig: c.rig}
}

type inbound struct {
	interceptor.WorkflowInboundInterceptorBase
	rig *rig
}

// Init hands the outbound counter on.
func (i *inbound) Init(next interceptor.WorkflowOutboundInterceptor) error {
	return i.Next.Init(&outbound{WorkflowOutboundInterceptorBase: interceptor.WorkflowOutboundInterceptorBase{Next: next}, rig: i.rig})
}

type outbound struct {
	interceptor.WorkflowOutboundInterceptorBase
	rig *rig
}

// UpsertTypedSearchAttributes counts.
func (o *outbound) UpsertTypedSearchAttributes(ctx workflow.Context, attributes ...temporal.SearchAttributeUpdate) error {
	o.rig.upserts++
	return o.Next.UpsertTypedSearchAttributes(ctx, attributes...)
}

func all(in activities.SendInput, result message.Result) activities.SendResult {
	var out activities.SendResult
	for _, d := range in.Due {
		out.Results = append(out.Results, message.NotificationResult{Key: d.Notification.Key, Result: result})
	}
	return out
}

func newRig(t *testing.T) *rig {
	t.Helper()
	prac, err := practice.Sample(monday)
	if err != nil {
		t.Fatal(err)
	}
	chart, _, err := care.Enroll(care.Enrollment{ClientID: "client-sample", Policy: prac.Policy, Zone: prac.Zone, ClientZone: prac.Zone, At: monday,
		Report: report(person.Coordinator, "desk", map[string]any{"presenting": []string{"depression"}, "channels": []string{"sms", "email"}})})
	if err != nil {
		t.Fatal(err)
	}
	chart.DiffAndPublish(monday)
	var suite testsuite.WorkflowTestSuite
	r := &rig{t: t, env: suite.NewTestWorkflowEnvironment(), chart: chart}
	r.env.SetStartTime(monday)
	r.env.SetTestTimeout(time.Minute)
	r.env.RegisterWorkflowWithOptions(workflows.ClientJourney, workflow.RegisterOptions{Name: workflows.ClientJourneyName})
	r.env.RegisterActivity(&world{r})
	r.env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{&counting{rig: r}}})
	return r
}

func report(role person.Role, id string, with map[string]any) care.Report {
	body, err := json.Marshal(with)
	if err != nil {
		panic(err)
	}
	return care.Report{By: person.Actor{ID: id, Role: role}, With: body}
}

// at plans a fact for a time; it must be taken in.
func (r *rig) at(when time.Time, role person.Role, fact string, with map[string]any) {
	r.t.Helper()
	r.then(when, func() {
		sent := report(role, string(role), with)
		r.reports++
		sent.ID, sent.To = fmt.Sprintf("report-%d", r.reports), care.Address{Fact: fact, Client: r.chart.ClientID, SentAt: when}
		r.env.UpdateWorkflow(fact, sent.ID, &testsuite.TestUpdateCallback{
			OnAccept:   func() {},
			OnReject:   func(err error) { r.t.Errorf("%s was refused: %v", fact, err) },
			OnComplete: func(_ any, err error) { noError(r.t, fact, err) },
		}, sent)
	})
}

func (r *rig) then(when time.Time, do func()) { r.env.RegisterDelayedCallback(do, when.Sub(monday)) }

func noError(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

// readyToMeet plans everything that comes before the first visit.
func (r *rig) readyToMeet() {
	r.at(monday.Add(time.Minute), person.Coordinator, "messaging-consent-recorded", map[string]any{"channel": "sms", "granted": true, "detail": "appointment-time"})
	r.at(monday.Add(2*time.Minute), person.Psychotherapist, "screening-recorded", map[string]any{"criteria_met": true, "prefers_kap": true})
	r.at(monday.Add(3*time.Minute), person.Psychotherapist, "coverage-reviewed", map[string]any{"result": "does-not-pay"})
	r.at(monday.Add(4*time.Minute), person.Psychotherapist, "insurer-contact-waived", map[string]any{"reason": "r1"})
	r.at(monday.Add(5*time.Minute), person.Psychotherapist, "fees-discussed", map[string]any{"summary": "r2"})
}

// run plays the journey until the record of a client who left on the last day rests.
func (r *rig) run(last time.Time) {
	r.t.Helper()
	r.at(last, person.Coordinator, "withdrawn", map[string]any{"reason": "r3", "refuse_follow_up": true})
	r.env.ExecuteWorkflow(workflows.ClientJourneyName, workflows.JourneyInput{Chart: r.chart})
	if !r.env.IsWorkflowCompleted() {
		r.t.Fatal("the journey did not end")
	}
	noError(r.t, "journey", r.env.GetWorkflowError())
}

// tasks gives what the journal says about one task.
func (r *rig) tasks(task string) (states []string) {
	for _, s := range r.saves {
		for _, c := range s.Changes {
			if c.Type == "task" && c.Subject == task {
				states = append(states, c.State)
			}
		}
	}
	return states
}

// sent gives the words of every notification that a Send was asked for.
func (r *rig) sent() (words []string) {
	for _, in := range r.sends {
		for _, d := range in.Due {
			words = append(words, d.Notification.Words)
		}
	}
	return words
}

// chartAfter is the chart as it was saved with the last fact of a kind.
func (r *rig) chartAfter(fact string) *care.Chart {
	r.t.Helper()
	for i := len(r.saves) - 1; i >= 0; i-- {
		if s := r.saves[i]; s.Entry != nil && s.Entry.Fact == fact {
			return s.Chart
		}
	}
	r.t.Fatalf("%s was not saved", fact)
	return nil
}
