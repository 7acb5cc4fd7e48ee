package money

import (
	"slices"
	"strings"
	"time"

	"kapflow/care/person"
)

// Transaction is a posting as the books keep it. Days are by the practice's calendar, written 2006-01-02.
type Transaction struct {
	Number   int64        `json:"number"` // grows in the order of posting, with gaps
	ClientID string       `json:"client"`
	Key      string       `json:"key"`
	FeeSet   FeeSet       `json:"fee_set"`
	Day      string       `json:"day"`                // on which it counts
	Occurred string       `json:"occurred"`           // on which it happened; earlier than Day if that month was closed by then
	Reverses int64        `json:"reverses,omitempty"` // the number of the transaction it undoes
	PostedAt time.Time    `json:"posted_at"`          // UTC
	By       person.Actor `json:"by"`
	Memo     string       `json:"memo"`
	Lines    []Line       `json:"lines"`
}

// FeeSets lists both fee sets, in the order in which they are shown.
func FeeSets() []FeeSet { return []FeeSet{Medical, Psychotherapies} }

// Books are one fee set's transactions in the order of their days, and its accounts.
type Books struct {
	FeeSet       FeeSet          `json:"fee_set"`
	Accounts     []LedgerAccount `json:"accounts"` // by id
	Transactions []Transaction   `json:"transactions"`
}

// LedgerAccount is an account of the books: its kind is asset, liability, equity, revenue or expense.
type LedgerAccount struct {
	ID   string `json:"account"`
	Kind string `json:"kind"`
}

// AccountBalance is what stands on an account: debit above zero, credit below.
type AccountBalance struct {
	LedgerAccount
	Cents Cents `json:"cents"`
}

// Before gives the books up to, not including, a day, and From those from a day on.
func (b Books) Before(day string) Books {
	b.Transactions = slices.DeleteFunc(slices.Clone(b.Transactions), func(t Transaction) bool { return t.Day >= day })
	return b
}

// From gives the books from a day on.
func (b Books) From(day string) Books {
	b.Transactions = slices.DeleteFunc(slices.Clone(b.Transactions), func(t Transaction) bool { return t.Day < day })
	return b
}

// Balances gives what stands on every account, by account.
func (b Books) Balances() []AccountBalance {
	out := make([]AccountBalance, len(b.Accounts))
	for i, a := range b.Accounts {
		out[i] = AccountBalance{LedgerAccount: a}
	}
	for _, t := range b.Transactions {
		for _, l := range t.Lines {
			i, _ := slices.BinarySearchFunc(out, l.Account, func(a AccountBalance, id string) int { return strings.Compare(a.ID, id) })
			out[i].Cents += l.Cents
		}
	}
	return out
}

// Closing says that a month of a fee set was exported and closed, with every month before it.
type Closing struct {
	FeeSet   FeeSet    `json:"fee_set"`
	Month    string    `json:"month"` // 2006-01
	SHA256   []byte    `json:"sha256"`
	ClosedAt time.Time `json:"closed_at"` // UTC
	By       string    `json:"by"`
}
