package care

import (
	"slices"
	"time"

	"kapflow/care/money"
	"kapflow/care/person"
)

// Account is what a chart keeps of the ledgers: totals by fee set. The entries are in Postgres.
type Account struct {
	Charged  map[money.FeeSet]money.Cents `json:"charged,omitempty"`
	Paid     map[money.FeeSet]money.Cents `json:"paid,omitempty"`  // less refunds and corrections
	Ahead    map[money.FeeSet]money.Cents `json:"ahead,omitempty"` // paid ahead of any service, as in the ledger
	Payments []Payment                    `json:"payments,omitempty"`
	Charges  []Charge                     `json:"charges,omitempty"`
	Refunds  []Refund                     `json:"refunds,omitempty"`
}

// Payment remembers one payment by its key, so that the same key again changes nothing.
type Payment struct {
	Key        string       `json:"key"`
	FeeSet     money.FeeSet `json:"fee_set"`
	Amount     money.Cents  `json:"amount"`
	Insurer    bool         `json:"insurer,omitempty"` // paid by the insurer: it settles the insurer's part
	Reversed   bool         `json:"reversed,omitempty"`
	Lines      []money.Line `json:"lines,omitempty"`    // as posted
	Disputed   bool         `json:"disputed,omitempty"` // charged back; the bank has not decided yet
	DisputedAt time.Time    `json:"disputed_at,omitzero"`
	Disputes   int          `json:"disputes,omitempty"` // rows that disputes made
	At         time.Time    `json:"at,omitzero"`        // when it was made; charts of earlier builds do not have it
}

// Refund is an approved refund, paid or not yet.
type Refund struct {
	Key    string       `json:"key"`
	FeeSet money.FeeSet `json:"fee_set"`
	Amount money.Cents  `json:"amount"`
	Paid   bool         `json:"paid,omitempty"`
	By     person.Actor `json:"by,omitzero"`
	Second person.Actor `json:"second,omitzero"` // who approved it as well, when the amount asks for two
	At     time.Time    `json:"at,omitzero"`
}

// Charge is what one visit or package was charged to the client's account, for reversing it whole.
type Charge struct {
	Key      string       `json:"key"`
	About    string       `json:"about"`
	FeeSet   money.FeeSet `json:"fee_set"`
	At       time.Time    `json:"at,omitzero"`
	Owed     money.Cents  `json:"owed"`  // what the client owes by it
	Lines    []money.Line `json:"lines"` // as posted
	Reversed bool         `json:"reversed,omitempty"`
	Waived   bool         `json:"waived,omitempty"` // written by earlier builds only

	Expected *SessionCost `json:"expected,omitempty"` // of a psychotherapy session, until and beside the insurer's answer
}

// Balance is what the client owes by fee set; negative means that the practice owes the client.
func (c *Chart) Balance(set money.FeeSet) money.Cents {
	return c.Account.Charged[set] - c.Account.Paid[set]
}

// clientAccount is the client's account as rules write it. In the ledger it is two: what the client owes, and
// what was paid ahead of any service.
const (
	clientAccount  = "receivable:client"
	prepaidAccount = "deferred:visit"
)

// post adds a posting of the fact being applied and gives its lines as they stand in the ledger. A client who has
// paid ahead is owed services, not money to be collected: the client's account is an asset while they owe and a
// liability while they are ahead (posting table P4). A reversal repeats what it reverses to the
// cent; where that leaves the two accounts on the wrong side, a row of its own puts them right.
//
// HAZARD: it derives the account from the chart's totals, so it is called after they were changed, once for each
// change.
func (c *Chart) post(p money.Posting) []money.Line {
	client, prepaid := money.AccountID(p.FeeSet, clientAccount), money.AccountID(p.FeeSet, prepaidAccount)
	ahead := max(0, -c.Balance(p.FeeSet)-c.promised(p.FeeSet))
	if p.Reverses == "" {
		lines := make([]money.Line, 0, len(p.Lines)+1)
		for _, l := range p.Lines {
			if l.Account == client { // there is one such line at most
				change := c.Account.Ahead[p.FeeSet] - ahead
				lines = append(lines, money.Line{Account: client, Cents: l.Cents - change}, money.Line{Account: prepaid, Cents: change})
				continue
			}
			lines = append(lines, l)
		}
		p.Lines = lines
	}
	p.Lines = slices.DeleteFunc(slices.Clone(p.Lines), func(l money.Line) bool { return l.Cents == 0 })
	slices.SortStableFunc(p.Lines, func(a, b money.Line) int { return sign(a) - sign(b) }) // debits first
	if len(p.Lines) == 0 {
		return nil
	}
	c.posted = append(c.posted, p)
	c.addAhead(p.FeeSet, -money.SumOf(p.Lines, prepaid))
	if change := c.Account.Ahead[p.FeeSet] - ahead; change != 0 && p.Reverses != "" {
		c.posted = append(c.posted, money.Posting{Key: "prepaid:" + p.Key, FeeSet: p.FeeSet, On: p.On, By: p.By, Memo: "Paid ahead, after " + p.Key,
			Lines: []money.Line{{Account: client, Cents: -change}, {Account: prepaid, Cents: change}}})
		c.addAhead(p.FeeSet, -change)
	}
	return p.Lines
}

// addAhead notes that the prepaid account of a fee set grew.
func (c *Chart) addAhead(set money.FeeSet, amount money.Cents) {
	if amount == 0 {
		return
	}
	if c.Account.Ahead == nil {
		c.Account.Ahead = map[money.FeeSet]money.Cents{}
	}
	c.Account.Ahead[set] += amount
}

// sign is 0 for a debit and 1 for a credit.
func sign(l money.Line) int {
	if l.Cents < 0 {
		return 1
	}
	return 0
}

// addCharged notes that the client owes more, or less when amount is negative.
func (c *Chart) addCharged(set money.FeeSet, amount money.Cents) {
	if c.Account.Charged == nil {
		c.Account.Charged = map[money.FeeSet]money.Cents{}
	}
	c.Account.Charged[set] += amount
}

// addPaid notes that the client paid more, or less when amount is negative.
func (c *Chart) addPaid(set money.FeeSet, amount money.Cents) {
	if c.Account.Paid == nil {
		c.Account.Paid = map[money.FeeSet]money.Cents{}
	}
	c.Account.Paid[set] += amount
}
