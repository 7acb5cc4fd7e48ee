package money

import (
	"time"

	"kapflow/care/person"
)

// Line is one line of a posting: debit above zero, credit below.
type Line struct {
	Account string `json:"account"`
	Cents   Cents  `json:"cents"`
}

// Posting is one balanced transaction of one fee set's ledger. The key makes it happen once. A correction names the
// key of the posting that it reverses, whole: that happens once, and a reversal is never reversed.
type Posting struct {
	Key      string       `json:"key"`
	Reverses string       `json:"reverses,omitempty"`
	FeeSet   FeeSet       `json:"fee_set"`
	On       time.Time    `json:"on"`
	By       person.Actor `json:"by"`
	Lines    []Line       `json:"lines"`
	Memo     string       `json:"memo"`
}

func AccountID(set FeeSet, rest string) string { return string(set) + ":" + rest }

func Negate(lines []Line) []Line {
	out := make([]Line, len(lines))
	for i, l := range lines {
		out[i] = Line{Account: l.Account, Cents: -l.Cents}
	}
	return out
}

func SumOf(lines []Line, account string) Cents {
	var sum Cents
	for _, l := range lines {
		if l.Account == account {
			sum += l.Cents
		}
	}
	return sum
}
