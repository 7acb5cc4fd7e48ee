package sample

import (
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kapflow/activities"
	"kapflow/care"
	"kapflow/care/person"
	"kapflow/care/policy"
	"kapflow/care/record"
	"kapflow/e2e/database"
	"kapflow/practice"
	"kapflow/store"
)

func TestMain(m *testing.M) { os.Exit(database.Run(m)) }

// TestAPracticeOfSampleClientsIsWhatItsJourneysWouldHaveSaved: every record opens, its lists hold without being summed up again, and
// the logs of those who have them fit the chart.
func TestAPracticeOfSampleClientsIsWhatItsJourneysWouldHaveSaved(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, time.March, 3, 17, 0, 0, 0, time.UTC)
	prac, err := practice.Sample(now)
	must(t, err)
	fields, index, err := Keys()
	must(t, err)
	url := database.New(t)
	open := func() *store.Store {
		s, err := store.Open(t.Context(), store.Options{URL: url, Keys: fields, IndexKey: index, MaxConns: 4, Log: slog.New(slog.DiscardHandler)})
		must(t, err)
		t.Cleanup(s.Close)
		return s
	}
	s, reader := open(), open() // the second has no data keys in memory
	const clients = 1000
	must(t, Fill(t.Context(), s, prac, Options{Clients: clients, Logs: 10, Now: now}))

	if n, err := s.RefreshSummaries(t.Context(), now, clients); err != nil || n > clients/10 {
		t.Errorf("%d clients are summed up again (%v)", n, err)
	}
	rows, err := s.Board(t.Context())
	must(t, err)
	stages := map[string]int{}
	for _, r := range rows {
		stages[string(r.Stage)]++
	}
	if len(rows) != clients || len(stages) < 6 {
		t.Errorf("%d clients in the stages %v", len(rows), stages)
	}
	answered := 0
	for n := 0; n < clients; n += 10 {
		rec, err := s.HealthRecord(t.Context(), ID(n))
		must(t, err)
		if len(rec.Facts) != rec.Chart.Facts || rec.Contact.PreferredName != Contact(n).PreferredName || rec.Chart.ClientID != ID(n) {
			t.Errorf("%s: %d facts of %d, %q", ID(n), len(rec.Facts), rec.Chart.Facts, rec.Contact.PreferredName)
		}
		stands, err := reader.Standing(t.Context(), ID(n), func(*care.Chart) bool { return false })
		must(t, err)
		answers := slices.DeleteFunc(rec.Facts, func(e care.Entry) bool { return e.Fact != care.KindFor[*care.CheckInAnswered]().Name })
		if stands.Record.Contact != rec.Contact || !reflect.DeepEqual(stands.Record.Chart, rec.Chart) || !slices.EqualFunc(stands.Answers, answers, func(a, b care.Entry) bool { return a.Seq == b.Seq }) {
			t.Errorf("%s: its standing has %v and %d answers of %d", ID(n), stands.Record.Contact, len(stands.Answers), len(answers))
		}
		answered += len(stands.Answers)
	}
	if answered == 0 {
		t.Error("no client answered a check-in")
	}
	who := append(record.PersonRoles(person.StaffRoles()), "")
	watched, err := s.Found(t.Context(), record.EntrySearch{Kind: record.EntryWatch, Who: who, To: now.Add(time.Microsecond), Until: now}, clients)
	must(t, err)
	if unknown, err := s.IndexNames(t.Context(), clients); err != nil || unknown > 0 || len(watched) > clients/10 {
		t.Errorf("the watch opens %d charts and %d names (%v)", len(watched), unknown, err)
	}
	if n, err := s.RefreshOutcomes(t.Context(), clients); err != nil || n > 0 {
		t.Errorf("a report works out %d outcomes (%v)", n, err)
	}
	must(t, s.ReconcileFacts(t.Context(), now))
	if list, err := s.Worklist(t.Context()); err != nil || len(list) > 0 {
		t.Errorf("the watch lists %d facts of sample clients (%v)", len(list), err)
	}
	lines, _, err := s.BoardPage(t.Context(), record.BoardFilter{}, record.BoardPlace{}, 50)
	must(t, err)
	if len(lines) != 50 {
		t.Errorf("%d lines", len(lines))
	}
	theMorningListTellsOfAll(t, s, prac, now, rows)
}

// theMorningListTellsOfAll compares the list of the clients that it opens with that of all.
func theMorningListTellsOfAll(t *testing.T, s *store.Store, prac practice.Practice, now time.Time, all []care.BoardRow) {
	t.Helper()
	day := prac.Zone.Clock(now, 0, 0)
	ids, next, err := s.AtWork(t.Context(), day, prac.Zone.AddDays(day, 1), "", len(all))
	must(t, err)
	some, err := s.Charts(t.Context(), ids)
	must(t, err)
	if next != "" || len(some) > len(all)/4 {
		t.Errorf("%d charts of %d are opened", len(some), len(all))
	}
	list := func(rows []care.BoardRow) string {
		return activities.Morning{Rows: rows, Zone: prac.Zone, Now: now, Practice: prac.Policy}.ListFor(policy.Clinician{Role: person.Coordinator})
	}
	if a, b := list(all), list(some); a != b || !strings.Contains(a, "overdue") {
		t.Errorf("of all:\n%s\nof those opened:\n%s", a, b)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
