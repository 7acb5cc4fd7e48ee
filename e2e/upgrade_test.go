package e2e_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kapflow/care/message"
	"kapflow/desk"
	"kapflow/devstack"
	"kapflow/starter/rehearsal"
)

// Upgrading is one command: the old worker stops, the new one starts, as `docker compose up -d` does it. A course in
// progress goes on within a minute, whether the old worker ended in order or was killed, and nobody runs two of them.
func TestUpgradeMovesACourseInProgressWithinAMinute(t *testing.T) {
	t.Parallel()
	h := ownTown(t, devstack.Options{}).newHouse(t) // a worker program has the schedules' names of a practice
	one, two := buildWorker(t, "1.0.0"), buildWorker(t, "2.0.0")
	w := h.runWorker(t, one)
	// A worker program sends by the clock on the wall, and never in the client's night.
	monday := time.Now().UTC()
	for monday.Weekday() != time.Monday {
		monday = monday.AddDate(0, 0, 1)
	}
	id := h.acceptedIn(t, rehearsal.ZoneWithHour(monday, 12), "upgrade", monday)
	appointment := h.book(t, id, monday, 4, 10)
	booked := "booked/" + appointment + "/v1"
	await(t, "the word that the visit is booked", time.Minute, func() bool { return h.deliveries(t, id)[booked].State == message.StateSent })
	turns := 2
	if long() {
		turns = 20
	}
	for n := range turns {
		if n%2 == 0 {
			must(t, w.stop(syscall.SIGTERM))
		} else {
			must(t, w.stop(syscall.SIGKILL))
		}
		next, version := two, "2.0.0"
		if n%2 == 1 {
			next, version = one, "1.0.0"
		}
		began := time.Now()
		w = h.runWorker(t, next)
		_, err := h.report(t, coordinator, desk.Command{ClientID: id, Fact: "paused", ID: fmt.Sprint("pause-", n), With: json.RawMessage(`{"reason": "to see that the journey goes on"}`)})
		must(t, err)
		_, err = h.report(t, coordinator, desk.Command{ClientID: id, Fact: "resumed", ID: fmt.Sprint("resume-", n), With: json.RawMessage(`{}`)})
		must(t, err)
		await(t, "the journey to be on build "+version, time.Minute, func() bool { return h.buildOf(t, id) == version })
		if took := time.Since(began); took > time.Minute {
			t.Errorf("upgrade %d took %s, want at most a minute", n+1, took)
		}
	}
	if got := h.chart(t, id); got.Facts < 2*turns {
		t.Errorf("the chart knows %d facts", got.Facts)
	}
	sent := 0
	must(t, h.Store.EachMail(t.Context(), func(key, _, _, _, _ string, _ time.Time) error {
		if strings.Contains(key, booked) {
			sent++
		}
		return nil
	}))
	if sent != 1 {
		t.Errorf("the word that the visit is booked left %d times, want once", sent)
	}
}

// A second program under a build id that is taken is refused, with a remedy.
func TestWorkerRefusesABuildIdOfAnotherProgram(t *testing.T) {
	t.Parallel()
	h := shared.newHouse(t)
	must(t, h.Store.ClaimBuild(t.Context(), "1.0.0", []byte("another program")))
	w := h.startWorker(t, buildWorker(t, "1.0.0"))
	if err := w.cmd.Wait(); err == nil || !strings.Contains(w.log.String(), "build 1.0.0: store: claim build: this build id belongs to another program") {
		t.Errorf("the worker ended with %v and said:\n%s", err, w.log.String())
	}
}

// buildWorker builds the worker program as a release does, with a version compiled in.
func buildWorker(t *testing.T, version string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "worker-"+version)
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-X kapflow/config.Version="+version, "-o", path, "kapflow/worker")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as the Makefile does, so that nothing is compiled twice
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the worker: %v\n%s", err, out)
	}
	return path
}

// program is a worker program that runs as it does in a practice.
type program struct {
	cmd *exec.Cmd
	log lines
}

// runWorker starts a worker program and returns once it works.
func (h *house) runWorker(t *testing.T, path string) *program {
	t.Helper()
	w := h.startWorker(t, path)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the worker said:\n%s", w.log.String())
		}
	})
	await(t, "the worker to work", time.Minute, func() bool { return bytes.Contains(w.log.Bytes(), []byte(`"msg":"working"`)) })
	return w
}

func (h *house) startWorker(t *testing.T, path string) *program {
	t.Helper()
	w := &program{cmd: exec.Command(path)}
	w.cmd.Env = append(os.Environ(), "TEMPORAL_ADDRESS="+h.wires.Temporal, "DATABASE_URL="+h.wires.Database, "KAPFLOW_TASK_QUEUE="+h.wires.Queue,
		"KAPFLOW_PAYLOAD_KEYS="+h.wires.PayloadKey, "KAPFLOW_FIELD_KEYS="+h.wires.FieldKey,
		"KAPFLOW_INDEX_KEY="+base64.StdEncoding.EncodeToString(h.wires.IndexKey), "KAPFLOW_LISTEN=127.0.0.1:0", "KAPFLOW_PRIVATE_LISTEN=127.0.0.1:0")
	w.cmd.Stderr = &w.log
	must(t, w.cmd.Start())
	t.Cleanup(func() { _ = w.cmd.Process.Kill() })
	return w
}

// stop ends the program with a signal and waits until it is gone.
func (w *program) stop(signal os.Signal) error {
	if err := w.cmd.Process.Signal(signal); err != nil {
		return err
	}
	err := w.cmd.Wait()
	if signal == syscall.SIGKILL {
		return nil
	}
	return err
}

// String is what the program said.
func (l *lines) String() string { return string(l.Bytes()) }

// buildOf is the build that a journey is pinned to.
func (h *house) buildOf(t *testing.T, id string) string {
	t.Helper()
	described, err := h.TemporalClient.DescribeWorkflowExecution(t.Context(), id, "")
	must(t, err)
	return described.GetWorkflowExecutionInfo().GetVersioningInfo().GetDeploymentVersion().GetBuildId()
}
