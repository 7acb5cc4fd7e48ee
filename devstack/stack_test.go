package devstack_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kapflow/devstack"
)

// ownerVariable makes the test program start a stack, print its parts, and wait to be killed.
const ownerVariable = "KAPFLOW_TEST_STACK_OWNER"

var quiet = slog.New(slog.DiscardHandler)

func TestMain(m *testing.M) {
	if os.Getenv(ownerVariable) != "" {
		own()
	}
	os.Exit(m.Run())
}

// belongings are the parts of a stack outside of its owner.
type belongings struct {
	PIDs    []int
	DataDir string
	RunDirs []string
}

func own() {
	stack, err := devstack.Start(context.Background(), devstack.Options{Out: os.Stderr, Unsafe: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), "kapflow-devstack-*"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(belongings{
		PIDs:    []int{stack.Temporal.PID(), stack.Postgres.PID()},
		DataDir: stack.Postgres.DataDir,
		RunDirs: dirs,
	})
	select {}
}

// background is a context for cleaning up after the test's own has ended.
func background(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func stopped(t *testing.T, s interface{ Stop(context.Context) error }) {
	t.Helper()
	if err := s.Stop(background(t)); err != nil {
		t.Error(err)
	}
}

// gone waits until a process has ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	if pid <= 0 {
		t.Fatalf("no process: %d", pid)
	}
	within(t, fmt.Sprintf("process %d is still there", pid), func() bool {
		out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		state := strings.TrimSpace(string(out))
		return state == "" || strings.HasPrefix(state, "Z")
	})
}

func within(t *testing.T, complaint string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(15 * time.Second); !holds(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal(complaint)
		}
	}
}

func absent(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is left: %v", path, err)
	}
}

// noSharedMemory waits until a PostgreSQL has released its shared memory. The system keeps it until the last process of
// a killed server has ended.
func noSharedMemory(t *testing.T, pid int) {
	t.Helper()
	const creator = 4
	within(t, fmt.Sprintf("process %d has left shared memory", pid), func() bool {
		table, err := os.ReadFile("/proc/sysvipc/shm")
		if err != nil {
			return true // not Linux
		}
		for line := range strings.Lines(string(table)) {
			if fields := strings.Fields(line); len(fields) > creator && fields[creator] == strconv.Itoa(pid) {
				return false
			}
		}
		return true
	})
}

// ownTempDir gives the test, and the processes it starts, an empty directory for temporary files. PostgreSQL's account
// can enter it.
func ownTempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", dir)
	return dir
}

func nothingIn(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range left {
		t.Errorf("%s is left", entry.Name())
	}
}

func TestStacksRunSideBySide(t *testing.T) {
	tmp := ownTempDir(t)
	var stacks [2]*devstack.Stack
	t.Run("Start", func(t *testing.T) {
		for i := range stacks {
			t.Run(strconv.Itoa(i), func(t *testing.T) {
				t.Parallel()
				began := time.Now()
				stack, err := devstack.Start(t.Context(), devstack.Options{Out: t.Output(), Unsafe: true})
				if err != nil {
					t.Fatal(err)
				}
				stacks[i] = stack
				t.Logf("answers after %s", time.Since(began).Round(time.Millisecond))
			})
		}
	})
	if t.Failed() {
		return
	}
	for _, stack := range stacks {
		healthy(t, stack.Temporal)
		if got := query(t, stack.Postgres.URL, "SELECT 'here'"); got != "here" {
			t.Errorf("PostgreSQL answers %q", got)
		}
	}
	for _, stack := range stacks {
		pids := []int{stack.Temporal.PID(), stack.Postgres.PID()}
		began := time.Now()
		stopped(t, stack)
		t.Logf("stopped after %s", time.Since(began).Round(time.Millisecond))
		for _, pid := range pids {
			gone(t, pid)
		}
	}
	nothingIn(t, tmp)
}

func TestStackEndsWithItsOwner(t *testing.T) {
	ownTempDir(t)
	owner := exec.CommandContext(t.Context(), os.Args[0])
	owner.Env = append(os.Environ(), ownerVariable+"=1")
	owner.Stderr = t.Output()
	out, err := owner.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := owner.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var its belongings
	if err := json.Unmarshal(line, &its); err != nil {
		t.Fatal(err)
	}
	if len(its.RunDirs) != 2 {
		t.Fatalf("the owner has %d run directories", len(its.RunDirs))
	}

	// While the owner lives, another start does not remove its data.
	startPostgres(t)
	if _, err := os.Stat(its.DataDir); err != nil {
		t.Fatalf("data of a living owner: %v", err)
	}

	if err := owner.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = owner.Wait() // it was killed
	for _, pid := range its.PIDs {
		gone(t, pid)
	}
	next := startPostgres(t)
	for _, dir := range its.RunDirs {
		absent(t, dir)
	}
	noSharedMemory(t, its.PIDs[1])
	stopped(t, next)
}

func TestStackStartCalledOff(t *testing.T) {
	tmp := ownTempDir(t)
	// At moments spread over a start, so that every step is interrupted once.
	for _, after := range []time.Duration{0, 30, 100, 300, 600, 1000} {
		ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
		stack, err := devstack.Start(ctx, devstack.Options{Unsafe: true})
		cancel()
		if err == nil {
			stopped(t, stack)
		} else if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("called off after %d ms: %v", after, err)
		}
		nothingIn(t, tmp)
		noneMentions(t, tmp)
	}
}

// noneMentions checks that no process works in dir.
func noneMentions(t *testing.T, dir string) {
	t.Helper()
	out, err := exec.Command("ps", "-ww", "-eo", "pid=,args=").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, dir) {
			t.Errorf("still runs: %s", line)
		}
	}
}

func TestStackStartsWholeOrNotAtAll(t *testing.T) {
	tmp := ownTempDir(t)
	_, err := devstack.Start(t.Context(), devstack.Options{DatabaseURL: "postgres://nobody:secret@127.0.0.1:1/none?sslmode=disable"})
	if err == nil || !strings.Contains(err.Error(), "DATABASE_URL") {
		t.Errorf("error %v does not name DATABASE_URL", err)
	}
	if err != nil && strings.Contains(err.Error(), "secret") {
		t.Errorf("the error shows the password: %v", err)
	}
	nothingIn(t, tmp)
	noneMentions(t, tmp)
}
