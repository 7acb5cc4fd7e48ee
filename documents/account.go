package documents

import (
	"strings"

	"kapflow/care/money"
)

// move is one row of a client's account: what a transaction did to what they owe. Charges and credits are cents above
// zero.
type move struct {
	money.Transaction
	words          string
	charge, credit money.Cents
	undone         bool // it was reversed, or reverses
}

// ours are the accounts of a fee set that say together what a client owes: what is to be received of them, less what
// they paid ahead, less refunds that are approved and not paid yet.
var ours = []string{"receivable:client", "deferred:visit", "refund-payable"}

// account reads a client's account of one fee set out of the books.
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
			continue // within the account
		}
		owed += amount
		m.charge, m.credit = max(amount, 0), max(-amount, 0)
		moves = append(moves, m)
	}
	return moves, owed
}

// onAccounts is what a transaction moves on accounts of its fee set.
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

// revenue is the price of what a transaction charged, before anything an insurer pays or takes off.
func revenue(t money.Transaction) (sum money.Cents) {
	for _, l := range t.Lines {
		if strings.HasPrefix(l.Account, string(t.FeeSet)+":revenue:") {
			sum -= l.Cents
		}
	}
	return sum
}

// paidOf spreads what a client paid over what they were charged, the oldest first, and gives the part of one charge.
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
