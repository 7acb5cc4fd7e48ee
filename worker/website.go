package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"kapflow/access"
	"kapflow/care/person"
	"kapflow/config"
	"kapflow/console"
	"kapflow/console/signin"
	"kapflow/engine"
	"kapflow/worker/wiring"
)

// website is the worker's web servers. The public one, which the practice's proxy forwards, has the clients' pages, providers' reports and
// liveness. The private one has payload decoding for a caller with the token, readiness and metrics. With a staff console there is
// a third, which decodes for whoever is signed in.
type website struct {
	app      *wiring.App
	settings config.Settings
	codec    *engine.Codec
	scrape   http.Handler
	ready    atomic.Bool // the worker runs
}

// serve listens until stop is called. stop gives open requests ten seconds to finish.
func (w *website) serve() (stop func(), err error) {
	var servers []*http.Server
	stop = func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		for _, server := range servers {
			_ = server.Shutdown(ctx)
		}
	}
	type place struct {
		variable, address string
		handler           http.Handler
		end               func() // called when the server is to stop
	}
	places := []place{{"KAPFLOW_LISTEN", w.settings.Listen, w.public(), nil}, {"KAPFLOW_PRIVATE_LISTEN", w.settings.PrivateListen, w.private(), nil}}
	if w.settings.ConsoleListen != "" {
		staff, end, err := w.staff()
		if err != nil {
			return nil, err
		}
		places = append(places, place{"KAPFLOW_CONSOLE_LISTEN", w.settings.ConsoleListen, staff, end})
	}
	for _, l := range places {
		listener, err := net.Listen("tcp", l.address)
		if err != nil {
			stop()
			return nil, fmt.Errorf("%s: %w", l.variable, err)
		}
		server := &http.Server{Handler: l.handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 30 * time.Second}
		if l.end != nil {
			server.RegisterOnShutdown(l.end)
		}
		servers = append(servers, server)
		go func() {
			if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
				w.app.Log.Error("a web server ended", "listen", l.address, "error", err)
			}
		}()
	}
	return stop, nil
}

// public serves clients' pages and providers' reports.
func (w *website) public() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", console.Handler(w.app.Console(w.settings)...))
	mux.HandleFunc("GET /livez", alive)
	return mux
}

// staff is the staff console, with payload decoding behind its sign-in. end ends its streams.
func (w *website) staff() (handler http.Handler, end func(), err error) {
	signIn, err := signin.New(w.app.SignInOptions(w.settings))
	if err != nil {
		return nil, nil, fmt.Errorf("KAPFLOW_CONSOLE_URL: %w", err)
	}
	handler, end = w.app.StaffConsole(signIn, w.codec, w.settings.UIOrigin)
	return handler, end, nil
}

// private serves what only the practice's own machines may reach. Without a token nothing is decoded.
func (w *website) private() http.Handler {
	mux := http.NewServeMux()
	if w.settings.DecodeToken.Set() {
		mux.Handle("/codec/", http.StripPrefix("/codec", w.decoding(w.app.Store.Audit)))
	}
	mux.Handle("GET /metrics", w.scrape)
	mux.HandleFunc("GET /livez", alive)
	mux.HandleFunc("GET /readyz", w.answerReady)
	return mux
}

func alive(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") }

// decoding serves payload decoding to a caller with the token. Each use leaves an audit row with the workflows whose payloads are
// shown; a journey's workflow is its client.
func (w *website) decoding(audit func(ctx context.Context, by person.Actor, action, subject string, detail json.RawMessage) error) http.Handler {
	record := func(ctx context.Context, n int, of []string) error {
		detail, err := json.Marshal(map[string]any{"workflows": of})
		if err != nil {
			return err
		}
		return audit(ctx, access.FromSystem("temporal-ui").Actor(), "decode", fmt.Sprintf("%d payloads", n), detail)
	}
	return engine.DecodeHandler(w.codec, func() string { return w.settings.UIOrigin }, engine.BearerToken(w.settings.DecodeToken.Reveal()), record)
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

// askHealth asks the worker on this machine whether it is ready, at its private address.
func askHealth(ctx context.Context, listen string) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return err
	}
	if address := net.ParseIP(host); address == nil || address.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
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
