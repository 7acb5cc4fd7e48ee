package engine

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"kapflow/keyring"
)

const uiOrigin = "http://127.0.0.1:8080"

func ask(handler http.Handler, method, path, body string, headers map[string]string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	for key, value := range headers {
		request.Header.Set(key, value)
	}
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

func TestDecodeHandler(t *testing.T) {
	t.Parallel()
	codec := NewCodec(ringOf(t, keyring.NewEntry("k1")))
	sealed := seal(t, inWorkflow(codec, "client-a"), payloadOf(t, canary))
	body, err := protojson.Marshal(&commonpb.Payloads{Payloads: []*commonpb.Payload{sealed, payloadOf(t, "plain words")}})
	if err != nil {
		t.Fatal(err)
	}
	var shown int
	var auditFault error
	handler := DecodeHandler(codec, func() string { return uiOrigin }, BearerToken("s3cret"), func(_ context.Context, n int, _ []string) error {
		shown += n
		return auditFault
	})
	right := map[string]string{"Authorization": "Bearer s3cret", "Origin": uiOrigin}

	answer := ask(handler, "POST", "/codec/decode", string(body), right)
	var payloads commonpb.Payloads
	if err := protojson.Unmarshal(answer.Body.Bytes(), &payloads); err != nil || !strings.Contains(string(payloads.GetPayloads()[0].GetData()), canary) {
		t.Fatalf("%d %s", answer.Code, answer.Body)
	}
	if !strings.Contains(string(payloads.GetPayloads()[1].GetData()), "plain words") || shown != 1 {
		t.Errorf("shown %d: %v", shown, payloads.GetPayloads()[1])
	}
	for key, want := range map[string]string{"Cache-Control": "no-store", "Access-Control-Allow-Origin": uiOrigin, "Vary": "Origin"} {
		if got := answer.Header().Get(key); got != want {
			t.Errorf("%s: %q", key, got)
		}
	}
	auditFault = errors.New("disk full")
	if answer := ask(handler, "POST", "/decode", string(body), right); answer.Code != http.StatusServiceUnavailable || strings.Contains(answer.Body.String(), "ayload") {
		t.Errorf("without an audit trail: %d %s", answer.Code, answer.Body)
	}
}

func TestDecodeHandlerRefuses(t *testing.T) {
	t.Parallel()
	codec := NewCodec(ringOf(t, keyring.NewEntry("k1")))
	audit := func(context.Context, int, []string) error { return nil }
	handler := DecodeHandler(codec, func() string { return uiOrigin }, BearerToken("s3cret"), audit)
	token := map[string]string{"Authorization": "Bearer s3cret"}
	strange, err := protojson.Marshal(&commonpb.Payloads{Payloads: []*commonpb.Payload{seal(t, NewCodec(ringOf(t, keyring.NewEntry("k2"))), payloadOf(t, canary))}})
	if err != nil {
		t.Fatal(err)
	}
	for name, request := range map[string]struct {
		method, path, body string
		headers            map[string]string
		want               int
	}{
		"encoding":          {"POST", "/encode", "{}", token, 404},
		"reading by GET":    {"GET", "/decode", "", token, 405},
		"no token":          {"POST", "/decode", "{}", nil, 401},
		"a wrong token":     {"POST", "/decode", "{}", map[string]string{"Authorization": "Bearer s3cre"}, 401},
		"another origin":    {"POST", "/decode", "{}", map[string]string{"Authorization": "Bearer s3cret", "Origin": "http://127.0.0.1:8081"}, 403},
		"preflight, other":  {"OPTIONS", "/decode", "", map[string]string{"Origin": "https://evil.example"}, 403},
		"a form":            {"POST", "/decode", "{}", map[string]string{"Authorization": "Bearer s3cret", "Content-Type": "text/plain"}, 415},
		"no JSON":           {"POST", "/decode", "payloads", token, 400},
		"too much":          {"POST", "/decode", strings.Repeat(" ", maxDecodeBody+1), token, 413},
		"an unknown key":    {"POST", "/decode", string(strange), token, 400},
		"an empty question": {"POST", "/decode", "{}", token, 200},
	} {
		if answer := ask(handler, request.method, request.path, request.body, request.headers); answer.Code != request.want {
			t.Errorf("%s: %d %s", name, answer.Code, answer.Body)
		}
	}
	for name, closed := range map[string]http.Handler{
		"nil authorize": DecodeHandler(codec, func() string { return uiOrigin }, nil, audit),
		"empty token":   DecodeHandler(codec, func() string { return uiOrigin }, BearerToken(""), audit),
	} {
		if answer := ask(closed, "POST", "/decode", "{}", map[string]string{"Authorization": "Bearer "}); answer.Code == http.StatusOK {
			t.Errorf("%s lets everybody in", name)
		}
	}
}

func TestDecodeHandlerPreflightAndLateOrigin(t *testing.T) {
	t.Parallel()
	origin := ""
	handler := DecodeHandler(NewCodec(ringOf(t, keyring.NewEntry("k1"))), func() string { return origin }, nil, nil)
	headers := map[string]string{"Origin": uiOrigin, "Access-Control-Request-Method": "POST"}
	if answer := ask(handler, "OPTIONS", "/decode", "", headers); answer.Code != http.StatusForbidden {
		t.Errorf("before the UI's port is known: %d", answer.Code)
	}
	origin = uiOrigin
	answer := ask(handler, "OPTIONS", "/decode", "", headers) // asked without a token
	if answer.Code != http.StatusNoContent || answer.Header().Get("Access-Control-Allow-Origin") != uiOrigin ||
		answer.Header().Get("Access-Control-Allow-Headers") != "Authorization, Authorization-Extras, Content-Type, X-Namespace" {
		t.Errorf("preflight: %d %v", answer.Code, answer.Header())
	}
}
