package e2e_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"

	"kapflow/desk"
	"kapflow/keyring"
)

// A worker program that lacks a key does not start: it says which setting, and what to do. Nothing is written meanwhile, and with
// the keys back it goes on. If a payload key is lost for good, each journey is restarted under the new one.
func TestAMissingKeyIsNamedAtTheStart(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	first := h.hire(t)
	id := h.enroll(t, "keys")
	must(t, first.dismiss())
	path := buildWorker(t, "1.0.0")
	right := h.wires
	written := func() []string {
		return h.query(t, `SELECT (SELECT count(*) FROM fact) || ' ' || (SELECT count(*) FROM journal) || ' ' || (SELECT count(*) FROM letter) || ' ' || (SELECT count(*) FROM data_key) || ' ' || (SELECT count(*) FROM audit_event)`)
	}
	before := written()
	await(t, "the journey to be listed", time.Minute, func() bool { return h.running(t, id) == 1 })
	for name, c := range map[string]struct {
		take func(*wires)
		says string
	}{
		"no payload key":      {func(w *wires) { w.PayloadKey = "" }, "KAPFLOW_PAYLOAD_KEYS is missing. Set it, or set KAPFLOW_PAYLOAD_KEYS_FILE"},
		"no field key":        {func(w *wires) { w.FieldKey = "" }, "KAPFLOW_FIELD_KEYS is missing. Set it, or set KAPFLOW_FIELD_KEYS_FILE"},
		"no index key":        {func(w *wires) { w.IndexKey = nil }, "KAPFLOW_INDEX_KEY is missing. Set it, or set KAPFLOW_INDEX_KEY_FILE"},
		"another payload key": {func(w *wires) { w.PayloadKey = keyring.NewEntry("other") }, "KAPFLOW_PAYLOAD_KEYS has not every key that running journeys are written with; put it back and start again"},
		"its id only":         {func(w *wires) { w.PayloadKey = keyring.NewEntry("e2e") }, "KAPFLOW_PAYLOAD_KEYS has not every key that running journeys are written with; put it back and start again"},
		"another field key":   {func(w *wires) { w.FieldKey = keyring.NewEntry("other") }, "KAPFLOW_FIELD_KEYS has not the key that this database was sealed with; put it back and start again"},
		"another index key":   {func(w *wires) { w.IndexKey = keyring.NewKey() }, "KAPFLOW_INDEX_KEY cannot be changed; put the one from before back and start again"},
	} {
		h.wires = right
		c.take(&h.wires)
		w := h.startWorker(t, path)
		if err := w.cmd.Wait(); err == nil || !strings.Contains(w.log.String(), c.says) {
			t.Errorf("%s: the worker ended with %v and said:\n%s", name, err, w.log.String())
		}
		for _, key := range []string{right.PayloadKey, right.FieldKey, base64.StdEncoding.EncodeToString(right.IndexKey)} {
			if strings.Contains(w.log.String(), key[strings.Index(key, ":")+1:]) {
				t.Errorf("%s: the log quotes a key", name)
			}
		}
	}
	if after := written(); !slices.Equal(before, after) {
		t.Errorf("something was written meanwhile: %s became %s", before, after)
	}

	h.wires.PayloadKey, h.wires.FieldKey, h.wires.IndexKey = keyring.NewEntry("found-again"), right.FieldKey, right.IndexKey
	lost := h.rewired(t, h.wires)
	must(t, lost.Desk.Restart(t.Context(), as(h, coordinator), id, "the payload key is lost"))
	lost.runWorker(t, path)
	_, err := lost.record(t, id, "paused", coordinator, `{"reason": "to see that the journey goes on"}`)
	must(t, err)
}

// Programs that do not have the same keys, as in a rotation that was done in the wrong order, refuse what they cannot read, and say
// what is wrong. What was refused is recorded once when all have the same keys.
func TestProgramsWithDifferentKeysRefuseClearly(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	worker := h.hire(t)
	id := h.enroll(t, "known")
	before := h.chart(t, id).Facts
	known := h.wires
	known.PayloadKey, known.FieldKey = keyring.NewEntry("new-payload")+","+h.wires.PayloadKey, keyring.NewEntry("new-field")+","+h.wires.FieldKey
	other := h.wires
	other.PayloadKey = keyring.NewEntry("other-payload")
	sealing := known
	sealing.PayloadKey = h.wires.PayloadKey
	newest, apart, ahead := h.rewired(t, known), h.rewired(t, other), h.rewired(t, sealing)
	// The worker cannot save anything about a client whose key was made under a field key that it lacks.
	answer, err := ahead.Desk.Enroll(t.Context(), as(h, coordinator), desk.Enrollment{Reference: "new", PreferredName: "Other", Phone: "+13035550143", Presenting: []string{"anxiety"}})
	must(t, err)
	refused := []desk.Command{}
	expect := func(on *house, client, says string) {
		t.Helper()
		on.Desk.Patience = 15 * time.Second // longer than a save that does not wait
		c := desk.Command{ClientID: client, Fact: "goals-recorded", ID: fmt.Sprint("goals-", len(refused)), With: json.RawMessage(`{"intention": "to rest"}`)}
		if _, err := on.report(t, psychotherapist, c); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v\nwant %q", err, says)
		}
		refused = append(refused, c)
	}
	expect(newest, id, "give every program the same KAPFLOW_PAYLOAD_KEYS")
	expect(apart, id, "give this program and the worker the same KAPFLOW_PAYLOAD_KEYS")
	expect(h, answer.ClientID, `was sealed with the key "new-field", which is not among the field keys of this program`)
	expect(ahead, answer.ClientID, `SaveChart fails: store: seal chart: a sealed field cannot be opened: data_key.sealed was sealed with the key "new-field"`)
	must(t, worker.kill())
	worker = h.hire(t, func(w *wires) { w.PayloadKey = other.PayloadKey })
	expect(h, id, "the worker fails at this journey; its log says why")
	must(t, worker.kill())

	h.hire(t, func(w *wires) { *w = known })
	newest.Desk.Patience = 2 * time.Minute
	for range 2 {
		for _, c := range refused {
			_, err := newest.report(t, psychotherapist, c)
			must(t, err)
		}
	}
	if rows := h.query(t, `SELECT count(*) || ' with ' || count(DISTINCT fact_id) || ' ids' FROM fact WHERE name = 'goals-recorded'`); rows[0] != fmt.Sprintf("%d with %d ids", len(refused), len(refused)) {
		t.Errorf("%s are stored", rows[0])
	}
	if after := newest.chart(t, id).Facts; after != before+3 {
		t.Errorf("%d facts became %d, want 3 more", before, after)
	}
}

// A course whose worker is started again and again without a key that it needs, and at last with it, ends as an undisturbed one.
func TestAKeyMissingInMidCourseChangesNothing(t *testing.T) {
	t.Parallel()
	calm := calmEnd(t, brief)
	h := newChaosHouse(t, shared)
	h.hireChaos(t)
	p := &chaosPlay{plan: chaosPlan{Course: brief}, house: h, began: time.Now()}
	course, times := readCourse(t, h.house, brief, nil), 2
	if long() {
		times = 8
	}
	when := moments(chance(t), times, len(course.Steps)-2)
	back := make(chan error, 1)
	back <- nil
	p.seen = h.play(t, course, func(done, _ int) {
		if len(when) == 0 || done < when[0] {
			return
		}
		when = when[1:]
		must(t, <-back) // after the time before
		go func() { back <- h.withoutAKey(context.WithoutCancel(t.Context())) }()
	})
	must(t, <-back)
	end := p.end(calm)
	for _, fault := range end.Faults {
		t.Error(fault)
	}
	t.Logf("the keys were taken away %d times; %d facts, %d messages (%d unknown), %d postings, %d infusions", times, end.Facts, end.Messages, end.Unknown, end.Postings, end.Infusions)
}

// withoutAKey replaces the worker by one with another payload key for a while, tries to start one with another field key, and then
// starts one that has both.
func (h *chaosHouse) withoutAKey(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.last.kill(); err != nil {
		return err
	}
	wrong, err := h.startProcess(func(w *wires) { w.PayloadKey = keyring.NewEntry("other") })
	if err != nil {
		return err
	}
	wait(ctx, outage())
	if err := wrong.kill(); err != nil {
		return err
	}
	if started, err := h.startProcess(func(w *wires) { w.FieldKey = keyring.NewEntry("other") }); err == nil {
		return fmt.Errorf("a worker with another field key works: %w", started.kill())
	} else if !strings.Contains(err.Error(), "KAPFLOW_FIELD_KEYS has not the key") {
		return fmt.Errorf("a worker with another field key says: %w", err)
	}
	h.last, err = h.startProcess()
	return err
}

// running counts the runs of a client's journey that Temporal's list, which is a moment late, has as running.
func (h *house) running(t *testing.T, id string) int64 {
	t.Helper()
	counted, err := h.TemporalClient.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{
		Query: fmt.Sprintf(`WorkflowId=%q AND TaskQueue=%q AND ExecutionStatus="Running"`, id, h.wires.Queue)})
	must(t, err)
	return counted.GetCount()
}
