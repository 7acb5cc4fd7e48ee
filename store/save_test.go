package store_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/message"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/store"
)

func (b *bundle) journal(after int64, limit int) []care.JournalLine {
	b.t.Helper()
	lines, err := b.Journal(b.t.Context(), after, limit)
	if err != nil {
		b.t.Fatal(err)
	}
	return lines
}

func TestSavingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	chart.Consents = append(chart.Consents, message.Consent{Channel: person.SMS, Granted: true})
	step := record(t, chart, day, told{person.Coordinator, "payment-received", "f-1", `{"fee_set":"medical","amount":5000,"method":"card","key":"k-1"}`})
	const rows = `SELECT (SELECT count(*) FROM fact) * 1000000 + (SELECT count(*) FROM journal) * 10000 + (SELECT count(*) FROM ledger_tx) * 100 + (SELECT count(*) FROM ledger_entry)`
	b.save(step)
	before := b.count(rows)
	b.save(step)
	if after := b.count(rows); after != before || before%10000 != 102 {
		t.Errorf("rows before %d, after %d", before, after)
	}
}

func TestAnOlderChartNeverReplacesANewerOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	older := record(t, chart, day, told{person.Coordinator, "messaging-consent-recorded", "f-1", `{"channel":"sms","granted":true}`})
	older.Chart = chart.Clone()
	newer := record(t, chart, day.Add(time.Hour), told{person.Coordinator, "messaging-consent-recorded", "f-2", `{"channel":"email","granted":true}`})
	b.save(newer)
	b.save(older)
	got, err := b.Chart(t.Context(), "client-a")
	if err != nil {
		t.Fatal(err)
	}
	if got.Version != newer.Chart.Version {
		t.Errorf("the saved chart has version %d, want %d", got.Version, newer.Chart.Version)
	}
	facts, err := b.Facts(t.Context(), "client-a")
	if err != nil {
		t.Fatal(err)
	}
	if len(facts) != 3 || facts[1].ID != "f-1" || facts[2].ID != "f-2" {
		t.Errorf("the late fact is not in its place: %v", facts)
	}
}

func TestSavingForNobodyIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if err := b.SaveChart(t.Context(), newClient(t, "client-a").Save); !errors.Is(err, care.ErrNoClient) {
		t.Errorf("got %v", err)
	}
	if err := b.SaveChart(t.Context(), care.Save{}); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("without a chart: %v", err)
	}
}

func TestFactIsFoundByTheIdItWasReportedUnder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	b.save(record(t, chart, day, told{person.Coordinator, "messaging-consent-recorded", "f-1", `{"channel":"sms","granted":true}`}))
	for _, c := range []struct {
		client, id string
		seq        int
		found      bool
	}{{"client-a", "f-1", 2, true}, {"client-a", "f-2", 0, false}, {"client-b", "f-1", 0, false}, {"client-a", "", 0, false}} {
		seq, found, err := b.FactAnswer(t.Context(), c.client, c.id)
		if err != nil || seq != c.seq || found != c.found {
			t.Errorf("%s of %s: %d, %v, %v", c.id, c.client, seq, found, err)
		}
	}
}

func TestFactTakenInTwiceUnderOneIdIsKeptWithoutIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	step := record(t, chart, day, told{person.Coordinator, "messaging-consent-recorded", "f-1", `{"channel":"sms","granted":true}`})
	b.save(step)
	chart.Receipts = nil // as a chart that has forgotten it
	b.save(record(t, chart, day, told{person.Coordinator, "messaging-consent-recorded", "f-1", `{"channel":"sms","granted":true}`}))
	facts, err := b.Facts(t.Context(), "client-a")
	if err != nil || len(facts) != 3 {
		t.Errorf("the log has %d facts, want 3: %v", len(facts), err)
	}
	if seq, _, _ := b.FactAnswer(t.Context(), "client-a", "f-1"); seq != 2 {
		t.Errorf("the id answers with fact %d", seq)
	}
}

func TestJournalTellsEverythingInOrderWithTheTextsAsSent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	enrolment := len(b.journal(0, 1000))
	b.save(record(t, chart, day, told{person.Coordinator, "payment-received", "f-1", `{"fee_set":"medical","amount":5000,"method":"card","key":"k-1"}`}))
	b.claim(delivery("k"), letItGo)
	b.settle(message.DeliveryResult{Key: named("client-a/k/sms"), State: message.StateUnknown, Why: "no answer", At: day})
	b.settle(message.DeliveryResult{Key: named("client-a/k/sms"), State: message.StateSent, Text: "See you", ProviderID: "SM1", At: day})

	all := b.journal(0, 1000)
	var types []string
	var last int64
	for _, l := range all {
		if l.Seq <= last || l.ClientID != "client-a" {
			t.Errorf("line %d of %s after %d", l.Seq, l.ClientID, last)
		}
		last = l.Seq
		types = append(types, l.Type)
	}
	if types[0] != "fact" || slices.Contains(types[1:enrolment], "fact") {
		t.Errorf("enrolment gave %v", types[:enrolment])
	}
	rest := slices.DeleteFunc(slices.Clone(types[enrolment:]), func(s string) bool { return s == "change" })
	if diff := cmp.Diff([]string{"fact", "ledger", "message", "message"}, rest); diff != "" {
		t.Error(diff)
	}

	var m care.Message
	if err := json.Unmarshal(all[len(all)-1].Body, &m); err != nil || m.Text != "See you" || m.State != message.StateSent {
		t.Errorf("the last line is %s, %v", all[len(all)-1].Body, err)
	}
	if err := json.Unmarshal(all[len(all)-2].Body, &m); err != nil || m.State != message.StateUnknown || m.Why != "no answer" {
		t.Errorf("the line before is %s, %v", all[len(all)-2].Body, err)
	}
	var p money.Posting
	i := slices.IndexFunc(all, func(l care.JournalLine) bool { return l.Type == "ledger" })
	if err := json.Unmarshal(all[i].Body, &p); err != nil || p.Key != "pay:k-1" || len(p.Lines) != 2 {
		t.Errorf("the ledger's line is %s, %v", all[i].Body, err)
	}
	if diff := cmp.Diff(all[3:5], b.journal(all[2].Seq, 2)); diff != "" {
		t.Errorf("two lines after the third: %s", diff)
	}
}

func TestContactFollowsTheFacts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	hide := func(text string) string {
		ref, err := b.Hide(t.Context(), "client-a", "phone", text)
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	step := func(id string, fields map[string]string) care.Save {
		with, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		s := record(t, chart, day, told{person.Coordinator, "contact-changed", id, string(with)})
		s.Chart = chart.Clone()
		return s
	}
	first := step("f-1", map[string]string{"phone": hide("+13035550001"), "email": ""})
	second := step("f-2", map[string]string{"phone": hide("+13035550002")})
	b.save(second) // the first one's save was held up
	b.save(first)
	b.save(second)
	want := person.Contact{PreferredName: "Robin", Phone: "+13035550002"}
	if got, err := b.Contact(t.Context(), "client-a"); err != nil || got != want {
		t.Errorf("contact %v, %v", got, err)
	}
	for phone, found := range map[string]bool{"+13035550002": true, "(1) 303 555-0002": true, "+13035550001": false, "+13035550123": false, "": false} {
		if ids, err := b.ClientsByPhone(t.Context(), phone); err != nil || slices.Contains(ids, "client-a") != found {
			t.Errorf("%q finds %v, %v", phone, ids, err)
		}
	}
	b.save(step("f-3", map[string]string{"phone": "ref:nowhere", "preferred_name": ""}))
	want.PreferredName = ""
	if got, err := b.Contact(t.Context(), "client-a"); err != nil || got != want {
		t.Errorf("after a reference to nothing: %v, %v", got, err)
	}
}

func TestPrivateTextOpensOnlyForItsClient(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ref, err := b.Hide(t.Context(), "client-a", "note", "a quiet word")
	if err != nil || !strings.HasPrefix(ref, "ref:") {
		t.Fatalf("ref %q, %v", ref, err)
	}
	if text, found, err := b.Reveal(t.Context(), "client-a", ref); err != nil || !found || text != "a quiet word" {
		t.Errorf("it reads %q, %v, %v", text, found, err)
	}
	if _, found, err := b.Reveal(t.Context(), "client-b", ref); err != nil || found {
		t.Errorf("another client reads it: %v, %v", found, err)
	}
}
