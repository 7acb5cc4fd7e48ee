package documents

import (
	"strings"

	"kapflow/care/money"
)

// move is one row of a client's account: the effect of a transaction on what the client owes. Charges and credits are
// positive cents.
type move struct {
	money.Transaction
	words          string
	charge, credit money.Cents
	undone         bool // true if it was reversed or is a reversal
}

// ours are the accounts of a fee set whose sum is what a client owes: receivables, less prepayments, less approved
// refunds that are not paid yet.
var ours = []string{"receivable:client", "deferred:visit", "refund-payable"}

// account reads a client's account of one fee set from the books.
func account(transactions []money.Transaction, set money.FeeSet) (moves []move, owed money.Cents) {
	memos, undone := map[int64]string{}, map[int64]bool{}
	for _, t := range transactions {
		memos[t.Number] = t.Memo
		if t.Reverses != 0 {
			undone[t.Number], undone[t.Reverses] = true, true
		}
	}
	for _, t := range transactions {
		if t.FeeSet != set {
			continue
		}
		m := move{Transaction: t, words: t.Memo, undone: undone[t.Number]}
		if t.Reverses != 0 {
			m.words = "Reversed: " + memos[t.Reverses]
		}
		amount := onAccounts(t, ours...)
		if amount == 0 && !strings.HasPrefix(t.Key, "service:") {
			continue // moves money within the account only
		}
		owed += amount
		m.charge, m.credit = max(amount, 0), max(-amount, 0)
		moves = append(moves, m)
	}
	return moves, owed
}

// onAccounts is the sum of a transaction's lines on the named accounts of its fee set.
func onAccounts(t money.Transaction, names ...string) (sum money.Cents) {
	for _, l := range t.Lines {
		for _, name := range names {
			if l.Account == string(t.FeeSet)+":"+name {
				sum += l.Cents
			}
		}
	}
	return sum
}

// revenue is the price of the service that a transaction charges, before insurance and discounts.
func revenue(t money.Transaction) (sum money.Cents) {
	for _, l := range t.Lines {
		if strings.HasPrefix(l.Account, string(t.FeeSet)+":revenue:") {
			sum -= l.Cents
		}
	}
	return sum
}

// paidOf applies a client's payments to their charges, oldest first, and gives the part paid on one charge.
func paidOf(moves []move, number int64) (paid money.Cents) {
	var paidIn money.Cents
	for _, m := range moves {
		if !m.undone {
			paidIn += m.credit
		}
	}
	for _, m := range moves {
		if m.undone || m.charge == 0 {
			continue
		}
		paid = min(m.charge, max(paidIn, 0))
		if m.Number == number {
			return paid
		}
		paidIn -= paid
	}
	return 0
}
