package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/interceptor"

	"kapflow/console"
	"kapflow/messaging/fake"
)

// chaosHouse is a house whose messages go to providers over HTTP. The providers live in the test's process, which nobody kills,
// so they know what really left.
type chaosHouse struct {
	*house
	twilio   *fake.Twilio
	sendGrid *fake.SendGrid
	links    map[string]*link // to the servers; empty: they are reached directly

	mu   sync.Mutex
	last *process
}

// reportPath is where a worker process says that a Send is over, so that the providers report while virtual time stands still.
const reportPath = "/providers-report"

func newChaosHouse(t *testing.T, tn *town) *chaosHouse {
	t.Helper()
	h := &chaosHouse{}
	var err error
	h.twilio, err = fake.StartTwilio(nil)
	must(t, err)
	t.Cleanup(h.twilio.Close)
	h.sendGrid, err = fake.StartSendGrid()
	must(t, err)
	t.Cleanup(h.sendGrid.Close)
	var pages atomic.Value
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == reportPath {
			h.report(w, r)
			return
		}
		untilTaken(w, r, pages.Load().(http.Handler))
	}))
	t.Cleanup(web.Close)
	h.house = tn.newHouse(t, func(w *wires) {
		w.Twilio, w.Public, w.SendGrid, w.SendGridKey = h.twilio.URL(), web.URL, h.sendGrid.URL(), h.sendGrid.VerificationKey()
		w.Reports = web.URL + reportPath
		if networkOnly() {
			h.throughLinks(t)(w)
		}
	})
	pages.Store(console.Handler(h.Console(h.wires.settings())...))
	h.twilio.Now, h.sendGrid.Now = h.now, h.now
	h.twilio.InboundURL, h.sendGrid.EventsURL = web.URL+console.TwilioInboundPath, web.URL+console.SendGridEventsPath
	return h
}

// untilTaken repeats a provider's report until the console takes it, as a provider does whose report is refused by a server
// that is away.
func untilTaken(w http.ResponseWriter, r *http.Request, pages http.Handler) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		pages.ServeHTTP(answer, again)
		if answer.Code < 500 || r.Context().Err() != nil || !wait(r.Context(), 200*time.Millisecond) {
			w.WriteHeader(answer.Code)
			_, _ = w.Write(answer.Body.Bytes())
			return
		}
	}
}

// wait waits, and says whether the time was over before ctx was.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// report has the providers report, and the reports brought to the journeys.
func (h *chaosHouse) report(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), 20*time.Second)
	defer cancel()
	err := errors.Join(h.twilio.Report(ctx), h.sendGrid.Report(ctx))
	for relayed := h.Desk.Relay(ctx); relayed != nil; relayed = h.Desk.Relay(ctx) {
		if !wait(ctx, 200*time.Millisecond) {
			err = errors.Join(err, relayed)
			break
		}
	}
	if err != nil {
		_, _ = fmt.Fprintln(&h.log, "a report was not taken:", err)
		http.Error(w, "not taken", http.StatusServiceUnavailable)
	}
}

// hireChaos starts the house's worker process, which replace ends.
func (h *chaosHouse) hireChaos(t *testing.T) {
	t.Helper()
	h.last = h.hire(t)
	t.Cleanup(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		_ = h.last.kill()
	})
}

// replace kills the worker process and starts the next.
func (h *chaosHouse) replace(choices ...func(*wires)) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.last.kill(); err != nil {
		return err
	}
	var err error
	for range 5 {
		var next *process
		if next, err = h.startProcess(choices...); err == nil {
			h.last = next
			return nil
		}
	}
	return err
}

// providersReport is the interceptor of a worker process that says when a Send is over.
type providersReport struct {
	interceptor.WorkerInterceptorBase
	address string
}

func (p *providersReport) InterceptActivity(_ context.Context, next interceptor.ActivityInboundInterceptor) interceptor.ActivityInboundInterceptor {
	return &sendOver{interceptor.ActivityInboundInterceptorBase{Next: next}, p.address}
}

type sendOver struct {
	interceptor.ActivityInboundInterceptorBase
	address string
}

func (s *sendOver) ExecuteActivity(ctx context.Context, in *interceptor.ExecuteActivityInput) (any, error) {
	out, err := s.Next.ExecuteActivity(ctx, in)
	if activity.GetInfo(ctx).ActivityType.Name != "Send" {
		return out, err
	}
	request, failed := http.NewRequestWithContext(ctx, http.MethodPost, s.address, strings.NewReader(""))
	if failed == nil {
		var response *http.Response
		if response, failed = http.DefaultClient.Do(request); failed == nil {
			_ = response.Body.Close()
		}
	}
	if failed != nil {
		activity.GetLogger(ctx).Error("the providers did not report", "error", failed)
	}
	return out, err
}
