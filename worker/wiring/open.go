package wiring

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kapflow/activities"
	"kapflow/config"
	"kapflow/engine"
	"kapflow/practice"
	"kapflow/store"
	"kapflow/workflows"
)

// Options say which practice to open and on which servers.
type Options struct {
	Practice  practice.Practice
	Store     store.Options  // of a database that has been migrated
	Temporal  engine.Options // Codec is required
	TaskQueue string
	// Settings name the message providers and their rate; its other fields are not read. The zero value delivers to the
	// mailbox.
	Settings config.Settings
	// AuditEnds says that the end of the audit log leaves the house every day.
	AuditEnds bool
	// Now is the time of the desk where journeys run in virtual time; activities then go by their journey's time. Nil is
	// the wall clock for both.
	Now func() time.Time
	// VirtualTime says that journeys have a time of their own, which the desk asks them for: those of a demo. Now implies it.
	VirtualTime bool
	// Log takes the log of the app, its database and its connection to Temporal. Nil discards it.
	Log *slog.Logger
}

// AwayError says that a server is not reached or does not let us in. Trying again later may help.
type AwayError struct{ Err error }

// Error returns the reason.
func (e *AwayError) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *AwayError) Unwrap() error { return e.Err }

// SettingsError says that a setting cannot be used.
type SettingsError struct{ Err error }

// Error returns the reason.
func (e *SettingsError) Error() string { return "the settings cannot be used:\n" + e.Err.Error() }

// Unwrap returns the reason.
func (e *SettingsError) Unwrap() error { return e.Err }

// FromSettings returns the options that a process's environment asks for.
func FromSettings(s config.Settings, prac practice.Practice) Options {
	return Options{
		Practice: prac, TaskQueue: s.TaskQueue, Settings: s, AuditEnds: true,
		Store:    store.Options{URL: s.DatabaseURL.Reveal(), Keys: s.FieldKeys.Ring(), IndexKey: s.IndexKey.Bytes()},
		Temporal: engine.Options{Codec: engine.NewCodec(s.PayloadKeys.Ring())},
	}
}

// LoadPractice reads a practice file, or the sample practice if path is empty.
func LoadPractice(path string) (practice.Practice, error) {
	if path == "" {
		return practice.Sample(time.Now())
	}
	return practice.Load(path, time.Now())
}

// Open connects to Postgres and Temporal and returns the practice's app; no worker runs yet. Call closeAll when done. The
// error is a *SettingsError or an *AwayError.
func Open(ctx context.Context, o Options) (app *App, closeAll func(), err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Store.Log, o.Temporal.Logger = o.Log, o.Log
	providers, err := OpenProviders(o.Settings, o.Practice.Policy.Practice)
	if err != nil {
		return nil, nil, &SettingsError{err}
	}
	records, err := store.Open(ctx, o.Store)
	if errors.Is(err, store.ErrSealed) {
		return nil, nil, &SettingsError{fmt.Errorf("KAPFLOW_FIELD_KEYS has not the key that this database was sealed with; put it back and start again: %w", err)}
	}
	if errors.Is(err, store.ErrIndexKey) {
		return nil, nil, &SettingsError{fmt.Errorf("KAPFLOW_INDEX_KEY cannot be changed; put the one from before back and start again: %w", err)}
	}
	if err != nil {
		return nil, nil, &AwayError{fmt.Errorf("cannot reach Postgres: %w", err)}
	}
	temporalClient, err := engine.Dial(ctx, o.Temporal)
	if err != nil {
		records.Close()
		return nil, nil, &AwayError{err}
	}
	app = &App{Practice: o.Practice, Store: records, TemporalClient: temporalClient, TaskQueue: o.TaskQueue, Log: o.Log,
		Providers: providers, MessagesPerSecond: o.Settings.MessagesPerSecond, AuditEnds: o.AuditEnds, AuditDir: o.Settings.AuditDir}
	if o.Now == nil {
		app.Clock = activities.WallClock
		app.openDesk(func() time.Time { return time.Now().UTC() })
	} else {
		app.Clock = activities.WorkflowClock
		app.openDesk(o.Now)
	}
	app.Desk.DraftsKept = o.Settings.DraftsKept
	app.Desk.Waits = func(ctx context.Context, clientID string) error {
		return engine.Waits(ctx, temporalClient, o.Temporal.Codec, clientID, "SaveChart")
	}
	if o.VirtualTime || o.Now != nil {
		app.Desk.JourneyTime = func(ctx context.Context, clientID string) (time.Time, error) {
			return engine.VirtualNow(ctx, temporalClient, clientID)
		}
	}
	return app, func() {
		temporalClient.Close()
		records.Close()
	}, nil
}

// CheckPayloadKeys fails with a *SettingsError if a key is missing that running journeys are written with. A worker without it could go on
// with none of them, and would restart those of earlier builds under another key.
func (a *App) CheckPayloadKeys(ctx context.Context, codec *engine.Codec) error {
	err := engine.CheckKeys(ctx, a.TemporalClient, codec, workflows.ClientJourneyName, a.TaskQueue)
	if errors.Is(err, engine.ErrUnknownKey) || errors.Is(err, engine.ErrTampered) {
		return &SettingsError{fmt.Errorf("KAPFLOW_PAYLOAD_KEYS has not every key that running journeys are written with; put it back and start again, or see \"If a payload key is lost\" in docs/runbook.md: %w", err)}
	}
	return err
}
