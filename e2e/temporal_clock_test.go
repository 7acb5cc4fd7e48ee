package e2e_test

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/desk"
	"kapflow/devstack"
)

// clockVariable names the file by which `make clock-test` moves the clock of its Temporal server.
const clockVariable = "TEMPORAL_CLOCK_FILE"

// temporalClock moves the clock of the Temporal server, and puts it right when the test ends.
func temporalClock(t *testing.T) (set func(ahead time.Duration)) {
	t.Helper()
	path := os.Getenv(clockVariable)
	if path == "" {
		t.Skip("make clock-test runs this with a Temporal server whose clock can be moved")
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	set = func(ahead time.Duration) {
		t.Helper()
		_, err := file.WriteAt(binary.NativeEndian.AppendUint64(nil, uint64(int64(ahead/time.Second))), 0)
		must(t, err)
	}
	t.Cleanup(func() {
		set(0)
		must(t, file.Close())
	})
	return set
}

// Temporal's own clock jumps by most of an hour in mid-course, forward, back, or both, as when a machine's clock is set. When it goes back, Temporal
// waits for tasks of a later time, and a person restarts it, as the runbook says; the course goes on meanwhile. Nothing is lost, nothing is
// doubled, no infusion starts with a gate shut, and no text leaves in the client's night.
func TestTemporalsClockJumpsInMidCourse(t *testing.T) {
	set := temporalClock(t)
	calm := calmEnd(t, brief)
	const most = 55 * time.Minute // more than an hour is refused by the desk: the test below
	for _, x := range []struct {
		name  string
		jumps []time.Duration
	}{{"ahead", []time.Duration{most}}, {"behind", []time.Duration{-most}}, {"ahead and right again", []time.Duration{most, 0}}, {"behind and right again", []time.Duration{-most, 0}}, {"to and fro", []time.Duration{most, -most, 0}}} {
		t.Run(x.name, func(t *testing.T) {
			defer set(0)
			tn := ownTown(t, devstack.Options{})
			h := newChaosHouse(t, tn)
			h.twilio.Now, h.sendGrid.Now = h.journeyNow, h.journeyNow
			h.last = h.hire(t, func(*wires) {})
			p := &chaosPlay{plan: chaosPlan{Course: brief}, house: h, began: time.Now()}
			course := readCourse(t, h.house, brief, nil)
			when, is := moments(chance(t), len(x.jumps), len(course.Steps)-2), time.Duration(0)
			restarted, restarts := make(chan error, len(x.jumps)), 0
			p.seen = h.play(t, course, func(done, _ int) {
				if len(when) == 0 || done < when[0] {
					return
				}
				set(x.jumps[0])
				if x.jumps[0] < is {
					restarts++
					time.AfterFunc(stalled, func() { restarted <- restartTemporal(tn) })
				}
				is, when, x.jumps = x.jumps[0], when[1:], x.jumps[1:]
			})
			for range restarts {
				must(t, <-restarted)
			}
			h.checkEnd(t, p, calm)
		})
	}
}

// stalled is how long a Temporal stands still before a person has restarted it.
const stalled = 15 * time.Second

func restartTemporal(tn *town) error {
	if err := tn.Temporal.Kill(); err != nil {
		return err
	}
	return tn.Temporal.Restart(context.Background())
}

// Temporal's clock is more than an hour ahead: reports are refused and say which clocks to look at. It goes back: reports are not answered, and
// say that they may be sent again. When the clock is right and Temporal was restarted, each is recorded once.
func TestATemporalWhoseClockIsWrongIsNamed(t *testing.T) {
	set := temporalClock(t)
	tn := ownTown(t, devstack.Options{})
	h := tn.newHouse(t)
	h.work(t)
	id := h.enroll(t, "temporal-clock")
	before := h.chart(t, id).Facts
	var reports []desk.Command
	tell := func(ahead time.Duration) error {
		set(ahead)
		c := desk.Command{ClientID: id, Fact: "goals-recorded", ID: "goals-" + ahead.String(), With: json.RawMessage(`{"intention": "to rest"}`)}
		reports = append(reports, c)
		_, err := h.report(t, psychotherapist, c)
		return err
	}
	if err := tell(2 * time.Hour); codeOf(err) != care.CodeMisdirected || !strings.Contains(err.Error(), "check this computer's clock") {
		t.Errorf("two hours ahead: %v", err)
	}
	h.Desk.Patience = 8 * time.Second // longer than Temporal waits for a worker that it knows
	if err := tell(-time.Hour); err == nil || !strings.Contains(err.Error(), "ask again with the id goals-"+(-time.Hour).String()) {
		t.Errorf("three hours back: %v", err)
	}
	set(0)
	must(t, restartTemporal(tn))
	h.Desk.Patience = 2 * time.Minute
	for range 2 {
		for _, c := range reports {
			_, err := h.report(t, psychotherapist, c)
			must(t, err)
		}
	}
	if after := h.chart(t, id).Facts; after != before+len(reports) {
		t.Errorf("%d facts became %d, want %d more", before, after, len(reports))
	}
}
