package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// defaultCatchUp is how late a scheduled run may still start after an outage. Temporal's own default of a year would
// send a year of morning lists.
const defaultCatchUp = 4 * time.Hour

// ScheduleSpec says what runs when, in the practice's time zone.
type ScheduleSpec struct {
	// ID names the schedule. The ID of a run is this ID and the time at which the run was due.
	ID string
	// Workflow is a workflow function or a registered name; Args are its arguments.
	Workflow  any
	Args      []any
	TaskQueue string
	// Every is the time between runs. If it is set, the fields up to Weekdays are not used.
	Every time.Duration
	// Hour and Minute are the time of day in TimeZone, an IANA name. A time that a clock change skips has no run, so
	// do not choose one from 1 to 3 a.m.
	Hour, Minute int
	TimeZone     string
	// Weekdays are the days of runs; none means every day.
	Weekdays []time.Weekday
	// CatchUp is how late a run may still start; 0 means four hours.
	CatchUp time.Duration
	// RunTimeout ends a run that hangs, so that the next one can start; 0 means no limit.
	RunTimeout time.Duration
	// Summary is the title of each run. It is stored encrypted.
	Summary string
}

// EnsureSchedule creates the schedule, or changes it to match the spec. Call it at every start, so that the spec in the
// code is the one that runs. It does not change whether a person has paused the schedule.
//
// A run that would start while the last one is still running is skipped, because two at once would do the same work
// twice.
func EnsureSchedule(ctx context.Context, temporalClient client.Client, spec ScheduleSpec) error {
	if err := spec.check(); err != nil {
		return err
	}
	options := client.ScheduleOptions{ID: spec.ID, Spec: spec.times(), Action: spec.action(), Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: spec.catchUp()}
	_, err := temporalClient.ScheduleClient().Create(ctx, options)
	switch {
	case err == nil:
		return nil
	case !errors.Is(err, temporal.ErrScheduleAlreadyRunning):
		return fmt.Errorf("cannot create the schedule %s: %w", spec.ID, err)
	}
	err = temporalClient.ScheduleClient().GetHandle(ctx, spec.ID).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(input client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			schedule := input.Description.Schedule
			times := spec.times()
			schedule.Spec, schedule.Action = &times, spec.action()
			schedule.Policy = &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: spec.catchUp()}
			return &client.ScheduleUpdate{Schedule: &schedule}, nil
		},
	})
	if errors.Is(err, ErrUnknownKey) || errors.Is(err, ErrTampered) {
		err = replaceSchedule(ctx, temporalClient, options)
	}
	if err != nil {
		return fmt.Errorf("cannot update the schedule %s: %w", spec.ID, err)
	}
	return nil
}

// replaceSchedule writes a schedule again that was written under a payload key that is lost. A pause is in the clear and is kept.
func replaceSchedule(ctx context.Context, temporalClient client.Client, options client.ScheduleOptions) error {
	before, err := temporalClient.WorkflowService().DescribeSchedule(ctx, &workflowservice.DescribeScheduleRequest{ScheduleId: options.ID})
	if err != nil {
		return err
	}
	options.Paused, options.Note = before.GetSchedule().GetState().GetPaused(), before.GetSchedule().GetState().GetNotes()
	if err := temporalClient.ScheduleClient().GetHandle(ctx, options.ID).Delete(ctx); err != nil {
		return err
	}
	_, err = temporalClient.ScheduleClient().Create(ctx, options)
	return err
}

func (s ScheduleSpec) check() error {
	var faults []error
	if s.ID == "" || s.Workflow == nil || s.TaskQueue == "" {
		faults = append(faults, errors.New("a schedule needs an ID, a workflow and a task queue"))
	}
	if s.Every != 0 {
		if s.Every < time.Minute {
			faults = append(faults, fmt.Errorf("schedule %s: every %s is too often; the minimum is a minute", s.ID, s.Every))
		}
		return errors.Join(faults...)
	}
	if s.Hour < 0 || s.Hour > 23 || s.Minute < 0 || s.Minute > 59 {
		faults = append(faults, fmt.Errorf("schedule %s: %d:%02d is not a time of day", s.ID, s.Hour, s.Minute))
	}
	if s.TimeZone == "" {
		faults = append(faults, fmt.Errorf("schedule %s: the time zone is missing; use one such as America/Denver", s.ID))
	} else if _, err := time.LoadLocation(s.TimeZone); err != nil {
		faults = append(faults, fmt.Errorf("schedule %s: %q is not a time zone; use one such as America/Denver", s.ID, s.TimeZone))
	}
	return errors.Join(faults...)
}

func (s ScheduleSpec) times() client.ScheduleSpec {
	if s.Every != 0 {
		return client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: s.Every}}}
	}
	calendar := client.ScheduleCalendarSpec{
		Hour: []client.ScheduleRange{{Start: s.Hour}}, Minute: []client.ScheduleRange{{Start: s.Minute}},
	}
	for _, day := range s.Weekdays {
		calendar.DayOfWeek = append(calendar.DayOfWeek, client.ScheduleRange{Start: int(day)})
	}
	return client.ScheduleSpec{Calendars: []client.ScheduleCalendarSpec{calendar}, TimeZoneName: s.TimeZone}
}

func (s ScheduleSpec) action() *client.ScheduleWorkflowAction {
	return &client.ScheduleWorkflowAction{
		ID: s.ID, Workflow: s.Workflow, Args: s.Args, TaskQueue: s.TaskQueue,
		WorkflowRunTimeout: s.RunTimeout, StaticSummary: s.Summary,
	}
}

func (s ScheduleSpec) catchUp() time.Duration {
	if s.CatchUp == 0 {
		return defaultCatchUp
	}
	return s.CatchUp
}
