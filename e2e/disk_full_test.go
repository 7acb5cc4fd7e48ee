package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/person"
	"kapflow/desk"
	"kapflow/devstack"
	"kapflow/keyring"
	"kapflow/starter/rehearsal"
	"kapflow/store"
)

// smallDisk is a filesystem of its own that can be filled up and freed.
type smallDisk struct{ path string }

// newSmallDisk mounts one. Without the right to mount, the test is skipped.
func newSmallDisk(t *testing.T, megabytes int) smallDisk {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "kapflow-disk-") // not t.TempDir, which only its owner can enter
	must(t, err)
	t.Cleanup(func() { _ = os.Remove(dir) })
	must(t, os.Chmod(dir, 0o711)) //nolint:gosec // PostgreSQL's account passes through it
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm,mode=711", megabytes), "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("this drill needs a small disk, and this user may not mount one: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.CommandContext(context.WithoutCancel(t.Context()), "umount", dir).CombinedOutput(); err != nil {
			t.Errorf("the small disk is still there: %v: %s", err, out)
		}
	})
	return smallDisk{dir}
}

func (d smallDisk) filler() string { return filepath.Join(d.path, "filler") }

// fill leaves no byte free.
func (d smallDisk) fill() error {
	file, err := os.OpenFile(d.filler(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	for size := 1 << 20; size > 0 && err == nil; {
		if _, err = file.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size, err = size/2, nil
		}
	}
	return errors.Join(err, file.Close())
}

func (d smallDisk) free() error { return os.Remove(d.filler()) }

// smallTown has its PostgreSQL on a small disk, and Temporal's data in it as production has, or elsewhere.
type smallTown struct {
	*town
	disk     smallDisk
	postgres *devstack.Postgres
}

func newSmallTown(t *testing.T, both bool) *smallTown {
	t.Helper()
	s := &smallTown{disk: newSmallDisk(t, 400)}
	var err error
	s.postgres, err = devstack.StartPostgres(t.Context(), devstack.PostgresOptions{Unsafe: true, In: s.disk.path})
	must(t, err)
	t.Cleanup(func() { _ = s.postgres.Stop(context.Background()) })
	temporal := shared.Temporal
	if both {
		temporal, err = devstack.StartTemporal(t.Context(), devstack.TemporalOptions{Store: s.postgres, TimeSkipping: true, Headless: true})
		must(t, err)
		t.Cleanup(func() { _ = temporal.Stop(context.Background()) })
	}
	servers, err := rehearsal.StartTestServers(t.Context(), devstack.Options{TemporalAddress: temporal.Address, DatabaseURL: s.postgres.URL}, keyring.Ring{})
	must(t, err)
	s.town = &town{TestServers: servers}
	return s
}

// fill fills the disk of a house's town.
func (s *smallTown) fill(t *testing.T, h *house) {
	t.Helper()
	must(t, s.disk.fill())
	if err := h.Store.Room(t.Context()); !errors.Is(err, care.ErrDiskFull) {
		t.Errorf("the disk is not full: %v", err)
	}
}

// makeRoom frees the disk, and starts PostgreSQL again if it gave up, as the engine of containers does.
func (s *smallTown) makeRoom(ctx context.Context) error {
	if err := s.disk.free(); err != nil {
		return err
	}
	for tries := 0; ; tries++ {
		conn, err := pgx.Connect(ctx, s.postgres.URL)
		if err == nil {
			return conn.Close(ctx)
		}
		if s.postgres.PID() == 0 {
			return s.postgres.Restart(ctx)
		}
		if tries == 300 || !wait(ctx, 100*time.Millisecond) {
			return fmt.Errorf("PostgreSQL did not come back: %w", err)
		}
	}
}

// The disk is full, Postgres's alone or that of both servers: every fact is refused, with the cause and whom to call, until somebody makes
// room. What was answered is there, and what was refused is recorded once when it is reported again.
func TestFullDiskRefusesClearlyAndLosesNothing(t *testing.T) {
	t.Parallel()
	for _, both := range []bool{false, true} {
		t.Run(map[bool]string{false: "of Postgres", true: "of both servers"}[both], func(t *testing.T) {
			t.Parallel()
			if !both {
				drill(t)
			}
			s := newSmallTown(t, both)
			h := s.newHouse(t)
			h.hire(t)
			id := h.enroll(t, "full")
			before := h.chart(t, id).Facts
			goals := func(n int) error {
				_, err := h.report(t, person.Actor{ID: "psy-sample", Role: person.Psychotherapist}, desk.Command{ClientID: id, Fact: "goals-recorded", ID: fmt.Sprint("goals-", n), With: json.RawMessage(`{"intention": "to sleep through the night"}`)})
				return err
			}
			must(t, goals(0))
			s.fill(t, h)
			h.Desk.Patience = 10 * time.Second
			told, refused := 1, []int(nil)
			for ; len(refused) < 3; told++ {
				if told > 2000 {
					t.Fatal("a full disk refuses nothing")
				}
				err := goals(told)
				if err == nil {
					continue // small rows find a place for some time
				}
				refused = append(refused, told)
				if !errors.Is(err, care.ErrDiskFull) || !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "ask the person who runs Kapflow to make room") {
					t.Errorf("a fact on a full disk: %v", err)
				}
			}
			must(t, s.makeRoom(t.Context()))
			h.Desk.Patience, h.Desk.Store = 2*time.Minute, patientStore{h.Store}
			for _, n := range append(refused, refused...) {
				must(t, goals(n))
			}
			rows := h.query(t, `SELECT count(*) || ' with ' || count(DISTINCT fact_id) || ' ids' FROM fact WHERE name = 'goals-recorded'`)
			if chart := h.chart(t, id); rows[0] != fmt.Sprintf("%d with %d ids", told, told) || chart.Facts != before+told {
				t.Errorf("%s are stored, and the chart knows %d facts; want %d and %d", rows[0], chart.Facts, told, before+told)
			}
		})
	}
}

// A course whose servers' disk is full for a while ends as an undisturbed one: with the same facts and postings, and with no
// message twice.
func TestFullDiskInMidCourseChangesNothing(t *testing.T) {
	drill(t)
	t.Parallel()
	calm := calmEnd(t, brief)
	s := newSmallTown(t, true)
	h := newChaosHouse(t, s.town)
	h.hireChaos(t)
	p := &chaosPlay{plan: chaosPlan{Course: brief}, house: h, began: time.Now()}
	course, random, times := readCourse(t, h.house, brief, nil), chance(t), 6
	moments := moments(random, times, len(course.Steps)-2)
	room := make(chan error, 1)
	room <- nil
	p.seen = h.play(t, course, func(done, _ int) {
		if len(moments) == 0 || done < moments[0] {
			return
		}
		moments = moments[1:]
		must(t, <-room) // after the time before
		s.fill(t, h.house)
		go func() {
			time.Sleep(outage()) // this is how long nobody makes room
			room <- s.makeRoom(context.WithoutCancel(t.Context()))
		}()
	})
	must(t, <-room)
	end := p.end(calm)
	for _, fault := range end.Faults {
		t.Error(fault)
	}
	t.Logf("the disk was full %d times; %d facts, %d messages (%d unknown), %d postings, %d infusions", times, end.Facts, end.Messages, end.Unknown, end.Postings, end.Infusions)
}
