package staff

import (
	"time"

	"kapflow/access"
	"kapflow/care"
	"kapflow/care/record"
)

// Left is left.
var Left = left

// Patterns lists the patterns of all routes.
func Patterns() (all []string) {
	for _, r := range routes {
		all = append(all, r.pattern)
	}
	return all
}

// PlainFor gives a sentence as somebody reads it.
func PlainFor(who access.Person, now time.Time, sentence string) string {
	return (&visitor{who: who, now: now}).plain(sentence)
}

// BoardSays gives what the board says about what blocks a client, and the time beside it.
func BoardSays(l record.BoardLine) (why, from string) {
	row := new(visitor).boardRow(l, "")
	return row.Why, row.From
}

// MayReadLine says whether somebody reads a line of the history.
func MayReadLine(who access.Person, now time.Time, l record.HistoryLine) bool {
	return (&visitor{who: who, now: now}).mayReadLine(l)
}

// AccessWords gives a row of the audit log as its page says it: who, what, and how.
func AccessWords(e care.AuditEvent) (words [3]string, refused bool) {
	row := accessRowOf(e, map[string]string{"nurse-sample": "Nurse Sample"})
	return [3]string{row.Who, row.What, row.How}, row.Refused
}
