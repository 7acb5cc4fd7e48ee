package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/desk"
	"kapflow/engine"
	"kapflow/starter/rehearsal"
)

// A worker whose clock is an hour ahead or behind, or jumps in mid-course, doubles no message and sends none at an hour at which the client
// may not be written to: a message leaves only when the journey's clock and the worker's both say that it may. The course ends
// with the same facts, postings and gates.
func TestAWorkersWrongClockSendsNothingTwiceOrAtNight(t *testing.T) {
	t.Parallel()
	calm := calmEnd(t, brief)
	for name, ahead := range map[string][]time.Duration{
		"an hour ahead": {time.Hour}, "an hour behind": {-time.Hour}, "jumping": {time.Hour, -time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if name != "jumping" {
				drill(t) // the jumping clock is ahead, then behind, then right
			}
			h := newChaosHouse(t, shared)
			h.twilio.Now, h.sendGrid.Now = h.journeyNow, h.journeyNow
			h.last = h.hire(t, func(w *wires) { w.Ahead = ahead[0] })
			p := &chaosPlay{plan: chaosPlan{Course: brief}, house: h, began: time.Now()}
			course := readCourse(t, h.house, brief, nil)
			when := moments(chance(t), len(ahead)-1, len(course.Steps)-2)
			p.seen = h.play(t, course, func(done, _ int) {
				if len(when) > 0 && done >= when[0] {
					when, ahead = when[1:], ahead[1:]
					must(t, h.replace(func(w *wires) { w.Ahead = ahead[0] }))
				}
			})
			h.checkEnd(t, p, calm)
		})
	}
}

// checkEnd reports how a course that was played with a wrong clock ends otherwise than the undisturbed one. Which messages leave late, by the other
// channel or not at all depends on the hour that the clock says; the rest does not.
func (h *chaosHouse) checkEnd(t *testing.T, p *chaosPlay, want chaosOutcome) {
	t.Helper()
	got, err := h.chaosOutcome()
	must(t, err)
	got.Deliveries, got.Sent, want.Deliveries, want.Sent = nil, nil, nil, nil
	for _, fault := range append(chaosFaults(want, got), answeredAndLost(p.seen, got)...) {
		t.Error(fault)
	}
	left := h.checkHours(t)
	t.Logf("%d facts, %d postings, %d infusions, %d texts", len(got.Facts), len(got.Ledger), got.infusions, left)
}

// journeyNow is the time of the house's one journey.
func (h *chaosHouse) journeyNow() time.Time {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	rows, err := h.Store.Board(ctx)
	if err != nil || len(rows) != 1 {
		return time.Time{}
	}
	now, err := engine.VirtualNow(ctx, h.TemporalClient, rows[0].ClientID)
	if err != nil {
		return time.Time{}
	}
	return now
}

// checkHours reports every text that left in the client's night, by the journey's clock, and gives how many left.
func (h *chaosHouse) checkHours(t *testing.T) int {
	t.Helper()
	rows, err := h.Store.Board(t.Context())
	must(t, err)
	sent := h.twilio.Sent()
	for _, m := range sent {
		if local := rows[0].Chart.ClientZone.Local(m.At); m.At.IsZero() || local.Hour() < 8 || local.Hour() >= 21 {
			t.Errorf("%s: %s", local.Format("Mon 15:04"), m.Text)
		}
	}
	if len(sent) < 20 {
		t.Errorf("only %d texts left: too few to show anything", len(sent))
	}
	return len(sent)
}

// A desk whose clock is more than an hour from the journey's is told so, and its reports change nothing. When the clock is right, each is
// recorded once. With less than an hour nothing is lost and nothing refused.
func TestADesksWrongClockIsNamed(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	h.work(t)
	id := h.enroll(t, "wrong-clock")
	before := h.chart(t, id).Facts
	told := 0
	tell := func(ahead time.Duration) (desk.Command, error) {
		h.Desk.JourneyTime = func(ctx context.Context, client string) (time.Time, error) {
			now, err := engine.VirtualNow(ctx, h.TemporalClient, client)
			return now.Add(ahead), err
		}
		told++
		c := desk.Command{ClientID: id, Fact: "goals-recorded", ID: fmt.Sprint("goals-", told), With: json.RawMessage(`{"intention": "to rest"}`)}
		_, err := h.report(t, psychotherapist, c)
		return c, err
	}
	var refused []desk.Command
	for _, ahead := range []time.Duration{-61 * time.Minute, -59 * time.Minute, 0, 59 * time.Minute, 61 * time.Minute} {
		c, err := tell(ahead)
		if tooFar := ahead.Abs() > time.Hour; !tooFar {
			must(t, err)
			continue
		}
		if codeOf(err) != care.CodeMisdirected || !strings.Contains(err.Error(), "check this computer's clock") {
			t.Errorf("%s ahead: %v", ahead, err)
		}
		refused = append(refused, c)
	}
	if after := h.chart(t, id).Facts; after != before+3 {
		t.Errorf("%d facts became %d, want 3 more", before, after)
	}
	h.Desk.JourneyTime = nil
	h.clock.Set(time.Now())
	for range 2 {
		for _, c := range refused {
			_, err := h.report(t, psychotherapist, c)
			must(t, err)
		}
	}
	if after := h.chart(t, id).Facts; after != before+5 {
		t.Errorf("%d facts became %d, want 5 more", before, after)
	}
}

// Nobody works for thirty minutes, in which a reminder falls due: it leaves once when somebody works again, as it is still of use.
func TestThirtyMinutesWithoutAWorkerCostNoReminder(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	asleep := time.Now().Add(-30 * time.Minute)
	h.clock.Set(asleep)
	chart := h.lateClient(t, rehearsal.ZoneWithHour(time.Now(), 13), asleep.Add(-4*24*time.Hour), asleep.Add(24*time.Hour+15*time.Minute), "+13035550142")
	must(t, h.startJourney(t, chart))
	h.clock.Set(time.Now())
	h.hire(t)
	const reminder = "remind/evaluation-1/v1/1d"
	await(t, "the reminder", time.Minute, func() bool { return h.deliveries(t, chart.ClientID)[reminder].State == message.StateSent })
	mails := 0
	must(t, h.Store.EachMail(t.Context(), func(key, _, _, _, _ string, _ time.Time) error {
		if strings.Contains(key, reminder) {
			mails++
		}
		return nil
	}))
	if mails != 1 {
		t.Errorf("the reminder is %d times in the mailbox", mails)
	}
}
