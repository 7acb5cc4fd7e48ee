package documents

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"kapflow/care/money"
	"kapflow/care/wording"
)

// accountTypes are hledger's letters for kinds of accounts.
var accountTypes = map[string]string{"asset": "A", "liability": "L", "equity": "E", "revenue": "R", "expense": "X"}

// MonthJournal gives the function that writes one month of the books that it is given. first is the month's first day.
func MonthJournal(first time.Time) func(money.Books) []byte {
	return func(b money.Books) []byte {
		return Journal(b, first.Format(time.DateOnly), first.AddDate(0, 1, -1).Format(time.DateOnly))
	}
}

// Journal writes one fee set's books as an hledger journal that passes `hledger check --strict`. It covers the days
// from and to, both included (2006-01-02; empty for no limit). It begins with the balances at the start and asserts
// every balance at the end. Clients appear only by their opaque ids. The same books give the same bytes.
func Journal(b money.Books, from, to string) []byte {
	period, opening := b, money.Books{}
	if to != "" {
		period = period.Before(to + "~") // sorts after the day itself and before the next
	}
	// Accounts opened later are left out, so that the journal of a closed month never changes.
	period.Accounts = used(period)
	all := period
	if from != "" {
		opening, period = period.Before(from), period.From(from)
	}
	var w bytes.Buffer
	fmt.Fprintf(&w, "; %s fees: double entry, debit above zero, credit below.\n; client, tx and key are tags; key is percent-encoded.\n\ncommodity $1,000.00\n", wording.Title(string(b.FeeSet)))
	for _, a := range all.Accounts {
		fmt.Fprintf(&w, "account %s  ; type:%s\n", a.ID, accountTypes[a.Kind])
	}
	if len(opening.Transactions) > 0 {
		fmt.Fprintf(&w, "\n%s * Balances brought forward\n", from)
		for _, a := range opening.Balances() {
			if a.Cents != 0 {
				writeLine(&w, a.ID, a.Cents, "")
			}
		}
	}
	for _, t := range period.Transactions {
		writeTransaction(&w, t)
	}
	if n := len(all.Transactions); n > 0 {
		last := to
		if last == "" {
			last = all.Transactions[n-1].Day
		}
		fmt.Fprintf(&w, "\n%s * Balances at the end\n", last)
		for _, a := range all.Balances() {
			writeLine(&w, a.ID, 0, " = "+hledgerAmount(a.Cents))
		}
	}
	return w.Bytes()
}

func used(b money.Books) []money.LedgerAccount {
	in := map[string]bool{}
	for _, t := range b.Transactions {
		for _, l := range t.Lines {
			in[l.Account] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(b.Accounts), func(a money.LedgerAccount) bool { return !in[a.ID] })
}

func writeTransaction(w *bytes.Buffer, t money.Transaction) {
	fmt.Fprintf(w, "\n%s * (%d) %s\n    ; client:%s, tx:%d, key:%s", t.Day, t.Number, plainText(t.Memo), t.ClientID, t.Number, tagValue(t.Key))
	if t.Reverses != 0 {
		fmt.Fprintf(w, ", reverses:%d", t.Reverses)
	}
	if t.Occurred != t.Day {
		fmt.Fprintf(w, ", occurred:%s", t.Occurred)
	}
	w.WriteByte('\n')
	for _, l := range t.Lines {
		writeLine(w, l.Account, l.Cents, "")
	}
}

func writeLine(w *bytes.Buffer, account string, cents money.Cents, assertion string) {
	fmt.Fprintf(w, "    %-44s  %14s%s\n", account, hledgerAmount(cents), assertion)
}

// hledgerAmount writes $-1,225.00 in place of -$1,225.00.
func hledgerAmount(c money.Cents) string {
	text := c.String()
	if amount, negative := strings.CutPrefix(text, "-$"); negative {
		return "$-" + amount
	}
	return text
}

// tagValue encodes what a tag of hledger cannot hold: commas, line breaks, and spaces at its ends. People choose the
// keys of payments, so they may contain anything.
func tagValue(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%3A", ":") }

// plainText removes from a memo what hledger would read as a line break, a comment or a payee.
func plainText(memo string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == ';' || r == '|' || r == 0x7f {
			return ' '
		}
		return r
	}, memo)
}
