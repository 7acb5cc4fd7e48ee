package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	commonpb "go.temporal.io/api/common/v1"

	"kapflow/care/person"
	"kapflow/config"
	"kapflow/desk"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/worker/wiring"
)

const token = "0123456789012345678901234567890123456789"

func site(settings config.Settings) *website {
	log := slog.New(slog.DiscardHandler)
	return &website{app: &wiring.App{Desk: &desk.Desk{Now: time.Now}, Log: log}, settings: settings, codec: engine.NewCodec(keyring.New()),
		scrape: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })}
}

// TestEachListenerServesItsOwn: what is for the practice's own machines is not where the proxy forwards to, and the other way.
func TestEachListenerServesItsOwn(t *testing.T) {
	t.Parallel()
	plain, withToken := site(config.Settings{}), site(config.Settings{DecodeToken: config.NewSecret(token)})
	for _, x := range []struct {
		method, path                        string
		public, private, privateWithoutSign int
	}{
		{http.MethodGet, "/livez", 200, 200, 200},
		{http.MethodGet, "/readyz", 404, 503, 503},
		{http.MethodGet, "/metrics", 404, 200, 200},
		{http.MethodPost, "/codec/decode", 404, 401, 404},
		{http.MethodOptions, "/codec/decode", 405, 204, 404},
		{http.MethodGet, "/assets/client.css", 200, 404, 404},
		{http.MethodGet, "/" + strings.Repeat("a", 42), 404, 404, 404},
		{http.MethodPost, "/hooks/twilio/status", 404, 404, 404}, // no provider is set up
	} {
		for name, h := range map[string]struct {
			handler http.Handler
			want    int
		}{"public": {withToken.public(), x.public}, "private": {withToken.private(), x.private}, "private without a sign-in": {plain.private(), x.privateWithoutSign}} {
			out := httptest.NewRecorder()
			h.handler.ServeHTTP(out, httptest.NewRequest(x.method, x.path, strings.NewReader("")))
			if out.Code != h.want {
				t.Errorf("%s %s on the %s listener gave %d, want %d", x.method, x.path, name, out.Code, h.want)
			}
		}
	}
}

// TestEachDecodingNamesTheClients for a caller with the token. What people with a session decode is tested in worker/wiring.
func TestEachDecodingNamesTheClients(t *testing.T) {
	t.Parallel()
	w := site(config.Settings{DecodeToken: config.NewSecret(token)})
	var body commonpb.Payloads
	for _, client := range []string{"client-b", "client-a", "client-b"} {
		codec := w.codec.WithSerializationContext(converter.WorkflowSerializationContext{Namespace: "default", WorkflowID: client})
		sealed, err := codec.Encode([]*commonpb.Payload{{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(`"x"`)}})
		if err != nil {
			t.Fatal(err)
		}
		body.Payloads = append(body.Payloads, sealed...)
	}
	text, err := protojson.Marshal(&body)
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		header, value, by string
		status            int
	}{
		"Token":      {"Authorization", "Bearer " + token, "temporal-ui", 200},
		"WrongToken": {"Authorization", "Bearer " + token + "x", "", 401}, "Nothing": {"X-None", "x", "", 401},
	} {
		var by, detail string
		handler := w.decoding(func(_ context.Context, actor person.Actor, _, _ string, what json.RawMessage) error {
			by, detail = actor.ID, string(what)
			return nil
		})
		request := httptest.NewRequest(http.MethodPost, "/decode", strings.NewReader(string(text)))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set(x.header, x.value)
		out := httptest.NewRecorder()
		handler.ServeHTTP(out, request)
		wantDetail := ""
		if x.status == http.StatusOK {
			wantDetail = `{"workflows":["client-a","client-b"]}`
		}
		if out.Code != x.status || by != x.by || detail != wantDetail {
			t.Errorf("%s: %d by %q with %s", name, out.Code, by, detail)
		}
	}
}
