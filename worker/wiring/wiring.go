// Package wiring assembles the packages of Kapflow into one App, for the worker, the command line, the benchmark and
// tests. Open is the only way to one.
package wiring

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/desk"
	"kapflow/documents"
	"kapflow/engine"
	"kapflow/messaging"
	"kapflow/practice"
	"kapflow/store"
	"kapflow/workflows"
)

// App is one practice's Kapflow: its database, its desk and its connection to Temporal.
type App struct {
	Practice       practice.Practice
	Store          *store.Store
	TemporalClient client.Client
	Desk           *desk.Desk
	TaskQueue      string
	Log            *slog.Logger
	Clock          activities.Clock
	Providers      Providers // of messages; the zero value delivers to the mailbox
	// MessagesPerSecond limits calls to each provider, over all workers of the practice together. 0 is 20.
	MessagesPerSecond float64
	AuditEnds         bool   // the end of the audit log leaves the house every day: not in rehearsals
	AuditDir          string // gets it as a file; empty: it is mailed only

	pacing  sync.Once
	pace    *pace
	playing sync.Mutex // a course file
}

// openDesk makes the desk from the other fields. now is the desk's time.
func (a *App) openDesk(now func() time.Time) {
	a.Desk = &desk.Desk{
		Store: a.Store, TemporalClient: a.TemporalClient, TaskQueue: a.TaskQueue, Policy: a.Practice.Policy, Zone: a.Practice.Zone,
		LoadZone: func(name string) (clock.Zone, error) { return practice.LoadZone(name, now()) }, Now: now,
		ReadPolicy: func(ctx context.Context, text []byte) (policy.Policy, []string, error) {
			return a.checkPractice(ctx, text, now())
		},
		PlayCourse: func(ctx context.Context, text []byte) (desk.CourseStory, error) {
			ctx, cancel := context.WithTimeout(ctx, playTime)
			defer cancel()
			return a.playCourse(ctx, text, now())
		},
		SampleCourses: sampleCourses,
		MonthJournal:  documents.MonthJournal,
	}
}

// RegisterSearchAttributes makes Temporal know the journeys' search attributes. Call it before the first workflow starts.
func (a *App) RegisterSearchAttributes(ctx context.Context) error {
	return engine.RegisterSearchAttributes(ctx, a.TemporalClient, "", map[string]enumspb.IndexedValueType{
		workflows.KapStage.GetName():      enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		workflows.KapBlockedBy.GetName():  enumspb.INDEXED_VALUE_TYPE_KEYWORD_LIST,
		workflows.KapMove.GetName():       enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		workflows.KapMoves.GetName():      enumspb.INDEXED_VALUE_TYPE_KEYWORD_LIST,
		workflows.KapNextDue.GetName():    enumspb.INDEXED_VALUE_TYPE_DATETIME,
		workflows.KapAttention.GetName():  enumspb.INDEXED_VALUE_TYPE_BOOL,
		workflows.KapStageSince.GetName(): enumspb.INDEXED_VALUE_TYPE_DATETIME,
	})
}

// Workers are an app's two workers: one for journeys and records, and one for provider calls, which has its own rate.
type Workers []worker.Worker

// messagesPerSecond is what a new account at a provider may send.
const messagesPerSecond = 20

// Workers returns the two workers, not started. options are engine.WorkerOptions.
func (a *App) Workers(options worker.Options) Workers {
	acts := a.Activities()
	journeys := worker.New(a.TemporalClient, a.TaskQueue, options)
	RegisterWorkflows(journeys)
	journeys.RegisterActivity(acts)
	options.TaskQueueActivitiesPerSecond = cmp.Or(a.MessagesPerSecond, messagesPerSecond)
	options.DisableWorkflowWorker = true
	// A worker takes up no more at once than it can send within a second: the decision to send must not wait in a queue.
	options.MaxConcurrentActivityExecutionSize = max(4, int(options.TaskQueueActivitiesPerSecond))
	notify := worker.New(a.TemporalClient, a.TaskQueue+workflows.NotifySuffix, options)
	notify.RegisterActivity(acts)
	return Workers{journeys, notify}
}

// RegisterWorkflows registers every workflow under its wire name.
func RegisterWorkflows(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(workflows.ClientJourney, workflow.RegisterOptions{Name: workflows.ClientJourneyName})
	r.RegisterWorkflowWithOptions(workflows.MorningList, workflow.RegisterOptions{Name: workflows.MorningListName})
	r.RegisterWorkflowWithOptions(workflows.PracticeWatch, workflow.RegisterOptions{Name: workflows.PracticeWatchName})
}

// Activities returns the activities with everything they need.
func (a *App) Activities() *activities.Activities {
	a.pacing.Do(func() { a.pace = newPace(cmp.Or(a.MessagesPerSecond, messagesPerSecond), a.Store) })
	acts := &activities.Activities{
		Records: a.Store, Register: a.Store, List: a.Store, Sender: sender{a.Providers, messaging.NewMailbox(a.Store), a.pace}, Texts: texts{a.Practice.Texts},
		Practice: a.Practice.Policy, Zone: a.Practice.Zone, Clock: a.Clock, Log: a.Log,
	}
	if a.AuditEnds {
		acts.AuditEnd = a.auditEnd
	}
	return acts
}

// Start starts both workers, or neither.
func (w Workers) Start() error {
	for i, one := range w {
		if err := one.Start(); err != nil {
			w[:i].Stop()
			return fmt.Errorf("start worker: %w", err)
		}
	}
	return nil
}

// Stop ends both workers once they have finished what they are doing.
func (w Workers) Stop() {
	for _, one := range w {
		one.Stop()
	}
}

// relayEvery is how often a worker looks for providers' events that no journey has received yet.
const relayEvery = 15 * time.Second

// RelayEvents hands providers' events that arrived while Temporal was away to the journeys, until ctx ends.
func (a *App) RelayEvents(ctx context.Context) {
	tick := time.NewTicker(relayEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := a.Desk.Relay(ctx); err != nil && ctx.Err() == nil {
				a.Log.Warn("cannot hand providers' events to the journeys yet", "error", err)
			}
		}
	}
}

// Schedule makes Temporal start the watch and the morning lists regularly.
func (a *App) Schedule(ctx context.Context) error {
	if err := a.ScheduleWatch(ctx); err != nil {
		return err
	}
	return a.ScheduleMorningList(ctx)
}

// ScheduleWatch makes Temporal start the watch every few minutes. After an outage it runs once, not once for each run missed.
func (a *App) ScheduleWatch(ctx context.Context) error {
	return engine.EnsureSchedule(ctx, a.TemporalClient, engine.ScheduleSpec{
		ID: workflows.PracticeWatchSchedule, Workflow: workflows.PracticeWatchName, TaskQueue: a.TaskQueue, Every: care.WatchEvery,
		CatchUp: care.WatchEvery, RunTimeout: 2 * care.WatchEvery, Summary: "Look for late messages and urgent tasks",
	})
}

// ScheduleMorningList makes Temporal start the morning lists at the hour that the practice set.
func (a *App) ScheduleMorningList(ctx context.Context) error {
	p := a.Practice.Policy
	var days []time.Weekday
	for _, name := range p.MorningList.Weekdays {
		day, ok := policy.Weekday(name)
		if !ok {
			return fmt.Errorf("morning_list.weekdays: %q is not a weekday", name)
		}
		days = append(days, day)
	}
	return engine.EnsureSchedule(ctx, a.TemporalClient, engine.ScheduleSpec{
		ID: workflows.MorningListSchedule, Workflow: workflows.MorningListName, TaskQueue: a.TaskQueue, Hour: p.MorningList.Hour, Minute: p.MorningList.Minute,
		TimeZone: p.Practice.Timezone, Weekdays: days, RunTimeout: 8 * time.Hour, Summary: "The morning lists",
	})
}

// texts lets activities render a message without importing practice.
type texts struct{ practice.Texts }

// Render renders one message. The variables are named as in the text files.
func (t texts) Render(template message.Template, channel person.Channel, tier string, v map[string]string) (subject, text string, err error) {
	return t.Texts.Render(template, channel, tier, practice.VarsNamed(v))
}
