package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	"kapflow/store"
)

// sentRecord is the record of a batch of one notification that was sent.
func sentRecord(no int, text string) care.SendRecord {
	return care.SendRecord{No: no, At: day, Due: []message.DueNotification{{Notification: message.Notification{Key: key(text)}}},
		Results: []message.NotificationResult{{Key: key(text), Result: message.ResultSent}}}
}

func TestChartKnowsEveryResultThatCameSinceItWasSaved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	for _, r := range []care.SendRecord{sentRecord(2, "ask/2"), sentRecord(1, "ask/1"), sentRecord(1, "ask/1")} {
		if err := b.KeepSendRecord(t.Context(), "client-a", r); err != nil {
			t.Fatal(err)
		}
	}
	read, err := b.Chart(t.Context(), "client-a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[message.Key]message.Result{key("ask/1"): message.ResultSent, key("ask/2"): message.ResultSent}, read.Handled); diff != "" || read.Batches != 2 || read.SavedVersion != chart.Version {
		t.Errorf("batches %d, saved version %d: %s", read.Batches, read.SavedVersion, diff)
	}
	if err := b.KeepSendRecord(t.Context(), "client-b", sentRecord(1, "ask/1")); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("a record of nobody: %v", err)
	}
}

// A save makes the records of the results that it knows needless, and keeps the others.
func TestSaveForgetsTheResultsThatItKnows(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	for no := 1; no <= 3; no++ {
		if err := b.KeepSendRecord(t.Context(), "client-a", sentRecord(no, "k")); err != nil {
			t.Fatal(err)
		}
	}
	chart.Batches, chart.InFlight, chart.Version = 2, []int{1}, chart.Version+1
	b.save(care.Save{Chart: chart})
	if n := b.count(`SELECT count(*) FROM send_record WHERE no IN (1, 3)`); n != 2 || b.count(`SELECT count(*) FROM send_record`) != 2 {
		t.Errorf("%d records are left of the batch under way and the one begun since", n)
	}
}

// After a takeover the runs before can write nothing any more, and what they left under way is owed again.
func TestTakeOverShutsOutTheRunsBefore(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	chart.Begin(key("ask/1"))
	chart.Begin(key("ask/2"))
	chart.Batches, chart.InFlight, chart.Version = 2, []int{1, 2}, chart.Version+1
	b.save(care.Save{Chart: chart})
	if err := b.KeepSendRecord(t.Context(), "client-a", sentRecord(1, "ask/1")); err != nil {
		t.Fatal(err)
	}
	taken, err := b.TakeOver(t.Context(), "client-a")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[message.Key]message.Result{key("ask/1"): message.ResultSent}, taken.Handled); diff != "" || taken.Epoch != 1 || len(taken.InFlight) > 0 || taken.Version <= chart.Version {
		t.Errorf("epoch %d, version %d, under way %v: %s", taken.Epoch, taken.Version, taken.InFlight, diff)
	}
	late := chart.Clone()
	late.Version += 10
	if err := b.SaveChart(t.Context(), care.Save{Chart: late}); !errors.Is(err, store.ErrTakenOver) {
		t.Errorf("a save of the run before: %v", err)
	}
	step := record(t, taken, day, told{person.Coordinator, "payment-received", "f-1", `{"fee_set":"medical","amount":5000,"method":"card","key":"k-1"}`})
	b.save(step)
	if read, err := b.Chart(t.Context(), "client-a"); err != nil || read.Facts != taken.Facts {
		t.Errorf("the new run's save: %v, %v", read, err)
	}
	if _, err := b.TakeOver(t.Context(), "client-b"); !errors.Is(err, care.ErrNoClient) {
		t.Errorf("nobody's journey: %v", err)
	}
}

func TestBuildIdStandsForOneProgram(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, c := range []struct {
		build, program string
		want           error
	}{{"1", "a", nil}, {"1", "a", nil}, {"2", "b", nil}, {"1", "b", store.ErrBuildReused}} {
		if err := b.ClaimBuild(t.Context(), c.build, []byte(c.program)); !errors.Is(err, c.want) {
			t.Errorf("build %s with program %s: %v, want %v", c.build, c.program, err, c.want)
		}
	}
}

func TestLiveBuildsAreThoseSeenLately(t *testing.T) {
	t.Parallel()
	b := setup(t)
	see := func(worker, build string) {
		t.Helper()
		if err := b.SeeWorker(t.Context(), worker, build); err != nil {
			t.Fatal(err)
		}
	}
	see("w1", "1")
	see("w2", "2")
	see("w3", "2")
	see("w4", "3")
	b.exec(`UPDATE worker_seen SET seen_at = now() - interval '31 seconds' WHERE worker = 'w4'`)
	if err := b.ForgetWorker(t.Context(), "w1"); err != nil {
		t.Fatal(err)
	}
	if live, err := b.LiveBuilds(t.Context()); err != nil || !slices.Equal(live, []string{"2"}) {
		t.Errorf("live: %v, %v", live, err)
	}
}
