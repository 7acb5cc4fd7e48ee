package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"kapflow/care/person"
	"kapflow/config"
	"kapflow/desk"
	"kapflow/engine"
	"kapflow/store"
	"kapflow/worker/wiring"
)

// deployment names the worker deployment in Temporal.
const deployment = "kapflow"

// work runs journeys until ctx ends. Then it takes no new work, finishes what it started, and answers open requests.
func work(ctx context.Context, settings config.Settings, log *slog.Logger) error {
	prac, err := wiring.LoadPractice(settings.Practice)
	if err != nil {
		return fmt.Errorf("the practice file is not in order:\n%w", err)
	}
	if prac.Policy.Confirmation.By == "" {
		log.Warn("no physician has confirmed the safety settings of the practice file: they are placeholders")
	}
	if err := store.Migrate(ctx, settings.DatabaseURL.Reveal()); err != nil {
		return err
	}
	metrics, scrape, stopMetrics, err := engine.NewMetrics()
	if err != nil {
		return err
	}
	defer func() { _ = stopMetrics(context.WithoutCancel(ctx)) }()
	options := wiring.FromSettings(settings, prac)
	options.Log, options.Store.MaxConns, options.Temporal.Metrics = log, 16, metrics
	app, closeApp, err := wiring.Open(ctx, options)
	if err != nil {
		return err
	}
	defer closeApp()
	if err := app.CheckClinicians(ctx, time.Now()); err != nil {
		return fmt.Errorf("the practice file does not fit the clients:\n%w", err)
	}
	if err := app.RegisterSearchAttributes(ctx); err != nil {
		return err
	}
	if err := app.CheckPayloadKeys(ctx, options.Temporal.Codec); err != nil {
		return err
	}
	web := &website{app: app, settings: settings, codec: options.Temporal.Codec, scrape: scrape}
	stopServing, err := web.serve()
	if err != nil {
		return err
	}
	defer stopServing()
	build, err := thisBuild(settings)
	if err != nil {
		return err
	}
	if err := app.Announce(ctx, build); err != nil {
		return err
	}
	defer func() { _ = app.Leave(context.WithoutCancel(ctx), build) }()
	workers := app.Workers(engine.WorkerOptions(deployment, build.ID))
	if err := workers.Start(); err != nil {
		return err
	}
	defer workers.Stop()
	if err := settle(ctx, app, build.ID); err != nil {
		return err
	}
	go app.RelayEvents(ctx)
	go app.KeepAdopting(ctx, build)
	web.ready.Store(true)
	log.Info("messages leave", "sms", app.Providers.Carrier(person.SMS), "email", app.Providers.Carrier(person.Email))
	log.Info("working", "queue", settings.TaskQueue, "build", build.ID, "listen", settings.Listen, "private", settings.PrivateListen)
	<-ctx.Done()
	web.ready.Store(false)
	log.Info("finishing what was started")
	return nil
}

// thisBuild says which build this process runs: the one that the settings name, else one made from the program itself, so
// that no two programs share an id.
func thisBuild(settings config.Settings) (wiring.Build, error) {
	program, err := wiring.ProgramHash()
	if err != nil {
		return wiring.Build{}, err
	}
	id := settings.BuildID
	if id == "" {
		id = fmt.Sprintf("dev-%x", program[:6])
	}
	return wiring.Build{Deployment: deployment, ID: id, Worker: desk.NewID("worker"), Program: program}, nil
}

// settle does what needs a running worker: it routes journeys to this build and keeps the schedules.
func settle(ctx context.Context, app *wiring.App, buildID string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := engine.MakeCurrent(ctx, app.TemporalClient, deployment, buildID); err != nil {
		return err
	}
	return app.Schedule(ctx)
}
