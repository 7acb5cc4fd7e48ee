package wiring

import (
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/encoding/protojson"

	commonpb "go.temporal.io/api/common/v1"

	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/config"
	"kapflow/console/signin"
	"kapflow/desk"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/messaging"
)

const (
	staffURL = "https://desk.kapflow.example"
	uiOfTest = "https://temporal.kapflow.example"
)

// staffApp is an app without Temporal, which sign-in does not need.
func staffApp(t *testing.T) *App {
	t.Helper()
	prac, records := office(t)
	app := &App{Practice: prac, Store: records, Log: slog.New(slog.DiscardHandler)}
	app.openDesk(time.Now)
	return app
}

// TestOnlyWhoIsSignedInDecodes, in a role that reads whole charts, and the audit log names them.
func TestOnlyWhoIsSignedInDecodes(t *testing.T) {
	t.Parallel()
	app := staffApp(t)
	settings, _, err := config.Peek([]string{"KAPFLOW_CONSOLE_LISTEN=:8234", "KAPFLOW_CONSOLE_URL=" + staffURL})
	if err != nil {
		t.Fatal(err)
	}
	signIn, err := signin.ForDemo(app.SignInOptions(settings))
	if err != nil {
		t.Fatal(err)
	}
	codec := engine.NewCodec(keyring.New())
	handler, _ := app.StaffConsole(signIn, codec, uiOfTest)
	plain, err := converter.GetDefaultDataConverter().ToPayload("a canary")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := codec.Encode([]*commonpb.Payload{plain})
	if err != nil {
		t.Fatal(err)
	}
	body, err := protojson.Marshal(&commonpb.Payloads{Payloads: sealed})
	if err != nil {
		t.Fatal(err)
	}
	canary := base64.StdEncoding.EncodeToString(plain.GetData())
	for id, want := range map[string]int{"": http.StatusUnauthorized, "nurse-sample": http.StatusForbidden, "accountant-sample": http.StatusForbidden, "dr-sample": http.StatusOK} {
		r := httptest.NewRequest(http.MethodPost, "/codec/decode", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Origin", uiOfTest)
		if id != "" {
			link, err := signIn.DemoLink(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest(http.MethodPost, strings.TrimPrefix(link, staffURL), nil))
			for _, c := range w.Result().Cookies() { //nolint:bodyclose // a recorder's
				r.AddCookie(c)
			}
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != want || strings.Contains(w.Body.String(), canary) != (want == http.StatusOK) {
			t.Errorf("%q: %d %s", id, w.Code, w.Body)
		}
	}
	events, err := app.Store.AuditOf(t.Context(), desk.Practice)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]int{}
	for _, e := range events {
		rows[e.By.ID+" "+e.Action]++
	}
	if rows["dr-sample decode"] != 1 || rows["nurse-sample decode-refused"] != 1 || rows["accountant-sample decode-refused"] != 1 {
		t.Errorf("%v", rows)
	}
}

// TestTheOwnerHearsOfEmergencyAccess by mail, or the coordinator's list says that they must be told.
func TestTheOwnerHearsOfEmergencyAccess(t *testing.T) {
	t.Parallel()
	app := staffApp(t)
	owner, _ := app.Practice.Policy.Member("owner-sample")
	who := person.Actor{ID: "dr-sample", Role: person.Physician}
	if err := app.tellOfEmergency(t.Context(), owner, who, time.Now()); err != nil {
		t.Fatal(err)
	}
	mails := 0
	if err := app.Store.EachMail(t.Context(), func(_, channel, to, _, text string, _ time.Time) error {
		if channel == "email" && to == owner.Email && strings.Contains(text, "dr-sample (physician) opened emergency access") {
			mails++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	list, err := app.Store.Worklist(t.Context())
	if err != nil || mails != 1 || len(list) != 0 {
		t.Fatalf("%d mails, on the list %v, %v", mails, list, err)
	}
	away := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(away.Close)
	if app.Providers.SendGrid, err = messaging.NewSendGrid(messaging.SendGridOptions{Key: "SG.x", FromName: "Cedar Office", From: "office@visit.example", BaseURL: away.URL}); err != nil {
		t.Fatal(err)
	}
	if err := app.tellOfEmergency(context.WithoutCancel(t.Context()), owner, who, time.Now()); err != nil {
		t.Fatal(err)
	}
	if list, err = app.Store.Worklist(t.Context()); err != nil || len(list) != 1 || list[0].Kind != message.WorklistEmergency || !strings.Contains(list[0].Words, "owner-sample") {
		t.Errorf("on the list: %+v, %v", list, err)
	}
}
