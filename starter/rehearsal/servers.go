package rehearsal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"

	"kapflow/config"
	"kapflow/devstack"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
	"kapflow/worker/wiring"
)

// TestServers are a Temporal server in virtual time and a Postgres, on which any number of practices run side by side.
type TestServers struct {
	*devstack.Stack
	Codec *engine.Codec

	environments atomic.Int64
}

// templateDatabase is migrated once. Every environment's database is a copy of it.
const templateDatabase = "kapflow_template"

// StartTestServers starts both servers. keys encrypt payloads; a zero ring means a fresh key. The error is a
// *wiring.AwayError if a server cannot be started.
func StartTestServers(ctx context.Context, options devstack.Options, keys keyring.Ring) (*TestServers, error) {
	if keys.Current() == "" {
		keys = keyring.New()
	}
	options.TimeSkipping, options.Unsafe, options.In = true, true, devstack.MemoryDir()
	options.Headless = options.CodecEndpoint == ""
	stack, err := devstack.Start(ctx, options)
	if err != nil {
		return nil, &wiring.AwayError{Err: err}
	}
	s := &TestServers{Stack: stack, Codec: engine.NewCodec(keys)}
	url, err := stack.Postgres.NewDatabase(ctx, templateDatabase, "")
	if err == nil {
		err = store.Migrate(ctx, url)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close stops both servers and removes their data.
func (s *TestServers) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		return fmt.Errorf("stop the servers: %w", err)
	}
	return nil
}

// NewDatabase makes a migrated database and returns its URL.
func (s *TestServers) NewDatabase(ctx context.Context, name string) (url string, err error) {
	url, err = s.Postgres.NewDatabase(ctx, name, templateDatabase)
	if err != nil {
		return "", &wiring.AwayError{Err: err}
	}
	return url, nil
}

// Dial opens one more connection to the Temporal server.
func (s *TestServers) Dial(ctx context.Context) (client.Client, error) {
	return engine.Dial(ctx, engine.Options{Address: s.Temporal.Address, Codec: s.Codec})
}

// EnvironmentOptions say what an environment is made of.
type EnvironmentOptions struct {
	Practice practice.Practice
	// Providers sends messages through the real adapters to fake providers. False delivers to the mailbox, or to the
	// providers that Settings name.
	Providers bool
	Settings  config.Settings
	Log       *slog.Logger
}

// Open opens an environment: a practice with a database, a task queue and field keys of its own. No worker runs in it
// until Work or Play.
func (s *TestServers) Open(ctx context.Context, o EnvironmentOptions) (_ *Environment, err error) {
	e := &Environment{Clock: new(Clock)}
	defer func() {
		if err != nil {
			e.Close()
		}
	}()
	if o.Providers {
		if e.fakes, err = startProviders(); err != nil {
			return nil, &wiring.AwayError{Err: err}
		}
		e.closers = append(e.closers, e.fakes.close)
		e.Providers, o.Settings = e.fakes, e.fakes.settings()
	}
	name := fmt.Sprintf("course_%d", s.environments.Add(1))
	if e.DatabaseURL, err = s.NewDatabase(ctx, name); err != nil {
		return nil, err
	}
	app, closeApp, err := wiring.Open(ctx, wiring.Options{
		Practice: o.Practice, TaskQueue: "kapflow-" + name, Settings: o.Settings, Now: e.Clock.Now, Log: o.Log,
		Store:    store.Options{URL: e.DatabaseURL, Keys: keyring.New(), IndexKey: keyring.NewKey(), MaxConns: 8},
		Temporal: engine.Options{Address: s.Temporal.Address, Codec: s.Codec},
	})
	if err != nil {
		return nil, err
	}
	e.App = app
	e.closers = append(e.closers, closeApp)
	if e.fakes != nil {
		e.fakes.reportTo(app)
	}
	return e, app.RegisterSearchAttributes(ctx)
}
