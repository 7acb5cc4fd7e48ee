package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/engine"
	"kapflow/practice"
	"kapflow/practice/coursefile"
	"kapflow/starter/rehearsal"
)

// The courses that are played undisturbed and disturbed: everything that a course can have happens in the standard
// one; the brief one, of two infusions, is for CI, which has two cores and little time.
const (
	standard = "standard-six.yaml"
	brief    = "withdrawal-after-two.yaml"
)

// aCourse is the brief one, or the standard one in the long run.
func aCourse() string {
	if long() {
		return standard
	}
	return brief
}

// readCourse reads a shipped course. Its dates are those of the first reading, so that two runs can be compared.
func readCourse(t *testing.T, h *house, name string, change func([]byte) []byte) *coursefile.Course {
	t.Helper()
	body, err := fs.ReadFile(practice.Courses(), name)
	must(t, err)
	if change != nil {
		body = change(body)
	}
	course, err := rehearsal.Parse(name, body, h.Practice.Zone, h.Practice.Policy, began)
	must(t, err)
	return course
}

// began is when the tests began: courses that start "next monday" all start on the same one.
var began = time.Now()

// play plays a course in a house where somebody works, through whatever happens to its servers meanwhile.
func (h *house) play(t *testing.T, course *coursefile.Course, progress func(done, total int)) *memory {
	t.Helper()
	h.Desk.Store = patientStore{h.Store}
	seen := &memory{}
	drive := h.drive
	if h.restarts != nil {
		drive = h.restarts.drive
	}
	player := &rehearsal.Player{Course: course, Sink: seen, Progress: progress,
		On: &rehearsal.Environment{App: h.App, Clock: &h.clock, Drive: drive}}
	if err := player.Play(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, tail(h.log.Bytes()))
	}
	return seen
}

// memory keeps the lines of a course.
type memory struct{ lines []coursefile.Line }

// Line keeps one.
func (m *memory) Line(l coursefile.Line) error {
	m.lines = append(m.lines, l)
	return nil
}

func tail(b []byte) []byte { return b[max(0, len(b)-4000):] }

// drive moves a journey's time on. Time does not run while the server is away, so it asks again, after it ended what it asked before and the
// journey did what is due. It also asks whether the time was kept: a server that could not save it falls back to the time that it had saved. It
// gives up when time stood still for four minutes.
func (h *house) drive(ctx context.Context, workflowID string, to time.Time) error {
	var reached, deadline time.Time
	for tries := 0; ; tries++ {
		var now time.Time
		var err error
		if tries > 0 {
			now, err = h.catchUp(ctx, workflowID)
		}
		if err == nil {
			err = h.driveOnce(ctx, workflowID, to)
		}
		if deadline.IsZero() || now.Sub(reached) > time.Minute {
			reached, deadline = now, time.Now().Add(4*time.Minute)
		}
		if err == nil || errors.Is(err, engine.ErrClosed) || ctx.Err() != nil || time.Now().After(deadline) {
			return err
		}
		if !wait(ctx, 100*time.Millisecond) {
			return err
		}
	}
}

// driveAttempt is longer than a skip of time waits for a timer that is due (ADR 0070). After Temporal's clock went back, timers fire late, and the
// next attempt goes on without them.
const driveAttempt = 12 * time.Second

// catchUpTime is longer than the server takes to try again to fire a timer when it could save nothing for a minute.
const catchUpTime = 20 * time.Second

// catchUp ends what was asked of a journey's time, and waits until the journey did what was due at its time, which it gives. A server that comes
// back has timers that are due for longer than a skip of time waits for them; they would fire where the skip ends, hours late, when a reminder is
// no use any more. It does not wait for ever: timers fire late on purpose after Temporal's clock went back.
func (h *house) catchUp(ctx context.Context, workflowID string) (now time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, catchUpTime)
	defer cancel()
	if now, err = engine.VirtualNow(ctx, h.TemporalClient, workflowID); err == nil {
		err = engine.EndFastForward(ctx, h.TemporalClient, workflowID)
	}
	if err != nil {
		return now, err
	}
	for {
		chart, err := h.Store.Chart(ctx, workflowID)
		if err == nil {
			if due, _, waits := chart.NextMoment(chart.Published.At); !waits || due.After(now) {
				return now, nil
			}
		}
		if !wait(ctx, 100*time.Millisecond) {
			return now, nil
		}
	}
}

// driveOnce moves the time once.
func (h *house) driveOnce(ctx context.Context, workflowID string, to time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, driveAttempt)
	defer cancel()
	if err := engine.FastForward(ctx, h.TemporalClient, workflowID, to); err != nil {
		return err
	}
	now, err := engine.VirtualNow(ctx, h.TemporalClient, workflowID)
	if err == nil && now.Before(to) {
		err = fmt.Errorf("the server lost the time %s and is at %s", to, now)
	}
	return err
}

// outcome is all that a course left behind, without what tells one run from another: ids, and how long things took.
type outcome struct {
	Charts     []*care.Chart
	Facts      []string
	Deliveries map[string]delivery
	Mailbox    map[string]string
	Ledger     []string
}

type delivery struct {
	State, Why, Text string
	Late             bool
}

// outcome reads everything back.
func (h *house) outcome(t *testing.T) outcome {
	t.Helper()
	rows, err := h.Store.Board(t.Context())
	must(t, err)
	slices.SortFunc(rows, func(a, b care.BoardRow) int { return a.Enrolled.Compare(b.Enrolled) })
	out := outcome{Deliveries: map[string]delivery{}, Mailbox: map[string]string{}}
	hide := func(text string) string {
		for i, r := range rows {
			text = string(bytes.ReplaceAll([]byte(text), []byte(r.ClientID), fmt.Appendf(nil, "client-%d", i)))
		}
		return linkToken.ReplaceAllString(text, "/TOKEN")
	}
	for _, r := range rows {
		body, err := json.Marshal(r.Chart)
		must(t, err)
		chart := new(care.Chart)
		must(t, json.Unmarshal([]byte(hide(string(body))), chart))
		out.Charts = append(out.Charts, chart)
		facts, err := h.Store.Facts(t.Context(), r.ClientID)
		must(t, err)
		for _, f := range facts {
			out.Facts = append(out.Facts, hide(fmt.Sprintf("%s %d %s by %s", r.ClientID, f.Seq, f.Fact, f.By.Role)))
		}
		messages, err := h.Store.Messages(t.Context(), r.ClientID)
		must(t, err)
		for _, m := range messages {
			out.Deliveries[hide(m.Key.String())] = delivery{string(m.State), m.Why, hide(m.Text), m.Late}
		}
	}
	must(t, h.Store.EachMail(t.Context(), func(key, channel, to, subject, text string, _ time.Time) error {
		out.Mailbox[hide(key)] = fmt.Sprintf("%s to %s: %s | %s", channel, to, subject, hide(text))
		return nil
	}))
	for _, row := range h.query(t, postingsQuery) {
		out.Ledger = append(out.Ledger, hide(row))
	}
	return out
}

// postingsQuery reads every posting as one line.
const postingsQuery = `
		SELECT x.client_id || ' ' || x.key || ' ' || x.fee_set || ' ' || x.occurred_on || ' ' || x.memo || ' ' ||
			(SELECT string_agg(e.account_id || ' ' || e.amount_cents, ', ' ORDER BY e.line) FROM ledger_entry e WHERE e.tx_id = x.id)
		FROM ledger_tx x ORDER BY x.client_id, x.key`

// linkToken is the token of a link in a message: another one in each run.
var linkToken = regexp.MustCompile(`/[0-9A-Za-z]{43}\b`)

// query asks the house's database itself for one column of text.
func (h *house) query(t *testing.T, sql string, args ...any) []string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), h.wires.Database)
	must(t, err)
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	rows, err := conn.Query(t.Context(), sql, args...)
	must(t, err)
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(t, err)
	return out
}

// undisturbed is what a course leaves behind when nothing happens to it.
func undisturbed(t *testing.T, name string) outcome {
	t.Helper()
	kept, _ := calm.LoadOrStore(name, new(calmRun))
	run := kept.(*calmRun)
	run.Do(func() {
		h := shared.newHouse(t)
		defer h.work(t)()
		h.play(t, readCourse(t, h, name, nil), nil)
		run.outcome = h.outcome(t)
	})
	if len(run.outcome.Charts) == 0 {
		t.Fatal("the undisturbed course failed")
	}
	return run.outcome
}

type calmRun struct {
	sync.Once
	outcome outcome
}

var calm sync.Map // course → *calmRun

// compare reports every difference between two runs of one course. Times, and how long an infusion ran, may differ by what
// servers took to come back: time goes on meanwhile, for the client in the chair too. A chart's version counts saves, of
// which a disturbed run may need fewer or more, and its epoch counts the times that the journey was restarted. A journal has two lines more for a task that
// fell due while servers were slow.
func compare(t *testing.T, want, got outcome) {
	t.Helper()
	minutes := cmp.FilterPath(func(p cmp.Path) bool {
		return p.Last().String() == ".Minutes" && strings.Contains(p.GoString(), ".Day")
	},
		cmp.Comparer(func(a, b int) bool { return max(a, b)-min(a, b) <= 10 }))
	diff := cmp.Diff(want, got, minutes, cmpopts.EquateApproxTime(10*time.Minute), cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(care.Chart{}),
		cmpopts.IgnoreFields(care.Chart{}, "Version", "Epoch"), cmpopts.IgnoreFields(care.Published{}, "Changes"), cmpopts.IgnoreFields(care.Receipt{}, "ID"))
	if diff != "" {
		t.Errorf("the disturbed course ended otherwise than the undisturbed one (-undisturbed +disturbed):\n%s", diff)
	}
	if len(got.Deliveries) < 40 || len(got.Mailbox) < 40 || len(got.Ledger) < 8 {
		t.Errorf("only %d letters, %d mails, %d postings: too few to show anything", len(got.Deliveries), len(got.Mailbox), len(got.Ledger))
	}
}
