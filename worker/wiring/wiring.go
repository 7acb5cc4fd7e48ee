// Package wiring puts the rooms together for the processes that need more than one of them: the worker, the
// command line and the tests.
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
	"kapflow/engine"
	"kapflow/messaging"
	"kapflow/practice"
	"kapflow/store"
	"kapflow/workflows"
)

// House is a practice at work: its records, its desk and its connection to Temporal.
type House struct {
	Practice       practice.Practice
	Store          *store.Store
	TemporalClient client.Client
	Desk           *desk.Desk
	TaskQueue      string
	Log            *slog.Logger
	Clock          activities.Clock
	Providers      Providers // of messages; the zero value is the mailbox
	// MessagesPerSecond bounds provider calls: the server counts over all workers of a practice, and each process never
	// goes faster. 0: 20.
	MessagesPerSecond float64

	pacing sync.Once
	pace   *pace
}

// Furnish makes the house's desk from its other parts. now is the time the desk goes by.
func (h *House) Furnish(now func() time.Time) *House {
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	h.Desk = &desk.Desk{
		Store: h.Store, TemporalClient: h.TemporalClient, TaskQueue: h.TaskQueue, Policy: h.Practice.Policy, Zone: h.Practice.Zone,
		LoadZone: func(name string) (clock.Zone, error) { return practice.LoadZone(name, now()) }, Now: now,
	}
	return h
}

// SearchAttributes are what must be registered before any workflow starts.
func SearchAttributes() map[string]enumspb.IndexedValueType {
	return map[string]enumspb.IndexedValueType{
		workflows.KapStage.GetName():      enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		workflows.KapBlockedBy.GetName():  enumspb.INDEXED_VALUE_TYPE_KEYWORD_LIST,
		workflows.KapMove.GetName():       enumspb.INDEXED_VALUE_TYPE_KEYWORD,
		workflows.KapNextDue.GetName():    enumspb.INDEXED_VALUE_TYPE_DATETIME,
		workflows.KapAttention.GetName():  enumspb.INDEXED_VALUE_TYPE_BOOL,
		workflows.KapStageSince.GetName(): enumspb.INDEXED_VALUE_TYPE_DATETIME,
	}
}

// Workers are the house's two workers: one for journeys and records, one for provider calls with a rate of
// its own. Stop ends both, finishing what they started.
type Workers []worker.Worker

// messagesPerSecond is what a provider's new account may send.
const messagesPerSecond = 20

// Workers makes the two workers; options are engine.WorkerOptions.
func (h *House) Workers(options worker.Options) Workers {
	acts := h.Activities()
	journeys := worker.New(h.TemporalClient, h.TaskQueue, options)
	RegisterWorkflows(journeys)
	journeys.RegisterActivity(acts)
	options.TaskQueueActivitiesPerSecond = cmp.Or(h.MessagesPerSecond, messagesPerSecond)
	options.DisableWorkflowWorker = true
	// No more than leave within a second are taken up at once: the last word on a letter is not to grow old in a queue.
	options.MaxConcurrentActivityExecutionSize = max(4, int(options.TaskQueueActivitiesPerSecond))
	notify := worker.New(h.TemporalClient, h.TaskQueue+workflows.NotifySuffix, options)
	notify.RegisterActivity(acts)
	return Workers{journeys, notify}
}

// RegisterWorkflows registers every workflow under its wire name.
func RegisterWorkflows(r worker.WorkflowRegistry) {
	r.RegisterWorkflowWithOptions(workflows.ClientJourney, workflow.RegisterOptions{Name: workflows.ClientJourneyName})
	r.RegisterWorkflowWithOptions(workflows.MorningList, workflow.RegisterOptions{Name: workflows.MorningListName})
	r.RegisterWorkflowWithOptions(workflows.PracticeWatch, workflow.RegisterOptions{Name: workflows.PracticeWatchName})
}

// Activities gives the activities with everything they need.
func (h *House) Activities() *activities.Activities {
	h.pacing.Do(func() { h.pace = newPace(cmp.Or(h.MessagesPerSecond, messagesPerSecond)) })
	return &activities.Activities{
		Records: h.Store, Register: h.Store, List: h.Store, Sender: sender{h.Providers, messaging.NewMailbox(h.Store), h.pace}, Texts: texts{h.Practice.Texts},
		Practice: h.Practice.Policy, Zone: h.Practice.Zone, Clock: h.Clock, Log: h.Log,
	}
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

// Stop ends the workers after what they are doing.
func (w Workers) Stop() {
	for _, one := range w {
		one.Stop()
	}
}

// relayEvery is how often a worker looks for providers' words that no journey has heard of yet.
const relayEvery = 15 * time.Second

// RelayEvents brings providers' words that came while Temporal was away to the journeys, until ctx ends.
func (h *House) RelayEvents(ctx context.Context) {
	tick := time.NewTicker(relayEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := h.Desk.Relay(ctx); err != nil && ctx.Err() == nil {
				h.Log.Warn("providers' words wait for the journeys", "error", err)
			}
		}
	}
}

// Schedule makes Temporal start what the practice needs regularly, without anybody asking: its watch and its lists.
func (h *House) Schedule(ctx context.Context) error {
	if err := h.ScheduleWatch(ctx); err != nil {
		return err
	}
	return h.ScheduleMorningList(ctx)
}

// ScheduleWatch makes Temporal start the look around the practice every few minutes. After an outage one look is enough.
func (h *House) ScheduleWatch(ctx context.Context) error {
	return engine.EnsureSchedule(ctx, h.TemporalClient, engine.ScheduleSpec{
		ID: workflows.PracticeWatchSchedule, Workflow: workflows.PracticeWatchName, TaskQueue: h.TaskQueue, Every: care.WatchEvery,
		CatchUp: care.WatchEvery, RunTimeout: 2 * care.WatchEvery, Summary: "Look for late messages and pressing tasks",
	})
}

// ScheduleMorningList makes Temporal start the morning list at the practice's hour.
func (h *House) ScheduleMorningList(ctx context.Context) error {
	p := h.Practice.Policy
	var days []time.Weekday
	for _, name := range p.MorningList.Weekdays {
		day, ok := policy.Weekday(name)
		if !ok {
			return fmt.Errorf("morning_list.weekdays: %q is not a weekday", name)
		}
		days = append(days, day)
	}
	return engine.EnsureSchedule(ctx, h.TemporalClient, engine.ScheduleSpec{
		ID: workflows.MorningListSchedule, Workflow: workflows.MorningListName, TaskQueue: h.TaskQueue, Hour: p.MorningList.Hour, Minute: p.MorningList.Minute,
		TimeZone: p.Practice.Timezone, Weekdays: days, RunTimeout: 8 * time.Hour, Summary: "The morning lists",
	})
}

// texts lets activities render by name without knowing practice.
type texts struct{ practice.Texts }

// Render renders one message; the variables are named as in the text files.
func (t texts) Render(template message.Template, channel person.Channel, tier string, v map[string]string) (subject, text string, err error) {
	return t.Texts.Render(template, channel, tier, practice.Vars{Practice: v["Practice"], Phone: v["Phone"], When: v["When"], Place: v["Place"], Link: v["Link"], Name: v["Name"], Code: v["Code"],
		Crisis: v["Crisis"], Ref: v["Ref"]})
}
