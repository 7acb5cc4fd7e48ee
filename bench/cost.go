package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
)

// The floor that a course is measured against (docs/adr, cost of a course): the events of one fact and of one due moment
// if nothing else is written.
const (
	eventsPerFact   = 5  // an update: task scheduled, started, completed; accepted, completed
	eventsPerMoment = 11 // a timer fired (5) and one activity (6)
	eventsOfSending = 6  // one activity without a timer, started by a fact
)

// Cost is what one journey used of Temporal over all its runs. Events that only exist in virtual time are not counted.
type Cost struct {
	Events     int `json:"events"`
	Bytes      int `json:"bytes"`
	Activities int `json:"activities"`
	Timers     int `json:"timers"`
}

// Tally is a cost and what it consists of.
type Tally struct {
	Cost
	Facts   int // recorded, including the enrollment
	Sending int // moments at which messages were due: distinct Send activities
	AtOnce  int // of these, started by a fact without a timer
	Quiet   int // timers fired that only changed the journal

	Fired   int // timers
	Rearmed int // timers that were cancelled for another
	Upserts int
	Saves   int // local activities
	Runs    int
}

// Floor is the lowest possible number of events for the facts and due moments, as the aim counts it.
func (t Tally) Floor() int { return eventsPerFact*t.Facts + eventsPerMoment*t.Sending }

// HarderFloor is Floor, but counts no timer for messages that a fact starts by itself.
func (t Tally) HarderFloor() int {
	return eventsPerFact*t.Facts + eventsPerMoment*(t.Sending-t.AtOnce) + eventsOfSending*t.AtOnce
}

// history reads all runs of a workflow, the oldest first.
func history(ctx context.Context, c client.Client, workflowID string) ([]*historypb.HistoryEvent, error) {
	var all []*historypb.HistoryEvent
	run := ""
	for {
		var events []*historypb.HistoryEvent
		it := c.GetWorkflowHistory(ctx, workflowID, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for it.HasNext() {
			event, err := it.Next()
			if err != nil {
				return nil, fmt.Errorf("read history: %w", err)
			}
			events = append(events, event)
		}
		all = slices.Concat(events, all)
		if len(events) == 0 {
			return nil, fmt.Errorf("read history: %s has none", workflowID)
		}
		if run = events[0].GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId(); run == "" {
			return all, nil
		}
	}
}

// virtual reports whether an event only exists in virtual time.
func virtual(e *historypb.HistoryEvent) bool {
	return e.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED ||
		e.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED
}

// tally counts a history.
func tally(events []*historypb.HistoryEvent) Tally {
	var t Tally
	kinds := map[enumspb.EventType]int{}
	for _, e := range events {
		if virtual(e) {
			continue
		}
		t.Events++
		t.Bytes += e.Size()
		kinds[e.GetEventType()]++
	}
	t.Runs = kinds[enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED]
	t.Activities, t.Timers = kinds[enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED], kinds[enumspb.EVENT_TYPE_TIMER_STARTED]
	t.Facts = 1 + kinds[enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED]
	t.Fired, t.Rearmed = kinds[enumspb.EVENT_TYPE_TIMER_FIRED], kinds[enumspb.EVENT_TYPE_TIMER_CANCELED]
	t.Upserts = kinds[enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES]
	t.Saves = kinds[enumspb.EVENT_TYPE_MARKER_RECORDED]
	for _, s := range steps(events) {
		sends := len(s.commands(enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED))
		t.Sending += sends
		switch {
		case len(s.facts) > 0:
			t.AtOnce += sends
		case s.fired != 0 && sends == 0:
			t.Quiet++
		}
	}
	return t
}

// step is one workflow task: what woke the workflow, and what it did then.
type step struct {
	at      time.Time
	facts   []string // update names, in order
	fired   int64    // the started event of the timer that fired
	outcome []*historypb.HistoryEvent
}

func (s step) commands(kind enumspb.EventType) []*historypb.HistoryEvent {
	return slices.DeleteFunc(slices.Clone(s.outcome), func(e *historypb.HistoryEvent) bool { return e.GetEventType() != kind })
}

func (s step) has(kind enumspb.EventType) bool { return len(s.commands(kind)) > 0 }

// steps cuts a history into its workflow tasks.
func steps(events []*historypb.HistoryEvent) []step {
	var all []step
	var next step
	for _, e := range events {
		switch e.GetEventType() {
		case enumspb.EVENT_TYPE_TIMER_FIRED:
			next.fired = e.GetTimerFiredEventAttributes().GetStartedEventId()
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			next.at = e.GetEventTime().AsTime()
			all = append(all, next)
			next = step{}
		default:
			if len(all) == 0 || virtual(e) || !isCommand(e) {
				continue
			}
			s := &all[len(all)-1]
			s.outcome = append(s.outcome, e)
			if e.GetEventType() == enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED {
				s.facts = append(s.facts, e.GetWorkflowExecutionUpdateAcceptedEventAttributes().GetAcceptedRequest().GetInput().GetName())
			}
		}
	}
	return all
}

// isCommand reports whether an event was made by the workflow, rather than happening to it.
func isCommand(e *historypb.HistoryEvent) bool {
	switch e.GetEventType() {
	case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED,
		enumspb.EVENT_TYPE_MARKER_RECORDED, enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES, enumspb.EVENT_TYPE_TIMER_STARTED,
		enumspb.EVENT_TYPE_TIMER_CANCELED, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
		enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
		return true
	}
	return false
}
