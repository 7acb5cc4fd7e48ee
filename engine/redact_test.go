package engine

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// personalCanaries must not be found in any log line.
var personalCanaries = []string{"k7q2mx9d", "wilhelmina", "canary@", "555-0142", "5550142", "555 0142", "555.0142", "hunter2", "feels sad"}

type contact struct{ Name, Phone string }

type brokenError struct{ reason *string }

func (e *brokenError) Error() string { return *e.reason }

type stage string

func TestRedactingHandlerPrintsNothingPersonal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(RedactingHandler(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	log.Info("could not reach wilhelmina.canary@example.org at +1 (801) 555-0142",
		"phone", "+18015550142", "clientEmail", "x", "first_name", "Wilhelmina", "to", "Wilhelmina", "Body", "feels sad",
		"replyText", "feels sad", "token", "hunter2", "home.address", "Wilhelmina's", "mobile", 8015550142)
	log.Info("values", "who", "801.555.0142", "a", "801 555 0142", "b", "8015550142", "c", "(801)555-0142", "d", "+1.801.555.0142",
		"e", []string{"canary@example.org", "fine"}, "f", contact{"Wilhelmina", "x"}, "g", &contact{"Wilhelmina", "x"},
		"h", map[string]string{"x": "Wilhelmina"}, "i", []byte("Wilhelmina"), "j", "wilhelmina.canary%40example.org")
	log.Info("errors", "error", fmt.Errorf("send: %w", errors.New("canary@example.org refused +1-801-555-0142")), "broken", &brokenError{}, "nothing", nil)
	link := "https://go.example.org/v/" + strings.Repeat("k7Q2mX9d", 6)[:43]
	log.Info("open "+link, "path", link, "error", errors.New("get "+link), "list", []string{link})
	log.WithGroup("contact").With("name", "Wilhelmina").Info("group", slog.Group("phone", "raw", "Wilhelmina", "kind", "x"))
	log.WithGroup("recipient").Info("hidden", "id", "Wilhelmina")
	log.With("email", "x", slog.Group("inner", "text", "feels sad")).Warn("with", "lazy", slog.AnyValue(lazy{}))
	for _, line := range strings.Split(out.String(), "\n") {
		for _, found := range personalCanaries {
			if strings.Contains(strings.ToLower(line), found) {
				t.Errorf("%q in %s", found, line)
			}
		}
	}
}

type lazy struct{}

func (lazy) LogValue() slog.Value { return slog.GroupValue(slog.String("name", "Wilhelmina")) }

func TestRedactingHandlerKeepsWhatIsNeeded(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(RedactingHandler(slog.NewTextHandler(&out, nil)))
	log.Info("due 2026-11-23T14:30:00Z", "WorkflowID", "client-7f3a9c2e51d04b8a", "RunID", "0195f2f1-1234-7123-8123-123456789012",
		"Namespace", "default", "SignalName", "receipt", "stage", stage("preparation"), "Attempt", 3, "took", 1500*time.Millisecond,
		"due_to", time.Date(2026, 11, 23, 14, 30, 0, 0, time.UTC), "host", "127.0.0.1:7233", "error", errors.New("context deadline exceeded"),
		"sentToday", true, "unix_ms", int64(1795444200123))
	for _, want := range []string{"due 2026-11-23T14:30:00Z", "WorkflowID=client-7f3a9c2e51d04b8a", "RunID=0195f2f1-1234-7123-8123-123456789012",
		"Namespace=default", "SignalName=receipt", "stage=preparation", "Attempt=3", "took=1.5s", "due_to=2026-11-23T14:30:00.000Z",
		"host=127.0.0.1:7233", `error="context deadline exceeded"`, "sentToday=true", "unix_ms=1795444200123"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in %s", want, out.String())
		}
	}
}
