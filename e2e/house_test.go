package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/policy"
	"kapflow/config"
	"kapflow/engine"
	"kapflow/keyring"
	"kapflow/messaging/fake"
	"kapflow/practice"
	"kapflow/starter/rehearsal"
	"kapflow/store"
	"kapflow/worker/wiring"
)

// deployment is the name of every house's worker deployment, but for the queue that follows it.
const deployment = "kapflow-e2e-"

// house is one practice: a database, queues and keys of its own in a town.
type house struct {
	*wiring.App
	wires wires
	town  *town
	clock rehearsal.Clock

	restarts *restarts // of journeys while a course is played; nil: none
	log      lines     // of this process and of every worker process
}

// wires is everything that another process needs to work in a house.
type wires struct {
	Temporal    string
	Database    string
	PayloadKey  string
	FieldKey    string
	IndexKey    []byte
	Queue       string
	Build       string
	Noon        bool          // the practice is where it is about noon
	Twilio      string        // where Twilio is; empty: texts go to the mailbox
	Public      string        // where the providers report
	SendGrid    string        // where SendGrid is; empty: mail goes to the mailbox
	SendGridKey string        // that verifies SendGrid's reports
	Reports     string        // whom a worker process tells that a Send is over; empty: nobody
	Ahead       time.Duration // how far the clock of the process is ahead of the journeys'
	Rate        float64       // messages a second; 0: what is shipped
	Reseal      bool          // the process seals again under the current field key until it is killed after two steps, and does not work
}

// open opens the app. now is the desk's time; activities go by the journey's.
func (w wires) open(ctx context.Context, log io.Writer, now func() time.Time) (*wiring.App, func(), error) {
	prac, err := w.practice()
	if err != nil {
		return nil, nil, err
	}
	payloadKeys, err := keyring.Parse(w.PayloadKey)
	if err != nil {
		return nil, nil, err
	}
	fieldKeys, err := keyring.Parse(w.FieldKey)
	if err != nil {
		return nil, nil, err
	}
	app, leave, err := wiring.Open(ctx, wiring.Options{
		Practice: prac, TaskQueue: w.Queue, Settings: w.settings(), Now: now,
		Log:      slog.New(engine.RedactingHandler(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		Store:    store.Options{URL: w.Database, Keys: fieldKeys, IndexKey: w.IndexKey, MaxConns: 8},
		Temporal: engine.Options{Address: w.Temporal, Codec: engine.NewCodec(payloadKeys)},
	})
	if err != nil {
		return nil, nil, err
	}
	app.Desk.Patience = 3 * time.Minute // what is killed here takes its time to come back
	return app, leave, nil
}

// settings are those of the message providers.
func (w wires) settings() (s config.Settings) {
	if w.Twilio != "" {
		s = rehearsal.TwilioSettings(w.Twilio, w.Public)
	}
	if w.SendGrid != "" {
		s.SendGridKey, s.SendGridFrom = config.NewSecret(fake.SendGridKey), "office@visit.example"
		s.SendGridWebhookKey, s.SendGridBaseURL = w.SendGridKey, w.SendGrid
	}
	s.MessagesPerSecond = w.Rate
	return s
}

func (w wires) practice() (practice.Practice, error) {
	prac, err := practice.Sample(began)
	if err != nil {
		return prac, err
	}
	// Every rule reminds, by every channel: these tests are about each message and not about how few there can be.
	prac.Policy.Messages.Channels, prac.Policy.Messages.ReminderGapHours = policy.ChannelsAll, 0
	if !w.Noon {
		return prac, nil
	}
	prac.Policy.Practice.Timezone = rehearsal.ZoneWithHour(time.Now(), 12)
	prac.Zone, err = practice.LoadZone(prac.Policy.Practice.Timezone, time.Now())
	return prac, err
}

// now is the desk's time: the course's while one is played, else the wall clock's.
func (h *house) now() time.Time {
	if at := h.clock.Now(); at.Unix() != 0 {
		return at
	}
	return time.Now().UTC()
}

// work has workers of this process work in the house until the test ends or stop is called.
func (h *house) work(t *testing.T) (stop func()) {
	t.Helper()
	options := engine.WorkerOptions(deployment+h.wires.Queue, h.wires.Build)
	options.WorkerStopTimeout = 5 * time.Second
	workers := h.Workers(options)
	must(t, workers.Start())
	stop = sync.OnceFunc(workers.Stop)
	t.Cleanup(stop)
	return stop
}

// lines collects log lines from several goroutines.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

// Bytes is everything up to now.
func (l *lines) Bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.all.Bytes())
}

// await polls until done says so.
func await(t *testing.T, what string, patience time.Duration, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s in vain: %s", patience, what)
		}
		select {
		case <-t.Context().Done():
			t.Fatalf("%s: %v", what, t.Context().Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// codeOf is the code of a refusal, or "".
func codeOf(err error) string {
	if refusal := new(care.Refusal); errors.As(err, &refusal) {
		return refusal.Code
	}
	return ""
}
