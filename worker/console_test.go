package main

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"kapflow/config"
	"kapflow/desk"
	"kapflow/e2e/database"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/practice"
	"kapflow/store"
	"kapflow/worker/wiring"
)

func TestMain(m *testing.M) { os.Exit(database.Run(m)) }

// webOf is the web server of a worker with some settings.
func webOf(t *testing.T, settings ...string) *website {
	t.Helper()
	given, _, err := config.Peek(append(settings, "KAPFLOW_LISTEN=127.0.0.1:0", "KAPFLOW_PRIVATE_LISTEN=127.0.0.1:0"))
	if err != nil {
		t.Fatal(err)
	}
	prac, err := practice.Sample(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	records, err := store.Open(t.Context(), store.Options{URL: database.New(t), Keys: keyring.New(), IndexKey: keyring.NewKey(), MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(records.Close)
	app := &wiring.App{Practice: prac, Store: records, Log: slog.New(slog.DiscardHandler), Desk: &desk.Desk{Store: records, Policy: prac.Policy, Zone: prac.Zone, Now: time.Now}}
	return &website{app: app, settings: given, codec: engine.NewCodec(keyring.New()), scrape: http.NotFoundHandler()}
}

// ask gives the status of an answer.
func ask(handler http.Handler, method, path, token string) int {
	r := httptest.NewRequest(method, path, strings.NewReader(`{"payloads":[]}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Code
}

// TestTheStaffConsoleIsApartFromTheClientsPages: each address serves its own pages and nothing of the other, and decoding is behind
// the sign-in if there is one. What the staff console does not have leads to its sign-in.
func TestTheStaffConsoleIsApartFromTheClientsPages(t *testing.T) {
	t.Parallel()
	token := strings.Repeat("t", 32)
	alone := webOf(t, "KAPFLOW_DECODE_TOKEN="+token)
	both := webOf(t, "KAPFLOW_DECODE_TOKEN="+token, "KAPFLOW_CONSOLE_LISTEN=127.0.0.1:1", "KAPFLOW_CONSOLE_URL=https://desk.kapflow.example")
	staff, _, err := both.staff()
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		handler      http.Handler
		method, path string
		token        string
		want         int
	}{
		"AloneDecodesWithTheToken":     {alone.private(), http.MethodPost, "/codec/decode", token, http.StatusOK},
		"AloneRefusesOthers":           {alone.private(), http.MethodPost, "/codec/decode", "x", http.StatusUnauthorized},
		"AloneHasNoSignIn":             {alone.public(), http.MethodGet, "/sign-in", "", http.StatusNotFound},
		"ClientsAddressDecodesNothing": {both.public(), http.MethodPost, "/codec/decode", token, http.StatusNotFound},
		"ClientsAddressHasNoSignIn":    {both.public(), http.MethodGet, "/sign-in", "", http.StatusNotFound},
		"StaffSignIn":                  {staff, http.MethodGet, "/sign-in", "", http.StatusOK},
		"StaffDecodeWithoutASession":   {staff, http.MethodPost, "/codec/decode", token, http.StatusUnauthorized},
		"StaffAddressHasNoWebhooks":    {staff, http.MethodPost, "/hooks/twilio/status", "", http.StatusSeeOther},
		"StaffAddressHasNoMetrics":     {staff, http.MethodGet, "/metrics", "", http.StatusSeeOther},
		"NoDemoLinks":                  {staff, http.MethodGet, "/sign-in/demo/" + strings.Repeat("x", 43), "", http.StatusSeeOther},
	} {
		if got := ask(x.handler, x.method, x.path, x.token); got != x.want {
			t.Errorf("%s: %d, want %d", name, got, x.want)
		}
	}
}

// TestBothAddressesAreServed, or neither.
func TestBothAddressesAreServed(t *testing.T) {
	t.Parallel()
	w := webOf(t, "KAPFLOW_CONSOLE_LISTEN=127.0.0.1:1", "KAPFLOW_CONSOLE_URL=https://desk.kapflow.example")
	w.settings.ConsoleListen = "127.0.0.1:0"
	stop, err := w.serve()
	if err != nil {
		t.Fatal(err)
	}
	stop()
	w.settings.ConsoleListen = "no address"
	if _, err := w.serve(); err == nil || !strings.Contains(err.Error(), "KAPFLOW_CONSOLE_LISTEN") {
		t.Errorf("%v", err)
	}
}
