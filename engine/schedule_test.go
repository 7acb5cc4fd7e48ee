package engine

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"
)

// A schedule that was written under a payload key that is lost is written again, and stays paused if a person paused it.
func TestScheduleOfALostKeyIsWrittenAgain(t *testing.T) {
	t.Parallel()
	before, _, queue := connect(t)
	after, _, _ := connect(t)
	for _, paused := range []bool{false, true} {
		spec := ScheduleSpec{ID: "lost-" + uuid.NewString(), Workflow: morning, Args: []any{fact{"list"}}, TaskQueue: queue, Summary: "The morning list", Hour: 7, TimeZone: "America/Denver"}
		must(t, EnsureSchedule(t.Context(), before, spec))
		if paused {
			must(t, before.ScheduleClient().GetHandle(t.Context(), spec.ID).Pause(t.Context(), client.SchedulePauseOptions{Note: "for the holidays"}))
		}
		for range 2 {
			must(t, EnsureSchedule(t.Context(), after, spec))
		}
		handle := after.ScheduleClient().GetHandle(t.Context(), spec.ID)
		t.Cleanup(func() { _ = handle.Delete(context.WithoutCancel(t.Context())) })
		described, err := handle.Describe(t.Context())
		must(t, err)
		if state := described.Schedule.State; state.Paused != paused || paused && state.Note != "for the holidays" {
			t.Errorf("the schedule is paused: %v, with %q; want %v", state.Paused, state.Note, paused)
		}
	}
}
