package main

import (
	"bytes"
	"context"
	"encoding/json"
	"hash/maphash"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.temporal.io/sdk/client"

	"kapflow/engine"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
)

// TestCoursesWithProviderFaultsGoOnAfterRestarts plays courses in which providers fail, with each client's journey restarted
// from its saved chart at fifty random moments. The output is that of the undisturbed course, but for what the history cost: each
// message once, each follow-up at its time.
//
// It is a drill, because it plays three courses twice, which takes more than a minute on a busy machine.
func TestCoursesWithProviderFaultsGoOnAfterRestarts(t *testing.T) {
	t.Parallel()
	if !long() {
		t.Skip("too long for CI; `make drills` runs it")
	}
	for _, name := range []string{"provider-away", "texts-lost", "texts-undelivered"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			course, prac, err := readCourse(filepath.Join("..", "practice", "courses", name+".yaml"), "")
			if err != nil {
				t.Fatal(err)
			}
			want, _ := playRestarted(t, course, prac, nil)
			moments := drawMoments(t, course, want)
			got, r := playRestarted(t, course, prac, moments)
			if !slices.Equal(got, want) {
				t.Errorf("%d restarts changed the course (- without, + with):\n%s", r.done, cmp.Diff(want, got))
			}
			// A moment that passes between two stretches of time, while a step is recorded, has no restart.
			if r.done < len(moments)*len(course.Clients)*9/10 || r.pending == 0 {
				t.Errorf("%d restarts, %d of them while something was to follow a message", r.done, r.pending)
			}
		})
	}
}

// drawMoments draws fifty moments of a course: half of them at any time, half within ten minutes after a message, when
// most is pending.
func drawMoments(t *testing.T, course *coursefile.Course, lines []string) []time.Time {
	t.Helper()
	seed := new(maphash.Hash).Sum64()
	if text := os.Getenv("KAPFLOW_E2E_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("KAPFLOW_E2E_SEED=%d repeats these moments", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var sent []time.Time
	for _, l := range lines {
		var line struct {
			At   time.Time
			Type string
		}
		if err := json.Unmarshal([]byte(l), &line); err != nil {
			t.Fatal(err)
		}
		if line.Type == "message" {
			sent = append(sent, line.At)
		}
	}
	moments := make([]time.Time, 50)
	for i := range moments {
		if from := course.Steps[0].At; i%2 == 0 {
			moments[i] = from.Add(time.Duration(random.Int64N(int64(course.Until.Sub(from)))))
		} else {
			moments[i] = sent[random.IntN(len(sent))].Add(time.Duration(random.Int64N(int64(10 * time.Minute))))
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	return moments
}

// costs is what a course's last line says about its history.
var costs = regexp.MustCompile(`"(history_events|activities|timers)":\d+`)

// seconds of a line's time: the rehearsed clock goes on while servers answer, on a busy machine for some seconds. Steps and what is due are at
// whole minutes.
var seconds = regexp.MustCompile(`("at":"[0-9-]+T\d\d:\d\d):\d\d`)

// clientIDs differ from run to run; each line names its client by the course's own name too.
var clientIDs = regexp.MustCompile(`client-[0-9a-z]{16}`)

// playRestarted plays a course with restarts at some moments and gives its lines without costs, at whole minutes, sorted.
func playRestarted(t *testing.T, course *coursefile.Course, prac practice.Practice, moments []time.Time) ([]string, *restarter) {
	t.Helper()
	environment, err := servers.Open(t.Context(), rehearsal.EnvironmentOptions{Practice: prac, Providers: course.NeedsProviders()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(environment.Close)
	r := &restarter{Environment: environment, moments: moments}
	environment.Drive = r.drive
	environment.Desk.TemporalClient = pausedClient{environment.Desk.TemporalClient, &r.reports}
	var out bytes.Buffer
	if err := environment.Play(t.Context(), course, coursefile.JSONSink{Out: &out, Zone: prac.Zone}); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	text := seconds.ReplaceAllString(costs.ReplaceAllString(out.String(), `"$1":0`), "$1:00")
	lines := strings.Split(strings.TrimSpace(clientIDs.ReplaceAllString(text, "client")), "\n")
	slices.Sort(lines) // each begins with its time; their order within a moment means nothing
	return lines, r
}

// restarter moves journeys on in time and restarts them on the way.
type restarter struct {
	*rehearsal.Environment
	moments []time.Time // of the restarts, for each client, in order

	reports       sync.RWMutex // held while a journey restarts: a report would wake the new run before its time
	mu            sync.Mutex   // clients move on side by side
	done, pending int          // restarts, and those with a follow-up or a wait pending
}

func (r *restarter) drive(ctx context.Context, id string, to time.Time) error {
	now, err := engine.VirtualNow(ctx, r.TemporalClient, id)
	if err != nil {
		return err
	}
	for _, at := range r.moments {
		if at.After(now) && !at.After(to) {
			if err := r.restart(ctx, id, at); err != nil {
				return err
			}
		}
	}
	return engine.FastForward(ctx, r.TemporalClient, id, to)
}

// restart restarts a journey at a moment of its virtual time.
func (r *restarter) restart(ctx context.Context, id string, at time.Time) error {
	if err := engine.FastForward(ctx, r.TemporalClient, id, at); err != nil {
		return err
	}
	chart, err := r.Store.Chart(ctx, id)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.done++
	if len(chart.FollowUps)+len(chart.Waits) > 0 {
		r.pending++
	}
	r.mu.Unlock()
	r.reports.Lock()
	defer r.reports.Unlock()
	return r.Restart(ctx, id, at)
}

// pausedClient sends no update while a journey restarts.
type pausedClient struct {
	client.Client
	reports *sync.RWMutex
}

// UpdateWorkflow sends an update.
func (c pausedClient) UpdateWorkflow(ctx context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	c.reports.RLock()
	defer c.reports.RUnlock()
	return c.Client.UpdateWorkflow(ctx, options)
}
