package main

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"

	"kapflow/bench/stage"
	"kapflow/care"
	"kapflow/engine"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
	"kapflow/workflows"
)

// recording is a course as it was played: what the journey was given, and what it did.
type recording struct {
	course   *coursefile.Course
	enrolled *care.Chart
	facts    []recordedFact
	script   script
}

// recordedFact is one update as the desk sent it.
type recordedFact struct {
	at     time.Time
	name   string
	report care.Report
}

// recordingOf reads a played course's history.
func recordingOf(s *rehearsal.TestServers, p played) (*recording, error) {
	rec := &recording{course: p.course}
	converter := engine.DataConverter(s.Codec)
	for _, e := range p.history {
		if started := e.GetWorkflowExecutionStartedEventAttributes(); started != nil {
			var in workflows.JourneyInput
			if err := converter.FromPayloads(started.GetInput(), &in); err != nil {
				return nil, fmt.Errorf("read the journey's input: %w", err)
			}
			rec.enrolled = in.Chart
		}
		if accepted := e.GetWorkflowExecutionUpdateAcceptedEventAttributes(); accepted != nil {
			input := accepted.GetAcceptedRequest().GetInput()
			fact := recordedFact{at: e.GetEventTime().AsTime().Add(-stage.Settling), name: input.GetName()}
			if err := converter.FromPayloads(input.GetArgs(), &fact.report); err != nil {
				return nil, fmt.Errorf("read %s: %w", fact.name, err)
			}
			rec.facts = append(rec.facts, fact)
		}
	}
	var err error
	rec.script, err = scriptOf(p.history)
	return rec, err
}

// subject is a workflow to be measured: how it is started, and how it is told the nth fact.
type subject struct {
	name  string
	input []any
	fact  func(n int) (name string, arg any)
}

// drive starts a workflow and brings it through the recorded facts at their times.
func (rec *recording) drive(ctx context.Context, c client.Client, id string, s subject) error {
	if _, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: id, TaskQueue: id}, s.name, s.input...); err != nil {
		return err
	}
	for n := range rec.facts {
		if err := engine.FastForward(ctx, c, id, rec.facts[n].at); err != nil {
			return err
		}
		name, arg := s.fact(n)
		if err := update(ctx, c, id, name, arg); err != nil {
			return fmt.Errorf("%s: %w", rec.facts[n].name, err)
		}
	}
	return engine.FastForward(ctx, c, id, rec.course.Until)
}

// scriptOf derives a bare course from a journey's history: per workflow task, what woke the journey and the
// commands it answered with.
func scriptOf(events []*historypb.HistoryEvent) (script, error) {
	sc := script{timers: map[int]reaction{}}
	order := map[int64]int{} // a timer's started event → its place
	for i, s := range steps(events) {
		r := reaction{upsert: s.has(enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES), save: s.has(enumspb.EVENT_TYPE_MARKER_RECORDED),
			cancel: s.has(enumspb.EVENT_TYPE_TIMER_CANCELED), sending: len(s.commands(enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED))}
		for _, e := range s.commands(enumspb.EVENT_TYPE_TIMER_STARTED) {
			order[e.GetEventId()] = len(order)
			r.timers = append(r.timers, e.GetEventTime().AsTime().Add(e.GetTimerStartedEventAttributes().GetStartToFireTimeout().AsDuration()))
		}
		switch {
		case i == 0:
			sc.start = r
		case len(s.facts) == 1:
			sc.facts = append(sc.facts, r)
		case len(s.facts) > 1:
			return sc, fmt.Errorf("%v were taken in by one workflow task; no script can be made of that", s.facts)
		case s.fired != 0:
			sc.timers[order[s.fired]] = r
		case len(s.outcome) > 0:
			return sc, fmt.Errorf("the journey issued %d commands after an activity; the script knows no reaction to that", len(s.outcome))
		}
	}
	return sc, nil
}
