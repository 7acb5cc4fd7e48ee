package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"kapflow/activities"
	"kapflow/care/person"
	"kapflow/config"
	"kapflow/console"
	"kapflow/engine"
	"kapflow/practice"
	"kapflow/store"
	"kapflow/worker/wiring"
)

// deployment names the worker deployment in Temporal.
const deployment = "kapflow"

// work runs until ctx ends, then finishes what it started: first no new work, then the open requests.
func work(ctx context.Context, settings config.Settings, log *slog.Logger) error {
	prac, err := loadPractice(settings.Practice)
	if err != nil {
		return fmt.Errorf("the practice file is not in order:\n%w", err)
	}
	if prac.Policy.Confirmation.By == "" {
		log.Warn("no physician has confirmed the safety settings of the practice file: they are placeholders")
	}
	if err := store.Migrate(ctx, settings.DatabaseURL.Reveal()); err != nil {
		return err
	}
	records, err := store.Open(ctx, store.Options{URL: settings.DatabaseURL.Reveal(), Keys: settings.FieldKeys.Ring(), IndexKey: settings.IndexKey.Bytes(), MaxConns: 16, Log: log})
	if err != nil {
		return err
	}
	defer records.Close()
	codec := engine.NewCodec(settings.PayloadKeys.Ring())
	metrics, scrape, stopMetrics, err := engine.NewMetrics()
	if err != nil {
		return err
	}
	defer func() { _ = stopMetrics(context.WithoutCancel(ctx)) }()
	temporalClient, err := engine.Dial(ctx, engine.Options{Codec: codec, Logger: log, Metrics: metrics})
	if err != nil {
		return err
	}
	defer temporalClient.Close()
	if err := engine.RegisterSearchAttributes(ctx, temporalClient, "", wiring.SearchAttributes()); err != nil {
		return err
	}
	providers, err := wiring.OpenProviders(settings, prac.Policy.Practice)
	if err != nil {
		return fmt.Errorf("the settings are not in order:\n%w", err)
	}
	house := (&wiring.House{Practice: prac, Providers: providers, MessagesPerSecond: settings.MessagesPerSecond, Store: records, TemporalClient: temporalClient, TaskQueue: settings.TaskQueue, Log: log,
		Clock: activities.WallClock}).Furnish(func() time.Time { return time.Now().UTC() })
	var ready atomic.Bool
	server, err := serve(settings, codec, house, scrape, &ready)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
	}()
	workers := house.Workers(engine.WorkerOptions(deployment, settings.BuildID))
	if err := workers.Start(); err != nil {
		return err
	}
	defer workers.Stop()
	if err := settle(ctx, house, settings.BuildID); err != nil {
		return err
	}
	go house.RelayEvents(ctx)
	ready.Store(true)
	log.Info("messages leave", "sms", providers.Carrier(person.SMS), "email", providers.Carrier(person.Email))
	log.Info("working", "queue", settings.TaskQueue, "build", settings.BuildID, "listen", settings.Listen)
	<-ctx.Done()
	ready.Store(false)
	log.Info("finishing what was started")
	return nil
}

// settle does what needs a running worker: route journeys to this build, keep the schedules.
func settle(ctx context.Context, house *wiring.House, buildID string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := engine.MakeCurrent(ctx, house.TemporalClient, deployment, buildID); err != nil {
		return err
	}
	return house.Schedule(ctx)
}

func loadPractice(path string) (practice.Practice, error) {
	if path == "" {
		return practice.Sample(time.Now())
	}
	return practice.Load(path, time.Now())
}

// serve opens the worker's web server: the console, payload decoding for the Temporal UI, liveness, readiness, metrics.
func serve(settings config.Settings, codec *engine.Codec, house *wiring.House, scrape http.Handler, ready *atomic.Bool) (*http.Server, error) {
	records, log := house.Store, house.Log
	authorize := func(*http.Request) error { return nil }
	if settings.DecodeToken.Set() {
		authorize = engine.BearerToken(settings.DecodeToken.Reveal())
	}
	audit := func(ctx context.Context, n int) error {
		return records.Audit(ctx, person.Actor{ID: "temporal-ui", Role: person.System}, "decode", fmt.Sprintf("%d payloads", n), nil)
	}
	mux := http.NewServeMux()
	mux.Handle("/", console.Handler(house.Console(settings)...))
	mux.Handle("/codec/", http.StripPrefix("/codec", engine.DecodeHandler(codec, func() string { return settings.UIOrigin }, authorize, audit)))
	mux.Handle("GET /metrics", scrape)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if !ready.Load() {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
		if err := records.Ping(r.Context()); err != nil {
			http.Error(w, "Postgres does not answer", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	listener, err := net.Listen("tcp", settings.Listen)
	if err != nil {
		return nil, fmt.Errorf("KAPFLOW_LISTEN: %w", err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the web server ended", "error", err)
		}
	}()
	return server, nil
}

// askHealth asks the worker on this machine whether it is ready.
func askHealth(ctx context.Context, listen string) error {
	_, port, err := net.SplitHostPort(listen)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort("127.0.0.1", port)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", res.Status)
	}
	return nil
}
