package care_test

import (
	"strings"

	"github.com/google/go-cmp/cmp"

	"kapflow/care"
	"kapflow/care/money"
)

// reported is a report that was taken in.
type reported struct {
	fact   string
	report care.Report
}

// book adds postings to the two ledgers: each balances, within one fee set, under a key of its own. A reversal is the
// whole of what it reverses turned round, once, and itself never reversed.
func (m *machine) book(postings []money.Posting) {
	for _, p := range postings {
		var sum money.Cents
		for _, l := range p.Lines {
			sum += l.Cents
			m.ledger[l.Account] += l.Cents
			if l.Cents == 0 || !strings.HasPrefix(l.Account, string(p.FeeSet)+":") {
				m.Fatalf("%s: line %+v of fee set %s", p.Key, l, p.FeeSet)
			}
		}
		if _, used := m.postings[p.Key]; sum != 0 || len(p.Lines) < 2 || used {
			m.Fatalf("posting %+v: sum %s, key used before: %v", p, sum, used)
		}
		m.postings[p.Key] = p
		if p.Reverses != "" {
			m.reversal(p)
		}
	}
}

func (m *machine) reversal(p money.Posting) {
	of, ok := m.postings[p.Reverses]
	if !ok || of.Reverses != "" || len(of.Lines) != len(p.Lines) || !cmp.Equal(net([]money.Posting{of, p}), map[string]money.Cents{}) {
		m.Fatalf("%s is not the whole of %s turned round: %+v, %+v", p.Key, p.Reverses, p, of)
	}
	for key, other := range m.postings {
		if other.Reverses == p.Reverses && key != p.Key {
			m.Fatalf("%s was reversed twice, by %s and %s", p.Reverses, key, p.Key)
		}
	}
}

// lookAtMoney holds the invariants in docs/postings.md#invariants: what people see is what the ledgers say; nothing is owed
// twice, earned before it is due or paid back beyond what came in.
func (m *machine) lookAtMoney() {
	for _, set := range []money.FeeSet{money.Medical, money.Psychotherapies} {
		at := func(account string) money.Cents { return m.ledger[string(set)+":"+account] }
		var sum, recognised, received, refunded, promised money.Cents
		for account, cents := range m.ledger {
			if strings.HasPrefix(account, string(set)+":") {
				sum += cents
			}
			if strings.HasPrefix(account, string(set)+":revenue:") || strings.HasPrefix(account, string(set)+":contra:") || strings.HasPrefix(account, string(set)+":expense:") {
				recognised -= cents
			}
		}
		for _, p := range m.chart.Account.Payments {
			if p.FeeSet == set && !p.Reversed {
				received += p.Amount
			}
		}
		for _, r := range m.chart.Account.Refunds {
			if r.FeeSet == set && r.Paid {
				refunded += r.Amount
			} else if r.FeeSet == set {
				promised += r.Amount
			}
		}
		owed, ahead, insurer := at("receivable:client"), -at("deferred:visit"), at("receivable:insurer")
		if owed-ahead != m.chart.Balance(set)+promised || owed < 0 || ahead < 0 || owed > 0 && ahead > 0 {
			m.Fatalf("%s: the ledger says the client owes %s and paid %s ahead, the chart %s", set, owed, ahead, m.chart.Balance(set))
		}
		deferred := ahead - at("deferred:package")
		if sum != 0 || recognised+refunded+promised+deferred != received+owed+insurer {
			m.Fatalf("%s: recognised %s + refunded %s + promised %s + deferred %s is not received %s + owed %s and %s", set, recognised, refunded, promised, deferred, received, owed, insurer)
		}
		if refunded+promised > received && !m.lost {
			m.Fatalf("%s: refunds of %s and %s, of %s received", set, refunded, promised, received)
		}
		if at("refund-payable") != -promised {
			m.Fatalf("%s: payable %s, promised %s", set, at("refund-payable"), promised)
		}
	}
	var deferred money.Cents
	if m.chart.Package != nil {
		deferred = m.chart.Package.Deferred
	}
	if got := -m.ledger["medical:deferred:package"]; got != deferred || got < 0 {
		m.Fatalf("deferred: %s in the ledger, %s in the chart", got, deferred)
	}
}

// replayAll holds that every report again, in the order in which they came, changes nothing.
func (m *machine) replayAll() {
	for _, r := range m.reported {
		taken, err := m.chart.Record(r.fact, r.report, m.now)
		if err != nil || !taken.Repeated || len(taken.Postings) > 0 {
			m.Fatalf("%s again: %+v, %v", r.fact, taken, err)
		}
	}
	if after := asJSON(m, m.chart); after != m.text {
		m.Fatalf("the course again changed the chart")
	}
}
