package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"kapflow/access"
	"kapflow/config"
	"kapflow/console"
	"kapflow/console/signin"
	"kapflow/engine"
	"kapflow/worker/wiring"
)

// website is the worker's web server: the console, payload decoding for the Temporal UI, liveness, readiness and metrics.
type website struct {
	app      *wiring.App
	settings config.Settings
	codec    *engine.Codec
	scrape   http.Handler
	ready    atomic.Bool // the worker runs
}

// serve listens until stop is called: for clients and providers, and with a staff console for staff on another address. stop gives open
// requests ten seconds to finish.
func (w *website) serve() (stop func(), err error) {
	stopPublic, err := w.listen("KAPFLOW_LISTEN", w.settings.Listen, w.handler())
	if err != nil || w.settings.ConsoleListen == "" {
		return stopPublic, err
	}
	staff, err := w.staff()
	if err == nil {
		var stopStaff func()
		if stopStaff, err = w.listen("KAPFLOW_CONSOLE_LISTEN", w.settings.ConsoleListen, staff); err == nil {
			return func() { stopStaff(); stopPublic() }, nil
		}
	}
	stopPublic()
	return nil, err
}

// staff is the staff console, with payload decoding behind its sign-in.
func (w *website) staff() (http.Handler, error) {
	signIn, err := signin.New(w.app.SignInOptions(w.settings))
	if err != nil {
		return nil, fmt.Errorf("KAPFLOW_CONSOLE_URL: %w", err)
	}
	return w.app.StaffConsole(signIn, w.codec, w.settings.UIOrigin), nil
}

// listen serves a handler on the address of a setting.
func (w *website) listen(setting, address string, handler http.Handler) (stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", setting, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			w.app.Log.Error("the web server ended", "error", err)
		}
	}()
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = server.Shutdown(ctx)
	}, nil
}

func (w *website) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", console.Handler(w.app.Console(w.settings)...))
	if w.settings.ConsoleListen == "" { // else decoding is there, for whoever is signed in
		mux.Handle("/codec/", http.StripPrefix("/codec", w.decode()))
	}
	mux.Handle("GET /metrics", w.scrape)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	mux.HandleFunc("GET /readyz", w.answerReady)
	return mux
}

// decode is payload decoding with a token, for a practice without a staff console.
func (w *website) decode() http.Handler {
	authorize := func(*http.Request) error { return nil }
	if w.settings.DecodeToken.Set() {
		authorize = engine.BearerToken(w.settings.DecodeToken.Reveal())
	}
	audit := func(ctx context.Context, n int) error {
		return w.app.Store.Audit(ctx, access.FromSystem("temporal-ui").Actor(), "decode", fmt.Sprintf("%d payloads", n), nil)
	}
	return engine.DecodeHandler(w.codec, func() string { return w.settings.UIOrigin }, authorize, audit)
}

// answerReady says whether the worker runs and Postgres answers.
func (w *website) answerReady(out http.ResponseWriter, r *http.Request) {
	if !w.ready.Load() {
		http.Error(out, "not ready", http.StatusServiceUnavailable)
		return
	}
	if err := w.app.Store.Ping(r.Context()); err != nil {
		http.Error(out, "Postgres does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(out, "ready")
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
