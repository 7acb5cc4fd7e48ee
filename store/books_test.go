package store_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kapflow/care"
	"kapflow/care/money"
	"kapflow/care/person"
	"kapflow/care/visit"
	"kapflow/documents"
	"kapflow/store"
)

// Over any sequence of facts the two ledgers add up, client by client, and hledger, which knows nothing of ours, finds
// the same balances.
func TestMoneyAddsUpOverAnySequenceOfFacts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	clients := 0
	rapid.Check(t, func(t *rapid.T) {
		clients++
		k := &till{T: t, b: b, chart: b.enrolled(fmt.Sprintf("client-%d", clients)), now: day}
		k.prepare()
		for range rapid.IntRange(1, 16).Draw(t, "facts") {
			k.now = k.now.Add(time.Duration(rapid.IntRange(1, 72).Draw(t, "hours")) * time.Hour)
			k.something()
		}
		k.addsUp()
		k.changesNothingAgain()
	})
	hledgerAgrees(t, b)
}

// till records one client's facts and saves them, as a journey does.
type till struct {
	*rapid.T
	b       *bundle
	chart   *care.Chart
	now     time.Time
	reports []report
	steps   []care.Save
}

type report struct {
	fact string
	care.Report
	now time.Time
}

// record takes a fact in and saves it; a refused one is no matter.
func (k *till) record(by person.Role, fact string, with map[string]any) {
	body, err := json.Marshal(with)
	if err != nil {
		k.Fatal(err)
	}
	r := report{fact: fact, now: k.now,
		Report: care.Report{ID: fmt.Sprintf("f-%d", len(k.reports)), By: person.Actor{ID: string(by) + "-1", Role: by}, With: body}}
	taken, err := k.chart.Record(fact, r.Report, k.now)
	var refused *care.Refusal
	if errors.As(err, &refused) {
		return
	}
	if err != nil {
		k.Fatal(err)
	}
	step := care.Save{Chart: k.chart.Clone(), Entry: &taken.Entry, Postings: taken.Postings}
	if err := k.b.SaveChart(k.b.t.Context(), step); err != nil {
		k.Fatalf("%s: %v", fact, err)
	}
	k.reports, k.steps = append(k.reports, r), append(k.steps, step)
}

// prepare opens the gates that stand before the first visit.
func (k *till) prepare() {
	k.record(person.Psychotherapist, "screening-recorded", map[string]any{"criteria_met": true, "prefers_kap": true})
	k.record(person.Psychotherapist, "coverage-reviewed", map[string]any{"result": "pays", "copay": 3000, "coinsurance_bp": rapid.SampledFrom([]int{0, 2000}).Draw(k.T, "coinsurance"),
		"deductible_total": 40000, "deductible_met": rapid.SampledFrom([]int{0, 25000, 40000}).Draw(k.T, "met")})
	k.record(person.Psychotherapist, "insurer-contacted", map[string]any{"reference": "ref:1", "representative": "ref:2", "answer": "ref:3"})
	k.record(person.Psychotherapist, "fees-discussed", map[string]any{"summary": "ref:3"})
}

// something records one fact that is about money, or leads to it.
func (k *till) something() {
	set := rapid.SampledFrom([]money.FeeSet{money.Medical, money.Medical, money.Psychotherapies}).Draw(k.T, "set")
	amount := rapid.SampledFrom([]int{2500, 3000, 47500, 60000, 350000, 550000}).Draw(k.T, "amount")
	key := fmt.Sprintf("k-%d", rapid.IntRange(0, 5).Draw(k.T, "key"))
	payments, refunds := k.chart.Account.Payments, k.chart.Account.Refunds
	switch rapid.SampledFrom([]string{"pay", "pay", "visit", "visit", "visit", "package", "switch", "correct", "refund", "refund", "paid", "outcome", "claim"}).Draw(k.T, "what") {
	case "pay":
		method := rapid.SampledFrom([]string{"card", "cash", "check", "hsa", "insurer"}).Draw(k.T, "method")
		k.record(person.Coordinator, "payment-received", map[string]any{"fee_set": set, "amount": amount, "method": method, "key": key, "confirmed": rapid.Bool().Draw(k.T, "confirmed")})
	case "correct":
		if len(payments) > 0 {
			key = rapid.SampledFrom(payments).Draw(k.T, "payment").Key
		}
		k.record(person.Coordinator, "payment-corrected", map[string]any{"key": key, "reason": "ref:4"})
	case "package":
		k.record(person.Coordinator, "package-chosen", map[string]any{"package": rapid.SampledFrom([]string{"none", "six", "ten"}).Draw(k.T, "package"),
			"refund_rule": rapid.SampledFrom([]string{"rate_card", "pro_rata", "flat", "none_after_start"}).Draw(k.T, "rule")})
	case "switch":
		k.record(person.Coordinator, "package-switched", map[string]any{"to": rapid.SampledFrom([]string{"six", "ten"}).Draw(k.T, "to"), "reason": "ref:5"})
	case "refund":
		if owed := -k.chart.Balance(set); owed > 0 {
			amount = int(owed)
		}
		k.record(person.Coordinator, "refund-approved", map[string]any{"fee_set": set, "amount": amount, "reason": "ref:6", "key": key})
		if refunded, paid := k.refundedAndPaid(set); refunded > paid && len(k.chart.Account.Refunds) > len(refunds) {
			k.Fatalf("%s: %s refunded of %s paid", set, refunded, paid)
		}
	case "paid":
		if len(refunds) > 0 {
			key = rapid.SampledFrom(refunds).Draw(k.T, "refunded").Key
		}
		k.record(person.Coordinator, "refund-paid", map[string]any{"key": key})
	case "outcome":
		if len(k.chart.Visits) > 0 {
			v := rapid.SampledFrom(k.chart.Visits).Draw(k.T, "visit")
			k.record(person.Coordinator, "appointment-corrected", map[string]any{"appointment": v.ID, "reason": "ref:7",
				"status": rapid.SampledFrom([]string{"fulfilled", "noshow", "cancelled"}).Draw(k.T, "status")})
		}
	case "claim":
		if len(k.chart.Visits) > 0 {
			v := rapid.SampledFrom(k.chart.Visits).Draw(k.T, "visit")
			k.record(person.Coordinator, "claim-recorded", map[string]any{"appointment": v.ID, "status": rapid.SampledFrom([]string{"submitted", "adjudicated", "paid", "denied"}).Draw(k.T, "status"),
				"allowed": 13000, "paid": rapid.SampledFrom([]int{0, 10000}).Draw(k.T, "paid"), "patient_owes": rapid.SampledFrom([]int{0, 3000, 13000}).Draw(k.T, "owes")})
		}
	case "visit":
		k.visit(rapid.SampledFrom([]visit.Kind{visit.Consult, visit.Infusion, visit.Infusion, visit.Evaluation, visit.Preparation}).Draw(k.T, "kind"))
	}
}

// visit holds a visit. It is put into the chart as booked, and an infusion as running: how one comes so far is not
// about money.
func (k *till) visit(kind visit.Kind) {
	id := fmt.Sprintf("%s-%d", kind, len(k.chart.Visits)+1)
	v := care.Visit{ID: id, Kind: kind, Version: 1, Start: k.now.Add(-time.Hour), Minutes: 50, Place: "main", Status: visit.Booked, BookedAt: day}
	if kind == visit.Infusion {
		v.Status, v.Day = visit.Arrived, &care.InfusionDay{StartedAt: k.now.Add(-50 * time.Minute)}
	}
	k.chart.Visits = append(k.chart.Visits, v)
	switch kind {
	case visit.Consult:
		k.record(person.Physician, "consult-decided", map[string]any{"appointment": id, "outcome": "cleared"})
	case visit.Infusion:
		k.record(person.Physician, "infusion-stopped", map[string]any{"appointment": id})
	default:
		k.record(person.Psychotherapist, "session-completed", map[string]any{"appointment": id})
	}
}

// addsUp asks Postgres what this client's postings come to.
func (k *till) addsUp() {
	transactions, err := k.b.TransactionsOf(k.b.t.Context(), k.chart.ClientID)
	if err != nil {
		k.Fatal(err)
	}
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		on := map[string]money.Cents{} // by the second part of the account's name
		var all money.Cents
		for _, t := range transactions {
			for _, l := range t.Lines {
				if t.FeeSet == set {
					on[strings.Split(l.Account, ":")[1]] += l.Cents
					all += l.Cents
				}
			}
		}
		refunded, paid := k.refundedAndPaid(set)
		var refundsPaid money.Cents
		for _, r := range k.chart.Account.Refunds {
			if r.FeeSet == set && r.Paid {
				refundsPaid += r.Amount
			}
		}
		recognised, deferred, owed := -on["revenue"]-on["contra"]-on["expense"], -on["deferred"], on["receivable"]
		promised := k.chart.Account.Ahead[set] // not given yet, by the chart
		if set == money.Medical && k.chart.Package != nil {
			promised += k.chart.Package.Deferred
		}
		switch {
		case all != 0:
			k.Fatalf("%s: the entries come to %s", set, all)
		case deferred < 0 || deferred != promised:
			k.Fatalf("%s: %s is deferred; the chart says %s", set, deferred, promised)
		case recognised+refunded+deferred != paid+owed:
			k.Fatalf("%s: recognised %s + refunded %s + deferred %s is not paid %s + owed %s", set, recognised, refunded, deferred, paid, owed)
		case refunded > paid:
			k.Fatalf("%s: %s refunded of %s paid", set, refunded, paid)
		case on["cash"] != paid-refundsPaid:
			k.Fatalf("%s: %s in cash, of %s paid and %s refunded", set, on["cash"], paid, refundsPaid)
		}
	}
}

// refundedAndPaid sums what was recorded of a fee set: refunds approved, and payments that stand.
func (k *till) refundedAndPaid(set money.FeeSet) (refunded, paid money.Cents) {
	for _, p := range k.chart.Account.Payments {
		if p.FeeSet == set && !p.Reversed {
			paid += p.Amount
		}
	}
	for _, r := range k.chart.Account.Refunds {
		if r.FeeSet == set {
			refunded += r.Amount
		}
	}
	return refunded, paid
}

// changesNothingAgain repeats any prefix of what was recorded, to the chart and to Postgres.
func (k *till) changesNothingAgain() {
	before, err := k.b.TransactionsOf(k.b.t.Context(), k.chart.ClientID)
	if err != nil {
		k.Fatal(err)
	}
	n := rapid.IntRange(0, len(k.steps)).Draw(k.T, "prefix")
	for i := range n {
		if taken, err := k.chart.Record(k.reports[i].fact, k.reports[i].Report, k.now); err != nil || !taken.Repeated || len(taken.Postings) > 0 {
			k.Fatalf("%s again: %v, repeated %v", k.reports[i].fact, err, taken.Repeated)
		}
		if err := k.b.SaveChart(k.b.t.Context(), k.steps[i]); err != nil {
			k.Fatalf("saving %s again: %v", k.reports[i].fact, err)
		}
	}
	after, err := k.b.TransactionsOf(k.b.t.Context(), k.chart.ClientID)
	if err != nil {
		k.Fatal(err)
	}
	if diff := cmp.Diff(before, after); diff != "" {
		k.Fatalf("a repetition changed the books: %s", diff)
	}
}

// hledgerAgrees has hledger check the journals and compares its balances with ours, at the end and from a day in the
// middle on.
func hledgerAgrees(t *testing.T, b *bundle) {
	t.Helper()
	needHledger(t)
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		books, err := b.Books(t.Context(), set)
		if err != nil || len(books.Transactions) == 0 {
			t.Fatalf("%s: %d transactions, %v", set, len(books.Transactions), err)
		}
		want := map[string]money.Cents{}
		for _, a := range books.Balances() {
			want[a.ID] = a.Cents
		}
		middle := books.Transactions[len(books.Transactions)/2].Day
		for from, journal := range map[string][]byte{"the beginning": documents.Journal(books, "", ""), middle: documents.Journal(books, middle, "")} {
			if diff := cmp.Diff(want, hledgerBalances(t, journal)); diff != "" {
				t.Errorf("%s from %s, ours and hledger's: %s", set, from, diff)
			}
		}
	}
}

func needHledger(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("hledger"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("hledger is not installed; tools/setup.sh installs it")
		}
		t.Skip("hledger is not installed, so nobody but us has checked the books; see tools/setup.sh")
	}
}

// hledgerBalances checks a journal strictly and gives what hledger finds on every account.
func hledgerBalances(t *testing.T, journal []byte) map[string]money.Cents {
	t.Helper()
	file := filepath.Join(t.TempDir(), "books.journal")
	if err := os.WriteFile(file, journal, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("hledger", "-f", file, "check", "--strict").CombinedOutput(); err != nil {
		t.Fatalf("hledger check --strict: %v\n%s", err, out)
	}
	out, err := exec.Command("hledger", "-f", file, "balance", "--flat", "--empty", "--no-total", "-O", "csv").Output()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]money.Cents{}
	for _, row := range rows[1:] {
		cents, err := strconv.ParseInt(strings.NewReplacer("$", "", ",", "", ".", "").Replace(row[1]), 10, 64)
		if err != nil {
			t.Fatalf("hledger says %q for %s", row[1], row[0])
		}
		got[row[0]] = money.Cents(cents)
	}
	return got
}

func TestClosedMonthStaysAsItWasExported(t *testing.T) {
	t.Parallel()
	b := setup(t)
	chart := b.enrolled("client-a")
	march := func(books money.Books) []byte { return documents.Journal(books, "2027-03-01", "2027-03-31") }
	on := func(key string, date time.Time) {
		t.Helper()
		p := paid(key, 5000)
		p.On = date
		if _, err := b.Post(t.Context(), chart.ClientID, denver, p); err != nil {
			t.Fatal(err)
		}
	}
	on("pay:feb", time.Date(2027, time.February, 10, 18, 0, 0, 0, time.UTC))
	on("pay:1, \"x\"", time.Date(2027, time.March, 5, 18, 0, 0, 0, time.UTC))
	on("pay:apr", time.Date(2027, time.April, 1, 18, 0, 0, 0, time.UTC))
	closed, first, err := b.CloseMonth(t.Context(), money.Medical, "2027-03", coordinator, march)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2027-03-01 * Balances brought forward", "key:pay:1%2C+%22x%22", "client:client-a, tx:"} {
		if !strings.Contains(string(first), want) {
			t.Errorf("the export lacks %q:\n%s", want, first)
		}
	}
	if strings.Contains(string(first), "pay:apr") {
		t.Errorf("April stands in March:\n%s", first)
	}

	late := posting("fee", money.Line{Account: "medical:receivable:client", Cents: 100}, money.Line{Account: "medical:revenue:fees", Cents: -100})
	late.On = time.Date(2027, time.March, 6, 18, 0, 0, 0, time.UTC)
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		p := late
		if set == money.Psychotherapies {
			p.FeeSet, p.Lines = set, []money.Line{{Account: "psychotherapy:cash", Cents: 1}, {Account: "psychotherapy:revenue:fees", Cents: -1}}
			p.Key = "other"
		}
		if _, err := b.Post(t.Context(), chart.ClientID, denver, p); err != nil {
			t.Fatal(err)
		}
	}
	days := map[string]string{}
	list, err := b.TransactionsOf(t.Context(), chart.ClientID)
	if err != nil {
		t.Fatal(err)
	}
	for _, tx := range list {
		days[tx.Key] = tx.Day + " of " + tx.Occurred
	}
	want := map[string]string{"pay:feb": "2027-02-10 of 2027-02-10", "pay:1, \"x\"": "2027-03-05 of 2027-03-05", "pay:apr": "2027-04-01 of 2027-04-01",
		"fee": "2027-04-01 of 2027-03-06", "other": "2027-03-06 of 2027-03-06"}
	if diff := cmp.Diff(want, days); diff != "" {
		t.Errorf("days: %s", diff)
	}

	again, second, err := b.CloseMonth(t.Context(), money.Medical, "2027-03", person.Actor{ID: "other"}, march)
	if err != nil || string(second) != string(first) {
		t.Errorf("exported again: %v\n%s", err, second)
	}
	if diff := cmp.Diff(closed, again); diff != "" {
		t.Errorf("closed again: %s", diff)
	}
	if _, _, err := b.CloseMonth(t.Context(), money.Medical, "2027-03", coordinator, func(money.Books) []byte { return nil }); !errors.Is(err, store.ErrChanged) {
		t.Errorf("another export of a closed month: %v", err)
	}
	if _, _, err := b.CloseMonth(t.Context(), money.Medical, "2027-02", coordinator, march); !errors.Is(err, store.ErrInvalid) {
		t.Errorf("an earlier month closed after a later one: %v", err)
	}
	if list, err := b.Closings(t.Context()); err != nil || !slices.ContainsFunc(list, func(c money.Closing) bool { return c.Month == "2027-03" }) || len(list) != 1 {
		t.Errorf("closed months: %v, %v", list, err)
	}
	needHledger(t)
	if got := hledgerBalances(t, first)["medical:cash"]; got != 10000 {
		t.Errorf("hledger finds %s in cash at the end of March", got)
	}
}
