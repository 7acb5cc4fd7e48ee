package store_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kapflow/care"
	"kapflow/care/clock"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/visit"
	"kapflow/e2e/database"
	"kapflow/keyring"
	"kapflow/store"
)

// names tells the roles and databases of tests apart.
var names atomic.Int64

func TestMain(m *testing.M) { os.Exit(database.Run(m)) }

// bundle is one test's own database with a store on it.
type bundle struct {
	*store.Store
	url  string
	keys keyring.Ring
	t    testing.TB
}

var indexKey = []byte(strings.Repeat("0123456789abcdef", 2))

func setup(t testing.TB) *bundle {
	t.Helper()
	return setupLogged(t, slog.New(slog.DiscardHandler))
}

func setupLogged(t testing.TB, log *slog.Logger) *bundle {
	t.Helper()
	var err error
	b := &bundle{url: database.New(t), keys: keyring.New(), t: t}
	b.Store, err = store.Open(t.Context(), store.Options{URL: b.url, Keys: b.keys, IndexKey: indexKey, MaxConns: 10, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// psql opens a connection around the store, as somebody with the password could.
func (b *bundle) psql() *pgx.Conn {
	b.t.Helper()
	conn, err := pgx.Connect(b.t.Context(), b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(b.t.Context())) })
	return conn
}

// exec runs a statement around the store.
func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	if _, err := b.psql().Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

// execOn runs a statement on a connection.
func (b *bundle) execOn(conn *pgx.Conn, sql string, args ...any) {
	b.t.Helper()
	if _, err := conn.Exec(b.t.Context(), sql, args...); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
}

// count runs a query that gives one number.
func (b *bundle) count(sql string, args ...any) (n int) {
	b.t.Helper()
	if err := b.psql().QueryRow(b.t.Context(), sql, args...).Scan(&n); err != nil {
		b.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

var (
	day         = time.Date(2027, time.March, 1, 16, 0, 0, 0, time.UTC) // a Monday, 9:00 in Denver
	coordinator = person.Actor{ID: "coord-1", Role: person.Coordinator}
	denver      = clock.ZoneOf(mustLoad("America/Denver"), day)
)

func mustLoad(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

func samplePolicy() policy.Policy {
	p := policy.Policy{Version: "test-1",
		Practice: policy.PracticeInfo{Name: "Test Practice", DisplayName: "Cedar Office", Phone: "555-010-0100", Timezone: "America/Denver"},
		Clinicians: []policy.Clinician{{ID: "dr-a", Role: person.Physician}, {ID: "psy-a", Role: person.Psychotherapist},
			{ID: "psy-b", Role: person.Psychotherapist}},
		Places: []policy.Place{{ID: "main", Neutral: "our office", Outpatient: true}},
	}
	p.Preparation.MinimumSessions = 4
	p.Money.SessionPrice = 20000
	p.Messages.Window = clock.Window{Open: 9, Close: 20}
	p.Messages.SundayWindow = clock.Window{Open: 12, Close: 18}
	p.Messages.Reminders = []policy.ReminderRule{{Name: "1d", Days: 1, Channels: []person.Channel{person.SMS, person.Email}}}
	return p
}

// newClient is an enrolment, as the desk makes it.
func newClient(t testing.TB, id string) care.NewClient {
	t.Helper()
	with := json.RawMessage(`{"presenting":["depression"],"channels":["sms","email"]}`)
	chart, taken, err := care.Enroll(care.Enrollment{ClientID: id, Policy: samplePolicy(), Zone: denver, ClientZone: denver, At: day,
		Report: care.Report{ID: "enrol-" + id, By: coordinator, With: with}})
	if err != nil {
		t.Fatal(err)
	}
	return care.NewClient{Identity: "reference:" + id,
		Contact: person.Contact{PreferredName: "Robin", Phone: "+13035550123", Email: "robin@example.org"},
		Save:    care.Save{Chart: chart, Entry: &taken.Entry, Changes: chart.DiffAndPublish(day)}}
}

// enrolled writes a client and gives the chart to go on with.
func (b *bundle) enrolled(id string) *care.Chart {
	b.t.Helper()
	n := newClient(b.t, id)
	if _, created, err := b.NewClient(b.t.Context(), n); err != nil || !created {
		b.t.Fatalf("enrol %s: created %v, %v", id, created, err)
	}
	return n.Save.Chart
}

// told is a fact as somebody tells it: who in which role, which fact, the report's id, and its fields as JSON.
type told struct {
	by             person.Role
	fact, id, with string
}

// record takes a fact into a chart and gives the step to be saved.
func record(t testing.TB, c *care.Chart, now time.Time, f told) care.Save {
	t.Helper()
	taken, err := c.Record(f.fact, care.Report{ID: f.id, By: person.Actor{ID: string(f.by) + "-1", Role: f.by}, With: json.RawMessage(f.with)}, now)
	if err != nil {
		t.Fatalf("%s: %v", f.fact, err)
	}
	return care.Save{Chart: c, Entry: &taken.Entry, Changes: c.DiffAndPublish(now), Postings: taken.Postings}
}

func (b *bundle) save(s care.Save) {
	b.t.Helper()
	if err := b.SaveChart(b.t.Context(), s); err != nil {
		b.t.Fatal(err)
	}
}

// saveVisit puts an open visit into a chart and gives the step to be saved.
func saveVisit(c *care.Chart, id string, kind visit.Kind, start time.Time, minutes int) care.Save {
	c.Visits = append(c.Visits, care.Visit{ID: id, Kind: kind, Version: 1, Start: start, Minutes: minutes, Place: "main",
		Status: visit.Booked, BookedAt: day, NoticeAt: day, Notice: "booked"})
	c.Version++
	return care.Save{Chart: c}
}
