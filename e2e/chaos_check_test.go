package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/care/record"
	"kapflow/messaging/fake"
	"kapflow/store"
)

// triesWithTheGateShut adds a morning on which the infusion comes, the labs are still not reviewed, and somebody tries to start.
func triesWithTheGateShut(body []byte) []byte {
	body = bytes.Replace(body, []byte("until: d19 10:00"), []byte("until: d27 10:00"), 1)
	body = bytes.Replace(body, []byte("infusion-1: booked"), []byte("infusion-1: arrived"), 1)
	return bytes.Replace(body, []byte("expect:\n"), []byte(`  - {at: d26 12:50, by: nurse, record: infusion-started, with: {appointment: infusion-1}, refused: wrong-state}
  - {at: d26 12:55, by: nurse, record: infusion-checked-in,
     with: {appointment: infusion-1, identity: true, intention: to stay with what comes, state_of_mind: calm and rested, fasting_solids_h: 8,
       fasting_liquids_h: 3, escort: a friend, no_alcohol: true, systolic: 118, diastolic: 76, pulse: 68, spo2: 98, psychotherapist_present:
       true, physician_present: true, emergency_ready: true}}
  - {at: d26 13:00, by: nurse, record: infusion-started, with: {appointment: infusion-1}, refused: labs}
expect:
`), 1)
}

// chaosOutcome is what a course left behind, without what tells one run from another.
type chaosOutcome struct {
	Stage      care.Stage
	Visits     []string // each with its status
	Facts      []string // that people reported, in order
	Ledger     []string
	Deliveries map[string]message.State
	Sent       map[string]int // what the providers took: channel, receiver and text → times
	ids        map[string]int // deliveries' own ids at the providers → times taken
	shut       []string       // gates that were shut when an infusion started
	infusions  int
}

// calmEnds are the ends of undisturbed courses, each played once for all tests.
var calmEnds = struct {
	sync.Mutex
	of map[string]chaosOutcome
}{of: map[string]chaosOutcome{}}

// calmEnd gives the end of a course that nothing disturbs.
func calmEnd(t *testing.T, name string) chaosOutcome {
	t.Helper()
	calmEnds.Lock()
	defer calmEnds.Unlock()
	if end, known := calmEnds.of[name]; known {
		return end
	}
	h := newChaosHouse(t, shared)
	h.hireChaos(t)
	h.play(t, readCourse(t, h.house, name, changeOf(name)), nil)
	end, err := h.chaosOutcome()
	must(t, err)
	if len(end.Sent) < 3 || len(end.Facts) < 20 || len(end.shut) > 0 {
		t.Fatalf("the undisturbed %s shows nothing: %d messages, %d facts, shut %q", name, len(end.Sent), len(end.Facts), end.shut)
	}
	calmEnds.of[name] = end
	return end
}

// end compares a course that is over with one that nothing disturbed.
func (p *chaosPlay) end(calm chaosOutcome) chaosEnd {
	end := chaosEnd{N: p.plan.N, Course: p.plan.Course, Killed: p.killed, Seconds: int(time.Since(p.began).Seconds())}
	if p.seen == nil {
		end.Faults = append(end.Faults, "the course was not played to its end")
		return end
	}
	var got chaosOutcome
	var err error
	_ = again(context.Background(), func() error { // a connection that Postgres ended is noticed when it is used again
		if got, err = p.house.chaosOutcome(); errors.Is(err, store.ErrUnavailable) {
			return err
		}
		return nil
	})
	if err != nil {
		end.Faults = append(end.Faults, err.Error())
		return end
	}
	end.Facts, end.Infusions, end.Postings = len(got.Facts), got.infusions, len(got.Ledger)
	for _, n := range got.Sent {
		end.Messages += n
	}
	for _, state := range got.Deliveries {
		if state == message.StateUnknown {
			end.Unknown++
		}
	}
	end.Faults = append(chaosFaults(calm, got), answeredAndLost(p.seen, got)...)
	return end
}

// answeredAndLost are facts that the desk answered and that the store does not have.
func answeredAndLost(seen *memory, got chaosOutcome) (faults []string) {
	stored := slices.Clone(got.Facts)
	for _, l := range seen.lines {
		if l.Type != "recorded" {
			continue
		}
		fact := fmt.Sprintf("%v by %v", l.Get("fact"), l.Get("by"))
		i := slices.Index(stored, fact)
		if i < 0 {
			faults = append(faults, "lost: "+fact)
			continue
		}
		stored = slices.Delete(stored, i, i+1)
	}
	return faults
}

// chaosFaults compares a disturbed course with the undisturbed one. A message whose sending was killed between claim and answer is
// unknown and never sent again: it may be missing, and a message of the other channel may follow it.
func chaosFaults(want, got chaosOutcome) (faults []string) {
	for id, n := range got.ids {
		if n > 1 {
			faults = append(faults, fmt.Sprintf("doubled: one delivery was taken %d times (%s)", n, id))
		}
	}
	follows := 0
	for key := range got.Deliveries {
		if _, known := want.Deliveries[key]; !known {
			follows++
			if !strings.Contains(key, "/"+string(message.FollowInstead)) && !strings.Contains(key, "/"+string(message.FollowAgain)) {
				faults = append(faults, "a delivery that the undisturbed course does not have: "+key)
			}
		}
	}
	extra := 0
	for text, n := range got.Sent {
		extra += max(0, n-want.Sent[text])
	}
	if extra > follows {
		faults = append(faults, fmt.Sprintf("doubled: %d more messages than undisturbed, and only %d follow another", extra, follows))
	}
	for key, state := range want.Deliveries {
		if now := got.Deliveries[key]; now != state && now != message.StateUnknown && now != message.StateSent {
			faults = append(faults, fmt.Sprintf("delivery %s is %q, undisturbed %q", key, now, state))
		}
	}
	for what, pair := range map[string][2]any{
		"stage": {want.Stage, got.Stage}, "visits": {want.Visits, got.Visits}, "facts of people": {want.Facts, got.Facts}, "postings": {want.Ledger, got.Ledger},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			faults = append(faults, what+" differ (-undisturbed +disturbed): "+diff)
		}
	}
	for _, gate := range got.shut {
		faults = append(faults, "an infusion started with a gate shut: "+gate)
	}
	slices.Sort(faults)
	return faults
}

// chaosOutcome reads back what the house's one client left, from the store and from the providers.
func (h *chaosHouse) chaosOutcome() (out chaosOutcome, err error) {
	ctx := context.Background()
	rows, err := h.Store.Board(ctx)
	if err != nil {
		return out, err
	}
	if len(rows) != 1 {
		return out, fmt.Errorf("%d clients, want one", len(rows))
	}
	id := rows[0].ClientID
	hide := func(text string) string {
		return orderedLink.ReplaceAllString(linkToken.ReplaceAllString(strings.ReplaceAll(text, id, "client"), "/TOKEN"), "/TOKEN")
	}
	chart := rows[0].Chart
	out.Stage = chart.Stage()
	for _, v := range chart.Visits {
		out.Visits = append(out.Visits, fmt.Sprint(v.ID, " ", v.Status))
	}
	if err := h.chaosFacts(ctx, id, &out); err != nil {
		return out, err
	}
	messages, err := h.Store.Messages(ctx, id)
	if err != nil {
		return out, err
	}
	out.Deliveries = map[string]message.State{}
	for _, m := range messages {
		out.Deliveries[hide(fmt.Sprint(m.Key))] = m.State
	}
	out.Sent, out.ids = map[string]int{}, map[string]int{}
	for channel, sent := range map[person.Channel][]fake.Sent{person.SMS: h.twilio.Sent(), person.Email: h.sendGrid.Sent()} {
		for _, m := range sent {
			out.Sent[hide(fmt.Sprint(channel, " to ", m.To, ": ", m.Text))]++
			out.ids[string(channel)+" "+m.Ref]++
		}
	}
	if out.Ledger, err = h.ledger(ctx, hide); err != nil {
		return out, err
	}
	return out, nil
}

// orderedLink is a link whose token is followed by more.
var orderedLink = regexp.MustCompile(`/[0-9A-Za-z_-]{20,}`)

// chaosFacts reads the facts that people reported, and the gates that were shut whenever an infusion started.
func (h *chaosHouse) chaosFacts(ctx context.Context, id string, out *chaosOutcome) error {
	entries, err := h.Store.Facts(ctx, id)
	if err != nil {
		return err
	}
	journal, err := h.Store.Journal(ctx, 0, 10000)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.By.Role == person.System || e.By.Role == person.Provider {
			continue
		}
		out.Facts = append(out.Facts, fmt.Sprintf("%s by %s", e.Fact, e.By.Role))
		if e.Fact != "infusion-started" {
			continue
		}
		out.infusions++
		stood, err := record.StoodAt(record.HealthRecord{Facts: entries, Journal: journal}, e.Now.Add(-time.Nanosecond))
		if err != nil {
			return err
		}
		for _, gate := range stood.Gates {
			body, err := json.Marshal(gate)
			if err != nil {
				return err
			}
			out.shut = append(out.shut, string(body))
		}
	}
	return nil
}

// ledger reads the postings without what tells one run from another.
func (h *chaosHouse) ledger(ctx context.Context, hide func(string) string) ([]string, error) {
	conn, err := pgx.Connect(ctx, h.wires.Database)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close(ctx) }()
	rows, err := conn.Query(ctx, postingsQuery)
	if err != nil {
		return nil, err
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	for i := range out {
		out[i] = hide(out[i])
	}
	return out, err
}
