package store_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/person"
	summary "kapflow/care/record"
	"kapflow/store"
)

func TestChartComesBackAsItWasSaved(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := b.enrolled("client-a")
	got, err := b.Chart(t.Context(), "client-a")
	if err != nil {
		t.Fatal(err)
	}
	if got.Handled == nil {
		t.Error("a chart without any handled duty has no map to note one in")
	}
	want.Handled, want.SavedVersion = got.Handled, want.Version
	if diff := cmp.Diff(want.Clone(), got.Clone(), cmp.AllowUnexported(care.Chart{})); diff != "" {
		t.Error(diff)
	}
	contact, err := b.Contact(t.Context(), "client-a")
	if want := (person.Contact{PreferredName: "Robin", Phone: "+13035550123", Email: "robin@example.org"}); err != nil || contact != want {
		t.Errorf("contact %v, %v", contact, err)
	}
	if _, err := b.Chart(t.Context(), "client-b"); !errors.Is(err, care.ErrNoClient) {
		t.Errorf("an unknown client gives %v", err)
	}
	if _, err := b.Contact(t.Context(), "client-b"); !errors.Is(err, care.ErrNoClient) {
		t.Errorf("an unknown client's contact gives %v", err)
	}
}

func TestOneIdentityEnrolsOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const many = 20
	var created atomic.Int64
	ids := make([]string, many)
	var all sync.WaitGroup
	for i := range many {
		n := newClient(t, fmt.Sprintf("client-%d", i))
		n.Identity = []string{"Reference: 7 ", "reference: 7"}[i%2]
		all.Go(func() {
			id, first, err := b.NewClient(t.Context(), n)
			if err != nil {
				t.Errorf("enrolment %d: %v", i, err)
			}
			if ids[i] = id; first {
				created.Add(1)
			}
		})
	}
	all.Wait()
	if n := created.Load(); n != 1 {
		t.Errorf("%d enrolments created a client", n)
	}
	for i, id := range ids {
		if id != ids[0] {
			t.Errorf("enrolment %d was given %s, the first %s", i, id, ids[0])
		}
	}
	if n := b.count(`SELECT (SELECT count(*) FROM client) + (SELECT count(*) FROM contact) + (SELECT count(*) FROM fact)`); n != 3 {
		t.Errorf("there are %d rows of clients, contacts and facts, want one each", n)
	}
}

func TestAnIdThatIsTakenByAnotherPersonIsAConflict(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-a")
	n := newClient(t, "client-a")
	n.Identity = "somebody else"
	if _, _, err := b.NewClient(t.Context(), n); !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v", err)
	}
}

func TestBoardShowsEveryClientWithTheRowThatListsNeed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.enrolled("client-b")
	chart := b.enrolled("client-a")
	later := day.Add(time.Hour)
	b.save(record(t, chart, later, told{person.Coordinator, "messaging-consent-recorded", "f-1", `{"channel":"sms","granted":true}`}))

	rows, err := b.Board(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		ID              string
		Stage           care.Stage
		Enrolled, Saved time.Time
		Facts           int
	}
	var got []row
	for _, r := range rows {
		got = append(got, row{r.ClientID, r.Stage, r.Enrolled, r.LastSaved, r.Chart.Facts})
	}
	want := []row{{"client-a", chart.Stage(), day, later, 2}, {"client-b", "enrolled", day, day, 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var stage, move string
	var blocked []string
	var due time.Time
	if err := b.psql().QueryRow(t.Context(), `SELECT stage, move, blocked_by, next_due FROM client WHERE id = 'client-a'`).Scan(&stage, &move, &blocked, &due); err != nil {
		t.Fatal(err)
	}
	var gates []string
	for _, g := range chart.Shut(later) {
		gates = append(gates, g.Gate)
	}
	if diff := cmp.Diff(gates, blocked); diff != "" || len(gates) == 0 {
		t.Errorf("gates in the row: %s", diff)
	}
	if stage != string(chart.Stage()) || move != string(chart.Move(later)) || !due.Equal(chart.NextDue(later)) {
		t.Errorf("the row says %s, %s, %s", stage, move, due)
	}
}

func TestHealthRecordHoldsOneClientAndAllOfThem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart, other := b.enrolled("client-a"), b.enrolled("client-b")
	ref, err := b.Hide(t.Context(), "client-a", "reason", "a journey")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Hide(t.Context(), "client-b", "reason", "not mine"); err != nil {
		t.Fatal(err)
	}
	b.save(record(t, chart, day.Add(time.Hour), told{person.Coordinator, "paused", "p1", `{"reason":"` + ref + `"}`}))
	b.save(record(t, other, day.Add(time.Hour), told{person.Coordinator, "paused", "p1", `{"reason":"` + ref + `"}`})) // a reference to another's text is none
	r, err := b.HealthRecord(t.Context(), "client-a")
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Facts) != 2 || r.Fields(r.Facts[1])["reason"] != "a journey" || len(r.Texts) != 1 || r.Contact.PreferredName != "Robin" || r.Chart.ClientID != "client-a" {
		t.Errorf("the record has %d facts, texts %v, contact %v", len(r.Facts), r.Texts, r.Contact)
	}
	late := func(client string) message.WorklistItem {
		return message.WorklistItem{Kind: message.WorklistLate, About: client + "/one/sms", ClientID: client, Words: "waits", Since: day}
	}
	if err := b.KeepWorklist(t.Context(), message.WorklistLate, day, []message.WorklistItem{late("client-b"), late("client-a")}); err != nil {
		t.Fatal(err)
	}
	for _, factsToo := range []bool{true, false} {
		stands, err := b.Standing(t.Context(), "client-a", func(*care.Chart) bool { return factsToo })
		if err != nil {
			t.Fatal(err)
		}
		if len(stands.Worklist) != 1 || !reflect.DeepEqual(stands.Worklist[0], late("client-a")) {
			t.Errorf("of the worklist: %v", stands.Worklist)
		}
		some := stands.Record
		want := summary.HealthRecord{Chart: r.Chart, Contact: r.Contact}
		if factsToo {
			want.Facts, want.Texts = r.Facts, r.Texts
		}
		some.Journal = nil // the facts' lines
		if diff := cmp.Diff(asJSON(t, want), asJSON(t, some)); diff != "" {
			t.Errorf("with facts %t: %s", factsToo, diff)
		}
	}
	if r, err = b.HealthRecord(t.Context(), "client-b"); err != nil || strings.Contains(fmt.Sprint(r.Fields(r.Facts[1])), "a journey") {
		t.Errorf("another client's text is opened: %v (%v)", r.Fields(r.Facts[1]), err)
	}
	if _, err := b.HealthRecord(t.Context(), "client-c"); !errors.Is(err, care.ErrNoClient) {
		t.Errorf("a client who is none: %v", err)
	}
	if _, err := b.Standing(t.Context(), "client-c", func(*care.Chart) bool { return true }); !errors.Is(err, care.ErrNoClient) {
		t.Errorf("where a client stands who is none: %v", err)
	}
}
