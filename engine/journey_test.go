package engine

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// canary is put into every kind of payload. No history may show it.
const canary = "Wilhelmina-canary"

type fact struct{ Text string }

type course struct {
	Run   int
	Texts []string
}

// everyPayload is a workflow that uses every kind of payload the SDK makes, over two runs.
func everyPayload(ctx workflow.Context, state course) (string, error) {
	state.Run++
	done := false
	if err := registerHandlers(ctx, &state, &done); err != nil {
		return "", err
	}
	workflow.SetCurrentDetails(ctx, "**details** "+canary)
	signals := workflow.GetSignalChannel(ctx, "receipt")
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var received fact
			signals.Receive(ctx, &received)
			state.Texts = append(state.Texts, received.Text)
		}
	})
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 5 * time.Second, Summary: "say " + canary, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 5 * time.Second, Summary: "locally " + canary})
	if workflow.GetVersion(ctx, "a-change", workflow.DefaultVersion, 1) != 1 {
		return "", errors.New("wrong version")
	}
	var side fact
	if err := workflow.SideEffect(ctx, func(workflow.Context) any { return fact{canary} }).Get(&side); err != nil {
		return "", err
	}
	var said, locally fact
	if err := workflow.ExecuteActivity(ctx, say, fact{canary}).Get(ctx, &said); err != nil {
		return "", err
	}
	if err := workflow.ExecuteLocalActivity(ctx, say, fact{canary}).Get(ctx, &locally); err != nil {
		return "", err
	}
	if err := workflow.ExecuteActivity(ctx, fail, fact{canary}).Get(ctx, nil); !failedWith(err, canary) {
		return "", errors.New("the failure's details did not come through")
	}
	if err := workflow.UpsertMemo(ctx, map[string]any{"shown": canary}); err != nil {
		return "", err
	}
	var child fact
	childCtx := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID + "-child"})
	if err := workflow.ExecuteChildWorkflow(childCtx, echo, fact{canary}).Get(ctx, &child); err != nil {
		return "", err
	}
	if state.Run == 1 {
		state.Texts = append(state.Texts, side.Text, said.Text, locally.Text, child.Text)
		if err := workflow.Await(ctx, func() bool { return done && workflow.AllHandlersFinished(ctx) }); err != nil {
			return "", err
		}
		return "", workflow.NewContinueAsNewError(ctx, everyPayload, state)
	}
	_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{Timeout: time.Hour, TimerOptions: workflow.TimerOptions{Summary: "wait " + canary}},
		func() bool { return done && workflow.AllHandlersFinished(ctx) })
	return canary, err
}

func registerHandlers(ctx workflow.Context, state *course, done *bool) error {
	err := workflow.SetUpdateHandlerWithOptions(ctx, "record", func(_ workflow.Context, given fact) (fact, error) {
		state.Texts = append(state.Texts, given.Text)
		return fact{"recorded " + given.Text}, nil
	}, workflow.UpdateHandlerOptions{
		Description: "record a fact",
		Validator: func(_ workflow.Context, given fact) error {
			if given.Text == "" {
				return temporal.NewApplicationError("empty "+canary, "Empty", canary)
			}
			return nil
		},
	})
	if err != nil {
		return err
	}
	if err := workflow.SetUpdateHandler(ctx, "finish", func(workflow.Context) error { *done = true; return nil }); err != nil {
		return err
	}
	return workflow.SetQueryHandler(ctx, "texts", func(last int) ([]string, error) { return state.Texts, nil })
}

func failedWith(err error, detail string) bool {
	var application *temporal.ApplicationError
	var got fact
	return errors.As(err, &application) && application.Details(&got) == nil && got.Text == detail
}

func say(_ context.Context, given fact) (fact, error) { return given, nil }

func fail(_ context.Context, given fact) error {
	return temporal.NewNonRetryableApplicationError("no: "+given.Text, "Refused", nil, given)
}

func echo(_ workflow.Context, given fact) (fact, error) { return given, nil }

// morning is the workflow of the schedules in tests. It reads its argument and the result of the run before.
func morning(ctx workflow.Context, given fact) (fact, error) {
	if workflow.HasLastCompletionResult(ctx) {
		var last fact
		if err := workflow.GetLastCompletionResult(ctx, &last); err != nil {
			return fact{}, err
		}
		return fact{last.Text + "+" + given.Text}, nil
	}
	return given, nil
}

// reminders fires one timer a day for the given number of days and continues as new after each block of days. Then it
// waits for the update that ends it.
func reminders(ctx workflow.Context, days, block int) (int, error) {
	done := false
	if err := workflow.SetUpdateHandler(ctx, "finish", func(workflow.Context) error { done = true; return nil }); err != nil {
		return 0, err
	}
	if err := workflow.SetUpdateHandler(ctx, "now", func(ctx workflow.Context) (time.Time, error) { return workflow.Now(ctx), nil }); err != nil {
		return 0, err
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: 5 * time.Second})
	for i := range days {
		if block > 0 && i == block {
			return 0, workflow.NewContinueAsNewError(ctx, reminders, days-block, block)
		}
		if err := workflow.Sleep(ctx, 24*time.Hour); err != nil {
			return 0, err
		}
		if err := workflow.ExecuteActivity(ctx, say, fact{"remind"}).Get(ctx, nil); err != nil {
			return 0, err
		}
	}
	_, err := workflow.AwaitWithTimeout(ctx, 365*24*time.Hour, func() bool { return done })
	return days, err
}
